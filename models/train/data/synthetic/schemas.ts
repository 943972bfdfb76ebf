/**
 * Variants of tools: the same tool with some arguments listed, made lists, or with a yes-or-no argument more, as catalogues elsewhere have them.
 * Pure but for the chance that it is given.
 */
import { type DraftTool, draftTool } from "../../../../src/infer/tools.ts";
import type { Json, JsonObject } from "../../../../src/json/value.ts";
import type { Random } from "../random.ts";
import { examplesOf, pooled, type ValuePool, withoutExamples } from "./examples-of.ts";

const listedShare = 0.5;
const pluralShare = 0.5;
const switchShare = 0.3;
const bareShare = 0.5;

/** A variant of a tool without nested arguments; the tool itself where it has some. Its name stays, so that it can stand for the tool. */
export function variantOf(tool: DraftTool, { random, pool }: { readonly random: Random; readonly pool: ValuePool }): DraftTool {
  if (tool.params.some(({ path }) => path.length > 1)) return tool;
  const properties: Record<string, Json> = {};
  for (const param of tool.params) {
    const [name = ""] = param.path;
    properties[name] = variantSchema(param, { random, pool });
  }
  const extra = random.chance(switchShare) ? switchOf(tool, random) : undefined;
  if (extra !== undefined && !Object.hasOwn(properties, extra.name)) properties[extra.name] = extra.schema;
  const required = tool.params.filter(({ isRequired }) => isRequired).map(({ path }) => path[0] ?? "");
  const outputs: Record<string, Json> = {};
  for (const { path, type } of tool.outputs) if (path.length === 1) outputs[path[0] ?? ""] = { type };
  const definition: JsonObject = {
    name: tool.name.slice(tool.name.indexOf("/") + 1),
    description: tool.description,
    inputSchema: { type: "object", properties, required },
    ...(tool.outputs.length === 0 ? {} : { outputSchema: { type: "object", properties: outputs } }),
  };
  return draftTool({ name: tool.name, definition, facts: { effects: [], roles: {}, inferred: [] } });
}

function variantSchema(
  param: DraftTool["params"][number],
  { random, pool }: { readonly random: Random; readonly pool: ValuePool },
): JsonObject {
  const { schema, description } = param;
  const examples = [...new Set(examplesOf(description))];
  const bare = random.chance(bareShare) ? withoutExamples(description) : description;
  const base: JsonObject = { ...schema, description: bare };
  if (param.type !== "string" || param.listed.length > 0) return base;
  const isPlural = /[^s]s$/.test(param.words);
  if (isPlural && random.chance(pluralShare)) return { type: "array", items: { type: "string" }, description: bare };
  const isListable =
    examples.length >= 2 && examples.every((value) => /^[\p{L}][\p{L} \-/]*$/u.test(value) && value.split(" ").length <= 3);
  const isOpenEnded = /\b(name|location|city|country|title|text|date|id|address)\b/.test(param.words);
  if (!isListable || isOpenEnded || !random.chance(listedShare)) return base;
  const more = random.sample(
    pooled(pool, param).filter((value) => !examples.includes(value) && value.split(" ").length <= 3),
    random.below(3),
  );
  const values = random.shuffled([...examples.slice(0, 5), ...more]);
  const style = random.below(3);
  return {
    type: "string",
    enum: [
      ...new Set(
        values.map((value) =>
          style === 0 ? value.toLowerCase().replace(/[ -]+/g, "_") : style === 1 ? value.toLowerCase() : value,
        ),
      ),
    ],
    description: withoutExamples(description),
  };
}

/** A yes-or-no argument that many tools have, made of the names of a result's parts. */
function switchOf(tool: DraftTool, random: Random): { readonly name: string; readonly schema: JsonObject } | undefined {
  const words =
    tool.outputs.length > 0 ? random.pick(tool.outputs).words : random.pick(["details", "images", "metadata", "history"]);
  if (words.split(" ").length > 3 || /^(?:status|success|message|result|data)$/.test(words)) return undefined;
  const verb = random.pick(["include", "include", "show", "return"]);
  return {
    name: `${verb}_${words.replace(/ /g, "_")}`,
    schema: { type: "boolean", description: `Whether to ${verb} the ${words}` },
  };
}
