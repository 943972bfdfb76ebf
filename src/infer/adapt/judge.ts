/**
 * A proposal beside the right plan: which of its decisions were right, and whether all of it is.
 * Pure. Never guesses what the right plan does not say.
 */
import { isArray, isObject, type Json, type JsonObject } from "../../json/value.ts";
import type { PlannerDecision, Proposal } from "../proposal.ts";
import { sameValue } from "../values/same-value.ts";
import type { JudgedDecision, JudgedProposal } from "./fit.ts";
import { compareOutlines, outlineOf, type RightOutline } from "./outline.ts";

/** What is known to be right. */
export interface RightPlan {
  readonly right: RightOutline;
  /** `tool.argument` of arguments that come from results. */
  readonly flows: ReadonlySet<string>;
}

/** Whether the best guess is right, whatever was abstained from. */
export function isGuessRight(proposal: Proposal, { right }: RightPlan): boolean {
  return right.calls.length > 0 && compareOutlines(outlineOf(proposal), right).isExact;
}

/** What a calibration is fitted to. */
export function judgeProposal(proposal: Proposal, known: RightPlan, { group }: { readonly group: string }): JudgedProposal {
  const isRight = isGuessRight(proposal, known);
  const none = proposal.decisions?.find(({ kind }) => kind === "none")?.probability;
  const decisions = (proposal.decisions ?? [])
    .filter(({ kind }) => kind !== "none")
    .map((decision): JudgedDecision => {
      const { kind, probability } = decision;
      const judgement = isDecisionRight(decision, proposal, known);
      return judgement === undefined ? { kind, probability } : { kind, probability, isRight: judgement };
    });
  const partial = known.right.hasArgs ? {} : ({ isPartial: true } as const);
  const judged = { group, hasTool: known.right.calls.length > 0, isRight, decisions, ...partial };
  return none === undefined ? judged : { ...judged, none };
}

/** Whether a decision is what the right plan says; `undefined` where that cannot be known. */
function isDecisionRight(decision: PlannerDecision, { calls }: Proposal, { right, flows }: RightPlan): boolean | undefined {
  const { kind, call, path } = decision;
  if (kind === "tools") {
    const ours = new Set(calls.map(({ tool }) => tool.name));
    const theirs = new Set(right.calls.map(({ tool }) => tool));
    return ours.size === theirs.size && [...ours].every((tool) => theirs.has(tool));
  }
  const drafted = calls[call ?? -1];
  if (drafted === undefined) return undefined;
  const { name } = drafted.tool;
  const wanted = right.calls.filter(({ tool }) => tool === name);
  if (kind === "count") return calls.filter(({ tool }) => tool.name === name).length === wanted.length;
  if (wanted.length === 0 || !right.hasArgs || path === undefined) return undefined;
  const isFlow = flows.has(`${name}.${path[0] ?? ""}`);
  if (kind === "result") return isFlow;
  const values = wanted.map(({ args }) => valueAt(args, path));
  if (kind === "absent" || kind === "ask") return !isFlow && values.some((value) => value === undefined);
  const source = drafted.args.find((argument) => argument.path.join("\n") === path.join("\n"))?.source;
  return source?.kind === "constant" && values.some((value) => value !== undefined && isPart(source.value, value));
}

/** The right value at the path of an argument; of a list of objects, those of all its elements. */
function valueAt(args: JsonObject, path: readonly string[]): Json | undefined {
  let values: readonly Json[] = [args];
  for (const name of path) {
    values = values.flatMap((value): readonly Json[] => {
      if (name === "[]") return isArray(value) ? value : [value];
      return isObject(value) && Object.hasOwn(value, name) ? [value[name] as Json] : [];
    });
  }
  return values.length > 1 ? values : values[0];
}

/** Whether a value is the right one, or one of the right ones. */
function isPart(value: Json, right: Json): boolean {
  return sameValue(value, right) || (isArray(right) && right.some((element) => sameValue(value, element)));
}
