/**
 * Computes the value of a filled rule from plan and state: constants, parameters, references, items, expressions, templates.
 * Pure. No I/O, no clock. See "Arguments" in `src/README.md`.
 */
import { setMember } from "../json/exact.ts";
import { type Json, jsonEqual } from "../json/value.ts";
import type { CompiledExpression, CompiledNode, CompiledRule, NodeRead } from "../plan/compile/compiled.ts";
import { bottom, join, type Label } from "../taint/label.ts";
import { labelOfRead } from "./regions.ts";
import { evaluate, letValue, type RowScope, runsSeen, type Scope } from "./rows.ts";
import type { Place, Run } from "./state.ts";

/** A rule that selects among recorded values. */
export type SelectingRule = Extract<CompiledRule, { readonly kind: "from" | "item" }>;

/** A value with its label; `isContext`: the context label is to be joined. */
export interface Labelled {
  readonly label: Label;
  readonly isContext: boolean;
  /** Runs whose results the value came from. */
  readonly runs: readonly Run[];
}

/** Where a rule stands. */
export interface FillScope extends Scope {
  readonly row: RowScope | undefined;
}

const noRuns: readonly Run[] = [];
/** What the plan itself says. */
export const unlabelled: Labelled = { label: bottom, isContext: false, runs: noRuns };
/** What the agent makes up: whatever it has read. */
const ofContext: Labelled = { label: bottom, isContext: true, runs: noRuns };

/** Joins what two parts are made of. */
export function merge(a: Labelled, b: Labelled): Labelled {
  if (b === unlabelled) return a;
  if (a === unlabelled) return b;
  return {
    label: join(a.label, b.label),
    isContext: a.isContext || b.isContext,
    runs: b.runs.length === 0 ? a.runs : [...a.runs, ...b.runs],
  };
}

/** The candidates of a selecting rule, or `undefined` if selecting or extracting fails. */
export function candidatesOf(scope: FillScope, rule: SelectingRule): readonly Place[] | undefined {
  const places = rule.kind === "item" ? itemPlaces(scope, rule) : fromPlaces(scope, rule);
  if (places === undefined || rule.extract === undefined) return places;
  const found: Place[] = [];
  for (const place of places) {
    if (typeof place.value !== "string") return undefined;
    const matches = rule.extract.distinct(place.value);
    if (!matches.ok) return undefined;
    for (const value of matches.value) found.push({ ...place, value });
  }
  return found;
}

function itemPlaces(scope: FillScope, rule: SelectingRule): readonly Place[] | undefined {
  if (scope.row === undefined) return undefined;
  const { row } = scope.row;
  const selected = rule.path.select(row.value);
  return selected.ok
    ? selected.value.map(({ path, value }) => ({ value, run: row.run, path: [...row.path, ...path] }))
    : undefined;
}

function fromPlaces(scope: FillScope, rule: SelectingRule & { readonly kind: "from" }): readonly Place[] | undefined {
  const node = scope.program.plan.nodes[rule.read.node];
  const roots: { readonly run: Run | undefined; readonly value: Json }[] = [];
  if (node?.let !== undefined) {
    const value = letValue(scope, node);
    if (value === undefined) return undefined;
    roots.push({ run: undefined, value });
  } else {
    for (const run of runsSeen(scope, rule.read.node, { all: rule.pick !== undefined, row: scope.row }))
      roots.push({ run, value: run.value ?? null });
  }
  const places: Place[] = [];
  for (const root of roots) {
    const selected = rule.path.select(root.value);
    if (!selected.ok) return undefined;
    for (const { path, value } of selected.value) {
      const keep = rule.where === undefined ? true : evaluate(scope, rule.where, { item: value });
      if (typeof keep !== "boolean") return undefined;
      if (keep) places.push({ value, run: root.run, path });
    }
  }
  return places;
}

/** What a filled rule gives: a value, nothing (to be left out if optional), or a failure. */
export type Filled =
  | { readonly kind: "value"; readonly value: Json; readonly place?: Place }
  | { readonly kind: "none" }
  | { readonly kind: "failed" };

const failed: Filled = { kind: "failed" };

