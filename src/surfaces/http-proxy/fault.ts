/**
 * Why a request is not exactly one call, or a call not exactly one request: constant sentences that an agent can act on.
 * Pure. Never holds a value of a request; a parameter is named only by the name that the operation's definition gives it.
 */

/** What is wrong with a request, or with arguments that are to become one. */
export type FaultKind = keyof typeof sentences;

/** A fault, and the parameter of the definition that it is about. */
export interface Fault {
  readonly kind: FaultKind;
  readonly parameter?: string;
}

/** Either what was read or made, or why it could not be. */
export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

const sentences = {
  target:
    "the address is not written plainly: no dot segments, backslashes, semicolons, control characters or escapes of escapes",
  host: "the address and the Host header do not name the same place",
  "parameter-unknown": "the query has a parameter that the operation does not know",
  "parameter-repeated": "a parameter that has one value is given more than once",
  "parameter-value": "the value of a parameter is not written as its type says",
  "parameter-missing": "a parameter of the path has no value",
  header: "a header would change what the request means, or is given more than once",
  "body-type": "the body is not of the media type that the operation takes, in UTF-8 and without content coding",
  "body-unexpected": "the operation takes no body",
  "body-malformed": "the body cannot be read: strict JSON without duplicate keys, or a plainly encoded form",
  "body-unknown": "the body has a member that the operation does not know",
  "argument-unknown": "an argument has no place in the operation's request",
  "argument-value": "an argument cannot be written into the request without changing what it means",
  "argument-changed": "the request made of the arguments would be read as another call",
} as const;

/** The sentence for an agent. */
export function faultText({ kind }: Fault): string {
  return sentences[kind];
}

/** A fault of a kind. */
export function faulty(kind: FaultKind, parameter?: string): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault: parameter === undefined ? { kind } : { kind, parameter } };
}

/** Something that was read. */
export function found<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}
