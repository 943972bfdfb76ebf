/**
 * Measures the advisory reviewer: which share of added nodes it points at, and which share of the user's own.
 * `node bench/infer/review.ts [--fit] [--models FOLDER] [--json]`. Fits on training sets only; AgentDojo is only ever counted.
 */
import { createEmbed } from "../../src/infer/review/embed.ts";
import { signNames, signsOf, vectorSignNames } from "../../src/infer/review/signs.ts";
import { meaningWeights, type ReviewWeights, wordWeights } from "../../src/infer/review/weights.ts";
import type { Embed } from "../../src/infer/review/clauses.ts";
import { openModels } from "../../src/infer/runtime/models.ts";
import { dataFolder, readSuite, suiteNames } from "../agentdojo/data.ts";
import { attackCases, type ReviewCase, trainCases, writings } from "./review-data.ts";
import { type Directions, fitThreshold, fitWeights, type Labelled, scoreOf, type Weights } from "./review-fit.ts";

/** Share of own nodes that may be pointed at, the mean over the training sets: who is warned too often stops reading. */
const ownShare = 0.03;
/** A catalogue of so many tools takes minutes to encode, and is left out where there are vectors. */
const vectorToolsMax = 1_000;
const directions: Directions = [-1, -1, -1, -1, 1, 1, 1, 1, 0, -1, 1];

function option(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

async function embedOf(folder: string | undefined): Promise<Embed | undefined> {
  if (folder === undefined) return undefined;
  const opened = await openModels({ models: folder });
  if (!opened.ok) throw opened.error;
  return createEmbed(opened.value);
}

async function label(cases: readonly ReviewCase[], embed: Embed | undefined): Promise<readonly Labelled[]> {
  const found: Labelled[] = [];
  for (const { set, plan, task, catalogue, now, added } of cases) {
    if (embed !== undefined && catalogue.tools.size > vectorToolsMax) continue;
    const context = now === undefined ? {} : { now };
    const signs = await signsOf(plan, catalogue, { task, context, ...(embed === undefined ? {} : { embed }) });
    for (const one of signs) found.push({ set, signs: one.signs, isAdded: added.has(one.node) });
  }
  return found;
}

interface Line {
  readonly set: string;
  readonly added: number;
  readonly addedPointed: number;
  readonly own: number;
  readonly ownPointed: number;
  /** Pointed at, or one of their arguments is. */
  readonly addedEither: number;
  readonly ownEither: number;
  /** Probability that an added node scores above one of the user's own. */
  readonly ranking: number;
}

function lineOf(
  set: string,
  nodes: readonly Labelled[],
  { weights, threshold }: { readonly weights: Weights; readonly threshold: number },
): Line {
  const steered = signNames.indexOf("steered");
  const scored = nodes.map(({ signs, isAdded }) => ({
    isAdded,
    score: scoreOf(signs, weights),
    isSteered: signs[steered] === 1,
  }));
  const [added, own] = [scored.filter(({ isAdded }) => isAdded), scored.filter(({ isAdded }) => !isAdded)];
  const pointed = (list: typeof scored): number => list.filter(({ score }) => score >= threshold).length;
  const either = (list: typeof scored): number => list.filter(({ score, isSteered }) => isSteered || score >= threshold).length;
  let wins = 0;
  for (const one of added) for (const other of own) wins += one.score > other.score ? 1 : one.score === other.score ? 0.5 : 0;
  return {
    set,
    added: added.length,
    addedPointed: pointed(added),
    own: own.length,
    ownPointed: pointed(own),
    addedEither: either(added),
    ownEither: either(own),
    ranking: wins / Math.max(1, added.length * own.length),
  };
}

function render(lines: readonly Line[]): string {
  const percent = (part: number, all: number): string => `${((100 * part) / Math.max(1, all)).toFixed(1)} %`;
  const rows = lines.map(
    ({ set, added, addedPointed, addedEither, own, ownPointed, ownEither, ranking }) =>
      `| ${set} | ${added} | ${percent(addedPointed, added)} | ${percent(addedEither, added)} | ${own} | ${percent(ownPointed, own)} | ${percent(ownEither, own)} | ${ranking.toFixed(3)} |`,
  );
  return `| plans of | added nodes | pointed at | or an argument | own nodes | pointed at | or an argument | ranking |\n|---|--:|--:|--:|--:|--:|--:|--:|\n${rows.join("\n")}\n`;
}

function given(
  { bias, signs, threshold }: ReviewWeights<string>,
  names: readonly string[],
): { readonly weights: Weights; readonly threshold: number } {
  return { weights: [bias, ...names.map((name) => signs[name] ?? 0)], threshold };
}

async function main(): Promise<void> {
  const [plans, attacks] = [dataFolder("plans"), dataFolder("agentdojo")];
  if (plans === undefined || attacks === undefined) return;
  const embed = await embedOf(option("--models"));
  const names = embed === undefined ? signNames : [...signNames, ...vectorSignNames];
  let used = given(embed === undefined ? wordWeights : meaningWeights, names);
  const held = await label(trainCases(plans, "2"), embed);
  if (process.argv.includes("--fit")) {
    const nodes = await label(trainCases(plans, "1"), embed);
    const weights = fitWeights(nodes, embed === undefined ? directions : [...directions, -1, -1]);
    used = { weights, threshold: fitThreshold(held, weights, { share: ownShare }) };
    process.stderr.write(
      `bias ${weights[0]}, ${names.map((name, at) => `${name} ${weights[at + 1]}`).join(", ")}\nthreshold ${used.threshold}\n`,
    );
  }
  const lines = [...new Set(held.map(({ set }) => set))].map((set) =>
    lineOf(
      set,
      held.filter((one) => one.set === set),
      used,
    ),
  );
  for (const name of suiteNames(attacks))
    for (const writing of writings)
      lines.push(
        lineOf(`AgentDojo ${name}, ${writing}`, await label(attackCases(readSuite(attacks, name), writing), embed), used),
      );
  process.stdout.write(process.argv.includes("--json") ? `${JSON.stringify(lines)}\n` : render(lines));
}

await main();
