/**
 * Code plans run natively against scripted tools, and the law that an imported plan allows exactly the calls that they make.
 * Test support: the programs are those of the tests.
 */
import { stripTypeScriptTypes } from "node:module";
import { type Catalogue, readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { createGuard } from "../../../src/engine.ts";
import { canonicalJson } from "../../../src/json/canonical.ts";
import { isArray, isObject, type Json, jsonEqual, type JsonObject } from "../../../src/json/value.ts";
import type { FrozenPlan } from "../../../src/plan/plan.ts";

/** One call that a program made. */
export interface NativeCall {
  readonly tool: string;
  readonly args: JsonObject;
  readonly result: Json;
}

/** What a program did; `raised`: what ended it. */
export interface NativeRun {
  readonly calls: readonly NativeCall[];
  readonly raised?: unknown;
}

const text = { type: "string" };
const amount = { type: "number" };
const whole = { type: "integer" };
const flag = { type: "boolean" };
const listOf = (items: JsonObject): JsonObject => ({ type: "array", items });
const objectOf = (properties: JsonObject): JsonObject => ({ type: "object", properties });

const item = objectOf({ sku: text, price: amount, quantity: whole });
const order = objectOf({ id: text, total: amount, open: flag, items: listOf(item) });
const message = objectOf({ id: text, from: text, subject: text, unread: flag, priority: whole, amount });
const event = objectOf({ id: text, title: text, minutes: whole, attendees: listOf(text) });

interface Tool {
  readonly args: { readonly [name: string]: string };
  readonly effects: readonly string[];
  readonly result: JsonObject;
}

/** The tools: roles of their arguments, what they do, and what they give. */
const tools: { readonly [name: string]: Tool } = {
  "mail/search": {
    args: { query: "selector", limit: "selector" },
    effects: ["read"],
    result: objectOf({ messages: listOf(message), total: whole }),
  },
  "mail/read": {
    args: { id: "selector" },
    effects: ["read"],
    result: objectOf({ id: text, from: text, subject: text, text, amount }),
  },
  "mail/send": {
    args: { to: "target", subject: "content", body: "content" },
    effects: ["message"],
    result: objectOf({ id: text }),
  },
  "calendar/list": { args: { date: "selector" }, effects: ["read"], result: objectOf({ events: listOf(event) }) },
  "calendar/create": {
    args: { title: "content", start: "target", attendees: "target" },
    effects: ["write"],
    result: objectOf({ id: text }),
  },
  "crm/contact": {
    args: { email: "selector" },
    effects: ["read"],
    result: objectOf({
      id: text,
      name: text,
      nick: text,
      email: text,
      vip: flag,
      orders: listOf(order),
      company: {},
      note: text,
    }),
  },
  "shop/quote": { args: { sku: "selector" }, effects: ["read"], result: objectOf({ sku: text, price: amount, stock: whole }) },
  "shop/order": {
    args: { sku: "target", quantity: "target", limit: "target" },
    effects: ["money"],
    result: objectOf({ id: text }),
  },
  "chat/post": { args: { channel: "target", text: "content" }, effects: ["message"], result: objectOf({ id: text }) },
  "files/write": { args: { path: "target", content: "content" }, effects: ["write"], result: objectOf({ id: text }) },
  "web/fetch": { args: { url: "target" }, effects: ["read", "network"], result: objectOf({ title: text }) },
};

function officeOf(isTyped: boolean): Catalogue {
  const read = readCatalogue({
    labels: { office: { integrity: "trusted" } },
    tools: Object.entries(tools).map(([name, { args, effects, result }]) => ({
      name,
      inputSchema: { type: "object", properties: Object.fromEntries(Object.keys(args).map((arg) => [arg, {}])) },
      ...(isTyped ? { outputSchema: result } : {}),
      sluice: { effects: [...effects], labels: ["office"], roles: args },
    })),
  });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

/** The tools of the programs. */
export const office: Catalogue = officeOf(true);
/** The same tools, of whose results nothing is known. */
export const untypedOffice: Catalogue = officeOf(false);

/** A small generator of numbers, so that a run can be repeated. */
function random(seed: number): () => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

/** Texts and numbers of tools. */
interface Source {
  readonly below: (most: number) => number;
  readonly price: () => number;
  readonly word: () => string;
}

function sourceOf(seed: number): Source {
  const next = random(seed);
  const below = (most: number): number => Math.floor(next() * most);
  const words = ["Bill", "Zoë", "quote 7", "ann", "x{y}", "Ünal & Co", "", "long text\nof two lines", "it's"];
  return {
    below,
    price: () => [below(90), below(900) / 10, below(9_000) / 100][below(3)] ?? 0,
    word: () => words[below(words.length)] ?? "",
  };
}

const skus = ["A-1", "B-2", "C-3"];
const people = ["ann@example.com", "bob@example.com", "cyd@example.com"];

/** Values of every type, of those that languages take for each other, and of those at the edges of a type. */
const strangers: readonly Json[] = [
  ...[null, true, false, 0, 1, -1, 2, -0.5, 0.1, 1e21, 1e-7, 2.675, 1.005, 12.5],
  ...["", "0", "1", "2", " 5 ", "true", "null", "12.5", "a", "A-1", "😀b"],
  ...[[], [[]], [1, 2], ["a", "b"], [null], [true], {}, { name: "n" }, { length: 2 }, [{ id: "x", total: "7" }], [{}]],
];

/** A result in which some values are of another type than the tool says, missing, or there twice. */
function broken(value: Json, below: (most: number) => number): Json {
  if (below(9) === 0) return strangers[below(strangers.length)] ?? null;
  if (isArray(value)) {
    const elements = value.map((element) => broken(element, below));
    const [first] = elements;
    return below(6) === 0 && first !== undefined ? [...elements, first] : elements;
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) => (below(12) === 0 ? [] : [[name, broken(part, below)] as const])),
  );
}

