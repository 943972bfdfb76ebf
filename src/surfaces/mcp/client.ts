/**
 * One client of the gateway: its messages taken in, its requests served, one session for all of them.
 * Never serves a method that is not in the table, nor a message that names another session than the first did.
 */
import type { JsonObject } from "../../json/value.ts";
import { isArray, isObject, type Json, member } from "../../json/value.ts";
import { mcpBatchMax, mcpInFlightMax } from "../../limits.ts";
import { hexOf } from "../../plan/digest.ts";
import type { Random } from "../../ports.ts";
import type { Denial, Enforcer, PlanInForce } from "../enforce.ts";
import { denialOf } from "../enforce.ts";
import { followSignals } from "../following-signal.ts";
import type { Ask } from "./calls.ts";
import { answerDiscover, answerHello, type Hello, notHere, readHello } from "./hello.ts";
import {
  errorMessage,
  type Message,
  type MessageId,
  notificationMessage,
  readId,
  readMessage,
  type RequestMessage,
  requestMessage,
  resultMessage,
  type RpcOutcome,
  rpcCodes,
} from "./jsonrpc.ts";
import type { Lane } from "./lane.ts";
import { clientMethods, type MethodRule } from "./methods.ts";
import type { Naming } from "./names.ts";
import type { Relay, RelayContext } from "./relay.ts";
import { passList, passRequest } from "./requests.ts";
import { deniedError } from "./results.ts";
import { batchRevision, type Envelope, readEnvelope, statelessCodes, statelessResult, statelessRevision } from "./revisions.ts";
import type { Route } from "./route.ts";
import { listen, unsubscribe } from "./subscriptions.ts";
import { answerTask, callAsTask, type Tasks } from "./tasks.ts";
import { batchTools, callTool, listTools, type PlanTools } from "./tools.ts";

/** What all clients of a gateway share. */
export interface ClientWorld {
  readonly enforcer: Enforcer;
  readonly naming: Naming;
  readonly serverInfo: JsonObject;
  readonly toolsOf: (plan: PlanInForce) => PlanTools;
  /** The connections of a session. */
  readonly laneOf: (session: string) => Lane;
  readonly tasks: Tasks;
  readonly random: Random;
  readonly onClose: (relay: Relay) => void;
}

/** Methods of the stateless revision alone, and methods that it has no more. */
const statelessOnly: ReadonlySet<string> = new Set(["server/discover", "subscriptions/listen"]);
const statelessNot: ReadonlySet<string> = new Set([
  "initialize",
  "ping",
  "logging/setLevel",
  "resources/subscribe",
  "resources/unsubscribe",
  "tasks/get",
  "tasks/list",
  "tasks/cancel",
  "tasks/result",
]);

/** A client at work. */
interface ClientState {
  readonly world: ClientWorld;
  /** Requests under way, by id. */
  readonly running: Map<string, AbortController>;
  /** What the client has been asked, by id. */
  readonly waiting: Map<string, (outcome: RpcOutcome) => void>;
  readonly ending: AbortController;
  hello: Hello | undefined;
  session: string | undefined;
  /** Begins the ids of what the client is asked: another process may ask it as well. */
  readonly name: string;
  asked: number;
  sink: ((message: JsonObject) => void) | undefined;
  leaveBackground: (() => void) | undefined;
}

/** Makes the relay of a client; `hello`: what one said that was greeted before. */
export function createClient(world: ClientWorld, hello?: Hello): Relay {
  const state: ClientState = {
    world,
    running: new Map(),
    waiting: new Map(),
    ending: new AbortController(),
    hello,
    session: undefined,
    name: hexOf(world.random(6)),
    asked: 0,
    sink: undefined,
    leaveBackground: undefined,
  };
  const relay: Relay = {
    receive: (value, context) => receive(state, value, context),
    listen: (send) => {
      state.sink = send;
      return () => {
        if (state.sink === send) state.sink = undefined;
      };
    },
    get revision() {
      return state.hello?.revision;
    },
    close: async () => {
      state.ending.abort();
      state.leaveBackground?.();
      for (const resolve of [...state.waiting.values()]) resolve(unanswered);
      world.onClose(relay);
    },
  };
  return relay;
}

const unanswered: RpcOutcome = { ok: false, error: { code: rpcCodes.internal, message: "the client did not answer" } };

