/**
 * The same calls through two enforcement points over one store, all at once: what is single-use, counted or budgeted must stay so.
 * The oracle judges what was allowed, in the order of the runs; nothing here asks the engine what it thinks.
 */
import { randomBytes } from "node:crypto";
import type { JsonObject } from "../../src/json/value.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Store } from "../../src/stores/store.ts";
import { createFirewall, type Enforcer } from "../../src/surfaces/hono.ts";
import { isErrorResult, type TraceCall, type TraceResult } from "../../src/trace.ts";
import { startsAt } from "../../test/spec/generate-plan.ts";
import { oracleOf } from "./attempt.ts";
import { type Benign, type BenignCall, honest } from "./benign.ts";
import { judge, type Judgement } from "./oracle.ts";
import type { Allowed, Seen } from "./play.ts";

/** What came of one race. */
export interface Raced {
  readonly what: string;
  readonly allowed: number;
  readonly denied: number;
  readonly codes: readonly string[];
  readonly violations: readonly Judgement[];
  /** A budget over sessions that was exceeded. */
  readonly overspent: string | undefined;
}

/** Copies of one call that are sent at once. */
const copies = 6;
const principal = "ada";

/** A process: an enforcement point of its own over a store that others share. */
function processOf({ plan }: Benign, store: Store): Enforcer {
  return createFirewall({ plans: [plan.frozen], store, clock: () => startsAt, random: (bytes) => randomBytes(bytes) });
}

/** Races every call of a run, the rest of it, and the whole of it in two sessions. Empty where the plan cannot be enforced over a store. */
export async function races(benign: Benign, { makeStore = createMemoryStore as () => Store } = {}): Promise<readonly Raced[]> {
  const found: Raced[] = [];
  for (const target of benign.calls) {
    for (const kind of ["copies", "rest"] as const) {
      const raced = await race(benign, target, { kind, store: makeStore() });
      if (raced !== undefined) found.push(raced);
    }
  }
  const both = await twoSessions(benign, makeStore());
  return both === undefined ? found : [...found, both];
}

interface Open {
  readonly enforcers: readonly [Enforcer, Enforcer];
  readonly token: string;
  /** Id of the session. */
  readonly opened: string;
  readonly seen: Seen[];
  readonly runs: Map<string, { readonly session: string; readonly run: number }>;
}

async function opened(
  benign: Benign,
  store: Store,
  enforcers = [processOf(benign, store), processOf(benign, store)] as const,
): Promise<Open | undefined> {
  const session = await enforcers[0].open({ plan: benign.plan.frozen.digest, principal, params: benign.plan.params });
  return session.ok
    ? { enforcers, token: session.value.token, opened: session.value.session, seen: [], runs: new Map() }
    : undefined;
}

async function send(open: Open, call: TraceCall, i: number): Promise<void> {
  const { enforcers, token, seen, runs } = open;
  const checked = await enforcers[i % 2 === 0 ? 0 : 1].check(token, { tool: call.tool, args: call.args });
  if (!checked.allow) {
    seen.push({ kind: "deny", id: call.id, code: checked.verdict.code });
    return;
  }
  const { node, run, row, args: final, labels } = checked.verdict;
  runs.set(call.id, { session: checked.permit.session, run });
  seen.push({
    kind: "allow",
    id: call.id,
    tool: call.tool,
    node,
    run,
    row,
    sent: call.args,
    final,
    labels,
    at: startsAt,
    batch: [],
  });
}

async function settle({ enforcers, seen, runs }: Open, { id, value }: TraceResult, i: number): Promise<void> {
  const permit = runs.get(id);
  if (permit === undefined) return;
  const isError = isErrorResult(value);
  const settled = await enforcers[i % 2 === 0 ? 1 : 0].settle(permit, isError ? { error: value } : { value });
  if (settled.ok) seen.push({ kind: "settle", run: permit.run, value, isError, delivered: settled.delivered });
}

/** A person consents to whatever waits. */
async function approveAll({ enforcers, opened, seen }: Open): Promise<void> {
  const waiting = await enforcers[0].approvals();
  for (const { id, status, node, session } of waiting.ok ? waiting.value : []) {
    if (status !== "pending" || session !== opened) continue;
    await enforcers[1].approve(id, { by: "ann", decision: "approve" });
    seen.push({ kind: "approved", node });
  }
}

