/**
 * A file that is made for this user alone, whatever the shell's mask says: stores and audit logs hold what people wrote.
 * Never changes the mode of a file that is there: who opened it to others did so on purpose.
 */
import { closeSync, openSync } from "node:fs";

/** Makes an empty file with mode 0600 where there is none; SQLite gives those beside it the same. What cannot be made, who opens it tells. */
export function makeOwnFile(path: string): void {
  if (path === "" || path.startsWith(":") || path.startsWith("file:")) return;
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch {
    // It is there, or cannot be: opening it says which.
  }
}
