/**
 * Results that are used again: which results an argument can be given, the words that point back to them, and chains of requests.
 * Pure but for the chance that it is given.
 */
import { nameMatch, typeMatch } from "../../../../src/infer/pack.ts";
import type { DraftOutput, DraftParam, DraftTool } from "../../../../src/infer/tools.ts";
import type { Random } from "../random.ts";
import { type ClauseOptions, clauseOf } from "./clauses.ts";
import type { Clause } from "./text.ts";
import { participleOf, requestOf } from "./verbs.ts";

/** An output of a tool that an argument of another can be given. */
export interface Fit {
  readonly producer: DraftTool;
  readonly output: DraftOutput;
  readonly consumer: DraftTool;
  readonly param: DraftParam;
}

/** Finds fits: any, or some for the results of one tool. */
export interface Fits {
  any(random: Random): Fit | undefined;
  from(random: Random, producer: DraftTool): Fit | undefined;
}

/** Arguments that take whatever text or number there is. */
const textSinks =
  /\b(?:text|message|content|data|body|input|comment|note|description|query|string|article|caption|payload|information|details)\b/;
const numberSinks =
  /\b(?:amount|number|value|price|principal|total|cost|distance|weight|income|salary|revenue|expenses|balance|budget|num1|num2|temperature|quantity|base)\b/;
/** Parts of results that say nothing by their name. */
const plainNames = /^(?:status|success|message|error|result|results|output|response|is valid|valid)$/;

interface Sink {
  readonly tool: DraftTool;
  readonly param: DraftParam;
}

/** Finds results that arguments can be given: by name first, else where an argument takes anything of the type. */
export function openFits(tools: readonly DraftTool[]): Fits {
  const sinks = tools.flatMap((tool) =>
    tool.params
      .filter(({ isRequired, path, isClosed, type }) => isRequired && path.length === 1 && !isClosed && type !== "boolean")
      .map((param) => ({ tool, param })),
  );
  const producers = tools.filter(({ outputs }) => outputs.some(({ path }) => path.length === 1));
  const outputs = producers.flatMap((tool) =>
    tool.outputs.filter(({ path, words }) => path.length === 1 && !plainNames.test(words)).map((output) => ({ tool, output })),
  );
  const sinksByWord = byWords(sinks, ({ param }) => param.words);
  const outputsByWord = byWords(outputs, ({ output }) => output.words);
  const open = sinks.filter(isOpen);
  return {
    any: (random) => {
      if (sinks.length === 0 || producers.length === 0) return undefined;
      const { tool: consumer, param } = random.pick(sinks);
      const named = under(outputsByWord, param.words).filter(
        ({ tool, output }) => tool.name !== consumer.name && nameMatch(param, output) > 0.2 && typeMatch(param, output) >= 0,
      );
      if (named.length > 0 && random.chance(0.7)) {
        const { tool, output } = random.pick(named);
        return { producer: tool, output, consumer, param };
      }
      const sink = open.length === 0 ? undefined : random.pick(open);
      return sink === undefined ? undefined : openFit(random.pick(producers), sink, random);
    },
    from: (random, producer) => {
      for (const output of random.shuffled(producer.outputs)) {
        if (output.path.length !== 1 || plainNames.test(output.words)) continue;
        const named = under(sinksByWord, output.words).filter(
          ({ tool, param }) => tool.name !== producer.name && nameMatch(param, output) > 0.2 && typeMatch(param, output) >= 0,
        );
        if (named.length === 0 || !random.chance(0.6)) continue;
        const { tool, param } = random.pick(named);
        return { producer, output, consumer: tool, param };
      }
      return open.length === 0 ? undefined : openFit(producer, random.pick(open), random);
    },
  };
}

function byWords<T>(list: readonly T[], wordsOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const one of list) {
    const words = wordsOf(one);
    for (const word of new Set([words, words.split(" ").at(-1) ?? ""])) {
      const known = found.get(word);
      if (known === undefined) found.set(word, [one]);
      else known.push(one);
    }
  }
  return found;
}

function under<T>(map: ReadonlyMap<string, readonly T[]>, words: string): readonly T[] {
  return [...(map.get(words) ?? []), ...(map.get(words.split(" ").at(-1) ?? "") ?? [])];
}

function isNumeric({ type }: DraftParam): boolean {
  return type === "number" || type === "integer";
}

function isOpen({ param }: Sink): boolean {
  return (isNumeric(param) ? numberSinks : textSinks).test(param.words);
}

function openFit(producer: DraftTool, { tool, param }: Sink, random: Random): Fit | undefined {
  const outputs = producer.outputs.filter(
    (output) => output.path.length === 1 && (isNumeric(param) ? typeMatch(param, output) === 1 : output.type !== "boolean"),
  );
  if (outputs.length === 0 || producer.name === tool.name) return undefined;
  return { producer, output: random.pick(outputs), consumer: tool, param };
}

