/**
 * The plan language as types: what a plan author writes (`Plan`) and what freezing makes of it (`FrozenPlan`).
 * Pure. No I/O, no clock. Types only: the meaning is in `src/README.md`, "Meaning of a plan".
 */
import type { Json, JsonObject } from "../json/value.ts";

/** A plan as written (version 1): a DAG of permitted tool calls. Nothing is enforced before it is frozen. */
export interface Plan {
  readonly sluice: 1;
  readonly name: string;
  /** The task in the user's words. Shown to the approver; never read by a rule. */
  readonly task?: string;
  readonly description?: string;
  /** RFC 3339 instant after which the plan allows nothing. */
  readonly notAfter?: string;
  readonly params?: { readonly [name: string]: ParamSpec };
  readonly labels?: { readonly [name: string]: LabelSpec };
  readonly limits?: Limits;
  readonly nodes: { readonly [name: string]: PlanNode };
  readonly flows?: readonly FlowRule[];
  /**
   * Calls that amendments may add by themselves, each spent once over all of them. A plan that has one, empty or not, keeps its results, so
   * that an amendment can refer to what was read before it.
   */
  readonly envelope?: readonly EnvelopeEntry[];
}

/** The shape of a node that an amendment may add without a human: the tool, and rules that the rules of its arguments keep within. */
export interface EnvelopeEntry {
  readonly tool: string;
  readonly description?: string;
  /** A bare constraint is written as `{ choose: … }`. Arguments that are not here are not sent. */
  readonly args?: { readonly [name: string]: ArgRule };
  /** Runs of all nodes that spend the entry, together. Default 1. */
  readonly times?: number;
}

/**
 * A typed input of the session, in the closed JSON Schema vocabulary of `lang/match.ts`, and `default`, `description`.
 * The host gives it from the user; it is checked once, when the session opens.
 */
export interface ParamSpec {
  readonly type?: "string" | "number" | "integer" | "boolean" | "array" | "object";
  readonly default?: Json;
  readonly description?: string;
  /**
   * How the value is read when a session opens: `text`, `email`, `iban`, `date`, `instant`, `number`, `integer`, `amount`, or
   * `{ kind, locale?, currency?, list? }` (`lang/input.ts`). The default is read as well. Absent: the value is taken as it is.
   */
  readonly read?: string | JsonObject;
  readonly [keyword: string]: Json | undefined;
}

/** What a label name means. Readers are opt-in: a label without `readers` may be read by everyone. */
export interface LabelSpec {
  readonly integrity: "trusted" | "untrusted";
  readonly readers?: readonly string[];
  readonly description?: string;
}

/** Bounds of one session. */
export interface Limits {
  /** Allowed calls in all. */
  readonly calls?: number;
  /** Seconds from the opening of the session. */
  readonly seconds?: number;
  /** UTF-8 bytes of the canonical arguments of one call, and of one result. */
  readonly maxBytes?: number;
}

/** One permitted operation: a tool call (`tool`) or a pure computation (`let`). */
export interface PlanNode {
  /** `server/tool`, or a bare name that exactly one tool of the catalogue has. */
  readonly tool?: string;
  /** CEL. A node without a tool: its result is the value, available as soon as what it reads is settled. */
  readonly let?: string;
  readonly description?: string;
  readonly args?: { readonly [name: string]: ArgRule };
  /** Stand in for the labels of a tool that declares none; otherwise added to them. */
  readonly labels?: readonly string[];
  /** Stands in for the `parse` of a tool that declares none: how a textual result is read. */
  readonly parse?: "json" | "yaml";
  readonly removes?: Removal;
  /** Runs (of each row, under `each`). `n` means exactly n. Default 1. */
  readonly times?: number | { readonly min?: number; readonly max: number };
  /** `"node"`: once per run of that node. `{ from: "node$.path", max }`: once per selected row. */
  readonly each?: string | EachRule;
  /** CEL over results and parameters; the node may run only if it is true. */
  readonly when?: string;
  readonly optional?: boolean;
  readonly after?: readonly string[];
  /** CEL over `args`, `params`, `item` and results: conditions across arguments. All must be true. */
  readonly require?: readonly string[];
  readonly constraints?: Constraints;
  /** Constraints that hold beside the node's own: made by a policy, and no member of a plan that is read. */
  readonly within?: readonly Constraints[];
  /** What the agent sees of the result: all of it (default), nothing, or only the parts at these paths. */
  readonly show?: "all" | "none" | readonly string[];
}

/** A bounded loop over the rows that a path selects in the results of another node. */
export interface EachRule {
  /** `node$.path`. A singular path that selects one array means its elements. */
  readonly from: string;
  /** More rows than this deny every call of the node. */
  readonly max: number;
  /** CEL over `item` and `params`: keeps the rows for which it is true. */
  readonly where?: string;
}

