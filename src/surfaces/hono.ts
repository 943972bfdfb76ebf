/**
 * Sluice as Hono middleware in front of an application's own tool handlers. Web standards only.
 * Never lets a handler see anything of a request that was not checked, nor the agent anything of a response that is not committed.
 */
import type { Context, MiddlewareHandler } from "hono";
import { readJsonBytes } from "../json/read.ts";
import type { Json, JsonObject } from "../json/value.ts";
import { callBytesMax } from "../limits.ts";
import { ConfigError } from "../result.ts";
import { isJsonType, mediaTypeOf, readBody } from "./body.ts";
import { bearerOf, readToken } from "./credential.ts";
import { type Allowance, type Checked, type Denial, denialOf, type Enforcer, type Permit } from "./enforce.ts";
import { answerOf, respond } from "./hono/answer.ts";
import { tokenOf } from "./hono/token.ts";
import { observeRequest, withMode } from "./observe/request.ts";
import { type EnforcementOptions, enforcerOf } from "./options.ts";
import { problemResponse } from "./wire.ts";

export { ConfigError } from "../result.ts";
export type { Enforcer } from "./enforce.ts";
export { amendmentRoutes } from "./hono/amendment-routes.ts";
export type { Drafter, DraftRequest } from "./hono/draft-routes.ts";
export { type HostCredentials, type HostRoutesOptions, hostRoutes } from "./hono/host-routes.ts";
export { approvalWebhook, type WebhookOptions } from "./approval-webhook.ts";
export type { Amendment, Approval, ApprovalDecision } from "./enforce.ts";
export { createObserver, type Observer, type ObserveMode, type ObserverOptions } from "./observe.ts";
export { createMemoryTraceSink, type TraceSink } from "./observe/sink.ts";
export {
  createFirewall,
  type EnforcementOptions,
  type Firewall,
  type Loaded,
  type OwnEnforcement,
  type Prepared,
} from "./options.ts";
export type { WorkLimits } from "./enforce.ts";

/** Options of the middleware. */
export type SluiceOptions = EnforcementOptions & {
  /** Name of the tool that a request calls (`server/tool`, or its bare name). Default: the path parameter `tool`. */
  readonly toolName?: (c: Context) => string | undefined;
  /** Bytes of a request's body that are read at most. Default 4 MiB; a plan may allow less. */
  readonly maxBytes?: number;
  /**
   * Names of request headers that a handler may see beside `content-type` and `content-length`. They come from the agent and no plan
   * checks them. Default: none.
   */
  readonly forwardHeaders?: readonly string[];
  /**
   * While a firewall observes: the run that a request belongs to (a conversation's id, say), where it has no token of a session. Default:
   * all such requests are one run, until nobody calls for a while.
   */
  readonly observedRun?: (c: Context) => string | undefined;
};

/** What a handler finds under `c.get("sluice")`. */
export interface SluiceVariables {
  readonly sluice: {
    /** The final arguments: what the request's body says too. */
    readonly args: JsonObject;
    /** `undefined`: nobody has decided, the firewall observes. */
    readonly verdict: Allowance | undefined;
    /** The receipt to send along, as header `Sluice-Receipt`, where the tool is another agent. Its answer's goes into the handler's response. */
    readonly receipt?: string;
  };
}

/** Response headers that Sluice sets itself. */
const ownHeaders = new Set(["content-type", "content-length", "cache-control"]);

interface Gate {
  readonly enforcer: Enforcer;
  readonly toolName: (c: Context) => string | undefined;
  readonly maxBytes: number;
  readonly forwardHeaders: readonly string[];
  readonly observedRun: (c: Context) => string | undefined;
}

/**
 * Middleware that puts tool handlers behind frozen plans. Closed by default: without a plan, a session or a checked body no handler runs.
 * Throws `ConfigError` if the options are wrong, at set-up only.
 *
 * @example
 * const firewall = createFirewall({ plans: [frozen], store: createMemoryStore() });
 * app.use("/tools/:tool", sluice({ enforcer: firewall }));
 * app.post("/tools/order", async (c) => c.json(await order(c.get("sluice").args)));
 */
export function sluice(options: SluiceOptions): MiddlewareHandler<{ Variables: SluiceVariables }> {
  const gate = readOptions(options);
  const { observer } = gate.enforcer;
  return async (c, next) => {
    if (observer?.isOn() === true) return observeRequest(observer, gate, { c, next });
    const checked = await checkRequest(gate, c);
    if (!checked.allow) return withMode(observer, problemResponse(checked.verdict));
    const { permit, verdict } = checked;
    // What middleware around this one has set is kept; whatever a handler sets is the tool's and goes the way of its result.
    const outer = new Headers(c.res.headers);
    const { args, receipt } = permit;
    c.set("sluice", receipt === undefined ? { args, verdict } : { args, verdict, receipt });
    c.req.raw = forwarded(gate, c.req.raw, permit);
    c.req.bodyCache = {};
    let hasThrown = false;
    try {
      await next();
    } catch {
      hasThrown = true;
    }
    const response = await answered(gate.enforcer, c, { permit, hasThrown });
    for (const [name, value] of outer) if (!ownHeaders.has(name)) response.headers.append(name, value);
    // Hono merges the headers of a response that is replaced into the new one: it is taken away first.
    c.res = undefined;
    c.res = withMode(observer, response);
    return;
  };
}

