/**
 * Runs of generated plans by the real enforcement point: their logs verify with every verdict decided again, and no edit of what is kept is missed.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuditLog } from "../../src/audit/log.ts";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import type { Permit } from "../../src/surfaces/enforce.ts";
import { type Dice, diceOf } from "../spec/dice.ts";
import { type Generated, generatePlan, startsAt } from "../spec/generate-plan.ts";
import { type AnyStep, atOf, generateAnyStep } from "../spec/generate-trace.ts";
import { approve } from "../spec/holds.ts";
import { check, open, release, settle } from "../spec/interpreter.ts";
import type { Session } from "../spec/session.ts";
import { type Audited, look, makeAudited, must } from "./fixture.ts";

const entropy = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 1500, maxLength: 1500, size: "max" }));
const runsOfTest = Number(process.env.SLUICE_FUZZ_RUNS ?? 60);

/** Makes steps happen at an enforcement point. The reference interpreter says what is worth trying. */
async function play(audited: Audited, { frozen, params, agentParams }: Generated, dice: Dice): Promise<void> {
  const { firewall, store, clock } = audited;
  clock.now = startsAt;
  const opened = await firewall.open({ plan: frozen.digest, principal: dice.pick(["ana", "bob"]), params, agentParams });
  if (!opened.ok) return;
  const { token, session } = opened.value;
  const first = must(await store.load(session, 0)).entries[0]?.event;
  const handleKey = first?.type === "open" ? first.key : "";
  const spec = open(frozen, { params, agentParams, received: [], session, handleKey, at: startsAt });
  const permits = new Map<number, Permit>();
  for (let i = 0; i < 20; i++) {
    const step = generateAnyStep(dice, spec, clock.now);
    clock.now = Math.max(clock.now, atOf(step));
    await take(audited, { step, token, permits });
    follow(spec, step);
  }
  if (dice.chance(50)) await firewall.close(session);
}

async function take(
  { firewall }: Audited,
  { step, token, permits }: { readonly step: AnyStep; readonly token: string; readonly permits: Map<number, Permit> },
): Promise<void> {
  if (step.kind === "approve") {
    const { hold, by, decision } = step.approval;
    await firewall.approve(hold, { by, decision });
    return;
  }
  if (step.kind === "settle") {
    const { run, at: _at, received: _received, ...result } = step.result;
    const permit = permits.get(run);
    if (permit !== undefined) await firewall.settle(permit, result);
    return;
  }
  const checked =
    step.kind === "release"
      ? await firewall.release(token, step.release.hold)
      : await firewall.check(token, {
          tool: step.call.tool,
          args: step.call.args,
          ...(step.call.node === undefined ? {} : { node: step.call.node }),
        });
  if (checked.allow) permits.set(checked.permit.run, checked.permit);
}

function follow(spec: Session, step: AnyStep): void {
  if (step.kind === "call") check(spec, step.call);
  else if (step.kind === "settle") settle(spec, step.result);
  else if (step.kind === "approve") approve(spec, step.approval);
  else release(spec, step.release);
}

/** The generated plan as freezing makes it; `undefined`: it refuses it, as it does most that chance writes. */
function frozenOf({ frozen }: Generated): FrozenPlan | undefined {
  const written = JSON.parse(JSON.stringify(frozen)) as FrozenPlan;
  const tools = Object.entries(written.tools).map(([name, { definition, facts }]) => {
    const { inferred: _inferred, labels, ...told } = facts;
    return { ...definition, name, sluice: { ...told, ...(labels === undefined || labels.length === 0 ? {} : { labels }) } };
  });
  const catalogue = readCatalogue({ tools } as unknown as Json);
  if (!catalogue.ok) return undefined;
  const made = freezePlan({ ...written.plan, labels: { ...written.labels, ...written.plan.labels } }, catalogue.value);
  return made.ok ? made.value : undefined;
}

/** The first plan of the numbers, read from one place after another, that can be frozen. */
function planOf(numbers: readonly number[]): { readonly generated: Generated; readonly dice: Dice } | undefined {
  for (let skipped = 0; skipped < 60; skipped += 5) {
    const dice = diceOf(numbers.slice(skipped));
    const generated = generatePlan(dice, new Set());
    const frozen = frozenOf(generated);
    if (frozen !== undefined) return { generated: { ...generated, frozen }, dice };
  }
  return undefined;
}

/** A log of runs of a generated plan; `undefined` if none could be frozen. */
async function runOf(numbers: readonly number[]): Promise<Audited | undefined> {
  const made = planOf(numbers);
  if (made === undefined) return undefined;
  const { generated, dice } = made;
  const audited = await makeAudited({ options: { plans: [generated.frozen] } });
  for (let i = 0; i < 1 + dice.below(2); i++) await play(audited, generated, dice);
  return audited;
}