/** The value of a rule that is filled in. `pick: "agent"` and the agent's own classes are not filled. */
export function fill(scope: FillScope, rule: CompiledRule): Filled {
  switch (rule.kind) {
    case "const":
      return { kind: "value", value: rule.value };
    case "param": {
      const value = Object.hasOwn(scope.state.params, rule.name) ? scope.state.params[rule.name] : undefined;
      return value === undefined ? { kind: "none" } : { kind: "value", value };
    }
    case "from":
    case "item":
      return fillSelected(scope, rule);
    case "expr": {
      const value = evaluate(scope, rule.code, {
        row: scope.row,
        ...(scope.row === undefined ? {} : { item: scope.row.row.value }),
      });
      return value === undefined ? failed : { kind: "value", value };
    }
    case "template":
      return fillTemplate(scope, rule);
    case "object":
    case "list":
      return fillParts(scope, rule);
    default:
      return failed;
  }
}

function fillSelected(scope: FillScope, rule: SelectingRule): Filled {
  const places = candidatesOf(scope, rule);
  if (places === undefined) return failed;
  if (places.length === 0 || (rule.pick === undefined && places.length > 1)) {
    if (rule.otherwise !== undefined) return { kind: "value", value: rule.otherwise };
    return places.length === 0 ? { kind: "none" } : failed;
  }
  const place = (rule.pick === "last" ? places.at(-1) : places[0]) as Place;
  return { kind: "value", value: place.value, place };
}

function fillTemplate(scope: FillScope, rule: CompiledRule & { readonly kind: "template" }): Filled {
  const values: Record<string, Json> = {};
  for (const hole of rule.holes) {
    const part = fill(scope, hole.rule);
    if (part.kind !== "value" || hole.rule.match?.check(part.value) !== undefined) return failed;
    values[hole.name] = part.value;
  }
  const text = rule.template.fill(values);
  return text.ok ? { kind: "value", value: text.value } : failed;
}

function fillParts(scope: FillScope, rule: CompiledRule & { readonly kind: "object" | "list" }): Filled {
  const value: Record<string, Json> = {};
  const elements: Json[] = [];
  for (const [name, part] of rule.kind === "object"
    ? rule.members.map((each) => [each.name, each.rule] as const)
    : rule.elements.map((each) => ["", each] as const)) {
    const filled = fill(scope, part);
    if (filled.kind === "none" && part.isOptional && rule.kind === "object") continue;
    if (filled.kind !== "value" || part.match?.check(filled.value) !== undefined) return failed;
    if (rule.kind === "list") elements.push(filled.value);
    else setMember(value, name, filled.value);
  }
  return { kind: "value", value: rule.kind === "list" ? elements : value };
}

/** What the value of a rule is made of. */
export function labelOf(scope: FillScope, rule: CompiledRule): Labelled {
  switch (rule.kind) {
    case "const":
      return unlabelled;
    case "param":
      return paramLabel(scope, [rule.name]);
    case "from": {
      const read = labelOfNodeRead(scope, rule.read, { all: rule.pick !== undefined });
      const label = rule.where === undefined ? read : merge(read, paramLabel(scope, rule.where.params));
      return rule.pick === "agent" ? merge(label, ofContext) : label;
    }
    case "item": {
      const label = merge(labelOfRow(scope, rule.read), rowWhere(scope));
      return rule.pick === "agent" ? merge(label, ofContext) : label;
    }
    case "expr":
      return labelOfCode(scope, rule.code);
    case "template":
      return rule.holes.reduce((label, hole) => merge(label, labelOfPart(scope, hole.rule)), unlabelled);
    case "object":
      return rule.members.reduce((label, part) => merge(label, labelOfPart(scope, part.rule)), unlabelled);
    case "list":
      return rule.elements.reduce((label, part) => merge(label, labelOfPart(scope, part)), unlabelled);
    default:
      return ofContext;
  }
}

/** The label of a part after its own endorsement. */
export function labelOfPart(scope: FillScope, rule: CompiledRule): Labelled {
  return downgrade(scope, rule, labelOf(scope, rule));
}

