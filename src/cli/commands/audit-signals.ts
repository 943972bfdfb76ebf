/**
 * `sluice audit signals`: what in an audit log chance would hardly bring, for a person to look at.
 * Advice alone: it blocks nothing, and exits with 0 whatever it finds.
 */
import type { Command } from "commander";
import type { AuditLog } from "../../audit/log.ts";
import { readRecord, recordDigest } from "../../audit/record.ts";
import type { Json } from "../../json/value.ts";
import { auditBatchMax } from "../../limits.ts";
import { createSignalDetector, lossesOf, type SignalDetector } from "../../signals/detector.ts";
import type { Signal, SignalLosses } from "../../signals/signal.ts";
import type { SavedState } from "../../signals/state.ts";
import { answerOf, usingAuditLog } from "../audit/log.ts";
import { InputError, readTime } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";
import { readSignalState, writeSignalState } from "../audit/signal-state.ts";
import { logPlace } from "../read/store-url.ts";
import { hang, plain, type Terminal } from "../show/terminal.ts";

interface SignalsOptions {
  readonly since?: number;
  readonly state?: string;
  readonly falsePerDay?: number;
  readonly json?: true;
}

/** Adds `audit signals` to `audit`. */
export function addAuditSignals(audit: Command, { terminal }: Pick<Context, "terminal">): void {
  audit
    .command("signals")
    .description("what in the log chance would hardly bring: unusual rates, what was never seen, decisions too fast to be read")
    .argument("<log>", logPlace)
    .option(
      "--since <time>",
      "only signals about records from this time on (RFC 3339); all records are learned from",
      readTime("--since"),
    )
    .option("--state <file>", "keep what was learned here, and go on from it: then only new records are read")
    .option(
      "--false-per-day <number>",
      "false signals a day that chance may bring, for each kind of rate (default 0.05)",
      readShare,
    )
    .option("--json", "print JSON, a signal a line")
    .action(async (text: string, options: SignalsOptions) => {
      const { found, read, losses } = await usingAuditLog(text, false, (log) => lookedThrough(log, options));
      const shown = found.filter(({ at }) => at >= (options.since ?? Number.NEGATIVE_INFINITY));
      if (options.json) for (const signal of shown) terminal.write(`${jsonText(signal as unknown as Json)}\n`);
      else report(terminal, shown, read);
      const lost = Object.entries(losses).filter(([, count]) => count > 0);
      if (lost.length > 0)
        terminal.say(
          `what was silent longest was dropped for want of room (${lost.map(([name, count]) => `${count} ${name}`).join(", ")}): of it signals may come late`,
        );
    });
}

function readShare(text: string): number {
  const share = Number(text);
  if (!(share > 0 && share <= 1)) throw new InputError("--false-per-day: a number above 0 and at most 1 is needed, as in 0.05");
  return share;
}

interface Looked {
  readonly found: readonly Signal[];
  readonly read: number;
  readonly losses: SignalLosses;
}

async function lookedThrough(log: AuditLog, { state: path, falsePerDay }: SignalsOptions): Promise<Looked> {
  const [begin] = answerOf(await log.read(0, 1));
  const digest = begin === undefined ? undefined : recordDigest(begin);
  const saved = path === undefined ? undefined : await savedOf(path, digest);
  const detector = createSignalDetector(falsePerDay === undefined ? {} : { falsePerDay }, saved?.learned);
  const from = detector.learned.next;
  const found: Signal[] = [];
  for (;;) {
    const page = answerOf(await log.read(detector.learned.next, auditBatchMax));
    if (page.length === 0) break;
    for (const line of page) found.push(...taken(detector, line));
    if (process.stderr.isTTY) process.stderr.write(`\r${detector.learned.next} records`);
  }
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  const { learned } = detector;
  if (path !== undefined && digest !== undefined)
    await writeSignalState(path, { log: digest, learned, signals: saved?.signals ?? [] });
  return { found, read: learned.next - from, losses: lossesOf(learned) };
}

async function savedOf(path: string, log: string | undefined): Promise<SavedState | undefined> {
  const saved = await readSignalState(path);
  if (saved !== undefined && saved.log !== log) throw new InputError(`--state: ${plain(path)}: it is of another log`);
  return saved;
}

function taken(detector: SignalDetector, line: string): readonly Signal[] {
  const record = readRecord(line);
  const { next } = detector.learned;
  if (record === undefined || record.seq !== next)
    throw new InputError(`LOG: record ${next} is not there or cannot be read: \`sluice audit verify\` says more`);
  return detector.take(record);
}

function report({ write, paint, columns }: Terminal, found: readonly Signal[], read: number): void {
  for (const { at, since, kind, what, p, corrected, watched, seqs, seqCount } of found) {
    write(`${new Date(at).toISOString()}  ${paint.bold(kind)}\n`);
    write(`${hang("  ", what, columns)}\n`);
    const first = seqs[0] ?? 0;
    const last = seqs.at(-1) ?? first;
    const records = seqCount === 1 ? `record ${last}` : `${seqCount} records, ${first} to ${last}`;
    const began = since === at ? "" : `since ${new Date(since).toISOString()}; `;
    const chance = `by chance ${short(p)}, of ${watched} looks a day ${short(corrected)}`;
    write(`${paint.dim(hang("  ", `${began}${records}; ${chance}`, columns))}\n`);
  }
  const many = found.length === 1 ? "1 signal" : `${found.length} signals`;
  write(`${many} in ${read} ${read === 1 ? "record" : "records"}; advice alone: nothing was blocked by this\n`);
}

function short(p: number): string {
  return p < 0.001 ? p.toExponential(1) : p.toPrecision(2);
}
