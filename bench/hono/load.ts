/**
 * A small load generator: connections that are kept open, one request at a time on each, over plain sockets.
 * Never parses more of a response than its status and length; an answer other than 200 ends the benchmark.
 */
import { connect, type Socket } from "node:net";
import { body } from "./app.ts";

/** What came of a load. */
export interface Load {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds, ascending. */
  readonly latencies: readonly number[];
}

function requestBytes(token: string): Buffer {
  return Buffer.from(
    `POST /tools/send HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nsluice-session: ${token}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** The next whole response in `text`, or nothing yet. */
function takeResponse(text: string): number | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  if (!text.startsWith("HTTP/1.1 200")) throw new Error(`the server answered ${text.slice(0, 400)}`);
  const length = /content-length: (\d+)/i.exec(text.slice(0, end))?.[1];
  if (length !== undefined) return text.length >= end + 4 + Number(length) ? end + 4 + Number(length) : undefined;
  const last = text.indexOf("0\r\n\r\n", end);
  return last < 0 ? undefined : last + 5;
}

/** Sends requests of one session until `until`, in the time of `performance.now`: over a connection to each port in turn. */
function client(
  ports: readonly number[],
  token: string,
  { until, latencies }: { readonly until: number; readonly latencies: number[] },
): Promise<void> {
  const request = requestBytes(token);
  return new Promise((resolve, reject) => {
    let start = performance.now();
    let turn = 0;
    const sockets = ports.map((port) => connect(port, "127.0.0.1"));
    const send = (): void => void sockets[turn++ % sockets.length]?.write(request);
    const end = (): void => {
      for (const socket of sockets) socket.end();
      resolve();
    };
    for (const socket of sockets) listen(socket, { answered, reject });
    send();

    function answered(): void {
      const now = performance.now();
      latencies.push(now - start);
      start = now;
      if (now >= until) end();
      else send();
    }
  });
}

/** Tells of each whole answer. */
function listen(
  socket: Socket,
  { answered, reject }: { readonly answered: () => void; readonly reject: (error: unknown) => void },
): void {
  let text = "";
  socket.setNoDelay(true);
  socket.on("error", reject);
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    try {
      const taken = takeResponse(text);
      if (taken === undefined) return;
      text = text.slice(taken);
    } catch (error) {
      socket.destroy();
      reject(error);
      return;
    }
    answered();
  });
}

/** Loads a server, or several in turn, for a time: one request at once for each token. */
export async function load(ports: readonly number[], tokens: readonly string[], milliseconds: number): Promise<Load> {
  const latencies: number[] = [];
  const start = performance.now();
  await Promise.all(tokens.map((token) => client(ports, token, { until: start + milliseconds, latencies })));
  const seconds = (performance.now() - start) / 1_000;
  return { requests: latencies.length, seconds, latencies };
}
