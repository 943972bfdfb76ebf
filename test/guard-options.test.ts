/**
 * What a guard and a session take as options, what they refuse, and what stands in for an option that is not given.
 */
import { describe, expect, it } from "vitest";
import type { SqlDialect, SqlParser } from "../src/constraints/sql.ts";
import { refuseStatement } from "../src/constraints/sql.ts";
import { createGuard as createCoreGuard, type GuardOptions, type Session, type SessionOptions } from "../src/engine.ts";
import { createGuard } from "../src/guard.ts";
import type { Constraints, Plan, PlanNode } from "../src/plan/plan.ts";
import { err } from "../src/result.ts";
import { frozenPlan } from "./amend/world.ts";

const now = Date.UTC(2026, 0, 1);
const key = "00112233445566778899aabbccddeeff";
const read: PlanNode = { tool: "inbox/read", args: { id: "m1" }, times: { min: 0, max: 9 } };
const plan = frozenPlan({ read });

function sqlNode(constraints: Constraints): PlanNode {
  return { tool: "inbox/read", args: { id: "select 1" }, constraints };
}

const parserOf = (dialect: SqlDialect): SqlParser => ({ dialect, read: () => err(refuseStatement("no").error) });

function must(frozen = plan, options: Partial<GuardOptions> = {}) {
  const guard = createCoreGuard(frozen, { clock: () => now, ...options });
  if (!guard.ok) throw new Error(JSON.stringify(guard.error));
  return guard.value;
}

