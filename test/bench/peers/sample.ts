/**
 * A small workload of the form that `bench/peers` reads, made up from a seed: a shop's plan, sessions that hold values made of others, calls of
 * every kind of denial, each with the right answer by how it was made.
 * Never anyone's data.
 */
import { oneOf, randomOf } from "../../../bench/soak/random.ts";
import type { ArgSpec, HeldValue, ParsedCall, PerfCall, PerfSession, Policy, Workload } from "../../../bench/peers/workload.ts";

const buyers = ["ann@shop.example", "bob@shop.example", "cid@shop.example"];

const order: { readonly [arg: string]: ArgSpec } = {
  sku: { type: "string", pattern: "^[A-Z]{2}-[0-9]{3}$" },
  count: { type: "integer", min: 1, max: 20 },
  price: { type: "number", min: 0.5, max: 99.5 },
  currency: { type: "string", const: "EUR" },
};

/** The rules of the sample. */
export const samplePolicy: Policy = {
  lists: { buyers },
  tools: ["search", "fetch", "order", "tell"],
  untrustedTools: ["fetch"],
  nodes: {
    look: {
      tool: "search",
      after: [],
      maxBytes: 2_000,
      args: { words: { type: "string", maxLength: 80 }, shelf: { type: "string", enum: ["tea", "salt"] } },
      noTaint: [],
    },
    page: {
      tool: "fetch",
      after: ["look"],
      maxBytes: 600,
      args: { url: { type: "string", host: ["shop.example"] } },
      noTaint: ["url"],
    },
    buy: { tool: "order", after: ["look"], maxBytes: 500, args: order, noTaint: ["sku", "count", "price"] },
    more: {
      tool: "order",
      after: ["buy"],
      maxBytes: 500,
      args: { ...order, count: { type: "integer", min: 1, max: 2 } },
      noTaint: ["sku", "count", "price"],
    },
    tell: {
      tool: "tell",
      after: ["buy", "page"],
      maxBytes: 2_000,
      args: {
        to: { type: "array", maxItems: 2, items: { type: "string", inList: "buyers" } },
        text: { type: "string", maxLength: 200 },
      },
      noTaint: ["to"],
    },
  },
};

/** `v0` to `v2` are clean and `v3` is not; each later value is made of one clean and one other, or of clean ones alone. */
function valuesOf(random: () => number): { readonly [handle: string]: HeldValue } {
  const values: Record<string, HeldValue> = {
    v0: { src: "user" },
    v1: { src: "search" },
    v2: { src: "order" },
    v3: { src: "fetch" },
  };
  for (let i = 4; i < 12; i++) {
    const clean = oneOf(random, ["v0", "v1", "v2"]);
    values[`v${i}`] = i % 2 === 0 ? { parents: [clean] } : { parents: [clean, i === 5 ? "v3" : `v${i - 2}`] };
  }
  return values;
}

/** Handles that nothing untrusted had a part in; the others up to `v11` are tainted, directly (`v3`) or by what they were made of. */
const cleanHandles = ["v0", "v1", "v2", "v4", "v6", "v8", "v10"];
const derivedHandles = ["v5", "v7", "v9", "v11"];

type Draft = ParsedCall;

function rightCall(random: () => number, node: string): Draft {
  const of: { readonly [name: string]: () => Record<string, unknown> } = {
    look: () => ({ words: 'green "tea"\nloose', shelf: oneOf(random, ["tea", "salt"]) }),
    page: () => ({ url: `https://${oneOf(random, ["", "eu.", "a.b."])}shop.example/p?n=${Math.floor(random() * 99)}` }),
    buy: () => ({ sku: "TE-101", count: 1 + Math.floor(random() * 20), price: 0.5 + Math.floor(random() * 99), currency: "EUR" }),
    more: () => ({ sku: "SA-202", count: 2, price: 1.25, currency: "EUR" }),
    tell: () => ({ to: [oneOf(random, buyers), oneOf(random, buyers)], text: "it is on its way" }),
  };
  const args = of[node]?.() ?? {};
  const prov = Object.fromEntries(Object.keys(args).map((arg) => [arg, oneOf(random, cleanHandles)]));
  return { session: "all", node, tool: samplePolicy.nodes[node]?.tool ?? "", args, prov };
}

