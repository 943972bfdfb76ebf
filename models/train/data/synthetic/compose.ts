/**
 * Several requests in one text: one after the other, and one request for several things.
 * Pure but for the chance that it is given.
 */
import type { ExampleCall, GoldSource } from "../examples.ts";
import type { Random } from "../random.ts";
import { type Bit, type Clause, isEnded, shifted, startingWith, textOf, unstopped } from "./text.ts";

/** How requests follow one another; `then` puts them into one sentence and needs bare ones behind the first. */
export type Style = "sentences" | "then" | "lines" | "list" | "ordinals";

/** A style; `whole`: for clauses that are whole sentences. */
export function styleOf(random: Random, clauses: "whole" | "any"): Style {
  return random.weighted<Style>([
    ["sentences", 6],
    ["then", clauses === "any" ? 5 : 0],
    ["lines", 1],
    ["list", 0.6],
    ["ordinals", 1],
  ]);
}

/** One text of several clauses. Sources that refer to calls before a clause (negative numbers) are counted from its first call. */
export function joinedClauses(
  clauses: readonly Clause[],
  { random, style }: { readonly random: Random; readonly style: Style },
): Clause {
  const bits: Bit[] = [];
  const calls: ExampleCall[] = [];
  for (const [index, clause] of clauses.entries()) {
    const link = linkOf(index, clauses.length, { style, random, isEnded: index > 0 && isEnded(bits) });
    const before = index > 0 && link.isInside ? unstopped(bits) : bits;
    if (before !== bits) bits.splice(0, bits.length, ...before);
    const own = startingWith(shifted(clause.bits, calls.length), link.letter);
    bits.push(link.text, ...(link.isInside && index < clauses.length - 1 ? unstopped(own) : own));
    const offset = calls.length;
    calls.push(...clause.calls.map((call) => ({ ...call, args: moved(call.args, offset) })));
  }
  return { bits: bits.filter((bit) => bit !== ""), calls };
}

function moved(args: ReadonlyMap<string, GoldSource>, offset: number): ReadonlyMap<string, GoldSource> {
  return new Map(
    [...args].map(
      ([path, source]) => [path, source.kind === "result" ? { ...source, call: source.call + offset } : source] as const,
    ),
  );
}

interface Link {
  readonly text: string;
  readonly letter: "capital" | "small";
  /** The sentence goes on. */
  readonly isInside: boolean;
}

function linkOf(
  index: number,
  count: number,
  { style, random, isEnded: isDone }: { readonly style: Style; readonly random: Random; readonly isEnded: boolean },
): Link {
  const capital = (text: string): Link => ({ text, letter: "capital", isInside: false });
  const stop = index > 0 && !isDone ? "." : "";
  if (style === "list") return capital(`${index === 0 ? "" : "\n"}${index + 1}. `);
  if (style === "lines") return capital(index === 0 ? "" : "\n");
  if (index === 0) {
    if (style !== "ordinals") return capital("");
    return { text: random.pick(["First, ", "Firstly, ", "First "]), letter: "small", isInside: false };
  }
  if (style === "then") {
    const isLast = index === count - 1;
    const text = isLast
      ? random.pick([", and then ", " and then ", ", then ", " and ", ", and finally "])
      : random.pick([", then ", ", ", ", and then "]);
    return { text, letter: "small", isInside: true };
  }
  if (style === "ordinals") {
    const word =
      index === count - 1
        ? random.pick(["Finally, ", "Lastly, ", "And then, "])
        : random.pick(["Then, ", "Next, ", "After that, ", "Second, "]);
    return { text: `${stop} ${word}`, letter: "small", isInside: false };
  }
  const opener = random.weighted([
    ["", 6],
    ["Then ", 2],
    ["Also, ", 2],
    ["After that, ", 1.2],
    ["Additionally, ", 0.8],
    ["And ", 0.5],
    ["Next, ", 0.7],
  ]);
  return { text: `${stop} ${opener}`, letter: opener === "" ? "capital" : "small", isInside: false };
}

/** A clause whose one marked argument is said for several things: "the weather in Paris, Rome and Oslo" is three calls. */
export function repeated(
  clause: Clause,
  others: readonly { readonly text: string; readonly source: GoldSource }[],
  path: string,
): Clause | undefined {
  const [first] = clause.calls;
  const at = clause.bits.findIndex((bit) => typeof bit !== "string" && bit.path === path);
  const mark = clause.bits[at];
  if (first === undefined || mark === undefined || typeof mark === "string") return undefined;
  const quote = clause.bits[at - 1];
  const isQuoted = typeof quote === "string" && /["']$/.test(quote);
  const sign = isQuoted ? quote.slice(-1) : "";
  const listed = others.flatMap(({ text }, index): readonly Bit[] => [
    `${sign}${index === others.length - 1 ? " and " : ", "}${sign}`,
    { text, call: index + 1, path },
  ]);
  const shared = clause.bits.flatMap((bit, index): readonly Bit[] => (index === at ? [bit, ...listed] : [bit]));
  // What is said once holds for every call: the other calls share its words.
  const calls = [first, ...others.map(({ source }) => ({ ...first, args: new Map([...first.args, [path, source] as const]) }))];
  return { bits: shared, calls };
}

/** Whether a clause reads as words: not empty, not too long. */
export function isReadable(clause: Clause): boolean {
  const { length } = textOf(clause.bits);
  return length > 12 && length < 640;
}
