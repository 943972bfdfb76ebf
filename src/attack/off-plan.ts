/**
 * What is tried outside the plan: other tools, names that look alike, other definitions, other parameters.
 * Pure and deterministic.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Code } from "../codes.ts";
import type { Guard } from "../engine.ts";
import { isObject, type Json, type JsonObject, jsonEqual, member } from "../json/value.ts";
import { freezePlan, thawPlan } from "../plan/freeze.ts";
import { catalogueOf } from "../plan/freeze-resolve.ts";
import type { FrozenPlan, FrozenTool } from "../plan/plan.ts";
import { bareName } from "../plan/tool-name.ts";
import { sessionOfDrive } from "../simulate/play.ts";
import type { Attempt, Technique } from "./attempt.ts";
import type { BaseRun } from "./run.ts";
import { anyType, evil } from "./values.ts";

/** Tools of the catalogue that are tried. */
const toolsMax = 200;

/** Calls of tools that the plan does not use, at the start and the end of a run. */
export function* strangerAttempts({ program }: Guard, base: BaseRun, catalogue: Catalogue | undefined): Generator<Attempt> {
  const { byTool } = program.plan;
  const strangers = [...(catalogue?.tools.keys() ?? [])].filter((name) => !byTool.has(name)).slice(0, toolsMax);
  const called = (technique: Technique, tool: string, at: number): Attempt => ({
    technique,
    base,
    at,
    tail: [{ type: "call", id: "attack", tool, args: {} }],
    controls: "the agent",
    byAgent: true,
  });
  for (const at of [0, base.events.length]) {
    for (const tool of [...strangers, "shell/run", "", "__proto__", "constructor"]) yield called("off-plan tool", tool, at);
    for (const tool of byTool.keys())
      for (const name of lookAlikes(tool)) if (!byTool.has(name)) yield called("look-alike name", name, at);
  }
}

function lookAlikes(tool: string): readonly string[] {
  const bare = bareName(tool);
  return [
    `evil/${bare}`,
    `${tool} `,
    ` ${tool}`,
    tool.toUpperCase(),
    tool.replace("/", "//"),
    tool.replace("/", "\\"),
    tool.replace("/", "\uff0f"),
    tool.replace("/", "."),
    `${tool}\u200b`,
    `${tool}\u0000`,
    tool.replace(/[aeo]/, (unit) => ({ a: "а", e: "е", o: "о" })[unit] ?? unit),
    `./${tool}`,
    `${tool}/../${bare}`,
    `${tool}2`,
  ];
}

/** What became of a try that never gets as far as a call. */
export interface Refused {
  readonly technique: Technique;
  /** Why it was refused; `undefined`: it was taken, which is a fault of Sluice's. */
  readonly code: Code | undefined;
  readonly what: string;
}

/** Definitions and servers that changed since the plan was frozen: each must give another digest, and its file must be refused. */
export function changedDefinitions(frozen: FrozenPlan): readonly Refused[] {
  const found: Refused[] = [];
  for (const tool of Object.values(frozen.tools)) {
    for (const [what, definition] of changesOf(tool)) {
      if (jsonEqual(definition, tool.definition)) continue;
      const tools = { ...frozen.tools, [tool.name]: { ...tool, definition } };
      const changed = { ...frozen, tools } as FrozenPlan;
      const again = freezePlan(frozen.plan, catalogueOf(changed));
      const isSame = again.ok && again.value.digest === frozen.digest;
      found.push({
        technique: "changed definition",
        code: isSame ? undefined : "TOOL_DESCRIPTOR_CHANGED",
        what: `${tool.name}: ${what}`,
      });
      const thawed = thawPlan(changed as unknown as Json);
      found.push({
        technique: "changed definition",
        code: thawed.ok ? undefined : "PLAN_DIGEST_MISMATCH",
        what: `${tool.name}: ${what}, in the frozen file`,
      });
    }
  }
  return found;
}

function changesOf({ definition }: FrozenTool): readonly (readonly [string, JsonObject])[] {
  const schema = member(definition, "inputSchema");
  const properties = member(schema, "properties");
  const more = { ...(isObject(properties) ? properties : {}), bcc: { type: "string", default: evil.email } };
  return [
    ["another description", { ...definition, description: evil.text }],
    ["another title", { ...definition, title: "Safe tool" }],
    ["an argument more", { ...definition, inputSchema: { ...(isObject(schema) ? schema : {}), properties: more } }],
    ["other annotations", { ...definition, annotations: { readOnlyHint: false, destructiveHint: true } }],
    ["another output schema", { ...definition, outputSchema: { type: "object", additionalProperties: true, properties: {} } }],
  ];
}

/** Parameters that the plan does not have, or not with these values. */
export function sessionParameters(guard: Guard, params: JsonObject): readonly Refused[] {
  const found: Refused[] = [];
  const refused = (what: string, changed: JsonObject): void => {
    const opened = guard.session({ ...sessionOfDrive, params: changed });
    found.push({ technique: "session parameter", code: opened.ok ? undefined : opened.error.code, what });
  };
  refused("one more", { ...params, evil: evil.text });
  refused("one more, called like the prototype", withPrototype(params));
  for (const param of guard.program.plan.params.values())
    for (const value of anyType)
      if (param.match.check(value) !== undefined)
        refused(`\`${param.name}\` outside its constraint`, { ...params, [param.name]: value });
  return found;
}

/** An object with an own member `__proto__`. */
function withPrototype(params: JsonObject): JsonObject {
  return Object.fromEntries([...Object.entries(params), ["__proto__", evil.text]]);
}
