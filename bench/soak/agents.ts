/**
 * The load of the soak: agents that open sessions, call whatever comes to mind at whichever gateway is there, and people who approve.
 * Never remembers anything but what it was answered: what that was worth, the audit says.
 */
import { setTimeout as pause } from "node:timers/promises";
import { oneOf, randomOf } from "./random.ts";
import { adminSecret, approvers } from "./settings.ts";

/** What the agents were told. */
export interface Told {
  /** How calls ended: a code, `allow`, `tool error`, or what became of the connection. */
  readonly outcomes: Map<string, number>;
  /** Numbers of executions whose results arrived. */
  readonly delivered: Set<number>;
  readonly sessions: Set<string>;
  /** Milliseconds of calls that were answered. */
  readonly latencies: number[];
  approved: number;
}

/** Nothing yet. */
export function toldNothing(): Told {
  return { outcomes: new Map(), delivered: new Set(), sessions: new Set(), latencies: [], approved: 0 };
}

/** Where agents go. */
export interface Market {
  readonly urls: () => readonly string[];
  readonly told: Told;
  readonly isOver: () => boolean;
}

interface Answer {
  readonly status: number;
  readonly body: { readonly [name: string]: unknown };
}

const answerMs = 12_000;
const callsPerSession = 40;

async function ask(
  { urls }: Market,
  random: () => number,
  request: {
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
    readonly patienceMs?: number;
  },
): Promise<Answer | string> {
  const all = urls();
  if (all.length === 0) {
    await pause(100);
    return "no gateway";
  }
  try {
    const response = await fetch(`${oneOf(random, all)}${request.path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...request.headers },
      body: JSON.stringify(request.body),
      signal: AbortSignal.timeout(request.patienceMs ?? answerMs),
    });
    const body: unknown = JSON.parse(await response.text());
    return { status: response.status, body: typeof body === "object" && body !== null ? (body as Answer["body"]) : {} };
  } catch (error) {
    return error instanceof Error && error.name === "TimeoutError" ? "gave up" : "connection lost";
  }
}

/** What an agent does next: a tool with arguments; heavier where budgets are. */
function nextCall(random: () => number): { readonly tool: string; readonly args: unknown } {
  const luck = random();
  if (luck < 0.06) return { tool: "read", args: { id: oneOf(random, ["a", "b", "c"]) } };
  if (luck < 0.2) return { tool: "list", args: {} };
  if (luck < 0.36) return { tool: "say", args: { text: "hello" } };
  if (luck < 0.56) return { tool: "pay", args: { amount: 1 + Math.floor(random() * 20) } };
  if (luck < 0.62) return { tool: "once", args: {} };
  if (luck < 0.76) return { tool: "again", args: {} };
  if (luck < 0.84) return { tool: "wire", args: {} };
  if (luck < 0.91) return { tool: "put", args: { path: oneOf(random, ["one", "two", "three"]), text: "note" } };
  if (luck < 0.97) return { tool: "get", args: {} };
  return { tool: oneOf(random, ["erase", "pay"]), args: { amount: 1_000 } };
}

/** One agent, one session after another. */
export async function runAgent(market: Market, seed: number): Promise<void> {
  const random = randomOf(seed);
  const { told } = market;
  while (!market.isOver()) {
    const opened = await ask(market, random, {
      path: "/sluice/sessions",
      headers: { authorization: `Bearer ${adminSecret}` },
      // Few principals and conversations: budgets and labels are shared.
      body: { plan: "soak", principal: `p${Math.floor(random() * 3)}`, conversation: `c${Math.floor(random() * 200)}` },
    });
    if (typeof opened === "string" || opened.status !== 201) {
      count(told, typeof opened === "string" ? `open: ${opened}` : `open: ${String(opened.body.code)}`);
      await pause(200);
      continue;
    }
    const { token, session } = opened.body as { readonly token: string; readonly session: string };
    told.sessions.add(session);
    await runSession(market, random, token);
    if (random() < 0.5)
      await ask(market, random, {
        path: `/sluice/sessions/${session}/close`,
        headers: { authorization: `Bearer ${adminSecret}` },
        body: {},
      });
  }
}

async function runSession(market: Market, random: () => number, token: string): Promise<void> {
  for (let i = 0; i < callsPerSession && !market.isOver(); i++) {
    // Sometimes two at once, as agents do.
    const width = random() < 0.2 ? 2 : 1;
    await Promise.all(Array.from({ length: width }, () => runCall(market, random, token)));
  }
}

async function runCall(market: Market, random: () => number, token: string): Promise<void> {
  const { told } = market;
  const { tool, args } = nextCall(random);
  const started = performance.now();
  // Some clients lose their patience, whatever the gateway is doing.
  const patience = random() < 0.03 ? { patienceMs: 1 + Math.floor(60 * random()) } : {};
  const answer = await ask(market, random, {
    path: `/tools/${tool}`,
    headers: { "sluice-session": token },
    body: args,
    ...patience,
  });
  if (typeof answer === "string") return count(told, answer);
  told.latencies.push(performance.now() - started);
  const { code, n, remedies } = answer.body;
  if (typeof n === "number" && answer.status === 200) told.delivered.add(n);
  count(told, typeof code === "string" ? code : answer.status === 200 ? "allow" : "tool error");
  if (code !== "CALL_NEEDS_APPROVAL" || !Array.isArray(remedies) || random() < 0.3) return;
  const [approval] = remedies.flatMap((one: { readonly approval?: string }) => one.approval ?? []);
  if (approval === undefined) return;
  const said = await ask(market, random, {
    path: `/sluice/approvals/${approval}`,
    headers: { authorization: `Bearer ${approvers.grace ?? ""}` },
    body: { decision: random() < 0.85 ? "approve" : "deny" },
  });
  if (typeof said !== "string" && said.status === 200) told.approved += 1;
}

function count({ outcomes }: Told, outcome: string): void {
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}
