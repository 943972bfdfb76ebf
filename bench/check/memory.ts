/**
 * What a session keeps in memory: by itself, and for each call that it has seen.
 * Measured after collections of garbage, over so many that what the process does beside does not count. Never a time.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { decide } from "../../src/decide/decide.ts";
import { apply } from "../../src/decide/fold.ts";
import type { Session } from "../../src/engine.ts";
import { readJsonBytes } from "../../src/json/read.ts";
import { isObject } from "../../src/json/value.ts";
import { callsPerSessionMax } from "../../src/limits.ts";
import type { Subject } from "./scenario.ts";

/** Bytes on the heap. */
export interface Memory {
  /** An open session that has seen one call. */
  readonly session: number;
  /** Each further call of the session: its run, allowed and settled, as the folded state keeps it. Events are the store's. */
  readonly call: number;
  /** Calls that a session can have seen, unless its plan says less. */
  readonly callsMax: number;
}

const sessionCount = 2_000;
const callCount = 50_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function heapUsed(): number {
  for (let i = 0; i < 4; i++) collect();
  return process.memoryUsage().heapUsed;
}

/** Measures what sessions of a scenario keep. */
export function measureMemory(subject: Subject): Memory {
  const sessions: Session[] = [subject.open()];
  const before = heapUsed();
  for (let i = 0; i < sessionCount; i++) sessions.push(subject.open());
  const opened = heapUsed();
  callOften(subject, sessions[0] as Session);
  const called = heapUsed();
  return {
    session: Math.round((opened - before) / (sessions.length - 1)),
    call: Math.round((called - opened) / callCount),
    callsMax: callsPerSessionMax,
  };
}

function callOften({ bytes, guard }: Subject, { state }: Session): void {
  const read = readJsonBytes(bytes);
  const call = read.ok && isObject(read.value) ? read.value : {};
  for (let i = 0; i < callCount; i++) {
    const asked = { tool: String(call.tool), args: call.args ?? null, at: 2_000_000 + i };
    const decision = decide(guard.program, state, asked, { leaseMs: 300_000 });
    if (!decision.allow) throw new Error(`the scenario's call is denied: ${decision.code}`);
    apply(guard.program, state, decision.event, decision.made);
    apply(guard.program, state, { type: "settle", at: asked.at, run: decision.run, ok: true, valid: false });
  }
}
