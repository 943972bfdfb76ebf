/**
 * A small world to attack: a catalogue of tiny tools, a plan frozen against it, and an agent's hands in one session.
 * Never goes around `freezePlan`: what is attacked is what a plan's author could really have frozen.
 */
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { createGuard, type Guard, type Session, type SessionOptions } from "../../src/engine.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { member } from "../../src/json/value.ts";
import type { Finding } from "../../src/plan/finding.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";
import { parsePlan } from "../../src/plan/schema.ts";
import { err, type Result } from "../../src/result.ts";

/** A plan without what every plan of a test has in common. */
export type Scheme = Omit<Plan, "sluice" | "name">;

/**
 * The tools of every attack. `web` is what strangers write, `vault` what few may read, `safe` what is trusted, `bank`, `mail`, `box`
 * and `shell` are where harm is done. `box/put` says nothing of who reads it.
 */
export const catalogue: JsonObject = {
  labels: {
    web: { integrity: "untrusted" },
    safe: { integrity: "trusted" },
    secret: { integrity: "trusted", readers: ["ana", "bob"] },
    medical: { integrity: "trusted", readers: ["doc"] },
  },
  tools: [
    { name: "web/get", sluice: { effects: ["read", "network"], labels: ["web"], roles: { url: "target", q: "selector" } } },
    { name: "web/json", sluice: { effects: ["read"], labels: ["web"], roles: {}, parse: "json" } },
    { name: "vault/read", sluice: { effects: ["read"], labels: ["secret"], roles: { key: "selector" } } },
    { name: "clinic/read", sluice: { effects: ["read"], labels: ["medical"], roles: { key: "selector" } } },
    { name: "safe/read", sluice: { effects: ["read"], labels: ["safe"], roles: { key: "selector" } } },
    { name: "odd/read", sluice: { effects: ["read"], roles: { key: "selector" } } },
    {
      name: "safe/check",
      outputSchema: {
        type: "object",
        required: ["orders"],
        properties: {
          note: { type: "string" },
          orders: {
            type: "array",
            items: {
              type: "object",
              required: ["symbol", "quantity"],
              properties: { symbol: { enum: ["VTI", "BND"] }, quantity: { type: "integer", minimum: 0, maximum: 100 } },
              additionalProperties: false,
            },
          },
        },
      },
      sluice: { effects: ["read"], labels: ["safe"], roles: { data: "content" } },
    },
    {
      name: "bank/pay",
      inputSchema: {
        type: "object",
        properties: {
          to: { type: "string" },
          amount: { type: "number" },
          memo: { type: "string" },
          limit: { type: "number" },
          currency: { type: "string", default: "EUR" },
        },
      },
      sluice: {
        effects: ["write", "money"],
        labels: ["safe"],
        roles: { to: "target", amount: "target", limit: "target", memo: "content", currency: "target" },
      },
    },
    {
      name: "mail/send",
      sluice: {
        effects: ["write", "message"],
        labels: ["safe"],
        roles: { to: "target", cc: "target", subject: "content", body: "content" },
        audience: { arg: "to" },
      },
    },
    {
      name: "mail/copy",
      sluice: {
        effects: ["write", "message"],
        labels: ["safe"],
        roles: { to: "target", cc: "target", body: "content" },
        audience: { arg: ["to", "cc"] },
      },
    },
    { name: "chat/post", sluice: { effects: ["message"], labels: ["safe"], roles: { channel: "target", text: "content" } } },
    {
      name: "box/put",
      sluice: { effects: ["write"], labels: ["safe"], roles: { key: "target", value: "content", data: "target" } },
    },
    { name: "box/file", sluice: { effects: ["write"], labels: ["safe"], roles: { path: "target", text: "content" } } },
    { name: "base/sql", sluice: { effects: ["read", "execute"], labels: ["safe"], roles: { sql: "command" } } },
    { name: "shell/run", sluice: { effects: ["execute"], labels: ["safe"], roles: { argv: "command" } } },
  ],
};