type Spoil = (call: Draft, random: () => number) => Draft;

function withArgs(part: Draft["args"]): Spoil {
  return (call) => ({ ...call, args: { ...call.args, ...part } });
}

function withProv(part: Draft["prov"]): Spoil {
  return (call) => ({ ...call, prov: { ...call.prov, ...part } });
}

const badUrls = [
  "https://evil.test/",
  "http://shop.example/",
  "https://shop.example@evil.test/",
  "https://evilshop.example/",
  "https://evil.test\\.shop.example/",
  "https://shop.example.evil.test/",
  "file:///etc/passwd",
];

/** By kind of denial: what makes a right call of the node wrong. */
const faults: { readonly [reason: string]: readonly [node: string, spoil: Spoil] } = {
  wrong_tool: ["buy", (call) => ({ ...call, tool: "search" })],
  unknown_node: ["buy", (call) => ({ ...call, node: "buy2" })],
  order: ["tell", (call) => ({ ...call, session: "some" })],
  const_enum: ["look", withArgs({ shelf: "pepper" })],
  const_other: ["buy", withArgs({ currency: "USD" })],
  range: ["more", withArgs({ count: 3 })],
  range_fraction: ["buy", withArgs({ count: 1.5 })],
  allow_list: ["tell", withArgs({ to: ["ann@shop.example", "eve@evil.test"] })],
  too_many: ["tell", withArgs({ to: buyers })],
  pattern: ["buy", withArgs({ sku: "TE-101; x" })],
  size: ["buy", withProv({ pad: "z".repeat(600) })],
  shape_extra: ["buy", withArgs({ gift: true })],
  shape_missing: ["buy", ({ args: { sku: _, ...args }, ...call }) => ({ ...call, args })],
  shape_type: ["buy", withArgs({ count: "2" })],
  host: ["page", (call, random) => withArgs({ url: oneOf(random, badUrls) })(call, random)],
  flow_direct: ["buy", withProv({ count: "v3" })],
  flow_derived: ["page", (call, random) => withProv({ url: oneOf(random, derivedHandles) })(call, random)],
  flow_unknown: ["tell", withProv({ to: "v99" })],
};

/** What may be tainted, since nothing guards it. */
function taintedText(random: () => number): Draft {
  return withProv({ text: oneOf(random, ["v3", ...derivedHandles]) })(rightCall(random, "tell"), random);
}

/** The sample of one seed: as many right calls as wrong ones, in an order of its own. */
export function sampleWorkload(seed: number): Workload {
  const random = randomOf(seed);
  const sessions: { readonly [name: string]: PerfSession } = {
    all: { done: ["look", "page", "buy", "more", "tell"], values: valuesOf(random) },
    some: { done: ["look", "buy"], values: valuesOf(random) },
  };
  const calls: PerfCall[] = [];
  const add = (call: Draft, reason: string | null): void => {
    const id = `c${calls.length}`;
    calls.push({ id, raw: JSON.stringify({ id, ...call }), expect: reason === null ? "allow" : "deny", reason });
  };
  const nodes = Object.keys(samplePolicy.nodes);
  for (const [reason, [node, spoil]] of Object.entries(faults)) {
    add(calls.length % 5 === 4 ? taintedText(random) : rightCall(random, nodes[calls.length % nodes.length] ?? "look"), null);
    add(spoil(rightCall(random, node), random), reason);
  }
  // What the sessions have behind them is made of right calls, so there is one of every node.
  for (const node of nodes) add(rightCall(random, node), null);
  return { policy: samplePolicy, sessions, calls };
}
