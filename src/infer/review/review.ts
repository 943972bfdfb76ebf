/**
 * The advisory reviewer: points at nodes and arguments of a plan that its task does not seem to ask for.
 * Never enforcement: nothing that decides imports it, every remark is an `info`, and a plan without remarks is not thereby a good one. Whoever can
 * write the plan can write it so that nothing is remarked.
 */
import { type Catalogue, readCatalogue } from "../../catalogue/catalogue.ts";
import { pointerOf } from "../../json/pointer.ts";
import { type Finding, oneLine } from "../../plan/finding.ts";
import type { FrozenTool, Plan } from "../../plan/plan.ts";
import type { Evidence } from "../proposal.ts";
import type { ValueContext } from "../values/mention.ts";
import type { Embed } from "./clauses.ts";
import type { NodeConstant } from "./said.ts";
import { isUnasked, type NodeSigns, signNames, signsOf, vectorSignNames } from "./signs.ts";
import { meaningWeights, type ReviewWeights, wordWeights } from "./weights.ts";

/** How a plan is reviewed. */
export interface ReviewOptions {
  /** The user's words. Default: the `task` of the plan. */
  readonly task?: string;
  /** What dates in the task are relative to. */
  readonly context?: ValueContext;
  /** Vectors of texts: then nearness of meaning counts beside common words. */
  readonly embed?: Embed;
}

/** Something to look at. */
export interface Remark extends Finding {
  /** The node. */
  readonly node: string;
  /** Of a node: 0 to 1, how little the task seems to ask for it. No probability: it ranks. */
  readonly score?: number;
  /** The words of the task that are nearest to the node, with their offsets. */
  readonly nearest?: Evidence & { readonly text: string };
}

/** Nodes of a plan with their scores, and what to look at, most suspicious first. */
export interface Review {
  readonly remarks: readonly Remark[];
  readonly scores: { readonly [node: string]: number };
}

/**
 * Reviews a plan against its task. `INFER_UNASKED` points at a node, `INFER_UNASKED_ARGUMENT` at a constant that steers a tool which acts and
 * that the task does not say. Without a catalogue, tools are known by their names alone. Nodes without a tool, or with one that the catalogue
 * lacks, are not looked at. Nothing is remarked if there is no task.
 *
 * @example
 * const { remarks } = await reviewPlan(plan, catalogue, { task: "Pay the bill of December" });
 */
export async function reviewPlan(plan: Plan, catalogue: Catalogue | undefined, options: ReviewOptions = {}): Promise<Review> {
  const task = options.task ?? plan.task ?? "";
  const known = catalogue ?? catalogueByNames(plan);
  if (task.trim() === "" || known === undefined) return { remarks: [], scores: {} };
  const { context, embed } = options;
  const signs = await signsOf(plan, known, {
    task,
    ...(context === undefined ? {} : { context }),
    ...(embed === undefined ? {} : { embed }),
  });
  const scored = signs.map((one) => ({ ...one, score: scoreOf(one.signs) }));
  const ranked = scored.toSorted((one, other) => other.score - one.score);
  const remarks = ranked.flatMap((one) => {
    const [argument, node] = [argumentRemarks(one), one.score >= thresholdOf(one.signs) ? [nodeRemark(one)] : []];
    return [...node, ...argument];
  });
  return { remarks, scores: Object.fromEntries(scored.map(({ node, score }) => [node, score])) };
}

function catalogueByNames(plan: Plan): Catalogue | undefined {
  const names = new Set(Object.values(plan.nodes).flatMap(({ tool }) => (tool === undefined ? [] : [tool])));
  const read = readCatalogue([...names].map((name) => ({ name, inputSchema: { type: "object" } })));
  return read.ok ? read.value : undefined;
}

function weightsOf(signs: readonly number[]): ReviewWeights<string> {
  return signs.length > signNames.length ? meaningWeights : wordWeights;
}

function thresholdOf(signs: readonly number[]): number {
  return weightsOf(signs).threshold;
}

function scoreOf(signs: readonly number[]): number {
  const { bias, signs: weights } = weightsOf(signs);
  const names = [...signNames, ...vectorSignNames];
  const sum = signs.reduce((total, sign, at) => total + sign * (weights[names[at] ?? ""] ?? 0), bias);
  return Math.round(1_000 / (1 + Math.exp(-sum))) / 1_000;
}

type Scored = NodeSigns & { readonly score: number };

function nodeRemark(one: Scored): Remark {
  const { node, tool, score } = one;
  const reasons = reasonsOf(one);
  const message = `the task does not seem to ask for \`${shown(tool.name)}\`: ${reasons.join("; ")}`;
  return { ...base(one, ["nodes", node], message), code: "INFER_UNASKED", score };
}

function base({ node, clause }: Scored, path: readonly (string | number)[], message: string): Omit<Remark, "code" | "score"> {
  return {
    severity: "info",
    pointer: pointerOf(path),
    message: `${message}${clause === undefined ? "" : `; nearest words: \`${shown(clause.text)}\``}`,
    node,
    ...(clause === undefined ? {} : { nearest: { start: clause.start, end: clause.end, text: clause.text } }),
  };
}

/** What a person can check, in words; the sum of small signs where none stands out. */
function reasonsOf({ signs, constants, unwanted, tool }: Scored): readonly string[] {
  const sign = (name: (typeof signNames)[number]): number => signs[signNames.indexOf(name)] ?? 0;
  const unsaid = constants.filter(({ standing, role }) => standing === "unsaid" && role !== "content");
  const [first] = unsaid;
  const reasons: string[] = [];
  if (sign("named") < 0.34) reasons.push("hardly a word of that name is in it");
  if (unwanted.length > 0) reasons.push(`nothing in it asks for the effect \`${unwanted.join("`, `")}\``);
  if (first !== undefined)
    reasons.push(`${placeOf(first)} is not in it${unsaid.length > 1 ? `, nor are ${unsaid.length - 1} more` : ""}`);
  if (sign("twin") > 0) reasons.push(`another node of \`${shown(tool.name)}\` fits it better`);
  return reasons.length > 0 ? reasons : ["other tools are nearer to its words, and it says none of the node's values"];
}

function argumentRemarks(one: Scored): readonly Remark[] {
  return one.constants
    .filter((constant) => isUnasked(constant, one.tool))
    .map((constant) => ({ ...base(one, constant.path, argumentMessage(constant, one.tool)), code: "INFER_UNASKED_ARGUMENT" }));
}

function argumentMessage(constant: NodeConstant, tool: FrozenTool): string {
  return `${placeOf(constant)} steers \`${shown(tool.name)}\`, and the task does not say it`;
}

function placeOf({ place, value }: NodeConstant): string {
  return `\`${shown(place)}\` (\`${shown(String(value))}\`)`;
}

const shownMax = 80;

function shown(text: string): string {
  const line = oneLine(text).replaceAll("`", "'");
  return line.length <= shownMax ? line : `${line.slice(0, shownMax - 1)}…`;
}
