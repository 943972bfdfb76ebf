/**
 * The audit of the soak must be able to fail: one small story is told right, and then wrong in each way that it is there to find.
 */
import { beforeAll, expect, it } from "vitest";
import { audit, type Evidence, type Kept } from "../../bench/soak/audit.ts";
import { readJournal, readSessions, unlikeStore } from "../../bench/soak/evidence.ts";
import { freezeSoak } from "../../bench/soak/plan.ts";
import { createGuard } from "../../src/engine.ts";
import type { SessionEvent } from "../../src/decide/state.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Store } from "../../src/stores/store.ts";
import { createFirewall } from "../../src/surfaces/options.ts";

let evidence: Evidence;
let store: Store;
const now = 1_000_000;

beforeAll(async () => {
  store = createMemoryStore({ journal: true });
  const plan = freezeSoak();
  const guard = createGuard(plan, { clock: () => now });
  if (!guard.ok) throw new Error("the plan of the soak is sound");
  let time = now;
  const firewall = createFirewall({ plans: [plan], store, clock: () => time, leaseSeconds: 5 });
  const executions = [];
  let number = 0;
  for (const principal of ["p0", "p1"]) {
    const opened = await firewall.open({ plan: plan.digest, principal, conversation: "c" });
    if (!opened.ok) throw new Error(opened.error.code);
    const tries = [
      ["list", {}, "ok"],
      ["pay", { amount: 20 }, "ok"],
      ["pay", { amount: 15 }, "lost"],
      ["again", {}, "error"],
      ["again", {}, "ok"],
      ["wire", {}, "held"],
      ["put", { path: "one", text: "note" }, "ok"],
    ] as const;
    for (const [tool, args, end] of tries) {
      time += 10;
      const { token } = opened.value;
      let checked = await firewall.check(token, { tool: `lab/${tool}`, args });
      if (!checked.allow && end === "held") {
        const [remedy] = checked.verdict.remedies;
        await firewall.approve(remedy?.approval ?? "", { by: "grace", decision: "approve" });
        checked = await firewall.check(token, { tool: `lab/${tool}`, args });
      }
      if (!checked.allow) throw new Error(`${tool}: ${checked.verdict.code}`);
      const { session, run, args: sent } = checked.permit;
      executions.push({ number: ++number, session, run, tool, amount: typeof sent.amount === "number" ? sent.amount : 0 });
      if (end !== "lost")
        await firewall.settle(checked.permit, end === "error" ? { error: "broken" } : { value: { iban: "DE1" } });
    }
    const { token } = opened.value;
    const read = await firewall.check(token, { tool: "lab/get", args: {} });
    if (read.allow) await firewall.settle(read.permit, { value: "seen" });
  }
  const sessions = await readSessions(store);
  evidence = {
    guard: guard.value,
    sessions,
    executions,
    delivered: new Set([1, 2, 8, 9]),
    journal: await readJournal(store),
    at: time + 10_000,
  };
});

it("finds nothing in a story that is true", async () => {
  expect(audit(evidence).broken).toEqual([]);
  expect(await unlikeStore(store, evidence)).toEqual([]);
  expect(audit(evidence).counts).toMatchObject({
    sessions: 2,
    allowed: 16,
    executed: 14,
    "lost to their lease": 2,
    "released after approval": 2,
  });
});

/** The evidence with the events of the first session changed, in the session or in the journal or in both. */
function withEvents(
  change: (events: readonly SessionEvent[]) => readonly SessionEvent[],
  where: "session" | "both" = "both",
): Evidence {
  const [[id, kept] = ["", undefined]] = [...evidence.sessions];
  const changed = change((kept as Kept).entries.map(({ event }) => event)).map((event) => ({ event }));
  const sessions = new Map(evidence.sessions).set(id, { header: (kept as Kept).header, entries: changed });
  const own = changed.map((entry, number) => ({ cursor: `${number}`, session: id, number, entry }));
  const others = evidence.journal.filter((line) => line.session !== id);
  return { ...evidence, sessions, journal: where === "both" ? [...own, ...others] : evidence.journal };
}
const isOf =
  (type: SessionEvent["type"], node?: string) =>
  (event: SessionEvent): boolean =>
    event.type === type && (node === undefined || (event.type === "allow" && event.node === node));