/** The response to an allowed call. SECURITY: whatever fails here, the handler's own response must not remain. */
async function answered(
  enforcer: Enforcer,
  c: Context,
  run: { readonly permit: Permit; readonly hasThrown: boolean },
): Promise<Response> {
  try {
    return await respond(enforcer, run.permit, await answerOf(c, run.permit, run.hasThrown));
  } catch {
    return problemResponse(denialOf("INTERNAL"));
  }
}

function readOptions(options: SluiceOptions): Gate {
  if (typeof options !== "object" || options === null)
    throw new ConfigError("`sluice` needs options: `plans` and `store`, or `enforcer`");
  const { toolName = (c: Context) => c.req.param("tool"), maxBytes = callBytesMax, forwardHeaders = [] } = options;
  const { observedRun = () => undefined } = options;
  if (typeof toolName !== "function") throw new ConfigError("`toolName` must be a function of the request's context");
  if (typeof observedRun !== "function") throw new ConfigError("`observedRun` must be a function of the request's context");
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 2 || maxBytes > callBytesMax)
    throw new ConfigError(`\`maxBytes\` must be an integer from 2 to ${callBytesMax}`);
  const reserved = new Set(["sluice-session", "content-type", "content-length", "content-encoding", "transfer-encoding"]);
  const names = forwardHeaders.map((name) => String(name).toLowerCase());
  const bad = names.find((name) => reserved.has(name) || !/^[a-z0-9-]+$/.test(name));
  if (bad !== undefined)
    throw new ConfigError("`forwardHeaders` must be names of headers, without those that Sluice reads or sets itself");
  return { enforcer: enforcerOf(options), toolName, maxBytes, forwardHeaders: names, observedRun };
}

function denied(verdict: Denial): Checked {
  return { allow: false, verdict };
}

/** Reads a request and decides it. Whatever goes wrong is a denial. */
async function checkRequest(gate: Gate, c: Context): Promise<Checked> {
  try {
    const token = tokenOf(c);
    if (token === undefined) return denied(denialOf("SESSION_MISSING"));
    // Before a body is read: only who has a session may make work.
    const refused = await gate.enforcer.admit(token);
    if (refused !== undefined) return denied(refused);
    const tool = gate.toolName(c);
    if (typeof tool !== "string" || tool === "") return denied(denialOf("TOOL_UNKNOWN"));
    const args = await readArgs(gate, c.req.raw);
    if (!args.ok) return denied(args.denial);
    // The session is loaded after the body has come whole: what the agent saw while it sent is in the context then.
    return await gate.enforcer.check(token, { tool, args: args.value });
  } catch {
    return denied(denialOf("INTERNAL"));
  }
}

type ReadArgs = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly denial: Denial };

/** The arguments of a call: the body of a POST, strict JSON in UTF-8, nothing in the query. */
async function readArgs(gate: Gate, request: Request): Promise<ReadArgs> {
  const { type, charset = "utf-8" } = mediaTypeOf(request.headers.get("content-type"));
  const encoding = request.headers.get("content-encoding") ?? "identity";
  const isWellFormed =
    request.method === "POST" && isJsonType(type) && charset === "utf-8" && encoding === "identity" && !/[?#]/.test(request.url);
  if (!isWellFormed) return { ok: false, denial: denialOf("CALL_MALFORMED") };
  // Someone has read the body before: what they saw need not be what is checked.
  if (request.bodyUsed) return { ok: false, denial: denialOf("CONFIG_INVALID") };
  if (Number(request.headers.get("content-length") ?? 0) > gate.maxBytes)
    return { ok: false, denial: denialOf("CALL_TOO_LARGE") };
  const body = await readBody(request.body, gate.maxBytes);
  if (body.kind === "large") return { ok: false, denial: denialOf("CALL_TOO_LARGE") };
  const args = body.kind === "read" ? readJsonBytes(body.bytes, { maxBytes: gate.maxBytes }) : undefined;
  return args?.ok ? { ok: true, value: args.value } : { ok: false, denial: denialOf("CALL_MALFORMED") };
}

/** The request as a handler may see it: the checked bytes, and of the headers only those that the host asked for. */
function forwarded(gate: Gate, request: Request, permit: Permit): Request {
  const body = new TextEncoder().encode(permit.body);
  const headers = new Headers({ "content-type": "application/json", "content-length": String(body.byteLength) });
  for (const name of gate.forwardHeaders) {
    const value = request.headers.get(name);
    // The agent's credential is for Sluice and for nobody behind it.
    if (value !== null && readToken(bearerOf(value) ?? "") === undefined) headers.set(name, value);
  }
  return new Request(request.url, { method: "POST", headers, body, signal: request.signal });
}
