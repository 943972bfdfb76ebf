/**
 * A denied call as the search for changes looks at it: the plan, the calls before it, and the rule that did not fit.
 * Pure. Judges nothing.
 */
import type { SqlParser } from "../constraints/sql.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { roleOf } from "../catalogue/roles.ts";
import { canonicalJson } from "../json/canonical.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../json/value.ts";
import type { ArgRule, FrozenPlan, Plan, PlanNode, Role } from "../plan/plan.ts";
import { classOf, partsOf } from "../plan/walk.ts";
import type { LabelledCall } from "./labelled-replay.ts";
import type { Patch, Steps } from "./patch.ts";

/** A denied call under one plan. */
export interface Situation {
  readonly frozen: FrozenPlan;
  /** With qualified tool names. */
  readonly plan: Plan;
  /** Against which a changed plan is frozen; absent: tools are known by name only. */
  readonly catalogue: Catalogue | undefined;
  readonly params: JsonObject;
  /** Parsers of the dialects of SQL that the plan names. */
  readonly sql: readonly SqlParser[];
  /** The calls before, and last the one in question. */
  readonly calls: readonly LabelledCall[];
  readonly call: LabelledCall;
}

/** A change that may allow the call. */
export interface Edit {
  readonly patch: Patch;
  /** One sentence, lower case, no full stop: what it opens. */
  readonly opens: string;
  /** Bits of choice (log2) that it leaves to the agent or an attacker for each call; absent: they cannot be counted. */
  readonly bits?: number;
  /** How much it opens beside the bits, from 0 (nothing) to 9 (a protection is gone). */
  readonly rank: number;
  /** Of several changes with one family, in order, only the first that works is shown. */
  readonly family?: string;
  /** Parameters that the host would give instead; the plan itself may stay as it is. */
  readonly params?: JsonObject;
}

/** The rule of the argument that did not fit. */
export interface Spot {
  /** Name of the node's argument. */
  readonly argument: string;
  /** The argument with the members that lead to the rule, for people: `tags.row`. */
  readonly title: string;
  readonly node: string;
  /** From the plan to the rule. */
  readonly path: Steps;
  /** Absent where the plan does not mention the argument. */
  readonly rule: ArgRule | undefined;
  readonly sent: Json | undefined;
  readonly role: Role;
}

/** The node that came closest, with its name. */
export function nodeOf({ plan, call }: Situation): { readonly name: string; readonly node: PlanNode } | undefined {
  const { node: name } = call;
  const node = name !== null && Object.hasOwn(plan.nodes, name) ? plan.nodes[name] : undefined;
  return name === null || node === undefined ? undefined : { name, node };
}

/** Where the argument that did not fit stands in the plan, as deep as it can be told; `undefined` if no argument was the reason. */
export function spotOf(situation: Situation): Spot | undefined {
  const found = nodeOf(situation);
  const { argument: place, tool, sent: args } = situation.call;
  if (found === undefined || place === undefined) return undefined;
  const [argument = "", ...steps] = place.split("/");
  let rule = member(found.node.args as unknown as Json, argument) as unknown as ArgRule | undefined;
  let sent = member(args, argument);
  let path: Steps = ["nodes", found.name, "args", argument];
  let title = argument;
  for (const step of steps) {
    if (rule === undefined || classOf(rule) === "template") break;
    const inner = inside(sent, step);
    const part = partsOf(rule).find(({ name }) => String(name) === step);
    if (part === undefined && classOf(rule) !== "object") break;
    path = [...path, ...(part?.path ?? ["object", step])];
    rule = part?.rule;
    sent = inner;
    title = `${title}.${step}`;
  }
  const frozenTool = situation.frozen.tools[tool];
  const role = frozenTool === undefined ? "target" : roleOf(frozenTool, argument);
  return { argument, title, node: found.name, path, rule, sent, role };
}

function inside(value: Json | undefined, step: string): Json | undefined {
  return isArray(value) ? value[Number(step)] : isObject(value) ? member(value, step) : undefined;
}

/** Characters of a value in a sentence. */
const valueCharsMax = 60;

/** A value for a sentence: canonical JSON in back quotes, cut. */
export function shown(value: Json | undefined): string {
  const text = value === undefined ? "nothing" : canonicalJson(value);
  const cut = text.length <= valueCharsMax ? text : `${text.slice(0, valueCharsMax - 1)}…`;
  return `\`${cut.replaceAll("`", "'")}\``;
}

/** A value as the rule of a constant: scalars as they are, everything else in `const`. */
export function constantRule(value: Json): Json {
  return typeof value === "object" && value !== null ? { const: value } : value;
}
