/**
 * A chat completion endpoint on the loopback interface that answers what a test says, and keeps what it was asked.
 * Never reaches another host.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came. */
export interface Asked {
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  // biome-ignore lint/suspicious/noExplicitAny: bodies of requests that tests look into
  readonly body: any;
}

/** How a request is answered: a response in one piece, or a function that writes it. */
export type Scripted =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown }
  | ((response: ServerResponse) => void);

/** A server. */
export interface ScriptedServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

/** Starts a server; `script` answers the n-th request. */
export async function startServer(script: (asked: Asked, at: number) => Scripted): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const one = { url: request.url ?? "", headers: request.headers, body: text === "" ? undefined : JSON.parse(text) };
    asked.push(one);
    const scripted = script(one, asked.length - 1);
    if (typeof scripted === "function") return scripted(response);
    response.writeHead(scripted.status ?? 200, { "content-type": "application/json", ...scripted.headers });
    response.end(typeof scripted.body === "string" ? scripted.body : JSON.stringify(scripted.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A chat completion with this answer, in the form that OpenAI documents. */
export function completion(answer: unknown, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1_700_000_000,
    model: "m",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: typeof answer === "string" ? answer : JSON.stringify(answer), refusal: null },
        finish_reason: "stop",
        ...more,
      },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  };
}
