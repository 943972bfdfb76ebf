/**
 * The version of this Sluice.
 * Never asks anything but the package itself.
 */
import { readFileSync } from "node:fs";
import { readJson } from "../json/read.ts";
import { member } from "../json/value.ts";

/** Put in place by the build of the single-file executable, which has no package.json beside it (.ci/executable.mjs). */
declare const SLUICE_VERSION: string | undefined;

/** The version, as in package.json. */
export function packageVersion(): string {
  if (typeof SLUICE_VERSION === "string") return SLUICE_VERSION;
  const read = readJson(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return String(member(read.ok ? read.value : null, "version"));
}
