/**
 * Recordings as files: one for each run, JSON Lines, readable by their owner only.
 * Never leaves half a line in the middle of a file, follows no link, and touches no file that it has not named itself.
 */
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { TraceSink } from "../../surfaces/hono.ts";
import { InputError } from "../read/input.ts";

/** Bounds of the recordings of one folder; those of bytes in UTF-8. */
export interface TraceFilesLimits {
  /** Of one run; what comes after is not recorded. Default 64 MiB. */
  readonly fileBytesMax?: number;
  /** Of all files; the oldest go. Default 1 GiB. */
  readonly folderBytesMax?: number;
  /** Files; the oldest go. Default 10,000. */
  readonly filesMax?: number;
}

/** Files that are kept open. */
const openFilesMax = 64;
/** Names of recordings: when the run began, and digits of its own. */
const namePattern = /^\d{8}T\d{6}Z-[0-9a-f]{12}\.jsonl$/;
const fileBytesDefault = 64 * 1024 * 1024;
const folderBytesDefault = 1024 * 1024 * 1024;
const filesDefault = 10_000;
// A link that somebody put there would lead the recording elsewhere. Windows has no such flag.
const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

/** Opens a folder for recordings; it is made if it is not there. Exit 2 if it cannot be used. */
export async function openTraceFiles(
  folder: string,
  limits: TraceFilesLimits = {},
): Promise<TraceSink & { close(): Promise<void> }> {
  const { fileBytesMax = fileBytesDefault, folderBytesMax = folderBytesDefault, filesMax = filesDefault } = limits;
  const sizes = await sizesOf(folder);
  const files = new Map<string, FileHandle>();
  let total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const isFull = (): boolean => total > folderBytesMax || sizes.size > filesMax;
  const close = async (name: string): Promise<void> => {
    const file = files.get(name);
    files.delete(name);
    await file?.close();
  };
  const fileOf = async (name: string): Promise<FileHandle> => {
    const known = files.get(name);
    const file = known ?? (await open(join(folder, name), flags, 0o600));
    files.delete(name);
    files.set(name, file);
    if (files.size > openFilesMax) for (const [oldest] of files) return close(oldest).then(() => file);
    return file;
  };
  const makeRoom = async (current: string): Promise<void> => {
    for (const name of [...sizes.keys()].sort()) {
      if (!isFull()) return;
      if (name === current || files.has(name)) continue;
      // Somebody may have taken it away already.
      await unlink(join(folder, name)).catch(() => undefined);
      total -= sizes.get(name) ?? 0;
      sizes.delete(name);
    }
  };
  return {
    append: async (trace, line) => {
      const name = `${trace}.jsonl`;
      if (!namePattern.test(name)) throw new RangeError("a recording of another name");
      const bytes = Buffer.from(`${line}\n`);
      const size = sizes.get(name) ?? 0;
      if (size + bytes.length > fileBytesMax) throw new RangeError("the recording is full");
      const file = await fileOf(name);
      // One write of the whole line, at the end: what is cut off by a crash is the end of the last line.
      const { bytesWritten } = await file.write(bytes);
      if (bytesWritten < bytes.length) {
        await file.truncate(size);
        throw new RangeError("the disk is full");
      }
      sizes.set(name, size + bytes.length);
      total += bytes.length;
      if (isFull()) await makeRoom(name);
    },
    end: (trace) => close(`${trace}.jsonl`),
    close: async () => {
      for (const name of [...files.keys()]) await close(name);
    },
  };
}

/** The recordings that are there, with their sizes. */
async function sizesOf(folder: string): Promise<Map<string, number>> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const names = (await readdir(folder)).filter((name) => namePattern.test(name));
    const sizes = await Promise.all(names.map(async (name) => [name, (await stat(join(folder, name))).size] as const));
    return new Map(sizes);
  } catch {
    throw new InputError(`--record: ${folder} cannot be used as a folder for recordings`);
  }
}
