/**
 * What must hold of a value before it is looked at as a plan: JSON all through, bounded in depth, and no key that objects treat apart.
 * Pure; without recursion. Never reads a value through its prototype.
 */
import { isWellFormedText } from "../lang/code-point.ts";
import { jsonDepthMax } from "../limits.ts";
import { pointerOf } from "../json/pointer.ts";
import type { Finding } from "./finding.ts";

/** A value that still has to be looked at, and how it was reached. */
interface Visit {
  readonly value: unknown;
  readonly key: string | number;
  readonly parent: Visit | undefined;
  readonly depth: number;
}

/**
 * Everything about a value that forbids reading it as JSON: what JSON cannot hold (`PLAN_JSON`), nesting deeper than
 * `jsonDepthMax` (`PLAN_TOO_LARGE`), and a member called `__proto__` (`PLAN_NAME`), which no tool needs and which many a
 * library drops without a word. Linear in the value.
 */
export function checkJson(root: unknown): readonly Finding[] {
  const findings: Finding[] = [];
  const stack: Visit[] = [{ value: root, key: "", parent: undefined, depth: 0 }];
  for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
    const fault = faultOf(visit);
    if (fault !== undefined) {
      findings.push({ ...fault, severity: "error", pointer: pointerOf(pathOf(visit)) });
      continue;
    }
    const { value, depth } = visit;
    if (typeof value !== "object" || value === null) continue;
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) stack.push({ value: value[i], key: i, parent: visit, depth: depth + 1 });
    } else {
      for (const key of Object.keys(value)) {
        stack.push({ value: (value as { readonly [key: string]: unknown })[key], key, parent: visit, depth: depth + 1 });
      }
    }
  }
  return findings.reverse();
}

function faultOf({ value, key, depth }: Visit): Pick<Finding, "code" | "message"> | undefined {
  if (depth > jsonDepthMax) return { code: "PLAN_TOO_LARGE", message: `nested deeper than ${jsonDepthMax} levels` };
  if (key === "__proto__") return { code: "PLAN_NAME", message: "no member of a plan may be called `__proto__`" };
  if (typeof key === "string" && !isWellFormedText(key))
    return { code: "PLAN_JSON", message: "a name holds half a surrogate pair" };
  switch (typeof value) {
    case "boolean":
    case "bigint":
      return undefined;
    case "string":
      return isWellFormedText(value) ? undefined : { code: "PLAN_JSON", message: "the text holds half a surrogate pair" };
    case "number":
      return Number.isFinite(value) ? undefined : { code: "PLAN_JSON", message: "expected a finite number" };
    case "object":
      return value === null || Array.isArray(value) || isPlain(value) ? undefined : notJson;
    default:
      return notJson;
  }
}

const notJson: Pick<Finding, "code" | "message"> = {
  code: "PLAN_JSON",
  message: "expected a JSON value: null, boolean, number, string, list or plain object",
};

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Object.getOwnPropertySymbols(value).length > 0) return false;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function pathOf(visit: Visit): (string | number)[] {
  const path: (string | number)[] = [];
  for (let at: Visit = visit; at.parent !== undefined; at = at.parent) path.push(at.key);
  return path.reverse();
}