/** From this seed on, tools break their promises. */
export const brokenFrom = 1_000;

/** What a tool gives: made up from the seed of the run, the tool and its arguments. */
export function answer(name: string, args: JsonObject, seed: number): Json {
  const whole = promised(name, args, seed);
  if (seed < brokenFrom) return whole;
  let hash = seed;
  for (const char of canonicalJson(args) + name) hash = (Math.imul(hash, 37) + char.charCodeAt(0)) >>> 0;
  return broken(whole, sourceOf(hash).below);
}

function promised(name: string, args: JsonObject, seed: number): Json {
  let hash = seed;
  for (const char of name + canonicalJson(args)) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) >>> 0;
  const { below, price, word } = sourceOf(hash);
  const many = <T>(most: number, make: (i: number) => T): T[] => Array.from({ length: below(most) }, (_, i) => make(i));
  const one = (list: readonly string[]): string => list[below(list.length)] ?? "";
  switch (name) {
    case "mail/search": {
      const messages = many(5, (i) => ({
        id: `m-${i}`,
        from: one(people),
        subject: word(),
        unread: below(2) === 0,
        priority: below(5),
        amount: price(),
      }));
      return { messages, total: messages.length };
    }
    case "mail/read":
      return { id: String(args.id), from: one(people), subject: word(), text: word(), amount: price() };
    case "calendar/list":
      return {
        events: many(4, (i) => ({ id: `e-${i}`, title: word(), minutes: below(5) * 30, attendees: many(3, () => one(people)) })),
      };
    case "crm/contact": {
      const items = (): Json => many(3, () => ({ sku: one(skus), price: price(), quantity: 1 + below(4) }));
      const orders = many(4, (i) => ({ id: `o-${i}`, total: price(), open: below(3) > 0, items: items() }));
      const company = [null, { name: word() }, {}][below(3)] ?? null;
      const note = below(2) === 0 ? {} : { note: word() };
      return {
        id: `c${below(9)}`,
        name: word(),
        nick: word(),
        email: String(args.email),
        vip: below(3) > 0,
        orders,
        company,
        ...note,
      };
    }
    case "shop/quote":
      return { sku: String(args.sku), price: price(), stock: below(8) };
    case "web/fetch":
      return { title: word() };
    default:
      return { id: `${name}-${below(100)}` };
  }
}

type Call = (args?: JsonObject) => Promise<Json>;

/** Runs a program as it is written, with tools by each of the names that programs use. */
export async function runNatively(code: string, seed: number, params: JsonObject = {}): Promise<NativeRun> {
  const calls: NativeCall[] = [];
  const call = async (tool: string, args: JsonObject = {}): Promise<Json> => {
    // What a tool gets is JSON: members without a value are not there.
    const sent = JSON.parse(JSON.stringify(args)) as JsonObject;
    const result = answer(tool, sent, seed);
    calls.push({ tool, args: sent, result });
    return JSON.parse(JSON.stringify(result)) as Json;
  };
  const names: { [name: string]: unknown } = {};
  const servers: { [server: string]: { [name: string]: Call } } = {};
  for (const name of Object.keys(tools)) {
    const [server = "", bare = ""] = name.split("/");
    servers[server] ??= {};
    servers[server][bare] = (args) => call(name, args);
    names[bare] = servers[server][bare];
  }
  const client = { callTool: ({ name, arguments: args }: { name: string; arguments?: JsonObject }) => call(name, args) };
  Object.assign(names, servers, { tools: servers, callTool: call, client, console: { log: () => undefined } });
  const bare = code
    .replace(/^import .*$/gm, "")
    .replace("export default async function plan", "return await (async function plan");
  const whole = bare === code.replace(/^import .*$/gm, "") ? bare : `${bare})(params)`;
  const script = stripTypeScriptTypes(`async function program(params) {\n${whole}\n}`);
  // A block of its own: programs name their values like tools.
  const body = script.slice(script.indexOf("{"), script.lastIndexOf("}") + 1);
  const AsyncFunction = (async () => undefined).constructor as new (
    ...args: string[]
  ) => (...args: unknown[]) => Promise<unknown>;
  try {
    await new AsyncFunction("params", ...Object.keys(names), body)(params, ...Object.values(names));
    return { calls };
  } catch (raised) {
    return { calls, raised };
  }
}

