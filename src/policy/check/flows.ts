/**
 * Where data that a policy forbids can come under a plan: past endorsements that the rule does not accept, and around its sanitizers.
 * Pure. An error is what the plan's own references do; what only the agent could do is denied at run time, and said as information.
 */
import { pointerOf } from "../../json/pointer.ts";
import type { Finding } from "../../plan/finding.ts";
import type { FlowRule, FrozenPlan } from "../../plan/plan.ts";
import { optionsOf, rulesOf } from "../../plan/walk.ts";
import type { Policy, PolicyFlow, Sanitizer } from "../policy.ts";
import {
  type Arrival,
  isAgentShaped,
  launderedResources,
  openReach,
  type Reach,
  type ReachRule,
  type ReachSubject,
  reachOf,
} from "../reach.ts";
import { coveredArguments, isNamed, type ToolNode } from "../select.ts";
import { isUntrustedLabel } from "../tighten/approvals.ts";

/** A flow rule or a sanitizer as one thing: what is followed, where it must not come, and what stops it. */
interface Guarded {
  readonly code: "POLICY_FLOW" | "POLICY_SANITIZER";
  readonly id: string;
  readonly deny: readonly string[];
  readonly to: string | readonly string[];
  readonly args?: readonly string[];
  readonly roles?: NonNullable<FlowRule["roles"]>;
  readonly accepts: readonly string[];
  /** Globs of the tools whose `removes` counts; absent: any. */
  readonly through?: string | readonly string[];
  /** The call waits for a human instead of being denied, so that the plan may have it. */
  readonly isAsked: boolean;
}

/** `POLICY_FLOW`, `POLICY_SANITIZER`, `POLICY_ENDORSE` and `POLICY_FLOW_RUNTIME` of a tightened plan. */
export function checkFlows(frozen: FrozenPlan, policy: Policy, before: FrozenPlan["tools"]): readonly Finding[] {
  const rules = [...(policy.flows ?? []).map(ofFlow), ...(policy.sanitizers ?? []).map(ofSanitizer)];
  if (rules.length === 0) return [];
  const subject = openReach(frozen, before);
  return rules.flatMap((rule) => checkRule(subject, rule));
}

function ofFlow({ id, deny, to, args, roles, accepts, approve }: PolicyFlow): Guarded {
  const where = { to, ...(args && { args }), ...(roles && { roles }) };
  return { code: "POLICY_FLOW", id, deny, ...where, accepts: accepts ?? [], isAsked: approve === "human" };
}

function ofSanitizer({ id, labels, to, args, roles, through }: Sanitizer): Guarded {
  const where = { to, ...(args && { args }), ...(roles && { roles }) };
  return { code: "POLICY_SANITIZER", id, deny: labels, ...where, accepts: [], through, isAsked: false };
}

function checkRule(subject: ReachSubject, rule: Guarded): readonly Finding[] {
  const sinks = [...subject.toolNodes.values()].filter(({ tool }) => isNamed(rule.to, tool.name));
  if (sinks.length === 0) return [];
  const isFollowed = (label: string): boolean =>
    rule.deny.includes(label) || (rule.deny.includes("untrusted") && isUntrustedLabel(subject.frozen, label));
  const accepted: ReachRule = {
    isFollowed,
    acceptsEndorsement: (to) => rule.accepts.includes(to),
    acceptsRemoval: (tool) => rule.through === undefined || isNamed(rule.through, tool),
  };
  const engine = reachOf(subject, { isFollowed, acceptsEndorsement: () => true, acceptsRemoval: () => true });
  const first = reachOf(subject, accepted);
  const brought = launderedResources(subject, first, engine);
  const strict = brought.length === 0 ? first : reachOf(subject, accepted, brought);
  const known = new Set(engine.shown.map(({ node, arrival }) => `${node} ${arrival.label}`));
  const laundered = strict.shown.find(({ node, arrival }) => !known.has(`${node} ${arrival.label}`));
  return sinks.flatMap((sink) => [
    ...coveredArguments(rule, sink).flatMap((arg) =>
      checkArgument(subject, { rule, isFollowed, strict, engine, laundered }, { sink, arg }),
    ),
    ...(rule.roles?.includes("control") === true ? checkControl({ rule, isFollowed, strict, engine, laundered }, sink) : []),
  ]);
}

interface Followed {
  readonly rule: Guarded;
  readonly isFollowed: (label: string) => boolean;
  readonly strict: Reach;
  /** The same with every downgrade of the plan: what the engine will see at most. */
  readonly engine: Reach;
  /** What the agent may be shown of followed data that the engine no longer takes for such. */
  readonly laundered: Reach["shown"][number] | undefined;
}