function openAt(session: Partial<SessionOptions> = {}, frozen = plan, options: Partial<GuardOptions> = {}): Session {
  const opened = must(frozen, options).session({ id: "s", key, ...session });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

describe("a guard", () => {
  it.each<readonly [SqlDialect, string]>([
    ["postgres", "`sluice/sql/postgres`"],
    ["sqlite", "`sluice/sql/node-sql-parser`"],
    ["mysql", "`sluice/sql/node-sql-parser`"],
  ])("does not start without the parser that its plan names: %s", (dialect, module) => {
    const frozen = frozenPlan({ read, sql: sqlNode({ sql: { statements: ["select"], dialect } }) });
    const others = (["postgres", "sqlite", "mysql"] as const).filter((other) => other !== dialect).map(parserOf);
    for (const options of [{}, { sql: [] }, { sql: others }]) {
      expect(createCoreGuard(frozen, { clock: () => now, ...options })).toEqual({
        ok: false,
        error: [
          {
            code: "SQL_PARSER_MISSING",
            severity: "error",
            pointer: "/nodes/sql/constraints/sql/dialect",
            message: `the plan asks for the parser of \`${dialect}\`: pass it as \`sql\`, from ${module}`,
          },
        ],
      });
    }
    expect(createCoreGuard(frozen, { clock: () => now, sql: [...others, parserOf(dialect)] }).ok).toBe(true);
    expect(() => createGuard(frozen)).toThrow(`pass it as \`sql\`, from ${module}`);
    expect(createGuard(frozen, { sql: [parserOf(dialect)] }).digest).toBe(frozen.digest);
  });

  it("needs no parser for SQL that every dialect reads alike, and none for another reason", () => {
    const frozen = frozenPlan({ sql: sqlNode({ sql: { statements: ["select"] } }) });
    expect(createCoreGuard(frozen, { clock: () => now }).ok).toBe(true);
  });

  it("does not start on a plan that today's policy forbids", () => {
    const policy = {
      sluicePolicy: 1,
      name: "desk",
      flows: [{ id: "no", deny: ["external_api"], to: "mail/*", roles: ["content"] }],
    } as const;
    const labels = { labels: { external_api: { integrity: "untrusted" } } } as const;
    const send: PlanNode = { tool: "mail/send", args: { to: "ana", body: { from: "read$" } } };
    const frozen = frozenPlan({ read, send });
    const refused = createCoreGuard(frozen, { clock: () => now, policy: { ...policy, ...labels } });
    expect(refused.ok ? [] : refused.error.map(({ code }) => code)).toEqual(["POLICY_FLOW"]);
    expect(() => createGuard(frozen, { policy: { ...policy, ...labels } })).toThrow("the policy's rule `no` forbids it");
    expect(createCoreGuard(frozen, { clock: () => now }).ok).toBe(true);
  });

  it("starts under a policy that says nothing of approvals, and asks nobody", () => {
    const policy = { sluicePolicy: 1, name: "desk" } as const;
    const session = createGuard(plan, { policy, clock: () => now }).session();
    expect(session.check({ tool: "inbox/read", args: {} }).decision).toBe("allow");
    expect(must(plan, { policy }).program.approval).toStrictEqual({ people: 1, keys: new Map() });
  });

  it("lets a call run for five minutes and wait for an hour, or for what it is told", () => {
    const held = frozenPlan({ read: { ...read, constraints: { approve: "human" } } });
    const times = (options: Partial<GuardOptions>): readonly (number | undefined)[] => {
      const free = openAt({}, plan, options);
      free.check({ tool: "inbox/read", args: {} });
      const waiting = openAt({}, held, options);
      waiting.check({ tool: "inbox/read", args: {} });
      return [free.state.runs[0]?.lease, waiting.holds()[0]?.expires];
    };
    expect(times({})).toEqual([now + 300_000, now + 3_600_000]);
    expect(times({ leaseSeconds: 7, holdSeconds: 9 })).toEqual([now + 7_000, now + 9_000]);
    const own = createGuard(plan, { clock: () => now, leaseSeconds: 7 }).session();
    own.check({ tool: "inbox/read", args: {} });
    expect(own.events.at(-1)).toMatchObject({ type: "allow", lease: now + 7_000 });
    const later = createGuard(held, { clock: () => now, holdSeconds: 9 }).session();
    later.check({ tool: "inbox/read", args: {} });
    expect(later.holds()[0]?.expires).toBe(now + 9_000);
  });

  it("rebuilds nothing from what is no session", () => {
    expect(() => must().resume([])).toThrow("the first event of a session is `open`");
    expect(() => must().resume([{ type: "close", at: 0 }])).toThrow("the first event of a session is `open`");
  });

  it("rebuilds an amended session only with the plan that it was amended to", () => {
    const session = openAt();
    const next = frozenPlan({ read, list: { tool: "ledger/list" } });
    const other = frozenPlan({ read, list: { tool: "ledger/list" } }, { limits: { calls: 5 } });
    const dead = frozenPlan({ read, sql: sqlNode({ sql: { statements: ["select"], dialect: "mysql" } }) });
    expect(session.amend(next, { by: "ada" }).ok).toBe(true);
    expect(() => must().resume(session.events)).toThrow("the plan of an amendment is there when it is folded");
    expect(() => must().resume(session.events, [other, dead])).toThrow("the plan of an amendment is there when it is folded");
    const again = must().resume(session.events, [dead, other, next]);
    expect(again.state.plan).toBe(next.digest);
    expect(again.events).toEqual(session.events);
    expect(again.check({ tool: "ledger/list", args: {} }).decision).toBe("allow");
  });
});

describe("a session", () => {
  it.each(["0".repeat(31), `z${"0".repeat(32)}`, `${"0".repeat(32)}z`, "", "g".repeat(32), ` ${"0".repeat(32)}`])(
    "does not open with the secret %j",
    (bad) => {
      expect(must().session({ id: "s", key: bad })).toEqual({
        ok: false,
        error: { code: "SESSION_PARAMS", pointer: "/key", message: "expected at least 32 hexadecimal digits of randomness" },
      });
    },
  );

  it("opens with a secret of 32 digits or more, in either case", () => {
    for (const good of ["0".repeat(32), "F".repeat(33), "aB".repeat(32)])
      expect(must().session({ id: "s", key: good }).ok).toBe(true);
  });

  it("says which parameter the plan does not have, and who was to fill it in", () => {
    const from = { sources: [], readers: null };
    const received = [{ params: ["who"], label: from, context: from, links: [] }];
    const error = (options: Partial<SessionOptions>) => {
      const opened = must().session({ id: "s", key, ...options });
      return opened.ok ? undefined : opened.error;
    };
    expect(error({ agentParams: ["who"] })).toEqual({
      code: "SESSION_PARAMS",
      pointer: "/params/who",
      message: "the plan has no such parameter for the agent to fill in",
    });
    expect(error({ received })).toEqual({
      code: "SESSION_PARAMS",
      pointer: "/params/who",
      message: "the plan has no such parameter for another agent to fill in",
    });
    expect(() => createGuard(plan).session({ params: { who: 1 } })).toThrow(/the session cannot be opened/);
  });

  it("belongs to nobody and to a conversation of its own, and has nothing from the agent, if nothing else is said", () => {
    const said = { type: "open", at: now, session: "s", plan: plan.digest, params: {}, key };
    expect(openAt().events).toStrictEqual([
      { ...said, principal: "", conversation: "s", agentParams: [], context: { sources: [], readers: null } },
    ]);
    expect(openAt({ received: [] }).events[0]).not.toHaveProperty("received");
    const context = { sources: ["external_api"], readers: null };
    expect(openAt({ principal: "ada", conversation: "c", context }).events).toStrictEqual([
      { ...said, principal: "ada", conversation: "c", agentParams: [], context },
    ]);
  });

  it("reads its parameters with the locale of the user", () => {
    const amount: Partial<Plan> = { params: { sum: { type: "number", read: "number" } } };
    const frozen = frozenPlan({ read }, amount);
    expect(openAt({ params: { sum: "1.234,5" }, user: { locale: "de-DE" } }, frozen).state.params.sum).toBe(1234.5);
    expect(openAt({ params: { sum: "1,234.5" }, user: { locale: "en-US" } }, frozen).state.params.sum).toBe(1234.5);
  });

  it("has a label for results that there are, and for none that are still to come", () => {
    const session = openAt();
    expect(session.resultLabel(0)).toBe(undefined);
    session.check({ tool: "inbox/read", args: {} });
    expect(session.resultLabel(0)).toBe(undefined);
    session.record(0, { value: "x" });
    expect(session.resultLabel(0)?.sources).toEqual(["external_api"]);
  });

  it("goes on under no plan once it is closed, nor under one that cannot be enforced", () => {
    const session = openAt();
    const dead = frozenPlan({ read, sql: sqlNode({ sql: { statements: ["select"], dialect: "mysql" } }) });
    expect(session.amend(dead, { by: "ada" })).toEqual({ ok: false, error: "AMEND_INVALID" });
    session.close();
    expect(session.amend(plan, { by: "ada" })).toEqual({ ok: false, error: "SESSION_CLOSED" });
  });
});

describe("a session of the library", () => {
  const open = () => createGuard(plan, { clock: () => now }).session();
  const call = { tool: "inbox/read", args: {} };

  it("takes the results of calls made at once by each call, and labels what comes out of them", () => {
    const session = open();
    const [one, two, bad] = [{ ...call }, { ...call }, { tool: "made/up", args: {} }];
    expect(session.checkBatch([one, bad, two]).map(({ decision }) => decision)).toEqual(["allow", "deny", "allow"]);
    expect(session.labeled(two, "x")).toBe(undefined);
    expect(session.record(two, "x")).toMatchObject({ ok: true, delivered: "x" });
    expect(session.record(bad, "x")).toEqual({ ok: false, code: "RUN_UNKNOWN" });
    expect(session.labeled(two, "x")).toBeDefined();
    expect(session.labeled(one, "x")).toBe(undefined);
    expect(session.record(one, "y")).toMatchObject({ ok: true, delivered: "y" });
  });

  it("takes no result for a denial, not even where there is a run of that number", () => {
    const session = open();
    session.check(call);
    session.check(call);
    const denied = session.check({ tool: "made/up", args: {} });
    expect(session.record(denied, "x")).toEqual({ ok: false, code: "RUN_UNKNOWN" });
    expect(session.record({ ...call }, "x")).toEqual({ ok: false, code: "RUN_UNKNOWN" });
    expect(session.labeled(denied, "x")).toBe(undefined);
  });

  it("joins what the caller says of an argument with the labels of the values in it", () => {
    const session = open();
    const verdict = session.check(call);
    session.record(verdict, { id: "m1" });
    const id = session.labeled(verdict, "m1") as unknown as string;
    const said = { sources: ["ledger"], readers: ["ana"] };
    session.check({ tool: "inbox/read", args: { id } });
    session.check({ tool: "inbox/read", args: { id }, labels: { id: said } });
    session.check({ tool: "inbox/read", args: {}, labels: { id: said } });
    session.check(call);
    const raised = session.events.flatMap((event) => (event.type === "allow" ? [event.raised] : []));
    expect(raised.map((label) => label?.sources)).toEqual([
      undefined,
      ["external_api"],
      ["external_api", "ledger"],
      ["ledger"],
      undefined,
    ]);
    expect(raised.map((label) => label?.readers)).toEqual([undefined, null, ["ana"], ["ana"], undefined]);
  });
});
