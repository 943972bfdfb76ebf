/**
 * Compiles argument rules: each class to what the engine resolves per call.
 * Pure. No I/O, no clock. Reports every fault with its pointer; never throws on input.
 */
import { type Json, type JsonObject, isArray } from "../../json/value.ts";
import { compileExtract, type Extract } from "../../lang/extract/extract.ts";
import { compileMatch, type Match } from "../../lang/match.ts";
import { parseQuery, type Segment } from "../../lang/path/parse.ts";
import { readsRoot } from "../../lang/path/select.ts";
import { compilePath, type Path, parseReference } from "../../lang/path.ts";
import { compileTemplate } from "../../lang/template/template.ts";
import { ruleDepthMax } from "../../limits.ts";
import type { ArgRule, Downgrade, FromRule, ItemRule, Role, RuleOptions, TemplateRule, WriteSpec } from "../plan.ts";
import type { CompiledMember, CompiledRule, NodeRead, PathStep } from "./compiled.ts";
import { type CompileContext, compileCode, type DraftRead, fault, noteRead } from "./expressions.ts";

/** Where the rows of a loop come from. */
export interface RowPlace {
  readonly node: number;
  readonly prefix: readonly (string | number)[];
  readonly steps: readonly PathStep[];
  /** Whether a row is a whole result, so that a path in it begins where the result does. */
  readonly isRun: boolean;
  /** Whether `steps` lead all the way to a row, so that a path in it goes on from there. */
  readonly isStepped: boolean;
}

/** What a rule may refer to where it stands. */
export interface RuleScope {
  /** The node of `each`, if the rule stands inside a loop: where `item` comes from, and the static prefix of its rows. */
  readonly row: RowPlace | undefined;
  readonly depth: number;
  /** Dotted place in the arguments, as catalogues write it, and the role there. */
  readonly place: string;
  readonly role: Role;
  readonly roleAt: (place: string) => Role | undefined;
  /** Told of each rule and its reads, to settle what is hidden once all nodes are known. */
  readonly note: (rule: DraftRule, reads: readonly DraftRead[]) => void;
}

/** A compiled rule before it is known what is hidden. */
export type DraftRule = { -readonly [K in "isHidden"]: boolean } & { readonly kind: CompiledRule["kind"] };

const list = (value: string | readonly string[]): readonly string[] => (typeof value === "string" ? [value] : value);

interface Options {
  readonly match?: Match;
  readonly isOptional: boolean;
  readonly endorse?: { readonly from: readonly string[]; readonly to: string };
  readonly declassify?: { readonly from: readonly string[]; readonly to: readonly string[] | "public" };
  readonly isHidden: boolean;
  readonly role: Role;
}

function compileOptions(
  context: CompileContext,
  rule: RuleOptions,
  { pointer, role }: { readonly pointer: string; readonly role: Role },
): Options | undefined {
  let match: Match | undefined;
  if (rule.match !== undefined) {
    match = matcher(context, rule.match, `${pointer}/match`);
    if (match === undefined) return undefined;
  }
  return {
    ...(match === undefined ? {} : { match }),
    isOptional: rule.optional === true,
    ...(rule.endorse === undefined ? {} : { endorse: { from: list(rule.endorse.from), to: list(rule.endorse.to)[0] as string } }),
    ...(rule.declassify === undefined ? {} : { declassify: { from: list(rule.declassify.from), to: audience(rule.declassify) } }),
    isHidden: false,
    role,
  };
}

function audience(downgrade: Downgrade): readonly string[] | "public" {
  return downgrade.to === "public" ? "public" : list(downgrade.to);
}

/** Compiles a constraint, or reports why it cannot be compiled. */
export function matcher(context: CompileContext, spec: Json, pointer: string): Match | undefined {
  const match = compileMatch(spec);
  if (match.ok) return match.value;
  return fault(context, match.error.code, pointer + match.error.pointer, match.error.message);
}

/** Compiles one rule, or reports why it cannot be compiled. */
export function compileRule(context: CompileContext, rule: ArgRule, pointer: string, scope: RuleScope): CompiledRule | undefined {
  if (scope.depth > ruleDepthMax) return fault(context, "PLAN_TOO_LARGE", pointer, `rules may nest ${ruleDepthMax} deep`);
  const before = context.reads.length;
  const compiled = compileClass(context, rule, pointer, scope);
  if (compiled !== undefined) scope.note(compiled as DraftRule, context.reads.slice(before));
  return compiled;
}

