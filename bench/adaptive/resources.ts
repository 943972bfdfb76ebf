/**
 * Resource round trips: what strangers wrote goes into a memory, a file or a table, comes back through a tool whose own label is trusted, and is sent on;
 * in one session and over two, by the same name and by other spellings of it.
 * Each plan is given three nodes of its own for it; a note of the user's takes the same way and must pass.
 */
import type { Json } from "../../src/json/value.ts";
import type { FrozenPlan, FrozenTool, Plan, PlanNode } from "../../src/plan/plan.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createFirewall } from "../../src/surfaces/hono.ts";
import { catalogueOf } from "../../src/plan/freeze-resolve.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { startsAt } from "../../test/spec/generate-plan.ts";
import { type Benign, honest, playBenign } from "./benign.ts";
import { declaredLabels, isAttackers, valuesAt } from "./ground.ts";
import type { TraceCall } from "../../src/trace.ts";

/** What became of one round trip. */
export interface RoundTrip {
  readonly what: string;
  /** Whether what came back was sent on. */
  readonly isSent: boolean;
  /** Whether a stranger's data made the trip, so that it must not be. */
  readonly isTainted: boolean;
  readonly code: string;
}

/** How the reader spells what the writer wrote. */
const spellings: readonly (readonly [kind: string, written: string, read: string])[] = [
  ["memory:{key}", "notes", "notes"],
  ["memory:{key}", "notes", "Notes"],
  ["memory:{key}", "notes", "ｎotes"],
  ["file:{key}", "out/a.txt", "out/a.txt"],
  ["file:{key}", "out/a.txt", "./out//a.txt"],
  ["file:{key}", "out/a.txt", "OUT/A.TXT"],
  ["file:{key}", "out/a.txt", "out\\a.txt"],
  ["file:{key}", "out/a.txt", "/srv/out/a.txt"],
  ["file:{key}", "out/a.txt", "out"],
  ["file:{key}", "out/a.txt", "in/../out/a.txt"],
  ["table:{key}", "t/1", "t"],
  ["row:{key}", "1", "1"],
];

const store = "roundtrip";

function toolsOf(template: string, isDeclared: boolean): { readonly [name: string]: FrozenTool } {
  const text = { type: "string" };
  const make = (
    name: string,
    effects: FrozenTool["facts"]["effects"],
    args: { readonly [arg: string]: "selector" | "content" | "target" },
  ): FrozenTool => {
    const properties: Json = Object.fromEntries(Object.keys(args).map((arg) => [arg, arg === "text" ? {} : text]));
    const resource = name === "send" ? {} : { resource: template };
    const facts = { labels: [store], effects, roles: args, ...(isDeclared ? resource : {}) };
    const definition = { name, description: name, inputSchema: { type: "object", properties }, sluice: facts };
    return { name: `${store}/${name}`, definition: definition as never, facts: { ...facts, inferred: [] } };
  };
  const all = [
    make("put", ["write"], { key: "target", text: "content" }),
    make("get", ["read"], { key: "selector" }),
    make("send", ["money"], { text: "target" }),
  ];
  return Object.fromEntries(all.map((tool) => [tool.name, tool]));
}

interface Trip {
  readonly template: string;
  readonly written: string;
  readonly read: string;
  /** The node whose result makes the trip; absent: the user's own words do. */
  readonly source: string | undefined;
  readonly isDeclared: boolean;
}

/** The plan with the three nodes, and none of its own limits that the three would exceed. */
function extended({ policy: _, ...frozen }: FrozenPlan, { template, written, read, source, isDeclared }: Trip): FrozenPlan {
  const { limits: __, ...plan } = frozen.plan;
  // None of them is optional: whether such a node ran is the agent's choice, whose label would hide what is asked here.
  const nodes: { readonly [name: string]: PlanNode } = {
    "rt-put": {
      tool: `${store}/put`,
      args: { key: written, text: source === undefined ? "the user's own note" : { from: `${source}$` } },
    },
    "rt-get": { tool: `${store}/get`, args: { key: read } },
    "rt-send": { tool: `${store}/send`, args: { text: { from: "rt-get$.text" } } },
  };
  const more: Plan = {
    ...plan,
    labels: { ...plan.labels, [store]: { integrity: "trusted" } },
    nodes: { ...plan.nodes, ...nodes },
    flows: [...(plan.flows ?? []), { id: "no-strangers-sent", deny: ["untrusted"], to: `${store}/send` }],
  };
  return {
    ...frozen,
    plan: more,
    tools: { ...frozen.tools, ...toolsOf(template, isDeclared) },
    servers: { ...frozen.servers, [store]: null },
  };
}

const tripCalls: readonly TraceCall[] = ["put", "get", "send"].map((name) => ({
  type: "call",
  id: `rt-${name}`,
  tool: `${store}/${name}`,
  args: {},
}));

