/**
 * What is fuzzed: a reader with what must hold for every text, and the shared properties.
 * Never decides by how a reader is written: a property looks at what comes out.
 */

/** A reader or a surface, and what must hold of every input. */
export interface Target {
  readonly name: string;
  /** Inputs to begin with, besides the corpus. */
  readonly seeds: readonly string[];
  /** Words of the language that is read, besides those of the code that reads it. */
  readonly dictionary?: readonly string[];
  /** The longest input; 4096 if absent. */
  readonly lengthMax?: number;
  /** Whether a character stands for a byte. */
  readonly isBytes?: boolean;
  /** Why the work may grow faster than the input, where it may: a bound of src/limits.ts then keeps it small. */
  readonly notLinear?: string;
  /** Reads the input; throws if a property does not hold. */
  run(input: string): void | Promise<void>;
}

/** A property that does not hold. */
export class PropertyError extends Error {
  override readonly name = "PropertyError";
}

/** Fails with `message` unless `holds`. */
export function must(holds: boolean, message: string): asserts holds {
  if (!holds) throw new PropertyError(message);
}

/** Bytes of an input whose characters stand for bytes. */
export function bytesOf(input: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(input, (char) => char.charCodeAt(0) & 0xff);
}

const codePattern = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/;

/** What a refusal looks like: an object or a list of them, with a stable code where there is one, and messages of one line. */
export function checkRefusal(error: unknown): void {
  if (error === undefined || error === null) return;
  if (typeof error === "string") {
    must(isLine(error), `a refusal of more than a line: ${JSON.stringify(error)}`);
    return;
  }
  if (Array.isArray(error)) {
    must(error.length > 0, "a refusal that says nothing");
    for (const one of error) checkRefusal(one);
    return;
  }
  const { code, message, pointer } = error as { code?: unknown; message?: unknown; pointer?: unknown };
  if (code !== undefined) must(typeof code === "string" && codePattern.test(code), `no stable code: ${String(code)}`);
  if (message !== undefined) must(typeof message === "string" && isLine(message), `not one line: ${JSON.stringify(message)}`);
  // A pointer names a place by keys of the text, which may hold anything: what shows it escapes it (`showPointer`).
  if (pointer !== undefined)
    must(typeof pointer === "string" && /^(?:\/|$)/.test(pointer), `no pointer: ${JSON.stringify(pointer)}`);
}

function isLine(text: string): boolean {
  return text.length > 0 && text.length <= 2_000 && !/[\r\n\u2028\u2029\0]/.test(text);
}

type Answer<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: unknown };

/** The value of a result, or `undefined` after a look at the refusal. */
export function resultOf<Value>(result: Answer<Value>): Value | undefined {
  must(typeof result === "object" && result !== null && typeof result.ok === "boolean", "no result");
  if (result.ok) return result.value;
  checkRefusal(result.error);
  return undefined;
}

/** Whether two values are the same data. */
export function same(a: unknown, b: unknown): boolean {
  return shown(a) === shown(b);
}

/** A value as text, for comparisons and messages: keys in order, big integers and functions by name. */
export function shown(value: unknown): string {
  const seen = new Set<unknown>();
  return (
    JSON.stringify(value, (_key, member: unknown) => {
      if (typeof member === "bigint") return `${member}n`;
      if (typeof member === "function") return `fn ${member.name}`;
      if (typeof member === "number" && !Number.isFinite(member)) return String(member);
      if (typeof member !== "object" || member === null || Array.isArray(member)) return member;
      if (seen.has(member) && seen.size > 10_000) return "…";
      seen.add(member);
      const plain = member instanceof Map || member instanceof Set ? [...member] : member;
      if (Array.isArray(plain)) return plain;
      return Object.fromEntries(Object.entries(plain).toSorted(([x], [y]) => (x < y ? -1 : 1)));
    }) ?? "undefined"
  );
}

/** What a text may not hold that goes into a header or a line of a log. */
export function mustBeLine(text: string, what: string): void {
  must(!/[\r\n\0]/.test(text), `${what} has a line break: ${JSON.stringify(text)}`);
}

const prototypes = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Number.prototype, Map.prototype];
const namesBefore = prototypes.map((prototype) => Reflect.ownKeys(prototype).length);

/** Fails if something was added to the prototypes of the language. */
export function mustBeUnpolluted(): void {
  for (const [i, prototype] of prototypes.entries())
    must(Reflect.ownKeys(prototype).length === namesBefore[i], `a prototype was changed: ${prototype.constructor.name}`);
}

/** Cuts an input of several texts at lines that hold `%%` alone; missing ones are empty. */
export function parts(input: string, count: number): readonly string[] {
  const pieces = input.split("\n%%\n");
  const own = pieces.slice(0, count - 1);
  return [...own, pieces.slice(own.length).join("\n%%\n"), ...Array.from({ length: count }, () => "")].slice(0, count);
}

/** Texts as one input of {@link parts}. */
export function joined(...texts: readonly string[]): string {
  return texts.join("\n%%\n");
}
