/**
 * What an approver reads before signing a plan: sentences, worst case first.
 * Pure. Names of the plan and its bounds only; free text of the author is shown as what it is.
 */
import type { JsonObject } from "../../../json/value.ts";
import type { Catalogue } from "../../../catalogue/catalogue.ts";
import { showPointer } from "../../../json/pointer.ts";
import type { Json } from "../../../json/value.ts";
import { catalogueOf } from "../../freeze-resolve.ts";
import { runsMax } from "../bits.ts";
import { flowSentence, grantSentence } from "./sentence.ts";
import type { LintSubject, ToolNode } from "../subject.ts";
import { type WorstCaseFlow, worstCaseOf } from "../flows/worst-case.ts";
import { subjectOf } from "../../lint.ts";
import type { Effect, FrozenPlan, Plan, ParamSpec } from "../../plan.ts";
import { parsePlan } from "../../schema.ts";
import { withEnvelope } from "../../envelope.ts";

/** Sentences of one kind before the rest is counted. Nobody reads more before signing. */
const sentencesMax = 50;

/**
 * One sentence a line, without full stops: first what untrusted data may steer or write (worst first), then what the plan changes in the
 * world and how often, then its bounds. A plan that cannot be parsed has one sentence, which says so.
 */
export function approvalSummary(plan: Plan | FrozenPlan, catalogue?: Catalogue): readonly string[] {
  const isFrozen = "kind" in plan && plan.kind === "sluice.frozen-plan";
  const parsed = parsePlan((isFrozen ? (plan as FrozenPlan).plan : plan) as unknown as Json);
  if (!parsed.ok) return ["this is not a plan: lint it first"];
  const known = isFrozen ? catalogueOf(plan as FrozenPlan) : catalogue;
  const subject = subjectOf(parsed.value, known, {});
  // What amendments may add by themselves is approved with the plan, so what may flow through it is told, too.
  const { plan: whole, names } = withEnvelope(parsed.value);
  const { flows, isCut } = worstCaseOf(names.length === 0 ? subject : subjectOf(whole, known, {}));
  const steering = flows.filter((flow) => flow.role !== "content");
  const writing = flows.filter((flow) => flow.role === "content");
  return [
    ...capped([...grouped(steering), ...grouped(writing)]),
    ...(isCut ? ["there are more flows than can be listed"] : []),
    ...(flows.length === 0 ? ["nothing untrusted reaches an argument of a tool"] : []),
    ...capped(subject.toolNodes.flatMap((node) => changeSentence(subject, node))),
    ...capped((parsed.value.envelope ?? []).map(grantSentence)),
    ...boundSentences(parsed.value),
  ];
}

/** Each sentence once, in order. */
function grouped(flows: readonly WorstCaseFlow[]): readonly string[] {
  return [...new Set(flows.map(flowSentence))];
}

function capped(sentences: readonly string[]): readonly string[] {
  const rest = sentences.length - sentencesMax;
  return rest <= 0 ? sentences : [...sentences.slice(0, sentencesMax), `and ${rest} more of this kind`];
}

const verbs: { readonly [E in Effect]?: string } = {
  write: "changes data",
  money: "moves money",
  message: "sends messages",
  execute: "runs code",
};

function changeSentence(subject: LintSubject, { name, node, tool }: ToolNode): readonly string[] {
  const does = tool.facts.effects.flatMap((effect) => verbs[effect] ?? []);
  if (does.length === 0) return [];
  const runs = runsMax(subject.plan.nodes, name);
  const often = runs === 1 ? "once" : `up to ${runs} times`;
  const asks = node.constraints?.approve === "human" ? ", each time after a human has approved" : "";
  return [`\`${name}\` ${does.join(", ")} with \`${tool.name}\`, ${often}${asks}`];
}

/** A parameter by its name, and how what is given for it is read. */
function paramPhrase(name: string, { read }: ParamSpec = {}): string {
  if (read === undefined) return `\`${name}\``;
  const { kind, currency, list }: JsonObject = typeof read === "string" ? { kind: read } : read;
  return `\`${name}\` (read as ${list === true ? "a list of " : ""}${String(kind)}${currency === undefined ? "" : ` in ${String(currency)}`})`;
}

function boundSentences(plan: Plan): readonly string[] {
  const { calls, seconds } = plan.limits ?? {};
  const time = seconds === undefined ? "" : ` within ${seconds} seconds`;
  const unlimited = seconds === undefined ? "no limit on the calls of a session" : `any number of calls${time}`;
  const sentences = [calls === undefined ? unlimited : `at most ${calls} calls${time}`];
  if (plan.notAfter !== undefined) sentences.push(`the plan ends at ${plan.notAfter}`);
  const params = Object.keys(plan.params ?? {}).sort();
  if (params.length > 0)
    sentences.push(`the host gives ${params.map((name) => paramPhrase(name, plan.params?.[name])).join(", ")}`);
  if (plan.task !== undefined) sentences.push(`the author says that the task is: ${showPointer(plan.task.replace(/\s+/g, " "))}`);
  return sentences;
}
