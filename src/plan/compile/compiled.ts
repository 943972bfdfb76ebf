/**
 * What a frozen plan becomes for the engine: dense node indexes, compiled paths, expressions, patterns and templates.
 * Types only. Pure. No I/O, no clock.
 */
import type { SqlDialect, SqlParser } from "../../constraints/sql.ts";
import type { Json } from "../../json/value.ts";
import type { Expression } from "../../lang/expression.ts";
import type { Extract } from "../../lang/extract/extract.ts";
import type { Input } from "../../lang/input.ts";
import type { Match } from "../../lang/match.ts";
import type { Path } from "../../lang/path.ts";
import type { Template } from "../../lang/template/template.ts";
import type { CompiledResources } from "./resources.ts";
import type { Budget, FrozenPlan, FrozenTool, LabelSpec, Pick, Role, Window } from "../plan.ts";

/** A plan ready for the engine. */
export interface CompiledPlan {
  readonly frozen: FrozenPlan;
  /** In ascending order of name; a node's `index` is its place. */
  readonly nodes: readonly CompiledNode[];
  readonly byName: ReadonlyMap<string, CompiledNode>;
  readonly byTool: ReadonlyMap<string, readonly CompiledNode[]>;
  readonly params: ReadonlyMap<string, CompiledParam>;
  /** Declared labels: the catalogue's with the plan's on top. */
  readonly labels: { readonly [name: string]: LabelSpec };
  readonly flows: readonly CompiledFlow[];
  readonly limits: { readonly calls: number; readonly seconds: number; readonly maxBytes: number };
  /** Milliseconds since the epoch after which nothing is allowed, or infinity. */
  readonly notAfter: number;
  /** Hosts in the plan's constants and in the defaults of its parameters, for `write.links: "plan"`. */
  readonly hosts: readonly string[];
}

/** A session parameter. */
export interface CompiledParam {
  readonly name: string;
  readonly match: Match;
  /** How it is read when the session opens; absent: as it is given. */
  readonly input?: Input;
  readonly hasDefault: boolean;
  readonly default: Json;
}

/** A member name, an index, or `null` for a wildcard. */
export type PathStep = string | number | null;

/** What a rule, guard or loop reads of one node's results. */
export interface NodeRead {
  readonly node: number;
  /** The static prefix that is read; `[]` is the whole result. */
  readonly prefix: readonly (string | number)[];
  /** The steps of the path as far as they are names, indexes or wildcards (`null`). */
  readonly steps: readonly PathStep[];
  /** Whether the part read is hidden from the agent. */
  readonly isHidden: boolean;
  /** Whether the set of runs that is read is the agent's choice (see "Labels"). */
  readonly isVariable: boolean;
}

/** A compiled expression and what it reads. */
export interface CompiledExpression {
  readonly expression: Expression;
  /** Reads of nodes, `let` nodes included (as reads of the whole). */
  readonly nodes: readonly NodeRead[];
  /** Binding name → node, for the names that the expression uses directly. */
  readonly names: readonly { readonly name: string; readonly node: number }[];
  /** Nodes reached through `nodes["…"]`. */
  readonly indexed: readonly { readonly name: string; readonly node: number }[];
  /** Parameters that are read; `*` alone stands for all. */
  readonly params: readonly string[];
  readonly item: boolean;
  readonly args: boolean;
}

interface RuleBase {
  readonly match?: Match;
  readonly isOptional: boolean;
  readonly endorse?: { readonly from: readonly string[]; readonly to: string };
  readonly declassify?: { readonly from: readonly string[]; readonly to: readonly string[] | "public" };
  /** Whether the value follows from plan and state alone, so that the agent may omit it. */
  readonly isFilled: boolean;
  /** Whether the rule reads hidden data. */
  readonly isHidden: boolean;
  /** What the argument, or the part of it where the rule stands, is for. */
  readonly role: Role;
}

/** How a selected value is narrowed to one. */
export interface Selection {
  readonly path: Path;
  readonly pick: Pick | undefined;
  readonly extract: Extract | undefined;
  /** The value where there is none or several; `undefined`: a denial. */
  readonly otherwise: Json | undefined;
}

/** A compiled argument rule, by class. */
export type CompiledRule =
  | (RuleBase & { readonly kind: "const"; readonly value: Json })
  | (RuleBase & { readonly kind: "param"; readonly name: string })
  | (RuleBase & Selection & { readonly kind: "from"; readonly read: NodeRead; readonly where: CompiledExpression | undefined })
  | (RuleBase & Selection & { readonly kind: "item"; readonly read: NodeRead })
  | (RuleBase & { readonly kind: "expr"; readonly code: CompiledExpression })
  | (RuleBase & { readonly kind: "template"; readonly template: Template; readonly holes: readonly CompiledMember[] })
  | (RuleBase & { readonly kind: "choose"; readonly constraint: Match })
  | (RuleBase & { readonly kind: "write"; readonly maxLength: number; readonly links: "none" | "plan" | readonly string[] })
  | (RuleBase & { readonly kind: "object"; readonly members: readonly CompiledMember[] })
  | (RuleBase & { readonly kind: "list"; readonly elements: readonly CompiledRule[] });

