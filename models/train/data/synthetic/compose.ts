/**
 * Several requests in one text: one after the other, the same tool for several things, and requests that use an earlier result.
 * Pure but for the chance that it is given.
 */
import { nameMatch, typeMatch } from "../../../../src/infer/pack.ts";
import type { DraftOutput, DraftParam, DraftTool } from "../../../../src/infer/tools.ts";
import type { ExampleCall, GoldSource } from "../examples.ts";
import type { Random } from "../random.ts";
import { type Bit, type Clause, isEnded, shifted, startingWith, textOf, unstopped } from "./text.ts";
import { participleOf } from "./verbs.ts";

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

/** An output of a tool that an argument of another can be given. */
export interface Fit {
  readonly producer: DraftTool;
  /** Absent: the result as a whole. */
  readonly output: DraftOutput;
  readonly consumer: DraftTool;
  readonly param: DraftParam;
}

/** Arguments that take whatever text or number there is. */
const textSinks =
  /\b(?:text|message|content|data|body|input|comment|note|description|query|string|article|caption|payload|information|details)\b/;
const numberSinks =
  /\b(?:amount|number|value|price|principal|total|cost|distance|weight|income|salary|revenue|expenses|balance|budget|num1|num2|temperature|quantity|base|loan amount)\b/;
const said = /^(?:status|success|message|error|result|results|output|response|is valid|valid)$/;

/** Finds results that arguments can be given: by name first, else where an argument takes anything of the type. */
export function openFits(tools: readonly DraftTool[]): (random: Random) => Fit | undefined {
  const consumers = tools.filter(({ params }) => params.some(({ isRequired, path }) => isRequired && path.length === 1));
  const producers = tools.filter(({ outputs }) => outputs.some(({ path }) => path.length === 1));
  const byWord = new Map<string, { readonly tool: DraftTool; readonly output: DraftOutput }[]>();
  for (const tool of producers) {
    for (const output of tool.outputs) {
      if (output.path.length !== 1 || said.test(output.words)) continue;
      for (const word of new Set([output.words, output.words.split(" ").at(-1) ?? ""])) {
        const list = byWord.get(word) ?? [];
        list.push({ tool, output });
        byWord.set(word, list);
      }
    }
  }
  return (random) => {
    if (consumers.length === 0 || producers.length === 0) return undefined;
    const consumer = random.pick(consumers);
    const params = consumer.params.filter(
      ({ isRequired, path, isClosed, type }) => isRequired && path.length === 1 && !isClosed && type !== "boolean",
    );
    if (params.length === 0) return undefined;
    const param = random.pick(params);
    const named = [...(byWord.get(param.words) ?? []), ...(byWord.get(param.words.split(" ").at(-1) ?? "") ?? [])].filter(
      ({ tool, output }) => tool.name !== consumer.name && nameMatch(param, output) > 0.2 && typeMatch(param, output) >= 0,
    );
    if (named.length > 0 && random.chance(0.7)) {
      const { tool, output } = random.pick(named);
      return { producer: tool, output, consumer, param };
    }
    const isNumeric = param.type === "number" || param.type === "integer";
    if (!(isNumeric ? numberSinks : textSinks).test(param.words)) return undefined;
    const producer = random.pick(producers);
    const outputs = producer.outputs.filter(
      (output) => output.path.length === 1 && (isNumeric ? typeMatch(param, output) === 1 : output.type !== "boolean"),
    );
    if (outputs.length === 0 || producer.name === consumer.name) return undefined;
    return { producer, output: random.pick(outputs), consumer, param };
  };
}

/** Words that point back to a result. `request` is what was asked for ("calculate the total"). */
export function referenceWords({ output, param }: Fit, request: string, random: Random): string {
  const name = said.test(output.words) ? "result" : output.words.replace(/\bid\b/, "ID").replace(/\burl\b/, "URL");
  const done = participleOf(request);
  const isSame = name.startsWith(done) || name.includes(done);
  return random.weighted([
    ["the result", 3],
    ["that result", 0.7],
    ["the output", 0.5],
    ["the result of that", 0.5],
    [`the ${name}`, 5],
    [`that ${name}`, 2],
    [`the resulting ${name}`, 1],
    [isSame ? `the ${name}` : `the ${done} ${name}`, 2],
    [`the ${name} you get`, 0.7],
    [`the ${name} from the previous step`, 0.5],
    [`the ${name} from the first step`, 0.2],
    ["it", param.type === "string" ? 0.8 : 0.2],
    [isSame ? `the ${param.words}` : `the ${done} ${param.words}`, 0.7],
    [`the returned ${name}`, 0.5],
    ["", nameMatch(param, output) === 1 ? 1.5 : 0],
  ]);
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
