/**
 * An HTTP proxy for plain APIs: a request of an agent becomes a call of the operation that it is, and the call the only request that is sent.
 * Web standards only. Never sends anything of the agent's request itself, nor a request that no plan has allowed.
 */
import type { Code } from "../codes.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { JsonObject } from "../json/value.ts";
import { callBytesMax } from "../limits.ts";
import { ConfigError } from "../result.ts";
import { readBody } from "./body.ts";
import { denialOf } from "./enforce.ts";
import type { Connector } from "./http-proxy/connector.ts";
import type { GivenRequest, Headers as HeaderMap } from "./http-proxy/exchange.ts";
import { readRequest } from "./http-proxy/exchange.ts";
import { type Fault, faultText } from "./http-proxy/fault.ts";
import { fetchTool, isFetchTool, readFetch } from "./http-proxy/fetch-tool.ts";
import { headerFault, headersOf, type Incoming, incomingOf, readTarget, type Target, tokenIn } from "./http-proxy/incoming.ts";
import type { Operation, Unmapped } from "./http-proxy/operation.ts";
import { createRouter, segmentsOf } from "./http-proxy/router.ts";
import { forward, type Sender } from "./http-proxy/send.ts";
import { type ToolSource, type UpstreamOptions, upstreamsOf } from "./http-proxy/upstreams.ts";
import { type EnforcementOptions, enforcerOf } from "./options.ts";
import { problemResponse } from "./wire.ts";

export { type Connector, createFetchConnector, type Outgoing } from "./http-proxy/connector.ts";
export type { Credential, CredentialPlace } from "./http-proxy/credentials.ts";
export { fetchTool, httpFetchCatalogue } from "./http-proxy/fetch-tool.ts";
export type { Incoming } from "./http-proxy/incoming.ts";
export type { Unmapped } from "./http-proxy/operation.ts";
export type { UpstreamOptions } from "./http-proxy/upstreams.ts";
export { createFirewall, type EnforcementOptions } from "./options.ts";

/** Options of the proxy. */
export type HttpProxyOptions = EnforcementOptions & {
  /** How requests leave: `createNodeConnector` of `sluice/http-proxy/node`, which checks every address, or `createFetchConnector`. */
  readonly connector: Connector;
  /** By the names that servers have in plans. */
  readonly upstreams?: { readonly [server: string]: UpstreamOptions };
  /** Whole catalogues of the plans' servers: a request is then never taken for an operation of the plan that is another one of the document. */
  readonly catalogues?: readonly Catalogue[];
  /** Whether absolute addresses are served too, as proxies are asked (RFC 9112 §3.2.2). Default false. */
  readonly forward?: boolean;
  /** Names of response headers that an agent sees with a result that it sees whole, such as `link`. Default: none but the media type. */
  readonly showHeaders?: readonly string[];
  /** Milliseconds until the head of an answer must have come. Default a minute. */
  readonly timeoutMs?: number;
};

/** A proxy. */
export interface HttpProxy {
  /** Serves a request as it stands on the wire. */
  handle(request: Incoming): Promise<Response>;
  /** Serves a request of the Fetch standard: for Hono (`app.mount`), Workers and others. */
  fetch(request: Request): Promise<Response>;
  /** The answer to a CONNECT: no tunnel is opened. */
  tunnel(target: string, headers: Incoming["headers"]): Promise<Response>;
  /** What is served: tool, method, and where its requests go. */
  readonly routes: readonly { readonly tool: string; readonly server: string; readonly method: string; readonly base: string }[];
  /** Tools of OpenAPI servers whose requests cannot be read and written exactly. Their calls are denied. */
  readonly unmapped: readonly Unmapped[];
}

const timeoutMsDefault = 60_000;

interface Proxy extends Sender {
  readonly isForward: boolean;
  /** Whether a plan has `http/fetch`. */
  readonly hasFetch: boolean;
}

/**
 * Makes a proxy. `/SERVER/path` is a path below the address of the server that plans call SERVER. Throws `ConfigError`, at set-up only.
 *
 * @example
 * const proxy = createHttpProxy({ enforcer: firewall, connector: createNodeConnector(), upstreams: { pets: { credentials: [{ as: "bearer", secret }] } } });
 * app.mount("/", proxy.fetch);
 */
