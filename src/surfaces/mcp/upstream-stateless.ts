/**
 * MCP servers of the stateless revision (2026-07-28): every request says who asks, and its headers say what its body says.
 * Never answers what a server asks in a result: such a result is an error of the call.
 */
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { mcpHelloMs } from "../../limits.ts";
import { err, ok, type Result } from "../../result.ts";
import { notificationMessage, requestMessage, readMessage, type RpcOutcome, rpcCodes } from "./jsonrpc.ts";
import { metaKeys, statelessRevision } from "./revisions.ts";
import { without } from "./route.ts";
import type { Connecting } from "./connecting.ts";
import { type HttpTarget, pause, post } from "./upstream-send.ts";
import type { ServerIdentity, Upstream, UpstreamCall, UpstreamFailure, UpstreamListener } from "./upstream.ts";

const clientInfo: JsonObject = { name: "sluice", version: "1" };
/** Where the `Mcp-Name` header comes from. */
const nameSources: ReadonlyMap<string, string> = new Map([
  ["tools/call", "name"],
  ["prompts/get", "name"],
  ["resources/read", "uri"],
]);

/** A connection at work: there is none but what is remembered of the server. */
interface StatelessState {
  readonly target: HttpTarget;
  readonly listener: UpstreamListener;
  readonly ending: AbortController;
  /** By tool, the arguments that it wants as headers too. */
  readonly headerArgs: Map<string, readonly HeaderArg[]>;
  /** Addresses whose changes are asked for. */
  readonly subscribed: Set<string>;
  /** Ends the stream that listens now, so that another takes its place. */
  listening: AbortController;
  last: number;
}

/** Connects to a server of the stateless revision: it is asked what it is. */
export async function connectStateless({
  name,
  target,
  listener,
  connecting,
}: Connecting): Promise<Result<Upstream, UpstreamFailure>> {
  const ending = new AbortController();
  const state: StatelessState = {
    target,
    listener,
    ending,
    headerArgs: new Map(),
    subscribed: new Set(),
    listening: new AbortController(),
    last: 0,
  };
  const signal = AbortSignal.any([connecting.signal, AbortSignal.timeout(mcpHelloMs)]);
  const hello = await request(state, { method: "server/discover", params: {}, call: { signal } });
  const identity = hello.ok && hello.value.ok ? readDiscovered(hello.value.result) : undefined;
  if (identity === undefined) {
    ending.abort();
    return hello.ok ? err("broken") : hello;
  }
  void listen(state);
  return ok({
    name,
    identity,
    request: (method, params, call) => request(state, { method, params, call }),
    notify: async (method, params) => {
      const headers = headersOf(method, {}, state.headerArgs);
      const message = notificationMessage(method, params);
      await post(target, message, { headers, signal: ending.signal, take: () => undefined, isDone: () => true });
    },
    get isOpen() {
      return !ending.signal.aborted;
    },
    close: async () => ending.abort(),
  });
}

interface Asking {
  readonly method: string;
  readonly params: JsonObject;
  readonly call: UpstreamCall;
}

async function request(state: StatelessState, { method, params, call }: Asking): Promise<Result<RpcOutcome, UpstreamFailure>> {
  const { target, listener, ending, headerArgs } = state;
  if (ending.signal.aborted) return err("unreachable");
  if (method === "resources/subscribe" || method === "resources/unsubscribe") return subscribe(state, method, params);
  const id = ++state.last;
  const meta = member(params, "_meta");
  const progress = call.onProgress === undefined ? {} : { progressToken: id };
  const message = requestMessage(id, method, {
    ...params,
    _meta: { ...(isObject(meta) ? meta : {}), ...progress, ...envelope },
  });
  let outcome: RpcOutcome | "broken" | undefined;
  const posted = await post(target, message, {
    headers: headersOf(method, params, headerArgs),
    // A request of this revision is cancelled by letting go of its stream.
    signal: AbortSignal.any([call.signal, ending.signal]),
    take: (value) => {
      outcome = takeMessage(value, { id, call, listener }) ?? outcome;
    },
    isDone: () => outcome !== undefined,
  });
  if (outcome === "broken") return err("broken");
  if (outcome === undefined)
    return err(posted.kind === "failed" ? posted.failure : posted.kind === "status" ? "unreachable" : "broken");
  if (method === "tools/list" && outcome.ok) learnHeaders(outcome.result, headerArgs);
  return ok(complete(outcome));
}

/** Begins or ends to ask for changes of an address. */
function subscribe(state: StatelessState, method: string, params: JsonObject): Result<RpcOutcome, UpstreamFailure> {
  const uri = member(params, "uri");
  if (typeof uri === "string" && method === "resources/subscribe") state.subscribed.add(uri);
  else if (typeof uri === "string") state.subscribed.delete(uri);
  // The stream that listens now does not know of it.
  state.listening.abort();
  return ok({ ok: true, result: {} });
}

/** Times in a row that the stream is opened without getting anything. */
const idleStreamsMax = 5;

