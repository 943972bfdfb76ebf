/**
 * Programs that were run natively by `record.py`, and the law that an imported plan allows exactly the calls that they made.
 * Test support. Never runs a program.
 */
import { readFileSync } from "node:fs";
import { type Catalogue, readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { createGuard } from "../../../src/engine.ts";
import { canonicalJson } from "../../../src/json/canonical.ts";
import { readJson } from "../../../src/json/read.ts";
import { type Json, jsonEqual, type JsonObject } from "../../../src/json/value.ts";
import type { FrozenPlan } from "../../../src/plan/plan.ts";

/** A line of `recorded.jsonl`. */
export interface Recorded {
  readonly name: string;
  readonly code: string;
  readonly calls: readonly { readonly tool: string; readonly args: JsonObject; readonly result: Json }[];
  /** The class of the exception that ended it. */
  readonly raised?: string;
}

/** All recorded runs, in order. */
export function recordedRuns(
  text: string = readFileSync(new URL("recorded.jsonl", import.meta.url), "utf8"),
): readonly Recorded[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const read = readJson(line);
      if (!read.ok) throw new Error(read.error.code);
      return read.value as unknown as Recorded;
    });
}

const readers: { readonly [tool: string]: readonly string[] } = {
  get_order: ["id", "year"],
  list_items: ["folder", "limit"],
  get_text: ["name"],
  get_number: ["name"],
  search_emails: ["query", "limit"],
  get_users: ["team"],
  get_invoice: ["id"],
};
const writers: { readonly [tool: string]: readonly string[] } = {
  note: ["value", "title", "extra"],
  send_email: ["to", "subject", "body"],
  post_message: ["channel", "text"],
  pay: ["to", "amount", "reason"],
};

const text = { type: "string" };
const textOrNull = { type: ["string", "null"] };
const whole = { type: "integer" };
const amount = { type: "number" };
const flag = { type: "boolean" };
const listOf = (items: JsonObject): JsonObject => ({ type: "array", items });
const objectOf = (properties: JsonObject): JsonObject => ({ type: "object", properties });
const item = objectOf({ sku: text, price: amount, quantity: whole, note: textOrNull, in_stock: flag, tags: listOf(text) });
const results: { readonly [tool: string]: JsonObject } = {
  get_order: objectOf({
    id: text,
    customer: objectOf({ name: text, email: text }),
    total: amount,
    count: whole,
    paid: flag,
    memo: textOrNull,
    tags: listOf(text),
    amounts: listOf(amount),
    items: listOf(item),
  }),
  list_items: listOf(item),
  get_text: text,
  get_number: amount,
  search_emails: listOf(objectOf({ id: text, sender: text, subject: text, body: text, unread: flag })),
  get_users: objectOf({ users: listOf(objectOf({ name: text, email: text, age: whole })) }),
  get_invoice: objectOf({
    id: text,
    due: textOrNull,
    lines: listOf(objectOf({ text, amount, count: whole })),
    approved: flag,
  }),
};

interface Group {
  readonly tools: { readonly [tool: string]: readonly string[] };
  readonly effects: readonly string[];
  readonly isTyped: boolean;
}

function toolsOf({ tools, effects, isTyped }: Group): readonly Json[] {
  return Object.entries(tools).map(([name, args]) => ({
    name,
    inputSchema: { type: "object", properties: Object.fromEntries(args.map((arg) => [arg, {}])) },
    ...(isTyped && results[name] !== undefined ? { outputSchema: results[name] } : {}),
    sluice: { effects, labels: ["office"], roles: Object.fromEntries(args.map((arg) => [arg, "content"])) },
  }));
}

