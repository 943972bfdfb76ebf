/**
 * Bodies ↔ arguments: strict JSON, URL-encoded forms, text.
 * Pure. Never lets a member through that no argument is for, and writes canonical bytes only.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { readJsonBytes } from "../../json/read.ts";
import { isObject, type Json } from "../../json/value.ts";
import { isJsonType, mediaTypeOf } from "../body.ts";
import { faulty, found, type Read } from "./fault.ts";
import type { BodyTemplate } from "./operation.ts";
import { readPieces, readQuery, writeQuery } from "./query.ts";

type Args = readonly (readonly [string, Json])[];

/** A body as it came: its bytes, and what the message says of them. */
export interface GivenBody {
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
}

/** The arguments that a body is. */
export function readBodyArgs(template: BodyTemplate | undefined, { bytes, contentType }: GivenBody): Read<Args> {
  if (bytes.length === 0) return found([]);
  if (template === undefined) return faulty("body-unexpected");
  const { type, charset = "utf-8" } = mediaTypeOf(contentType);
  const wanted = mediaTypeOf(template.contentType).type;
  const isFitting = type === wanted || (template.kind === "json" && isJsonType(type));
  if (!isFitting || (charset !== "utf-8" && charset !== "utf8")) return faulty("body-type");
  if (template.kind === "json") return readJsonBody(template, bytes);
  const text = textOf(bytes);
  if (text === undefined) return faulty("body-malformed");
  if (template.kind === "text") return found([[template.arg ?? "body", text]]);
  const pairs = readPieces(text);
  if (pairs === undefined) return faulty("body-malformed");
  const read = readQuery(template.members, pairs);
  return !read.ok && read.fault.kind === "parameter-unknown" ? faulty("body-unknown") : read;
}

function readJsonBody(template: BodyTemplate, bytes: Uint8Array): Read<Args> {
  const read = readJsonBytes(bytes);
  if (!read.ok) return faulty("body-malformed");
  if (template.arg !== undefined) return found([[template.arg, read.value]]);
  if (!isObject(read.value)) return faulty("body-malformed");
  const args = new Map(template.members.map(({ name, arg }) => [name, arg]));
  const entries = Object.entries(read.value);
  // SECURITY: a member that no argument is for might have the name of another argument.
  if (entries.some(([name]) => !args.has(name))) return faulty("body-unknown");
  return found(entries.map(([name, value]) => [args.get(name) ?? name, value]));
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The body that the arguments make; `undefined`: none. */
export function writeBody(template: BodyTemplate | undefined, args: ReadonlyMap<string, Json>): Read<string | undefined> {
  if (template === undefined) return found(undefined);
  const { kind, arg, members } = template;
  if (arg !== undefined) {
    const value = args.get(arg);
    if (value === undefined) return found(undefined);
    if (kind === "json") return found(canonicalJson(value));
    return typeof value === "string" && value !== "" ? found(value) : faulty("argument-value");
  }
  const given = members.filter((member) => args.has(member.arg));
  // An object without members says the same as no body, and servers that need a body need this one.
  if (kind === "json")
    return found(canonicalJson(Object.fromEntries(given.map((member) => [member.name, args.get(member.arg) as Json]))));
  const pieces: string[] = [];
  for (const member of given) {
    const written = writeQuery(member, args.get(member.arg) as Json);
    if (written === undefined) return faulty("argument-value", member.name);
    pieces.push(...written);
  }
  return found(pieces.length === 0 ? undefined : pieces.join("&"));
}
