/**
 * The host's own credential: of the environment, of a file, or made at the first start and kept beside the store.
 * Never prints what somebody else has chosen, nor one that was made before, and never takes a file that others of this machine may read.
 */
import { randomBytes } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { InputError } from "../read/input.ts";
import { writeOwnFile } from "../read/own-file.ts";
import { kindOfStore } from "../read/store-url.ts";
import { plain } from "../show/terminal.ts";
import { type Configured, secretOf } from "./config.ts";

/** The credential, and what a person must be told of it. */
export interface AdminToken {
  readonly admin: string;
  /** `given`: by the environment, a file or the configuration; `run`: made for this run alone; `made`: made now, and kept; `kept`: made before. */
  readonly from: "given" | "run" | "made" | "kept";
  /** The file that keeps it. */
  readonly path?: string;
}

const form = /^[\x21-\x7e]{16,512}$/;

/**
 * The credential. `store`: the text of the store beside whose file it is kept; absent, or a store without a file: it is made for this run. Exit 2:
 * what is given is unusable, or the file is not the operator's alone.
 */
export function adminToken(configured: Configured, store?: string): AdminToken {
  const given = secretOf("SLUICE_ADMIN_TOKEN", configured, "admin");
  if (given !== undefined) {
    if (!form.test(given))
      throw new InputError("SLUICE_ADMIN_TOKEN: 16 to 512 printable ASCII characters without spaces are needed");
    return { admin: given, from: "given" };
  }
  if (store === undefined || kindOfStore(store) !== "sqlite") return { admin: make(), from: "run" };
  const path = `${store}.token`;
  return readKept(path) ?? keep(path, make());
}

function make(): string {
  return randomBytes(24).toString("base64url");
}

/** The credential in a file; `undefined`: there is none. */
function readKept(path: string): AdminToken | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw refused(path, "it cannot be read by this user");
  }
  try {
    const { mode, uid, size } = fstatSync(descriptor);
    // Windows has no such bits.
    if (process.platform !== "win32" && (mode & 0o077) !== 0)
      throw refused(path, "others of this machine may read or write it: chmod 600, or remove it for a new one to be made");
    if (process.getuid !== undefined && uid !== process.getuid()) throw refused(path, "it belongs to another user");
    const text = size > 1_024 ? "" : readFileSync(descriptor, "utf8").replace(/\r?\n$/, "");
    if (!form.test(text)) throw refused(path, "it holds no credential: remove it for a new one to be made");
    return { admin: text, from: "kept", path };
  } finally {
    closeSync(descriptor);
  }
}

/** Keeps a credential. Of two processes that begin at once, both have the one that was there first. */
function keep(path: string, admin: string): AdminToken {
  let made: boolean;
  try {
    made = writeOwnFile(path, `${admin}\n`);
  } catch {
    // Where there is no folder or no leave to write, the store says so itself.
    return { admin, from: "run" };
  }
  return made ? { admin, from: "made", path } : (readKept(path) ?? { admin, from: "run" });
}

function refused(path: string, why: string): InputError {
  return new InputError(`SLUICE_ADMIN_TOKEN: it is not set, and the file that keeps it, ${plain(path)}: ${why}`);
}
