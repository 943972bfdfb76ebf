/**
 * Limits of the surfaces: clients, streams and pages of MCP, answers of models, drafts that wait, observed calls.
 */
import { Hono } from "hono";
import type { Json } from "../../../src/json/value.ts";
import { observeBacklogBytesMax, observeBacklogMax } from "../../../src/limits.ts";
import { reportOf } from "../../../src/observe/report.ts";
import { ok } from "../../../src/result.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import type { Store } from "../../../src/stores/store.ts";
import { finalOf } from "../../../src/surfaces/adapters/values.ts";
import { readEvents } from "../../../src/surfaces/event-stream.ts";
import { addDraftRoute } from "../../../src/surfaces/hono/draft-routes.ts";
import { clientIdOf, readClientId } from "../../../src/surfaces/mcp/client-id.ts";
import { listTools as listOf } from "../../../src/surfaces/mcp/definitions.ts";
import { createClients, type Clients } from "../../../src/surfaces/mcp/http-clients.ts";
import { createChannel } from "../../../src/surfaces/mcp/http-stream.ts";
import { callAsTask, createTasks } from "../../../src/surfaces/mcp/tasks.ts";
import { listTools } from "../../../src/surfaces/mcp/tools.ts";
import { openLedger } from "../../../src/surfaces/model-api/ledger.ts";
import { createJobs } from "../../../src/surfaces/observe/jobs.ts";
import { fakeGateway } from "../../surfaces/mcp-transport/fake-gateway.ts";
import { makeDesk, type ScriptTurn } from "../../surfaces/model-api/desk.ts";
import { foundIn, type LimitCase } from "./case.ts";

const tokenOf = (i: number): string => `s_${i.toString(16).padStart(32, "0")}.${"1".repeat(64)}`;

function clients(): Clients {
  let made = 0;
  const random = (length: number): Uint8Array<ArrayBuffer> => {
    const bytes = new Uint8Array(length);
    new DataView(bytes.buffer).setUint32(0, made++);
    return bytes;
  };
  return createClients({ gateway: fakeGateway(), clock: () => 0, random });
}

/** Whether the first of so many clients is still known; `isSame`: all of one session. */
function connected(size: number, isSame: boolean): string {
  const table = clients();
  const ids = Array.from({ length: size }, (_, i) => table.open(tokenOf(isSame ? 0 : i)).id);
  return table.find(ids[0] ?? "", tokenOf(0)) === undefined ? "gone" : "ok";
}

function streams(size: number): string {
  const client = clients().open(tokenOf(0));
  return Array.from({ length: size }, () => client.openStream(false)).at(-1) === undefined ? "refused" : "ok";
}

/** An id of a client whose words, in base64url, have `size` characters or one more. */
function named(size: number): string {
  const wanted = Math.ceil((size * 3) / 4);
  const hello = (a: string) => ({ revision: "2025-11-25", capabilities: { a } }) as never;
  const secret = "1".repeat(64);
  const around = JSON.stringify(["2025-11-25", { a: "" }]).length;
  const id = clientIdOf(secret, { name: "0".repeat(48), hello: hello("x".repeat(wanted - around)) });
  return readClientId(secret, id) === undefined ? "refused" : "ok";
}

function streamed(size: number): string {
  let outcome = "ok";
  const channel = createChannel({
    name: "p1",
    onLost: () => {
      outcome = "lost";
    },
  });
  // Beside the text: the lines of the event's id, kind and data.
  channel.push({ a: "" });
  const around = "id: p1-1\nevent: message\ndata: \n\n".length + '{"a":""}'.length;
  channel.push({ a: "x".repeat(size - 2 * around) });
  return outcome;
}

async function pages(size: number): Promise<string> {
  const upstream = {
    identity: { capabilities: { tools: {} } },
    request: async (_: string, { cursor = "0" }: { readonly cursor?: string }) => {
      const next = Number(cursor) + 1;
      return ok({ ok: true, result: { tools: [], ...(next < size ? { nextCursor: String(next) } : {}) } });
    },
  };
  const listed = await listOf(upstream as never, new AbortController().signal);
  return listed.ok ? "ok" : listed.error;
}

function page(size: number): string {
  const answer = listTools({ listed: Array.from({ length: size }, () => ({})) } as never, {});
  return answer.ok && !("nextCursor" in answer.result) ? "ok" : "cut";
}

function tasks(size: number): string {
  const known = createTasks(
    () => 0,
    (length) => crypto.getRandomValues(new Uint8Array(length)),
  );
  const ask = { plan: { session: "s" }, params: {} } as never;
  const begin = () => callAsTask(known, ask, { task: {}, call: () => new Promise(() => {}) });
  return Array.from({ length: size }, begin).at(-1)?.ok === true ? "ok" : "refused";
}

async function events(size: number): Promise<string> {
  // Comments, and an empty line after each.
  const piece = new Uint8Array(1024 * 1024).fill(58);
  for (let end = 1_023; end < piece.length; end += 1_024) piece.fill(10, end - 1, end + 1);
  let left = size;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      if (left === 0) return controller.close();
      const bytes = piece.subarray(0, left);
      left -= bytes.length;
      controller.enqueue(bytes);
    },
  });
  try {
    for await (const _ of readEvents(body)) return "an event";
    return "ok";
  } catch (error) {
    return (error as Error).message;
  }
}

