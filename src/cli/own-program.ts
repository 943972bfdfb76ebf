/**
 * This program about itself: its version, and how to start it a second time.
 * Never asks anything but the package itself. Stays directly in this folder: the build makes files of it that lie here.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
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

/** What this runtime is given to run `sluice` again, on Node and Bun; undefined on Deno, which would have to be given its permissions again. */
export function ownProgram(): readonly string[] | undefined {
  if (typeof SLUICE_VERSION === "string") return [];
  if ("Deno" in globalThis) return undefined;
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return [fileURLToPath(new URL(`./main.${extension}`, import.meta.url))];
}
