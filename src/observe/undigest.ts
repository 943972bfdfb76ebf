/**
 * A draft that was learned from digested recordings, for real values: what a digest stands for becomes a parameter that the host gives.
 * Pure. Never guesses a value, and leaves no digest in a draft without saying so.
 */
import { setMember } from "../json/exact.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../json/value.ts";
import type { Finding } from "../plan/finding.ts";
import { freshName, slugOf } from "../plan/names.ts";
import type { ParamSpec, Plan } from "../plan/plan.ts";
import { pointerOf } from "../json/pointer.ts";
import { type DigestKind, standInsOf, standsFor } from "./digest.ts";

/** A draft with what must be known of it. */
export interface LearnedDraft {
  readonly plan: Plan;
  readonly findings: readonly Finding[];
}

const types: { readonly [kind in DigestKind]: NonNullable<ParamSpec["type"]> } = {
  s: "string",
  i: "integer",
  n: "number",
  b: "boolean",
  k: "string",
};

interface Draft {
  readonly specs: Record<string, ParamSpec>;
  readonly taken: Set<string>;
  /** What stands for a value → the parameter that it has become. */
  readonly byToken: Map<string, string>;
  readonly findings: Finding[];
}

/**
 * Puts parameters where digests stand: for constants, for literals in expressions, and for choices of digested values. `runs`: the
 * parameters of the runs, by which the types of parameters are known. Findings: `OBSERVE_DIGEST` for each parameter,
 * `OBSERVE_DIGEST_LEFT` where a digest could not be replaced.
 */
export function undigestPlan({ plan, findings }: LearnedDraft, runs: readonly JsonObject[] = []): LearnedDraft {
  if (standInsOf(textsOf([plan as unknown as Json, ...runs])).length === 0) return { plan, findings };
  const draft: Draft = {
    specs: { ...plan.params },
    taken: new Set(Object.keys(plan.params ?? {})),
    byToken: new Map(),
    findings: [],
  };
  for (const name of Object.keys(draft.specs)) retype(draft, name, runs);
  const nodes: Record<string, Json> = {};
  for (const [name, node] of Object.entries(plan.nodes)) {
    const { args, ...rest } = node as unknown as JsonObject & { readonly args?: JsonObject };
    const rules: Record<string, Json> = {};
    for (const [arg, rule] of Object.entries(args ?? {})) setMember(rules, arg, ruleOf(draft, rule, arg));
    setMember(nodes, name, {
      ...(inExpressions(draft, rest, name) as JsonObject),
      ...(args === undefined ? {} : { args: rules }),
    });
    if (standInsOf(textsOf([nodes[name] ?? null])).length > 0) left(draft, ["nodes", name]);
  }
  for (const [token, name] of draft.byToken) {
    const kind = standsFor(token) ?? "s";
    if (draft.specs[name] === undefined) draft.specs[name] = { type: types[kind] };
  }
  const params = Object.keys(draft.specs).length === 0 ? {} : { params: draft.specs };
  return { plan: { ...plan, ...params, nodes: nodes as unknown as Plan["nodes"] }, findings: [...findings, ...draft.findings] };
}

/** A parameter whose values were digested says what the digests say: the type, and nothing that only the digests have. */
function retype(draft: Draft, name: string, runs: readonly JsonObject[]): void {
  const spec = draft.specs[name] ?? {};
  const values = runs.flatMap((run) => member(run, name) ?? []);
  const texts = standInsOf(textsOf([spec as Json, ...values]));
  if (texts.length === 0) return;
  const kinds = new Set(
    [...values, ...texts].map((value) => (typeof value === "string" ? (standsFor(value) ?? "s") : undefined)),
  );
  kinds.delete(undefined);
  const isNumber = [...kinds].every((kind) => kind === "i" || kind === "n");
  const [only = "s"] = kinds;
  const type = kinds.size === 1 ? types[only] : isNumber ? "number" : undefined;
  draft.specs[name] = {
    ...(type === undefined ? {} : { type }),
    ...(spec.description === undefined ? {} : { description: spec.description }),
  };
  say(draft, name);
}

