/**
 * What plans that were made of gold calls allow: their own run, and the run with one argument changed.
 * Never counts a denial of an earlier call for the changed one.
 */
import type { Catalogue } from "../../src/catalogue/catalogue.ts";
import { isArray, isObject, type Json, jsonEqual } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";
import { classify } from "../../src/plan/walk.ts";
import { replayTrace } from "../../src/replay.ts";
import type { TraceCall, TraceEvent } from "../../src/trace.ts";
import type { Row, RowSet } from "./rows.ts";

/** How plans are made of rows; the error is one line. */
export type Maker = (row: Row, catalogue: Catalogue) => { readonly plan: Plan } | { readonly refused: string };

/** In which way an argument is changed. */
export const changes = ["another run's", "another leaf", "fresh"] as const;
/** A way of changing. */
export type Change = (typeof changes)[number];

/** What became of the changed calls. */
export interface Outcome {
  denied: number;
  /** The argument is the agent's text. */
  content: number;
  /** The argument is the agent's choice. */
  choice: number;
  /** The call is now another one that the plan has, with what it left out filled in. */
  planned: number;
  /** None of these: what a plan of gold calls should never let through. */
  otherwise: number;
  /** There was no value to put there. */
  none: number;
}

/** The measure of one set. */
export interface Report {
  readonly set: string;
  readonly rows: number;
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
  readonly refused: readonly { readonly id: string; readonly reason: string }[];
  readonly denied: readonly { readonly id: string; readonly reason: string }[];
  readonly allowed: number;
  readonly args: number;
  readonly outcomes: { readonly [C in Change]: Outcome };
  /** Arguments that were allowed otherwise: row, tool and name. */
  readonly loose: readonly string[];
}

/** Measures every row of a set; `tick` is called after each. */
export function measure(set: RowSet, make: Maker, tick: () => void): Report {
  const refused: { readonly id: string; readonly reason: string }[] = [];
  const denied: { readonly id: string; readonly reason: string }[] = [];
  const loose: string[] = [];
  const outcomes = Object.fromEntries(
    changes.map((change) => [change, { denied: 0, content: 0, choice: 0, planned: 0, otherwise: 0, none: 0 }]),
  ) as { readonly [C in Change]: Outcome };
  const values = valuesOf(set.rows);
  let allowed = 0;
  let args = 0;
  for (const row of set.rows) {
    tick();
    const made = frozenOf(row, set.catalogue, make);
    if ("refused" in made) {
      refused.push({ id: row.id, reason: made.refused });
      continue;
    }
    const bad = firstDenial(made.frozen, row.trace.events);
    if (bad !== undefined) {
      denied.push({ id: row.id, reason: bad });
      continue;
    }
    allowed += 1;
    const planned = row.trace.events.filter((event) => event.type === "call");
    for (const [place, event] of row.trace.events.entries()) {
      if (event.type !== "call") continue;
      for (const name of Object.keys(event.args)) {
        args += 1;
        const others: { readonly [C in Change]: Json | undefined } = {
          "another run's": differing(values.get(`${event.tool} ${name}`) ?? [], event.args[name] ?? null),
          "another leaf": otherLeaf(row.trace.events, place, event.args[name] ?? null),
          fresh: fresh(event.args[name] ?? null),
        };
        for (const change of changes) {
          const outcome = outcomeOf(made.frozen, row.trace.events.slice(0, place), {
            call: event,
            name,
            value: others[change],
            planned,
          });
          outcomes[change][outcome] += 1;
          if (outcome === "otherwise") loose.push(`${row.id} ${event.tool} ${name} (${change})`);
        }
      }
    }
  }
  return { set: set.name, rows: set.rows.length, skipped: set.skipped, refused, denied, allowed, args, outcomes, loose };
}

