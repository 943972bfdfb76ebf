/**
 * The secret behind the sessions of `sluice hook`: every call of a coding agent starts a process of its own, and all of them must come to the
 * same session without a file of tokens.
 * Never prints the secret, and never makes a second one where there is one.
 */
import { createHmac, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Random } from "../ports.ts";
import { InputError } from "./read/input.ts";
import { writeOwnFile } from "./read/own-file.ts";

/** Bytes of the secret. */
const keyBytes = 32;

/** Where the state of hooks is kept if nobody says: outside of every project, so that no clean-up of one loses it (XDG Base Directory). */
export function hookStoreDefault(): string {
  const state = process.env.XDG_STATE_HOME;
  return join(state?.startsWith("/") === true ? state : join(homedir(), ".local", "state"), "sluice", "hook.db");
}

/** The secret beside a store: `FILE.key`, for its owner alone. Made by whoever comes first; exit 2 if it can be neither read nor made. */
export function hookKey(store: string): Uint8Array {
  const file = `${store}.key`;
  try {
    mkdirSync(dirname(store), { recursive: true, mode: 0o700 });
    return readKey(file) ?? makeKey(file);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError("--store: the key file beside it can be neither read nor made");
  }
}

function readKey(file: string): Uint8Array | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  if (!/^[0-9a-f]{64}\n$/.test(text)) throw new InputError("--store: the key file beside it is not one of `sluice hook`");
  return Buffer.from(text.trim(), "hex");
}

/** Writes a key whole and gives it its name only if nobody else has: two hooks that start at once come to one key. */
function makeKey(file: string): Uint8Array {
  writeOwnFile(file, `${randomBytes(keyBytes).toString("hex")}\n`);
  const key = readKey(file);
  if (key === undefined) throw new InputError("--store: the key file beside it can be neither read nor made");
  return key;
}

/** Bytes that follow from the secret and a name: the same for everybody who has both, and nobody else can tell them from random ones (RFC 2104). */
export function derivedRandom(key: Uint8Array, name: string): Random {
  let block = 0;
  return (bytes) => {
    const parts: Buffer[] = [];
    for (let left = bytes; left > 0; left -= keyBytes)
      parts.push(createHmac("sha256", key).update(`${block++}\0${name}`).digest().subarray(0, Math.min(left, keyBytes)));
    return new Uint8Array(Buffer.concat(parts));
  };
}
