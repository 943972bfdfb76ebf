/**
 * Messages between the store's objects: a small head as JSON, and texts that are passed on as they are.
 * Never reads a text that it only carries, and never lets an error of the runtime through: whoever is not answered is told `unavailable`.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { readJson } from "../../json/read.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { err, ok, type Result } from "../../result.ts";
import type { StoreFailure } from "../store.ts";
import type { ObjectNamespace } from "./bindings.ts";

/** A message: what is read, and what is only carried (`null`: there is none). */
export interface Message {
  readonly head: JsonObject;
  readonly texts: readonly (string | null)[];
}

/** Writes a message. */
export function written(head: JsonObject, texts: readonly (string | null)[] = []): string {
  const lengths = texts.map((text) => (text === null ? -1 : text.length));
  return `${canonicalJson([head, lengths])}\n${texts.join("")}`;
}

/** Reads a message; `undefined` for what is none. */
export function readMessage(text: string): Message | undefined {
  const end = text.indexOf("\n");
  const read = end < 0 ? undefined : readJson(text.slice(0, end));
  if (!read?.ok || !isArray(read.value)) return undefined;
  const [head, lengths] = read.value;
  if (!isObject(head) || lengths === undefined || !isArray(lengths)) return undefined;
  const texts: (string | null)[] = [];
  let at = end + 1;
  for (const length of lengths) {
    if (typeof length !== "number") return undefined;
    texts.push(length < 0 ? null : text.slice(at, at + length));
    at += Math.max(0, length);
  }
  return at === text.length ? { head, texts } : undefined;
}

/** Which object to ask, and what. */
export interface Question {
  readonly namespace: ObjectNamespace;
  readonly name: string;
  readonly verb: string;
}

/** Asks an object. Failure: what it answers as one, and `unavailable` for whatever else happens. */
export async function ask(
  { namespace, name, verb }: Question,
  head: JsonObject,
  texts: readonly (string | null)[] = [],
): Promise<Result<Message, StoreFailure>> {
  try {
    const stub = namespace.get(namespace.idFromName(name) as never);
    const response = await stub.fetch(`https://object/${verb}`, { method: "POST", body: written(head, texts) });
    const text = await response.text();
    const message = response.status === 200 ? readMessage(text) : undefined;
    if (message === undefined) return err({ kind: "unavailable", detail: "object" });
    const failure = failureOf(member(message.head, "failure"));
    return failure === undefined ? ok(message) : err(failure);
  } catch {
    return err({ kind: "unavailable", detail: "object" });
  }
}

/** A failure as an answer's head. */
export function failed(failure: StoreFailure): JsonObject {
  return { failure: { ...failure } as unknown as Json };
}

/** The failure that an answer tells; `undefined`: it tells none. */
export function failureOf(value: Json | undefined): StoreFailure | undefined {
  if (value === undefined || value === null) return undefined;
  const kind = member(value, "kind");
  const counter = member(value, "counter");
  if (kind === "budget" && typeof counter === "string") return { kind, counter };
  if (kind === "conflict" || kind === "unknown" || kind === "exists") return { kind };
  const detail = member(value, "detail");
  return { kind: "unavailable", ...(typeof detail === "string" ? { detail } : {}) };
}

/** Answers a request by its verb; what throws is a fault without a text. */
export async function answering(
  request: Request,
  verbs: { readonly [verb: string]: (message: Message) => Promise<string> | string },
): Promise<Response> {
  const verb = request.url.slice(request.url.lastIndexOf("/") + 1);
  const message = readMessage(await request.text());
  const answer = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (message === undefined || answer === undefined) return new Response(null, { status: 400 });
  try {
    return new Response(await answer(message));
  } catch {
    // SECURITY: a driver's text may quote data.
    return new Response(written(failed({ kind: "unavailable", detail: "storage" })));
  }
}
