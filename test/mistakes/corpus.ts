/**
 * Reads the corpus of mistakes: what an honest author, a hurried reviewer or a malicious planner would write, and the repaired twin.
 * Never judges: what is found in each is for the tests.
 */
import { readdirSync, readFileSync } from "node:fs";
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../src/json/value.ts";
import { readYaml } from "../../src/json/yaml.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { Result } from "../../src/result.ts";

/** A finding by its code and where it is: a pointer into the plan or, after `policy:`, into the policy. */
export interface Named {
  readonly code: string;
  readonly at: string;
  /** Why a finding that stays in the repaired twin is true all the same. */
  readonly why?: string;
}

/** A flow of the worst case that must be listed. */
export interface Expected {
  readonly from: string;
  readonly node: string;
  readonly argument: string;
}

/** A plan with its tools and perhaps a policy, which nobody has read yet. */
export interface Work {
  readonly plan: Plan;
  readonly catalogue: Catalogue;
  readonly policy?: Json;
}

/** One mistake. */
export interface Mistake {
  readonly file: string;
  /** The mistake as a sentence: the name of its test. */
  readonly says: string;
  readonly why: string;
  readonly source?: string;
  readonly expect: readonly Named[];
  readonly flows: readonly Expected[];
  readonly remains: readonly Named[];
  readonly bad: Work;
  readonly repaired: Work;
}

const here = new URL("./", import.meta.url);
const members: ReadonlySet<string> = new Set([
  ...["says", "why", "source", "expect", "flows", "remains", "plan", "catalogue", "policy", "repair"],
]);

/** The plan beside a policy that is wrong by itself. */
const greeting: JsonObject = { nodes: { post: { tool: "mail/post", args: { channel: "desk", text: "Good morning" } } } };

/** Every mistake of the corpus, in the order of the files' names. */
export function readMistakes(): readonly Mistake[] {
  const shared = readFile("catalogue.yaml");
  return readdirSync(new URL("corpus/", here))
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .map((file) => readMistake(file, shared));
}

function readMistake(file: string, shared: Json): Mistake {
  const source = readFile(`corpus/${file}`);
  if (!isObject(source)) throw new Error(`${file}: expected an object`);
  const stranger = Object.keys(source).find((key) => !members.has(key));
  if (stranger !== undefined) throw new Error(`${file}: unknown member ${stranger}`);
  const text = (name: string): string => {
    const value = member(source, name);
    if (typeof value !== "string") throw new Error(`${file}: expected a text as ${name}`);
    return value;
  };
  const list = <Element>(name: string): readonly Element[] => {
    const value = member(source, name) ?? [];
    if (!isArray(value)) throw new Error(`${file}: expected a list as ${name}`);
    return value as unknown as readonly Element[];
  };
  const name = file.slice(0, -".yaml".length);
  const policy = member(source, "policy");
  const own: JsonObject = {
    plan: merge({ sluice: 1, name }, member(source, "plan") ?? greeting),
    catalogue: merge(shared, member(source, "catalogue") ?? {}),
    ...(policy === undefined ? {} : { policy: merge({ sluicePolicy: 1, name }, policy) }),
  };
  const repair = member(source, "repair");
  if (!isObject(repair) || Object.keys(repair).some((key) => !["plan", "catalogue", "policy"].includes(key)))
    throw new Error(`${file}: expected \`plan\`, \`catalogue\` or \`policy\` in \`repair\``);
  return {
    file,
    says: text("says"),
    why: text("why"),
    ...(member(source, "source") === undefined ? {} : { source: text("source") }),
    expect: list("expect"),
    flows: list("flows"),
    remains: list("remains"),
    bad: workOf(own, file),
    repaired: workOf(merge(own, repair), file),
  };
}

function workOf(value: Json, file: string): Work {
  const catalogue = member(value, "catalogue") ?? {};
  const tools = Object.entries(member(catalogue, "tools") ?? {}).map(([name, tool]) => merge({ name }, tool as Json));
  const policy = member(value, "policy");
  return {
    plan: member(value, "plan") as unknown as Plan,
    catalogue: must(readCatalogue(merge(catalogue, { tools })), file),
    ...(policy === undefined ? {} : { policy }),
  };
}

/** A merge patch (RFC 7396): members replace members, `null` removes, anything but an object replaces. */
function merge(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, merge(merged.get(key) ?? null, value as Json));
  }
  return Object.fromEntries(merged) as Json;
}

function readFile(name: string): Json {
  return must(readYaml(readFileSync(new URL(name, here), "utf8")), name);
}

function must<Value>(result: Result<Value, unknown>, what: string): Value {
  if (!result.ok) throw new Error(`${what}: ${JSON.stringify(result.error)}`);
  return result.value;
}