describe("the log of a generated run", () => {
  it("verifies, and every verdict follows from what was recorded before it", async () => {
    const total: { [outcome: string]: number } = {};
    await fc.assert(
      fc.asyncProperty(entropy, async (numbers) => {
        const audited = await runOf(numbers);
        if (audited === undefined) return;
        const found = await audited.verify();
        expect(found.faults).toEqual([]);
        expect(found.isValid).toBe(true);
        for (const [outcome, count] of Object.entries(found.events)) total[outcome] = (total[outcome] ?? 0) + count;
        await audited.log.close();
      }),
      { numRuns: runsOfTest, endOnFailure: true },
    );
    if (process.env.SLUICE_FUZZ_STATISTICS !== undefined) console.log(total);
    expect(total).toMatchObject({ differs: 0, unknown: 0, erased: 0, unrecorded: 0 });
    // Otherwise agreement would mean little.
    expect(total.follows).toBeGreaterThan(runsOfTest * 3);
  }, 120_000);

  it("is found to be changed whichever byte of records, checkpoints, openings, keys or plans is, or reads as before", async () => {
    const harmless = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        entropy,
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 127 })), { minLength: 25, maxLength: 25 }),
        async (numbers, edits) => {
          const audited = await runOf(numbers);
          if (audited === undefined) return;
          await audited.verify();
          const kept = await keptOf(audited.log);
          for (const [which, place, mask] of edits) {
            const target = kept[which % kept.length] as Kept;
            const at = place % target.text.length;
            const changed =
              target.text.slice(0, at) + String.fromCharCode(target.text.charCodeAt(at) ^ mask) + target.text.slice(at + 1);
            const found = await look({ log: target.put(audited.log, changed), signer: audited.signer });
            if (!found.isValid) continue;
            harmless.set(target.what, (harmless.get(target.what) ?? 0) + 1);
            // The text of a plan may change where its value does not: white space.
            expect([target.what, canonical(changed)]).toEqual(["plan", canonical(target.text)]);
          }
          await audited.log.close();
        },
      ),
      { numRuns: Math.ceil(runsOfTest / 6), endOnFailure: true },
    );
    expect([...harmless.keys()].filter((what) => what !== "plan")).toEqual([]);
  }, 120_000);

  it("is found to lack what was taken away: an opening, a key or a plan", async () => {
    await fc.assert(
      fc.asyncProperty(entropy, fc.nat(), async (numbers, which) => {
        const audited = await runOf(numbers);
        if (audited === undefined) return;
        await audited.verify();
        const kept = (await keptOf(audited.log)).filter(({ take }) => take !== undefined);
        const target = kept[which % kept.length] as Kept;
        const log = target.take?.(audited.log) ?? audited.log;
        expect([target.what, (await look({ log, signer: audited.signer })).isValid]).toEqual([target.what, false]);
        await audited.log.close();
      }),
      { numRuns: Math.ceil(runsOfTest / 2), endOnFailure: true },
    );
  }, 120_000);
});

function canonical(text: string): string {
  return JSON.stringify(JSON.parse(text));
}

/** One text that a log keeps, and the log with another in its place, or without it. */
interface Kept {
  readonly what: "record" | "checkpoint" | "opening" | "key" | "plan";
  readonly text: string;
  readonly put: (log: AuditLog, text: string) => AuditLog;
  readonly take?: (log: AuditLog) => AuditLog;
}

async function keptOf(log: AuditLog): Promise<readonly Kept[]> {
  const records = must(await log.read(0, 10_000));
  const openings = must(await log.openings(0, records.length));
  const checkpoints = must(await log.checkpoints());
  const parsed = records.map(
    (text) => JSON.parse(text) as { readonly values: object; readonly kind: string; readonly facts: { readonly plan?: string } },
  );
  const subjects = [...new Set(openings.map(({ sealed }) => sealed.split(".")[1] ?? ""))];
  const plans = parsed.flatMap(({ kind, facts }) => (kind === "plan-loaded" && facts.plan !== undefined ? [facts.plan] : []));
  const kept: Kept[] = [];
  for (const [seq, text] of records.entries())
    kept.push({
      what: "record",
      text,
      put: (to, other) => ({
        ...to,
        read: async (from, limit) => ({
          ok: true,
          value: records.map((each, i) => (i === seq ? other : each)).slice(from, from + limit),
        }),
      }),
    });
  for (const [n, text] of checkpoints.entries())
    kept.push({
      what: "checkpoint",
      text,
      put: (to, other) => ({
        ...to,
        checkpoints: async () => ({ ok: true, value: checkpoints.map((each, i) => (i === n ? other : each)) }),
      }),
    });
  const withOpenings = (to: AuditLog, own: typeof openings): AuditLog => ({
    ...to,
    openings: async (from, until) => ({ ok: true, value: own.filter(({ seq }) => seq >= from && seq < until) }),
  });
  for (const [n, one] of openings.entries())
    kept.push({
      what: "opening",
      text: one.sealed,
      put: (to, sealed) =>
        withOpenings(
          to,
          openings.map((each, i) => (i === n ? { ...each, sealed } : each)),
        ),
      take: (to) =>
        withOpenings(
          to,
          openings.filter((_, i) => i !== n),
        ),
    });
  for (const subject of subjects) {
    const key = must(await log.key({ subject }));
    if (key === undefined) continue;
    const keyed = (to: AuditLog, other: typeof key | undefined): AuditLog => ({
      ...to,
      key: async (by) => ("subject" in by && by.subject === subject ? { ok: true, value: other } : to.key(by)),
    });
    kept.push({
      what: "key",
      text: key.sealed,
      put: (to, sealed) => keyed(to, { ...key, sealed }),
      take: (to) => keyed(to, undefined),
    });
    kept.push({ what: "key", text: key.index, put: (to, index) => keyed(to, { ...key, index }) });
  }
  for (const digest of plans) {
    const planned = (to: AuditLog, text: string | undefined): AuditLog => ({
      ...to,
      loadPlan: async (asked) => (asked === digest ? { ok: true, value: text } : to.loadPlan(asked)),
    });
    kept.push({ what: "plan", text: must(await log.loadPlan(digest)) ?? "", put: planned, take: (to) => planned(to, undefined) });
  }
  return kept;
}