/** Every round trip of what a stranger wrote, in one session; and of the user's own note. `isDeclared` false: nobody says what the tools touch. */
export function roundTrips(benign: Benign, { isDeclared = true } = {}): readonly RoundTrip[] {
  const { frozen } = benign.plan;
  const sources = benign.calls.flatMap(({ allowed, result }) => {
    const node = frozen.plan.nodes[allowed.node];
    const isOne = node !== undefined && node.each === undefined && node.show === undefined && result !== undefined;
    return isOne && isAttackers(frozen, declaredLabels(frozen, node))
      ? [{ name: allowed.node, at: benign.moves.indexOf(result) + 1 }]
      : [];
  });
  const [source] = sources;
  if (source === undefined) return [];
  return spellings.flatMap(([template, written, read]) =>
    [source.name, undefined].flatMap((from): readonly RoundTrip[] => {
      const trip = { template, written, read, source: from, isDeclared };
      const code = inOneSession(benign, trip, source.at);
      if (code === undefined) return [];
      const what = `${template.split(":")[0]} ${written} read as ${read}`;
      return [{ what, isSent: code === "", isTainted: from !== undefined, code }];
    }),
  );
}

/** The code with which the last call of the trip is denied; empty: it is allowed; `undefined`: the trip cannot be made. */
function inOneSession(benign: Benign, trip: Trip, at: number): string | undefined {
  const frozen = extended(benign.plan.frozen, trip);
  const made = playBenign({ ...benign.plan, frozen, events: [] });
  if (typeof made === "string") return undefined;
  const [put, get, send] = tripCalls;
  if (put === undefined || get === undefined || send === undefined) return undefined;
  const before = trip.source === undefined ? [] : honest(benign, benign.moves.slice(0, at));
  const played = made.stage.play(made.stage.start(), [
    ...before,
    put,
    { type: "result", id: put.id, value: { ok: true } },
    get,
    { type: "result", id: get.id, value: { text: "as it was written" } },
    send,
  ]);
  if (played.difference !== undefined) return `difference: ${played.difference}`;
  if (!played.runs.has(put.id) || !played.runs.has(get.id)) return undefined;
  const last = played.seen.at(-1);
  return last?.kind === "deny" ? last.code : "";
}

/** The same over two sessions of two conversations, through a store: one writes, the other reads and sends. */
export async function roundTripsOverSessions(benign: Benign): Promise<readonly RoundTrip[]> {
  const { frozen } = benign.plan;
  const target = benign.calls.find(({ allowed, result }) => {
    const node = frozen.plan.nodes[allowed.node];
    const isOne = node !== undefined && node.each === undefined && node.show === undefined && result !== undefined;
    return isOne && valuesAt(result.value, "$").length > 0 && isAttackers(frozen, declaredLabels(frozen, node));
  });
  if (target === undefined) return [];
  const found: RoundTrip[] = [];
  for (const [template, written, read] of spellings)
    for (const source of [target.allowed.node, undefined]) {
      const code = await overSessions(benign, { template, written, read, source, isDeclared: true }, target.at);
      if (code === undefined) continue;
      const what = `${template.split(":")[0]} ${written} read as ${read}, in another session`;
      found.push({ what, isSent: code === "", isTainted: source !== undefined, code });
    }
  return found;
}

async function overSessions(benign: Benign, trip: Trip, at: number): Promise<string | undefined> {
  const draft = extended(benign.plan.frozen, trip);
  const frozen = freezePlan(draft.plan, catalogueOf(draft));
  if (!frozen.ok) return undefined;
  const firewall = createFirewall({ plans: [frozen.value], store: createMemoryStore(), clock: () => startsAt });
  const { digest } = frozen.value;
  const { params } = benign.plan;
  const writer = await firewall.open({ plan: digest, principal: "ada", params });
  const reader = await firewall.open({ plan: digest, principal: "bob", params });
  if (!writer.ok || !reader.ok) return undefined;
  const callIn = async (token: string, call: TraceCall, value: Json): Promise<string> => {
    const settled = await firewall.call(token, { tool: call.tool, args: call.args }, async () => ({ value }));
    return settled.ok ? "" : settled.verdict.code;
  };
  const [put, get, send] = tripCalls;
  if (put === undefined || get === undefined || send === undefined) return undefined;
  if (trip.source !== undefined)
    for (const { call, result } of benign.calls.filter((each) => each.at <= at)) {
      const [form] = honest(benign, [call]);
      if (form?.type === "call") await callIn(writer.value.token, form, result?.value ?? null);
    }
  if ((await callIn(writer.value.token, put, { ok: true })) !== "") return undefined;
  if ((await callIn(reader.value.token, get, { text: "as it was written" })) !== "") return undefined;
  return callIn(reader.value.token, send, { ok: true });
}
