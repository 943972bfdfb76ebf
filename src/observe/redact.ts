/**
 * Arguments and results as recordings have them: leaf by leaf what the record policy says.
 * Pure. What was digested or redacted once is taken out of every text that is kept later in the same run.
 */
import { roleOf } from "../catalogue/roles.ts";
import { setMember } from "../json/exact.ts";
import { isArray, type Json, type JsonObject, member } from "../json/value.ts";
import type { FrozenTool } from "../plan/plan.ts";
import type { Digester, Scalar } from "./digest.ts";
import { type RecordAs, recordAs, type RecordPolicy } from "./record-policy.ts";
import { createScrubber, type Gone } from "./scrub.ts";
import { isSecretName, isSecretText } from "./secrets.ts";

/** What redacting needs to know. */
export interface RedactOptions {
  readonly policy: RecordPolicy;
  readonly digester: Digester;
  /** What the catalogue or a plan says of a tool. */
  readonly toolOf: (name: string) => FrozenTool | undefined;
}

/** Redacts the calls and results of one run, in their order. */
export interface Redactor {
  args(tool: string, args: JsonObject): JsonObject;
  result(tool: string, value: Json): Json;
  /** The name of a tool: one that nobody declared is the agent's own word. */
  tool(name: string): string;
  /** The user's words, where recordings keep what no rule names; else nothing. */
  task(text: string): string | undefined;
}

interface Walk {
  readonly tool: string;
  readonly in: "args" | "result";
  readonly facts: FrozenTool | undefined;
}

interface Place {
  readonly path: readonly string[];
  readonly isSecret: boolean;
}

/** What becomes of leaves and of names. */
interface Ways {
  readonly leaf: (value: Scalar, as: RecordAs, isSecret: boolean) => Json;
  readonly name: (key: string, as: RecordAs, isSecret: boolean) => string;
}

/** Names of members as programs choose them; others may be data (an address as a key, say). */
const plainName = /^[A-Za-z_$][A-Za-z_$-]{0,63}\d{0,3}$/;
/** Names of tools as programs choose them. */
const plainTool = /^[A-Za-z_][\w.-]{0,127}(?:\/[\w.-]{1,128}){0,3}$/;

/** Opens the redactor of a run. */
export function openRedactor({ policy, digester, toolOf }: RedactOptions): Redactor {
  const scrubber = createScrubber();
  const token = (value: Scalar, { isRedacted }: Gone, kind?: "k"): string =>
    isRedacted ? digester.redact(value, kind) : digester.digest(value, kind);
  const collect: Ways = {
    leaf: (value, as, isSecret) => {
      if (as !== "keep" && typeof value !== "boolean") scrubber.add(String(value), { isRedacted: as === "redact", isSecret });
      return null;
    },
    name: (key, as, isSecret) => {
      if (as !== "keep") scrubber.add(key, { isRedacted: as === "redact", isSecret });
      return key;
    },
  };
  const write: Ways = {
    leaf: (value, as) => {
      if (as !== "keep") return token(value, { isRedacted: as === "redact", isSecret: false });
      if (typeof value === "boolean") return value;
      // Not all values that must not show are known any more: nothing is kept that might be one.
      if (scrubber.isFull()) return digester.digest(value);
      const shown = scrubber.text(String(value), token);
      if (shown === String(value)) return value;
      return typeof value === "string" ? shown : digester.digest(value);
    },
    name: (key, as) => {
      if (as !== "keep") return token(key, { isRedacted: as === "redact", isSecret: false }, "k");
      if (plainName.test(key)) return scrubber.name(key, token);
      return scrubber.isFull() ? digester.digest(key, "k") : scrubber.text(key, token);
    },
  };
  const walked = (value: Json, walk: Walk, { path, isSecret }: Place, ways: Ways): Json => {
    if (value === null) return null;
    if (typeof value !== "object") {
      const isHot = isSecret || (typeof value === "string" && isSecretText(value));
      return ways.leaf(value, recordAs(policy, { tool: walk.tool, in: walk.in, path, isSecret: isHot }, walk.facts), isHot);
    }
    if (isArray(value)) {
      const hot = value.length === 2 && isNameOfSecret(value[0]) ? 1 : -1;
      return value.map((part, i) => walked(part, walk, { path: [...path, String(i)], isSecret: isSecret || i === hot }, ways));
    }
    const copy: Record<string, Json> = {};
    const isNamed = ["name", "key", "header"].some((label) => isNameOfSecret(member(value, label)));
    for (const [key, part] of Object.entries(value)) {
      const inner = [...path, key];
      const isHot = isSecretText(key);
      const isKept = plainName.test(key) && !isHot;
      const as = isKept ? "keep" : recordAs(policy, { tool: walk.tool, in: walk.in, path: inner, isSecret: isHot }, walk.facts);
      const isInner = isSecret || isSecretName(key) || isCredential(walk, inner) || (isNamed && key === "value");
      const kept = walked(part, walk, { path: inner, isSecret: isInner }, ways);
      setMember(copy, ways.name(key, as, isHot), kept);
    }
    return copy;
  };
  const redacted = (tool: string, side: Walk["in"], value: Json): Json => {
    const walk: Walk = { tool, in: side, facts: toolOf(tool) };
    // What is digested further on may stand in a text before it: all of it is known before anything is written.
    walked(value, walk, { path: [], isSecret: false }, collect);
    return walked(value, walk, { path: [], isSecret: false }, write);
  };
  return {
    args: (tool, args) => redacted(tool, "args", args) as JsonObject,
    result: (tool, value) => redacted(tool, "result", value),
    tool: (name) => {
      if (toolOf(name) !== undefined) return name;
      const isPlain = plainTool.test(name) && !isSecretText(name);
      return isPlain ? scrubber.name(name, token) : digester.digest(name);
    },
    task: (text) => ((policy.default ?? "keep") === "keep" && !isSecretText(text) ? text : undefined),
  };
}

/** Whether the catalogue calls an argument a credential. */
function isCredential({ in: side, facts }: Walk, path: readonly string[]): boolean {
  return side === "args" && facts !== undefined && roleOf(facts, path.join(".")) === "credential";
}

/** Whether a value names a secret, as headers and settings are listed: `{"name": "Authorization", "value": …}`. */
function isNameOfSecret(value: Json | undefined): boolean {
  return typeof value === "string" && value.length <= 64 && isSecretName(value);
}
