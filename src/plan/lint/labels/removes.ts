/**
 * Rules about `removes`: labels are only taken away where the tool's output schema leaves no room for a message.
 * Pure. What a schema does not say is not bounded.
 */
import { outputSchema } from "../../../catalogue/schema.ts";
import { isArray, isObject, type Json, member } from "../../../json/value.ts";
import { compileMatch } from "../../../lang/match.ts";
import { compilePath } from "../../../lang/path.ts";
import { compilePattern } from "../../../lang/pattern.ts";
import type { Finding } from "../../finding.ts";
import { withoutAnnotations } from "../../schema-annotations.ts";
import { findingAt, type LintRule } from "../subject.ts";

/**
 * `PLAN_REMOVES_SCHEMA` (no output schema, or one that is not checked at run time), `PLAN_REMOVES_PATH` (a path that is not made of
 * required members) and `PLAN_REMOVES_UNBOUNDED` (a leaf below it that may hold free text).
 */
export const boundedRemovals: LintRule = (subject) =>
  subject.toolNodes.flatMap(({ name, node, tool }): readonly Finding[] => {
    if (node.removes === undefined) return [];
    const at = ["nodes", name, "removes"];
    const given = outputSchema(tool);
    const schema = given === undefined ? undefined : withoutAnnotations(given);
    const error = (code: Finding["code"], path: readonly (string | number)[], message: string): Finding =>
      findingAt(path, { code, severity: "error", message });
    if (schema === undefined) {
      return [error("PLAN_REMOVES_SCHEMA", at, `\`removes\` needs an \`outputSchema\`, and \`${tool.name}\` has none`)];
    }
    const compiled = compileMatch(schema);
    if (!compiled.ok) {
      const message = `the \`outputSchema\` of \`${tool.name}\` cannot be checked: ${compiled.error.message}`;
      return [error("PLAN_REMOVES_SCHEMA", at, message)];
    }
    return node.removes.paths.flatMap((source, i): Finding[] => {
      const path = [...at, "paths", i];
      const steps = stepsOf(source);
      if (steps === undefined) {
        return [error("PLAN_REMOVES_PATH", path, "a path of `removes` is made of member names only, such as `$.orders`")];
      }
      const found = descend(schema, steps);
      if (found.missing !== undefined) {
        const message = `\`${found.missing}\` is not a required property in the \`outputSchema\` of \`${tool.name}\``;
        return [error("PLAN_REMOVES_PATH", path, message)];
      }
      const loose = looseLeaf(found.schema, source);
      return loose === undefined ? [] : [error("PLAN_REMOVES_UNBOUNDED", path, loose)];
    });
  });

function stepsOf(source: string): readonly string[] | undefined {
  const path = compilePath(source);
  if (!path.ok || !path.value.singular || !path.value.prefix.every((step) => typeof step === "string")) return undefined;
  return path.value.prefix as readonly string[];
}

/** The schema at the end of required properties, or the first step that is none. */
function descend(root: Json, steps: readonly string[]): { readonly schema: Json; readonly missing?: string } {
  let schema = root;
  for (const step of steps) {
    const required = member(schema, "required");
    const next = member(member(schema, "properties"), step);
    if (!isArray(required) || !required.includes(step) || next === undefined) return { schema, missing: step };
    schema = next;
  }
  return { schema };
}

const boundedTypes: ReadonlySet<unknown> = new Set(["number", "integer", "boolean", "null"]);
const boundedFormats: ReadonlySet<unknown> = new Set(["date", "date-time"]);

/** What may hold free text at or below a schema, as a message; `undefined` if nothing may. Depth is bounded by `compileMatch`. */
function looseLeaf(schema: Json, at: string): string | undefined {
  if (member(schema, "enum") !== undefined || member(schema, "const") !== undefined) return undefined;
  const type = member(schema, "type");
  if (boundedTypes.has(type) || boundedFormats.has(member(schema, "format"))) return undefined;
  const pattern = member(schema, "pattern");
  if (typeof pattern === "string") {
    const compiled = compilePattern(pattern);
    if (compiled.ok && compiled.value.isFinite) return undefined;
    return `the pattern of \`${at}\` matches texts without end, so it may hold a message`;
  }
  const items = member(schema, "items");
  if (type === "array" || items !== undefined) {
    return items === undefined ? `the schema says nothing of the elements of \`${at}\`` : looseLeaf(items, `${at}[*]`);
  }
  const properties = member(schema, "properties");
  if (isObject(properties)) {
    const more = member(schema, "additionalProperties");
    if (more !== undefined && more !== false) return `\`${at}\` may have members that its schema does not name`;
    for (const key of Object.keys(properties).sort()) {
      const loose = looseLeaf(properties[key] as Json, `${at}.${key}`);
      if (loose !== undefined) return loose;
    }
    return undefined;
  }
  return `\`${at}\` may hold any text: its schema has no enum, const, date format or finite pattern`;
}
