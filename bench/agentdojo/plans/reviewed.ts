/**
 * The catalogue of a suite as an operator has reviewed it: AgentDojo's definitions with the facts of `catalogue/SUITE.yaml` beside them.
 * Never changes a definition, and never leaves a tool without a review: a tool that the file does not name, or names in vain, is an error.
 */
import { readFileSync } from "node:fs";
import { type Catalogue, readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { isObject, type Json, type JsonObject, member } from "../../../src/json/value.ts";
import { readYaml } from "../../../src/json/yaml.ts";
import type { Suite } from "../data.ts";

/** The folder of the plans, with `/` at its end. */
export const plansFolder: URL = new URL("./", import.meta.url);

/** A YAML file of this folder, by its path from here. */
export function readYamlFile(path: string): Json {
  const read = readYaml(readFileSync(new URL(path, plansFolder), "utf8"));
  if (!read.ok) throw new Error(`bench/agentdojo/plans/${path}:${read.error.line}: ${read.error.message}`);
  return read.value;
}

/** The suite's catalogue under the review of `catalogue/SUITE.yaml`. */
export function reviewedCatalogue(suite: Pick<Suite, "name" | "catalogue">): Catalogue {
  const path = `catalogue/${suite.name}.yaml`;
  const review = readYamlFile(path);
  const facts = member(review, "tools");
  if (!isObject(facts)) throw new Error(`bench/agentdojo/plans/${path}: expected \`tools\``);
  const left = new Set(Object.keys(facts));
  const tools = [...suite.catalogue.tools.values()].map(({ definition }): JsonObject => {
    const name = String(definition.name);
    if (!left.delete(name)) throw new Error(`bench/agentdojo/plans/${path}: nothing is said of \`${name}\``);
    return { ...definition, sluice: member(facts, name) as Json };
  });
  if (left.size > 0) throw new Error(`bench/agentdojo/plans/${path}: the suite has no tool \`${[...left].join("`, `")}\``);
  const read = readCatalogue({ labels: member(review, "labels") ?? {}, tools });
  if (!read.ok) throw new Error(`bench/agentdojo/plans/${path}: ${read.error[0]?.pointer} ${read.error[0]?.message}`);
  return read.value;
}
