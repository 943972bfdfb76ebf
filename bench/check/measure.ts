/**
 * Measures a check and its floors on the same bytes, in one process, in turns.
 * Never compares times of different runs: every ratio is made of samples that were taken between one another.
 */
import { hash } from "node:crypto";
import * as z from "zod";
import { decide } from "../../src/decide/decide.ts";
import { apply } from "../../src/decide/fold.ts";
import type { Session } from "../../src/engine.ts";
import { readJsonBytes } from "../../src/json/read.ts";
import { isObject, type Json } from "../../src/json/value.ts";
import { quantile } from "../quantile.ts";
import type { Subject } from "./scenario.ts";

/** Microseconds. */
export interface Times {
  /** Median over batches, per call. */
  readonly p50: number;
  /** Of single calls. */
  readonly p99: number;
  /** Half the distance between the quartiles of the batches, as a share of the median. */
  readonly noise: number;
}

/** What is measured: the floors, the parts of a check, and the whole. */
export type Contender = "parse" | "hash" | "zod" | "read" | "decide" | "check";

/** How long one scenario may take. */
export interface Budget {
  readonly milliseconds: number;
}

interface Samples {
  readonly batches: number[];
  readonly singles: number[];
}

const contenders: readonly Contender[] = ["parse", "hash", "zod", "read", "decide", "check"];
const leaseMs = 300_000;
/** Calls of one batch. A check leaves a run in flight, so a batch is settled before the next. */
const batchCalls = 16;
const singleCalls = 8;
/** A session is opened anew once it has grown by this many events, so that its size stays what the scenario says. */
const growthMax = 4_000;

/** The schema that a careful programmer would write for this one value. */
function schemaOf(value: Json): z.ZodType {
  if (typeof value === "string") return z.string().max(value.length * 2 + 16);
  if (typeof value === "number") return z.number().min(-1e9).max(1e9);
  if (typeof value === "boolean") return z.boolean();
  if (Array.isArray(value)) return z.array(schemaOf(value[0] ?? null)).max(value.length * 2 + 16);
  if (isObject(value))
    return z.strictObject(Object.fromEntries(Object.entries(value).map(([name, part]) => [name, schemaOf(part)])));
  return z.any();
}

interface Checked {
  /** Runs of the last batch that have no result yet. */
  readonly settle: () => void;
  readonly calls: { readonly [C in Contender]: () => unknown };
}

function callsOf(subject: Subject): Checked {
  const { bytes, guard } = subject;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const schema = schemaOf(JSON.parse(buffer.toString("utf8")) as Json);
  let session = subject.open();
  const openVersion = session.state.version;
  const { program } = guard;
  let at = 2_000_000;
  const check = (call: Json): void => {
    if (!isObject(call) || typeof call.tool !== "string") throw new Error("the bytes are a call");
    at += 1;
    const decision = decide(program, session.state, { tool: call.tool, args: call.args ?? null, at }, { leaseMs });
    if (!decision.allow) throw new Error(`the scenario's call is denied: ${decision.code}`);
    apply(program, session.state, decision.event, decision.made);
  };
  const readCall = (): Json => {
    const read = readJsonBytes(bytes);
    if (!read.ok) throw new Error(read.error.code);
    return read.value;
  };
  const parsed = readCall();
  return {
    settle: () => {
      settleAll(subject, session, at);
      if (session.state.version - openVersion > growthMax) session = subject.open();
    },
    calls: {
      parse: () => JSON.parse(buffer.toString("utf8")),
      hash: () => [JSON.parse(buffer.toString("utf8")), hash("sha256", buffer)],
      zod: () => schema.parse(JSON.parse(buffer.toString("utf8"))),
      read: readCall,
      decide: () => check(parsed),
      check: () => check(readCall()),
    },
  };
}

function settleAll({ guard }: Subject, session: Session, at: number): void {
  for (const run of [...session.state.inFlight.keys()])
    apply(guard.program, session.state, { type: "settle", at, run, ok: true, valid: false, value: "ok" });
}

/** Measures one scenario. */
export function measure(subject: Subject, budget: Budget): { readonly [C in Contender]: Times } {
  const { calls, settle } = callsOf(subject);
  const samples = new Map(contenders.map((name): [Contender, Samples] => [name, { batches: [], singles: [] }]));
  const round = (isKept: boolean): void => {
    for (const name of contenders) {
      const { batches, singles } = samples.get(name) as Samples;
      const call = calls[name];
      const batch = time(call, batchCalls);
      settle();
      for (let i = 0; i < singleCalls; i++) {
        const single = time(call, 1);
        if (isKept) singles.push(single);
      }
      settle();
      if (isKept) batches.push(batch);
    }
  };
  const start = performance.now();
  for (let i = 0; i < 200 && (i < 3 || performance.now() - start < budget.milliseconds / 3); i++) round(false);
  const warm = performance.now();
  for (let i = 0; i < 15 || performance.now() - warm < budget.milliseconds; i++) round(true);
  return Object.fromEntries(contenders.map((name) => [name, summary(samples.get(name) as Samples)])) as {
    readonly [C in Contender]: Times;
  };
}

/** Microseconds of one call, over `count` calls in a row. */
function time(call: () => unknown, count: number): number {
  const start = performance.now();
  for (let i = 0; i < count; i++) call();
  return ((performance.now() - start) * 1_000) / count;
}

function summary({ batches, singles }: Samples): Times {
  const p50 = quantile(batches, 0.5);
  return { p50, p99: quantile(singles, 0.99), noise: (quantile(batches, 0.75) - quantile(batches, 0.25)) / 2 / p50 };
}
