/**
 * Rules about nodes that can never run, conditions that are always the same, and nodes that one call fits at once.
 * Pure. Speaks only of what is certain, but for what the agent can always say by name.
 */
import { outputSchema, resolveSchema } from "../../../catalogue/schema.ts";
import { isObject, type Json, member } from "../../../json/value.ts";
import { canonicalJson } from "../../../json/canonical.ts";
import { compileExpression } from "../../../lang/expression.ts";
import { parseReference } from "../../../lang/path.ts";
import { checkStepsMax } from "../../../limits.ts";
import type { Finding } from "../../finding.ts";
import type { FrozenTool } from "../../plan.ts";
import { classify, isAgentGiven, rulesOf } from "../../walk.ts";
import { analysesOf } from "../flows/analysis.ts";
import { findingAt, type LintRule, type LintSubject, type ToolNode } from "../subject.ts";
import { worstCaseOf } from "../flows/worst-case.ts";

/** The value of an expression that reads nothing; `undefined` if it reads something, or fails. */
function constantOf(source: string): Json | undefined {
  const compiled = compileExpression(source, { variables: [] });
  if (!compiled.ok) return undefined;
  const result = compiled.value.run({}, { left: checkStepsMax });
  return result.ok ? result.value : undefined;
}

/** `LINT_CONDITION_CONSTANT` (warning): a guard, a filter or a condition that is the same whatever happens. */
export const constantConditions: LintRule = (subject) =>
  subject.nodes.flatMap(({ name, node }): Finding[] => {
    const conditions: (readonly [path: readonly (string | number)[], source: string, fails: string])[] = [];
    if (node.when !== undefined) conditions.push([["when"], node.when, "the node never runs"]);
    if (typeof node.each === "object" && node.each.where !== undefined)
      conditions.push([["each", "where"], node.each.where, "there are no rows"]);
    for (const [i, source] of (node.require ?? []).entries()) conditions.push([["require", i], source, "every call is denied"]);
    for (const { path, rule } of rulesOf(name, node)) {
      const classed = classify(rule);
      if (classed.kind === "from" && classed.rule.where !== undefined)
        conditions.push([[...path.slice(2), "where"], classed.rule.where, "nothing is selected"]);
    }
    return conditions.flatMap(([path, source, fails]): Finding[] => {
      const value = constantOf(source);
      if (value === undefined) return [];
      const message =
        value === true ? "the condition is always true, so it constrains nothing" : `the condition is never true, so ${fails}`;
      return [findingAt(["nodes", name, ...path], { code: "LINT_CONDITION_CONSTANT", severity: "warning", message })];
    });
  });

/** `LINT_NEVER_RUNS` (warning): a node that waits for one that can never finish. */
export const runnableNodes: LintRule = (subject) => {
  const analysis = analysesOf(subject).worst;
  if (analysis === undefined) return [];
  const dead = new Map<number, string>();
  for (const { node } of worstCaseOf(subject).denied) {
    const compiled = analysis.plan.byName.get(node);
    if (compiled !== undefined && compiled.min > 0 && compiled.when === undefined && compiled.each === undefined)
      dead.set(compiled.index, node);
  }
  if (dead.size === 0) return [];
  const findings: Finding[] = [];
  const after = new Map<number, number[]>();
  for (const node of analysis.plan.nodes)
    for (const before of node.predecessors) after.set(before, [...(after.get(before) ?? []), node.index]);
  const queue = [...dead.keys()];
  for (const index of queue) {
    for (const next of after.get(index) ?? []) {
      const node = analysis.plan.nodes[next];
      if (node === undefined || dead.has(next)) continue;
      const cause = dead.get(index) ?? "";
      dead.set(next, cause);
      queue.push(next);
      const message = `\`${node.name}\` waits for \`${cause}\`, every call of which a flow rule denies`;
      findings.push(findingAt(["nodes", node.name], { code: "LINT_NEVER_RUNS", severity: "warning", message }));
    }
  }
  return findings;
};

/**
 * `LINT_NO_SUCH_PLACE` (warning): a path into a result that the tool's output schema rules out. `LINT_EACH_SINGLE` (warning): a loop over what
 * is never a list, so that it has one row.
 */
