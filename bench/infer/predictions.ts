/**
 * Predictions as lines of a file: what a calibration is fitted to, and what a person reads errors from.
 * Pure. Never writes data of the sets anywhere by itself.
 */
import type { JudgedDecision, JudgedProposal } from "../../src/infer/adapt/fit.ts";
import { isObject, type Json, type JsonObject } from "../../src/json/value.ts";
import { sameValue } from "../../src/infer/values/same-value.ts";
import { isGuessRight, judgedOf, type Prediction } from "./drafting.ts";
import type { EvalRow } from "./rows.ts";

/** A prediction as one line. */
export function predictionLine(prediction: Prediction): string {
  const { row, proposal, milliseconds } = prediction;
  const { drafted, isNone } = judgedOf(prediction);
  const judged = judgedProposal(prediction, groupOf(row));
  const line = {
    id: row.id,
    task: row.task,
    milliseconds: Math.round(milliseconds * 10) / 10,
    confidence: proposal.confidence,
    abstentions: proposal.abstentions.map(({ code }) => code),
    isNone,
    drafted: drafted as unknown as Json,
    gold: row.gold as unknown as Json,
    judged: judged as unknown as Json,
  };
  return `${JSON.stringify(line)}\n`;
}

/** The set, and the domain of its services or catalogue: what a calibration must hold for beyond. */
function groupOf({ set, id }: EvalRow): string {
  return set === "traject" ? `${set} ${id.split("/")[2] ?? ""}` : set;
}

/**
 * What a calibration is fitted to: each decision, and whether it was right. Decisions about arguments count only where their tool is right: of the
 * others nobody knows what would be.
 */
export function judgedProposal(prediction: Prediction, group: string): JudgedProposal {
  const { row, proposal } = prediction;
  const decisions = (proposal.decisions ?? []).filter(({ kind }) => kind !== "none");
  const none = proposal.decisions?.find(({ kind }) => kind === "none")?.probability;
  const rest = { group, hasTool: row.gold.calls.length > 0, isRight: isGuessRight(prediction) };
  const judged = decisions.flatMap((decision): readonly JudgedDecision[] => {
    const isRight = isDecisionRight(decision, prediction);
    const { kind, probability } = decision;
    return [{ kind, probability, ...(isRight === undefined ? { isRight: rest.isRight } : { isRight }) }];
  });
  return none === undefined ? { ...rest, decisions: judged } : { ...rest, decisions: judged, none };
}

type PlannerDecision = NonNullable<Prediction["proposal"]["decisions"]>[number];

/** Whether a decision is what the right plan says; `undefined` where that cannot be known. */
function isDecisionRight({ kind, call, path }: PlannerDecision, { row, proposal }: Prediction): boolean | undefined {
  const { gold } = row;
  const drafted = proposal.calls[call ?? -1];
  if (kind === "tools") {
    const ours = new Set(proposal.calls.map(({ tool }) => tool.name));
    const theirs = new Set(gold.calls.map(({ tool }) => tool));
    return ours.size === theirs.size && [...ours].every((tool) => theirs.has(tool));
  }
  if (drafted === undefined) return undefined;
  const wanted = gold.calls.filter(({ tool }) => tool === drafted.tool.name);
  if (kind === "count") return proposal.calls.filter(({ tool }) => tool.name === drafted.tool.name).length === wanted.length;
  if (wanted.length === 0 || !gold.hasArgs || path === undefined) return undefined;
  const place = `${drafted.tool.name}.${path[0] ?? ""}`;
  const known = wanted.map(({ args }) => valueAt(args, path));
  const source = drafted.args.find((argument) => sameText(argument.path, path))?.source;
  if (kind === "words" || kind === "listed")
    return (
      source?.kind === "constant" &&
      known.some((value) => value !== undefined && (sameValue(value, source.value) || holds(value, source.value)))
    );
  if (kind === "result") return row.flows.has(place);
  if (row.flows.has(place)) return false;
  return known.every((value) => value === undefined) || known.some((value) => value === undefined);
}

function sameText(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((part, at) => part === other[at]);
}

/** The right value at the path of an argument; of a list of objects, those of all its elements. */
function valueAt(args: Readonly<Record<string, Json>>, path: readonly string[]): Json | undefined {
  let values: readonly Json[] = [args as JsonObject];
  for (const name of path)
    values = values.flatMap((value): readonly Json[] => {
      if (name === "[]") return Array.isArray(value) ? value : [value];
      return isObject(value) && Object.hasOwn(value, name) ? [value[name] as Json] : [];
    });
  return values.length > 1 ? values : values[0];
}

function holds(value: Json, part: Json): boolean {
  return Array.isArray(value) && value.some((element: Json) => sameValue(element, part));
}
