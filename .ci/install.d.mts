/** Types of install.mjs. */
export const root: string;
export const nodeVersion: string;