/** An argument's rule. */
function ruleOf(draft: Draft, rule: Json, arg: string): Json {
  if (typeof rule === "string") return standInsOf(rule).length === 0 ? rule : paramOf(draft, rule, arg);
  if (isArray(rule)) return rule.map((part) => ruleOf(draft, part, arg));
  if (!isObject(rule)) return rule;
  if (Object.hasOwn(rule, "const")) return constantOf(draft, rule, arg);
  const choice = choiceOf(draft, rule, arg);
  if (choice !== undefined) return choice;
  const copy: Record<string, Json> = {};
  for (const [key, part] of Object.entries(rule)) {
    if (key === "object" || key === "with") {
      const inner: Record<string, Json> = {};
      for (const [name, each] of Object.entries(isObject(part) ? part : {})) setMember(inner, name, ruleOf(draft, each, name));
      setMember(copy, key, inner);
    } else if (key === "otherwise" || key === "match") {
      // A constraint or a fallback that only digests satisfy would refuse every real value.
      if (standInsOf(textsOf([part])).length === 0) setMember(copy, key, part);
    } else setMember(copy, key, isPath(key) ? part : inExpressions(draft, part, arg));
  }
  return copy;
}

/** Members that are paths (RFC 9535): no parameter can be named in one. */
function isPath(key: string): boolean {
  return key === "from" || key === "item";
}

/** A constant: a scalar is a parameter, an object or list has parameters inside. */
function constantOf(draft: Draft, rule: JsonObject, arg: string): Json {
  const { const: value = null, ...options } = rule;
  if (standInsOf(textsOf([value])).length === 0) return rule;
  const { match: _, ...kept } = options;
  if (typeof value === "string") return { ...(paramOf(draft, value, arg) as JsonObject), ...kept };
  if (isArray(value)) return value.map((part) => ruleOf(draft, { const: part }, arg));
  const inner: Record<string, Json> = {};
  for (const [name, part] of Object.entries(isObject(value) ? value : {}))
    setMember(inner, name, ruleOf(draft, { const: part }, name));
  return { object: inner, ...kept };
}

/** A choice among digested values: the host says which. */
function choiceOf(draft: Draft, rule: JsonObject, arg: string): Json | undefined {
  const choose = member(rule, "choose");
  const values = member(choose, "enum") ?? [member(choose, "const") ?? null];
  const [first] = isArray(values) ? values.filter((value) => typeof value === "string" && standsFor(value) !== undefined) : [];
  if (typeof first !== "string" || !isArray(values)) return undefined;
  const { choose: _, match: __, endorse: ___, ...kept } = rule;
  return { ...(paramOf(draft, first, arg) as JsonObject), ...kept };
}

/** Literals that stand for values, in every expression of a part of the plan. */
function inExpressions(draft: Draft, part: Json, base: string): Json {
  if (typeof part === "string") {
    return standInsOf(part).reduce((text, token) => {
      const literal = [`"${token}"`, `'${token}'`].find((quoted) => text.includes(quoted));
      // Of a longer literal only a part is known.
      if (literal === undefined) return text;
      const name = member(paramOf(draft, token, base), "param");
      return text.replaceAll(literal, `params.${String(name)}`);
    }, part);
  }
  if (isArray(part)) return part.map((each) => inExpressions(draft, each, base));
  if (!isObject(part)) return part;
  const copy: Record<string, Json> = {};
  for (const [key, each] of Object.entries(part)) setMember(copy, key, isPath(key) ? each : inExpressions(draft, each, base));
  return copy;
}

function paramOf(draft: Draft, text: string, base: string): Json {
  const known = draft.byToken.get(text);
  if (known !== undefined) return { param: known };
  const name = freshName(slugOf(base), draft.taken);
  draft.byToken.set(text, name);
  say(draft, name);
  return { param: name };
}

function say({ findings }: Draft, name: string): void {
  const message = `the value was digested in the recordings: the host gives \`${name}\`, or write the value in its place`;
  findings.push({ code: "OBSERVE_DIGEST", severity: "warning", pointer: pointerOf(["params", name]), message });
}

function left({ findings }: Draft, path: readonly string[]): void {
  const message = "a digest of a recording is left here: no real value is equal to it, so change it by hand";
  findings.push({ code: "OBSERVE_DIGEST_LEFT", severity: "warning", pointer: pointerOf(path), message });
}

/** All texts of values, as one. */
function textsOf(values: readonly Json[]): string {
  const texts: string[] = [];
  const open: Json[] = [...values];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value === "string") texts.push(value);
    else if (isArray(value)) for (const part of value) open.push(part);
    else if (isObject(value)) {
      for (const [key, part] of Object.entries(value)) {
        texts.push(key);
        open.push(part);
      }
    }
  }
  return texts.join("\n");
}
