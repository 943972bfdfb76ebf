/**
 * The tools of a plan as its agent sees them: filled arguments optional and handle-typed, choices as enums, hidden results announced.
 * Pure. Never shows a tool, an argument or a value that the plan does not give the agent; what it says is advice, and decides nothing.
 */
import { inputProperties } from "../catalogue/schema.ts";
import { isArray, isObject, type Json, type JsonObject, jsonEqual, member, withoutMember } from "../json/value.ts";
import type { CompiledArg, CompiledNode, CompiledPlan, CompiledRule } from "../plan/compile/compiled.ts";
import type { FrozenTool } from "../plan/plan.ts";
import { bareName } from "../plan/tool-name.ts";

/** A tool as an agent sees it. */
export interface AgentTool {
  /** Qualified name, as the plan has it. */
  readonly tool: string;
  /** Names of the plan's nodes that are runs of it. */
  readonly nodes: readonly string[];
  readonly description: string;
  /** JSON Schema of the arguments that the agent may give: an object that is closed. */
  readonly inputSchema: JsonObject;
  /** JSON Schema of the result; absent where the tool pins none, or the agent does not see all of it. */
  readonly outputSchema?: JsonObject;
  /** All of it in the shape of MCP `tools/list`, under the tool's bare name, with what else the pinned definition says. */
  readonly definition: JsonObject;
}

/** What a handle looks like; see `decide/handle.ts`. */
const handlePattern = "^sluice:h:[A-Za-z0-9_-]{22}$";

/** Members of an input schema that speak of its properties: they may ask for an argument that is Sluice's to give. */
const aboutProperties: ReadonlySet<string> = new Set(
  "properties required additionalProperties patternProperties propertyNames unevaluatedProperties minProperties maxProperties allOf anyOf oneOf not if then else dependentRequired dependentSchemas dependencies $ref $id".split(
    " ",
  ),
);

/** The tools that a plan's nodes use, in ascending order of name. */
export function agentTools(plan: CompiledPlan): readonly AgentTool[] {
  const names = [...plan.byTool.keys()].sort();
  return names.flatMap((name) => {
    const nodes = plan.byTool.get(name) ?? [];
    const tool = nodes[0]?.tool;
    return tool === undefined ? [] : [agentTool(plan, tool, nodes)];
  });
}

function agentTool(plan: CompiledPlan, tool: FrozenTool, nodes: readonly CompiledNode[]): AgentTool {
  const { sluice: _facts, outputSchema, ...kept } = tool.definition;
  const description = describe(plan, tool, nodes);
  const inputSchema = inputSchemaOf(plan, tool, nodes);
  const isWhole = isObject(outputSchema) && nodes.every(({ show }) => show === "all");
  const output = isWhole ? { outputSchema } : {};
  return {
    tool: tool.name,
    nodes: nodes.map(({ name }) => name),
    description,
    inputSchema,
    ...output,
    definition: { ...kept, name: bareName(tool.name), description, inputSchema, ...output },
  };
}

/** The tool's own description, and what the plan makes of it. */
function describe({ frozen }: CompiledPlan, tool: FrozenTool, nodes: readonly CompiledNode[]): string {
  const own = member(tool.definition, "description");
  const lines: string[] = typeof own === "string" && own !== "" ? [own] : [];
  if (nodes.every(({ show }) => show === "none"))
    lines.push("The result is hidden: you get a handle for it, to give where another operation takes the value.");
  else if (nodes.some(({ show }) => show !== "all"))
    lines.push("Parts of the result are hidden: you get handles for them, to give where another operation takes the value.");
  if (nodes.every(({ needsApproval }) => needsApproval)) lines.push("A person must approve each call.");
  if (nodes.length > 1) {
    const uses = nodes.map(({ name }) => {
      const said = frozen.plan.nodes[name]?.description;
      return said === undefined ? `\`${name}\`` : `\`${name}\` (${said})`;
    });
    lines.push(`It has several uses here; \`sluice_node\` names the one that is meant: ${uses.join(", ")}.`);
  }
  return lines.join("\n\n");
}