function deskOf(isTyped: boolean): Catalogue {
  const read = readCatalogue({
    server: { name: "desk" },
    labels: { office: { integrity: "trusted" } },
    tools: [
      ...toolsOf({ tools: readers, effects: ["read"], isTyped }),
      ...toolsOf({ tools: writers, effects: ["write"], isTyped }),
    ],
  });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

/** The tools of `record.py`. Their arguments are content, so that a plan may compute them. */
export const desk: Catalogue = deskOf(true);
/** The same tools, of whose results nothing is known. */
export const untypedDesk: Catalogue = deskOf(false);

/** How a plan and a native run part. A denial is safe: where types are not known, an expression may fail instead of guessing. */
export interface Parting {
  readonly kind: "denied" | "differs" | "besides";
  readonly message: string;
}

/**
 * Makes the recorded calls under a plan, in their order, and says where the plan and the run part: a call that is denied, another value that
 * is filled in, or a call that the plan allows besides. `undefined` where they agree.
 */
export function parting(frozen: FrozenPlan, { calls, raised }: Recorded): Parting | undefined {
  const guard = createGuard(frozen, { clock: () => 0 });
  if (!guard.ok) throw new Error(JSON.stringify(guard.error));
  const opened = guard.value.session({ id: "native", key: "0".repeat(32) });
  if (!opened.ok) throw new Error(opened.error.message);
  const session = opened.value;
  const nodes = Object.entries(frozen.plan.nodes).flatMap(([name, { tool }]) => (tool === undefined ? [] : [{ name, tool }]));
  for (const [at, call] of calls.entries()) {
    const tool = `desk/${call.tool}`;
    let verdict = session.check({ tool, args: call.args });
    const named = nodes.filter((node) => node.tool === tool);
    // Two nodes of equal calls, of which an agent would name one.
    for (const node of named)
      if (verdict.decision === "deny" && verdict.code === "CALL_AMBIGUOUS")
        verdict = session.check({ tool, args: call.args, node: node.name });
    const shown = `call ${at} ${call.tool}(${canonicalJson(call.args)})`;
    if (verdict.decision === "deny") return denied(shown, verdict.code, JSON.stringify(verdict.facts));
    if (!jsonEqual(verdict.args, call.args))
      return { kind: "differs", message: `${shown}: the plan fills in ${canonicalJson(verdict.args)}` };
    session.record(verdict.run, { value: call.result });
  }
  if (raised !== undefined) return undefined;
  for (const { name, tool } of nodes) {
    const verdict = session.check({ tool, args: {}, node: name });
    if (verdict.decision === "allow")
      return { kind: "besides", message: `the plan also allows ${tool}(${canonicalJson(verdict.args)}) as ${name}` };
  }
  return undefined;
}

function denied(shown: string, code: string, facts: string): Parting {
  const isOther = code === "ARG_MISMATCH" || code === "CALL_AMBIGUOUS";
  return { kind: isOther ? "differs" : "denied", message: `${shown}: ${code} ${facts}` };
}

/**
 * Makes whatever calls a plan allows, by itself, the last nodes first, with the results that the run had; says what it makes besides the calls of the
 * run. `undefined` where there is nothing, and of a run that raised: the plan may go on with what does not depend on it.
 */
export function overplayed(frozen: FrozenPlan, { calls, raised }: Recorded): string | undefined {
  if (raised !== undefined) return undefined;
  const guard = createGuard(frozen, { clock: () => 0 });
  if (!guard.ok) throw new Error(JSON.stringify(guard.error));
  const opened = guard.value.session({ id: "played", key: "0".repeat(32) });
  if (!opened.ok) throw new Error(opened.error.message);
  const nodes = Object.entries(frozen.plan.nodes).flatMap(([name, { tool }]) => (tool === undefined ? [] : [{ name, tool }]));
  nodes.reverse();
  const rest = calls.map(({ tool, args, result }) => ({ tool: `desk/${tool}`, text: canonicalJson(args), result }));
  for (let made = 0; made <= calls.length; made++) {
    let isStuck = true;
    for (const { name, tool } of nodes) {
      const verdict = opened.value.check({ tool, args: {}, node: name });
      if (verdict.decision !== "allow") continue;
      const text = canonicalJson(verdict.args);
      const at = rest.findIndex((call) => call.tool === tool && call.text === text);
      const [call] = at < 0 ? [] : rest.splice(at, 1);
      if (call === undefined) return `the plan also allows ${tool}(${text}) as ${name}`;
      opened.value.record(verdict.run, { value: call.result });
      isStuck = false;
      break;
    }
    if (isStuck) return undefined;
  }
  return undefined;
}
