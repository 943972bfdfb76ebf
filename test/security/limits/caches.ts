/**
 * What a process keeps in mind: up to the limit everything, beyond it not the oldest.
 */
import { createSessionMemory } from "../../../src/audit/session-memory.ts";
import { createSubjects } from "../../../src/audit/subjects.ts";
import type { AuditLog } from "../../../src/audit/log.ts";
import { createGuard, type Guard } from "../../../src/engine.ts";
import { writeFrozen } from "../../../src/plan/freeze.ts";
import { ok } from "../../../src/result.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import { createSealer, type Cipher } from "../../../src/stores/seal.ts";
import type { Entry, Store } from "../../../src/stores/store.ts";
import { createLiveSessions, type Live } from "../../../src/surfaces/enforce/session/live.ts";
import { createPlansInForce } from "../../../src/surfaces/enforce/session/plans.ts";
import { createWork, type Place } from "../../../src/surfaces/enforce/load/work.ts";
import { tokenDigest } from "../../../src/surfaces/credential.ts";
import { createFirewall } from "../../../src/surfaces/hono.ts";
import { bounded } from "../../../src/surfaces/mcp/lane.ts";
import { openRuns } from "../../../src/surfaces/observe/runs.ts";
import { freeze, shop, shopPlan } from "../../surfaces/firewall-fixture.ts";
import type { LimitCase } from "./case.ts";

/** A cipher that only counts the keys that are derived. */
function countingCipher(): { readonly cipher: Cipher; count: number } {
  const counting = {
    count: 0,
    cipher: (() => () => {
      counting.count += 1;
      return { seal: (bytes: Uint8Array) => bytes, open: (bytes: Uint8Array) => bytes };
    }) as unknown as Cipher,
  };
  return counting;
}

/** The guard of the shop's plan. */
function shopGuard(): Guard {
  const guard = createGuard(shop, { clock: () => 1_000 });
  if (!guard.ok) throw new Error(JSON.stringify(guard.error));
  return guard.value;
}

const forgotten = (isKnown: boolean): string => (isKnown ? "ok" : "forgotten");

async function live(size: number): Promise<string> {
  const store = createMemoryStore();
  const firewall = createFirewall({ plans: [shop], store, clock: () => 1_000 });
  const guards = new Map([[shop.digest, shopGuard()]]);
  const sessions = createLiveSessions(store, createPlansInForce(store, guards));
  const ids: string[] = [];
  for (let i = 0; i < size; i++) {
    const opened = await firewall.open({ plan: shop.digest, principal: "ada" });
    if (!opened.ok) return opened.error.code;
    const id = opened.value.token.split(".")[0] ?? "";
    ids.push(id);
    const read = await sessions.refresh(id);
    if (!read.ok) return read.error.kind;
  }
  return forgotten(sessions.peek(ids[0] ?? "") !== undefined);
}

async function adopted(size: number): Promise<string> {
  const plans = Array.from({ length: size }, (_, i) => freeze({ ...shopPlan, name: `shop-${i}` }));
  const texts = new Map(plans.map((plan) => [plan.digest, writeFrozen(plan)]));
  const store = { loadDocument: async (_: string, digest: string) => ok(texts.get(digest)) } as unknown as Store;
  const guard = shopGuard();
  const inForce = createPlansInForce(store, new Map(), { guardOf: () => guard, generation: () => 1 });
  for (const { digest } of plans) {
    const found = await inForce.find(digest);
    if (!found.ok) return found.error.kind;
  }
  return forgotten(inForce.known(plans[0]?.digest ?? "") !== undefined);
}

function outstanding(size: number): string {
  const work = createWork({}, { clock: () => 0, peek: () => undefined });
  for (let run = 0; run < size; run++) work.began({ session: "s", run, lease: 1 } as never);
  return forgotten(work.outstanding === size);
}

/** Whoever has had a turn has none until nobody remembers the name. */
function metered(size: number): string {
  const secret = "1".repeat(64);
  const tokenOf = (i: number): string => `s_${String(i).padStart(32, "0")}.${secret}`;
  const live = (id: string): Live => ({ header: { principal: id, tokenDigest: tokenDigest(secret) } }) as unknown as Live;
  const work = createWork({ principalPerMinute: 1, principalBurst: 1 }, { clock: () => 0, peek: live });
  for (let i = 0; i < size; i++) work.leave(work.enter(tokenOf(i)) as Place);
  return forgotten("code" in work.enter(tokenOf(0)));
}

async function sealing(size: number): Promise<string> {
  const counting = countingCipher();
  const sealer = createSealer([{ id: "k", secret: new Uint8Array(32) }], counting.cipher);
  const seal = (i: number) => sealer.seal("x", { scope: ["session", String(i)], at: [] });
  for (let i = 0; i < size; i++) await seal(i);
  await seal(0);
  return forgotten(counting.count === size);
}

async function auditSessions(size: number): Promise<string> {
  let loads = 0;
  const memory = createSessionMemory({
    load: async (id) => {
      loads += 1;
      return ok({ header: { id, principal: "ada", plan: "p" }, entries: [], version: 0, context: undefined } as never);
    },
  });
  const opening = { event: { type: "open", principal: "ada", plan: "p", at: 0 } } as unknown as Entry;
  for (let i = 0; i < size; i++) await memory.take(`s${i}`, 1, opening);
  const before = loads;
  await memory.take("s0", 1, opening);
  return forgotten(loads === before);
}

async function subjects(size: number): Promise<string> {
  let asked = 0;
  const log = {
    key: async () => {
      asked += 1;
      return ok(undefined);
    },
    addKey: async () => ok(undefined),
  } as unknown as AuditLog;
  let random = 0;
  const bytes = (length: number): Uint8Array<ArrayBuffer> => {
    const made = new Uint8Array(length);
    new DataView(made.buffer).setUint32(0, random++);
    return made;
  };
  const people = createSubjects(log, [{ id: "k", secret: new Uint8Array(32) }], bytes, { cipher: countingCipher().cipher });
  for (let i = 0; i < size; i++) await people.of(`p${i}`);
  const before = asked;
  await people.find("p0");
  return forgotten(asked === before);
}

async function observed(size: number): Promise<string> {
  let isEnded = false;
  const runs = openRuns({
    guards: new Map(),
    store: undefined,
    clock: () => 0,
    random: (length: number) => new Uint8Array(length),
    redact: {},
    idleMs: 1_000,
    logger: undefined,
    ended: () => {
      isEnded = true;
    },
  } as never);
  for (let i = 0; i < size; i++) await runs.of({ run: `r${i}` });
  return forgotten(!isEnded);
}

function kept(size: number): string {
  const map = bounded<number>();
  for (let i = 0; i < size; i++) map.set(String(i), i);
  return forgotten(map.get("0") === 0);
}

/** Each with its limit. */
export const cacheCases: readonly LimitCase[] = [
  ["liveSessionsMax", "forgotten", live],
  ["adoptedPlansMax", "forgotten", adopted],
  ["meteredNamesMax", "forgotten", metered],
  ["outstandingRunsMax", "forgotten", outstanding],
  ["sealingKeysMax", "forgotten", sealing],
  ["auditSessionsKeptMax", "forgotten", auditSessions],
  ["auditSubjectsKeptMax", "forgotten", subjects],
  ["observedRunsMax", "forgotten", observed],
  ["mcpKeptMax", "forgotten", kept],
];