export const knownPlaces: LintRule = (subject) => {
  const tools = new Map(subject.toolNodes.map((toolNode) => [toolNode.name, toolNode]));
  return subject.nodes.flatMap(({ name, node }): Finding[] => {
    const paths: (readonly [at: readonly (string | number)[], reference: string, isLoop: boolean])[] = [];
    if (typeof node.each === "object") paths.push([["nodes", name, "each", "from"], node.each.from, true]);
    for (const { path, rule } of rulesOf(name, node)) {
      const classed = classify(rule);
      if (classed.kind === "from") paths.push([[...path, "from"], classed.rule.from, false]);
    }
    return paths.flatMap(([at, reference, isLoop]): Finding[] => {
      const parsed = parseReference(reference);
      const source = parsed.ok ? tools.get(parsed.value.node) : undefined;
      if (!parsed.ok || source === undefined || parsesText(source)) return [];
      const place = schemaAt(source.tool, parsed.value.path.prefix);
      if (place.missing !== undefined) {
        const message = `the result of \`${source.tool.name}\` has no \`${place.missing}\` by its schema, so nothing is selected`;
        return [findingAt(at, { code: "LINT_NO_SUCH_PLACE", severity: "warning", message })];
      }
      const type = isLoop && parsed.value.path.singular ? member(place.schema, "type") : undefined;
      if (typeof type !== "string" || type === "array") return [];
      const message = `the place is ${/^[io]/.test(type) ? "an" : "a"} ${type} by the schema of \`${source.tool.name}\` and never a list, so the loop has one row`;
      return [findingAt(at, { code: "LINT_EACH_SINGLE", severity: "warning", message })];
    });
  });
};

function parsesText({ node, tool }: ToolNode): boolean {
  return tool.facts.parse !== undefined || node.parse !== undefined;
}

/** The schema at a place of a result, as far as it says; `missing`: a member that a closed object does not have. */
function schemaAt(
  tool: FrozenTool,
  prefix: readonly (string | number)[],
): { readonly schema: Json | undefined; readonly missing?: string } {
  const root = outputSchema(tool);
  let schema: Json | undefined = root;
  for (const step of prefix) {
    if (schema === undefined) return { schema };
    const here = resolveSchema(schema, root);
    if (["anyOf", "oneOf", "allOf", "$ref", "patternProperties"].some((word) => member(here, word) !== undefined))
      return { schema: undefined };
    if (typeof step === "number") {
      schema = member(here, "items");
      continue;
    }
    const properties = member(here, "properties");
    const next = member(properties, step);
    if (next === undefined && isObject(properties) && member(here, "additionalProperties") === false)
      return { schema: undefined, missing: step };
    schema = next;
  }
  return { schema };
}

/** Pairs of nodes that are looked at, and nodes of a plan beyond which none are: its nodes are called by name. */
const pairsMax = 500;
const ambiguousNodesMax = 2_000;

/**
 * `LINT_AMBIGUOUS` (info; a warning for nodes that are the same in all but their names): one call fits two nodes that can be due at once, so
 * that the agent has to name the one it means.
 */
export const distinctNodes: LintRule = (subject) => {
  const analysis = analysesOf(subject).worst;
  if (analysis === undefined || subject.nodes.length > ambiguousNodesMax) return [];
  const findings: Finding[] = [];
  let pairs = 0;
  for (const nodes of groupByTool(subject)) {
    for (const [i, a] of nodes.entries()) {
      for (const b of nodes.slice(i + 1)) {
        pairs += 1;
        if (pairs > pairsMax) return findings;
        const [x, y] = [analysis.plan.byName.get(a.name)?.index, analysis.plan.byName.get(b.name)?.index];
        if (x === undefined || y === undefined || !takesNothing(a) || !takesNothing(b)) continue;
        const isFree = analysis.inner.order.mayPrecede(x, y) && analysis.inner.order.mayPrecede(y, x);
        if (!isFree) continue;
        const isTwin = canonicalJson(shapeOf(a)) === canonicalJson(shapeOf(b));
        const message = isTwin
          ? `\`${a.name}\` and \`${b.name}\` are the same in all but their names: use \`times\``
          : `a call of \`${a.tool.name}\` without arguments fits \`${a.name}\` and \`${b.name}\`: the agent has to name the node`;
        findings.push(findingAt(["nodes", b.name], { code: "LINT_AMBIGUOUS", severity: isTwin ? "warning" : "info", message }));
      }
    }
  }
  return findings;
};

function groupByTool(subject: LintSubject): readonly (readonly ToolNode[])[] {
  const groups = new Map<string, ToolNode[]>();
  for (const toolNode of subject.toolNodes) {
    const group = groups.get(toolNode.tool.name);
    if (group === undefined) groups.set(toolNode.tool.name, [toolNode]);
    else group.push(toolNode);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** Whether a call may leave out every argument. */
function takesNothing({ node }: ToolNode): boolean {
  return Object.values(node.args ?? {}).every((rule) => !isAgentGiven(rule));
}

function shapeOf({ node }: ToolNode): Json {
  const { description: _, ...rest } = node;
  return rest as unknown as Json;
}