/** How a plan and a native run part. A denial is safe; another value, or another call, is not. */
export interface Parting {
  readonly kind: "denied" | "differs" | "besides";
  readonly message: string;
}

/** Makes the calls of a run under a plan, in their order, and says where the two part; `undefined` where they agree. */
export function parting(frozen: FrozenPlan, { calls, raised }: NativeRun, params: JsonObject = {}): Parting | undefined {
  const guard = createGuard(frozen, { clock: () => 0 });
  if (!guard.ok) throw new Error(JSON.stringify(guard.error));
  const opened = guard.value.session({ id: "native", key: "0".repeat(32), params });
  if (!opened.ok) throw new Error(opened.error.message);
  const session = opened.value;
  const nodes = Object.entries(frozen.plan.nodes).flatMap(([name, { tool }]) => (tool === undefined ? [] : [{ name, tool }]));
  for (const [at, { tool, args, result }] of calls.entries()) {
    let verdict = session.check({ tool, args });
    const isAmbiguous = verdict.decision === "deny" && verdict.code === "CALL_AMBIGUOUS";
    // Equal calls of several nodes: an agent would name one.
    for (const node of isAmbiguous ? nodes.filter((each) => each.tool === tool) : [])
      if (verdict.decision === "deny") verdict = session.check({ tool, args, node: node.name });
    const shown = `call ${at} ${tool}(${canonicalJson(args)})`;
    if (verdict.decision === "deny") {
      const kind = verdict.code === "ARG_MISMATCH" ? "differs" : "denied";
      return { kind, message: `${shown}: ${verdict.code} ${JSON.stringify(verdict.facts)}` };
    }
    if (!jsonEqual(verdict.args, args))
      return { kind: "differs", message: `${shown}: the plan fills in ${canonicalJson(verdict.args)}` };
    session.record(verdict.run, { value: result });
  }
  if (raised !== undefined) return undefined;
  for (const { name, tool } of nodes) {
    const verdict = session.check({ tool, args: {}, node: name });
    if (verdict.decision === "allow")
      return { kind: "besides", message: `the plan also allows ${tool}(${canonicalJson(verdict.args)}) as ${name}` };
  }
  return undefined;
}

/**
 * Makes whatever calls a plan allows, by itself, until it allows no more; the last nodes first, so that nothing but the plan keeps an order.
 * What it makes besides the calls of a run, or twice, or of the acts in another order, is said; `undefined` where there is nothing.
 */
export function overplayed(
  frozen: FrozenPlan,
  { calls, raised }: NativeRun,
  { seed, params = {}, isOrdered = true }: { readonly seed: number; readonly params?: JsonObject; readonly isOrdered?: boolean },
): string | undefined {
  if (raised !== undefined) return undefined;
  const guard = createGuard(frozen, { clock: () => 0 });
  if (!guard.ok) throw new Error(JSON.stringify(guard.error));
  const opened = guard.value.session({ id: "played", key: "0".repeat(32), params });
  if (!opened.ok) throw new Error(opened.error.message);
  const nodes = Object.entries(frozen.plan.nodes).flatMap(([name, { tool }]) => (tool === undefined ? [] : [{ name, tool }]));
  nodes.reverse();
  const rest = calls.map(({ tool, args }) => ({ tool, text: canonicalJson(args) }));
  for (let made = 0; made <= calls.length; made++) {
    let isStuck = true;
    for (const { name, tool } of nodes) {
      const verdict = opened.value.check({ tool, args: {}, node: name });
      if (verdict.decision !== "allow") continue;
      const text = canonicalJson(verdict.args);
      const at = rest.findIndex((call) => call.tool === tool && call.text === text);
      if (at < 0) return `the plan also allows ${tool}(${text}) as ${name}`;
      const isAct = (call: { readonly tool: string }): boolean => tools[call.tool]?.effects.includes("read") !== true;
      if (isOrdered && isAct({ tool }) && rest.slice(0, at).some(isAct))
        return `the plan allows ${tool}(${text}) too early, as ${name}`;
      rest.splice(at, 1);
      opened.value.record(verdict.run, { value: answer(tool, verdict.args, seed) });
      isStuck = false;
      break;
    }
    if (isStuck) return undefined;
  }
  return undefined;
}
