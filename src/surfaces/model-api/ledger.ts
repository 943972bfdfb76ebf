/**
 * What a conversation with a model has come to: its allowed calls and their results, kept in the store so that any process can go on.
 * Never keeps a result or a text of the conversation, only digests of results; of calls the model's own arguments.
 */
import type { Code } from "../../codes.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { modelCallsMax } from "../../limits.ts";
import { domainDigest } from "../../plan/digest.ts";
import { err, ok, type Result } from "../../result.ts";
import type { RecordWrite, SessionHeader, Store, StoreFailure } from "../../stores/store.ts";
import type { Answer, DeniedCall, KeptAnswer } from "./dialect.ts";

/** An allowed call as it was given to a client. */
export interface LedgerCall {
  /** Its id as the client knows it, and as the model does. */
  readonly id: string;
  readonly modelId: string;
  /** Its place in the conversation. */
  readonly place: number;
  readonly session: string;
  readonly run: number;
  /** The client's name of the tool. */
  readonly name: string;
  /** Digest of the arguments that the client got. */
  readonly digest: string;
  /** The model's own text of the arguments. */
  readonly args: string;
  /** Calls that were denied on the way to this turn, if this is its first. */
  readonly denied: readonly DeniedCall[];
  /** Digest of the result, once one has come. */
  readonly result?: string;
}

/** A conversation's calls. Whoever holds it reads them once and adds what it learns. */
export interface Ledger {
  call(id: string): LedgerCall | undefined;
  /** All calls, in the order of their places. */
  calls(): readonly LedgerCall[];
  /** Keeps calls that are about to be given to the client. */
  add(calls: readonly LedgerCall[]): Promise<Result<undefined, Code>>;
  /** Binds a call to its result: once. Error `HISTORY_MISMATCH`: it has another one. */
  bind(id: string, result: string): Promise<Result<undefined, Code>>;
  /** An answer, or a part of one, that the provider keeps; `undefined`: this conversation has none of that name. */
  answer(id: string): Promise<Result<KeptAnswer | undefined, Code>>;
  /** Keeps that an answer, and parts of it, are of this conversation. */
  addAnswer(answer: NonNullable<Answer["kept"]>, denied: readonly DeniedCall[]): Promise<Result<undefined, Code>>;
}

const callKind = "model-call";
const answerKind = "model-answer";
const pageSize = 1_000;

interface Book {
  readonly store: Store;
  readonly scope: string;
  readonly byId: Map<string, { readonly call: LedgerCall; readonly version: number }>;
}

/** Reads the calls of a session's conversation. Errors: `STORE_UNAVAILABLE`, `CALL_LIMIT`, `INTERNAL` (what is stored has another form). */
export async function openLedger(store: Store, { principal, conversation }: SessionHeader): Promise<Result<Ledger, Code>> {
  const scope = domainDigest("model-conversation", canonicalJson([principal, conversation]));
  const book: Book = { store, scope, byId: new Map() };
  const code = await readBook(book);
  if (code !== undefined) return err(code);
  return ok({
    call: (id) => book.byId.get(id)?.call,
    calls: () => [...book.byId.values()].map(({ call }) => call).sort((a, b) => a.place - b.place),
    add: (calls) => addCalls(book, calls),
    bind: (id, result) => bindResult(book, id, result),
    answer: async (id) => {
      const record = await store.record(answerKind, recordId(book, answerKind, id));
      if (!record.ok) return err("STORE_UNAVAILABLE");
      if (record.value === undefined) return ok(undefined);
      const { modelId, denied } = record.value.value;
      return typeof modelId === "string" ? ok({ modelId, denied: readDenied(denied) }) : err("INTERNAL");
    },
    addAnswer: async ({ id, modelId, parts }, denied) => {
      for (const name of new Set([...parts, id])) {
        const isWhole = name === id;
        const value = { modelId: isWhole ? modelId : name, denied: (isWhole ? denied : []) as unknown as Json };
        const code = await write(book, { kind: answerKind, id: recordId(book, answerKind, name), version: 0, value });
        // What is there already is this conversation's.
        if (code !== undefined && code !== "SESSION_CONFLICT") return err(code);
      }
      return ok(undefined);
    },
  });
}

