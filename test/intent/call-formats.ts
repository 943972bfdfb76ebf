/**
 * Fixtures of the formats of calls, each written from its API's own reference, and the calls that a plan stands for.
 * Never reads anything but files beside it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { CallFormat } from "../../src/intent/import.ts";
import { readJson } from "../../src/json/read.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import type { ArgRule, Plan } from "../../src/plan/plan.ts";
import { classify } from "../../src/plan/walk.ts";

const folder = new URL("./formats/", import.meta.url);

/** The text of a fixture, as `openai/chat-log.json`. */
export function fixture(name: string): string {
  return readFileSync(new URL(name, folder), "utf8");
}

/** Every format, and its fixtures. */
export const fixtures: readonly { readonly from: CallFormat; readonly name: string }[] = (
  ["openai", "anthropic", "mcp", "llm-compiler"] as const
).flatMap((from) => readdirSync(new URL(`${from}/`, folder)).map((file) => ({ from, name: `${from}/${file}` })));

/** The catalogue of the tools that the fixtures call. */
export const catalogue: Catalogue = (() => {
  const value = readJson(fixture("catalogue.json"));
  const read = value.ok ? readCatalogue(value.value) : undefined;
  if (read?.ok !== true) throw new Error("the catalogue of the fixtures is broken");
  return read.value;
})();

/** A call as a plan says it. */
export interface PlannedCall {
  readonly tool: string;
  readonly args: JsonObject;
}

/** The calls of a plan whose arguments are constants, one for each run. Throws where an argument is anything else. */
export function callsOf(plan: Plan): readonly PlannedCall[] {
  return Object.values(plan.nodes).flatMap((node) => {
    if (node.tool === undefined) throw new Error("a computation is no call");
    const args = Object.fromEntries(Object.entries(node.args ?? {}).map(([name, rule]) => [name, constantOf(rule)]));
    const runs = typeof node.times === "number" ? node.times : 1;
    return Array.from({ length: runs }, () => ({ tool: node.tool as string, args }));
  });
}

function constantOf(rule: ArgRule): Json {
  const classed = classify(rule);
  if (classed.kind === "list") return classed.rules.map(constantOf);
  if (classed.kind !== "const") throw new Error(`a ${classed.kind} is no constant`);
  return classed.rule.const;
}