function checkArgument(
  subject: ReachSubject,
  followed: Followed,
  { sink, arg }: { readonly sink: ToolNode; readonly arg: string },
): readonly Finding[] {
  const { strict } = followed;
  const pointer = pointerOf(["nodes", sink.name, "args", arg]);
  const what = `\`${arg}\` of \`${sink.tool.name}\``;
  const arrivals = strict.into(sink.name, arg);
  if (arrivals.length > 0) return arrivals.map((arrival) => arrived(followed, arrival, { node: sink.name, arg, pointer, what }));
  if (!isAgentShaped(subject, sink, arg)) return [];
  const endorsed = endorsedHere(followed.rule, sink, arg).find((label) => followed.isFollowed(label));
  if (endorsed === undefined) return fromConversation(followed, pointer, what);
  const message = `the agent may carry data labelled \`${endorsed}\`, which the argument endorses, to ${what}: the policy's rule \`${followed.rule.id}\` accepts no such endorsement`;
  return [{ code: "POLICY_ENDORSE", severity: "error", pointer, message }];
}

/** Labels that an argument, or a part of it, endorses to one that the rule does not accept. */
function endorsedHere(rule: Guarded, { name, node }: ToolNode, arg: string): readonly string[] {
  return rulesOf(name, node).flatMap(({ path, rule: visited }) => {
    const { endorse } = optionsOf(visited);
    if (endorse === undefined || path[3] !== arg || rule.accepts.includes(endorse.to as string)) return [];
    return typeof endorse.from === "string" ? [endorse.from] : endorse.from;
  });
}

function checkControl(followed: Followed, { name, tool }: ToolNode): readonly Finding[] {
  const pointer = pointerOf(["nodes", name]);
  const what = `whether \`${tool.name}\` is called`;
  const arrivals = followed.strict.into(name, undefined);
  if (arrivals.length === 0) return fromConversation(followed, pointer, what);
  return arrivals.map((arrival) => arrived(followed, arrival, { node: name, arg: undefined, pointer, what }));
}

/** A way that the plan itself has. Where the engine sees the label as well, a rule that asks a human may have it. */
function arrived({ rule, engine }: Followed, arrival: Arrival, place: Place): Finding {
  const { pointer } = place;
  const isSeen = engine.into(place.node, place.arg).some(({ label }) => label === arrival.label);
  const message = reaches(rule, arrival, place.what);
  if (!rule.isAsked || !isSeen) return { code: rule.code, severity: "error", pointer, message };
  return { code: "POLICY_FLOW_RUNTIME", severity: "info", pointer, message: `${message} without a human` };
}

interface Place {
  readonly node: string;
  /** Absent: whether the node runs at all. */
  readonly arg: string | undefined;
  readonly pointer: string;
  readonly what: string;
}

/** What the agent may do with what it was shown: denied at run time, unless the engine was made to forget where it came from. */
function fromConversation({ rule, strict, laundered }: Followed, pointer: string, what: string): readonly Finding[] {
  if (laundered !== undefined) {
    const { arrival, node } = laundered;
    const message = `the agent may carry data labelled \`${arrival.label}\` from \`${node}\`, where the plan takes the label away, to ${what}: the policy's rule \`${rule.id}\` accepts no such ${rule.through === undefined ? "endorsement" : "endorsement or sanitizer"}`;
    return [{ code: "POLICY_ENDORSE", severity: "error", pointer, message }];
  }
  const labels = [...new Set(strict.shown.map(({ arrival }) => `\`${arrival.label}\``))].sort();
  if (labels.length === 0) return [];
  const message = `once the agent has read ${labels.slice(0, 8).join(", ")}, the policy's rule \`${rule.id}\` denies the call at ${what}`;
  return [{ code: "POLICY_FLOW_RUNTIME", severity: "info", pointer, message }];
}

function reaches(rule: Guarded, { label, from, via }: Arrival, what: string): string {
  const way = via.length === 0 ? "" : ` through ${via.map((name) => `\`${name}\``).join(", ")}`;
  const says = `data labelled \`${label}\` from \`${from}\` reaches ${what}${way}`;
  if (rule.through === undefined) return `${says}: the policy's rule \`${rule.id}\` forbids it`;
  const tools = typeof rule.through === "string" ? [rule.through] : rule.through;
  return `${says}: by the policy's rule \`${rule.id}\` it must pass a node of ${tools.map((tool) => `\`${tool}\``).join(" or ")} that removes the label`;
}
