/**
 * Rules about references against what the tools themselves say that they return.
 * Pure. A tool may answer otherwise at run time; then the reference selects what is there, or nothing.
 */
import { outputSchema, resolveSchema } from "../../../catalogue/schema.ts";
import { isObject, type Json, type JsonObject, member } from "../../../json/value.ts";
import { parseQuery, type Segment } from "../../../lang/path/parse.ts";
import type { Finding } from "../../finding.ts";
import { suggestion } from "../../schema-issue.ts";
import { classify, rulesOf } from "../../walk.ts";
import { findingAt, type LintRule, type LintSubject } from "../subject.ts";

/** A schema with the document that its references are about. */
export interface Promised {
  readonly schema: JsonObject;
  readonly root: JsonObject;
}

/** A step of a path: a name, an element, or something that cannot be followed in a schema. */
export type PathStep =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "element"; readonly isFixed: boolean }
  | { readonly kind: "other" };

/** What the tool of a node promises to return; `undefined` if it promises nothing that can be read, or its text is parsed. */
export function promisedBy(subject: LintSubject, name: string): Promised | undefined {
  const node = subject.plan.nodes[name];
  const tool = node?.tool === undefined ? undefined : subject.frozen.tools[node.tool];
  if (node === undefined || tool === undefined || (tool.facts.parse ?? node.parse) !== undefined) return undefined;
  const root = outputSchema(tool);
  return root === undefined ? undefined : { schema: resolveSchema(root, root), root };
}

const combiners = ["anyOf", "oneOf", "allOf", "not", "if", "patternProperties", "$ref", "$dynamicRef"];

/** The schema below another by one step; `"nothing"` if nothing is there; `undefined` if that cannot be said. */
export function promisedAt({ schema, root }: Promised, step: PathStep): Promised | "nothing" | undefined {
  if (step.kind === "other" || combiners.some((keyword) => member(schema, keyword) !== undefined)) return undefined;
  const type = member(schema, "type");
  if (type !== undefined && typeof type !== "string") return undefined;
  if (step.kind === "element") {
    if (type === "array") return openAt(member(schema, "items"), root);
    return type === undefined || type === "object" ? undefined : "nothing";
  }
  const properties = member(schema, "properties");
  if (type !== undefined && type !== "object") return "nothing";
  if (!isObject(properties)) return undefined;
  const below = member(properties, step.name);
  if (below !== undefined) return openAt(below, root);
  return member(schema, "additionalProperties") === false ? "nothing" : undefined;
}

function openAt(schema: Json | undefined, root: JsonObject): Promised | undefined {
  return isObject(schema) ? { schema: resolveSchema(schema, root), root } : undefined;
}

/** The schema at the end of steps, or how many steps lead to where nothing is. */
function follow(from: Promised, steps: readonly PathStep[]): Promised | { readonly missingAt: number } | undefined {
  let at: Promised = from;
  for (const [i, step] of steps.entries()) {
    const next = promisedAt(at, step);
    if (next === undefined) return undefined;
    if (next === "nothing") return { missingAt: i };
    at = next;
  }
  return at;
}

/** The steps of a JSONPath; what selects by a filter, a slice or a wildcard is an element. */
function stepsOf(source: string): readonly PathStep[] | undefined {
  const parsed = parseQuery(source);
  return "fault" in parsed ? undefined : parsed.query.segments.map(stepOf);
}

function stepOf({ descendant, selectors }: Segment): PathStep {
  const [only] = selectors;
  if (descendant || selectors.length !== 1 || only === undefined) return { kind: "other" };
  if (only.kind === "name") return { kind: "name", name: only.name };
  return { kind: "element", isFixed: only.kind === "index" };
}

/** What the rows of a loop look like; `undefined` if that cannot be said. */
export function promisedRows(subject: LintSubject, name: string): Promised | undefined {
  const each = subject.plan.nodes[name]?.each;
  if (typeof each !== "object") return undefined;
  const reference = splitReference(each.from);
  const from = reference === undefined ? undefined : promisedBy(subject, reference.node);
  const found = from === undefined ? undefined : follow(from, reference?.steps ?? []);
  if (found === undefined || "missingAt" in found) return undefined;
  const isArrayItself = member(found.schema, "type") === "array" && reference?.isSingular === true;
  if (!isArrayItself) return found;
  const rows = promisedAt(found, { kind: "element", isFixed: false });
  return rows === "nothing" ? undefined : rows;
}

