/**
 * Bounds at which nothing is refused outright: what is asked again, let go, counted, cut, or no longer waited for. A size of a time is the last moment
 * at which nothing has happened yet.
 */
import { vi } from "vitest";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { openBundle } from "../../../src/catalogue/from/schema-copy.ts";
import { createGuard } from "../../../src/engine.ts";
import { importArazzo } from "../../../src/intent/arazzo/import.ts";
import type { JsonObject } from "../../../src/json/value.ts";
import { compileExpression } from "../../../src/lang/expression.ts";
import { textsOf } from "../../../src/lang/pattern/texts.ts";
import { attacksOn } from "../../../src/learn/attacked-runs.ts";
import { readRuns } from "../../../src/learn/runs.ts";
import { learnCallsMax } from "../../../src/limits.ts";
import { factsOfVerdict } from "../../../src/decide/carried.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { createGate } from "../../../src/surfaces/adapters/gate.ts";
import { createFirewall } from "../../../src/surfaces/hono.ts";
import { answerStateless } from "../../../src/surfaces/mcp/http-stateless.ts";
import { serveStdio } from "../../../src/surfaces/mcp/stdio.ts";
import { greet } from "../../../src/surfaces/mcp/upstream-peer.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import { readTrace } from "../../../src/trace.ts";
import { makeAudited } from "../../audit/fixture.ts";
import { watchShop } from "../../observe/fixture.ts";
import { completion } from "../../surfaces/threats/doors.ts";
import { makeDesk } from "../../surfaces/model-api/desk.ts";
import { fakeGateway, tokens } from "../../surfaces/mcp-transport/fake-gateway.ts";
import { library } from "../../surfaces/mcp/library.ts";
import { connect, worldOf } from "../../surfaces/mcp/world.ts";
import { shop } from "../../surfaces/firewall-fixture.ts";
import { foundIn, type LimitCase, outcomeOf } from "./case.ts";

/** Runs with timers that only `vi` moves. */
async function withTimers(run: () => Promise<string>): Promise<string> {
  vi.useFakeTimers();
  try {
    return await run();
  } finally {
    vi.useRealTimers();
  }
}

function read(tools: readonly JsonObject[]) {
  const catalogue = readCatalogue({ tools });
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  return catalogue.value;
}

/** A check whose expressions take `size` steps together, each of them far fewer than one may. */
function steps(size: number): string {
  const list = Array.from({ length: 300 }, () => 1);
  const loop = "args.l.all(x, args.l.all(y, x == y))";
  const costOf = (source: string): number => {
    const compiled = compileExpression(source, { variables: ["args"] });
    const work = { left: 1e9 };
    if (!compiled.ok || !compiled.value.run({ args: { l: list } }, work).ok) throw new Error(source);
    return 1e9 - work.left;
  };
  const texts: string[] = [];
  let left = size;
  for (const cost = costOf(loop); left > cost + 1_000; left -= cost) texts.push(loop);
  // What is left is made of conditions that are as long as need be: a negation takes one step.
  const costs = ["args.l == args.l", "!false"].map((source) => [source, costOf(source)] as const);
  for (const [source, cost] of costs) for (; left >= cost; left -= cost) texts.push(source);
  if (left !== 0) throw new Error(`${left} steps cannot be spent`);
  const catalogue = read([{ name: "a/b", inputSchema: { type: "object" }, sluice: { labels: ["l"], effects: ["read"] } }]);
  const plan: Plan = {
    sluice: 1,
    name: "p",
    labels: { l: { integrity: "trusted" } },
    nodes: { n: { tool: "a/b", args: { l: { const: list } }, require: texts } },
  };
  const frozen = freezePlan(plan, catalogue);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  const guard = createGuard(frozen.value, { clock: () => 1_000 });
  const session = guard.ok ? guard.value.session({ id: "s-1", key: "00112233445566778899aabbccddeeff" }) : guard;
  if (!session.ok) throw new Error(JSON.stringify(session.error));
  const verdict = session.value.check({ tool: "a/b", args: {} });
  return verdict.decision === "allow" ? "ok" : verdict.code;
}

/** What the record says of an argument that carries so many labels. */
function carried(size: number): string {
  const names = Array.from({ length: size }, (_, i) => `l${i}`);
  const sources = { sources: names, readers: null };
  const facts = factsOfVerdict(
    { plan: { frozen: shop, labels: Object.fromEntries(names.map((name) => [name, {}])) } } as never,
    { decision: "allow", node: "say", args: {}, labels: { text: sources } } as never,
  );
  return "labels" in facts ? "ok" : "labelCount" in facts ? "counted" : JSON.stringify(facts);
}

