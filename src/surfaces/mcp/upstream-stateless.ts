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
import type { Connecting } from "./upstream-http.ts";
import { pause, post } from "./upstream-send.ts";
import type { ServerIdentity, Upstream, UpstreamCall, UpstreamFailure, UpstreamListener } from "./upstream.ts";

const clientInfo: JsonObject = { name: "sluice", version: "1" };
/** Where the `Mcp-Name` header comes from. */
const nameSources: ReadonlyMap<string, string> = new Map([
  ["tools/call", "name"],
  ["prompts/get", "name"],
  ["resources/read", "uri"],
]);

/** Connects to a server of the stateless revision: it is asked what it is. */
export async function connectStateless({
  name,
  target,
  listener,
  connecting,
}: Connecting): Promise<Result<Upstream, UpstreamFailure>> {
  const ending = new AbortController();
  const headerArgs = new Map<string, readonly HeaderArg[]>();
  const subscribed = new Set<string>();
  let listening = new AbortController();
  let last = 0;

  const request: Upstream["request"] = async (method, params, call) => {
    if (ending.signal.aborted) return err("unreachable");
    if (method === "resources/subscribe" || method === "resources/unsubscribe") return subscribe(method, params);
    const id = ++last;
    const meta = member(params, "_meta");
    const message = requestMessage(id, method, {
      ...params,
      _meta: {
        ...(isObject(meta) ? meta : {}),
        ...(call.onProgress === undefined ? {} : { progressToken: id }),
        [metaKeys.revision]: statelessRevision,
        [metaKeys.clientInfo]: clientInfo,
        [metaKeys.capabilities]: {},
      },
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
    if (outcome !== undefined) return ok(complete(outcome));
    return err(posted.kind === "failed" ? posted.failure : posted.kind === "status" ? "unreachable" : "broken");
  };

  const subscribe = async (method: string, params: JsonObject): Promise<Result<RpcOutcome, UpstreamFailure>> => {
    const uri = member(params, "uri");
    if (typeof uri === "string" && method === "resources/subscribe") subscribed.add(uri);
    else if (typeof uri === "string") subscribed.delete(uri);
    // The stream that listens now does not know of it: another one takes its place.
    listening.abort();
    return ok({ ok: true, result: {} });
  };

  const listen = async (): Promise<void> => {
    for (let failed = 0; failed < 5 && !ending.signal.aborted; failed++) {
      listening = new AbortController();
      const notifications = {
        toolsListChanged: true,
        promptsListChanged: true,
        resourcesListChanged: true,
        ...(subscribed.size === 0 ? {} : { resourceSubscriptions: [...subscribed] }),
      };
      const heard: UpstreamListener = {
        ...listener,
        onNotification: (method, params) => {
          failed = 0;
          if (method !== "notifications/subscriptions/acknowledged") listener.onNotification(method, without(params, "_meta"));
        },
      };
      const id = `listen-${++last}`;
      const message = requestMessage(id, "subscriptions/listen", { notifications, _meta: envelope });
      const posted = await post(target, message, {
        headers: headersOf("subscriptions/listen", {}, headerArgs),
        signal: AbortSignal.any([listening.signal, ending.signal]),
        take: (value) => void takeMessage(value, { id, call: { signal: ending.signal }, listener: heard }),
        isDone: () => false,
      });
      // A server that has no such stream says so.
      if (posted.kind === "status" || posted.kind === "read") return;
      if (listening.signal.aborted) failed = -1;
      else if (
        !(await pause(1_000 * (failed + 1), ending.signal).then(
          () => true,
          () => false,
        ))
      )
        return;
    }
  };

  const hello = await request(
    "server/discover",
    {},
    { signal: AbortSignal.any([connecting.signal, AbortSignal.timeout(mcpHelloMs)]) },
  );
  const identity = hello.ok && hello.value.ok ? readDiscovered(hello.value.result) : undefined;
  if (identity === undefined) {
    ending.abort();
    return hello.ok ? err("broken") : hello;
  }
  void listen();
  return ok({
    name,
    identity,
    request: async (method, params, call) => {
      const answer = await request(method, params, call);
      if (method === "tools/list" && answer.ok && answer.value.ok) learnHeaders(answer.value.result, headerArgs);
      return answer;
    },
    notify: async (method, params) => {
      const message = notificationMessage(method, params);
      await post(target, message, {
        headers: headersOf(method, {}, headerArgs),
        signal: ending.signal,
        take: () => undefined,
        isDone: () => true,
      });
    },
    get isOpen() {
      return !ending.signal.aborted;
    },
    close: async () => ending.abort(),
  });
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
