/**
 * Rules about arguments against the tool's input schema and their roles.
 * Pure. Closed world: what the schema does not know is an error, unless it says that it takes more.
 */
import { inputProperties, requiredArguments } from "../../../catalogue/schema.ts";
import { roleOf } from "../../../catalogue/roles.ts";
import { type Json, isObject, member } from "../../../json/value.ts";
import { compileMatch } from "../../../lang/match.ts";
import type { Finding } from "../../finding.ts";
import type { ArgRule, Budget, FrozenTool } from "../../plan.ts";
import { withoutAnnotations } from "../../schema-annotations.ts";
import { suggestion } from "../../schema-issue.ts";
import { classify, optionsOf, partsOf, rulesOf } from "../../walk.ts";
import { bitsOf } from "../bits.ts";
import { findingAt, type LintRule, type ToolNode } from "../subject.ts";

/** `PLAN_ARG_UNKNOWN` and `PLAN_ARG_REQUIRED`: arguments that the tool does not know, and those that it demands and the plan lacks. */
export const knownArguments: LintRule = (subject) =>
  subject.toolNodes.flatMap((toolNode): readonly Finding[] => {
    const { name, node, tool, isDescribed } = toolNode;
    if (!isDescribed) return [];
    const at = ["nodes", name, "args"];
    const known = inputProperties(tool);
    const args = Object.keys(node.args ?? {});
    const unknown = isOpen(tool) ? [] : args.filter((arg) => !known.has(arg));
    const missing = [...requiredArguments(tool)].filter((arg) => !args.includes(arg));
    return [
      ...unknown.map((arg) =>
        findingAt([...at, arg], {
          code: "PLAN_ARG_UNKNOWN",
          severity: "error",
          message: `\`${tool.name}\` has no argument \`${arg}\`${suggestion(arg, known.keys())}`,
        }),
      ),
      ...missing.map((arg) =>
        findingAt(node.args === undefined ? ["nodes", name] : at, {
          code: "PLAN_ARG_REQUIRED",
          severity: "error",
          message: `\`${tool.name}\` demands the argument \`${arg}\`, and the plan says nothing of it`,
        }),
      ),
      ...budgetSums(toolNode, known),
    ];
  });

/** Whether a tool takes arguments beyond those that its schema names: only if it says so, or says nothing of any. */
function isOpen(tool: FrozenTool): boolean {
  const schema = member(tool.definition, "inputSchema");
  if (!isObject(schema)) return true;
  const more = member(schema, "additionalProperties");
  if (more !== undefined && more !== false) return true;
  if (["anyOf", "oneOf", "patternProperties"].some((keyword) => member(schema, keyword) !== undefined)) return true;
  return more === undefined && inputProperties(tool).size === 0 && member(schema, "properties") === undefined;
}

/** `PLAN_BUDGET_ARG`: a budget over an argument that the node never sends would never be spent. */
function budgetSums({ name, node }: ToolNode, known: ReadonlyMap<string, unknown>): readonly Finding[] {
  const { budget } = node.constraints ?? {};
  if (budget === undefined) return [];
  const isList = Array.isArray(budget);
  const budgets: readonly Budget[] = isList ? budget : [budget as Budget];
  return budgets.flatMap((one, i) => {
    if (one.sum === undefined || Object.hasOwn(node.args ?? {}, one.sum)) return [];
    const path = ["nodes", name, "constraints", "budget", ...(isList ? [i] : []), "sum"];
    const hint = known.has(one.sum) ? "the plan says nothing of it" : "there is none";
    const message = `the budget sums the argument \`${one.sum}\`, and ${hint}`;
    return [findingAt(path, { code: "PLAN_BUDGET_ARG", severity: "error", message })];
  });
}

/** `LINT_ARG_SCHEMA`: a constant that the tool's own schema refuses, as far as the schema can be compiled. */
export const constantsFit: LintRule = (subject) =>
  subject.toolNodes.flatMap(({ name, node, tool, isDescribed }): readonly Finding[] => {
    if (!isDescribed) return [];
    const known = inputProperties(tool);
    return Object.keys(node.args ?? {}).flatMap((arg) => {
      const value = constantOf(node.args?.[arg] as ArgRule);
      const schema = known.get(arg);
      if (value === undefined || schema === undefined) return [];
      const match = compileMatch(withoutAnnotations(schema));
      if (!match.ok || match.value.check(value.constant) === undefined) return [];
      const message = `\`${tool.name}\` says in its schema that it does not take this value as \`${arg}\``;
      return [findingAt(["nodes", name, "args", arg], { code: "LINT_ARG_SCHEMA", severity: "warning", message })];
    });
  });