/** A named part of an object rule or a template. */
export interface CompiledMember {
  readonly name: string;
  readonly rule: CompiledRule;
}

/** One argument of a node. */
export interface CompiledArg extends CompiledMember {
  readonly role: Role;
  /** Roles of the argument and of all its parts. */
  readonly roles: readonly Role[];
}

/** The rows of a loop. */
export type CompiledEach =
  | { readonly kind: "node"; readonly node: number; readonly read: NodeRead }
  | {
      readonly kind: "from";
      readonly node: number;
      readonly read: NodeRead;
      readonly path: Path;
      readonly max: number;
      readonly where: CompiledExpression | undefined;
    };

/** Constraints that the engine checks at run time. */
export interface CompiledConstraints {
  readonly maxBytes: number;
  /** Constraints by effect: one check for each argument that they bind. */
  readonly effects: readonly EffectCheck[];
  /** The dialect of SQL whose parser the checks ask for. */
  readonly dialect: SqlDialect | undefined;
  readonly needsApproval: boolean;
  readonly rate: { readonly calls: number; readonly windowMs: number } | undefined;
  readonly budgets: readonly CompiledBudget[];
}

/** What constraints by effect ask of one argument. */
export interface EffectCheck {
  readonly arg: string;
  /** Whether the final value keeps to them. `parser` is that of the node's dialect. */
  keeps(value: Json, parser: SqlParser | undefined): boolean;
}

/** A budget with its identity, which names its counter in a store. */
export interface CompiledBudget extends Budget {
  /** `node/place`, unique in the plan; or the name of a policy's budget. */
  readonly id: string;
  /** Whether all nodes that have a budget of this id count together. */
  readonly isShared: boolean;
  readonly windowMs: number;
}

/** A node ready for the engine. */
export interface CompiledNode {
  readonly index: number;
  readonly name: string;
  /** Absent on a `let` node. */
  readonly tool: FrozenTool | undefined;
  readonly let: CompiledExpression | undefined;
  readonly args: readonly CompiledArg[];
  readonly argNames: ReadonlySet<string>;
  /** Defaults of the tool's input schema, for arguments that the plan does not mention. */
  readonly defaults: ReadonlyMap<string, Json>;
  /** Label names of a result. */
  readonly labels: readonly string[];
  readonly parse: "json" | "yaml" | undefined;
  readonly removes: { readonly labels: readonly string[]; readonly regions: readonly (readonly string[])[] } | undefined;
  /** Validates a result against the tool's output schema, where the schema is within the vocabulary of `lang/match.ts`. */
  readonly output: Match | undefined;
  readonly min: number;
  readonly max: number;
  readonly each: CompiledEach | undefined;
  readonly when: CompiledExpression | undefined;
  readonly isOptional: boolean;
  readonly isIdempotent: boolean;
  readonly predecessors: readonly number[];
  /** Nodes that close this one when they start; empty unless it is optional. */
  readonly closers: readonly number[];
  readonly require: readonly CompiledExpression[];
  readonly constraints: CompiledConstraints;
  /** Constraints of a policy that hold beside the node's own. */
  readonly within: readonly CompiledConstraints[];
  /** Whether every call waits for a human, by the node's own constraints or those beside it. */
  readonly needsApproval: boolean;
  /** What the agent sees of a result, in effect. */
  readonly show: "all" | "none" | readonly Path[];
  /** Everything hidden that a check of the node may read: joined into the context when the verdict is delivered. */
  readonly hiddenReads: readonly NodeRead[];
  /** Resources that the tool reads and writes; absent: it touches none that anybody declared. */
  readonly resources: CompiledResources | undefined;
  /** Whether any rule refers to the result's value, so that it is kept. */
  readonly isReferred: boolean;
  /** Flow rules that speak about the node's tool (indexes into `CompiledPlan.flows`). */
  readonly flows: readonly number[];
}

/** A flow rule with compiled tool globs. */
export interface CompiledFlow {
  readonly index: number;
  readonly id: string;
  readonly tools: readonly string[];
  readonly args: ReadonlySet<string> | undefined;
  readonly roles: ReadonlySet<Role> | undefined;
  readonly covers: (tool: string) => boolean;
  /** Whether a human may approve what the rule would deny. */
  readonly needsApproval: boolean;
}

/** Milliseconds of each window. */
export const windowMs: { readonly [W in Window]: number } = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };
