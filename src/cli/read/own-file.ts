/**
 * A file that is made for this user alone, whatever the shell's mask says: stores and audit logs hold what people wrote.
 * Never changes the mode of a file that is there: who opened it to others did so on purpose.
 */
import { randomBytes } from "node:crypto";
import { closeSync, constants, copyFileSync, linkSync, openSync, unlinkSync, writeFileSync } from "node:fs";

/** Makes an empty file with mode 0600 where there is none; SQLite gives those beside it the same. What cannot be made, who opens it tells. */
export function makeOwnFile(path: string): void {
  if (path === "" || path.startsWith(":") || path.startsWith("file:")) return;
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch {
    // It is there, or cannot be: opening it says which.
  }
}

/**
 * Makes a file with mode 0600 and all of its text where there is none; `false`: there is one, and it stays. Of two processes that begin at once
 * one makes it, and both read all of it. Throws what the file system throws.
 */
export function writeOwnFile(path: string, text: string): boolean {
  const temporary = `${path}.${randomBytes(8).toString("hex")}`;
  writeFileSync(temporary, text, { mode: 0o600, flag: "wx" });
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (isThere(error)) return false;
    return copied(temporary, path);
  } finally {
    unlinkSync(temporary);
  }
}

/** The second best, where the file system has no links: whoever reads meanwhile may read a part. */
function copied(from: string, to: string): boolean {
  try {
    copyFileSync(from, to, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (isThere(error)) return false;
    throw error;
  }
}

function isThere(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "EEXIST";
}
