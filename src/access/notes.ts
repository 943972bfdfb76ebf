/**
 * Notes of what administrators and approvers do, for the audit log; and of credentials that were refused, so many in a minute.
 * Never notes a secret, a part of one, or a value of a call: names, ids and words of ours.
 */
import type { JsonObject } from "../json/value.ts";
import { accessCacheMax, accessNotes } from "./bounds.ts";
import type { Clock } from "../ports.ts";
import { err, ok, type Result } from "../result.ts";
import type { Store } from "../stores/store.ts";
import { answered } from "../surfaces/enforce/store/answered.ts";
import { createMeter } from "../surfaces/enforce/load/gcra.ts";
import type { AccessProblem, Identity } from "./identity.ts";

/** What was done. */
export interface Told {
  /** Kind of record; default `admin`. */
  readonly type?: "admin" | "grant" | "revoke" | "plan-frozen" | "erase" | "disclose" | "config";
  /** A word for what was done: `token-made`, `report-read`. */
  readonly act: string;
  /** Names, ids, digests and numbers; nothing personal. */
  readonly facts?: JsonObject;
}

/** Who and how, as a note says it. */
export function toldBy({ name, by, via, credential }: Identity): JsonObject {
  return { by: name, credential: credential === undefined ? by : `${by}:${credential}`, via };
}

/** Notes of one process. */
export interface Notes {
  /** Notes an act. Failure: the store's, and then nothing may be done. */
  act(who: Identity, told: Told): Promise<Result<undefined, AccessProblem>>;
  /** Notes that somebody has looked, once in an hour for each thing. */
  look(who: Identity, told: Told): Promise<Result<undefined, AccessProblem>>;
  /** Notes that a credential was refused, beside the request. Those beyond the rate are counted in the next note. */
  refused(act: "login-refused" | "credential-refused", via: Identity["via"]): void;
}

/** Milliseconds in which looking again at the same thing is the same look. */
const lookMs = 3_600_000;

/** Notes in the journal of a store. */
export function createNotes({ store, clock }: { readonly store: Pick<Store, "note">; readonly clock: Clock }): Notes {
  const meter = createMeter(accessNotes, 1);
  const looked = new Map<string, number>();
  let unsaid = 0;
  const write = async (facts: JsonObject): Promise<Result<undefined, AccessProblem>> => {
    const noted = await answered(() => store.note(facts));
    return noted.ok ? ok(undefined) : err({ code: "STORE_UNAVAILABLE" });
  };
  const act: Notes["act"] = (who, { type = "admin", act: word, facts }) =>
    write({ ...facts, type, at: clock(), act: word, ...toldBy(who) });
  return {
    act,
    look: async (who, told) => {
      const now = clock();
      const key = JSON.stringify([who.name, who.by, told.act, told.facts ?? null]);
      if (Math.abs(now - (looked.get(key) ?? Number.NEGATIVE_INFINITY)) < lookMs) return ok(undefined);
      const noted = await act(who, told);
      if (noted.ok) looked.set(key, now);
      const [oldest] = looked.keys();
      if (looked.size > accessCacheMax && oldest !== undefined) looked.delete(oldest);
      return noted;
    },
    refused: (word, via) => {
      const now = clock();
      if (meter.take("", now) > 0) {
        unsaid += 1;
        return;
      }
      void write({ type: "admin", at: now, act: word, via, ...(unsaid === 0 ? {} : { unsaid }) });
      unsaid = 0;
    },
  };
}