const doubled = (is: (event: SessionEvent) => boolean) => (events: readonly SessionEvent[]) =>
  events.flatMap((event) => (is(event) ? [event, event] : [event]));
const without = (is: (event: SessionEvent) => boolean) => (events: readonly SessionEvent[]) => {
  const at = events.findIndex(is);
  return events.filter((_, i) => i !== at);
};
function unreleased(event: SessionEvent): SessionEvent {
  if (event.type !== "allow") return event;
  const { hold: _, ...rest } = event;
  return rest;
}
const first = (): Evidence["executions"][number] => evidence.executions[0] as Evidence["executions"][number];

const lies: readonly (readonly [name: string, tell: () => Evidence, found: RegExp])[] = [
  [
    "an execution without a reservation",
    () => ({ ...evidence, executions: [...evidence.executions, { ...first(), run: 99 }] }),
    /has no reservation/,
  ],
  [
    "an execution that happened twice",
    () => ({ ...evidence, executions: [...evidence.executions, first()] }),
    /carried out twice/,
  ],
  [
    "an execution of another tool",
    () => ({ ...evidence, executions: [{ ...first(), tool: "pay" }] }),
    /carried out as pay and reserved as list/,
  ],
  [
    "another amount",
    () => ({ ...evidence, executions: evidence.executions.map((one) => ({ ...one, amount: one.amount + 1 })) }),
    /paid 21 and reserved 20/,
  ],
  ["a reservation that came twice", () => withEvents(doubled(isOf("allow", "pay"))), /two reservations/],
  ["a settlement that came twice", () => withEvents(doubled(isOf("settle"))), /settled twice/],
  ["a settlement without a reservation", () => withEvents(without(isOf("allow"))), /was never allowed/],
  ["a settlement that was delivered and lost", () => withEvents(without(isOf("settle"))), /its settlement is lost/],
  ["a run that neither ended nor lost its lease", () => ({ ...evidence, at: now + 100 }), /neither settled nor past its lease/],
  [
    "a release without the approval",
    () => withEvents((events) => events.map((event) => unreleased(event))),
    /without the approval/,
  ],
  [
    "a budget that was exceeded",
    () =>
      withEvents((events) =>
        events.map((event) => (event.type === "allow" && event.node === "pay" ? { ...event, amounts: [55, 55] } : event)),
      ),
    /holds 110 of 60/,
  ],
  ["events that make no state", () => withEvents(without(isOf("open"))), /cannot be folded/],
  [
    "a session without its last event",
    () => withEvents((events) => events.slice(0, -1), "session"),
    /the journal has \d+ of \d+ events|is another in the journal/,
  ],
  ["a journal with a hole", () => ({ ...evidence, journal: evidence.journal.filter((_, i) => i !== 4) }), /comes next/],
  [
    "a journal without its end",
    () => ({ ...evidence, journal: evidence.journal.slice(0, -1) }),
    /the journal has \d+ of \d+ events/,
  ],
];

it.each(lies)("finds %s", (_, tell, found) => {
  const { broken } = audit(tell());
  expect(
    broken.some((sentence) => found.test(sentence)),
    broken.slice(0, 5).join("; "),
  ).toBe(true);
});

it("finds a counter that is not the sum of its events, and a label that a conversation has lost", async () => {
  const generous: Store = {
    ...store,
    commit: async (session, version, { takes: _, ...change }) => store.commit(session, version, change),
  };
  expect(await unlikeStore(withId(generous), evidence)).toEqual(
    expect.arrayContaining([expect.stringMatching(/is not the sum/)]),
  );
  const forgetful: Store = { ...store, contextOf: async () => ({ ok: true, value: undefined }) };
  expect(await unlikeStore(withId(forgetful), evidence)).toEqual(expect.arrayContaining([expect.stringMatching(/has lost/)]));
});

/** The session of the audit is made anew each time. */
function withId(base: Store): Store {
  const id = (session: string): string => (session === `s_${"0".repeat(32)}` ? `s_${"1".repeat(32)}${made}` : session);
  made += 1;
  return {
    ...base,
    create: (header, opening) => base.create({ ...header, id: id(header.id) }, opening),
    commit: (session, version, change) => base.commit(id(session), version, change),
  };
}
let made = 0;
