/**
 * Histories of the example plans: what a real firewall and a real writer recorded of a trace, played again over weeks, and an attack in it.
 * Never a made-up record: only sessions, principals and times are others.
 */
import { type AuditRecord, readRecord } from "../../src/audit/record.ts";
import { createGuard } from "../../src/engine.ts";
import type { Json } from "../../src/json/value.ts";
import { member } from "../../src/json/value.ts";
import type { Signal } from "../../src/signals/signal.ts";
import { createSignalDetector } from "../../src/signals/detector.ts";
import { makeAudited, must } from "../../test/audit/fixture.ts";
import { type Example, type exampleNames, forgetHidden, freeze, readExample } from "../../test/plans/example.ts";
import { randomOf } from "../soak/random.ts";
import { beginning, numbered } from "./histories.ts";

/** What came of one attack. */
export interface AttackRow {
  readonly plan: string;
  readonly attack: string;
  /** Sessions in a row in which it was tried. */
  readonly tries: number;
  /** Kinds of signals about it, in their order. */
  readonly kinds: readonly string[];
  /** From the first call of the attack to the first signal; absent: none came. */
  readonly seconds?: number;
  /** Signals in the weeks before. */
  readonly before: number;
}

const days = 40;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const sessionsADay = 15;
const principals = 8;
/** Between two records of a session. */
const stepMs = 2_000;

/** What is recorded of one session that a trace is played in. */
export async function recordsOfTrace(example: Example, trace: string): Promise<readonly AuditRecord[]> {
  const frozen = freeze(example);
  const audited = await makeAudited({ options: { plans: [frozen] } });
  const params = example.paramsOf(trace);
  const opened = must(await audited.firewall.open({ plan: frozen.digest, principal: "ana", params }));
  const guard = must(createGuard(frozen, { clock: () => audited.clock.now }));
  const twin = must(guard.session({ id: "twin", key: "00112233445566778899aabbccddeeff", principal: "ana", params }));
  for (const call of example.traces.get(trace) ?? []) {
    const args = forgetHidden(guard, twin, call);
    const verdict = twin.check({ tool: call.tool, args });
    const error = member(call.result, "error");
    const outcome = error === undefined ? { value: call.result ?? null } : { error };
    if (verdict.decision === "allow") twin.record(verdict.run, outcome);
    await audited.call(opened.token, call.tool, args, error === undefined ? (call.result as Json) : new Error("failed"));
  }
  await audited.firewall.close(opened.session);
  must(await audited.writer.drain());
  const texts = must(await audited.log.read(0, 10_000));
  return texts.flatMap((text) => readRecord(text) ?? []).filter(({ session }) => session === opened.session);
}

/** The same session again. */
function played(
  records: readonly AuditRecord[],
  { at, session, principal }: { readonly at: number; readonly session: string; readonly principal: string },
): readonly AuditRecord[] {
  return records.map((record, i) => ({ ...record, at: at + i * stepMs, session, principal }));
}

/** Attacks of one example, each tried once and eight times, after weeks of the benign trace. */
export async function attacksOf(name: (typeof exampleNames)[number], only?: number): Promise<readonly AttackRow[]> {
  const example = readExample(name);
  const benign = await recordsOfTrace(example, "benign.jsonl");
  const random = randomOf(name.length);
  const usual: AuditRecord[] = [];
  for (let i = 0; i < days * sessionsADay; i++) {
    const at = beginning + Math.floor(random() * days * dayMs);
    usual.push(...played(benign, { at, session: `${i}`, principal: `s${Math.floor(random() * principals)}` }));
  }
  const rows: AttackRow[] = [];
  const attacks = [...example.traces.keys()].filter((file) => file.startsWith("attack-")).slice(0, only);
  for (const attack of attacks) {
    const hostile = await recordsOfTrace(example, attack);
    for (const tries of [1, 8]) {
      const since = beginning + (days - 1) * dayMs + 5 * hourMs;
      const own = Array.from({ length: tries }, (_, i) =>
        played(hostile, { at: since + i * 30_000, session: `attack-${i}`, principal: "s0" }),
      ).flat();
      const history = numbered([...usual, ...own]);
      const sessions = new Set(own.map(({ session }) => session));
      const detector = createSignalDetector();
      const signals = history.flatMap((record) => detector.take(record));
      const about = signals.filter(({ seqs }) => seqs.some((seq) => sessions.has(history[seq]?.session)));
      rows.push(rowOf({ plan: name, attack, tries }, { about, since, before: signals.filter(({ at }) => at < since).length }));
    }
  }
  return rows;
}

function rowOf(
  names: Pick<AttackRow, "plan" | "attack" | "tries">,
  { about, since, before }: { readonly about: readonly Signal[]; readonly since: number; readonly before: number },
): AttackRow {
  const kinds = [...new Set(about.map(({ kind }) => kind))];
  const [first] = about;
  return { ...names, kinds, ...(first === undefined ? {} : { seconds: (first.at - since) / 1_000 }), before };
}