/** Freezes a plan against {@link catalogue} with more tools; the error is what forbids it. */
export function freeze(scheme: Scheme, more: readonly JsonObject[] = []): Result<FrozenPlan, readonly Finding[]> {
  const file = { ...catalogue, tools: [...(catalogue.tools as readonly Json[]), ...more] };
  const read = readCatalogue(file);
  if (!read.ok) return err(read.error);
  const plan = parsePlan({ sluice: 1, name: "attacked", ...scheme } as unknown as Json);
  return plan.ok ? freezePlan(plan.value, read.value) : plan;
}

/** The codes of the errors that forbid freezing a plan; empty if it freezes. */
export function refusals(scheme: Scheme, more: readonly JsonObject[] = []): readonly string[] {
  const frozen = freeze(scheme, more);
  return frozen.ok ? [] : frozen.error.map(({ code }) => code);
}

/** What an agent can do in one session, and what a test wants to see of it. */
export interface World {
  readonly guard: Guard;
  readonly session: Session;
  /** Milliseconds that pass from now on. */
  wait(ms: number): void;
  /** Attempts a call; the code of a denial, or `allow` with the final arguments as JSON. */
  attempt(tool: string, args?: Json): string;
  /** Attempts a call and settles it with `result` if it is allowed; what the agent is shown, or the code of the denial. */
  call(tool: string, args: Json, result: Json): Json;
  /** Attempts a call that the tool fails with `error`; what the agent is shown, or the code of the denial. */
  fail(tool: string, args: Json, error: Json): Json;
  /** Attempts a call and leaves it in flight; the number of the run. */
  start(tool: string, args?: Json): number;
  settle(run: number, result: Json): Json;
  /** Names of the sources in the context label. */
  sources(): readonly string[];
}

/** Opens a session of a plan. */
export function open(scheme: Scheme, options: Partial<SessionOptions> & { readonly tools?: readonly JsonObject[] } = {}): World {
  const frozen = freeze(scheme, options.tools);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error, null, 1));
  return enter(frozen.value, options);
}

/** Opens a session of a frozen plan. */
export function enter(frozen: FrozenPlan, options: Partial<SessionOptions> = {}): World {
  let now = Date.UTC(2026, 0, 1);
  const guard = createGuard(frozen, { clock: () => now });
  if (!guard.ok) throw new Error(JSON.stringify(guard.error));
  const session = guard.value.session({ id: "s1", key: "0123456789abcdef0123456789abcdef", ...options });
  if (!session.ok) throw new Error(session.error.code);
  return worldOf(guard.value, session.value, (ms) => {
    now += ms;
  });
}

function worldOf(guard: Guard, session: Session, wait: (ms: number) => void): World {
  const check = (tool: string, args: Json) => session.check({ tool, args });
  const settle = (run: number, result: { readonly value: Json } | { readonly error: Json }): Json => {
    const seen = session.record(run, result);
    return seen.ok ? seen.delivered : seen.code;
  };
  return {
    guard,
    session,
    wait,
    attempt: (tool, args = {}) => {
      const verdict = check(tool, args);
      return verdict.decision === "allow" ? `allow ${textOf(verdict.args)}` : verdict.code;
    },
    call: (tool, args, result) => {
      const verdict = check(tool, args);
      return verdict.decision === "allow" ? settle(verdict.run, { value: result }) : verdict.code;
    },
    fail: (tool, args, error) => {
      const verdict = check(tool, args);
      return verdict.decision === "allow" ? settle(verdict.run, { error }) : verdict.code;
    },
    start: (tool, args = {}) => {
      const verdict = check(tool, args);
      if (verdict.decision === "deny") throw new Error(verdict.code);
      return verdict.run;
    },
    settle: (run, result) => settle(run, { value: result }),
    sources: () => session.context().sources,
  };
}

function textOf(args: JsonObject): string {
  return JSON.stringify(args, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}

/** The handle that stands for a whole hidden result. */
export function handleIn(delivered: Json): string {
  return String(member(delivered, "sluice_handle"));
}
