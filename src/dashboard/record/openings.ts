/**
 * What is kept apart of a record: opened for a person who gave a reason, after that was noted, and for a few minutes.
 * Never opens a value that is not what the record committed to, and never one of a person whose key was deleted meanwhile.
 */
import { type AuditRecord, commitmentOf, recordDigest } from "../../audit/record.ts";
import type { Subjects } from "../../audit/subjects.ts";
import { openingPlace } from "../../audit/batch.ts";
import { readJson } from "../../json/read.ts";
import type { Json } from "../../json/value.ts";
import { openedMax, openedMs } from "./bounds.ts";
import type { Clock } from "../../ports.ts";
import { ok, type Result } from "../../result.ts";
import type { AuditFailure } from "../../audit/log.ts";
import type { AuditAccess } from "./access.ts";

/**
 * One value. `sealed`: it can be opened. `open`: it was, and is what the record committed to. `erased`: the key of its person is gone.
 * `keyless`: the master key is not here. `missing`: nothing is kept of it. `broken`: what is kept is not what was committed, or its key cannot be opened.
 */
export interface KeptValue {
  readonly name: string;
  readonly commit: string;
  /** Pseudonym of the person whose key seals it; absent: nobody's. */
  readonly subject?: string;
  readonly state: "sealed" | "open" | "erased" | "keyless" | "missing" | "broken";
  /** Where it is open. */
  readonly value?: Json;
}

/** What is kept of a record's values. `opens`: with the values themselves. */
export async function valuesOf(
  { log, subjects: makeSubjects }: AuditAccess,
  record: AuditRecord,
  opens: boolean,
): Promise<Result<readonly KeptValue[], AuditFailure>> {
  const kept = await log.openings(record.seq, record.seq + 1);
  if (!kept.ok) return kept;
  const first = opens ? await log.read(0, 1) : ok([]);
  if (!first.ok) return first;
  const subjects = makeSubjects?.();
  const values: KeptValue[] = [];
  for (const [name, { commit, subject }] of Object.entries(record.values)) {
    const told = { name, commit, ...(subject === undefined ? {} : { subject }) };
    const sealed = kept.value.find((each) => each.name === name)?.sealed;
    const key = await log.key({ subject: subject ?? "" });
    if (!key.ok) return key;
    if (key.value === undefined) values.push({ ...told, state: "erased" });
    else if (sealed === undefined) values.push({ ...told, state: "missing" });
    else if (subjects === undefined) values.push({ ...told, state: "keyless" });
    else if (!opens) values.push({ ...told, state: "sealed" });
    else {
      const place = openingPlace(recordDigest(first.value[0] ?? ""), record.seq, name);
      values.push({ ...told, ...(await opened(subjects, { subject: subject ?? "", sealed, commit, place })) });
    }
  }
  return ok(values);
}

interface Sealed {
  readonly subject: string;
  readonly sealed: string;
  readonly commit: string;
  readonly place: ReturnType<typeof openingPlace>;
}

async function opened(
  subjects: Subjects,
  { subject, sealed, commit, place }: Sealed,
): Promise<Pick<KeptValue, "state" | "value">> {
  const owner = await subjects.open(subject);
  if (!owner.ok) return { state: owner.error === "erased" ? "erased" : "broken" };
  const text = await owner.value.sealer.open(sealed, place);
  if (!text.ok) return { state: "broken" };
  const end = text.value.indexOf("\n");
  const salt = text.value.slice(0, Math.max(0, end));
  const value = end > 0 ? readJson(text.value.slice(end + 1)) : undefined;
  return value?.ok === true && commitmentOf({ salt, value: value.value }) === commit
    ? { state: "open", value: value.value }
    : { state: "broken" };
}

/** Who may see the values of which records, and until when: in this process alone, so that another asks again. */
export interface Disclosures {
  /** Opens the values of a record to a person. Returns until when. */
  open(person: string, seq: number): number;
  /** Until when a person may see the values of a record; `undefined`: not. */
  until(person: string, seq: number): number | undefined;
  close(person: string, seq: number): void;
}

/** Makes the register of disclosures. */
export function createDisclosures(clock: Clock): Disclosures {
  const ends = new Map<string, number>();
  const keyOf = (person: string, seq: number): string => `${seq} ${person}`;
  return {
    open: (person, seq) => {
      const until = clock() + openedMs;
      for (const [key, end] of ends) if (end <= clock() || ends.size >= openedMax) ends.delete(key);
      ends.set(keyOf(person, seq), until);
      return until;
    },
    until: (person, seq) => {
      const until = ends.get(keyOf(person, seq));
      return until !== undefined && until > clock() ? until : undefined;
    },
    close: (person, seq) => void ends.delete(keyOf(person, seq)),
  };
}
