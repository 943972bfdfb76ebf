/**
 * What a command leaves behind: JSON for machines, and files that are whole or not there.
 * Never writes half a file: the text goes to a new file beside it, which then takes its name.
 */
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isArray, isObject, type Json, member } from "../../json/value.ts";
import { refuseInput } from "../read/input.ts";

/**
 * JSON with its members in their own order (for reading; identity is canonical JSON's). `indent`: spaces for each level; 0: one line.
 * Integers beyond 2^53 keep their digits.
 */
export function jsonText(value: Json, indent = 0): string {
  return written(value, indent, "\n");
}

function written(value: Json, indent: number, newline: string): string {
  if (typeof value === "bigint") return String(value);
  // Digits would be read as an exact integer, which a double this large is not.
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) return value.toExponential();
  if (!isArray(value) && !isObject(value)) return quoted(value);
  const inner = indent === 0 ? "" : newline + " ".repeat(indent);
  const end = indent === 0 ? "" : newline;
  const next = newline + " ".repeat(indent);
  const parts = isArray(value)
    ? value.map((element) => written(element, indent, next))
    : Object.keys(value).map(
        (key) => `${quoted(key)}:${indent === 0 ? "" : " "}${written(member(value, key) ?? null, indent, next)}`,
      );
  const [open, close] = isArray(value) ? ["[", "]"] : ["{", "}"];
  return parts.length === 0 ? `${open}${close}` : `${open}${parts.map((part) => inner + part).join(",")}${end}${close}`;
}

/**
 * A scalar as JSON. What JSON lets stand in a text although a terminal obeys it is written as an escape, which is the same value: delete, the
 * controls of eight bits (U+009B begins a command as ESC `[` does), separators of lines, and what turns the direction of writing.
 */
function quoted(value: Json): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Why a file cannot be written, by the code of the system. */
export const writeFaults: { readonly [code: string]: string } = {
  ENOENT: "its folder does not exist",
  ENOTDIR: "a part of the path is no directory",
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "the file system can only be read",
  ENOSPC: "the disk is full",
  EISDIR: "this is a directory, a file is needed",
};

/** Writes a file at once and whole; what was there stays until then. Exit 2 if it cannot be written. */
export function writeFileAtOnce(path: string, text: string): void {
  try {
    const target = existing(path);
    if (target !== undefined && !target.isFile) {
      // A pipe or a device is written to; it must not be replaced by a file.
      writeFileSync(path, text);
      return;
    }
    replaceFile(target?.path ?? path, text);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    refuseInput(path, `it cannot be written: ${writeFaults[code] ?? code}`);
  }
}

/** What stands at the path now, links followed. */
function existing(path: string): { readonly path: string; readonly isFile: boolean } | undefined {
  try {
    const real = realpathSync(path);
    const stat = statSync(real);
    if (stat.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
    return { path: real, isFile: stat.isFile() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function replaceFile(path: string, text: string): void {
  const fresh = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomBytes(6).toString("hex")}.tmp`);
  const file = openSync(fresh, "wx", 0o666);
  try {
    try {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}