function splitReference(
  source: string,
): { readonly node: string; readonly steps: readonly PathStep[]; readonly isSingular: boolean } | undefined {
  const at = source.indexOf("$");
  const steps = at < 0 ? undefined : stepsOf(source.slice(at));
  if (steps === undefined) return undefined;
  return { node: source.slice(0, at), steps, isSingular: steps.every(({ kind }) => kind === "name") };
}

/** `LINT_NO_SUCH_PLACE`: a reference to what the tool, by its own output schema, never returns. */
export const promisedPaths: LintRule = (subject) =>
  subject.nodes.flatMap(({ name, node }): readonly Finding[] => {
    const findings: Finding[] = [];
    const judge = (
      from: Promised | undefined,
      steps: readonly PathStep[] | undefined,
      path: readonly (string | number)[],
    ): void => {
      const message = from === undefined || steps === undefined ? undefined : missing(from, steps);
      if (message !== undefined) findings.push(findingAt(path, { code: "LINT_NO_SUCH_PLACE", severity: "warning", message }));
    };
    const byReference = (source: string, path: readonly (string | number)[]): void => {
      const reference = splitReference(source);
      const from = reference === undefined ? undefined : promisedBy(subject, reference.node);
      // What is missing at the static beginning of a reference is found by `knownPlaces`.
      if (from !== undefined && reference !== undefined && !isStaticMiss(from, reference.steps))
        judge(from, reference.steps, path);
    };
    if (typeof node.each === "object") byReference(node.each.from, ["nodes", name, "each", "from"]);
    const rows = promisedRows(subject, name);
    for (const { path, rule } of rulesOf(name, node)) {
      const classed = classify(rule);
      if (classed.kind === "from") byReference(classed.rule.from, [...path, "from"]);
      if (classed.kind === "item") judge(rows, stepsOf(classed.rule.item), path);
    }
    for (const read of subject.reads.get(name) ?? []) {
      const isWritten = read.by === "when" || read.by === "require" || read.by === "let" || isExpression(subject, read.path);
      if (!isWritten || subject.plan.nodes[read.node]?.each !== undefined) continue;
      const steps = read.prefix.map(
        (step): PathStep => (typeof step === "string" ? { kind: "name", name: step } : { kind: "element", isFixed: true }),
      );
      judge(promisedBy(subject, read.node), steps, read.path);
    }
    return distinct(findings);
  });

/** Whether what stands at a path of the plan is an expression, whose reads have not been looked at as a reference. */
function isExpression(subject: LintSubject, path: readonly (string | number)[]): boolean {
  let at: unknown = subject.plan;
  for (const step of path)
    at = typeof at === "object" && at !== null ? (at as { readonly [key: string]: unknown })[step] : undefined;
  return typeof at === "object" && at !== null && Object.hasOwn(at, "expr");
}

/** Whether a member of a closed object is missing, and only names and indexes lead there. */
function isStaticMiss(from: Promised, steps: readonly PathStep[]): boolean {
  const found = follow(from, steps);
  if (found === undefined || !("missingAt" in found)) return false;
  const lead = steps.slice(0, found.missingAt + 1);
  const before = follow(from, lead.slice(0, -1));
  const isClosed = before !== undefined && !("missingAt" in before) && isObject(member(before.schema, "properties"));
  return (
    isClosed &&
    lead.at(-1)?.kind === "name" &&
    lead.every((step) => step.kind === "name" || (step.kind === "element" && step.isFixed))
  );
}

function missing(from: Promised, steps: readonly PathStep[]): string | undefined {
  const found = follow(from, steps);
  if (found === undefined || !("missingAt" in found)) return undefined;
  const before = follow(from, steps.slice(0, found.missingAt));
  const step = steps[found.missingAt];
  const properties = before === undefined || "missingAt" in before ? undefined : member(before.schema, "properties");
  const known = isObject(properties) ? Object.keys(properties) : [];
  if (step?.kind !== "name") return "the tool's output schema says that there is no list here, so nothing is selected";
  return `the tool's output schema has no \`${step.name}\` here, so nothing is selected${suggestion(step.name, known)}`;
}

function distinct(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ pointer, message }) => !seen.has(`${pointer} ${message}`) && seen.add(`${pointer} ${message}`));
}
