/**
 * A memory of approved plans as a folder: one file for each plan, named by its digest, written once and never changed.
 * Never trusts a file: each is read strictly and frozen anew, and one whose digest does not come out is left out with its reason.
 */
import { randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson } from "../../json/canonical.ts";
import { readJsonBytes } from "../../json/read.ts";
import { isObject, type Json, member } from "../../json/value.ts";
import { thawPlan, writeFrozen } from "../../plan/freeze.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import { err, ok, type Result } from "../../result.ts";
import { type Approved, memoryPlansMax } from "./memory.ts";

/** What a folder holds: its plans in ascending order of their digests, and the files that are none, with the reason. */
export interface MemoryFolder {
  readonly plans: readonly Approved[];
  readonly leftOut: readonly { readonly file: string; readonly reason: string }[];
}

/** Reads the approved plans of a folder; one that is not there is empty. Error: one line, if it cannot be listed or holds too many. */
export async function readMemoryFolder(folder: string): Promise<Result<MemoryFolder, string>> {
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    return isCode(error, "ENOENT") ? ok({ plans: [], leftOut: [] }) : err("the folder of approved plans cannot be read");
  }
  const files = names.filter((name) => name.endsWith(".json")).sort();
  if (files.length > memoryPlansMax) return err(`a folder of approved plans has at most ${memoryPlansMax} of them`);
  const plans: Approved[] = [];
  const leftOut: { file: string; reason: string }[] = [];
  for (const file of files) {
    const read = await readApproved(join(folder, file));
    if (!read.ok) leftOut.push({ file, reason: read.error });
    else plans.push(read.value);
  }
  plans.sort((one, other) => (one.plan.digest < other.plan.digest ? -1 : 1));
  return ok({ plans, leftOut });
}

async function readApproved(path: string): Promise<Result<Approved, string>> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch {
    return err("the file cannot be read");
  }
  const read = readJsonBytes(bytes);
  if (!read.ok) return err(`line ${read.error.line}: not strict JSON`);
  const isWrapped = member(read.value, "sluiceMemory") !== undefined;
  if (isWrapped && !isWrapper(read.value)) return err('expected {"sluiceMemory": 1, "now"?, "zone"?, "plan"}');
  const thawed = thawPlan((isWrapped ? member(read.value, "plan") : read.value) ?? null);
  if (!thawed.ok) return err(thawed.error[0]?.message ?? "not a frozen plan");
  const now = member(read.value, "now");
  const zone = member(read.value, "zone");
  const context = { ...(typeof now === "string" && { now }), ...(typeof zone === "string" && { zone }) };
  return ok(isWrapped ? { plan: thawed.value, context } : { plan: thawed.value });
}

function isWrapper(value: Json): boolean {
  const members = ["sluiceMemory", "now", "zone", "plan"];
  if (!isObject(value) || value.sluiceMemory !== 1 || !Object.keys(value).every((name) => members.includes(name))) return false;
  return [value.now, value.zone].every((text) => text === undefined || typeof text === "string");
}

/**
 * Adds an approved plan to a folder: the whole file under its digest or nothing. One that is there stays as it is.
 * Returns the path. Error: one line, if it cannot be written.
 */
export async function rememberInFolder(
  folder: string,
  plan: FrozenPlan,
  options: { readonly context?: Approved["context"] } = {},
): Promise<Result<string, string>> {
  const path = join(folder, `${plan.digest.replace(/^sha256:/, "")}.json`);
  const { context } = options;
  const text =
    context === undefined ? writeFrozen(plan) : `${canonicalJson({ sluiceMemory: 1, ...context, plan } as unknown as Json)}\n`;
  const draft = join(folder, `.${randomUUID()}.part`);
  try {
    await mkdir(folder, { recursive: true });
    const file = await open(draft, "wx");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    try {
      // A link is made whole or not at all, and never over what is there.
      await link(draft, path);
    } finally {
      await unlink(draft);
    }
    return ok(path);
  } catch (error) {
    return isCode(error, "EEXIST") ? ok(path) : err("the approved plan cannot be written to its folder");
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
