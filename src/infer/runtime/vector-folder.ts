/**
 * A folder that keeps vectors of tools between processes: `sluice draft` on a catalogue of thousands reads seconds' worth of work in milliseconds.
 * Never trusted: what is not as long as it must be is not read, and the planner checks every vector; deleting the folder only costs time.
 */
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { domainDigest } from "../../plan/digest.ts";
import type { VectorCache } from "../planner/vectors.ts";

/** A record: the key (`sha256:` and 64 digits, as ASCII) and 384 reals of 32 bits, lowest byte first. */
const keyBytes = 71;
const width = 384;
const recordBytes = keyBytes + width * 4;
const suffix = ".vectors";
/** Files that are read; each holds some hundred vectors. Of more, the folder should be deleted. */
const filesMax = 1_024;

/** The vectors in a folder, which is made when the first one is written. Each batch is a file of its own, written whole or not at all. */
export function folderVectors(folder: string): VectorCache {
  let reading: Promise<Map<string, Float32Array>> | undefined;
  return {
    async get(keys) {
      reading ??= readFolder(folder);
      const known = await reading;
      return keys.map((key) => known.get(key));
    },
    async set(entries) {
      const known = await reading;
      const bytes = new Uint8Array(entries.length * recordBytes);
      const view = new DataView(bytes.buffer);
      for (const [at, { key, vector }] of entries.entries()) {
        if (key.length !== keyBytes || vector.length !== width) return;
        known?.set(key, vector);
        const start = at * recordBytes;
        for (let index = 0; index < keyBytes; index++) bytes[start + index] = key.charCodeAt(index);
        for (const [index, number] of vector.entries()) view.setFloat32(start + keyBytes + index * 4, number, true);
      }
      // The same batch has the same name, so that two processes that write it at once write one file.
      const name = domainDigest("tool-vectors", entries.map(({ key }) => key).join("\n")).replace("sha256:", "");
      await mkdir(folder, { recursive: true });
      const draft = join(folder, `${name}.${process.pid}.tmp`);
      await writeFile(draft, bytes);
      await rename(draft, join(folder, `${name}${suffix}`));
    },
  };
}

async function readFolder(folder: string): Promise<Map<string, Float32Array>> {
  const known = new Map<string, Float32Array>();
  let names: readonly string[];
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith(suffix)).sort();
  } catch {
    return known;
  }
  for (const name of names.slice(0, filesMax)) {
    const bytes = await readFile(join(folder, name)).catch(() => undefined);
    if (bytes !== undefined && bytes.length % recordBytes === 0) readRecords(bytes, known);
  }
  return known;
}

function readRecords(bytes: Uint8Array, into: Map<string, Float32Array>): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0; start < bytes.length; start += recordBytes) {
    const key = String.fromCharCode(...bytes.subarray(start, start + keyBytes));
    const vector = Float32Array.from({ length: width }, (_, at) => view.getFloat32(start + keyBytes + at * 4, true));
    into.set(key, vector);
  }
}