/** A step that is skipped or not, after one of `size` success criteria. */
function criteria(size: number): string {
  const successCriteria = Array.from({ length: size }, (_, i) => ({ condition: `$response.body#/a${i} == 1` }));
  const document = {
    arazzo: "1.0.1",
    info: { title: "t", version: "1" },
    sourceDescriptions: [{ name: "pets", url: "./pets.yaml", type: "openapi" }],
    workflows: [
      {
        workflowId: "w",
        steps: [
          { stepId: "one", operationId: "a", successCriteria },
          { stepId: "two", operationId: "b" },
        ],
      },
    ],
  };
  return outcomeOf(importArazzo(JSON.stringify(document), undefined));
}

/** Whether the connection of the first of so many sessions is still open. */
async function lanes(size: number): Promise<string> {
  const { world } = library();
  const { enforcer, plan } = world;
  let isFirstOpen = true;
  let count = 0;
  const base = library().server;
  const server = {
    ...base,
    connect: async (...given: Parameters<typeof base.connect>) => {
      const made = await base.connect(...given);
      const isFirst = count++ === 0;
      if (!made.ok || !isFirst) return made;
      const close = async (): Promise<void> => {
        isFirstOpen = false;
      };
      return { ok: true, value: { ...made.value, isOpen: true, close } } as typeof made;
    },
  };
  const other = worldOf(plan, [server], { enforcer });
  for (let i = 0; i < size; i++) {
    const client = await connect({ ...other, enforcer, open: world.open } as typeof world);
    await client.call("feed");
  }
  await new Promise((resolve) => {
    setTimeout(resolve, 10);
  });
  return isFirstOpen ? "ok" : "closed";
}

/** Whether a connection that nobody has used for so long is closed when another is opened. */
async function idle(ms: number): Promise<string> {
  const { world, server } = library();
  const first = await connect(world);
  await first.call("feed");
  await first.relay.close();
  world.now += ms - 1;
  await (await connect(world)).call("feed");
  const opened = server.listeners.length;
  await (await connect(world, { token: first.token })).call("feed");
  return server.listeners.length === opened ? "ok" : "closed";
}

/** Whether the tools are asked for again after so long. */
async function recheck(seconds: number): Promise<string> {
  const { world, server } = library();
  const client = await connect(world);
  await client.call("feed");
  const before = server.listings;
  world.now += seconds * 1_000 - 1;
  await client.call("feed");
  return server.listings === before ? "ok" : "asked again";
}

/** A server that answers the greeting after so long. */
async function hello(ms: number): Promise<string> {
  return withTimers(async () => {
    const result = { protocolVersion: "2025-11-25", serverInfo: { name: "s", version: "1" }, capabilities: {} };
    const peer = {
      notify: () => undefined,
      request: (_: string, __: JsonObject, { signal }: { readonly signal: AbortSignal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => resolve({ ok: false, error: "aborted" }));
          setTimeout(() => resolve({ ok: true, value: { ok: true, result } }), ms - 1);
        }),
    };
    const greeted = greet(peer as never, { capabilities: {}, signal: new AbortController().signal });
    await vi.advanceTimersByTimeAsync(ms + 10);
    const answer = await greeted;
    return answer.ok ? "ok" : answer.error;
  });
}

/** A call that is answered so long after the client's input has ended. */
async function grace(ms: number): Promise<string> {
  return withTimers(async () => {
    const gateway = fakeGateway(
      () =>
        new Promise((resolve) => {
          setTimeout(() => resolve({ jsonrpc: "2.0", id: 1, result: {} }), ms);
        }),
    );
    const lines: string[] = [];
    async function* input() {
      yield new TextEncoder().encode('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
    }
    const served = serveStdio({
      relay: gateway.relay(),
      token: tokens.ours,
      input: input(),
      write: (line) => void lines.push(line),
    });
    await vi.advanceTimersByTimeAsync(ms + 10);
    await served;
    return lines.length === 1 ? "ok" : "cancelled";
  });
}

/** How a request without a session is answered whose answer takes so long. */
async function lazy(ms: number): Promise<string> {
  return withTimers(async () => {
    const gateway = fakeGateway(
      () =>
        new Promise((resolve) => {
          setTimeout(() => resolve({ jsonrpc: "2.0", id: 1, result: {} }), ms);
        }),
    );
    const headers = { accept: "application/json, text/event-stream", "content-type": "application/json" };
    const request = new Request("http://localhost/mcp", { method: "POST", headers });
    const body = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };
    const answer = answerStateless(gateway, { request, body, token: tokens.ours });
    await vi.advanceTimersByTimeAsync(ms + 10);
    return (await answer).headers.get("content-type")?.startsWith("text/event-stream") ? "a stream" : "ok";
  });
}

