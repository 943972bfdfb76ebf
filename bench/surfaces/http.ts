/**
 * Surfaces over HTTP: the proxy of plain APIs, the MCP gateway, the proxy of a model's API.
 * Never counts an answer that is not the one that the upstream gives.
 */
import { Agent, request as ask } from "node:http";
import { args, chatRequest, mark, rpc } from "./shop.ts";
import type { Contender, ContenderName } from "./measure.ts";
import { adminToken, startScript, startSluice } from "./process.ts";

const agent = new Agent({ keepAlive: true });

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: { readonly [name: string]: unknown };
}

function post(url: string, body: string, headers: { readonly [name: string]: string } = {}): Promise<Reply> {
  const common = { "content-type": "application/json", "content-length": `${Buffer.byteLength(body)}` };
  return new Promise((resolve, reject) => {
    const request = ask(url, { agent, method: "POST", headers: { ...common, ...headers } }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

function right({ status, text }: Reply, wanted: string = mark): void {
  if (status !== 200 || !text.includes(wanted)) throw new Error(`answered ${status} ${text.slice(0, 400)}`);
}

/** Where the ways begin: of the direct path twice. */
interface Ways {
  readonly direct: string;
  readonly relay: string;
  readonly sluice: string;
}

function contenders(ways: Ways, make: (name: ContenderName, url: string) => Omit<Contender, "name">): readonly Contender[] {
  const named = { direct: ways.direct, again: ways.direct, relay: ways.relay, sluice: ways.sluice };
  return Object.entries(named).map(([name, url]) => ({ name: name as ContenderName, ...make(name as ContenderName, url) }));
}

/** What the upstreams of one run listen on. */
export interface Upstreams {
  readonly upstream: string;
  readonly relay: string;
}

/** Starts the upstream and the hop before it. */
export async function startUpstreams(): Promise<Upstreams> {
  const port = await startScript("upstream.ts");
  const relay = await startScript("relay.ts", "http", `${port}`);
  return { upstream: `http://127.0.0.1:${port}`, relay: `http://127.0.0.1:${relay}` };
}

const session = ["--principal", "ada", "--store", "memory", "--port", "0"];

/** `sluice proxy`. */
export async function proxyContenders({ upstream, relay }: Upstreams, plan: string): Promise<readonly Contender[]> {
  const started = await startSluice([
    "proxy",
    "--plan",
    plan,
    "--upstream",
    `shop=${upstream}`,
    "--allow-private",
    "shop",
    ...session,
  ]);
  const body = JSON.stringify(args);
  const ways = { direct: `${upstream}/order`, relay: `${relay}/shop/order`, sluice: `${started.url}/shop/order` };
  return contenders(ways, (_, url) => ({ call: async () => right(await post(url, body, { "sluice-session": started.token })) }));
}

/** `sluice gateway`, with a client of revision 2025-11-25 that has said hello. */
export async function gatewayContenders({ upstream, relay }: Upstreams, plan: string): Promise<readonly Contender[]> {
  const started = await startSluice(["gateway", "--plan", plan, "--upstream", `shop=${upstream}/mcp`, ...session]);
  const ways = { direct: `${upstream}/mcp`, relay: `${relay}/mcp`, sluice: `${started.url}/mcp` };
  const accept = { accept: "application/json, text/event-stream" };
  const hello = JSON.stringify(
    rpc(0, "initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "b", version: "1" } }),
  );
  const greeted = await post(ways.sluice, hello, { ...accept, "sluice-session": started.token });
  const id = String(greeted.headers["mcp-session-id"] ?? "");
  const own = { ...accept, "sluice-session": started.token, "mcp-session-id": id, "mcp-protocol-version": "2025-11-25" };
  let count = 0;
  return contenders(ways, (name, url) => {
    const tool = name === "sluice" ? "shop__order" : "order";
    return {
      call: async () => right(await post(url, JSON.stringify(rpc(++count, "tools/call", { name: tool, arguments: args })), own)),
    };
  });
}

/** `sluice model-proxy`: a conversation of one call, in two requests. */
export async function modelContenders(
  { upstream, relay }: Upstreams,
  plan: string,
  isStream: boolean,
): Promise<readonly Contender[]> {
  const started = await startSluice(["model-proxy", "--plan", plan, "--upstream", upstream, ...session]);
  const path = "/v1/chat/completions";
  const ways = { direct: `${upstream}${path}`, relay: `${relay}${path}`, sluice: `${started.url}${path}` };
  const [first, second] = [JSON.stringify(chatRequest(isStream, false)), JSON.stringify(chatRequest(isStream, true))];
  return contenders(ways, (name, url) => {
    let token = started.token;
    const headers = (): { readonly [name: string]: string } => ({ authorization: "Bearer sk-model", "sluice-session": token });
    return {
      // A conversation has a session of its own, which the host opens before it begins.
      prepare: async () => {
        if (name === "sluice") token = await openSession(started.url);
      },
      call: async () => {
        right(await post(url, first, headers()), "call_1");
        right(await post(url, second, headers()));
      },
    };
  });
}

async function openSession(url: string): Promise<string> {
  const body = JSON.stringify({ plan: "shop", principal: "ada" });
  const reply = await post(`${url}/sluice/sessions`, body, { authorization: `Bearer ${adminToken}` });
  const { token } = JSON.parse(reply.text) as { readonly token?: string };
  if (token === undefined) throw new Error(reply.text);
  return token;
}