function compileClass(context: CompileContext, rule: ArgRule, pointer: string, scope: RuleScope): CompiledRule | undefined {
  if (isArray(rule as Json)) return compileList(context, rule as readonly ArgRule[], pointer, scope);
  if (rule === null || typeof rule !== "object") {
    return { kind: "const", value: rule, isOptional: false, isFilled: true, isHidden: false, role: scope.role };
  }
  const body = rule as Exclude<ArgRule, null | boolean | number | bigint | string | readonly ArgRule[]>;
  const options = compileOptions(context, body, { pointer, role: scope.role });
  if (options === undefined) return undefined;
  if ("const" in body) return { ...options, kind: "const", value: body.const, isFilled: true };
  if ("param" in body) {
    if (!context.params.has(body.param))
      return fault(context, "PLAN_UNKNOWN_PARAM", `${pointer}/param`, `\`${body.param}\` is not a parameter of the plan`);
    return { ...options, kind: "param", name: body.param, isFilled: true };
  }
  if ("from" in body) return compileFrom(context, body, { pointer, options });
  if ("item" in body) return compileItem(context, body, { pointer, options, scope });
  if ("expr" in body) {
    const code = compileCode(context, body.expr, `${pointer}/expr`, { item: scope.row !== undefined });
    if (code === undefined) return undefined;
    if (code.item && scope.row !== undefined) noteRead(context, scope.row.node, scope.row);
    return { ...options, kind: "expr", code, isFilled: true };
  }
  if ("template" in body) return compileTemplateRule(context, body, { pointer, options, scope });
  if ("choose" in body) {
    const constraint = matcher(context, body.choose, `${pointer}/choose`);
    return constraint && { ...options, kind: "choose", constraint, isFilled: false };
  }
  if ("write" in body) return compileWrite(body.write, options);
  return compileObject(context, body.object, { pointer: `${pointer}/object`, options, scope });
}

interface Place {
  readonly pointer: string;
  readonly options: Options;
}

interface ScopedPlace extends Place {
  readonly scope: RuleScope;
}

function compileFrom(context: CompileContext, rule: FromRule, place: Place): CompiledRule | undefined {
  const pointer = `${place.pointer}/from`;
  const reference = parseReference(rule.from);
  if (!reference.ok) return fault(context, reference.error.code, pointer, reference.error.message);
  const node = context.indexes.get(reference.value.node);
  if (node === undefined)
    return fault(context, "PLAN_UNKNOWN_NODE", pointer, `\`${reference.value.node}\` is not a node of the plan`);
  const read: NodeRead = noteRead(context, node, { prefix: reference.value.path.prefix, steps: stepsOf(reference.value.path) });
  const where =
    rule.where === undefined ? undefined : compileCode(context, rule.where, `${place.pointer}/where`, { rowOnly: true });
  if (rule.where !== undefined && where === undefined) return undefined;
  const extract = extractor(context, rule.extract, `${place.pointer}/extract`);
  if (extract === null || !mayHaveOtherwise(context, rule, place.pointer)) return undefined;
  return {
    ...place.options,
    kind: "from",
    path: reference.value.path,
    pick: rule.pick,
    extract,
    otherwise: rule.otherwise,
    read,
    where,
    isFilled: rule.pick !== "agent",
  };
}

/** `otherwise` says what to do where there is not one value; so do `optional` and `pick: "agent"`, and only one of them can. */
function mayHaveOtherwise(context: CompileContext, rule: FromRule | ItemRule, pointer: string): boolean {
  if (rule.otherwise === undefined || (rule.optional !== true && rule.pick !== "agent")) return true;
  fault(context, "PLAN_OTHERWISE", `${pointer}/otherwise`, "`otherwise` does not go with `optional` or `pick: agent`");
  return false;
}

function extractor(context: CompileContext, spec: string | JsonObject | undefined, pointer: string): Extract | undefined | null {
  if (spec === undefined) return undefined;
  const extract = compileExtract(spec);
  if (extract.ok) return extract.value;
  fault(context, extract.error.code, pointer + extract.error.pointer, extract.error.message);
  return null;
}

function compileItem(context: CompileContext, rule: ItemRule, place: ScopedPlace): CompiledRule | undefined {
  const { row } = place.scope;
  if (row === undefined)
    return fault(context, "PLAN_ITEM_OUTSIDE_EACH", `${place.pointer}/item`, "`item` is only known inside `each`");
  const path = compilePath(rule.item);
  if (!path.ok) return fault(context, path.error.code, `${place.pointer}/item`, path.error.message);
  const extract = extractor(context, rule.extract, `${place.pointer}/extract`);
  if (extract === null || !mayHaveOtherwise(context, rule, place.pointer)) return undefined;
  const prefix = row.isRun ? path.value.prefix : row.prefix;
  const steps = row.isStepped ? [...row.steps, ...stepsOf(path.value)] : row.steps;
  const read: NodeRead = noteRead(context, row.node, { prefix, steps });
  return {
    ...place.options,
    kind: "item",
    path: path.value,
    pick: rule.pick,
    extract,
    otherwise: rule.otherwise,
    read,
    isFilled: rule.pick !== "agent",
  };
}

