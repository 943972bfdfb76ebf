/**
 * Reads members of objects that libraries made, which may have getters and classes.
 * Pure. Never lets a getter throw.
 */

/** A member of an object of a library, with its prototype; `undefined` where reading it throws. */
export function read(value: object, key: string): unknown {
  try {
    return (value as { readonly [key: string]: unknown })[key];
  } catch {
    return undefined;
  }
}

/** Whether an object or its class has a member. */
export function hasMember(value: object, key: string): boolean {
  return key in value && read(value, key) !== null;
}
