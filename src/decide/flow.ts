/**
 * Flow rules, choices and audiences: may this data go into this call (stage 6)?
 * Pure. No I/O, no clock. See "Flow" in `src/README.md`.
 */
import type { Code } from "../codes.ts";
import { isArray, type Json } from "../json/value.ts";
import type { CompiledArg, CompiledFlow, CompiledNode } from "../plan/compile/compiled.ts";
import type { Audience, Role } from "../plan/plan.ts";
import { join, type Label } from "../taint/label.ts";
import { type FillScope, labelOfCode, labelOfNodeRead } from "./fill.ts";
import { audienceOf, covers, readyOf, type Step } from "./ready.ts";
import type { Run } from "./state.ts";

/** An argument, or a part of one, with its final value and label, the context already joined where it belongs. */
export interface LabelledArg {
  /** The argument that it is, or is part of. */
  readonly arg: CompiledArg;
  /** Absent: the argument was left out, which says something too. */
  readonly value: Json | undefined;
  readonly label: Label;
  readonly choices: readonly Choice[];
  readonly runs: readonly Run[];
  readonly isContext: boolean;
  /** What the caller said that it carries; part of `label`. */
  readonly given: Label | undefined;
}

/** A choice of the agent within an argument, its label after the endorsements around it. */
export interface Choice {
  readonly role: Role;
  readonly label: Label;
}

/** What a data-flow check found. */
export interface FlowDenial {
  readonly code: Code;
  readonly arg: string | undefined;
  /** Id of the flow rule, where one forbade it. */
  readonly rule: string | undefined;
  readonly label: Label;
}

/** The rules that ask for a human where others would deny. */
export interface FlowHold {
  readonly needsApproval: true;
}

/**
 * The first data-flow reason to deny the call, if there is one; else whether a rule wants a human to approve it. On a node whose calls a human
 * approves, choices are the human's: who approves has seen the very bytes.
 */
export function checkFlows(
  scope: FillScope & { readonly node: CompiledNode },
  all: readonly LabelledArg[],
): FlowDenial | FlowHold | undefined {
  return mayBeDenied(scope, all) ? findDenial(scope, all) : undefined;
}

/** Whether anything of a call needs a closer look: a label that a rule denies somewhere, a choice that may not be free, readers that are restricted. */
function mayBeDenied(scope: FillScope & { readonly node: CompiledNode }, args: readonly LabelledArg[]): boolean {
  const { context } = scope.state;
  const { steps, control, isMore, hasAudience } = readyOf(scope.program, scope.node);
  const isWary = context.isUntrusted || scope.given !== undefined;
  if (isMore || (context.denied & control) !== 0) return true;
  for (let i = 0; i < args.length; i++) {
    const { label, choices } = args[i] as LabelledArg;
    if ((label.denied & (steps[i] as Step).flows) !== 0 || (hasAudience && label.readers !== null)) return true;
    if (isWary) for (const choice of choices) if (choice.role !== "content") return true;
  }
  return false;
}

function findDenial(
  scope: FillScope & { readonly node: CompiledNode },
  all: readonly LabelledArg[],
): FlowDenial | FlowHold | undefined {
  const args = all.some(isSilent) ? all.filter((each) => !isSilent(each)) : all;
  const { context } = scope.state;
  if ((context.isUntrusted || scope.given !== undefined) && !scope.node.needsApproval) {
    for (const { arg, choices, given } of args) {
      // Labels that the caller told of one argument say nothing of another's choices.
      if (!context.isUntrusted && given?.isUntrusted !== true) continue;
      const label = choices.find((choice) => choice.role !== "content" && choice.label.isUntrusted)?.label;
      if (label !== undefined) return { code: "FLOW_CHOICE_UNTRUSTED", arg: arg.name, rule: undefined, label };
    }
  }
  let isHeld = false;
  for (const index of scope.node.flows) {
    const rule = scope.program.plan.flows[index] as CompiledFlow;
    const denial = checkRule(scope, args, rule);
    if (denial === undefined) continue;
    if (!rule.needsApproval) return denial;
    isHeld = true;
  }
  return checkAudience(scope.node, args) ?? (isHeld ? { needsApproval: true } : undefined);
}

/** A content that is left out goes nowhere; whatever steers the tool says something to it by not being there. */
function isSilent({ arg, value }: LabelledArg): boolean {
  return value === undefined && arg.roles.every((role) => role === "content");
}

function checkRule(
  scope: FillScope & { readonly node: CompiledNode },
  args: readonly LabelledArg[],
  rule: CompiledFlow,
): FlowDenial | undefined {
  const { labels } = scope.program;
  for (const { arg, label } of args) {
    if (covers(rule, arg) && labels.isDenied(label, rule.index))
      return { code: "FLOW_SINK_DENIED", arg: arg.name, rule: rule.id, label };
  }
  if (rule.roles?.has("control")) {
    const label = occurrenceLabel(scope, scope.node);
    if (labels.isDenied(label, rule.index)) return { code: "FLOW_CONTROL_DENIED", arg: undefined, rule: rule.id, label };
  }
  return undefined;
}

/** Label of the fact that the call happens: the agent's choice, the guard, and the loop's list. */
export function occurrenceLabel(scope: FillScope, node: CompiledNode): Label {
  const plain: FillScope = { ...scope, row: undefined };
  let label = scope.state.context;
  if (node.when !== undefined) label = join(label, labelOfCode(plain, node.when).label);
  if (node.each !== undefined) label = join(label, eachLabel(plain, node));
  return label;
}

function eachLabel(scope: FillScope, node: CompiledNode): Label {
  const { each } = node;
  if (each === undefined) return scope.state.context;
  let { label } = labelOfNodeRead(scope, each.read, { all: each.kind === "node" });
  if (each.kind === "from" && each.where !== undefined && each.where.params.length > 0)
    label = join(label, labelOfCode(scope, { ...each.where, item: false }).label);
  return label;
}

function checkAudience(node: CompiledNode, args: readonly LabelledArg[]): FlowDenial | undefined {
  const target = audienceOf(node);
  if (target === undefined || args.every(({ label }) => label.readers === null)) return undefined;
  const members = audienceMembers(target, args);
  for (const { arg, label } of args) {
    if (label.readers === null) continue;
    const mayRead = members?.every((member) => label.readers?.includes(member)) ?? false;
    if (!mayRead) return { code: "FLOW_AUDIENCE_DENIED", arg: arg.name, rule: undefined, label };
  }
  return undefined;
}

/** Who will read what is sent; `undefined` if that is everyone or cannot be told. */
function audienceMembers(audience: Audience, args: readonly LabelledArg[]): readonly string[] | undefined {
  if (audience === "public") return undefined;
  if (!("arg" in audience)) return audience;
  const members: Json[] = [];
  for (const name of typeof audience.arg === "string" ? [audience.arg] : audience.arg) {
    const value = args.find(({ arg }) => arg.name === name)?.value ?? [];
    if (isArray(value)) members.push(...value);
    else members.push(value);
  }
  // Nobody named is whoever the tool takes by default.
  const isNamed = members.length > 0 && members.every((member) => typeof member === "string");
  return isNamed ? (members as readonly string[]) : undefined;
}
