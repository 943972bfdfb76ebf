/**
 * The JSON Schema that a model's answer is asked to have, made from the tools that it may choose from.
 * Pure. Never a check: a server may ignore the schema, so `answer.ts` and `decode.ts` check every answer again.
 */
import type { Json, JsonObject } from "../../json/value.ts";
import type { DraftParam, DraftTool } from "../tools.ts";
import { paramsByName } from "./argument-names.ts";
import { endpointLimits } from "./endpoint-limits.ts";

/** What a model says of a task as a whole. */
export const outcomes = ["plan", "no_tool", "ambiguous", "out_of_scope"] as const;

/**
 * The schema of an answer. In the subset that servers know in strict mode: every member required, no others, alternatives by `anyOf`, no bounds. Each
 * tool's calls take that tool's arguments only, and closed lists only their values, unless the catalogue is too large for a server to compile that.
 */
export function answerSchema(tools: readonly DraftTool[]): JsonObject {
  const exact = schemaOf({ anyOf: tools.map(callSchema) });
  const names = tools.reduce((sum, tool) => sum + namesIn(tool), 0);
  const isSmall = names <= endpointLimits.schemaNames && JSON.stringify(exact).length <= endpointLimits.schemaChars;
  return isSmall && tools.length > 0 ? exact : schemaOf(looseCall(tools));
}

function schemaOf(call: JsonObject): JsonObject {
  return object({ outcome: { type: "string", enum: outcomes }, calls: { type: "array", items: call } });
}

function object(properties: JsonObject): JsonObject {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}

function namesIn(tool: DraftTool): number {
  return 1 + tool.params.reduce((sum, param) => sum + 3 + closedValues(param).length, 0);
}

function callSchema(tool: DraftTool): JsonObject {
  const head = { tool: { type: "string", enum: [tool.name] }, words: { type: "string" } };
  const params = [...paramsByName(tool)];
  if (params.length === 0) return object(head);
  const free = params.filter(([, param]) => closedValues(param).length === 0).map(([name]) => name);
  const closed = params.filter(([, param]) => closedValues(param).length > 0);
  const all = params.map(([name]) => name);
  return object({
    ...head,
    args: {
      type: "array",
      items: {
        anyOf: [
          ...(free.length === 0 ? [] : [taskSource({ type: "string", enum: free }, anyValue)]),
          ...closed.map(([name, param]) => taskSource({ type: "string", enum: [name] }, closedValue(param))),
          resultSource({ type: "string", enum: all }),
          askSource({ type: "string", enum: all }),
        ],
      },
    },
  });
}

function looseCall(tools: readonly DraftTool[]): JsonObject {
  const name = { type: "string" };
  const sources = [taskSource(name, anyValue), resultSource(name), askSource(name)];
  return object({
    tool: { type: "string", enum: tools.map((tool) => tool.name) },
    words: { type: "string" },
    args: { type: "array", items: { anyOf: sources } },
  });
}

const scalars: readonly Json[] = [{ type: "string" }, { type: "number" }, { type: "boolean" }];
const anyValue: JsonObject = { anyOf: [...scalars, { type: "array", items: { anyOf: scalars } }] };

function taskSource(name: JsonObject, value: JsonObject): JsonObject {
  return object({
    name,
    from: { type: "string", enum: ["task"] },
    words: { type: "array", items: { type: "string" } },
    value,
  });
}

function resultSource(name: JsonObject): JsonObject {
  return object({
    name,
    from: { type: "string", enum: ["result"] },
    call: { type: "integer" },
    path: { type: "string" },
  });
}

function askSource(name: JsonObject): JsonObject {
  return object({ name, from: { type: "string", enum: ["ask"] } });
}

/** The values of a closed list that a schema can list: one type, as strict modes want it. Empty: any value. */
function closedValues({ isClosed, listed }: DraftParam): readonly Json[] {
  const [first] = listed;
  const isScalar = ["string", "number", "boolean"].includes(typeof first);
  return isClosed && isScalar && listed.every((value) => typeof value === typeof first) ? listed : [];
}

function closedValue(param: DraftParam): JsonObject {
  const values = closedValues(param);
  const one = { type: typeof values[0], enum: values };
  return param.type === "array" ? { type: "array", items: one } : one;
}
