/**
 * Surfaces over HTTP: the proxy of plain APIs, the MCP gateway, the proxy of a model's API.
 * Never counts an answer that is not the one that the upstream gives.
 */
import { Agent, request as ask } from "node:http";
import { args, chatRequest, mark, rpc } from "./shop.ts";
import type { Contender, ContenderName } from "./measure.ts";
import { adminToken, cpuMsOf, type Script, startScript, startSluice } from "./process.ts";

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

/** A way to the same answer: where it begins, and the process between. */
interface Way {
  readonly url: string;
  readonly pid?: number;
}

/** Where the ways begin: of the direct path twice. */
interface Ways {
  readonly direct: Way;
  readonly relay: Way;
  readonly reader: Way;
  readonly sluice: Way;
}

function contenders(
  ways: Ways,
  make: (name: ContenderName, url: string) => Pick<Contender, "call" | "prepare">,
): readonly Contender[] {
  const named: { readonly [Name in ContenderName]: Way } = { again: ways.direct, ...ways };
  return (["direct", "again", "relay", "reader", "sluice"] as const).map((name) => {
    const { url, pid } = named[name];
    return { name, ...make(name, url), ...(pid === undefined ? {} : { cpuMs: () => cpuMsOf(pid) }) };
  });
}

/** What the upstreams of one run listen on, and the hops before them: that reads nothing, and those that read, over either library. */
export interface Upstreams {
  readonly upstream: string;
  readonly relay: Script;
  readonly http: Script;
  readonly fetch: Script;
}

/** Starts the upstream and the hops before it. */
export async function startUpstreams(): Promise<Upstreams> {
  const { port } = await startScript("upstream.ts");
  const relay = await startScript("relay.ts", "http", `${port}`);
  const http = await startScript("reader.ts", "http", `${port}`);
  const fetch = await startScript("reader.ts", "fetch", `${port}`);
  return { upstream: `http://127.0.0.1:${port}`, relay, http, fetch };
}

function wayOf({ port, pid }: Script, path: string): Way {
  return { url: `http://127.0.0.1:${port}${path}`, pid };
}

const session = ["--principal", "ada", "--store", "memory", "--port", "0"];

/** `sluice proxy`. */
export async function proxyContenders({ upstream, relay, http }: Upstreams, plan: string): Promise<readonly Contender[]> {
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
  const ways: Ways = {
    direct: { url: `${upstream}/order` },
    relay: wayOf(relay, "/shop/order"),
    reader: wayOf(http, "/shop/order"),
    sluice: { url: `${started.url}/shop/order`, pid: started.pid },
  };
  return contenders(ways, (_, url) => ({ call: async () => right(await post(url, body, { "sluice-session": started.token })) }));
}

/** `sluice gateway`, with a client of revision 2025-11-25 that has said hello. */
export async function gatewayContenders({ upstream, relay, fetch }: Upstreams, plan: string): Promise<readonly Contender[]> {
  const started = await startSluice(["gateway", "--plan", plan, "--upstream", `shop=${upstream}/mcp`, ...session]);
  const ways: Ways = {
    direct: { url: `${upstream}/mcp` },
    relay: wayOf(relay, "/mcp"),
    reader: wayOf(fetch, "/mcp"),
    sluice: { url: `${started.url}/mcp`, pid: started.pid },
  };
  const accept = { accept: "application/json, text/event-stream" };
  const hello = JSON.stringify(
    rpc(0, "initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "b", version: "1" } }),
  );
  const greeted = await post(ways.sluice.url, hello, { ...accept, "sluice-session": started.token });
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
  { upstream, relay, fetch }: Upstreams,
  plan: string,
  isStream: boolean,
): Promise<readonly Contender[]> {
  const started = await startSluice(["model-proxy", "--plan", plan, "--upstream", upstream, ...session]);
  const path = "/v1/chat/completions";
  const ways: Ways = {
    direct: { url: `${upstream}${path}` },
    relay: wayOf(relay, path),
    reader: wayOf(fetch, path),
    sluice: { url: `${started.url}${path}`, pid: started.pid },
  };
  const [first, second] = [JSON.stringify(chatRequest(isStream, false)), JSON.stringify(chatRequest(isStream, true))];
  return contenders(ways, (name, url) => {
    const tokens: string[] = [];
    return {
      // A conversation has a session of its own, which the host opens before it begins.
      prepare: async (calls) => {
        if (name !== "sluice") return;
        tokens.length = 0;
        for (let i = 0; i < calls; i++) tokens.push(await openSession(started.url));
      },
      call: async () => {
        const headers = { authorization: "Bearer sk-model", "sluice-session": tokens.pop() ?? started.token };
        right(await post(url, first, headers), "call_1");
        right(await post(url, second, headers));
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
