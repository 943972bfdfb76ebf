/**
 * What must hold of a store after anything has happened: the laws of the exactness tests, over what is stored and what was witnessed.
 * No test framework here. What is asked through an enforcement point says so.
 */
import { type Guard, resumeUnder } from "../../src/engine.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json } from "../../src/json/value.ts";
import type { Entry, Store } from "../../src/stores/store.ts";
import type { Enforcer } from "../../src/surfaces/enforce.ts";
import { maxima } from "./plan.ts";

/** An operation that was carried out, as who carried it out has seen it. */
export interface Execution {
  readonly session: string;
  readonly run: number;
  readonly tool: string;
}

/** A result of which an enforcement point has said that it is settled. */
export interface Delivery {
  readonly session: string;
  readonly run: number;
}

/** The events of sessions, read past every enforcement point. */
export async function eventsOf(store: Store, sessions: readonly string[]): Promise<ReadonlyMap<string, readonly Entry[]>> {
  const all = new Map<string, readonly Entry[]>();
  for (const session of sessions) {
    const loaded = await store.load(session, 0);
    if (!loaded.ok) throw new Error(`${session}: ${loaded.error.kind}`);
    if (loaded.value.version !== loaded.value.entries.length) throw new Error(`${session}: a version without its events`);
    all.set(session, loaded.value.entries);
  }
  return all;
}

/** What is broken: sentences, none if all is well. */
export function broken(
  guard: Guard,
  stored: ReadonlyMap<string, readonly Entry[]>,
  { executions, deliveries }: { readonly executions: readonly Execution[]; readonly deliveries: readonly Delivery[] },
): readonly string[] {
  const found: string[] = [];
  const allows = new Map<string, string>();
  const settles = new Map<string, boolean>();
  for (const [session, entries] of stored) {
    try {
      resumeUnder(
        guard.program,
        entries.map(({ event }) => event),
        () => undefined,
      );
    } catch (error) {
      found.push(
        `${session} cannot be folded: ${String(error)}: ${canonicalJson(entries.map(({ event }) => event.type) as Json)}`,
      );
    }
    for (const { event } of entries) {
      if (event.type === "allow") allows.set(`${session} ${event.run}`, event.node);
      if (event.type !== "settle") continue;
      const name = `${session} ${event.run}`;
      if (!allows.has(name)) found.push(`${name} is settled and was never allowed`);
      if (settles.has(name)) found.push(`${name} is settled twice`);
      settles.set(name, event.ok);
    }
  }
  const executed = new Set<string>();
  for (const { session, run, tool } of executions) {
    const name = `${session} ${run}`;
    if (executed.has(name)) found.push(`${name} was carried out twice`);
    executed.add(name);
    const node = allows.get(name);
    if (node === undefined) found.push(`${name} was carried out and never allowed`);
    else if (tool !== `lab/${node}`) found.push(`${name} was carried out as ${tool} and allowed as ${node}`);
  }
  for (const { session, run } of deliveries)
    if (!settles.has(`${session} ${run}`)) found.push(`${session} ${run} was delivered and its event is lost`);
  found.push(...overspent(stored, executions), ...unspent(stored, executed));
  return found;
}

/** More done than the budgets hold. Principals are one for each session here, where no map says otherwise. */
function overspent(stored: ReadonlyMap<string, readonly Entry[]>, executions: readonly Execution[]): readonly string[] {
  const found: string[] = [];
  const counts = new Map<string, number>();
  for (const { session, tool } of executions) {
    const opening = stored.get(session)?.[0]?.event;
    const principal = opening?.type === "open" ? opening.principal : "";
    const key =
      tool === "lab/once" || tool === "lab/next"
        ? `${tool} of ${session}`
        : tool === "lab/mine"
          ? `${tool} of ${principal}`
          : tool;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const [key, count] of counts) {
    const max = key.startsWith("lab/shared")
      ? maxima.shared
      : key.startsWith("lab/mine")
        ? maxima.mine
        : key.startsWith("lab/read") || key === "lab/again"
          ? Infinity
          : 1;
    if (count > max) found.push(`${key}: carried out ${count} times of ${max}`);
  }
  return found;
}

/** Every run that was carried out is in flight or settled: it is spent. */
function unspent(stored: ReadonlyMap<string, readonly Entry[]>, executed: ReadonlySet<string>): readonly string[] {
  const found: string[] = [];
  for (const [session, entries] of stored)
    for (const { event } of entries)
      if (event.type === "settle" && "void" in event && executed.has(`${session} ${event.run}`))
        found.push(`${session} ${event.run} was carried out and given back`);
  return found;
}

/** What of the budget of `again` is left, by the events alone: allows without those whose failure gave them back. */
export function againSpent(stored: ReadonlyMap<string, readonly Entry[]>): { readonly left: number } {
  let spent = 0;
  for (const entries of stored.values()) {
    const given = new Set(entries.flatMap(({ event }) => (event.type === "settle" && !event.ok ? [event.run] : [])));
    for (const { event } of entries) if (event.type === "allow" && event.node === "again" && !given.has(event.run)) spent++;
  }
  return { left: maxima.again - spent };
}

/** What of it is left, by what a new session gets of the store's counter. Takes it. */
export async function againLeft(enforcer: Enforcer, plan: string): Promise<number> {
  const opened = await enforcer.open({ plan, principal: "last" });
  if (!opened.ok) throw new Error(opened.error.code);
  for (let granted = 0; ; granted++) {
    const checked = await enforcer.check(opened.value.token, { tool: "again", args: {} });
    if (!checked.allow) return checked.verdict.code === "CALL_BUDGET" ? granted : Number.NaN;
  }
}
