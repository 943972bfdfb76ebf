/**
 * Arguments and results as recordings have them: leaf by leaf what the record policy says.
 * Pure. What was digested or redacted once is taken out of every text that is kept later in the same session.
 */
import { roleOf } from "../catalogue/roles.ts";
import { setMember } from "../json/exact.ts";
import { isArray, type Json, type JsonObject } from "../json/value.ts";
import { scrubbedMax, scrubbedMin } from "../limits.ts";
import type { FrozenTool } from "../plan/plan.ts";
import type { Digester, Scalar } from "./digest.ts";
import { type RecordAs, recordAs, type RecordPolicy } from "./record-policy.ts";
import { isSecretName, isSecretText } from "./secrets.ts";

/** What redacting needs to know. */
export interface RedactOptions {
  readonly policy: RecordPolicy;
  readonly digester: Digester;
  /** What the catalogue or a plan says of a tool. */
  readonly toolOf: (name: string) => FrozenTool | undefined;
}

/** Redacts the calls and results of one session, in their order. */
export interface Redactor {
  args(tool: string, args: JsonObject): JsonObject;
  result(tool: string, value: Json): Json;
}

interface Walk {
  readonly tool: string;
  readonly in: "args" | "result";
  readonly facts: FrozenTool | undefined;
}

/** Names of members as programs choose them; others may be data (an address as a key, say). */
const plainName = /^[A-Za-z_$][A-Za-z_$-]{0,63}\d{0,3}$/;

/** Opens the redactor of a session. */
export function openRedactor({ policy, digester, toolOf }: RedactOptions): Redactor {
  /** Texts that must not show again → what stands for them. The longest first, so that no part of one is left. */
  const gone = new Map<string, string>();
  let sorted: readonly (readonly [string, string])[] | undefined = [];
  const standIn = (value: Scalar, as: RecordAs, kind?: "k"): string => {
    const token = as === "redact" ? digester.redact(value, kind) : digester.digest(value, kind);
    const text = String(value);
    if (typeof value !== "boolean" && text.length >= scrubbedMin && gone.size < scrubbedMax && !gone.has(text)) {
      gone.set(text, token);
      sorted = undefined;
    }
    return token;
  };
  const scrub = (text: string): string => {
    sorted ??= [...gone].sort(([a], [b]) => b.length - a.length);
    return sorted.reduce((kept, [value, token]) => (kept.includes(value) ? kept.replaceAll(value, token) : kept), text);
  };
  const leaf = (value: Scalar, walk: Walk, { path, isSecret }: { path: readonly string[]; isSecret: boolean }): Json => {
    const isHot = isSecret || (typeof value === "string" && isSecretText(value));
    const as = recordAs(policy, { tool: walk.tool, in: walk.in, path, isSecret: isHot }, walk.facts);
    if (as !== "keep") return standIn(value, as);
    if (typeof value === "string") return scrub(value);
    const shown = scrub(String(value));
    return shown === String(value) ? value : shown;
  };
  const name = (key: string, walk: Walk, path: readonly string[]): string => {
    if (plainName.test(key)) return scrub(key);
    const as = recordAs(policy, { tool: walk.tool, in: walk.in, path, isSecret: isSecretText(key) }, walk.facts);
    return as === "keep" ? scrub(key) : standIn(key, as, "k");
  };
  const walked = (value: Json, walk: Walk, { path, isSecret }: { path: readonly string[]; isSecret: boolean }): Json => {
    if (value === null) return null;
    if (typeof value !== "object") return leaf(value, walk, { path, isSecret });
    if (isArray(value)) return value.map((part, i) => walked(part, walk, { path: [...path, String(i)], isSecret }));
    const copy: Record<string, Json> = {};
    for (const [key, part] of Object.entries(value)) {
      const inner = [...path, key];
      const isInner = isSecret || isSecretName(key) || isCredential(walk, inner);
      setMember(copy, name(key, walk, inner), walked(part, walk, { path: inner, isSecret: isInner }));
    }
    return copy;
  };
  const redacted = (tool: string, side: Walk["in"], value: Json): Json => {
    const walk: Walk = { tool, in: side, facts: toolOf(tool) };
    const before = gone.size;
    const once = walked(value, walk, { path: [], isSecret: false });
    // What became a digest further on may stand in a text before it.
    return gone.size === before ? once : walked(value, walk, { path: [], isSecret: false });
  };
  return {
    args: (tool, args) => redacted(tool, "args", args) as JsonObject,
    result: (tool, value) => redacted(tool, "result", value),
  };
}

/** Whether the catalogue calls an argument a credential. */
function isCredential({ in: side, facts }: Walk, path: readonly string[]): boolean {
  return side === "args" && facts !== undefined && roleOf(facts, path.join(".")) === "credential";
}