async function asked(script: readonly ScriptTurn[], path: string): Promise<readonly [text: string, rounds: number]> {
  const desk = makeDesk(script);
  const headers = { "content-type": "application/json", "sluice-session": await desk.open() };
  const said = path.endsWith("/responses")
    ? { input: "hello" }
    : { max_tokens: 9, messages: [{ role: "user", content: "hello" }] };
  const body = { model: "m", ...said };
  const answer = await desk.fetch(`http://sluice.test${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  return [await answer.text(), desk.seen.length];
}

const inbox = { name: "inbox", args: "{}" };

/** A turn of so many calls: whether it is looked at at all. */
async function turn(size: number, path: string): Promise<string> {
  const [text] = await asked([{ calls: Array.from({ length: size }, () => inbox) }, { text: "done" }], path);
  return /MODEL_\w+/.exec(text)?.[0] ?? "ok";
}

/** A model whose calls are denied in all rounds but the last of `size`. */
async function rounds(size: number): Promise<string> {
  const denied: ScriptTurn = { calls: [{ name: "transfer", args: '{"iban":"x","amount":1}' }] };
  const script = [...Array.from({ length: size - 1 }, () => denied), { text: "done" }];
  const [text, count] = await asked(script, "/v1/chat/completions");
  return text.includes("done") && count === size ? "ok" : `answered after ${count}`;
}

async function ledger(size: number): Promise<string> {
  const store = { ...createMemoryStore(), records: async () => ok([]), putRecord: async () => ok(1) } as unknown as Store;
  const opened = await openLedger(store, { principal: "ada", conversation: "c" } as never);
  if (!opened.ok) return opened.error;
  const added = await opened.value.add(Array.from({ length: size }, (_, i) => ({ id: `c${i}`, place: i, denied: [] })) as never);
  return added.ok ? "ok" : added.error;
}

async function parts(size: number): Promise<string> {
  async function* tool() {
    for (let i = 0; i < size; i++) yield i;
  }
  return finalOf(tool()).then(
    () => "ok",
    (error: unknown) => (error instanceof RangeError ? "refused" : String(error)),
  );
}

/** So many tasks wait, beside the one that is drafted. */
async function drafts(size: number): Promise<string> {
  const app = new Hono();
  addDraftRoute(app, () => new Promise(() => {}));
  const ask = () =>
    app.request("/draft", { method: "POST", headers: { "content-type": "application/json" }, body: '{"task":"x"}' });
  const turnedAway = new Promise<string>((resolve) => {
    for (let i = 0; i < size + 1; i++) void Promise.resolve(ask()).then(async (answer) => resolve(await answer.text()));
  });
  const later = new Promise<string>((resolve) => {
    setTimeout(() => resolve("ok"), 50);
  });
  return /DRAFT_BUSY|ok/.exec(await Promise.race([turnedAway, later]))?.[0] ?? "?";
}

function backlog(size: number): string {
  const jobs = createJobs({ jobs: observeBacklogMax, weight: observeBacklogBytesMax }, () => {});
  const waits = Array.from({ length: size }, (_, i) => jobs.add(String(i % 4), () => new Promise(() => {})));
  return waits.at(-1) === true ? "ok" : "refused";
}

function examples(size: number): string {
  const verdict = (i: number): Json => ({ i, verdict: "deny", code: "CALL_NO_NODE", tool: "a/b", node: null, chain: [] });
  const run = {
    name: "r",
    recorded: { trace: { events: [] } } as never,
    verdicts: Array.from({ length: size }, (_, i) => verdict(i)),
  };
  return foundIn(reportOf([run as never]).denials[0]?.examples.length ?? 0, size);
}

const paths: readonly string[] = ["/v1/chat/completions", "/v1/messages", "/v1/responses"];

/** Each with its limit. */
export const surfaceCases: readonly LimitCase[] = [
  ["mcpClientsMax", "gone", (n) => connected(n, false)],
  ["mcpClientsPerSessionMax", "gone", (n) => connected(n, true)],
  ["mcpStreamsMax", "refused", streams],
  ["mcpClientIdCharsMax", "refused", named],
  ["mcpStreamBytesMax", "lost", streamed],
  ["mcpPagesMax", "broken", pages],
  ["mcpPageTools", "cut", page],
  ["mcpInFlightMax", "refused", tasks],
  ["modelStreamBytesMax", "large", events],
  ...paths.map((path): LimitCase => ["modelCallsPerTurnMax", "MODEL_RESPONSE", (n) => turn(n, path)]),
  ["modelRoundsMax", "answered after 4", rounds],
  ["modelCallsMax", "CALL_LIMIT", ledger],
  ["streamedPartsMax", "refused", parts],
  ["draftQueueMax", "DRAFT_BUSY", drafts],
  ["observeBacklogMax", "refused", backlog],
  ["reportExamplesMax", "cut", examples],
];