function inputSchemaOf(plan: CompiledPlan, tool: FrozenTool, nodes: readonly CompiledNode[]): JsonObject {
  const own = member(tool.definition, "inputSchema");
  const kept = Object.entries(isObject(own) ? own : {}).filter(([key]) => !aboutProperties.has(key));
  const known = inputProperties(tool);
  const names = [...new Set([...known.keys(), ...nodes.flatMap(({ args }) => args.map(({ name }) => name))])];
  const properties: [string, Json][] = [];
  const required: string[] = [];
  for (const name of names) {
    const uses = nodes.flatMap((node) => {
      const arg = node.args.find((each) => each.name === name);
      return arg === undefined ? [] : [{ node, arg }];
    });
    // An argument that the plan does not mention is no argument here.
    if (uses.length === 0) continue;
    const schemas = uses.map(({ node, arg }) => argSchema(plan, node, { arg, own: known.get(name) ?? {} }));
    properties.push([name, anyOf(schemas)]);
    if (uses.length === nodes.length && uses.every(({ arg: { rule } }) => !rule.isFilled && !rule.isOptional))
      required.push(name);
  }
  if (nodes.length > 1) {
    const choice = { type: "string", enum: nodes.map(({ name }) => name), description: "Which use of the tool is meant." };
    properties.push(["sluice_node", choice]);
  }
  return {
    ...Object.fromEntries(kept),
    type: "object",
    properties: Object.fromEntries(properties),
    required,
    additionalProperties: false,
  };
}

function argSchema(
  { frozen }: CompiledPlan,
  node: CompiledNode,
  { arg, own }: { readonly arg: CompiledArg; readonly own: JsonObject },
): JsonObject {
  const written = frozen.plan.nodes[node.name]?.args?.[arg.name];
  return ruleSchema(arg.rule, written as Json | undefined, own);
}

/** The schema of what the agent may give under a rule; `written`: the rule as the plan has it, `own`: the tool's schema at this place. */
function ruleSchema(rule: CompiledRule, written: Json | undefined, own: JsonObject): JsonObject {
  if (rule.isFilled) return filledSchema(rule, own);
  const about = Object.fromEntries(Object.entries(own).filter(([key]) => key === "description" || key === "title"));
  switch (rule.kind) {
    case "choose": {
      const choice = member(written, "choose");
      return { ...own, ...(isObject(choice) ? published(choice) : {}) };
    }
    case "write":
      return { ...about, type: "string", ...(Number.isFinite(rule.maxLength) ? { maxLength: rule.maxLength } : {}) };
    case "object":
      return { ...about, ...objectSchema(rule, member(written, "object"), own) };
    case "list": {
      const elements = isArray(written) ? written : [];
      const prefixItems = rule.elements.map((element, i) => ruleSchema(element, elements[i], {}));
      return { ...about, type: "array", prefixItems, items: false, minItems: prefixItems.length };
    }
    default:
      // A value of an earlier result that the agent picks: as itself, or by its handle.
      return rule.isHidden ? { ...about, ...handleSchema } : withHandle(own);
  }
}

/** A constraint of the plan as JSON Schema has it: there, a pattern is looked for anywhere in the text. */
function published(constraint: JsonObject): JsonObject {
  const entries = Object.entries(constraint).map(([key, value]): readonly [string, Json] => {
    if (key === "pattern" && typeof value === "string") return [key, `^(?:${value})$`];
    if (key === "items" && isObject(value)) return [key, published(value)];
    if (key !== "properties" || !isObject(value)) return [key, value];
    return [
      key,
      Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, isObject(inner) ? published(inner) : inner])),
    ];
  });
  return Object.fromEntries(entries);
}

const handleSchema: JsonObject = { type: "string", pattern: handlePattern };

/** What is filled in: left out, or its handle, or (where the agent may see it) the very same value. */
function filledSchema(rule: CompiledRule, own: JsonObject): JsonObject {
  const given = member(own, "description");
  const said = typeof given === "string" && given !== "" ? `${given} ` : "";
  const description = `${said}(Filled in by Sluice: leave it out.)`;
  if (rule.isHidden) return { ...handleSchema, description };
  return { ...withHandle(withoutMember(withoutMember(own, "description"), "default")), description };
}

function withHandle(own: JsonObject): JsonObject {
  const isAnyText = member(own, "type") === "string" && Object.keys(own).every((key) => plainText.has(key));
  if (isAnyText || Object.keys(own).length === 0) return own;
  return { anyOf: [own, handleSchema] };
}

const plainText: ReadonlySet<string> = new Set(["type", "title", "description", "default"]);

function objectSchema(rule: CompiledRule & { readonly kind: "object" }, written: Json | undefined, own: JsonObject): JsonObject {
  const inner = member(own, "properties");
  const required = rule.members.filter((each) => !each.rule.isFilled && !each.rule.isOptional).map(({ name }) => name);
  const properties = rule.members.map(({ name, rule: each }): readonly [string, Json] => {
    const schema = member(inner, name);
    return [name, ruleSchema(each, member(written, name), isObject(schema) ? schema : {})];
  });
  return { type: "object", properties: Object.fromEntries(properties), required, additionalProperties: false };
}

/** One schema for what any of these allows. */
function anyOf(schemas: readonly JsonObject[]): JsonObject {
  const distinct = schemas.filter((schema, i) => schemas.findIndex((other) => jsonEqual(other, schema)) === i);
  const [only] = distinct;
  return distinct.length === 1 && only !== undefined ? only : { anyOf: distinct };
}
