/**
 * Arguments with labelled values in them → what the engine is asked: plain arguments, and a label for each that had one.
 * Never drops a label: one that stands deep in an argument is the label of the whole argument.
 */
import { isArray, isObject, type Json } from "../json/value.ts";
import { jsonDepthMax } from "../limits.ts";
import { joinValues, type LabelValue } from "../taint/label.ts";
import { contentOf, type Labeled } from "./box.ts";

/** JSON in which any part may be a labelled value. */
export type LabeledJson = Json | Labeled<unknown, string> | readonly LabeledJson[] | { readonly [name: string]: LabeledJson };

/** Plain arguments and the labels that were found in them, by argument; `""` stands for the arguments as a whole. */
export interface PlainArgs {
  readonly args: Json;
  readonly labels: { readonly [arg: string]: LabelValue };
}

/** Takes the labels out of arguments. What is nested too deeply is left as it is, and the engine refuses it. */
export function plainArgs(args: LabeledJson): PlainArgs {
  const found: [string, LabelValue][] = [];
  const whole = strip(
    args,
    0,
    (label) => void found.push(["", label]),
    (name, value) => {
      let joined: LabelValue | undefined;
      const plain = strip(value, 1, (label) => {
        joined = joined === undefined ? label : joinValues(joined, label);
      });
      if (joined !== undefined) found.push([name, joined]);
      return plain;
    },
  );
  return { args: whole as Json, labels: Object.fromEntries(found) };
}

function strip(
  value: unknown,
  depth: number,
  note: (label: LabelValue) => void,
  member: (name: string, value: unknown) => unknown = (_, inner) => strip(inner, depth + 1, note),
): unknown {
  if (depth > jsonDepthMax) return value;
  const content = contentOf(value);
  if (content !== undefined) {
    note(content.label);
    return strip(content.value, depth + 1, note);
  }
  if (isArray(value as Json)) return (value as readonly unknown[]).map((part) => strip(part, depth + 1, note));
  // What is no plain object is no JSON: it is for the engine to refuse.
  if (!isObject(value as Json) || !isPlain(value as object)) return value;
  return Object.fromEntries(Object.entries(value as object).map(([name, inner]) => [name, member(name, inner)]));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
