/**
 * Opens the audit log that a text names, with its keys: those of the environment, or of a file beside the log that is made with it (0600).
 * Never shows a key, and never makes a log where one is only looked at.
 */
import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { type CheckpointSigner, createCheckpointSigner } from "../audit/checkpoint.ts";
import type { AuditLog } from "../audit/log.ts";
import { readJson } from "../json/read.ts";
import { isObject, type Json, member } from "../json/value.ts";
import type { SigningKey } from "../plan/sign.ts";
import { ConfigError } from "../result.ts";
import type { StoreKey } from "../stores/seal.ts";
import { secretOfEnvironment } from "./config/secret.ts";
import { InputError } from "./input.ts";
import { ownWorld } from "./store-url.ts";
import { plain } from "./terminal.ts";

/** The keys of a log: what signs its checkpoints, and what seals the keys of people. */
export interface AuditKeys {
  readonly signer: CheckpointSigner;
  readonly master: readonly StoreKey[];
}

/** Opens a log: a SQLite file, or, where the text ends in `/` or `.jsonl` or is a folder, files of lines. Exit 2: it cannot be opened. */
export async function openAuditLog(
  text: string,
  { makes, place }: { readonly makes: boolean; readonly place: string },
): Promise<AuditLog> {
  if (text.includes("://")) throw new InputError(`${place}: an audit log is a file (SQLite) or a folder (its name ends in /)`);
  if (!makes && !existsSync(text)) throw new InputError(`${place}: ${plain(text)}: there is no such audit log`);
  try {
    if (isFolder(text)) return await (await import("../audit/jsonl.ts")).openJsonlAuditLog(text, { readOnly: !makes });
    return (await import("../audit/sqlite/open.ts")).openSqliteAuditLog(text);
  } catch (error) {
    throw new InputError(
      `${place}: ${plain(text)}: ${error instanceof ConfigError ? error.message : "it cannot be opened as an audit log"}`,
    );
  }
}

function isFolder(text: string): boolean {
  return /(\/|\.jsonl)$/.test(text) || (existsSync(text) && statSync(text).isDirectory());
}

/** Where the keys of a log are, if the environment has none. */
function keyFile(text: string): string {
  return `${text.replace(/\/+$/, "")}.keys.json`;
}

/**
 * The keys of a log: `SLUICE_AUDIT_KEYS` (or `…_FILE`), else the file beside it; `makes`: it is made if it is not there. `undefined`: there are
 * none. Exit 2: they are no keys.
 */
export async function auditKeys(text: string, { makes }: { readonly makes: boolean }): Promise<AuditKeys | undefined> {
  const file = keyFile(text);
  const given = secretOfEnvironment("SLUICE_AUDIT_KEYS", ownWorld);
  if (given === undefined && makes && !existsSync(file)) writeFileSync(file, `${makeKeys()}\n`, { mode: 0o600, flag: "wx" });
  if (given === undefined && !existsSync(file)) return undefined;
  const name = given === undefined ? plain(file) : "SLUICE_AUDIT_KEYS";
  const read = readJson(given ?? readFileSync(file, "utf8"));
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

function makeKeys(): string {
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
