/**
 * The one place that knows which parts an argument rule has: its class, its nested rules, and a visit of all of them.
 * Pure. Compiles nothing and judges nothing.
 */
import type { Json } from "../json/value.ts";
import type {
  ArgRule,
  ChooseRule,
  ConstRule,
  ExprRule,
  FromRule,
  ItemRule,
  ObjectRule,
  ParamRule,
  PlanNode,
  RuleOptions,
  TemplateRule,
  WriteRule,
} from "./plan.ts";

/** The class of a rule (DESIGN §2). A scalar is a `const`; a list of rules is a `list`, also if all of them are constants. */
export type RuleClass = "const" | "param" | "from" | "item" | "expr" | "template" | "choose" | "write" | "object" | "list";

/** A rule with its class, told apart by `kind`. A scalar constant comes as a `const` rule. */
export type ClassedRule =
  | { readonly kind: "const"; readonly rule: ConstRule }
  | { readonly kind: "param"; readonly rule: ParamRule }
  | { readonly kind: "from"; readonly rule: FromRule }
  | { readonly kind: "item"; readonly rule: ItemRule }
  | { readonly kind: "expr"; readonly rule: ExprRule }
  | { readonly kind: "template"; readonly rule: TemplateRule }
  | { readonly kind: "choose"; readonly rule: ChooseRule }
  | { readonly kind: "write"; readonly rule: WriteRule }
  | { readonly kind: "object"; readonly rule: ObjectRule }
  | { readonly kind: "list"; readonly rules: readonly ArgRule[] };

/** Tells the class of a rule of a parsed plan. */
export function classify(rule: ArgRule): ClassedRule {
  if (typeof rule !== "object" || rule === null) return { kind: "const", rule: { const: rule as Json } };
  if (isList(rule)) return { kind: "list", rules: rule };
  if (has(rule, "const")) return { kind: "const", rule: rule as ConstRule };
  if (has(rule, "param")) return { kind: "param", rule: rule as ParamRule };
  if (has(rule, "from")) return { kind: "from", rule: rule as FromRule };
  if (has(rule, "item")) return { kind: "item", rule: rule as ItemRule };
  if (has(rule, "expr")) return { kind: "expr", rule: rule as ExprRule };
  if (has(rule, "template")) return { kind: "template", rule: rule as TemplateRule };
  if (has(rule, "choose")) return { kind: "choose", rule: rule as ChooseRule };
  if (has(rule, "write")) return { kind: "write", rule: rule as WriteRule };
  return { kind: "object", rule: rule as ObjectRule };
}

/** The class of a rule of a parsed plan. */
export function classOf(rule: ArgRule): RuleClass {
  return classify(rule).kind;
}

/** The members that any rule object may carry; none for scalars and lists. */
export function optionsOf(rule: ArgRule): RuleOptions {
  return typeof rule === "object" && rule !== null && !isList(rule) ? rule : none;
}

const none: RuleOptions = Object.freeze({});

/** A rule inside a rule, with the steps that lead to it. */
export interface Part {
  /** Member name of an object, index of a list, or hole of a template. */
  readonly name: string | number;
  /** From the outer rule: `["object", name]`, `["with", hole]` or `[index]`. */
  readonly path: readonly (string | number)[];
  readonly rule: ArgRule;
}

/** The rules directly inside a rule: members of an object, elements of a list, holes of a template. Members in ascending UTF-16 order. */
export function partsOf(rule: ArgRule): readonly Part[] {
  const classed = classify(rule);
  switch (classed.kind) {
    case "list":
      return classed.rules.map((element, at) => ({ name: at, path: [at], rule: element }));
    case "object":
      return members("object", classed.rule.object);
    case "template":
      return members("with", classed.rule.with ?? {});
    default:
      return [];
  }
}

function members(step: string, rules: { readonly [name: string]: ArgRule }): readonly Part[] {
  return Object.keys(rules)
    .sort()
    .map((name) => ({ name, path: [step, name], rule: rules[name] as ArgRule }));
}

/** A rule of a node, however deep, and where it stands. */
export interface VisitedRule {
  /** Name of the argument that the rule belongs to. */
  readonly arg: string;
  /** From the plan: `["nodes", node, "args", arg, …]`. */
  readonly path: readonly (string | number)[];
  readonly rule: ArgRule;
  /** The argument, then the members of objects that lead here, dotted (`message.to`): what the catalogue's roles are keyed by. */
  readonly place: string;
  /** The rule that this one is part of; absent for the rule of the argument itself. */
  readonly parent?: ArgRule;
}

/** Every rule of a node, outer before inner, arguments in ascending UTF-16 order of their names. Depth is bounded by `ruleDepthMax`. */
export function rulesOf(name: string, node: PlanNode): readonly VisitedRule[] {
  const found: VisitedRule[] = [];
  const args = node.args ?? {};
  for (const arg of Object.keys(args).sort()) {
    const path = ["nodes", name, "args", arg];
    visit({ arg, path, place: arg, rule: args[arg] as ArgRule }, found);
  }
  return found;
}

function visit(rule: VisitedRule, found: VisitedRule[]): void {
  found.push(rule);
  for (const part of partsOf(rule.rule)) {
    const place = part.path[0] === "object" ? `${rule.place}.${part.name}` : rule.place;
    visit({ arg: rule.arg, path: [...rule.path, ...part.path], place, rule: part.rule, parent: rule.rule }, found);
  }
}

/** Whether the agent gives a part of the value: a choice, free text or a pick among rows, however deep. */
export function isAgentGiven(rule: ArgRule): boolean {
  const classed = classify(rule);
  if (classed.kind === "choose" || classed.kind === "write") return true;
  if ((classed.kind === "from" || classed.kind === "item") && classed.rule.pick === "agent") return true;
  return partsOf(rule).some((part) => isAgentGiven(part.rule));
}

function isList(rule: ArgRule): rule is readonly ArgRule[] {
  return Array.isArray(rule);
}

function has(rule: object, key: string): boolean {
  return Object.hasOwn(rule, key);
}
