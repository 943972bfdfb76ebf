/**
 * The tools of the soak, in a process of its own: carries out what it is sent, writes that down on the disk, and answers as badly as real ones do.
 * Never answers before what it did is in its file: the file is the witness against the store. Arguments: file, seed.
 */
import { fsyncSync, openSync, writeSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { randomOf } from "./random.ts";

const [file = "", seed = "1"] = process.argv.slice(2);
const handle = openSync(file, "a");
const random = randomOf(Number(seed));
let count = 0;
let unsynced: (() => void)[] = [];

/** Waits until all that was written is on the disk; many share one wait. */
function synced(): Promise<void> {
  return new Promise((resolve) => {
    unsynced.push(resolve);
    if (unsynced.length > 1) return;
    setImmediate(() => {
      const waiting = unsynced;
      unsynced = [];
      fsyncSync(handle);
      for (const done of waiting) done();
    });
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}

function answer(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

async function carryOut(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, tool = ""] = /^\/lab\/([a-z]+)$/.exec(request.url ?? "") ?? [];
  const { session, run } = request.headers;
  const args = JSON.parse(await bodyOf(request)) as { readonly amount?: number };
  count += 1;
  const number = count;
  writeSync(handle, `${number} ${String(session)} ${String(run)} ${tool} ${args.amount ?? 0}\n`);
  await synced();
  const luck = random();
  // `again` fails often: what it took is given back.
  if (luck < (tool === "again" ? 0.4 : 0.05)) return answer(response, 500, { error: "broken", n: number });
  if (luck > 0.995) return void response.destroy();
  if (luck > 0.99) return answer(response, 200, "x".repeat(100));
  if (luck > 0.97) await pause(200 + 2_500 * random());
  if (luck > 0.968 && luck <= 0.97) await pause(6_500);
  answer(response, 200, { n: number, iban: `DE${number % 7}` });
}

const server = createServer((request, response) => {
  carryOut(request, response).catch(() => response.destroy());
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${JSON.stringify({ port: typeof address === "object" ? address?.port : 0 })}\n`);
});
process.stdin.resume().on("end", () => process.exit(0));