export function createHttpProxy(options: HttpProxyOptions): HttpProxy {
  const enforcer = enforcerOf(options);
  const { connector, upstreams: named = {}, catalogues = [], showHeaders = [], timeoutMs = timeoutMsDefault } = options;
  if (typeof connector?.send !== "function")
    throw new ConfigError("`connector` must be a connector, such as `createNodeConnector()`");
  const frozen = [...enforcer.guards.values()].map((guard) => guard.frozen);
  const sources: readonly ToolSource[] = [
    ...frozen.map(({ tools, servers }) => ({ tools: Object.values(tools), identityOf: (name: string) => servers[name] })),
    ...catalogues.map(({ tools, servers }) => ({ tools: [...tools.values()], identityOf: (name: string) => servers.get(name) })),
  ];
  const { upstreams, unmapped } = upstreamsOf(sources, named);
  const fetchers = sources.flatMap(({ tools }) => tools.filter(({ name }) => name === fetchTool));
  if (!fetchers.every(isFetchTool))
    throw new ConfigError(`\`${fetchTool}\` is the proxy's own tool: a plan has another one of that name`);
  const hasFetch = fetchers.length > 0;
  const isForward = options.forward === true;
  if (upstreams.length === 0 && !(hasFetch && isForward))
    throw new ConfigError(
      "no plan has a tool of an OpenAPI document that can be served: `sluice catalog from --from openapi` makes them",
    );
  if (hasFetch && isForward && !connector.checksAddresses)
    throw new ConfigError(`\`${fetchTool}\` needs a connector that checks addresses, such as \`createNodeConnector()\``);
  const names = showHeaders.map((name) => String(name).toLowerCase());
  if (
    names.some(
      (name) =>
        !/^[a-z0-9-]+$/.test(name) ||
        /^(?:set-cookie|www-authenticate|content-.*|transfer-encoding|connection|sluice-.*)$/.test(name),
    )
  )
    throw new ConfigError("`showHeaders` must be names of response headers that say something of the result");
  const proxy: Proxy = {
    enforcer,
    connector,
    router: createRouter(upstreams.map(({ operation }) => operation)),
    upstreams: new Map(upstreams.map((upstream) => [upstream.operation.tool, upstream])),
    timeoutMs,
    showHeaders: names,
    logger: enforcer.logger,
    isForward,
    hasFetch,
  };
  const handle = (request: Incoming): Promise<Response> => guarded(proxy, () => serve(proxy, request));
  return {
    handle,
    fetch: (request) => handle(incomingOf(request)),
    tunnel: (target, headers) => guarded(proxy, () => refuseTunnel(proxy, target, headersOf(headers))),
    routes: upstreams.map(({ operation: { tool, server, method }, base }) => ({ tool, server, method, base })),
    unmapped,
  };
}

async function guarded(proxy: Proxy, step: () => Promise<Response>): Promise<Response> {
  try {
    return await step();
  } catch (error) {
    proxy.logger?.error("internal", { fault: error instanceof Error ? error.name : "unknown" });
    return deny("INTERNAL");
  }
}

function deny(code: Code, members: JsonObject = {}): Response {
  return problemResponse(denialOf(code), members);
}

/** A request that is no call, and what would make it one. */
function malformed(fault: Fault): Response {
  const { parameter } = fault;
  return deny("REQUEST_MALFORMED", { reason: faultText(fault), ...(parameter === undefined ? {} : { parameter }) });
}

async function serve(proxy: Proxy, request: Incoming): Promise<Response> {
  const headers = headersOf(request.headers);
  const token = tokenIn(headers);
  if (token === undefined) return deny("SESSION_MISSING");
  // Before a body is read: only who has a session may make work.
  const refused = await proxy.enforcer.admit(token);
  if (refused !== undefined) return problemResponse(refused);
  const target = readTarget(request.target, headers);
  if (!target.ok) return malformed(target.fault);
  const matched = matchTarget(proxy, target.value, request.method);
  if (matched === undefined) return deny("TOOL_UNKNOWN");
  if ("kind" in matched) return malformed(matched);
  const { operation } = matched;
  const sound = headerFault(headers, (name) => operation?.headers.some((parameter) => parameter.name === name) === true);
  if (!sound.ok) return malformed(sound.fault);
  if (Number(headers.get("content-length")?.[0] ?? 0) > callBytesMax) return deny("CALL_TOO_LARGE");
  const body = await (typeof request.body === "function" ? request.body(callBytesMax) : readBody(request.body, callBytesMax));
  if (body.kind === "large") return deny("CALL_TOO_LARGE");
  if (body.kind === "broken") return malformed({ kind: "body-malformed" });
  const { bytes } = body;
  const given: GivenRequest = {
    segments: matched.segments,
    query: target.value.query,
    headers,
    body: { bytes, contentType: headers.get("content-type")?.[0] },
  };
  const args =
    operation === undefined
      ? readFetch({ method: request.method, url: matched.url, headers, bytes })
      : readRequest(operation, given);
  if (!args.ok) return malformed(args.fault);
  const tool = operation?.tool ?? fetchTool;
  const node = headers.get("sluice-node")?.[0];
  const checked = await proxy.enforcer.check(token, { tool, args: args.value, ...(node === undefined ? {} : { node }) });
  if (!checked.allow) return problemResponse(checked.verdict);
  return forward(proxy, checked.permit, request.signal);
}