async function receive(state: ClientState, value: Json, context: RelayContext): ReturnType<Relay["receive"]> {
  if (!isArray(value)) {
    const message = readMessage(value);
    return message.kind === "invalid" ? invalidMessage(message.id) : receiveOne(state, message, { context, batch: [] });
  }
  if (state.hello?.revision !== batchRevision || value.length === 0 || value.length > mcpBatchMax) return invalidMessage(null);
  const messages = value.map(readMessage);
  const batch = messages.flatMap((each) => (each.kind === "request" && each.method === "tools/call" ? [each.params] : []));
  const answers = await Promise.all(
    messages.map((each) => (each.kind === "invalid" ? invalidMessage(each.id) : receiveOne(state, each, { context, batch }))),
  );
  const given = answers.filter((answer) => answer !== undefined);
  return given.length === 0 ? undefined : given;
}

/** A message's surroundings. */
interface Received {
  readonly context: RelayContext;
  readonly batch: Batch;
}

async function receiveOne(state: ClientState, message: Message, received: Received): Promise<JsonObject | undefined> {
  if (message.kind === "request") return answer(state, message, received);
  // SECURITY: only whoever has the session may end what runs in it, or answer for its client.
  const plan = await admit(state, received.context.token);
  if ("decision" in plan) return undefined;
  if (message.kind === "response") {
    if (typeof message.id === "string") state.waiting.get(message.id)?.(message.outcome);
    return undefined;
  }
  if (message.method === "notifications/cancelled") {
    const id = readId(member(message.params, "requestId"));
    if (id !== undefined) state.running.get(keyOf(id))?.abort();
  }
  return undefined;
}

/** Serves a request and makes its answer; `undefined` for one that was cancelled. */
async function answer(state: ClientState, message: RequestMessage, received: Received): Promise<JsonObject | undefined> {
  const { running, ending, world } = state;
  const { id, method, params } = message;
  const key = keyOf(id);
  if (running.has(key) || running.size >= mcpInFlightMax || ending.signal.aborted)
    return errorMessage(id, { code: rpcCodes.invalidRequest, message: "this id is in use, or too much is under way" });
  const controller = new AbortController();
  running.set(key, controller);
  const following = followSignals([controller.signal, received.context.signal, ending.signal]);
  try {
    const outcome = await serve(state, message, { ...received, signal: following.signal });
    if (controller.signal.aborted) return undefined;
    if (!outcome.ok) return errorMessage(id, outcome.error);
    const isStateless = readEnvelope(params) !== undefined;
    return resultMessage(id, isStateless ? statelessResult(method, outcome.result, world.serverInfo) : outcome.result);
  } catch (error) {
    world.enforcer.logger?.error("internal", { fault: error instanceof Error ? error.name : "unknown" });
    return errorMessage(id, { code: rpcCodes.internal, message: "an internal error" });
  } finally {
    following.release();
    running.delete(key);
  }
}

async function serve(
  state: ClientState,
  message: RequestMessage,
  { context, batch, signal }: Received & { readonly signal: AbortSignal },
): Promise<RpcOutcome> {
  const { world } = state;
  const { enforcer } = world;
  const { method, params } = message;
  const envelope = readEnvelope(params);
  const wrong = wrongEra(method, { envelope, hasHello: state.hello !== undefined });
  if (wrong !== undefined) return wrong;
  const plan = await admit(state, context.token);
  if ("decision" in plan) return { ok: false, error: deniedError(plan) };
  const token = context.token ?? "";
  const rule = clientMethods.get(method);
  if (rule === undefined) {
    const denial = await enforcer.refuse(token, { tool: method, code: "CALL_NOT_IN_PLAN" });
    enforcer.logger?.error("method-refused", { session: plan.session });
    return { ok: false, error: deniedError(denial, rpcCodes.methodNotFound) };
  }
  if (method === "initialize") {
    const said = readHello(params);
    if (said === undefined)
      return { ok: false, error: { code: rpcCodes.invalidParams, message: "`protocolVersion` is missing" } };
    state.hello = said;
    return answerHello(plan, said, world.serverInfo);
  }
  const lane = world.laneOf(plan.session);
  if (envelope === undefined) enterBackground(state, token, lane);
  const ask: Ask = {
    method,
    params,
    isStateless: envelope !== undefined,
    plan,
    lane,
    route: routeOf(state, { token, send: context.send, envelope }),
    signal,
    progressToken: readId(member(member(params, "_meta"), "progressToken")),
    batch: batch.length > 1 ? batchTools(world.toolsOf(plan), batch) : undefined,
  };
  return dispatch(world, ask, { rule, id: message.id });
}

/** The session's plan, if the message's credential is one of the session that this client has. */
async function admit(state: ClientState, token: string | undefined): Promise<PlanInForce | Denial> {
  if (token === undefined) return denialOf("SESSION_MISSING");
  const plan = await state.world.enforcer.plan(token);
  if (!plan.ok) return plan.error;
  // SECURITY: what a client holds (ids, streams, tasks) belongs to the session that it began with.
  if (state.session !== undefined && state.session !== plan.value.session) return denialOf("AUTH_DENIED");
  state.session = plan.value.session;
  return plan.value;
}

