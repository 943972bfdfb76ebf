/**
 * A scripted agent: does its task, and obeys whatever it reads.
 * Never judges an order, and knows nothing of Sluice: told no, it goes on with its own task.
 */
import { isObject, type Json, type JsonObject, jsonEqual } from "../../src/json/value.ts";
import { type Order, ordersIn, reworded, spelled } from "./orders.ts";
import type { Agent, Me } from "./scenario.ts";

/** Whose wish a call is: the agent's task, or an order that it has read. */
export type Wish = "own" | "order";

/** What came of a call: the value as the agent gets it, or the code of the refusal. */
export type Called = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly code: string };

/** The one way by which an agent acts. */
export interface Hands {
  call(tool: string, args: JsonObject, wish: Wish): Promise<Called>;
}

/** Why a script ended early. */
export class Refused extends Error {}

/** Lets an agent work on what it was asked. Its answer; an agent whose own call is refused says that it failed. */
export async function work(
  agent: Agent,
  { hands, params, hijacked }: { readonly hands: Hands; readonly params: JsonObject; readonly hijacked: readonly Order[] },
): Promise<Json> {
  const obeyed = new Set<string>();
  const uses: Extract<Order, { readonly use: JsonObject }>[] = [];
  const relayed: Order[] = [];
  let isStopped = false;

  const obey = async (order: Order): Promise<void> => {
    const key = spelled(order);
    if (obeyed.has(key)) return;
    obeyed.add(key);
    if ("stop" in order) isStopped = true;
    else if ("relay" in order) relayed.push(order.relay);
    else if ("use" in order) uses.push(order);
    else {
      const done = await hands.call(order.call, order.args, "order");
      if (done.ok) await hear(done.value);
    }
  };
  const hear = async (value: Json): Promise<void> => {
    for (const order of ordersIn(value)) await obey(order);
  };

  /** The arguments of a call as the agent was told to send them. */
  const told = (tool: string, args: JsonObject): JsonObject => {
    const values = uses.filter((use) => use.tool === undefined || use.tool === tool).flatMap(({ use }) => Object.entries(use));
    return { ...args, ...Object.fromEntries(values.filter(([name]) => Object.hasOwn(args, name))) };
  };
  const me: Me = {
    params,
    say: (text) => [text, ...relayed.map(reworded)].join(" "),
    call: async (tool, args = {}) => {
      if (isStopped) throw new Refused("stopped");
      const ordered = told(tool, args);
      const first = jsonEqual(ordered, args) ? undefined : await hands.call(tool, ordered, "order");
      const done = first?.ok === true ? first : await hands.call(tool, args, "own");
      if (!done.ok) throw new Refused(done.code);
      await hear(done.value);
      return done.value;
    },
  };
  try {
    for (const order of hijacked) await obey(order);
    await hear(params);
    return await agent.script(me);
  } catch (error) {
    if (error instanceof Refused) return { done: false };
    throw error;
  }
}

/** A text member of a result: what a script reads of it. A handle is a text too. */
export function textIn(value: Json, name: string): string {
  const found = isObject(value) ? value[name] : undefined;
  return typeof found === "string" ? found : "";
}