/** The operation of a target, or the plain address that `http/fetch` is asked for. */
interface Matched {
  readonly operation: Operation | undefined;
  readonly segments: readonly string[];
  readonly url: string;
}

function matchTarget(proxy: Proxy, target: Target, method: string): Matched | Fault | undefined {
  const { router } = proxy;
  if (target.kind === "own") {
    const [, server = "", rest = ""] = /^\/([A-Za-z0-9_.-]+)(\/.*)?$/.exec(target.path) ?? [];
    const path = segmentsOf(rest === "" ? "/" : rest);
    if (path === undefined) return { kind: "target" };
    const operation = router.find(server, method, path);
    return operation === undefined ? undefined : { operation, segments: path, url: "" };
  }
  if (!proxy.isForward) return { kind: "target" };
  const found = new Map<Operation, readonly string[]>();
  let isServed = false;
  for (const upstream of proxy.upstreams.values()) {
    for (const alias of upstream.aliases) {
      const rest = restBelow(alias, target);
      if (rest === undefined) continue;
      isServed = true;
      const segments = segmentsOf(rest);
      if (segments === undefined) return { kind: "target" };
      const operation = router.find(upstream.operation.server, method, segments);
      if (operation === upstream.operation) found.set(operation, segments);
    }
  }
  const [only] = found;
  if (found.size > 1) return undefined;
  if (only !== undefined) return { operation: only[0], segments: only[1], url: "" };
  // An address of a known server is one of its operations, or nothing.
  return isServed || !proxy.hasFetch ? undefined : { operation: undefined, segments: [], url: target.text };
}

/** The path of an address below that of a server. Plain http may ask for a server of https: the proxy speaks for both. */
function restBelow(alias: string, target: Target & { readonly kind: "absolute" }): string | undefined {
  if (!URL.canParse(alias)) return undefined;
  const base = new URL(alias);
  const isUpgraded = base.protocol === "https:" && target.scheme === "http" && base.port === "" && target.host.port === undefined;
  const usual = target.scheme === "https" ? 443 : 80;
  const port = base.port === "" ? (base.protocol === "https:" ? 443 : 80) : Number(base.port);
  const isThere = isUpgraded || (base.protocol === `${target.scheme}:` && port === (target.host.port ?? usual));
  if (!isThere || base.hostname.replace(/^\[|\]$/g, "") !== target.host.host) return undefined;
  const prefix = base.pathname.replace(/\/$/, "");
  if (target.path === prefix) return "/";
  return target.path.startsWith(`${prefix}/`) ? target.path.slice(prefix.length) : undefined;
}

/** CONNECT (RFC 9110 §9.3.6): nothing in a tunnel can be checked. Who has a session is told where the reverse proxy has the host. */
async function refuseTunnel(proxy: Proxy, target: string, headers: HeaderMap): Promise<Response> {
  const token = tokenIn(headers);
  if (token === undefined) return deny("SESSION_MISSING");
  const refused = await proxy.enforcer.admit(token);
  if (refused !== undefined) return problemResponse(refused);
  const host = target.toLowerCase().replace(/:\d+$/, "");
  const upstream = [...proxy.upstreams.values()].find(({ aliases }) =>
    aliases.some((alias) => URL.canParse(alias) && new URL(alias).hostname === host),
  );
  return deny("TUNNEL_DENIED", upstream === undefined ? {} : { use: `/${upstream.operation.server}` });
}
