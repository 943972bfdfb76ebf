/**
 * Opens what is kept of records, and holds it to what was committed.
 * Never gives out a value that is not the one that was committed, and tells what was erased from what is missing.
 */
import { readJson } from "../json/read.ts";
import type { Json } from "../json/value.ts";
import type { Result } from "../result.ts";
import type { SealedOpening } from "./log.ts";
import { type AuditRecord, commitmentOfText, type TextDigest } from "./record.ts";
import type { Subject, Subjects } from "./subjects.ts";
import { openingPlace } from "./batch.ts";

/** The values of a record by name; or a person of theirs was erased; or one of them is not what was committed. */
export type Opened = { readonly [name: string]: Json } | "erased" | "faulty";

/** What openings are opened with, and who is told. */
export interface OpenerOptions {
  readonly subjects: Subjects;
  /** Id of the log. */
  readonly id: string;
  readonly fault: (kind: "opening" | "key", message: string, seq: number) => void;
  /** Counted here. */
  readonly values: { checked: number; erased: number };
  /** Subjects whose key is not there, by the first record that needs it: added here. */
  readonly missing: Map<string, number>;
  readonly sha256: TextDigest;
}

/** A function that opens every value of a record. It remembers people: it is for one page, during which nobody's erasure is noticed. */
export function createOpener(options: OpenerOptions): (record: AuditRecord, kept: readonly SealedOpening[]) => Promise<Opened> {
  const { subjects, fault, values: counts, missing, id } = options;
  const owners = new Map<string, ReturnType<Subjects["open"]>>();
  const ownerOf = (subject: string): ReturnType<Subjects["open"]> => {
    const known = owners.get(subject);
    if (known !== undefined) return known;
    const owner = subjects.open(subject);
    owners.set(subject, owner);
    return owner;
  };
  return async (record, kept) => {
    const { seq } = record;
    const values: { [name: string]: Json } = {};
    let outcome: Opened = values;
    for (const extra of kept)
      if (!Object.hasOwn(record.values, extra.name)) fault("opening", `beside record ${seq} is kept what it does not name`, seq);
    for (const [name, { commit, subject = "" }] of Object.entries(record.values)) {
      const owner: Result<Subject, string> = await ownerOf(subject);
      if (!owner.ok) {
        if (owner.error === "erased") {
          counts.erased += 1;
          if (!missing.has(subject)) missing.set(subject, seq);
          if (outcome === values) outcome = "erased";
          continue;
        }
        fault("key", `the key of ${subject} cannot be opened`, seq);
        outcome = "faulty";
        continue;
      }
      const sealed = kept.find((each) => each.name === name)?.sealed;
      const opened = sealed === undefined ? undefined : await owner.value.sealer.open(sealed, openingPlace(id, seq, name));
      const value = opened?.ok === true ? openedValue(opened.value, commit, options.sha256) : undefined;
      if (value === undefined) {
        fault("opening", `what is kept of \`${name}\` of record ${seq} is missing, or is not what was committed`, seq);
        outcome = "faulty";
        continue;
      }
      values[name] = value.value;
      counts.checked += 1;
    }
    return outcome;
  };
}

/** The value of an opening, if its text is what was committed: that it is canonical is then as it was when it was committed. */
function openedValue(text: string, commit: string, sha256: TextDigest): { readonly value: Json } | undefined {
  const end = text.indexOf("\n");
  if (end <= 0 || commitmentOfText(text, sha256) !== commit) return undefined;
  const read = readJson(text.slice(end + 1));
  return read.ok ? { value: read.value } : undefined;
}
