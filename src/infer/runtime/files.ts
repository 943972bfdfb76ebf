/**
 * Where the files of the models are, and that they are the ones which the manifest names: what was checked is what is loaded, byte for byte.
 * Never fetches: a file that is not there is an error that says how to get it.
 */
import { readJsonBytes } from "../../json/read.ts";
import { isObject, type Json, member } from "../../json/value.ts";
import { InferError } from "../infer-error.ts";
import { publishedModels } from "./published.ts";

/** Where bytes of model files come from: a folder, or what a host has at hand (its own origin, a bucket, a bundle). */
export interface ModelFiles {
  /** The bytes of one file by its name; `undefined` if there is none. */
  read(name: string): Promise<Uint8Array | undefined>;
}

/** Files whose bytes are what the manifest says. */
export interface CheckedFiles {
  /** SHA-256 of the manifest, in lower-case hexadecimal: the identity of these models. */
  readonly digest: string;
  /** Bytes of a file. Rejects with `INFER_NO_MODELS` if it is absent, `INFER_DIGEST` if it is another. */
  read(name: string): Promise<Uint8Array>;
  /** As `read`, but `undefined` if the manifest does not name it. */
  readIfNamed(name: string): Promise<Uint8Array | undefined>;
}

const manifestName = "manifest.json";
const manifestBytesMax = 64 * 1024;
const hint = "install the package sluice-models, or say where they are with the option `models`";

/** The files of a folder on disk. */
export function folderFiles(folder: string): ModelFiles {
  return {
    async read(name) {
      const { readFile } = await import("node:fs/promises");
      const { join } = await import("node:path");
      try {
        return await readFile(join(folder, name));
      } catch {
        return undefined;
      }
    },
  };
}

/** Where models are. `digest`: what their manifest must have as SHA-256, where only a name says whose they are. */
export interface ModelsPlace {
  readonly folder: string;
  readonly digest?: string;
}

/**
 * The folder of the models: the one given, else the package `sluice-models`, else `models/` of the checkout. Rejects with `INFER_NO_MODELS`.
 * SECURITY: the package must be the published one. A folder that was given, and the checkout, are the operator's own.
 */
export async function modelsFolder(given: string | undefined): Promise<ModelsPlace> {
  if (given !== undefined) return { folder: given };
  const { fileURLToPath } = await import("node:url");
  try {
    const folder = fileURLToPath(new URL(".", import.meta.resolve(`sluice-models/${manifestName}`)));
    return { folder, digest: publishedModels };
  } catch {
    // Only where this file is beside models/: `sluice` as one file would look for them in a package that is called "models".
    if (!/^file:.*\/(?:src|dist)\/infer\/runtime\/files\.[jt]s$/.test(import.meta.url))
      throw new InferError("INFER_NO_MODELS", `there are no models: ${hint}`);
    return { folder: fileURLToPath(new URL("../../../models/", import.meta.url)) };
  }
}

/**
 * The manifest of models, `{"files": {NAME: {"sha256", "bytes"}}}`, and with it the door to its files. `digest`, if given, is the manifest's SHA-256 that the
 * host expects. Rejects with `InferError`: `INFER_NO_MODELS`, `INFER_DIGEST`, `INFER_FORMAT`.
 */
export async function checkedFiles(files: ModelFiles, { digest }: { readonly digest?: string }): Promise<CheckedFiles> {
  const bytes = await readFrom(files, manifestName);
  if (bytes === undefined) throw new InferError("INFER_NO_MODELS", `there is no \`${manifestName}\` of models: ${hint}`);
  const found = await sha256(bytes);
  if (digest !== undefined && digest !== found)
    throw new InferError(
      "INFER_DIGEST",
      `\`${manifestName}\` has the SHA-256 ${found}, not ${digest}, which ${digest === publishedModels ? "this version of sluice was made for" : "the option `digest` asks for"}`,
    );
  const manifest = readJsonBytes(bytes, { maxBytes: manifestBytesMax });
  const entries = manifest.ok ? member(manifest.value, "files") : undefined;
  if (!isObject(entries))
    throw new InferError("INFER_FORMAT", `\`${manifestName}\` must be {"files": {NAME: {"sha256", "bytes"}}}`);
  async function readNamed(name: string, entry: Json): Promise<Uint8Array> {
    const content = await readFrom(files, name);
    if (content === undefined) throw new InferError("INFER_NO_MODELS", `the file \`${name}\` of the models is absent: ${hint}`);
    if (member(entry, "bytes") !== content.length || member(entry, "sha256") !== (await sha256(content)))
      throw new InferError(
        "INFER_DIGEST",
        `the file \`${name}\` of the models is not the one that \`${manifestName}\` names: install them anew`,
      );
    return content;
  }
  return {
    digest: found,
    read(name) {
      const entry = member(entries, name);
      if (entry === undefined)
        return Promise.reject(
          new InferError("INFER_FORMAT", `\`${manifestName}\` does not name \`${name}\`, which this version needs`),
        );
      return readNamed(name, entry);
    },
    readIfNamed(name) {
      const entry = member(entries, name);
      return entry === undefined ? Promise.resolve(undefined) : readNamed(name, entry);
    },
  };
}

/** A copy, so that nobody changes the bytes between the check and the use of them. */
async function readFrom(files: ModelFiles, name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  let content: Uint8Array | undefined;
  try {
    content = await files.read(name);
  } catch {
    return undefined;
  }
  if (content === undefined) return undefined;
  return new Uint8Array(content);
}

/** SHA-256 (FIPS 180-4) by the runtime's own Web Crypto: weights are tens of megabytes. */
async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