/** Labels that a sanitizing node takes away, at named output paths that the tool's `outputSchema` bounds. */
export interface Removal {
  readonly labels: readonly string[];
  readonly paths: readonly string[];
}

/** Constraints by effect. What they mean for each tool is in `src/README.md`. */
export interface Constraints {
  readonly readOnly?: boolean;
  readonly noExternalNetwork?: boolean;
  /** UTF-8 bytes of the canonical arguments of one call, and of one result. */
  readonly maxBytes?: number;
  /** Hosts (exact, with a port, or `*.suffix`) that every URL or host among the `target` arguments must have. */
  readonly hosts?: readonly string[];
  /** Path prefixes (normalised, absolute or relative as written) that every `target` argument must lie under. */
  readonly paths?: readonly string[];
  /** Exact addresses, and domains (exact or `*.suffix`), that every text among the `target` arguments must be or have. */
  readonly emails?: readonly string[];
  readonly domains?: readonly string[];
  readonly sql?: {
    /** Whose own parser reads the statement; absent: what every dialect reads alike. */
    readonly dialect?: "postgres" | "sqlite" | "mysql";
    /** First words, and those of statements inside. */
    readonly statements: readonly string[];
    readonly tables?: readonly string[];
    /** By table, or as `table.column`; asks for a dialect. */
    readonly columns?: { readonly [table: string]: readonly string[] } | readonly string[];
    /** Absent: none. */
    readonly functions?: readonly string[];
  };
  /** Programs that a command may run (exact first words), and the options that they may be given. */
  readonly argv?: { readonly programs: readonly string[]; readonly options?: readonly string[] };
  /** Name of the sandbox that the tool runs in: the operator's word, which Sluice does not see. */
  readonly sandbox?: string;
  /** Failed runs do not count: the node may be tried again. */
  readonly idempotent?: boolean;
  readonly approve?: "human";
  readonly rate?: { readonly calls: number; readonly per: Window };
  readonly budget?: Budget | readonly Budget[];
}

/** A sliding window of time. */
export type Window = "second" | "minute" | "hour" | "day";

/** A bound on the number of runs or on the sum of an argument, reserved before and settled after the call. */
export interface Budget {
  /** Name of the numeric argument that is summed; absent: calls are counted. */
  readonly sum?: string;
  readonly max: number;
  /** Sliding window; absent: for as long as the scope lives. */
  readonly per?: Window;
  /** Default `session`. */
  readonly scope?: "session" | "principal" | "plan";
  /** Name of the counter that all nodes share which are held to a policy's budget. Set where a policy is applied; no plan may say it. */
  readonly id?: string;
}

/** A data-flow rule: data that came from any of `deny` never reaches the tools of `to`. */
export interface FlowRule {
  readonly id: string;
  /** Label names; `untrusted` stands for every label of that integrity. */
  readonly deny: readonly string[];
  /** Tool name globs (`broker/*`). */
  readonly to: string | readonly string[];
  /** Only these arguments (names); default all. */
  readonly args?: readonly string[];
  /** Instead of a denial: the call waits until a human has approved its very bytes. */
  readonly approve?: "human";
  /** Only arguments of these roles; `control` means that the call happens at all. Default: every role but `control`. */
  readonly roles?: readonly Role[];
  readonly description?: string;
}

/** What an argument is for (PACT, arXiv 2605.11039). All but `content` steer the tool. */
export type Role = "target" | "command" | "credential" | "selector" | "control" | "content";

/** Effects of a tool, declared or inferred. */
export type Effect = "read" | "write" | "network" | "money" | "message" | "execute";

/** Raises the integrity of one argument: its sources `from` become `to`. Bounded at freeze, logged at run time. */
export interface Downgrade {
  readonly from: string | readonly string[];
  /** `endorse`: a declared trusted label. `declassify`: readers that are added, or `"public"`. */
  readonly to: string | readonly string[];
  readonly why: string;
}

/** Members that any rule object may carry. */
export interface RuleOptions {
  /** Constraint on the final value, in the vocabulary of `lang/match.ts`. */
  readonly match?: JsonObject;
  /** The argument may be absent. A rule that is filled in is then left out if nothing is selected. */
  readonly optional?: boolean;
  readonly endorse?: Downgrade;
  readonly declassify?: Downgrade;
}

/** One of several values, or of several rows. */
export type Pick = "first" | "last" | "agent";

