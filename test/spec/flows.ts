/**
 * Stage 6 of the reference interpreter: the agent's choices, the plan's flow rules, and who may read what is sent.
 * Never looks at a value but that of the argument which names the audience.
 */
import type { Code } from "../../src/codes.ts";
import { isObject, type Json, type JsonObject } from "../../src/json/value.ts";
import type { ArgRule, FrozenTool, PlanNode, Role } from "../../src/plan/plan.ts";
import type { Labelled } from "./arguments.ts";
import { bottom, isUntrusted, join, type Label, top } from "./labels.ts";
import { readOfRows } from "./session.ts";
import { contextOf, expression, labelOfRead, paramLabel, type View } from "./view.ts";

/** An argument that is there, or that says something by not being there. */
export interface Argument extends Labelled {
  readonly name: string;
  readonly rule: ArgRule;
  readonly roles: readonly Role[];
  /** What the caller said that it carries, after what the plan lowers there; part of `label`. */
  readonly given: Label;
}
/** A call whose arguments are final. */
export interface Checked {
  readonly node: PlanNode;
  readonly tool: FrozenTool;
  readonly args: JsonObject;
  readonly parts: readonly Argument[];
}

/** Why the flow of data forbids the call, if it does; `CALL_NEEDS_APPROVAL` if all that it asks for is a human. */
export function flowRefuses(view: View, call: Checked): Code | undefined {
  const { frozen } = view.session;
  const { node, tool, parts } = call;
  const context = contextOf(view);
  const isHumans = node.constraints?.approve === "human";
  const steering = parts.flatMap(({ choices, given }) =>
    isUntrusted(frozen, context) || isUntrusted(frozen, given) ? choices.filter(({ role }) => role !== "content") : [],
  );
  if (!isHumans && steering.some(({ label }) => isUntrusted(frozen, label))) return "FLOW_CHOICE_UNTRUSTED";
  const guard = node.when === undefined ? bottom : expression(view, node.when).label;
  const occurrence = join(context, guard, loopLabel(view, node));
  const refusals: Code[] = [];
  for (const rule of frozen.plan.flows ?? []) {
    if (![rule.to].flat().some((glob) => globMatches(glob, tool.name))) continue;
    const isDenied = (name: string): boolean =>
      (name === top && rule.deny.length > 0) ||
      rule.deny.includes(name) ||
      (rule.deny.includes("untrusted") && isUntrusted(frozen, { ...bottom, sources: [name] }));
    const concerns = ({ name, roles }: Argument): boolean =>
      (rule.args?.includes(name) ?? true) && (rule.roles === undefined || roles.some((role) => rule.roles?.includes(role)));
    const isAsking = rule.approve === "human";
    if (parts.some((part) => concerns(part) && part.label.sources.some(isDenied)))
      refusals.push(isAsking ? "CALL_NEEDS_APPROVAL" : "FLOW_SINK_DENIED");
    else if (rule.roles?.includes("control") === true && occurrence.sources.some(isDenied))
      refusals.push(isAsking ? "CALL_NEEDS_APPROVAL" : "FLOW_CONTROL_DENIED");
  }
  const denial = refusals.find((code) => code !== "CALL_NEEDS_APPROVAL");
  return denial ?? (audienceRefuses(call) ? "FLOW_AUDIENCE_DENIED" : refusals[0]);
}

/** Label of the list that a loop runs over. */
function loopLabel(view: View, { each }: PlanNode): Label {
  if (each === undefined) return bottom;
  const { session, now } = view;
  const where = typeof each === "string" ? undefined : each.where;
  return join(labelOfRead({ session, now }, readOfRows(each)), where === undefined ? bottom : paramLabel(view, where));
}

function audienceRefuses({ tool, args, parts }: Checked): boolean {
  const { effects } = tool.facts;
  const isOutside = effects.includes("network") || effects.includes("message");
  const audience = (tool.facts.audience ?? (isOutside ? "public" : undefined)) as Json | undefined;
  if (audience === undefined) return false;
  // Nobody named in an argument is whoever the tool takes by default.
  const named = isObject(audience) ? [audience.arg].flat().flatMap((arg) => args[arg as string] ?? []) : [audience].flat();
  const isNobody = audience === "public" || (isObject(audience) && named.length === 0);
  const mayRead = (readers: readonly string[]): boolean =>
    !isNobody && named.every((one) => typeof one === "string" && readers.includes(one));
  return parts.some(({ label: { readers } }) => readers !== "everyone" && !mayRead(readers));
}

/** `*` stands for any characters. */
function globMatches(glob: string, name: string): boolean {
  if (glob === "") return name === "";
  if (glob[0] === "*") return globMatches(glob.slice(1), name) || (name !== "" && globMatches(glob, name.slice(1)));
  return glob[0] === name[0] && globMatches(glob.slice(1), name.slice(1));
}
