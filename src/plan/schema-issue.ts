/**
 * Turns what the schema library found into findings of our own: a code, a JSON pointer and one line.
 * Pure. Never shows the library's text: every message was given to the schema by `schema.ts`.
 */
import { pointerOf, showPointer } from "../json/pointer.ts";
import type { Finding } from "./finding.ts";

/** What this file reads of an issue of the schema library. */
export interface SchemaIssue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly SchemaIssue[])[];
  readonly params?: { readonly issues?: readonly SchemaIssue[] } | undefined;
}

/** The classes of a rule object, in the order of the schema's forms. */
export const ruleClasses = ["const", "param", "from", "item", "expr", "template", "choose", "write", "object"] as const;

/** What is expected where an argument rule stands. */
export const ruleForm = "expected an argument rule: a constant, a list of rules, or an object with one class";
/** Message of the union of nodes. Its options: a tool node, a `let` node. */
export const nodeUnion = "expected a node: an object with `tool` or `let`";

/** Findings for the issues of one schema run over `root`, in the order of the issues. */
export function findingsOf(issues: readonly SchemaIssue[], root: unknown): readonly Finding[] {
  return issues.flatMap((issue) => findingsOfOne(issue, { base: [], root }));
}

/** The document, and the path that the paths of issues start from. */
interface Place {
  readonly base: readonly (string | number)[];
  readonly root: unknown;
}

function findingsOfOne(issue: SchemaIssue, place: Place): readonly Finding[] {
  const path = [...place.base, ...issue.path.map((step) => (typeof step === "number" ? step : String(step)))];
  const here = { base: path, root: place.root };
  const value = valueAt(place.root, path);
  if (value === undefined) {
    const key = String(path.at(-1) ?? "plan");
    return [fault("PLAN_MISSING", path, `\`${key}\` is missing: ${issue.message}`)];
  }
  if (issue.code === "unrecognized_keys") {
    const lines = issue.message.split("\n");
    return (issue.keys ?? []).map((key, at) => fault("PLAN_MEMBER", [...path, key], lines[at] ?? "unknown member"));
  }
  const inner = issue.params?.issues ?? (issue.code === "invalid_union" ? meantOption(issue, value) : undefined);
  if (inner !== undefined) return inner.flatMap((part) => findingsOfOne(part, here));
  return [fault(codes[issue.code] ?? "PLAN_TYPE", path, issue.message)];
}

function fault(code: Finding["code"], path: readonly (string | number)[], message: string): Finding {
  return { code, severity: "error", pointer: pointerOf(path), message };
}

const codes: { readonly [code: string]: Finding["code"] } = {
  PLAN_RULE: "PLAN_RULE",
  PLAN_NODE: "PLAN_NODE",
  invalid_type: "PLAN_TYPE",
  invalid_value: "PLAN_VALUE",
  invalid_format: "PLAN_FORMAT",
  invalid_key: "PLAN_NAME",
  too_small: "PLAN_RANGE",
  too_big: "PLAN_RANGE",
  custom: "PLAN_VALUE",
};

/** The issues of the one option of a union that the author meant, as far as the value shows which. */
function meantOption(issue: SchemaIssue, value: unknown): readonly SchemaIssue[] | undefined {
  if (issue.message === nodeUnion) {
    const option = nodeOption(value);
    return typeof option === "object" ? [{ ...option, path: [] }] : issue.errors?.[option];
  }
  // Of an object or a list only what is in it is wrong: that form was meant, and the fault stands further in.
  return issue.errors?.find((faults) => faults.every(({ code, path }) => path.length > 0 || code === "unrecognized_keys"));
}

/** The number of an option, or why none was meant. */
export type Choice = number | { readonly code: string; readonly message: string };

/** Which form of argument rule a value is meant to have: 0 scalar, 1 list, then the place in {@link ruleClasses} and two. */
export function ruleOption(value: unknown): Choice {
  if (Array.isArray(value)) return 1;
  if (!isRecord(value)) return 0;
  const present = ruleClasses.filter((name) => Object.hasOwn(value, name));
  // `text` and `with` belong to `template`; the other classes share no member with one another.
  if (present.length === 1) return 2 + ruleClasses.indexOf(present[0] as (typeof ruleClasses)[number]);
  if (present.length > 1) {
    return { code: "PLAN_RULE", message: `a rule has one class, here are ${present.map((name) => `\`${name}\``).join(" and ")}` };
  }
  const slip = Object.keys(value).find((key) => nearest(key, ruleClasses) !== undefined);
  const hint =
    slip === undefined
      ? '; an object as a constant is `{"const": …}`'
      : `: for \`${showPointer(slip)}\`${suggestion(slip, ruleClasses).slice(1)}`;
  const message = `a rule object names its class, one of ${ruleClasses.map((name) => `\`${name}\``).join(", ")}${hint}`;
  return { code: "PLAN_RULE", message };
}

function nodeOption(value: unknown): Choice {
  if (!isRecord(value)) return { code: "PLAN_NODE", message: nodeUnion };
  const hasTool = Object.hasOwn(value, "tool");
  const hasLet = Object.hasOwn(value, "let");
  if (hasTool && hasLet) return { code: "PLAN_NODE", message: "a node has `tool` or `let`, not both" };
  if (!hasTool && !hasLet && Object.keys(value).length === 0) return { code: "PLAN_NODE", message: nodeUnion };
  return hasLet ? 1 : 0;
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as { readonly [key: PropertyKey]: unknown })[step];
  }
  return value;
}

/** One line for each unknown member: its name, and the known name next to it, if one is near. */
export function unknownMembers(keys: readonly string[], known: readonly string[]): string {
  return keys.map((key) => `unknown member \`${showPointer(key)}\`${suggestion(key, known)}`).join("\n");
}

/** `: did you mean …?` where a known name is near, else the known names if they are few, else nothing. */
export function suggestion(name: string, known: Iterable<string>): string {
  const names = [...known];
  const near = nearest(name, names);
  if (near !== undefined) return `: did you mean \`${near}\`?`;
  return names.length > 0 && names.length <= 12 ? `: known are ${names.map((other) => `\`${other}\``).join(", ")}` : "";
}

/** The name nearest to `name`: at most a third of its characters differ (edit distance). The first wins a tie. */
function nearest(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  // A name that is too long is no slip of the pen, and the distance costs the product of the lengths.
  let below = name.length > 64 ? 0 : Math.max(2, Math.ceil(name.length / 3) + 1);
  for (const other of names) {
    if (Math.abs(other.length - name.length) >= below) continue;
    const far = name.toLowerCase() === other.toLowerCase() ? 0 : distance(name, other);
    if (far >= below) continue;
    below = far;
    best = other;
  }
  return best;
}

/** Edit distance (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
