/**
 * Sluice as Hono middleware in front of an application's own tool handlers. Web standards only.
 * Never lets a handler see anything of a request that was not checked, nor the agent anything of a response that is not committed.
 */
import type { Context, MiddlewareHandler } from "hono";
import type { Code } from "../codes.ts";
import { readJsonBytes } from "../json/read.ts";
import type { JsonObject } from "../json/value.ts";
import { callBytesMax } from "../limits.ts";
import { ConfigError } from "../result.ts";
import { isJsonType, isPlainBody, mediaTypeOf, readRequestBody } from "./body.ts";
import { readToken } from "./credential.ts";
import { type Allowance, type Checked, type Denial, denialOf, type Enforcer, type Permit } from "./enforce.ts";
import { answerOf, knownAnswer, type Left, respond } from "./hono/answer.ts";
import { rememberJson } from "./hono/answered-json.ts";
import { showRequest } from "./hono/shown-request.ts";
import { tokenOf } from "./hono/token.ts";
import { observeRequest, withMode } from "./observe/request.ts";
import { type EnforcementOptions, enforcerOf } from "./options.ts";
import { problemResponse } from "./wire.ts";

export type { Access, AccessOptions } from "../access/access.ts";
export { createAccess } from "../access/create-access.ts";
export type { Identity, Role } from "../access/identity.ts";
export type { OidcOptions } from "../access/oidc/oidc.ts";
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
    const outer = outerHeaders(c);
    const { args, receipt } = permit;
    c.set("sluice", receipt === undefined ? { args, verdict } : { args, verdict, receipt });
    showRequest(c.req, permit, gate.forwardHeaders);
    const saidBy = rememberJson(c, permit.resultBytesMax);
    let hasThrown = false;
    try {
      await next();
    } catch {
      hasThrown = true;
    }
    const response = await answered(gate.enforcer, c, { permit, hasThrown, saidBy });
    for (const [name, value] of outer) if (!ownHeaders.has(name)) response.headers.append(name, value);
    // Hono merges the headers of a response that is replaced into the new one: it is taken away first.
    c.res = undefined;
    c.res = withMode(observer, response);
    return;
  };
}

/** The response to an allowed call. SECURITY: whatever fails here, the handler's own response must not remain. */
async function answered(enforcer: Enforcer, c: Context, run: Left & { readonly permit: Permit }): Promise<Response> {
  try {
    const answer = knownAnswer(c, run.permit, run) ?? (await answerOf(c, run.permit, run));
    return await respond(enforcer, run.permit, answer);
  } catch {
    return problemResponse(denialOf("INTERNAL"));
  }
}

/** What middleware around this one has set by now. Not by `c.res`: whoever has looked at that makes Hono copy the handler's response. */
function outerHeaders(c: Context): readonly (readonly [string, string])[] {
  return [...c.body(null).headers];
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
    const text = tokenOf(c);
    if (text === undefined) return denied(denialOf("SESSION_MISSING"));
    const token = readToken(text);
    if (token === undefined) return denied(denialOf("SESSION_UNKNOWN"));
    // Before a body is read: only who has a session may make work.
    const admitting = gate.enforcer.admit(token);
    const refused = admitting === undefined ? undefined : await admitting;
    if (refused !== undefined) return denied(refused);
    const tool = gate.toolName(c);
    if (typeof tool !== "string" || tool === "") return denied(denialOf("TOOL_UNKNOWN"));
    const request = c.req.raw;
    const malformed = refuseHead(request);
    if (malformed !== undefined) return denied(denialOf(malformed));
    const body = await readRequestBody(request, gate.maxBytes);
    if (body.kind === "large") return denied(denialOf("CALL_TOO_LARGE"));
    const args = body.kind === "read" ? readJsonBytes(body.bytes, { maxBytes: gate.maxBytes }) : undefined;
    if (args?.ok !== true) return denied(denialOf("CALL_MALFORMED"));
    // The session is loaded after the body has come whole: what the agent saw while it sent is in the context then.
    return await gate.enforcer.check(token, { tool, args: args.value });
  } catch {
    return denied(denialOf("INTERNAL"));
  }
}

/** Why the arguments of a call are not looked at, if they are not: they are the body of a POST, JSON in UTF-8, with nothing in the query. */
function refuseHead({ headers, method, url, bodyUsed }: Request): Code | undefined {
  const { type, charset = "utf-8" } = mediaTypeOf(headers.get("content-type"));
  const isWellFormed = method === "POST" && isJsonType(type) && charset === "utf-8" && isPlainBody(headers) && !/[?#]/.test(url);
  if (!isWellFormed) return "CALL_MALFORMED";
  // Someone has read the body before: what they saw need not be what is checked.
  return bodyUsed ? "CONFIG_INVALID" : undefined;
}
