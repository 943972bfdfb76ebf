/**
 * Writes a plan in TypeScript: a reference to a node, parameter or tool that is not there does not compile.
 * Pure. Returns the plain plan; enforces nothing before it is frozen.
 */
import type { Json } from "../json/value.ts";
import type {
  ChooseRule,
  ConstRule,
  EachRule,
  ExprRule,
  EnvelopeEntry,
  FlowRule,
  FromRule,
  ItemRule,
  LabelSpec,
  Limits,
  ObjectRule,
  ParamRule,
  ParamSpec,
  Plan,
  PlanNode,
  TemplateRule,
  WriteRule,
} from "./plan.ts";
import { ConfigError } from "../result.ts";
import { parsePlan } from "./schema.ts";

/** `node$.path`, where the node is one of `Node`. */
export type Reference<Node extends string> = `${Node}$${string}`;

/** An argument rule that refers to these nodes and parameters only. */
export type RuleOf<Node extends string, Param extends string> =
  | null
  | boolean
  | number
  | string
  | readonly RuleOf<Node, Param>[]
  | ConstRule
  | (Omit<ParamRule, "param"> & { readonly param: Param })
  | (Omit<FromRule, "from"> & { readonly from: Reference<Node> })
  | ItemRule
  | ExprRule
  | (Omit<TemplateRule, "with"> & { readonly with?: { readonly [hole: string]: RuleOf<Node, Param> } })
  | ChooseRule
  | WriteRule
  | (Omit<ObjectRule, "object"> & { readonly object: { readonly [name: string]: RuleOf<Node, Param> } });

/** A node that refers to these nodes, parameters and tools only. */
export type NodeOf<Node extends string, Param extends string, Tool extends string> = Omit<
  PlanNode,
  "tool" | "args" | "after" | "each" | "within"
> & {
  readonly tool?: Tool;
  readonly args?: { readonly [name: string]: RuleOf<Node, Param> };
  readonly after?: readonly Node[];
  readonly each?: Node | (Omit<EachRule, "from"> & { readonly from: Reference<Node> });
};

/** Tools as a list of names, or of objects with a name (a catalogue's `tools`, written `as const`). */
export type ToolList = readonly (string | { readonly name: string })[];

/** The names by which a plan may call the tools of a list. */
export type ToolName<Tools extends ToolList> = Tools[number] extends infer Tool
  ? Tool extends string
    ? Tool
    : Tool extends { readonly name: infer Name extends string }
      ? Name | `${string}/${Name}`
      : never
  : never;

/**
 * Checks a plan as far as types can (names of nodes, parameters and, if a list of tools is given, tools) and, at run time, as
 * `parsePlan` does. Expressions are checked when the plan is linted or frozen. Throws `ConfigError` with every finding.
 *
 * @example
 * definePlan({
 *   sluice: 1,
 *   name: "greet",
 *   params: { who: { type: "string" } },
 *   nodes: {
 *     person: { tool: "people/find", args: { name: { param: "who" } } },
 *     mail: { tool: "mail/send", args: { to: { from: "person$.email" }, body: { write: { maxLength: 400 } } } },
 *   },
 * });
 */
export function definePlan<
  const Params extends { readonly [name: string]: ParamSpec },
  const Nodes extends { readonly [Name in keyof Nodes]: NodeOf<keyof Nodes & string, keyof Params & string, ToolName<Tools>> },
  const Tools extends ToolList = readonly string[],
>(
  plan: {
    readonly sluice: 1;
    readonly name: string;
    readonly task?: string;
    readonly description?: string;
    readonly notAfter?: string;
    readonly params?: Params;
    readonly labels?: { readonly [name: string]: LabelSpec };
    readonly limits?: Limits;
    readonly nodes: Nodes;
    readonly flows?: readonly FlowRule[];
    readonly envelope?: readonly EnvelopeEntry[];
  },
  _tools?: Tools,
): Plan {
  const parsed = parsePlan(plan as unknown as Json);
  if (!parsed.ok) throw new ConfigError("`definePlan` was given something that is not a plan", parsed.error);
  return parsed.value;
}
