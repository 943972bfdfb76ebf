/**
 * Receipts in messages of A2A 1.0 (and 0.3), as `@a2a-js/sdk` has them or as they are on the wire.
 * Pure. Imports no SDK, and trusts nothing of a message but what its receipt is about.
 */
import { strictCopy } from "../../json/strict.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { receiptMeta } from "../../receipts/receipt.ts";

/** What is read of a message or artifact: its parts and its metadata. */
export interface A2aMessage {
  readonly parts: readonly unknown[];
  readonly metadata?: { readonly [name: string]: unknown } | undefined;
}

/**
 * The value that a message is about: the data of its one data part, the text of its one text part, else all parts in order. A receiver must
 * go on with this and nothing else of the message. `undefined`: a part is of no known form, or no JSON.
 */
export function a2aValue({ parts }: A2aMessage): Json | undefined {
  const read = parts.map(readPart);
  if (read.length === 0 || read.some((part) => part === undefined)) return undefined;
  const [only] = read;
  if (read.length === 1 && only !== undefined) {
    if (Object.hasOwn(only, "data")) return only.data;
    if (Object.hasOwn(only, "text")) return only.text;
  }
  return read as readonly JsonObject[];
}

/** The receipt in the metadata of a message, if it has one. */
export function a2aReceipt({ metadata }: A2aMessage): string | undefined {
  const receipt = metadata !== undefined && Object.hasOwn(metadata, receiptMeta) ? metadata[receiptMeta] : undefined;
  return typeof receipt === "string" ? receipt : undefined;
}

/** The message with a receipt in its metadata, in place of any that it had. */
export function withA2aReceipt<Message extends { readonly metadata?: object | undefined }>(
  message: Message,
  receipt: string | undefined,
): Message {
  const { [receiptMeta]: _, ...others } = (message.metadata ?? {}) as { readonly [name: string]: unknown };
  return { ...message, metadata: receipt === undefined ? others : { ...others, [receiptMeta]: receipt } };
}

/** One part by its content: text, data, or a file with its name and type. */
function readPart(part: unknown): JsonObject | undefined {
  const copy = strictCopy(isSdkPart(part) ? wireOf(part) : part);
  if (!isObject(copy)) return undefined;
  if (Object.hasOwn(copy, "text")) return typeof copy.text === "string" ? { text: copy.text } : undefined;
  if (Object.hasOwn(copy, "data")) return { data: copy.data ?? null };
  const { file, ...flat } = copy;
  const of = isObject(file) ? file : flat;
  const kept = ["url", "uri", "raw", "bytes", "filename", "name", "mediaType", "mimeType"].flatMap((name) => {
    const value = member(of, name);
    return typeof value === "string" && value !== "" ? [[name, value] as const] : [];
  });
  return kept.length === 0 || isArray(of) ? undefined : Object.fromEntries(kept);
}

interface SdkPart {
  readonly content: { readonly $case: string; readonly value: unknown };
  readonly filename?: string;
  readonly mediaType?: string;
}

function isSdkPart(part: unknown): part is SdkPart {
  const content = typeof part === "object" && part !== null && "content" in part ? part.content : undefined;
  return typeof content === "object" && content !== null && "$case" in content && typeof content.$case === "string";
}

/** A part of the SDK as it is on the wire. */
function wireOf({ content: { $case, value }, filename, mediaType }: SdkPart): object {
  const named = { ...(filename === undefined ? {} : { filename }), ...(mediaType === undefined ? {} : { mediaType }) };
  return { ...named, [$case]: value instanceof Uint8Array ? base64(value) : value };
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