/** Words that point back to a result. `request` is what was asked for ("calculate the total"). */
export function referenceWords({ output, param }: Fit, request: string, random: Random): string {
  const name = plainNames.test(output.words) ? "result" : output.words.replace(/\bid\b/, "ID").replace(/\burl\b/, "URL");
  const done = participleOf(request);
  const isSame = name.startsWith(done) || name.includes(done);
  const isPlural = /[^su]s$/.test(name);
  const head = name.split(" ").at(-1) ?? name;
  return random.weighted([
    ["the result", 3],
    ["that result", 0.7],
    ["the output", 0.4],
    ["the result of that", 0.4],
    [`the ${name}`, 5],
    [isPlural ? `these ${name}` : `that ${name}`, 2],
    [isPlural ? `those ${name}` : `this ${name}`, 1],
    [`the resulting ${name}`, 1],
    [isSame ? `the ${name}` : `the ${done} ${name}`, 2],
    [`the ${name} you get`, 0.6],
    [`the ${name} from the previous step`, 0.5],
    [`the ${name} from the first step`, 0.2],
    [isNumeric(param) ? `that ${name} value` : `the ${head}`, 0.8],
    [isNumeric(param) ? random.pick(["this amount", "that amount", "the calculated amount", "that number"]) : "it", 0.8],
    [isSame ? `the ${param.words}` : `the ${done} ${param.words}`, 0.7],
    [`the returned ${name}`, 0.4],
    ["", nameMatch(param, output) === 1 ? 1.5 : 0],
  ]);
}

/** Words that name no part of a result, so that they only point to what was said just before. */
const nameless =
  /^(?:the result|that result|the output|the result of that|it|this amount|that amount|the calculated amount|that number|)$/;

interface Step {
  readonly clause: Clause;
  /** The step whose result it uses. */
  readonly from?: Step;
  readonly isNamed: boolean;
}

/**
 * A request, one that uses its result, sometimes a third that uses one of their results; `others` stand before, behind, and between where the words name
 * what they point to. The clauses are in order, and their references count back from themselves.
 */
export function flowingClauses(fits: Fits, options: ClauseOptions, others: readonly Clause[]): readonly Clause[] | undefined {
  const { random } = options;
  const pair = firstPair(fits, options);
  if (pair === undefined) return undefined;
  const steps: Step[] = [...pair.steps];
  if (random.chance(0.3)) {
    // A chain goes on from the second result, a fan uses the first one once more.
    const [first, second] = pair.steps;
    const isChain = random.chance(0.65);
    const tool = isChain ? pair.fit.consumer : pair.fit.producer;
    const next = fits.from(random, tool);
    const step = next === undefined ? undefined : stepOf(next, isChain ? second : first, options);
    if (step !== undefined && (isChain || step.isNamed)) steps.push(step);
  }
  const ordered: (Step | Clause)[] = [...steps];
  for (const other of others) {
    const at = random.below(ordered.length + 1);
    const next = ordered[at];
    const isInside = at > 0 && next !== undefined;
    const cuts = isInside && "isNamed" in next && next.from !== undefined && !next.isNamed;
    ordered.splice(cuts ? 0 : at, 0, other);
  }
  return ordered.map((one, at): Clause => {
    if (!("isNamed" in one)) return one;
    const { clause, from } = one;
    return from === undefined ? clause : withCall(clause, ordered.indexOf(from) - at);
  });
}

function firstPair(fits: Fits, options: ClauseOptions): { readonly fit: Fit; readonly steps: readonly [Step, Step] } | undefined {
  const { random } = options;
  for (let turn = 0; turn < 8; turn++) {
    const fit = fits.any(random);
    const clause = fit === undefined ? undefined : clauseOf(fit.producer, options);
    if (fit === undefined || clause === undefined) continue;
    const first: Step = { clause, isNamed: true };
    const second = stepOf(fit, first, options);
    if (second !== undefined) return { fit, steps: [first, second] };
  }
  return undefined;
}

function stepOf(fit: Fit, from: Step, options: ClauseOptions): Step | undefined {
  const request = requestOf(fit.producer);
  if (request === undefined) return undefined;
  const words = referenceWords(fit, request, options.random);
  const source = { kind: "result", call: -1, path: fit.output.path } as const;
  const clause = clauseOf(fit.consumer, { ...options, reference: { param: fit.param, source, words } });
  return clause === undefined ? undefined : { clause, from, isNamed: !nameless.test(words) && !words.includes("previous") };
}

function withCall(clause: Clause, call: number): Clause {
  const calls = clause.calls.map((one) => ({
    ...one,
    args: new Map(
      [...one.args].map(([path, source]) => [path, source.kind === "result" ? { ...source, call } : source] as const),
    ),
  }));
  return { ...clause, calls };
}
