/**
 * What is counted: a fixed set of calls, from bytes to the folded event, the strict reader alone, and one request through the middleware.
 * Never a mock: plans are frozen and sessions opened as `bench/check` does it.
 */
import { Hono } from "hono";
import { prepare, type Scenario, type Subject } from "../../bench/check/scenario.ts";
import { scenariosOf } from "../../bench/check/scenarios.ts";
import { decide } from "../../src/decide/decide.ts";
import { apply } from "../../src/decide/fold.ts";
import { readJsonBytes } from "../../src/json/read.ts";
import { isObject, type Json } from "../../src/json/value.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createFirewall, sluice } from "../../src/surfaces/hono.ts";

/** One thing to do again and again. */
export interface Counted {
  readonly name: string;
  /** Does it once. Throws if the answer is not the one that it should be. */
  readonly once: () => unknown;
  /** Makes room for the next calls, uncounted: gives the runs in flight their results. */
  readonly settle: () => void;
}

const leaseMs = 300_000;
const ordinaryName = "300 B";

/** Reads the strict way, decides, folds: what a surface does with a call. */
function checkOf(name: string, subject: Subject, { bytes = subject.bytes, allow = true } = {}): Counted {
  const { program } = subject.guard;
  const { state } = subject.open();
  let at = 2_000_000;
  return {
    name,
    once: () => {
      const call = readCall(bytes);
      at += 1;
      const decision = decide(program, state, { tool: call.tool, args: call.args, at }, { leaseMs });
      if (decision.allow !== allow) throw new Error(`${name} is decided the other way`);
      apply(program, state, decision.event, decision.made);
    },
    settle: () => {
      for (const run of [...state.inFlight.keys()])
        apply(program, state, { type: "settle", at, run, ok: true, valid: false, value: "ok" });
    },
  };
}

function readCall(bytes: Uint8Array): { readonly tool: string; readonly args: Json } {
  const read = readJsonBytes(bytes);
  if (!read.ok || !isObject(read.value)) throw new Error("the bytes are a call");
  const { tool, args } = read.value;
  if (typeof tool !== "string" || args === undefined) throw new Error("the bytes are a call");
  return { tool, args };
}

/** The call of the subject with a value that its plan does not have. */
function deniedBytes({ bytes }: Subject): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  const other = text.replace('"amount":25', '"amount":26');
  if (other === text) throw new Error("the call has an amount");
  return new TextEncoder().encode(other);
}

/** One request through the middleware to a handler that answers at once, in process, with a store in memory. */
async function requestOf(scenario: Scenario): Promise<Counted> {
  const { guard } = prepare(scenario);
  const firewall = createFirewall({ plans: [guard.frozen], store: createMemoryStore() });
  const params = { recipient: "bob@example.com", ceiling: 500 };
  const opened = await firewall.open({ plan: guard.frozen.digest, principal: "cost", params });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const app = new Hono();
  app.use("/tools/:tool", sluice({ enforcer: firewall }));
  app.post("/tools/probe", (c) => c.json({ status: "sent" }));
  const headers = { "content-type": "application/json", "sluice-session": opened.value.token };
  const body = JSON.stringify(scenario.sent);
  return {
    name: "request",
    once: async () => {
      const response = await app.fetch(new Request("http://localhost/tools/probe", { method: "POST", headers, body }));
      const text = await response.text();
      if (response.status !== 200) throw new Error(`the request is answered ${response.status}: ${text}`);
    },
    settle: () => undefined,
  };
}

/** All that is counted, the ordinary call first: later ones share code that it has warmed. */
export async function subjects(): Promise<readonly Counted[]> {
  const all = scenariosOf(true);
  const ordinary = all.find(({ group, name }) => group === "argument bytes, text" && name === ordinaryName);
  if (ordinary === undefined) throw new Error("bench/check has no ordinary call");
  const subject = prepare(ordinary);
  const reader: Counted = { name: "strict reader", once: () => readCall(subject.bytes), settle: () => undefined };
  const checks = [
    checkOf("ordinary call", subject),
    reader,
    checkOf("denial", subject, { bytes: deniedBytes(subject), allow: false }),
    ...all.filter(({ group }) => group === "argument class").map((scenario) => checkOf(scenario.name, prepare(scenario))),
  ];
  const { amount: _, ...rules } = ordinary.rules;
  const { amount: __, ...sent } = ordinary.sent;
  return [...checks, await requestOf({ ...ordinary, rules, sent })];
}