async function race(
  benign: Benign,
  target: BenignCall,
  { kind, store }: { readonly kind: "copies" | "rest"; readonly store: Store },
): Promise<Raced | undefined> {
  const open = await opened(benign, store);
  if (open === undefined) return undefined;
  for (const [i, move] of honest(benign, benign.moves.slice(0, target.at)).entries()) {
    if (move.type === "call") await send(open, move, i);
    if (move.type === "result") await settle(open, move, i);
    if (move.type === "approve") await approveAll(open);
  }
  const [call = target.call] = honest(benign, [target.call]) as readonly TraceCall[];
  if (target.isApproved) {
    await send(open, call, 0);
    await approveAll(open);
  }
  const from = open.seen.length;
  const left = honest(benign, benign.moves.slice(target.at)).filter((move) => move.type === "call");
  const calls = kind === "copies" ? Array.from({ length: copies }, (_, i) => ({ ...call, id: `${call.id}+${i}` })) : left;
  await Promise.all(calls.map((each, i) => send(open, each, i)));
  const what = kind === "copies" ? `${copies} copies of ${target.allowed.node}` : `all from ${target.allowed.node} on`;
  return outcomeOf(benign, { what, open, from });
}

/** By number of run: the order in which the store took them. */
function inOrder(seen: readonly Seen[]): readonly Seen[] {
  const allowed = seen.filter((each) => each.kind === "allow").sort((a, b) => a.run - b.run);
  return [...allowed, ...seen.filter((each) => each.kind !== "allow")];
}

function outcomeOf(
  benign: Benign,
  {
    what,
    open,
    from,
    overspent,
    isStepwise = false,
  }: {
    readonly what: string;
    readonly open: Open;
    readonly from: number;
    readonly overspent?: string | undefined;
    readonly isStepwise?: boolean;
  },
): Raced {
  // A session that was played step by step is in order as it is.
  const seen = isStepwise ? open.seen : [...open.seen.slice(0, from), ...inOrder(open.seen.slice(from))];
  const violations = judge(oracleOf(benign), seen, { from }).filter(({ sort }) => sort === "violation");
  const codes = seen.slice(from).flatMap((each) => (each.kind === "deny" ? [each.code] : []));
  const allowed = seen.slice(from).filter(({ kind }) => kind === "allow").length;
  return { what, allowed, denied: codes.length, codes, violations, overspent };
}

/** The whole run in two sessions of one principal and one conversation, each through its own process, step by step at once. */
async function twoSessions(benign: Benign, store: Store): Promise<Raced | undefined> {
  const enforcers = [processOf(benign, store), processOf(benign, store)] as const;
  const first = await opened(benign, store, enforcers);
  const second = await opened(benign, store, [enforcers[1], enforcers[0]]);
  if (first === undefined || second === undefined) return undefined;
  for (const [i, move] of honest(benign, benign.moves).entries()) {
    const both = [first, second];
    if (move.type === "call") await Promise.all(both.map((open) => send(open, move, i)));
    if (move.type === "result") await Promise.all(both.map((open) => settle(open, move, i)));
    if (move.type === "approve") for (const open of both) await approveAll(open);
  }
  const own = [first, second].flatMap(({ seen }) => seen.filter((each) => each.kind === "allow"));
  const raced = outcomeOf(benign, {
    what: "the run in two sessions",
    open: first,
    from: 0,
    overspent: overspentOf(benign, own),
    isStepwise: true,
  });
  const other = outcomeOf(benign, { what: "", open: second, from: 0, isStepwise: true });
  return {
    ...raced,
    allowed: raced.allowed + other.allowed,
    denied: raced.denied + other.denied,
    codes: [...raced.codes, ...other.codes],
    violations: [...raced.violations, ...other.violations],
  };
}

/** Which budget over sessions the calls of all of them exceed together. */
function overspentOf({ plan }: Benign, calls: readonly Allowed[]): string | undefined {
  for (const [name, node] of Object.entries(plan.frozen.plan.nodes))
    for (const { scope = "session", sum, max } of [node.constraints?.budget ?? []].flat()) {
      if (scope === "session") continue;
      const amountOf = (final: JsonObject): number => (sum === undefined ? 1 : Number(final[sum] ?? 0));
      const all = calls.filter((call) => call.node === name).reduce((total, { final }) => total + amountOf(final), 0);
      if (all > max) return `${name}: ${all} of ${max}`;
    }
  return undefined;
}

/** A store that forgets to compare versions: what a race is lost with. */
export function withoutCompareAndSet(): Store {
  const store = createMemoryStore();
  return {
    ...store,
    commit: async (session, version, change) => {
      const committed = await store.commit(session, version, change);
      if (committed.ok || committed.error.kind !== "conflict") return committed;
      const loaded = await store.load(session, 0);
      return loaded.ok ? store.commit(session, loaded.value.version, change) : loaded;
    },
  };
}
