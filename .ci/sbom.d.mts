/** The bill of materials, as text. Throws if npm fails. */
export function makeSbom(): string;
