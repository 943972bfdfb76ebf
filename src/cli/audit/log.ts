/**
 * Opens the audit log that a text names, with its keys: those of the environment, or of a file beside the log that is made with it (0600).
 * Never shows a key, and never makes a log where one is only looked at.
 */
import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { type CheckpointSigner, createCheckpointSigner } from "../../audit/checkpoint.ts";
import type { AuditLog } from "../../audit/log.ts";
import { createSubjects, type Subjects } from "../../audit/subjects.ts";
import { readJson } from "../../json/read.ts";
import { isObject, type Json, member } from "../../json/value.ts";
import type { SigningKey } from "../../plan/sign.ts";
import { ConfigError, type Result } from "../../result.ts";
import type { StoreKey } from "../../stores/seal.ts";
import { nodeCipher } from "../../stores/seal-node.ts";
import { systemRandom } from "../../surfaces/random.ts";
import { secretOfEnvironment } from "../config/secret.ts";
import { InputError } from "../read/input.ts";
import { makeOwnFile, writeOwnFile } from "../read/own-file.ts";
import { loadSqlite } from "../read/sqlite.ts";
import { logPlace, ownWorld, storeName } from "../read/store-url.ts";
import { plain } from "../show/terminal.ts";

/** The keys of a log: what signs its checkpoints, and what seals the keys of people. */
export interface AuditKeys {
  readonly signer: CheckpointSigner;
  readonly master: readonly StoreKey[];
}

/**
 * Opens a log: a SQLite file, or, where the text ends in `/` or `.jsonl` or is a folder, files of lines, or PostgreSQL for its URL. Exit 2: it
 * cannot be opened.
 */
export async function openAuditLog(
  text: string,
  { makes, place }: { readonly makes: boolean; readonly place: string },
): Promise<AuditLog> {
  const isUrl = text.includes("://");
  if (isUrl && !/^postgres(?:ql)?:\/\//.test(text)) throw new InputError(`${place}: an audit log is ${logPlace}`);
  if (!isUrl && !makes && !existsSync(text)) throw new InputError(`${place}: ${plain(text)}: there is no such audit log`);
  try {
    if (isUrl)
      return await (await import("../../audit/postgres/open.ts")).openPostgresAuditLog(text, { migrate: makes, poolMax: 4 });
    if (isFolder(text)) return await (await import("../../audit/jsonl.ts")).openJsonlAuditLog(text, { readOnly: !makes });
    const { openSqliteAuditLog } = await loadSqlite(() => import("../../audit/sqlite/open.ts"));
    if (makes) makeOwnFile(text);
    return openSqliteAuditLog(text);
  } catch (error) {
    throw new InputError(
      `${place}: ${storeName(text)}: ${error instanceof ConfigError ? error.message : "it cannot be opened as an audit log"}`,
    );
  }
}

/** Does a job with a log that is there, and closes it; `writes`: not only to read. Exit 2: it is not, or cannot be opened. */
export async function usingAuditLog<T>(text: string, writes: boolean, job: (log: AuditLog) => Promise<T>): Promise<T> {
  if (!text.includes("://") && !existsSync(text)) throw new InputError(`LOG: ${plain(text)}: there is no such audit log`);
  const log = await openAuditLog(text, { makes: writes, place: "LOG" });
  try {
    return await job(log);
  } finally {
    await log.close();
  }
}

/** What a log answers. Exit 2: it does not. */
export function answerOf<T>(result: Result<T, { readonly kind: string; readonly detail?: string }>): T {
  if (result.ok) return result.value;
  throw new InputError(`LOG: it cannot be read (${result.error.detail ?? result.error.kind})`);
}

function isFolder(text: string): boolean {
  return /(\/|\.jsonl)$/.test(text) || (existsSync(text) && statSync(text).isDirectory());
}

/** Where the keys of a log are, if the environment has none; beside a database is no place. */
function keyFile(text: string): string | undefined {
  return text.includes("://") ? undefined : `${text.replace(/(?<!\/)\/+$/, "")}.keys.json`;
}

/**
 * The keys of a log: `SLUICE_AUDIT_KEYS` (or `…_FILE`), else the file beside it; `makes`: it is made if it is not there. `undefined`: there are
 * none. Exit 2: they are no keys.
 */
export async function auditKeys(named: string, { makes }: { readonly makes: boolean }): Promise<AuditKeys | undefined> {
  const file = keyFile(named);
  const given = secretOfEnvironment("SLUICE_AUDIT_KEYS", ownWorld);
  if (given === undefined && makes && file === undefined)
    throw new InputError(
      "SLUICE_AUDIT_KEYS: an audit log in a database needs its keys from the environment, or the file that SLUICE_AUDIT_KEYS_FILE names: `sluice audit keys` makes some",
    );
  if (given === undefined && makes && file !== undefined && !existsSync(file)) writeOwnFile(file, `${makeKeys()}\n`);
  const text = given ?? (file !== undefined && existsSync(file) ? readFileSync(file, "utf8") : undefined);
  if (text === undefined) return undefined;
  const name = given === undefined ? plain(file ?? "") : "SLUICE_AUDIT_KEYS";
  const read = readJson(text);
  const signing = read.ok ? member(read.value, "signing") : undefined;
  const master = read.ok ? member(read.value, "master") : undefined;
  const secret = typeof master === "string" ? Buffer.from(master, "base64url") : undefined;
  if (!isObject(signing) || secret?.length !== 32)
    throw new InputError(
      `${name}: expected the keys of an audit log: {"signing": a private Ed25519 JWK, "master": 32 bytes in base64url}`,
    );
  try {
    const id = createHash("sha256").update(secret).digest("base64url").slice(0, 12);
    return { signer: await createCheckpointSigner(signing as unknown as SigningKey), master: [{ id, secret }] };
  } catch (error) {
    throw new InputError(`${name}: ${error instanceof ConfigError ? error.message : "no keys"}`);
  }
}

/** A checkpoint in a file, as `sluice audit checkpoint` prints it. Exit 2: it cannot be read. */
export function readCheckpointFile(path: string, option: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    throw new InputError(`${option}: ${plain(path)}: it cannot be read`);
  }
}

/** The people of a log, by its keys. */
export function subjectsOf(log: AuditLog, { master }: AuditKeys): Subjects {
  return createSubjects(log, master, systemRandom, { cipher: nodeCipher });
}

/** Keys of a new log, as JSON. */
export function makeKeys(): string {
  const { privateKey } = generateKeyPairSync("ed25519");
  return JSON.stringify({ signing: privateKey.export({ format: "jwk" }), master: randomBytes(32).toString("base64url") });
}

/** A public key of checkpoints from a file. Exit 2: it is none. */
export function readPublicKey(value: Json, source: string): SigningKey {
  const [kty, crv, x] = ["kty", "crv", "x"].map((name) => member(value, name));
  if (kty !== "OKP" || crv !== "Ed25519" || typeof x !== "string")
    throw new InputError(`${source}: expected a public Ed25519 key as JWK, with \`kty\` \`OKP\`, \`crv\` \`Ed25519\` and \`x\``);
  return { kty, crv, x };
}
