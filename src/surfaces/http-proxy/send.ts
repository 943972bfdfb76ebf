/**
 * From a permit to an answer: the request is made of the final arguments, secrets are put in, it is sent, and its answer is read.
 * Never sends a byte that the agent wrote, and leaves no permit unsettled.
 */
import type { Code } from "../../codes.ts";
import type { Logger } from "../../ports.ts";
import { receiptHeader } from "../../receipts/receipt.ts";
import type { Enforcer, Permit } from "../enforce.ts";
import { followSignals } from "../following-signal.ts";
import { type Answer, respond } from "../hono/answer.ts";
import { AddressRefused, type Connector } from "./connector.ts";
import { inject } from "./credentials.ts";
import type { BuiltRequest } from "./exchange.ts";
import { fetchTool, writeFetch } from "./fetch-tool.ts";
import { createLeakFinder } from "./leak.ts";
import { answerIn } from "./result.ts";
import { buildRequest, type Router } from "./router.ts";
import type { Upstream } from "./upstreams.ts";

/** What sending needs. */
export interface Sender {
  readonly enforcer: Enforcer;
  readonly router: Router;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly connector: Connector;
  readonly timeoutMs: number;
  readonly showHeaders: readonly string[];
  readonly logger: Logger | undefined;
}

const encoder = new TextEncoder();
const noLeaks = createLeakFinder([]);

/** Sends what a permit allows and answers as the plan says. */
export async function forward(sender: Sender, permit: Permit, signal: AbortSignal): Promise<Response> {
  return respond(sender.enforcer, permit, await answerTo(sender, permit, signal));
}

/** A request that may be sent. */
interface Ready {
  readonly url: URL;
  readonly built: BuiltRequest;
  readonly upstream: Upstream | undefined;
}

async function answerTo(sender: Sender, permit: Permit, signal: AbortSignal): Promise<Answer> {
  const { connector, logger, showHeaders, timeoutMs } = sender;
  const ready = prepare(sender, permit);
  if (typeof ready === "string") return { kind: "fault", code: ready };
  const { url, built, upstream } = ready;
  // The head of an answer has its time; what streams behind it is bounded by the connector's.
  const patience = followSignals([signal]);
  const timer = setTimeout(patience.abort, timeoutMs);
  try {
    const response = await connector.send({
      url,
      method: built.method,
      headers: headersOf(built, upstream, permit),
      body: built.body === undefined ? undefined : encoder.encode(built.body),
      isPrivateOpen: upstream?.isPrivateOpen ?? false,
      signal: patience.signal,
    });
    const answer = await answerIn(response, { permit, leaks: upstream?.leaks ?? noLeaks, showHeaders });
    // Whoever leaves while it still comes ends it.
    if (answer.kind !== "stream") patience.release();
    return answer;
  } catch (error) {
    const isRefused = error instanceof AddressRefused;
    logger?.error(isRefused ? "upstream-refused" : "upstream-failed", { tool: permit.tool });
    return { kind: "fault", code: isRefused ? "UPSTREAM_FORBIDDEN" : "UPSTREAM_FAILED" };
  } finally {
    clearTimeout(timer);
  }
}

function prepare({ router, upstreams, connector }: Sender, permit: Permit): Ready | Code {
  if (permit.tool === fetchTool && !upstreams.has(fetchTool)) {
    // Where the addresses of a host cannot be checked, an address that a call names is not asked.
    if (!connector.checksAddresses) return "UPSTREAM_FORBIDDEN";
    const built = writeFetch(permit.args);
    return built.ok ? { url: built.value.url, built: built.value, upstream: undefined } : "REQUEST_UNWRITABLE";
  }
  const upstream = upstreams.get(permit.tool);
  if (upstream === undefined) return "TOOL_UNKNOWN";
  const built = buildRequest(router, upstream.operation, permit.args);
  if (!built.ok) return "REQUEST_UNWRITABLE";
  const query = [built.value.query, ...inject(upstream.credentials).query].filter((piece) => piece !== "").join("&");
  const text = `${upstream.base}${built.value.path}${query === "" ? "" : `?${query}`}`;
  const url = new URL(text);
  // SECURITY: the runtime's reader of addresses must leave the path and the query as they are.
  const isKept = url.href === text || (url.href === `${text}/` && built.value.path === "/");
  return isKept || sameBut(url, text) ? { url, built: built.value, upstream } : "REQUEST_UNWRITABLE";
}

/** Whether an address differs from its text in the spelling of its host or default port alone. */
function sameBut(url: URL, text: string): boolean {
  const rest = /^https?:\/\/[^/?]*(|[/?].*)$/i.exec(text)?.[1] ?? "";
  return `${url.pathname}${url.search}` === rest && url.hash === "" && url.username === "" && url.password === "";
}

/** The headers of a request: those of its arguments, of its secrets, and ours. */
function headersOf(built: BuiltRequest, upstream: Upstream | undefined, permit: Permit): readonly (readonly [string, string])[] {
  const headers = new Map<string, string>([
    ["accept", "application/json, text/*;q=0.9, */*;q=0.5"],
    // Bytes are checked as they come: nothing of ours decodes them.
    ["accept-encoding", "identity"],
    ["user-agent", "sluice"],
  ]);
  const own = permit.receipt === undefined ? [] : [[receiptHeader, permit.receipt] as const];
  for (const [name, value] of [...built.headers, ...inject(upstream?.credentials ?? []).headers, ...own]) {
    const earlier = name === "cookie" ? headers.get(name) : undefined;
    headers.set(name, earlier === undefined ? value : `${earlier}; ${value}`);
  }
  return [...headers];
}
