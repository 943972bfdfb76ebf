/**
 * What a labelled value is at run time: an empty object whose value and label only this module can find.
 * Never gives a value away by printing, joining or serialising the object: each of these throws.
 */
import { joinValues, type LabelValue } from "../taint/label.ts";

/** A value that its label goes with. Its type says which labels it may carry; it is made by this module alone. */
export interface Labeled<out T, out L extends string> {
  readonly [typeOf]: () => T;
  readonly [labelsOf]: () => L;
}

declare const typeOf: unique symbol;
declare const labelsOf: unique symbol;

/** A labelled value that may not be used so: its code is that of the engine. Never holds the value. */
export class LabelError extends Error {
  readonly code = "FLOW_SINK_DENIED";
  /** Names of the labels that stood in the way, sorted. */
  readonly labels: readonly string[];
  constructor(labels: readonly string[]) {
    super(`data labelled ${labels.map((name) => `\`${name}\``).join(", ")} may not be used here`);
    this.name = "LabelError";
    this.labels = labels;
  }
}

interface Content {
  readonly value: unknown;
  readonly label: LabelValue;
}

// INVARIANT: only `box` adds to it, so that a text or an object from outside can never pass for a labelled value.
const contents = new WeakMap<object, Content>();

const refuse = (): never => {
  throw new TypeError("a labelled value is no text: use `labeled`, `concat` or `map`, which keep its labels");
};
const face = Object.freeze(
  Object.assign(Object.create(null), { toString: refuse, toJSON: refuse, [Symbol.toPrimitive]: refuse }),
);

/** Makes a labelled value. Of one that is labelled already, the labels are joined. */
export function box<T, L extends string>(value: unknown, label: LabelValue): Labeled<T, L> {
  const inner = contentOf(value);
  const object = Object.freeze(Object.create(face)) as Labeled<T, L>;
  contents.set(object, inner === undefined ? { value, label } : { value: inner.value, label: joinValues(inner.label, label) });
  return object;
}

/** What a labelled value holds; `undefined` for anything else. */
export function contentOf(value: unknown): Content | undefined {
  return typeof value === "object" && value !== null ? contents.get(value) : undefined;
}

/** What a labelled value holds. Throws `TypeError` for anything else. */
export function open(value: unknown): Content {
  const content = contentOf(value);
  if (content === undefined) throw new TypeError("expected a labelled value, as `label` makes it");
  return content;
}

/** The label that has no source. */
export const noLabel: LabelValue = { sources: [], readers: null };
