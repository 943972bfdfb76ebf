/**
 * The file in which what was learned of an audit log for signals is kept between runs.
 * Never half a file; and never long at work at once, since a server may wait beside it.
 */
import { existsSync } from "node:fs";
import { open, readFile, rename, rm } from "node:fs/promises";
import { setImmediate as pause } from "node:timers/promises";
import { readState, type SavedState, stateLines } from "../../signals/state.ts";
import type { SignalStateFile } from "../../signals/watch.ts";
import { InputError, refuseInput } from "../read/input.ts";
import { writeFaults } from "../show/output.ts";

/** What a file keeps; `undefined`: there is none yet. Exit 2: it cannot be read or is no state. */
export async function readSignalState(path: string): Promise<SavedState | undefined> {
  if (!existsSync(path)) return undefined;
  const text = await readFile(path, "utf8").catch(() => refuseInput(path, "it cannot be read"));
  const read = await readState(text, pause);
  return read.ok ? read.value : refuseInput(path, read.error);
}

/** Writes it: the file is there whole, or as it was. Exit 2: it cannot be written. */
export async function writeSignalState(path: string, state: SavedState): Promise<void> {
  const fresh = `${path}.new`;
  try {
    const file = await open(fresh, "w", 0o600);
    try {
      let part = "";
      for (const line of stateLines(state)) {
        part += line;
        if (part.length < partChars) continue;
        await file.writeFile(part);
        part = "";
      }
      await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    await rm(fresh, { force: true }).catch(() => undefined);
    refuseInput(path, `it cannot be written: ${writeFaults[code] ?? code}`);
  }
}

/** Characters that are written at once: a millisecond of work. */
const partChars = 1 << 16;

/** The same for a watch beside a server: a file that cannot be used is said once, and the watch reads the log from its beginning. */
export function signalStateFile(path: string, say: (line: string) => void): SignalStateFile {
  let isSaid = false;
  const guarded = async <T>(job: Promise<T>): Promise<T | undefined> => {
    try {
      return await job;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      if (!isSaid) say(`signals: ${error.message}`);
      isSaid = true;
      return undefined;
    }
  };
  return {
    load: () => guarded(readSignalState(path)),
    save: (state) => guarded(writeSignalState(path, state)),
  };
}
