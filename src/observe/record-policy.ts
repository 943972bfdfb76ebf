/**
 * What recordings keep of values: kept as they are, digested, or redacted, by tool, place, label and role.
 * Pure. Secrets are never kept unless a rule says that it is about secrets.
 */
import { roleNames, roleOf } from "../catalogue/roles.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../json/value.ts";
import { recordRulesMax } from "../limits.ts";
import { globMatches } from "../plan/compile.ts";
import type { FrozenTool, Role } from "../plan/plan.ts";
import { err, ok, type Result } from "../result.ts";

/** What becomes of a value. Digests stay equal where values are; what is redacted cannot be compared. */
export type RecordAs = "keep" | "digest" | "redact";

/** A rule: it fits a value that all of its members fit. */
export interface RecordRule {
  readonly as: RecordAs;
  /** Globs of qualified names of tools. */
  readonly tools?: readonly string[];
  /** Only arguments, or only results. */
  readonly in?: "args" | "result";
  /** Globs of the names of arguments. */
  readonly args?: readonly string[];
  /** Places in the arguments or the result: JSON pointers in which `*` is any one member or element; whatever is below fits, too. */
  readonly paths?: readonly string[];
  /** Labels of the tool, as the catalogue declares them. */
  readonly labels?: readonly string[];
  /** Roles of arguments, as the catalogue declares or infers them. */
  readonly roles?: readonly Role[];
  /** `true`: only secrets. A rule without it never keeps one. */
  readonly secrets?: true;
}

/** What is recorded of values. The first rule that fits decides, then `default`. Secrets that no rule names are digested. */
export interface RecordPolicy {
  /** Default `keep`. */
  readonly default?: RecordAs;
  readonly rules?: readonly RecordRule[];
}

/** Where a value stands. */
export interface ValuePlace {
  readonly tool: string;
  readonly in: "args" | "result";
  /** Names and indexes from the arguments or the result down. */
  readonly path: readonly string[];
  readonly isSecret: boolean;
}

/** What is wrong with a record policy, and where. */
export interface RecordFault {
  readonly pointer: string;
  readonly message: string;
}

const members = new Set(["as", "tools", "in", "args", "paths", "labels", "roles", "secrets"]);
const ways: readonly RecordAs[] = ["keep", "digest", "redact"];
const lists = ["tools", "args", "paths", "labels", "roles"] as const;

/** Reads a record policy: `{"default"?, "rules"?}`. The error is the first fault, with its place. */
export function readRecordPolicy(value: Json): Result<RecordPolicy, RecordFault> {
  if (!isObject(value)) return fault("", 'a record policy is an object, such as {"default":"digest","rules":[]}');
  const unknown = Object.keys(value).find((name) => name !== "default" && name !== "rules");
  if (unknown !== undefined) return fault(`/${unknown}`, "a record policy has `default` and `rules` only");
  const given = member(value, "default") ?? "keep";
  if (!isWay(given)) return fault("/default", "must be `keep`, `digest` or `redact`");
  const rules = member(value, "rules") ?? [];
  if (!isArray(rules) || rules.length > recordRulesMax)
    return fault("/rules", `must be a list of at most ${recordRulesMax} rules`);
  for (const [at, rule] of rules.entries()) {
    const wrong = faultOf(rule, `/rules/${at}`);
    if (wrong !== undefined) return err(wrong);
  }
  return ok({ default: given, rules: rules as unknown as readonly RecordRule[] });
}

function faultOf(rule: Json, at: string): RecordFault | undefined {
  if (!isObject(rule)) return { pointer: at, message: "must be a rule: an object with `as`" };
  const unknown = Object.keys(rule).find((name) => !members.has(name));
  if (unknown !== undefined) return { pointer: `${at}/${unknown}`, message: `a rule has only ${[...members].join(", ")}` };
  if (!isWay(member(rule, "as"))) return { pointer: `${at}/as`, message: "must be `keep`, `digest` or `redact`" };
  if (!["args", "result", undefined].includes(member(rule, "in") as string | undefined))
    return { pointer: `${at}/in`, message: "must be `args` or `result`" };
  if (![true, undefined].includes(member(rule, "secrets") as boolean | undefined))
    return { pointer: `${at}/secrets`, message: "must be `true`, or left out" };
  const empty = lists.find((name) => !isTexts(member(rule, name)));
  if (empty !== undefined) return { pointer: `${at}/${empty}`, message: "must be a list of texts that is not empty" };
  return placesFault(rule, at);
}

function placesFault(rule: JsonObject, at: string): RecordFault | undefined {
  const paths = (member(rule, "paths") ?? []) as readonly string[];
  if (paths.some((path) => path !== "" && !path.startsWith("/")))
    return { pointer: `${at}/paths`, message: "must be JSON pointers, such as `/customer/email` or `/rows/*/iban`" };
  const roles = (member(rule, "roles") ?? []) as readonly string[];
  if (roles.some((role) => !roleNames.some((name) => name === role)))
    return { pointer: `${at}/roles`, message: `must be roles: ${roleNames.join(", ")}` };
  return undefined;
}

function fault(pointer: string, message: string): Result<never, RecordFault> {
  return err({ pointer, message });
}

function isWay(value: Json | undefined): value is RecordAs {
  return ways.some((way) => way === value);
}

function isTexts(value: Json | undefined): boolean {
  return value === undefined || (isArray(value) && value.length > 0 && value.every((text) => typeof text === "string"));
}

/** What becomes of the value at a place. `tool`: what the catalogue says of it; a rule about labels fits no tool that nobody declared. */
export function recordAs(policy: RecordPolicy, place: ValuePlace, tool: FrozenTool | undefined): RecordAs {
  const rule = (policy.rules ?? []).find((one) => fits(one, place, tool));
  if (rule !== undefined) return rule.as;
  const given = policy.default ?? "keep";
  return place.isSecret && given === "keep" ? "digest" : given;
}

function fits(rule: RecordRule, place: ValuePlace, tool: FrozenTool | undefined): boolean {
  const { isSecret, path } = place;
  if (rule.secrets === true ? !isSecret : isSecret && rule.as === "keep") return false;
  if (rule.in !== undefined && rule.in !== place.in) return false;
  if (rule.tools !== undefined && !rule.tools.some((glob) => globMatches(glob, place.tool))) return false;
  const arg = place.in === "args" ? path[0] : undefined;
  if (rule.args !== undefined && (arg === undefined || !rule.args.some((glob) => globMatches(glob, arg)))) return false;
  if (rule.paths !== undefined && !rule.paths.some((pointer) => isWithin(pointer, path))) return false;
  if (rule.labels !== undefined && !rule.labels.some((label) => tool?.facts.labels?.includes(label))) return false;
  if (rule.roles !== undefined) {
    const role = arg === undefined || tool === undefined ? undefined : roleOf(tool, path.join("."));
    if (role === undefined || !rule.roles.includes(role)) return false;
  }
  return true;
}

/** Whether a path leads to what a pointer points at, or below it. */
function isWithin(pointer: string, path: readonly string[]): boolean {
  const segments = pointer === "" ? [] : pointer.slice(1).split("/");
  return (
    segments.length <= path.length &&
    segments.every((segment, i) => segment === "*" || segment.replaceAll("~1", "/").replaceAll("~0", "~") === path[i])
  );
}