async function readBook({ store, scope, byId }: Book): Promise<Code | undefined> {
  for (let after: string | undefined; ; ) {
    const from = after === undefined ? {} : { after };
    const page = await store.records(callKind, { limit: pageSize, prefix: `${scope}.`, ...from });
    if (!page.ok) return "STORE_UNAVAILABLE";
    for (const { value, version } of page.value) {
      const call = readCall(value);
      if (call === undefined) return "INTERNAL";
      byId.set(call.id, { call, version });
    }
    if (page.value.length < pageSize) return undefined;
    if (byId.size > modelCallsMax) return "CALL_LIMIT";
    after = page.value.at(-1)?.id;
  }
}

async function addCalls(book: Book, calls: readonly LedgerCall[]): Promise<Result<undefined, Code>> {
  if (book.byId.size + calls.length > modelCallsMax) return err("CALL_LIMIT");
  for (const call of calls) {
    const value = call as unknown as JsonObject;
    const code = await write(book, { kind: callKind, id: recordId(book, callKind, call.id), version: 0, value });
    if (code !== undefined) return err(code);
    book.byId.set(call.id, { call, version: 1 });
  }
  return ok(undefined);
}

async function bindResult(book: Book, id: string, result: string): Promise<Result<undefined, Code>> {
  const known = book.byId.get(id);
  if (known === undefined) return err("HISTORY_MISMATCH");
  if (known.call.result !== undefined) return known.call.result === result ? ok(undefined) : err("HISTORY_MISMATCH");
  const call = { ...known.call, result };
  const record = recordId(book, callKind, id);
  const code = await write(book, { kind: callKind, id: record, version: known.version, value: call as unknown as JsonObject });
  if (code === "SESSION_CONFLICT") {
    // Another request has brought a result for it at the same time.
    const now = await book.store.record(callKind, record);
    if (!now.ok) return err("STORE_UNAVAILABLE");
    return member(now.value?.value, "result") === result ? ok(undefined) : err("HISTORY_MISMATCH");
  }
  if (code !== undefined) return err(code);
  book.byId.set(id, { call, version: known.version + 1 });
  return ok(undefined);
}

/** Ids are the client's and the provider's words: of any length, and with any characters. */
function recordId({ scope }: Book, kind: string, id: string): string {
  return `${scope}.${domainDigest(kind, id)}`;
}

async function write({ store }: Book, record: RecordWrite): Promise<Code | undefined> {
  const written = await store.writeRecord(record);
  return written.ok ? undefined : failureOf(written.error);
}

function failureOf({ kind }: StoreFailure): Code {
  return kind === "conflict" ? "SESSION_CONFLICT" : "STORE_UNAVAILABLE";
}

function readCall(value: JsonObject): LedgerCall | undefined {
  const { id, modelId, session, name, digest, args, place, run } = value;
  if (typeof id !== "string" || typeof modelId !== "string" || typeof session !== "string") return undefined;
  if (typeof name !== "string" || typeof digest !== "string" || typeof args !== "string") return undefined;
  if (typeof place !== "number" || typeof run !== "number") return undefined;
  const result = member(value, "result");
  const denied = readDenied(member(value, "denied"));
  return { id, modelId, session, name, digest, args, place, run, denied, ...(typeof result === "string" ? { result } : {}) };
}

function readDenied(value: Json | undefined): readonly DeniedCall[] {
  if (!isArray(value)) return [];
  return value.filter(isObject).map(({ id, name, args, text }) => ({
    id: String(id),
    name: String(name),
    args: String(args),
    text: String(text),
  }));
}
