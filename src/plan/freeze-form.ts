/**
 * The form of a frozen plan's file: unknown value → its parts, or every fault with its place.
 * Pure. Says nothing about the digest; the facts of tools are checked member by member, since the engine relies on them.
 */
import { effectNames } from "../catalogue/effects.ts";
import { accesses } from "../catalogue/resource.ts";
import { roleNames } from "../catalogue/roles.ts";
import { pointerOf } from "../json/pointer.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../json/value.ts";
import { err, ok, type Result } from "../result.ts";
import type { Finding } from "./finding.ts";
import type { FrozenPlan } from "./plan.ts";
import { parsePolicy } from "../policy/schema.ts";
import { parsePlan } from "./schema.ts";
import { checkJson } from "./schema-check.ts";
import { suggestion } from "./schema-issue.ts";

type Steps = readonly (string | number)[];
type Test = (value: Json) => boolean;

const isText: Test = (value) => typeof value === "string";
const isTexts: Test = (value) => isArray(value) && value.every(isText);
const isOneOf =
  (names: readonly string[]): Test =>
  (value) =>
    typeof value === "string" && names.includes(value);
const isDigest: Test = (value) => typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value);
const isAudience: Test = (value) =>
  value === "public" ||
  isTexts(value) ||
  (isObject(value) && Object.keys(value).length === 1 && isNames(member(value, "arg") ?? null));

const isNames: Test = (value) => isText(value) || (isTexts(value) && (value as readonly Json[]).length > 0);

const isResource: Test = (value) =>
  isText(value) ||
  (isObject(value) && isText(member(value, "template") ?? null) && isOneOf(accesses)(member(value, "access") ?? "both")) ||
  (isArray(value) && value.every((one) => !isArray(one) && isResource(one)));

interface Form {
  readonly required: { readonly [name: string]: Test };
  readonly optional: { readonly [name: string]: Test };
}

const fileForm: Form = {
  required: {
    kind: (value) => value === "sluice.frozen-plan",
    version: (value) => value === 1,
    digest: isDigest,
    plan: isObject,
    tools: isObject,
    servers: isObject,
    labels: isObject,
  },
  optional: { signature: isText, approvals: isTexts, policy: isObject },
};
const toolForm: Form = { required: { name: isText, definition: isObject, facts: isObject }, optional: {} };
const factsForm: Form = {
  required: {
    effects: (value) => isArray(value) && value.every(isOneOf(effectNames)),
    roles: (value) => isObject(value) && Object.values(value).every(isOneOf(roleNames)),
    inferred: isTexts,
  },
  optional: { labels: isTexts, audience: isAudience, parse: isOneOf(["json", "yaml"]), resource: isResource },
};
const labelForm: Form = {
  required: { integrity: isOneOf(["trusted", "untrusted"]) },
  optional: { readers: isTexts, description: isText },
};

/** The parts of a frozen plan's file. Errors: `PLAN_MALFORMED` with a pointer, and those of `parsePlan` under `/plan`. */
export function readFrozenForm(value: Json): Result<FrozenPlan, readonly Finding[]> {
  const json = checkJson(value);
  if (json.length > 0) return err(json);
  const top = checkForm(value, fileForm, []);
  if (top.length > 0) return err(top);
  const file = value as unknown as FrozenPlan;
  const inner = [
    ...Object.entries(file.tools).flatMap(([name, tool]) => checkTool(name, tool as unknown as Json)),
    ...Object.entries(file.labels).flatMap(([name, label]) => checkForm(label as unknown as Json, labelForm, ["labels", name])),
  ];
  if (inner.length > 0) return err(inner);
  const plan = parsePlan(file.plan as unknown as Json);
  if (!plan.ok) return err(plan.error.map((finding) => ({ ...finding, pointer: `/plan${finding.pointer}` })));
  const policy = file.policy === undefined ? undefined : parsePolicy(file.policy as unknown as Json);
  if (policy?.ok === false) return err(policy.error.map((finding) => ({ ...finding, pointer: `/policy${finding.pointer}` })));
  return ok(file);
}

function checkTool(name: string, tool: Json): readonly Finding[] {
  const at = ["tools", name];
  const faults = checkForm(tool, toolForm, at);
  if (faults.length > 0) return faults;
  if (member(tool, "name") !== name)
    return [malformed([...at, "name"], "the tool's name is not the one that it is listed under")];
  return checkForm(member(tool, "facts") ?? null, factsForm, [...at, "facts"]);
}

function checkForm(value: Json, form: Form, at: Steps): readonly Finding[] {
  if (!isObject(value)) return [malformed(at, "expected an object")];
  const known = { ...form.required, ...form.optional };
  const missing = Object.keys(form.required).filter((name) => !Object.hasOwn(value, name));
  return [
    ...missing.map((name) =>
      malformed([...at, name], `\`${name}\` is missing: this is not a frozen plan as \`freeze\` writes it`),
    ),
    ...Object.keys(value).flatMap((name) => checkMember(value, name, { known, at })),
  ];
}

function checkMember(
  value: JsonObject,
  name: string,
  place: { readonly known: { readonly [name: string]: Test }; readonly at: Steps },
): readonly Finding[] {
  const path = [...place.at, name];
  const test = Object.hasOwn(place.known, name) ? place.known[name] : undefined;
  if (test === undefined) return [malformed(path, `unknown member${suggestion(name, Object.keys(place.known))}`)];
  return test(value[name] as Json) ? [] : [malformed(path, `\`${name}\` is not what \`freeze\` writes`)];
}

function malformed(path: Steps, message: string): Finding {
  return { code: "PLAN_MALFORMED", severity: "error", pointer: pointerOf(path), message };
}
