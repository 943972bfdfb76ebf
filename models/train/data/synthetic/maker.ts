/**
 * Makes examples that no set has: tasks for every tool of every catalogue, several requests in one text, results that are used again, and
 * tasks that no tool fits.
 * Pure but for the chance that it is given. Never made from held-out tools.
 */
import type { DraftTool } from "../../../../src/infer/tools.ts";
import type { ToolSet } from "../catalogues.ts";
import type { Corpus } from "../corpus.ts";
import { type Example, exampleOf } from "../examples.ts";
import { isHeldOut, isHeldOutCatalogue, isHeldOutTool } from "../held-out.ts";
import type { Random } from "../random.ts";
import { type ClauseOptions, clauseOf } from "./clauses.ts";
import { isReadable, joinedClauses, repeated, styleOf } from "./compose.ts";
import { type Fits, flowingClauses, openFits } from "./flows.ts";
import { poolOf } from "./examples-of.ts";
import { openRowClauses } from "./row-clauses.ts";
import { variantOf } from "./schemas.ts";
import { type Bit, type Clause, rendered, startingWith } from "./text.ts";
import { makeValue } from "./values.ts";
import { requestOf } from "./verbs.ts";
import * as words from "./words.ts";

/** Makes one example; `undefined` where this draw gives none. */
export type Maker = (random: Random) => Example | undefined;

/** Ways to make an example, with their shares. */
const ways = [
  ["template", 0.26],
  ["join", 0.14],
  ["flow", 0.3],
  ["repeat", 0.1],
  ["shared", 0.06],
  ["rows", 0.08],
  ["row-flow", 0.05],
  ["nothing", 0.03],
] as const;

/** Catalogues that templates are made of, by share: the largest has most kinds of tools. */
const shares: Readonly<Record<string, number>> = {
  sealtools: 0.72,
  sgd_train: 0.06,
  traject: 0.14,
  apibank: 0.05,
  starter: 0.08,
};

/** Share of texts that put every value in quotes. */
const quotingShare = 0.2;
/** Share of tools that are varied. */
const variedShare = 0.5;
/** Tries of one way. */
const triesMax = 10;

interface Shelf {
  readonly set: ToolSet;
  readonly tools: readonly DraftTool[];
  readonly fits: Fits;
}

/** The maker over the catalogues and rows of a corpus, and further catalogues (the starter catalogues). */
export function openMaker(corpus: Corpus, further: readonly ToolSet[] = []): Maker {
  const shelves: [Shelf, number][] = [];
  for (const set of [...corpus.shared, ...further]) {
    if (isHeldOutCatalogue(set.name)) continue;
    const tools = [...set.tools]
      .filter(([called, tool]) => !isHeldOutTool(called) && requestOf(tool) !== undefined)
      .map(([, tool]) => tool);
    const key = Object.keys(shares).find((name) => set.name.startsWith(name));
    if (key === undefined || tools.length < 8) continue;
    const many = key === "traject" ? 6 : 1;
    shelves.push([{ set, tools, fits: openFits(tools) }, (shares[key] ?? 0) / many]);
  }
  const pool = poolOf([...corpus.shared.values()].flatMap(({ tools }) => [...tools.values()]));
  const rows = openRowClauses(corpus);
  const nothing = openNothing(corpus);
  return (random) => {
    const way = random.weighted(ways);
    // A way that gives nothing is tried again, so that the shares hold.
    for (let turn = 0; turn < triesMax; turn++) {
      const made = make(way, random);
      if (made !== undefined) return made;
    }
    return undefined;
  };
  function make(way: (typeof ways)[number][0], random: Random): Example | undefined {
    if (way === "nothing") return nothing(random);
    if (way === "rows") return rows.joined(random);
    if (way === "row-flow") return rows.flowing(random);
    if (shelves.length === 0) return undefined;
    const shelf = random.weighted(shelves);
    const now = random.chance(0.4) ? { now: `20${18 + random.below(9)}-0${1 + random.below(9)}-1${random.below(10)}` } : {};
    const options: ClauseOptions = { random, pool, context: now, quoted: random.chance(quotingShare) ? 0.95 : 0 };
    const clause = clauseBy(way, shelf, options);
    if (clause === undefined || !isReadable(clause)) return undefined;
    const { task, calls } = rendered({ bits: surrounded(clause.bits, random), calls: clause.calls });
    return {
      src: `synthetic-${way}`,
      task,
      tools: withVariants(
        shelf.set,
        calls.map(({ tool }) => tool),
      ),
      calls,
      hasArguments: true,
      ...now,
    };
  }
}