/** Listens to what the server tells, as long as it has a stream for that. */
async function listen(state: StatelessState): Promise<void> {
  const { target, listener, ending, headerArgs, subscribed } = state;
  for (let idle = 0; idle < idleStreamsMax && !ending.signal.aborted; idle++) {
    state.listening = new AbortController();
    const heard: UpstreamListener = {
      ...listener,
      onNotification: (method, params) => {
        idle = 0;
        if (method !== "notifications/subscriptions/acknowledged") listener.onNotification(method, without(params, "_meta"));
      },
    };
    const notifications = {
      toolsListChanged: true,
      promptsListChanged: true,
      resourcesListChanged: true,
      ...(subscribed.size === 0 ? {} : { resourceSubscriptions: [...subscribed] }),
    };
    const id = `listen-${++state.last}`;
    const message = requestMessage(id, "subscriptions/listen", { notifications, _meta: envelope });
    const posted = await post(target, message, {
      headers: headersOf("subscriptions/listen", {}, headerArgs),
      signal: AbortSignal.any([state.listening.signal, ending.signal]),
      take: (value) => void takeMessage(value, { id, call: { signal: ending.signal }, listener: heard }),
      isDone: () => false,
    });
    // A server that has no such stream says so.
    if (posted.kind === "status" || posted.kind === "read") return;
    if (state.listening.signal.aborted) idle = -1;
    else if (!(await hasPaused(1_000 * (idle + 1), ending.signal))) return;
  }
}

async function hasPaused(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await pause(ms, signal);
    return true;
  } catch {
    return false;
  }
}

const envelope: JsonObject = {
  [metaKeys.revision]: statelessRevision,
  [metaKeys.clientInfo]: clientInfo,
  [metaKeys.capabilities]: {},
};

interface Taking {
  readonly id: string | number;
  readonly call: UpstreamCall;
  readonly listener: UpstreamListener;
}

/** Takes a message of a request's stream; the outcome, if it is the answer. */
function takeMessage(value: Json, { id, call, listener }: Taking): RpcOutcome | "broken" | undefined {
  const message = readMessage(value);
  if (message.kind === "response") return message.id === id ? message.outcome : undefined;
  if (message.kind === "invalid") return "broken";
  // A server of this revision asks nothing but in results.
  if (message.kind === "request") return undefined;
  if (message.method !== "notifications/progress") listener.onNotification(message.method, message.params);
  else if (member(message.params, "progressToken") === id) call.onProgress?.(message.params);
  return undefined;
}

/** A result that is complete; one that asks for input is an error, since nobody has granted the server an answer. */
function complete(outcome: RpcOutcome): RpcOutcome {
  if (!outcome.ok) return outcome;
  const type = member(outcome.result, "resultType");
  return type === undefined || type === "complete"
    ? outcome
    : { ok: false, error: { code: rpcCodes.internal, message: "the server asks for input, which is not granted" } };
}

function readDiscovered(result: JsonObject): ServerIdentity | undefined {
  const versions = member(result, "supportedVersions");
  const [info, capabilities, instructions] = [
    member(member(result, "_meta"), metaKeys.serverInfo),
    member(result, "capabilities"),
    member(result, "instructions"),
  ];
  if (!isArray(versions) || !versions.includes(statelessRevision) || !isObject(capabilities)) return undefined;
  return {
    revision: statelessRevision,
    info: isObject(info) ? info : {},
    capabilities,
    ...(typeof instructions === "string" ? { instructions } : {}),
  };
}

function headersOf(
  method: string,
  params: JsonObject,
  headerArgs: ReadonlyMap<string, readonly HeaderArg[]>,
): { readonly [name: string]: string } {
  const source = nameSources.get(method);
  const named = source === undefined ? undefined : member(params, source);
  const name = typeof named === "string" ? named : undefined;
  const args = method === "tools/call" && name !== undefined ? (headerArgs.get(name) ?? []) : [];
  const own = args.flatMap(({ path, header }) => {
    const value = path.reduce<Json | undefined>((at, step) => member(at, step), member(params, "arguments"));
    const text =
      typeof value === "string" ? value : typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
    return text === undefined ? [] : [[`mcp-param-${header}`, fieldValue(text)] as const];
  });
  return {
    "mcp-protocol-version": statelessRevision,
    "mcp-method": method,
    ...(name === undefined ? {} : { "mcp-name": fieldValue(name) }),
    ...Object.fromEntries(own),
  };
}

/** An argument that the server wants as a header too. */
interface HeaderArg {
  readonly path: readonly string[];
  readonly header: string;
}

/** Arguments by tool that are sent as headers as well (`x-mcp-header` on properties of the root, at any depth of objects). */
function learnHeaders(result: JsonObject, known: Map<string, readonly HeaderArg[]>): void {
  const tools = member(result, "tools");
  for (const tool of isArray(tools) ? tools : []) {
    const name = member(tool, "name");
    if (typeof name === "string") known.set(name, headerArgsOf(member(tool, "inputSchema"), []));
  }
}

function headerArgsOf(schema: Json | undefined, path: readonly string[]): readonly HeaderArg[] {
  const properties = member(schema, "properties");
  if (!isObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, property]) => {
    const header = member(property, "x-mcp-header");
    const own =
      typeof header === "string" && /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/.test(header) ? [{ path: [...path, name], header }] : [];
    return [...own, ...headerArgsOf(property, [...path, name])];
  });
}

/** A text as a header's value: as it is if it is plain, else base64 of its UTF-8 between marks. */
function fieldValue(text: string): string {
  const isMarked = text.startsWith("=?base64?") && text.endsWith("?=");
  if (text !== "" && text === text.trim() && !isMarked && /^[\x20-\x7e\t]*$/.test(text)) return text;
  let bytes = "";
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCodePoint(byte);
  return `=?base64?${btoa(bytes)}?=`;
}