function frozenOf(row: Row, catalogue: Catalogue, make: Maker): { readonly frozen: FrozenPlan } | { readonly refused: string } {
  const made = make(row, catalogue);
  if ("refused" in made) return made;
  const frozen = freezePlan(made.plan, catalogue);
  return frozen.ok ? { frozen: frozen.value } : { refused: `${frozen.error[0]?.code} at ${frozen.error[0]?.pointer}` };
}

function firstDenial(frozen: FrozenPlan, events: readonly TraceEvent[]): string | undefined {
  const calls = replayTrace(frozen, { events });
  if (!calls.ok) return calls.error[0]?.code ?? "REFUSED";
  const first = calls.value.find(({ verdict }) => verdict === "deny");
  return first === undefined ? undefined : `call ${first.i}: ${first.code} ${first.argument ?? ""}`.trim();
}

/** Every value that an argument of a tool has in a set. */
function valuesOf(rows: readonly Row[]): ReadonlyMap<string, readonly Json[]> {
  const values = new Map<string, Json[]>();
  for (const { trace } of rows)
    for (const event of trace.events)
      if (event.type === "call")
        for (const [name, value] of Object.entries(event.args)) {
          const key = `${event.tool} ${name}`;
          const known = values.get(key) ?? [];
          if (known.length < 50 && !known.some((one) => jsonEqual(one, value))) known.push(value);
          values.set(key, known);
        }
  return values;
}

function differing(values: readonly Json[], own: Json): Json | undefined {
  return values.find((value) => !jsonEqual(value, own));
}

/** A leaf of another place of the run, of the value's type and not equal to it: of a result so far, or else of an argument. */
function otherLeaf(events: readonly TraceEvent[], place: number, own: Json): Json | undefined {
  const results = events.slice(0, place).flatMap((event) => (event.type === "result" ? leavesOf(event.value) : []));
  const args = events.flatMap((event) => (event.type === "call" ? leavesOf(event.args) : []));
  const fits = (leaf: Json): boolean => typeof leaf === typeof own && !jsonEqual(leaf, own);
  return results.findLast(fits) ?? args.findLast(fits);
}

function leavesOf(value: Json): readonly Json[] {
  if (isArray(value)) return value.flatMap(leavesOf);
  if (isObject(value)) return Object.values(value).flatMap(leavesOf);
  return [value];
}

/** A value of the same type that occurs nowhere. */
function fresh(value: Json): Json {
  if (typeof value === "string") return "zz fresh zz";
  if (typeof value === "number" || typeof value === "bigint") return Number(value) + 70_001;
  if (typeof value === "boolean") return !value;
  if (isArray(value)) return [...value, fresh(value[0] ?? "")];
  if (isObject(value)) return { ...value, zz: "fresh" };
  return "zz fresh zz";
}

interface Changed {
  readonly call: TraceCall;
  readonly name: string;
  readonly value: Json | undefined;
  readonly planned: readonly TraceCall[];
}

function outcomeOf(frozen: FrozenPlan, before: readonly TraceEvent[], { call, name, value, planned }: Changed): keyof Outcome {
  if (value === undefined) return "none";
  const args = { ...call.args, [name]: value };
  const events = [...before, { ...call, args }];
  const calls = replayTrace(frozen, { events });
  const last = calls.ok ? calls.value.at(-1) : undefined;
  if (last === undefined || last.verdict === "deny" || last.node === null) return "denied";
  const rules = frozen.plan.nodes[last.node]?.args ?? {};
  // Another call of the run in all that was not dropped as a default: what is left out, the plan fills in.
  const kept = Object.entries(args).filter(([key]) => Object.hasOwn(rules, key));
  const isPlanned = planned.some(
    (one) => one.tool === call.tool && kept.every(([key, sent]) => jsonEqual(one.args[key] ?? null, sent)),
  );
  const rule = rules[name];
  const kind = rule === undefined ? undefined : classify(rule).kind;
  return kind === "write" ? "content" : kind === "choose" ? "choice" : isPlanned ? "planned" : "otherwise";
}
