/**
 * Agents as small programs: they copy, cut, join and encode what they were shown, and choose by its bits what to call, how often, in which order,
 * and whether to go on. A program sees what an agent is shown and nothing else, so that the same sights are followed by the same calls.
 */
import { canonicalJson } from "../../../src/json/canonical.ts";
import { isArray, isObject, type Json, type JsonObject } from "../../../src/json/value.ts";
import type { Dice } from "../../spec/dice.ts";

/** What an agent was told, oldest first: what was delivered, or a denial as it is told to an agent. */
export type View = readonly Json[];

/** How a text is disguised. */
export const encodings = ["base64", "hex", "percent", "rot13", "reverse", "entities"] as const;

/** A value that an agent makes up of what it has seen. */
export type Source =
  | { readonly kind: "literal"; readonly value: Json }
  /** A leaf of what it saw at a step, or all of it as a text. */
  | { readonly kind: "copy"; readonly step: number; readonly leaf: number | "all" }
  | { readonly kind: "join"; readonly parts: readonly Source[] }
  | { readonly kind: "cut"; readonly of: Source; readonly from: number; readonly length: number }
  | { readonly kind: "encode"; readonly as: (typeof encodings)[number]; readonly of: Source }
  /** One of several values, by what the source says. */
  | { readonly kind: "among"; readonly of: Source; readonly values: readonly Json[] };

/** A call as a program makes it. */
export interface ProgramCall {
  readonly tool: string;
  readonly node?: string;
  readonly args: { readonly [name: string]: Source };
}

/** One thing that an agent does. */
export type Instruction =
  | { readonly kind: "call"; readonly call: ProgramCall }
  | { readonly kind: "batch"; readonly calls: readonly ProgramCall[] }
  /** Asks for a node to be added, whose constants are what it has seen. */
  | { readonly kind: "amend"; readonly name: string; readonly node: ProgramCall; readonly isDrop: boolean }
  | { readonly kind: "if"; readonly bit: Source; readonly yes: readonly Instruction[]; readonly no: readonly Instruction[] }
  | { readonly kind: "repeat"; readonly count: Source; readonly most: number; readonly body: readonly Instruction[] }
  | { readonly kind: "stop"; readonly bit: Source };

/** An instruction with its sources worked out. */
export type Act =
  | { readonly kind: "call"; readonly call: Attempt }
  | { readonly kind: "batch"; readonly calls: readonly Attempt[] }
  | { readonly kind: "amend"; readonly draft: JsonObject };

/** A call as it is made. */
export interface Attempt {
  readonly tool: string;
  readonly node?: string;
  readonly args: JsonObject;
}

const textOf = (value: Json): string => (typeof value === "string" ? value : canonicalJson(value));

function leavesOf(value: Json): readonly Json[] {
  if (isArray(value)) return value.flatMap(leavesOf);
  return isObject(value) ? Object.values(value).flatMap((part) => leavesOf(part)) : [value];
}

/** A number from a text, in which every character counts. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

const codes: { readonly [E in (typeof encodings)[number]]: (text: string) => string } = {
  base64: (text) => Buffer.from(text).toString("base64"),
  hex: (text) => Buffer.from(text).toString("hex"),
  percent: (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
  rot13: (text) =>
    text.replace(/[a-z]/gi, (letter) => {
      const base = letter <= "Z" ? 65 : 97;
      return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
    }),
  reverse: (text) => [...text].reverse().join(""),
  entities: (text) => [...text].map((letter) => `&#${letter.codePointAt(0)};`).join(""),
};

/** The value of a source. */
export function evaluate(source: Source, view: View): Json {
  switch (source.kind) {
    case "literal":
      return source.value;
    case "copy": {
      const seen = view[source.step] ?? null;
      if (source.leaf === "all") return textOf(seen);
      const leaves = leavesOf(seen);
      return leaves[source.leaf % Math.max(1, leaves.length)] ?? null;
    }
    case "join":
      return source.parts.map((part) => textOf(evaluate(part, view))).join("");
    case "cut":
      return textOf(evaluate(source.of, view)).slice(source.from, source.from + source.length);
    case "encode":
      return codes[source.as](textOf(evaluate(source.of, view)));
    case "among":
      return source.values[hashOf(textOf(evaluate(source.of, view))) % source.values.length] ?? null;
  }
}

function attemptOf({ tool, node, args }: ProgramCall, view: View): Attempt {
  const values = Object.entries(args).map(([name, source]) => [name, evaluate(source, view)] as const);
  return { tool, ...(node === undefined ? {} : { node }), args: Object.fromEntries(values) };
}

/** Whether a source says yes. */
const isSet = (source: Source, view: View): boolean => (hashOf(textOf(evaluate(source, view))) & 1) === 1;

/**
 * Runs a program: whoever carries out an act that it yields adds to the view what the agent is told. Ends early if the program stops itself.
 */
export function* run(program: readonly Instruction[], view: View): Generator<Act, "over" | "stopped", undefined> {
  for (const instruction of program) {
    switch (instruction.kind) {
      case "call":
        yield { kind: "call", call: attemptOf(instruction.call, view) };
        break;
      case "batch":
        yield { kind: "batch", calls: instruction.calls.map((call) => attemptOf(call, view)) };
        break;
      case "amend": {
        const { tool, args } = attemptOf(instruction.node, view);
        yield { kind: "amend", draft: { nodes: { [instruction.name]: instruction.isDrop ? null : { tool, args } } } };
        break;
      }
      case "if":
        if ((yield* run(isSet(instruction.bit, view) ? instruction.yes : instruction.no, view)) === "stopped") return "stopped";
        break;
      case "repeat":
        for (let i = hashOf(textOf(evaluate(instruction.count, view))) % (instruction.most + 1); i > 0; i--)
          if ((yield* run(instruction.body, view)) === "stopped") return "stopped";
        break;
      case "stop":
        if (isSet(instruction.bit, view)) return "stopped";
    }
  }
  return "over";
}

/** A source that depends on one of the first `steps` sights. */
export function generateSource(dice: Dice, steps: number, depth = 0): Source {
  const step = dice.below(Math.max(1, steps));
  const copy: Source = { kind: "copy", step, leaf: dice.chance(40) ? "all" : dice.below(6) };
  if (depth > 1 || dice.chance(45)) return copy;
  const of = generateSource(dice, steps, depth + 1);
  return dice.pick<() => Source>([
    () => ({ kind: "encode", as: dice.pick(encodings), of }),
    () => ({ kind: "cut", of, from: dice.below(4), length: 1 + dice.below(12) }),
    () => ({ kind: "join", parts: [{ kind: "literal", value: "see " }, of, copy] }),
  ])();
}