/** A model that answers after so long. */
async function model(ms: number): Promise<string> {
  const slow = (_: unknown, init?: RequestInit): Promise<Response> =>
    new Promise((resolve, reject) => {
      setTimeout(() => resolve(Response.json(completion({ role: "assistant", content: "done" }, "stop"))), ms - 1);
      init?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
    });
  const desk = makeDesk([], { options: { upstream: { url: "https://model.test", fetch: slow as typeof fetch } } });
  const headers = { "content-type": "application/json", "sluice-session": await desk.open() };
  return withTimers(async () => {
    const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hello" }] });
    const asked = desk.fetch("http://sluice.test/v1/chat/completions", { method: "POST", headers, body });
    await vi.advanceTimersByTimeAsync(ms + 10);
    return (await (await asked).text()).includes("done") ? "ok" : "given up";
  });
}

/** A sink of recordings that has taken a line after so long. */
async function sink(ms: number): Promise<string> {
  const slow = {
    append: () =>
      new Promise<void>((resolve) => {
        setTimeout(resolve, ms);
      }),
  };
  const watched = watchShop({ sink: slow as never });
  return withTimers(async () => {
    await watched.call("feed", {});
    await vi.advanceTimersByTimeAsync(4 * ms);

    return watched.log.some(({ event }) => event === "observe-unobserved") ? "lost" : "ok";
  });
}

/** Changed runs of a run of so many calls, each of which may be made once more. */
function attacks(size: number): string {
  const catalogue = read([{ name: "shop/quote", inputSchema: { type: "object" }, sluice: { effects: ["read"] } }]);
  if (size > learnCallsMax) throw new Error("no run is so long");
  const lines = Array.from({ length: size }, (_, i) => `{"type":"call","id":"${i}","tool":"shop/quote","args":{}}\n`);
  const trace = readTrace(lines.join(""));
  const runs = trace.ok ? readRuns([trace.value], catalogue, { findings: [] }) : trace;
  if (!runs.ok) throw new Error(JSON.stringify(runs.error));
  return foundIn(attacksOn(runs.value[0] as never, { others: [], catalogue }).length, size);
}

/** What is left of an exception's words that an agent is told of. */
async function thrown(size: number): Promise<string> {
  const firewall = createFirewall({ plans: [shop], store: createMemoryStore(), clock: () => 1_000 });
  const opened = await firewall.open({ plan: shop.digest, principal: "ada" });
  if (!opened.ok) return opened.error.code;
  const gate = createGate({ firewall, session: { token: opened.value.token, plan: shop.digest } });
  const outcome = await gate.run({ tool: "shop/feed", args: {} }, () => {
    throw new Error("x".repeat(size));
  });
  return outcome.kind === "error" ? foundIn(String(outcome.value).length, size) : outcome.kind;
}

/** A schema of objects in objects: two levels for each. */
function nested(size: number): string {
  let schema: JsonObject = { type: "string" };
  // A list's elements are one level deeper than the list.
  for (let depth = 0; depth < size; depth++) schema = { type: "array", items: schema };
  const report = { error: () => undefined, warn: () => undefined };
  const bundle = openBundle({ root: schema, report, direction: "request", isOld: false } as never);
  bundle.copy(schema, []);
  return bundle.isCut() ? "cut" : "ok";
}

/** Whether a log is signed of itself after so long. */
async function signedAfter(ms: number): Promise<string> {
  const audited = await makeAudited();
  await audited.open();
  await audited.writer.drain();
  await audited.writer.checkpoint();
  const before = await checkpoints(audited.log);
  audited.clock.now += ms - 1;
  await audited.open();
  await audited.writer.drain();
  return (await checkpoints(audited.log)) === before ? "ok" : "signed";
}

async function checkpoints(log: { readonly checkpoints: (...args: never[]) => Promise<unknown> }): Promise<number> {
  return JSON.stringify(await log.checkpoints()).length;
}

/** Each with its limit. */
export const edgeCases: readonly LimitCase[] = [
  ["checkStepsMax", "CALL_REQUIRE", steps],
  ["recordedLabelsMax", "counted", carried],
  ["importConditionsMax", "IMPORT_UNREPRESENTABLE", criteria],
  ["mcpLanesMax", "closed", lanes],
  ["mcpIdleMs", "closed", idle],
  ["mcpRecheckSecondsDefault", "asked again", recheck],
  ["mcpHelloMs", "timeout", hello],
  ["mcpStdioGraceMs", "cancelled", grace],
  ["mcpLazyStreamMs", "a stream", lazy],
  ["modelAnswerMs", "given up", model],
  ["observeSinkMs", "lost", sink],
  ["learnAttacksMax", "cut", attacks],
  ["examplePathsMax", "cut", (n) => foundIn(textsOf("[a-z]{1,100}", { count: n }).length, n)],
  ["thrownCharsMax", "cut", thrown],
  ["catalogueSchemaDepthMax", "cut", nested],
  ["auditCheckpointMs", "signed", signedAfter],
];
