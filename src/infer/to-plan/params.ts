/**
 * What the task does not say as parameters of the plan: typed by the tool's schema, asked once where several calls ask for the same thing.
 * Pure. Never asks for less than the schema says where the language of parameters can say it, and never invents a default of its own.
 */
import { roleOf } from "../../catalogue/catalogue.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { wholePattern } from "../../intent/arazzo/inputs.ts";
import { formats } from "../../lang/match/format.ts";
import { keywordKinds } from "../../lang/match/keyword.ts";
import { compileMatch } from "../../lang/match.ts";
import { ruleDepthMax } from "../../limits.ts";
import { oneLine } from "../../plan/finding.ts";
import { freshName, slugOf } from "../../plan/names.ts";
import type { ParamSpec } from "../../plan/plan.ts";
import { identifierWords } from "../pieces.ts";
import { typeOf } from "../tools.ts";
import { type PlannedCall, paramAt } from "./calls.ts";

/** A parameter, and the arguments that it fills. */
export interface AskedParam {
  readonly name: string;
  readonly spec: ParamSpec;
  /** Whether every argument that it fills is text for people, which the agent could write as well. */
  readonly isContent: boolean;
  readonly fills: readonly { readonly call: number; readonly path: readonly string[] }[];
}

/** Characters of a description that a person is shown. */
const descriptionMax = 200;

/** The parameters of some calls, in the order in which they are first asked for. */
export function askedParams(calls: readonly PlannedCall[]): readonly AskedParam[] {
  const found = new Map<string, { readonly base: string; readonly owner: string } & Omit<AskedParam, "name">>();
  for (const call of calls) {
    for (const { path, source } of call.args) {
      if (source.kind !== "ask") continue;
      const { base, spec, isContent } = askedAt(call, path);
      // Two calls of one tool that ask for everything alike would be one call twice: each asks for its own.
      const own = isTwin(call, calls) ? call.node : "";
      const key = canonicalJson([base, withoutDescription(spec), own] as Json);
      const known = found.get(key);
      const fills = [...(known?.fills ?? []), { call: call.index, path }];
      const all = known === undefined ? isContent : known.isContent && isContent;
      found.set(key, { base, owner: known?.owner ?? call.node, spec: known?.spec ?? spec, isContent: all, fills });
    }
  }
  return named([...found.values()]);
}

/** Names: the argument's where it is the only one of that name, else with the node's in front. */
function named(
  asked: readonly ({ readonly base: string; readonly owner: string } & Omit<AskedParam, "name">)[],
): readonly AskedParam[] {
  const taken = new Set<string>();
  return asked.map(({ base, owner, ...rest }) => {
    const isShared = asked.filter((other) => other.base === base).length > 1;
    return { name: freshName(isShared ? slugOf(`${owner}_${base}`) : base, taken), ...rest };
  });
}

function askedAt(
  { draft, tool }: PlannedCall,
  path: readonly string[],
): { readonly base: string; readonly spec: ParamSpec; readonly isContent: boolean } {
  const param = paramAt(draft, path);
  const last = path.findLast((name) => name !== "[]") ?? "value";
  const spec = specOf(param?.schema ?? {}, descriptionOf(param?.description ?? "", { last, tool: tool.name }));
  const names = path.filter((name) => name !== "[]");
  return { base: slugOf(last), spec, isContent: roleOf(tool, names.join(".")) === "content" };
}

function descriptionOf(text: string, { last, tool }: { readonly last: string; readonly tool: string }): string {
  const own = oneLine(text).trim();
  const said = own === "" ? `${identifierWords(last)} for ${tool}` : own;
  return said.length <= descriptionMax ? said : `${said.slice(0, descriptionMax - 1)}…`;
}

function withoutDescription({ description: _, ...spec }: ParamSpec): Json {
  return spec as unknown as Json;
}

/** Whether another call of the same tool says the same in all that it says itself. */
function isTwin(call: PlannedCall, calls: readonly PlannedCall[]): boolean {
  const key = shapeOf(call);
  return calls.some((other) => other !== call && other.tool === call.tool && shapeOf(other) === key);
}

function shapeOf({ args }: PlannedCall): string {
  const said = args.map(({ path, source }) => [path.join("\u0000"), source] as unknown as Json);
  return canonicalJson(said.toSorted((one, other) => (canonicalJson(one) < canonicalJson(other) ? -1 : 1)));
}

/** A schema as a parameter: every keyword that the language of parameters knows, and its default where it fits. */
function specOf(schema: JsonObject, description: string): ParamSpec {
  const match = matchOf(schema, 0);
  const compiled = compileMatch(match);
  const fallback = member(schema, "default");
  const fits = fallback !== undefined && fallback !== null && compiled.ok && compiled.value.check(fallback) === undefined;
  return { ...match, ...(fits ? { default: fallback } : {}), description } as ParamSpec;
}

/** A schema in the vocabulary of constraints. A keyword that cannot be kept is left to the tool, which checks its arguments itself. */
function matchOf(schema: JsonObject, depth: number): JsonObject {
  const type = typeOf(schema);
  const hasType = member(schema, "type") !== undefined || type !== "string";
  let match: JsonObject = hasType ? { type } : {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === "type" || !keywordKinds.has(key)) continue;
    const kept = keywordOf(key, value, depth);
    if (kept === undefined) continue;
    const wider = { ...match, [key]: kept };
    if (compileMatch(wider).ok) match = wider;
  }
  // JSON Schema leaves objects open, a parameter's object is closed.
  const isOpen = match.type === "object" && member(schema, "additionalProperties") !== false;
  return isOpen ? { ...match, additionalProperties: true } : match;
}

function keywordOf(key: string, value: Json, depth: number): Json | undefined {
  if (key === "additionalProperties") return undefined;
  if (key === "pattern") return typeof value === "string" ? wholePattern(value) : undefined;
  if (key === "format") return typeof value === "string" && formats.has(value) ? value : undefined;
  if (key === "enum" && isArray(value)) return value.filter((one) => one !== null);
  if (depth >= ruleDepthMax) return undefined;
  if (key === "items") return isObject(value) ? matchOf(value, depth + 1) : undefined;
  if (key !== "properties") return value;
  if (!isObject(value)) return undefined;
  const parts = Object.entries(value).flatMap(([name, part]) =>
    isObject(part) ? [[name, matchOf(part, depth + 1)] as const] : [],
  );
  return Object.fromEntries(parts);
}
