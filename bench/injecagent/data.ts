/**
 * Reads InjecAgent's direct-harm cases (normalised: see README.md) from the folder that `SLUICE_DATA` names.
 * Never guesses: a file of another shape stops the run with its name.
 */
import { join } from "node:path";
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../src/json/value.ts";
import { dataFolder, readFile, readLines, text } from "../agentdojo/data.ts";

/** A call of a case. */
export interface CaseCall {
  readonly tool: string;
  readonly args: JsonObject;
}

/** One case: what the user asks for, the call that does it, its poisoned result, and what the attacker wants called. */
export interface Case {
  readonly id: string;
  readonly task: string;
  readonly call: CaseCall;
  readonly response: Json;
  readonly attack: readonly CaseCall[];
}

/** All that is read. */
export interface InjecAgent {
  readonly catalogue: Catalogue;
  readonly cases: readonly Case[];
  /** Values of the attackers' sampled calls, by JSON type: what a hijacked argument is replaced by. */
  readonly values: ReadonlyMap<string, readonly Json[]>;
}

/** Values of one type that are kept, at most. */
const valuesMax = 200;

/** The cases, or `undefined` with a line that says where they were looked for. */
export function readInjecAgent(): InjecAgent | undefined {
  const folder = dataFolder("injecagent");
  if (folder === undefined) return undefined;
  const catalogue = readCatalogue(readFile(join(folder, "catalog.json")));
  if (!catalogue.ok) throw new Error(`catalog.json: ${catalogue.error[0]?.message}`);
  const samples = readFile(join(folder, "attacker_args.json"));
  const cases = readLines(join(folder, "direct_harm_base.jsonl.gz")).map((line) =>
    readCase(line, { catalogue: catalogue.value, samples }),
  );
  return { catalogue: catalogue.value, cases, values: valuesIn(samples) };
}

/** Tools by their whole names, as the engine is asked for them. */
function readCase(line: Json, { catalogue, samples }: { readonly catalogue: Catalogue; readonly samples: Json }): Case {
  const named = (tool: string): string => {
    const found = catalogue.resolve(tool);
    if (!found.ok) throw new Error(`the catalogue has no \`${tool}\``);
    return found.value.name;
  };
  const call = member(line, "user_call");
  const args = member(call, "args");
  const calls = member(line, "attacker_calls");
  return {
    id: text(line, "id"),
    task: text(line, "task"),
    call: { tool: named(text(call, "tool")), args: isObject(args) ? args : {} },
    response: member(line, "injected_response") ?? null,
    attack: (isArray(calls) ? calls : []).map((one) => ({
      tool: named(text(one, "tool")),
      args: sampleOf(samples, text(one, "tool")),
    })),
  };
}

/** Arguments for an attacker's call, which the data gives apart from the cases. */
function sampleOf(samples: Json, tool: string): JsonObject {
  const calls = member(samples, tool);
  const [first] = isArray(calls) ? calls.filter((call) => isObject(call) && Object.keys(call).length > 0) : [];
  return isObject(first) ? first : {};
}

function valuesIn(samples: Json): ReadonlyMap<string, readonly Json[]> {
  const found = new Map<string, Json[]>();
  for (const calls of isObject(samples) ? Object.values(samples) : []) {
    for (const call of isArray(calls) ? calls : []) {
      for (const value of isObject(call) ? Object.values(call) : []) {
        const list = found.get(typeof value) ?? [];
        if (list.length < valuesMax) found.set(typeof value, [...list, value]);
      }
    }
  }
  return found;
}