function routeOf(
  state: ClientState,
  way: {
    readonly token: string;
    readonly send: (message: JsonObject) => void;
    readonly envelope: Envelope | undefined;
  },
): Route {
  const { token, send, envelope } = way;
  return {
    token,
    send,
    capabilities: envelope?.capabilities ?? state.hello?.capabilities ?? {},
    ...(envelope === undefined ? { ask: askClient(state, send) } : {}),
  };
}

/** What belongs to no request goes to the client's own stream. */
function enterBackground(state: ClientState, token: string, lane: Lane): void {
  state.leaveBackground?.();
  const send = (message: JsonObject): void => state.sink?.(message);
  state.leaveBackground = lane.routes.enter(undefined, routeOf(state, { token, send, envelope: undefined }));
}

/** Asks the client and waits for its answer. */
function askClient(state: ClientState, send: (message: JsonObject) => void): NonNullable<Route["ask"]> {
  const { waiting, ending } = state;
  return (method, params, signal) =>
    new Promise((resolve) => {
      const id = `sluice-${state.name}-${++state.asked}`;
      const done = (outcome: RpcOutcome): void => {
        waiting.delete(id);
        signal.removeEventListener("abort", onAbort);
        resolve(outcome);
      };
      const onAbort = (): void => {
        send(notificationMessage("notifications/cancelled", { requestId: id }));
        done(unanswered);
      };
      if (signal.aborted || ending.signal.aborted || waiting.size >= mcpInFlightMax) return resolve(unanswered);
      waiting.set(id, done);
      signal.addEventListener("abort", onAbort);
      send(requestMessage(id, method, params));
    });
}

/** Parameters of the calls of one batch. */
type Batch = readonly JsonObject[];

function keyOf(id: MessageId): string {
  return `${typeof id} ${id}`;
}

function invalidMessage(id: MessageId | null): JsonObject {
  return errorMessage(id, { code: rpcCodes.invalidRequest, message: "not a message of JSON-RPC 2.0 as MCP has it" });
}

/** Why a request is not one of its revision, if it is not. */
function wrongEra(
  method: string,
  { envelope, hasHello }: { readonly envelope: Envelope | undefined; readonly hasHello: boolean },
): RpcOutcome | undefined {
  if (envelope === undefined) {
    if (statelessOnly.has(method)) {
      const data: Json = { supported: [statelessRevision], requested: "" };
      return { ok: false, error: { code: statelessCodes.revisionUnknown, message: "the request names no revision", data } };
    }
    if (hasHello || method === "initialize" || method === "ping") return undefined;
    return { ok: false, error: { code: rpcCodes.invalidRequest, message: "`initialize` comes first" } };
  }
  if (envelope.revision !== statelessRevision) {
    const data: Json = { supported: [statelessRevision], requested: envelope.revision };
    return { ok: false, error: { code: statelessCodes.revisionUnknown, message: "unsupported protocol version", data } };
  }
  if (!envelope.isWhole) {
    const message = "`_meta` must hold the client's capabilities";
    return { ok: false, error: { code: rpcCodes.invalidParams, message } };
  }
  return statelessNot.has(method) ? notHere : undefined;
}

/** Serves a request of the table. */
async function dispatch(
  world: ClientWorld,
  ask: Ask,
  { rule, id }: { readonly rule: MethodRule; readonly id: MessageId },
): Promise<RpcOutcome> {
  const { enforcer, naming, tasks } = world;
  const { method, params, plan } = ask;
  if (rule.kind === "list") return passList(enforcer, ask, { ...rule, naming });
  if (rule.kind === "passed") return passRequest(enforcer, ask, { ...rule, naming });
  switch (method) {
    case "tools/list":
      return listTools(world.toolsOf(plan), params);
    case "tools/call": {
      const tools = world.toolsOf(plan);
      const task = ask.isStateless ? undefined : member(params, "task");
      return isObject(task)
        ? callAsTask(tasks, ask, { task, call: (later) => callTool(enforcer, later, tools) })
        : callTool(enforcer, ask, tools);
    }
    case "server/discover":
      return answerDiscover(plan);
    case "ping":
      return { ok: true, result: {} };
    case "subscriptions/listen":
      return listen(enforcer, ask, id);
    case "resources/unsubscribe":
      return unsubscribe(ask);
    default:
      return method.startsWith("tasks/") ? answerTask(tasks, ask) : notHere;
  }
}
