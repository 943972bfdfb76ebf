/**
 * Sluice: strict reader, check, and the event folded into the session, as at every surface.
 * Never answers from anything but the engine, but for the size of the whole call, which a surface looks at before any plan does.
 */
import { decide } from "../../../src/decide/decide.ts";
import { apply } from "../../../src/decide/fold.ts";
import { createGuard, type Guard, type Session } from "../../../src/engine.ts";
import { readJsonBytes } from "../../../src/json/read.ts";
import { isObject, type Json, type JsonObject } from "../../../src/json/value.ts";
import type { LabelValue } from "../../../src/taint/label.ts";
import type { Peer } from "../peer.ts";
import { callLabels, freezePolicy, toolName, valueLabels } from "../sluice-plan.ts";
import type { ParsedCall, Workload } from "../workload.ts";

const leaseMs = 300_000;
/** Between two checks of a session: longer than the breaker waits, which would answer a repeated denial in place of the check. */
const pauseMs = 60_000;
/** After so many passes all sessions are opened anew, so that none outgrows its limits. */
const passesMax = 1_000;

/** One session of the workload, for one call: others would wait for the run that its check leaves in flight, and be marked by what it carried. */
interface Stand {
  readonly name: string;
  readonly session: Session;
  readonly values: ReadonlyMap<string, LabelValue>;
  at: number;
}

/** Sluice over the workload. */
export function open({ policy, sessions, calls }: Workload): Peer {
  const made = createGuard(freezePolicy(policy), { clock: () => 0 });
  if (!made.ok) throw new Error(`the plan cannot be enforced: ${JSON.stringify(made.error[0])}`);
  const guard = made.value;
  const { program } = guard;
  const tools = new Map(policy.tools.map((tool) => [tool, toolName(tool)]));
  const bytesMax = new Map(Object.entries(policy.nodes).map(([name, node]) => [name, node.maxBytes]));
  const labels = new Map(Object.entries(sessions).map(([name, session]) => [name, valueLabels(session)]));
  const history = historyOf(calls);
  let stands: (Stand | undefined)[] = [];
  let passes = 0;
  const standOf = (at: number, name: string): Stand | undefined => {
    const known = stands[at];
    if (known?.name === name) return known;
    const values = labels.get(name);
    if (values === undefined) return undefined;
    const stand = { name, session: openSession(guard, sessions[name]?.done ?? [], history), values, at: pauseMs };
    stands[at] = stand;
    return stand;
  };
  return {
    check: (raw, at) => {
      const read = readJsonBytes(raw);
      if (!read.ok || !isObject(read.value)) return false;
      const { session: name, node, tool, args, prov } = read.value;
      if (typeof name !== "string" || typeof node !== "string" || typeof tool !== "string") return false;
      if (!isObject(args) || !isObject(prov) || raw.length > (bytesMax.get(node) ?? raw.length)) return false;
      const stand = standOf(at, name);
      if (stand === undefined) return false;
      stand.at += pauseMs;
      const call = { tool: tools.get(tool) ?? tool, node, args, labels: callLabels({ args, prov }, stand.values), at: stand.at };
      const decision = decide(program, stand.session.state, call, { leaseMs });
      apply(program, stand.session.state, decision.event, decision.made);
      return decision.allow;
    },
    settle: () => {
      passes += 1;
      if (passes % passesMax === 0) stands = [];
      for (const stand of stands) {
        if (stand === undefined) continue;
        const { session, at } = stand;
        for (const run of [...session.state.inFlight.keys()])
          apply(program, session.state, { type: "settle", at: at + 1, run, ok: true, valid: false, value: "ok" });
      }
    },
  };
}

/** By node, a call that the workload says is right: what its sessions have behind them is made of these. */
function historyOf(calls: Workload["calls"]): ReadonlyMap<string, ParsedCall> {
  const history = new Map<string, ParsedCall>();
  for (const { expect, raw } of calls) {
    if (expect === "deny" || raw.length > 10_000) continue;
    const call = JSON.parse(raw) as ParsedCall;
    if (!history.has(call.node)) history.set(call.node, call);
  }
  return history;
}

/** A session whose nodes `done` have run, by the engine's own checks. */
function openSession(guard: Guard, done: readonly string[], history: ReadonlyMap<string, ParsedCall>): Session {
  const opened = guard.session({ id: "bench", key: "00".repeat(16) });
  if (!opened.ok) throw new Error(opened.error.message);
  for (const node of done) {
    const call = history.get(node);
    if (call === undefined) throw new Error(`no call of the workload shows how node \`${node}\` was done`);
    const verdict = opened.value.check({
      tool: toolName(call.tool),
      node,
      args: call.args as { readonly [name: string]: Json } & JsonObject,
    });
    if (verdict.decision !== "allow") throw new Error(`node \`${node}\` cannot be done: ${verdict.code}`);
    opened.value.record(verdict.run, { value: "ok" });
  }
  return opened.value;
}