function compileTemplateRule(context: CompileContext, rule: TemplateRule, place: ScopedPlace): CompiledRule | undefined {
  const template = compileTemplate(rule.template, rule.text);
  if (!template.ok) return fault(context, template.error.code, `${place.pointer}/text`, template.error.message);
  const rules = rule.with ?? {};
  for (const hole of template.value.holes) {
    if (!Object.hasOwn(rules, hole))
      return fault(context, "PLAN_TEMPLATE_HOLE", `${place.pointer}/with`, `the hole \`{${hole}}\` has no rule`);
  }
  const holes = compileMembers(context, rules, { pointer: `${place.pointer}/with`, scope: place.scope });
  if (holes === undefined) return undefined;
  for (const { name, rule: part } of holes) {
    if (!template.value.holes.includes(name))
      return fault(context, "PLAN_TEMPLATE_HOLE", `${place.pointer}/with/${name}`, `the text has no hole \`{${name}}\``);
    if (!part.isFilled)
      return fault(
        context,
        "PLAN_TEMPLATE_HOLE",
        `${place.pointer}/with/${name}`,
        "a hole takes a constant, parameter, reference, item, expression or template",
      );
  }
  return { ...place.options, kind: "template", template: template.value, holes, isFilled: true };
}

function compileWrite(spec: WriteSpec, options: Options): CompiledRule {
  return {
    ...options,
    kind: "write",
    maxLength: spec.maxLength ?? Number.POSITIVE_INFINITY,
    links: spec.links ?? "plan",
    isFilled: false,
  };
}

function compileObject(
  context: CompileContext,
  rules: { readonly [name: string]: ArgRule },
  place: ScopedPlace,
): CompiledRule | undefined {
  const members = compileMembers(context, rules, place);
  return members && { ...place.options, kind: "object", members, isFilled: members.every(({ rule }) => rule.isFilled) };
}

function compileMembers(
  context: CompileContext,
  rules: { readonly [name: string]: ArgRule },
  place: { readonly pointer: string; readonly scope: RuleScope },
): readonly CompiledMember[] | undefined {
  const outer = place.scope;
  const members: CompiledMember[] = [];
  for (const name of Object.keys(rules).sort()) {
    const at = `${outer.place}.${name}`;
    const scope = { ...outer, depth: outer.depth + 1, place: at, role: outer.roleAt(at) ?? outer.role };
    const rule = compileRule(context, rules[name] as ArgRule, `${place.pointer}/${escapeToken(name)}`, scope);
    if (rule === undefined) return undefined;
    members.push({ name, rule });
  }
  return members;
}

function compileList(
  context: CompileContext,
  rules: readonly ArgRule[],
  pointer: string,
  scope: RuleScope,
): CompiledRule | undefined {
  const elements: CompiledRule[] = [];
  for (const [index, part] of rules.entries()) {
    const rule = compileRule(context, part, `${pointer}/${index}`, { ...scope, depth: scope.depth + 1 });
    if (rule === undefined) return undefined;
    elements.push(rule);
  }
  if (elements.every((rule) => rule.kind === "const" && rule.match === undefined)) {
    const value = elements.map((rule) => (rule.kind === "const" ? rule.value : null));
    return { kind: "const", value, isOptional: false, isFilled: true, isHidden: false, role: scope.role };
  }
  return {
    kind: "list",
    elements,
    isOptional: false,
    isFilled: elements.every((rule) => rule.isFilled),
    isHidden: false,
    role: scope.role,
  };
}

/** A JSON pointer token (RFC 6901 §3). */
export function escapeToken(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The segments of a path that bound what it reads: none if it cannot be read, or a filter looks at the root. */
function segmentsOf(path: Path): readonly Segment[] {
  const parsed = parseQuery(path.source);
  return "fault" in parsed || readsRoot(parsed.query) ? [] : parsed.query.segments;
}

/** The leading steps of a path that are names, indexes or wildcards. */
export function stepsOf(path: Path): readonly PathStep[] {
  const steps: PathStep[] = [];
  for (const { descendant, selectors } of segmentsOf(path)) {
    const only = selectors.length === 1 && !descendant ? selectors[0] : undefined;
    if (only?.kind === "name") steps.push(only.name);
    else if (only?.kind === "index") steps.push(only.index);
    else if (only?.kind === "wildcard") steps.push(null);
    else break;
  }
  return steps;
}

/** Whether a path consists of names, indexes and wildcards only, so that {@link stepsOf} says all of it. */
export function isStepped(path: Path): boolean {
  const parsed = parseQuery(path.source);
  return !("fault" in parsed) && parsed.query.segments.length === stepsOf(path).length;
}