/** Applies `endorse` and `declassify` of a rule, if the label has one of their sources. */
export function downgrade(scope: Scope, rule: CompiledRule, labelled: Labelled): Labelled {
  const { endorse, declassify } = rule;
  if (endorse === undefined && declassify === undefined) return labelled;
  const { labels } = scope.program;
  let label = labelled.isContext ? join(labelled.label, scope.state.context) : labelled.label;
  if (endorse?.from.some((name) => labels.hasSource(label, name))) {
    const left = labels.remove(label, endorse.from);
    if (left !== label) label = join(left, labels.of([endorse.to]));
  }
  if (declassify?.from.some((name) => labels.hasSource(label, name)) && labels.isRestrictionOf(label, declassify.from)) {
    label = labels.widen(label, declassify.to);
  }
  return { label, isContext: false, runs: labelled.runs };
}

/** `user_input`; the context at opening for what the agent filled in; what its receipt says for what came from another agent. */
export function paramLabel(scope: Scope, names: readonly string[]): Labelled {
  if (names.length === 0) return unlabelled;
  const { params, agentParams, paramLabels, openContext } = scope.state;
  const { userInput, userInputs } = scope.program;
  if (agentParams.size === 0 && paramLabels.size === 0) return userInputs;
  let label = bottom;
  for (const name of names.includes("*") ? Object.keys(params) : names) {
    label = join(label, paramLabels.get(name) ?? userInput);
    if (agentParams.has(name)) label = join(join(label, userInput), openContext);
  }
  return { label, isContext: false, runs: [] };
}

/** Label of what a read of a node sees; a `let` is what it reads. */
export function labelOfNodeRead(scope: FillScope, read: NodeRead, options: { readonly all?: boolean } = {}): Labelled {
  const node = scope.program.plan.nodes[read.node];
  if (node?.let !== undefined) return { ...labelOfLet(scope, node), ...(read.isVariable ? { isContext: true } : {}) };
  const runs = runsSeen(scope, read.node, { ...options, row: scope.row });
  // Which run is the first that succeeded also says how the others ended.
  const isRow = scope.row?.each.kind === "node" && scope.row.each.node === read.node;
  let label = isRow ? bottom : failuresOf(scope, read.node);
  for (const run of runs) label = join(label, labelOfRead(run, read.prefix));
  return { label, isContext: read.isVariable, runs };
}

/** The label of a `let` node, once for each check: computations that read the two before would otherwise double the work each time. */
function labelOfLet(scope: FillScope, node: CompiledNode): Labelled {
  const { work } = scope;
  work.letLabels ??= new Map();
  const known = work.letLabels.get(node);
  if (known !== undefined || node.let === undefined) return known ?? unlabelled;
  const { runs, ...label } = labelOfCode({ ...scope, row: undefined }, node.let);
  const labelled = { ...label, runs: [...new Set(runs)] };
  work.letLabels.set(node, labelled);
  return labelled;
}

/** Join of the base labels of a node's failed runs. */
function failuresOf(scope: Scope, node: number): Label {
  return scope.state.nodes.get(node)?.failures ?? bottom;
}

function labelOfRow(scope: FillScope, read: NodeRead): Labelled {
  const run = scope.row?.row.run;
  if (run === undefined) return labelOfNodeRead(scope, read);
  const others = scope.row?.each.kind === "from" ? failuresOf(scope, run.node) : bottom;
  return { label: join(others, labelOfRead(run, read.prefix)), isContext: read.isVariable, runs: [run] };
}

function rowWhere(scope: FillScope): Labelled {
  const each = scope.row?.each;
  return each?.kind === "from" && each.where !== undefined ? paramLabel(scope, each.where.params) : unlabelled;
}

/** Join of the labels of all that an expression reads. */
export function labelOfCode(scope: FillScope, code: CompiledExpression): Labelled {
  let label = paramLabel(scope, code.params);
  for (const read of code.nodes) label = merge(label, labelOfNodeRead(scope, read));
  if (code.item && scope.row !== undefined) {
    const { each } = scope.row;
    label = merge(merge(label, labelOfRow(scope, each.read)), rowWhere(scope));
  }
  return label;
}

/** Whether every candidate has the same value. */
export function isUnanimous(places: readonly Place[]): boolean {
  return places.every((place) => jsonEqual(place.value, places[0]?.value));
}
