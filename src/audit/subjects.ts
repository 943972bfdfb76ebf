/**
 * People by pseudonyms: each has a key of its own, which seals what the log keeps of them and is itself sealed with the master key.
 * Erasing a person is deleting that key: what was sealed with it, the name too, can be read by nobody. Never keeps a key in the open.
 */
import { canonicalJson } from "../json/canonical.ts";
import { readJson } from "../json/read.ts";
import { member } from "../json/value.ts";
import { auditSubjectsKeptMax } from "../limits.ts";
import { hexOf, hmacSha256 } from "../plan/digest.ts";
import type { Random } from "../ports.ts";
import { err, ok, type Result } from "../result.ts";
import { type Cipher, createSealer, type Sealer, type StoreKey } from "../stores/seal.ts";
import type { Answer, AuditLog, SubjectKey } from "./log.ts";

/** Seals and opens what is kept of one person. */
export interface Subject {
  /** Pseudonym: says nothing of the name. */
  readonly id: string;
  readonly name: string;
  readonly sealer: Sealer;
}

/** The people of a log. */
export interface Subjects {
  /** The subject of a name; made if there is none. */
  of(name: string): Answer<Subject>;
  /** The subject of a name, if there is one. */
  find(name: string): Answer<Subject | undefined>;
  /** The subject of a pseudonym: `erased` if its key is not there, `broken` if it cannot be opened. */
  open(id: string): Promise<Result<Subject, "erased" | "broken" | "unavailable">>;
  /** Deletes the key of a subject. */
  erase(id: string): Answer<undefined>;
}

/** The people of a log, by its master keys: the first seals, all open. `cipher`: WebCrypto's, unless given. Throws `ConfigError`. */
export function createSubjects(
  log: AuditLog,
  master: readonly StoreKey[],
  random: Random,
  { cipher }: { readonly cipher?: Cipher } = {},
): Subjects {
  const wrapper = createSealer(master, cipher);
  const sealerOf = (id: string, secret: Uint8Array): Sealer => createSealer([{ id, secret }], cipher);
  const [current] = master;
  const known = new Map<string, Subject>();
  const ids = new Map<string, string>();
  const keep = (subject: Subject): Subject => {
    known.set(subject.id, subject);
    ids.set(subject.name, subject.id);
    const [oldest] = known.keys();
    if (known.size > auditSubjectsKeptMax && oldest !== undefined) forget(oldest);
    return subject;
  };
  const forget = (id: string): void => {
    ids.delete(known.get(id)?.name ?? "");
    known.delete(id);
  };
  const unwrap = async (key: SubjectKey): Promise<Subject | undefined> => {
    const opened = await wrapper.open(key.sealed, placeOf(key.subject));
    const read = opened.ok ? readJson(opened.value) : opened;
    if (!read.ok) return undefined;
    const [secret, name] = [member(read.value, "key"), member(read.value, "name")];
    if (typeof secret !== "string" || typeof name !== "string") return undefined;
    const isIndexed = master.some((each) => indexOf(each, name) === key.index);
    return isIndexed ? keep({ id: key.subject, name, sealer: sealerOf(key.subject, bytesOfHex(secret)) }) : undefined;
  };
  const find = async (name: string): ReturnType<Subjects["find"]> => {
    const here = known.get(ids.get(name) ?? "");
    if (here !== undefined) return ok(here);
    for (const key of master) {
      const found = await log.key({ index: indexOf(key, name) });
      if (!found.ok) return found;
      if (found.value === undefined) continue;
      const subject = await unwrap(found.value);
      return subject === undefined ? err({ kind: "unavailable", detail: "key" }) : ok(subject);
    }
    return ok(undefined);
  };
  const make = async (name: string): ReturnType<Subjects["of"]> => {
    const [id, secret] = [`s${hexOf(random(12))}`, random(32)];
    const sealed = await wrapper.seal(canonicalJson({ key: hexOf(secret), name }), placeOf(id));
    const added = await log.addKey({ subject: id, index: indexOf(current as StoreKey, name), sealed });
    return added.ok ? ok(keep({ id, name, sealer: sealerOf(id, secret) })) : added;
  };
  return {
    find,
    of: async (name) => {
      const found = await find(name);
      return !found.ok || found.value !== undefined ? (found as Result<Subject, never>) : make(name);
    },
    open: async (id) => {
      const here = known.get(id);
      if (here !== undefined) return ok(here);
      const key = await log.key({ subject: id });
      if (!key.ok) return err("unavailable");
      if (key.value === undefined) return err("erased");
      const subject = await unwrap(key.value);
      return subject === undefined ? err("broken") : ok(subject);
    },
    erase: async (id) => {
      forget(id);
      return log.deleteKey(id);
    },
  };
}

function placeOf(subject: string): { readonly scope: readonly string[]; readonly at: readonly string[] } {
  return { scope: ["audit-subject"], at: [subject] };
}

/** By which the subject of a name is found, and nobody without the master key can try names out. */
function indexOf({ secret }: StoreKey, name: string): string {
  return hexOf(hmacSha256(secret, `sluice/audit-index/v1\n${name}`));
}

function bytesOfHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}