/** The value of a rule that is a constant in all its parts. */
function constantOf(rule: ArgRule): { readonly constant: Json } | undefined {
  const classed = classify(rule);
  if (classed.kind === "const") return { constant: classed.rule.const };
  if (classed.kind !== "list" && classed.kind !== "object") return undefined;
  const parts = partsOf(rule).map((part) => ({ name: part.name, value: constantOf(part.rule) }));
  if (parts.some((part) => part.value === undefined)) return undefined;
  const entries = parts.map((part): [string, Json] => [String(part.name), part.value?.constant ?? null]);
  return { constant: classed.kind === "list" ? entries.map(([, value]) => value) : Object.fromEntries(entries) };
}

/**
 * `PLAN_WRITE_ROLE` (error): free text where the argument steers the tool. `LINT_CHOICE_UNBOUNDED`: a choice there whose values cannot be
 * counted. `LINT_CHOICE` (info): one that can, with its bits.
 */
export const agentGiven: LintRule = (subject) =>
  subject.toolNodes.flatMap(({ name, node, tool }) =>
    rulesOf(name, node).flatMap(({ path, place, rule }): Finding[] => {
      const role = roleOf(tool, place);
      if (role === "content") return [];
      const classed = classify(rule);
      const what = `the ${role} \`${place}\` of \`${tool.name}\``;
      if (classed.kind === "write") {
        const message = `free text is for content, and this is ${what}: use \`choose\`, a reference or a parameter`;
        return [findingAt(path, { code: "PLAN_WRITE_ROLE", severity: "error", message })];
      }
      const isPick = (classed.kind === "from" || classed.kind === "item") && classed.rule.pick === "agent";
      if (classed.kind !== "choose" && !isPick) return [];
      const bits = bitsOf(rule);
      if (bits !== undefined) {
        return [findingAt(path, { code: "LINT_CHOICE", severity: "info", message: `the agent chooses ${what}`, bits })];
      }
      const message = isPick
        ? `the agent picks ${what} among rows that cannot be counted; \`match\` would bound it`
        : `the agent chooses ${what}, and the choice is not bounded; \`enum\`, a finite \`pattern\` or a range of integers would`;
      return [findingAt(path, { code: "LINT_CHOICE_UNBOUNDED", severity: isPick ? "info" : "warning", message })];
    }),
  );

/** `LINT_OTHERWISE` (warning): whoever writes the data can make it ambiguous, and then the constant is used. */
export const fallbacks: LintRule = (subject) =>
  subject.toolNodes.flatMap(({ name, node, tool }) =>
    rulesOf(name, node).flatMap(({ path, place, rule }): Finding[] => {
      const classed = classify(rule);
      if ((classed.kind !== "from" && classed.kind !== "item") || classed.rule.otherwise === undefined) return [];
      if (roleOf(tool, place) === "content") return [];
      const message = `where the data does not hold exactly one value, \`${place}\` of \`${tool.name}\` is what \`otherwise\` says`;
      return [findingAt([...path, "otherwise"], { code: "LINT_OTHERWISE", severity: "warning", message })];
    }),
  );

/** `LINT_OPTIONAL_REQUIRED`: an argument that may be left out, but not for the tool. */
export const optionalArguments: LintRule = (subject) =>
  subject.toolNodes.flatMap(({ name, node, tool, isDescribed }) => {
    const required = isDescribed ? requiredArguments(tool) : new Set<string>();
    return Object.keys(node.args ?? {})
      .filter((arg) => required.has(arg) && optionsOf(node.args?.[arg] as ArgRule).optional === true)
      .map((arg) =>
        findingAt(["nodes", name, "args", arg, "optional"], {
          code: "LINT_OPTIONAL_REQUIRED",
          severity: "warning",
          message: `\`${tool.name}\` demands \`${arg}\`, so leaving it out will fail`,
        }),
      );
  });
