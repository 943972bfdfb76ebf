/**
 * Secrets from the environment or from files: what a command line, which every process of a machine can read, must never hold.
 * Never shows a secret, nor a part of one, whatever is wrong with it.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { InputError } from "../read/input.ts";
import { plain } from "../show/terminal.ts";
import type { SecretPlace } from "./form.ts";

/** Where secrets are looked up. */
export interface SecretWorld {
  readonly env: { readonly [name: string]: string | undefined };
  /** The folder that paths of the configuration start from. */
  readonly folder: string;
  /** Told, once for each file, what a person should mend. */
  readonly warn: (line: string) => void;
}

/** Bytes of a file with a secret. */
const secretBytesMax = 64 * 1024;

/**
 * The secret in a file, without the line end after it. Exit 2: missing, not readable, a directory or device, empty, longer than 64 KiB, not UTF-8,
 * or writable for everybody, who then could say what the secret is. A file that everybody may read is only warned of: Docker and
 * Kubernetes mount secrets so, inside a container that is the boundary.
 */
export function readSecretFile(path: string, { place, warn }: { readonly place: string } & Pick<SecretWorld, "warn">): string {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === "ENOENT" ? "there is no such file" : code === "EACCES" ? "this user may not read it" : "it cannot be opened";
    throw new InputError(`${place}: the file of the secret, ${plain(path)}: ${why}`);
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile() && !status.isFIFO()) throw new InputError(`${place}: ${plain(path)} is no file`);
    checkMode(status, { path, place, warn });
    const text = decoded(readBounded(descriptor, { path, place }), { path, place }).replace(/\r?\n$/, "");
    if (text === "") throw new InputError(`${place}: ${plain(path)} is empty`);
    return text;
  } finally {
    closeSync(descriptor);
  }
}

interface Named {
  readonly path: string;
  readonly place: string;
}

function checkMode(
  status: { readonly mode: number; isFile(): boolean },
  { path, place, warn }: Named & Pick<SecretWorld, "warn">,
): void {
  // Windows has no such bits, and a pipe has no name by which others could find it.
  if (process.platform === "win32" || !status.isFile()) return;
  if ((status.mode & 0o002) !== 0)
    throw new InputError(`${place}: everybody may write ${plain(path)}, and so say what the secret is: chmod 600`);
  if ((status.mode & 0o004) !== 0) warn(`${place}: everybody on this machine may read ${plain(path)}: chmod 600`);
}

function readBounded(descriptor: number, { path, place }: Named): Buffer {
  const bytes = Buffer.alloc(secretBytesMax + 1);
  let size = 0;
  for (;;) {
    let read: number;
    try {
      read = readSync(descriptor, bytes, size, bytes.length - size, null);
    } catch {
      throw new InputError(`${place}: ${plain(path)} cannot be read`);
    }
    if (read === 0) return bytes.subarray(0, size);
    size += read;
    if (size > secretBytesMax) throw new InputError(`${place}: ${plain(path)} is longer than a secret can be (64 KiB)`);
  }
}

function decoded(bytes: Uint8Array, { path, place }: Named): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InputError(`${place}: ${plain(path)} is not UTF-8`);
  }
}

/** The secret of a place of the configuration. Exit 2 if it is not there. */
export function secretAt({ env: name, file }: SecretPlace, place: string, { env, folder, warn }: SecretWorld): string {
  if (file !== undefined) return readSecretFile(isAbsolute(file) ? file : resolve(folder, file), { place, warn });
  const value = env[name ?? ""];
  if (value === undefined || value === "") throw new InputError(`${place}: the environment has no ${name ?? ""}`);
  return value;
}

/** The secret of `NAME`, or of the file that `NAME_FILE` names; nothing if neither is set. Exit 2 if both are. */
export function secretOfEnvironment(name: string, { env, warn }: Pick<SecretWorld, "env" | "warn">): string | undefined {
  const [value, path] = [env[name], env[`${name}_FILE`]].map((text) => (text === "" ? undefined : text));
  if (value !== undefined && path !== undefined)
    throw new InputError(`${name}, ${name}_FILE: both are set: which of them holds, nobody can say; unset one`);
  return path === undefined ? value : readSecretFile(path, { place: `${name}_FILE`, warn });
}
