/**
 * Which run a call of a coding agent is: the hook after a call is another process than the one before it.
 * Records of the store. Never a fact about a session: its events alone are.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { commitAttemptsMax, inFlightMax } from "../../limits.ts";
import { domainDigest } from "../../plan/digest.ts";
import type { Store } from "../../stores/store.ts";
import type { Permit } from "../enforce.ts";
import { answered } from "../enforce/store/answered.ts";

const kind = "hook-run";

/** A call by which its run is found again. */
export interface CallName {
  readonly session: string;
  /** Qualified name. */
  readonly tool: string;
  /** The agent's own name of the call, if it has one. */
  readonly call?: string | undefined;
  /** The arguments that may be told after the call, where it has no name: as the agent sent them, and as they were to be. */
  readonly args: readonly JsonObject[];
}

/** Keeps the run of an allowed call. Whether it is kept: if not, the call must not go ahead. */
export async function keepRun(store: Store, name: CallName, { run }: Permit): Promise<boolean> {
  for (const id of idsOf(name)) if (!(await addRun(store, id, run))) return false;
  return true;
}

/** The runs that a call may be, oldest first; `undefined`: the store does not answer. Calls with the same arguments cannot be told apart. */
export async function findRuns(store: Store, name: CallName): Promise<readonly number[] | undefined> {
  const found: number[] = [];
  for (const id of idsOf(name)) {
    const record = await answered(() => store.record(kind, id));
    if (!record.ok) return undefined;
    found.push(...runsOf(record.value?.value));
  }
  return found;
}

function idsOf({ session, tool, call, args }: CallName): readonly string[] {
  const names: readonly Json[] = call === undefined ? args.map((one) => [tool, one]) : [[call]];
  return [...new Set(names.map((name) => `${session}.${domainDigest("hook-call", canonicalJson(name))}`))];
}

async function addRun(store: Store, id: string, run: number): Promise<boolean> {
  for (let attempt = 0; attempt < commitAttemptsMax; attempt++) {
    const record = await answered(() => store.record(kind, id));
    if (!record.ok) return false;
    const runs = [...runsOf(record.value?.value), run].slice(-inFlightMax);
    const written = await answered(() => store.writeRecord({ kind, id, version: record.value?.version ?? 0, value: { runs } }));
    if (written.ok) return true;
    if (written.error.kind !== "conflict") return false;
  }
  return false;
}

function runsOf(value: JsonObject | undefined): readonly number[] {
  const runs = isObject(value) ? member(value, "runs") : undefined;
  return (isArray(runs) ? runs : []).filter((run) => typeof run === "number" && Number.isSafeInteger(run)) as readonly number[];
}
