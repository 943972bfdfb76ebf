/**
 * Programs that were run natively by `record.py`, and the law that an imported plan allows exactly the calls that they made.
 * Test support. Never runs a program.
 */
import { readFileSync } from "node:fs";
import { type Catalogue, readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { createGuard } from "../../../src/engine.ts";
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

function toolsOf(tools: { readonly [tool: string]: readonly string[] }, effects: readonly string[]): readonly Json[] {
  return Object.entries(tools).map(([name, args]) => ({
    name,
    inputSchema: { type: "object", properties: Object.fromEntries(args.map((arg) => [arg, {}])) },
    sluice: { effects, labels: ["office"], roles: Object.fromEntries(args.map((arg) => [arg, "content"])) },
  }));
}

/** The tools of `record.py`. Their arguments are content, so that a plan may compute them. */
export const desk: Catalogue = (() => {
  const read = readCatalogue({
    server: { name: "desk" },
    labels: { office: { integrity: "trusted" } },
    tools: [...toolsOf(readers, ["read"]), ...toolsOf(writers, ["write"])],
  });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
})();

/**
 * Makes the recorded calls under a plan, in their order, and says where the plan and the run part: a call that is denied, another value that
 * is filled in, or a call that the plan allows besides. `undefined` where they agree.
 */
export function disagreement(frozen: FrozenPlan, { calls, raised }: Recorded): string | undefined {
  const guard = createGuard(frozen, { clock: () => 0 });
  if (!guard.ok) return `no guard: ${JSON.stringify(guard.error)}`;
  const opened = guard.value.session({ id: "native", key: "0".repeat(32) });
  if (!opened.ok) return `no session: ${opened.error.message}`;
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
    const shown = `call ${at} ${call.tool}(${JSON.stringify(call.args)})`;
    if (verdict.decision === "deny") return `${shown}: ${verdict.code} ${JSON.stringify(verdict.facts)}`;
    if (!jsonEqual(verdict.args, call.args)) return `${shown}: the plan fills in ${JSON.stringify(verdict.args)}`;
    session.record(verdict.run, { value: call.result });
  }
  if (raised !== undefined) return undefined;
  for (const { name, tool } of nodes) {
    const verdict = session.check({ tool, args: {}, node: name });
    if (verdict.decision === "allow") return `the plan also allows ${tool}(${JSON.stringify(verdict.args)}) as ${name}`;
  }
  return undefined;
}
