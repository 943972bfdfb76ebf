/**
 * A proxy in front of a model's API: users set a base URL, and the model's calls are checked before its client sees them.
 * Closed by default: without a session, for other paths, and for what it cannot read, nothing goes to the model.
 *
 * @module sluice/model-api
 */
import { type Context, Hono } from "hono";
import { ConfigError } from "../result.ts";
import { chat } from "./model-api/chat.ts";
import type { Dialect } from "./model-api/dialect.ts";
import { exchange, passedError, refusal } from "./model-api/exchange.ts";
import { messages } from "./model-api/messages.ts";
import { responses } from "./model-api/responses.ts";
import { createUpstream, type ModelUpstream, shownHeaders, type Upstream } from "./model-api/upstream.ts";
import { readToken } from "./credential.ts";
import { denialOf, type Enforcer } from "./enforce.ts";
import { tokenOf } from "./hono/token.ts";
import { type EnforcementOptions, enforcerOf } from "./options.ts";

export { ConfigError } from "../result.ts";
export type { ModelUpstream } from "./model-api/upstream.ts";
export { createFirewall, type EnforcementOptions, type OwnEnforcement } from "./options.ts";

/** Options of the proxy. */
export type ModelApiOptions = EnforcementOptions & {
  /** Where the model is: a URL, or with a credential that the proxy sends in place of the client's. */
  readonly upstream: string | ModelUpstream;
  /**
   * Whether a client may name its session in the path, `/s/TOKEN/v1/…`, where it can set no header. A path is written into the logs of
   * programs between: for proxies on the same machine. Default `false`.
   */
  readonly tokenInPath?: boolean;
  /** Further top-level members of requests that go to the model as they are. They must not make the provider run tools. Default: none. */
  readonly members?: readonly string[];
  /**
   * Labels of what the client writes into messages itself, where that is more than the user's own words (retrieved documents, mails that it
   * quotes): the session carries them from its first request on. Default: none.
   */
  readonly labels?: readonly string[];
};

const dialects: readonly Dialect[] = [chat, responses, messages];

interface Gate {
  readonly enforcer: Enforcer;
  readonly upstream: Upstream;
  readonly tokenInPath: boolean;
  readonly members: ReadonlySet<string>;
  readonly labels: readonly string[];
}

/**
 * An app that answers `POST /v1/chat/completions`, `POST /v1/responses`, `POST /v1/messages` and `GET /v1/models`. The session's token is in the
 * header `Sluice-Session`; the credential of the model's provider goes where it always does. Throws `ConfigError` if the options are
 * wrong, at set-up only.
 *
 * @example
 * const app = modelApi({ enforcer: firewall, upstream: "https://api.openai.com" });
 * // new OpenAI({ baseURL: "http://127.0.0.1:8788/v1", defaultHeaders: { "Sluice-Session": token } })
 */
export function modelApi(options: ModelApiOptions): Hono {
  if (typeof options !== "object" || options === null)
    throw new ConfigError("`modelApi` needs options: `upstream`, and `enforcer` or `plans` and `store`");
  const { upstream, tokenInPath = false, members = [], labels = [] } = options;
  if (upstream === undefined) throw new ConfigError("`upstream` is needed: the URL of the model's API");
  for (const [name, list] of Object.entries({ members, labels }))
    if (!Array.isArray(list) || list.some((one) => typeof one !== "string"))
      throw new ConfigError(`\`${name}\` must be a list of names`);
  const gate: Gate = {
    enforcer: enforcerOf(options),
    upstream: createUpstream(typeof upstream === "string" ? { url: upstream } : upstream),
    tokenInPath,
    members: new Set(members),
    labels: [...labels],
  };
  const app = new Hono();
  app.onError(() => refusal(chat, denialOf("INTERNAL")));
  app.notFound(() => refusal(chat, denialOf("AUTH_DENIED")));
  for (const prefix of tokenInPath ? ["", "/s/:token"] : [""]) {
    for (const dialect of dialects)
      app.post(`${prefix}${dialect.path}`, (c) =>
        admitted(gate, c, dialect, (token) => exchange({ ...gate, dialect, token }, c.req.raw)),
      );
    app.get(`${prefix}/v1/models`, (c) => admitted(gate, c, chat, () => listModels(gate, c, "/v1/models")));
    app.get(`${prefix}/v1/models/:model`, (c) => {
      const model = c.req.param("model") ?? "";
      // A segment of dots is no name: it would lead to another path of the provider's.
      if (/^\.*$/.test(model)) return refusal(chat, denialOf("AUTH_DENIED"));
      return admitted(gate, c, chat, () => listModels(gate, c, `/v1/models/${encodeURIComponent(model)}`));
    });
  }
  return app;
}

/** Goes on with the session's token, if the request has one that is open. */
async function admitted(gate: Gate, c: Context, dialect: Dialect, go: (token: string) => Promise<Response>): Promise<Response> {
  try {
    const token = sessionOf(gate, c);
    if (token === undefined) return refusal(dialect, denialOf("SESSION_MISSING"));
    // Before a body is read: only who has a session may make work.
    const refused = await gate.enforcer.admit(token);
    return refused === undefined ? await go(token) : refusal(dialect, refused);
  } catch {
    return refusal(dialect, denialOf("INTERNAL"));
  }
}

/** The session of a request; `undefined` if it names none, or two. */
function sessionOf({ tokenInPath }: Gate, c: Context): string | undefined {
  const [inHeader, inPath] = [tokenOf(c), tokenInPath ? c.req.param("token") : undefined];
  if (inPath !== undefined && (readToken(inPath) === undefined || (inHeader !== undefined && inHeader !== inPath)))
    return undefined;
  return inHeader ?? inPath;
}

async function listModels({ upstream }: Gate, c: Context, path: string): Promise<Response> {
  let response: Response;
  try {
    response = await upstream.send({ method: "GET", path, headers: c.req.raw.headers }, c.req.raw.signal);
  } catch {
    return refusal(chat, denialOf("UPSTREAM_FAILED"));
  }
  if (!response.ok) return passedError(chat, response);
  return new Response(response.body, { headers: shownHeaders(response.headers, response.headers.get("content-type")) });
}