/** A value that is frozen with the plan. */
export interface ConstRule extends RuleOptions {
  readonly const: Json;
}
/** A parameter of the session. */
export interface ParamRule extends RuleOptions {
  readonly param: string;
}
/** Exactly one value out of an earlier result, or what `pick` says of several. Sluice fills it in. */
export interface FromRule extends RuleOptions {
  /** `node$.path` (JSONPath, RFC 9535). */
  readonly from: string;
  /** CEL over `item` (each selected value) and `params`. */
  readonly where?: string;
  readonly pick?: Pick;
  /** A published grammar (`lang/extract`) over the selected text. */
  readonly extract?: string | JsonObject;
  /** The value where there is none, or several without `pick`: read by the approver, and labelled as what was looked at. */
  readonly otherwise?: Json;
}
/** A value of the current row of a loop. */
export interface ItemRule extends RuleOptions {
  /** `$.path` in the current row of `each`. */
  readonly item: string;
  readonly pick?: Pick;
  readonly extract?: string | JsonObject;
  readonly otherwise?: Json;
}
/** The value of a CEL expression over parameters, results and the current row. */
export interface ExprRule extends RuleOptions {
  readonly expr: string;
}
/** A text of a known grammar with holes; every value is encoded for its hole. */
export interface TemplateRule extends RuleOptions {
  readonly template: "sql" | "url" | "path" | "argv" | "header" | "text";
  readonly text: string;
  /** One rule for each hole, of the classes that Sluice fills in: a choice could not be read back from the text. */
  readonly with?: { readonly [hole: string]: ArgRule };
}
/** The agent chooses within a constraint, in the vocabulary of `lang/match.ts`. */
export interface ChooseRule extends RuleOptions {
  readonly choose: JsonObject;
}
/** The agent writes. */
export interface WriteRule extends RuleOptions {
  readonly write: WriteSpec;
}
/** Free text of the agent. */
export interface WriteSpec {
  /** Code points. */
  readonly maxLength?: number;
  /** Hosts of links in the text: none, those that occur in the plan's own values, or a list. Default `plan`. */
  readonly links?: "none" | "plan" | readonly string[];
}
/** An object whose members follow rules of their own; other members are denied. */
export interface ObjectRule extends RuleOptions {
  readonly object: { readonly [name: string]: ArgRule };
}

/** How one argument gets its value: exactly one class (DESIGN §2). A list is a list of rules, one for each element. */
export type ArgRule =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly ArgRule[]
  | ConstRule
  | ParamRule
  | FromRule
  | ItemRule
  | ExprRule
  | TemplateRule
  | ChooseRule
  | WriteRule
  | ObjectRule;

/** A tool as frozen with a plan: the definition that was seen, and what was declared or inferred about it. */
export interface FrozenTool {
  /** `server/tool`. */
  readonly name: string;
  /** The MCP definition, as given (name, title, description, inputSchema, outputSchema, annotations, `sluice`). */
  readonly definition: JsonObject;
  readonly facts: ToolFacts;
}

/** Who reads what a tool sends. */
export type Audience = readonly string[] | { readonly arg: string | readonly string[] } | "public";

/** A resource that a tool reads or writes. */
export interface ResourceSpec {
  /** A kind, a colon, and text with arguments in braces: `file:{path}`. */
  readonly template: string;
  /** Default: by the tool's effects. */
  readonly access?: "read" | "write" | "both";
}

/** What Sluice holds true of a tool. `inferred` names the members that nobody declared. */
export interface ToolFacts {
  /** Label names of the result; absent: nobody declared any, so the result is `unknown`. */
  readonly labels?: readonly string[];
  readonly effects: readonly Effect[];
  readonly roles: { readonly [arg: string]: Role };
  /** Who reads what is sent: principals, the arguments that name them (together: `to`, `cc`, `bcc`), or everyone. Absent: nobody outside. */
  readonly audience?: Audience;
  readonly parse?: "json" | "yaml";
  /** What it reads or writes, by name: labels are kept under it, also over sessions. */
  readonly resource?: string | ResourceSpec | readonly (string | ResourceSpec)[];
  readonly inferred: readonly string[];
}

/** A plan that can be enforced: checked, resolved against its catalogue, and named by its digest. Deeply frozen. */
export interface FrozenPlan {
  readonly kind: "sluice.frozen-plan";
  readonly version: 1;
  /** `sha256:` and 64 hex digits, over the plan, the tools it uses and their servers' identities. */
  readonly digest: string;
  /** The plan with tool names qualified. */
  readonly plan: Plan;
  /** Every tool that the plan uses, by qualified name. */
  readonly tools: { readonly [name: string]: FrozenTool };
  /** Identity of each server that the plan uses, by server name, as the catalogue gives it. */
  readonly servers: { readonly [name: string]: Json };
  /** Labels declared by the catalogue; those of the plan come on top. */
  readonly labels: { readonly [name: string]: LabelSpec };
  /** The organisation's policies that the plan was checked against, composed; within the digest. */
  readonly policy?: FrozenPolicy;
  /** Compact JWS over the digest (RFC 7515, Ed25519 of RFC 8037), if the plan was signed. */
  readonly signature?: string;
  /** Approvals of people (compact JWS each, see `approval/plan.ts`); like the signature outside the digest. */
  readonly approvals?: readonly string[];
}

/** A policy as it is frozen with a plan: what `policyOf` of `policy/frozen.ts` gives back whole. */
export interface FrozenPolicy {
  readonly sluicePolicy: 1;
  readonly name: string;
}