function clauseBy(
  way: "template" | "join" | "flow" | "repeat" | "shared",
  shelf: Shelf,
  options: ClauseOptions,
): Clause | undefined {
  const { random, pool } = options;
  const varied = (tool: DraftTool): DraftTool => (random.chance(variedShare) ? variantOf(tool, { random, pool }) : tool);
  if (way === "template") return clauseOf(varied(random.pick(shelf.tools)), options);
  if (way === "repeat") return repeatedCall(shelf, options);
  if (way === "shared") return sharedValue(shelf, options);
  const wanted =
    way === "join"
      ? random.weighted([
          [2, 5],
          [3, 3],
          [4, 1],
        ] as const)
      : random.weighted([
          [0, 5],
          [1, 3],
          [2, 1.5],
        ] as const);
  const style = styleOf(random, "any");
  // In one sentence only the first request is framed ("Could you … and then …").
  const bare = { ...options, isBare: style === "then" };
  const others = random
    .sample(shelf.tools, wanted)
    .flatMap((tool, index) => clauseOf(varied(tool), way === "join" && index === 0 ? options : bare) ?? []);
  if (way === "join") return others.length < 2 ? undefined : joinedClauses(others, { random, style });
  const flowing = flowingClauses(shelf.fits, bare, others);
  return flowing === undefined ? undefined : joinedClauses(flowing, { random, style });
}

/** Two requests about one thing, which is said once: "… in Paris. Also … there". */
function sharedValue(shelf: Shelf, options: ClauseOptions): Clause | undefined {
  const { random } = options;
  const named = (tool: DraftTool): readonly DraftTool["params"][number][] =>
    tool.params.filter(
      ({ isRequired, isClosed, type, path }) => isRequired && !isClosed && type === "string" && path.length === 1,
    );
  const first = random.pick(shelf.tools);
  const wanted = new Set(named(first).map((param) => param.words));
  const others = random
    .sample(shelf.tools, 300)
    .filter((tool) => tool.name !== first.name && named(tool).some((param) => wanted.has(param.words)));
  if (others.length === 0) return undefined;
  const second = random.pick(others);
  const param = random.pick(named(second).filter(({ words: name }) => wanted.has(name)));
  const clause = clauseOf(first, options);
  const path =
    named(first)
      .find(({ words: name }) => name === param.words)
      ?.path.join(".") ?? "";
  const source = clause?.calls[0]?.args.get(path);
  if (clause === undefined || source?.kind !== "constant") return undefined;
  const noun = param.words.replace(/\bid\b/, "ID");
  const saying = random.pick(["", `the same ${noun}`, `the same ${noun}`, `that ${noun}`, `this ${noun}`, "it"]);
  const style = styleOf(random, "any");
  const behind = clauseOf(second, { ...options, isBare: style === "then", reference: { param, source, words: saying } });
  return behind === undefined ? undefined : joinedClauses([clause, behind], { random, style });
}

/** One request for several things: a call for each. */
function repeatedCall(shelf: Shelf, options: ClauseOptions): Clause | undefined {
  const { random } = options;
  const tool = random.pick(shelf.tools);
  const clause = clauseOf(tool, options);
  if (clause === undefined) return undefined;
  const params = tool.params.filter(
    ({ path, type, isClosed, isRequired }) =>
      isRequired &&
      type !== "array" &&
      !isClosed &&
      clause.bits.some((bit) => typeof bit !== "string" && bit.path === path.join(".")),
  );
  if (params.length === 0) return undefined;
  const param = random.pick(params);
  const known = new Set(clause.bits.flatMap((bit) => (typeof bit === "string" ? [] : [bit.text])));
  const others = Array.from(
    {
      length: random.weighted([
        [1, 5],
        [2, 4],
        [3, 1],
      ] as const),
    },
    () => makeValue(param, options),
  ).flatMap((made) => {
    if (made === undefined || known.has(made.text) || /,| and /.test(made.text)) return [];
    known.add(made.text);
    return [{ text: made.text, source: { kind: "constant", value: made.value } as const }];
  });
  if (others.length === 0) return undefined;
  if (random.chance(0.75)) return repeated(clause, others, param.path.join("."));
  // The same request once more in full, with other values.
  const again = clauseOf(tool, options);
  return again === undefined ? undefined : joinedClauses([clause, again], { random, style: styleOf(random, "whole") });
}

/** Greetings, context and thanks around a request. */
function surrounded(bits: readonly Bit[], random: Random): readonly Bit[] {
  const before: string[] = [];
  if (random.chance(0.1)) before.push(`${random.pick(words.greetings)}${random.pick([", ", "! ", ". "])}`);
  if (random.chance(0.15)) before.push(`${random.pick(words.contexts)} `);
  const lead = before.join("");
  const own = lead.endsWith(", ") ? startingWith(bits, "small") : bits;
  const after = random.chance(0.08) ? ` ${random.pick(words.thanks)}` : "";
  return [lead, ...own, after].filter((bit) => bit !== "");
}

/** The catalogue with the variants that calls use in the places of their originals. */
function withVariants(set: ToolSet, used: readonly DraftTool[]): ToolSet {
  const variants = new Map(used.map((tool) => [tool.name, tool]));
  if ([...set.tools.values()].every((tool) => (variants.get(tool.name) ?? tool) === tool)) return set;
  const tools = new Map([...set.tools].map(([called, tool]) => [called, variants.get(tool.name) ?? tool] as const));
  return { ...set, tools, base: set.base ?? set };
}

/** Tasks that no tool of the offered catalogue fits. */
function openNothing(corpus: Corpus): Maker {
  const rows = [...corpus.rows].flatMap(([, all]) =>
    all.filter((row) => typeof row.catalogue === "string" && !isHeldOut(row) && row.task.length < 600),
  );
  const sets = corpus.shared.filter(
    ({ name, tools }) => !isHeldOutCatalogue(name) && tools.size > 6 && name !== "metatool" && name !== "sealtools",
  );
  return (random) => {
    if (sets.length === 0 || rows.length === 0) return undefined;
    const set = random.pick(sets);
    const empty = { src: "synthetic-nothing", tools: set, calls: [], hasArguments: true };
    if (random.chance(0.4)) return { ...empty, task: random.pick(words.smallTalk) };
    const row = random.pick(rows);
    const family = (name: string): string => name.split("_")[0] ?? name;
    const own = typeof row.catalogue === "string" ? row.catalogue : "";
    // Everyday requests of two everyday catalogues may meet: those are no examples of a task that nothing fits.
    if (family(own) === family(set.name) || !isApart(own, set.name)) return undefined;
    const example = exampleOf(row, corpus.toolsOf(row, 0));
    return example === undefined ? undefined : { ...empty, task: example.task };
  };
}

const everyday = new Set(["sgd", "apibank", "snips", "traject_Weather", "traject_Music", "metatool"]);

function isApart(one: string, other: string): boolean {
  const isEveryday = (name: string): boolean => everyday.has(name) || everyday.has(name.split("_")[0] ?? "");
  return !(isEveryday(one) && isEveryday(other)) && one !== "metatool";
}
