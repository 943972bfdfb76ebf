/**
 * `sluice audit`: what an operator does with an audit log: verifies it, reads it, signs it off to a witness, erases a person.
 * Never changes a record, and never says that a log is whole where a part of it could not be checked.
 */
import { existsSync, readFileSync } from "node:fs";
import type { Command } from "commander";
import type { AuditLog } from "../../audit/log.ts";
import { type AuditKind, auditKinds, readRecord } from "../../audit/record.ts";
import { createSubjects } from "../../audit/subjects.ts";
import { type Verification, verifyAudit } from "../../audit/verify.ts";
import { createAuditWriter } from "../../audit/writer.ts";
import type { Json } from "../../json/value.ts";
import { readDateTime } from "../../lang/date.ts";
import { auditBatchMax } from "../../limits.ts";
import type { Result } from "../../result.ts";
import { systemRandom } from "../../surfaces/random.ts";
import { auditKeys, openAuditLog, readPublicKey } from "../audit-log.ts";
import { addFile, InputError, readPolicyFiles, readValue } from "../input.ts";
import type { Context } from "../main.ts";
import { jsonText } from "../output.ts";
import { parsersFor } from "../sql-parsers.ts";
import { openStore, readStoreArgument } from "../store-url.ts";
import { plain, type Terminal } from "../terminal.ts";

interface VerifyOptions {
  readonly key?: string;
  readonly witness?: string;
  readonly policy?: readonly string[];
  readonly json?: true;
}

interface ExportOptions {
  readonly from?: number;
  readonly to?: number;
  readonly kind?: readonly AuditKind[];
}

/** Adds `audit verify|export|checkpoint|erase`. */
export function addAudit(program: Command, { terminal, exit }: Context): void {
  const audit = program.command("audit").description("verify an audit log, export it, sign it off, erase a person");
  const place = "a SQLite file, or a folder of files of lines";
  audit
    .command("verify")
    .description("find any record that was changed, dropped, put in or moved, and decide every recorded call again")
    .argument("<log>", place)
    .option("--key <file>", "public key of its checkpoints (JWK); default: that of the keys of the log")
    .option(
      "--witness <file>",
      "a checkpoint that was kept elsewhere (`sluice audit checkpoint`): the log must have grown from it",
    )
    .option("--policy <file>", "policies that were in force besides those of the plans", addFile)
    .option("--json", "print JSON")
    .action(async (text: string, options: VerifyOptions) => {
      const found = await verified(text, options);
      if (options.json) terminal.write(`${jsonText(found as unknown as Json)}\n`);
      else report(terminal, found);
      if (!found.isValid) exit(1);
    });
  audit
    .command("export")
    .description("print records, a line of JSON each; what was kept of values stays where it is")
    .argument("<log>", place)
    .option("--from <time>", "records from this time on (RFC 3339)", readTime)
    .option("--to <time>", "records before this time", readTime)
    .option("--kind <kind...>", "only records of these kinds", readKind)
    .action(async (text: string, options: ExportOptions) => print(terminal, text, options));
  audit
    .command("checkpoint")
    .description("print the newest checkpoint, for a witness to keep")
    .argument("<log>", place)
    .action(async (text: string) => {
      const last = await using(text, false, async (log) => answer(await log.checkpoints()).at(-1));
      if (last === undefined) throw new InputError(`${plain(text)}: nothing of it is signed yet`);
      terminal.write(`${last}\n`);
    });
  audit
    .command("erase")
    .description("delete a person's key: what the log keeps of the person can be read by nobody then, and it still verifies")
    .argument("<log>", place)
    .requiredOption("--subject <name>", "the person, as sessions name the principal")
    .requiredOption("--store <store>", "the store whose journal the log is made of", readStoreArgument)
    .action(async (text: string, options: { readonly subject: string; readonly store: string }) =>
      terminal.say(await erased(text, options)),
    );
}

function readTime(text: string): number {
  const time = readDateTime(text);
  if (time === undefined) throw new InputError("--from, --to: a time is needed, as in 2026-11-25T09:30:00Z");
  return time;
}

function readKind(text: string, before: readonly AuditKind[] = []): readonly AuditKind[] {
  const kind = auditKinds.find((each) => each === text);
  if (kind === undefined) throw new InputError(`--kind: one of ${auditKinds.join(", ")} is needed`);
  return [...before, kind];
}

async function using<T>(text: string, makes: boolean, job: (log: AuditLog) => Promise<T>): Promise<T> {
  if (!existsSync(text)) throw new InputError(`LOG: ${plain(text)}: there is no such audit log`);
  const log = await openAuditLog(text, { makes, place: "LOG" });
  try {
    return await job(log);
  } finally {
    await log.close();
  }
}

/** What the log answers. Exit 2: it does not. */
function answer<T>(result: Result<T, { readonly kind: string; readonly detail?: string }>): T {
  if (result.ok) return result.value;
  throw new InputError(`LOG: it cannot be read (${result.error.detail ?? result.error.kind})`);
}

async function verified(text: string, { key, witness, policy: policies }: VerifyOptions): Promise<Verification> {
  const keys = await auditKeys(text, { makes: false });
  const given = key === undefined ? undefined : readPublicKey(await readValue(key), key);
  const policy = await readPolicyFiles(policies);
  return using(text, false, async (log) =>
    answer(
      await verifyAudit(log, {
        keys: given !== undefined ? [given] : keys === undefined ? [] : [keys.signer.publicKey],
        subjects: keys === undefined ? undefined : createSubjects(log, keys.master, systemRandom),
        witness: witness === undefined ? undefined : readWitness(witness),
        policy,
        sqlOf: (plan) => parsersFor([plan], policy),
      }),
    ),
  );
}

function readWitness(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    throw new InputError(`--witness: ${plain(path)}: it cannot be read`);
  }
}

function report({ write, paint }: Terminal, found: Verification): void {
  const { events, values, faults } = found;
  const line = (name: string, text: string): void => write(`${name.padEnd(12)}${text}\n`);
  line("records", `${found.size}, chained; root ${found.root}`);
  const after = found.size - found.signed;
  if (found.checkpoints === 0)
    line("checkpoints", "none was checked: a log without them can be made anew by whoever writes it (--key)");
  else
    line(
      "checkpoints",
      `${found.checkpoints} hold${after === 0 ? "" : `; ${after} record${after === 1 ? "" : "s"} after the last are not signed yet`}`,
    );
  if (values.checked + values.erased === 0 && found.size > 1) line("values", "none was opened: the keys of the log are not here");
  else {
    line("values", `${values.checked} are what was committed, ${values.erased} erased`);
    line("verdicts", `${events.follows} follow from what was recorded before them${restOf(events)}`);
  }
  for (const { kind, message } of faults) write(`${paint.red(kind)} ${message}\n`);
  if (found.faultCount > faults.length) write(`and ${found.faultCount - faults.length} more\n`);
  write(
    found.isValid
      ? `${paint.green("valid")}\n`
      : `${paint.red("not valid")}: ${found.faultCount} fault${found.faultCount === 1 ? "" : "s"}\n`,
  );
}

/** What could not be decided again, and why. */
function restOf(events: Verification["events"]): string {
  const reasons = [
    [events.differs, "do not"],
    [events.shared, "rest on budgets that sessions share"],
    [events.surface, "were refused before there was a call"],
    [events.erased, "events were erased, or rest on what was"],
    [events.unrecorded, "were recorded without what was asked"],
    [events.unknown, "are of sessions whose beginning or plan is not in the log"],
  ] as const;
  return reasons.flatMap(([count, why]) => (count === 0 ? [] : [`; ${count} ${why}`])).join("");
}

async function print({ write }: Terminal, text: string, { from = -Infinity, to = Infinity, kind }: ExportOptions): Promise<void> {
  await using(text, false, async (log) => {
    for (let seq = 0; ; ) {
      const page = answer(await log.read(seq, auditBatchMax));
      if (page.length === 0) return;
      seq += page.length;
      const wanted = page.filter((line) => {
        const record = readRecord(line);
        if (record === undefined)
          throw new InputError(`LOG: a record before number ${seq} cannot be read: \`sluice audit verify\` says more`);
        return record.at >= from && record.at < to && (kind === undefined || kind.includes(record.kind));
      });
      write(wanted.map((line) => `${line}\n`).join(""));
    }
  });
}

/** Milliseconds that a process which writes the log has to do it, and between two looks. */
const eraseMs = 20_000;
const lookMs = 250;

async function erased(
  text: string,
  { subject, store: named }: { readonly subject: string; readonly store: string },
): Promise<string> {
  const keys = await auditKeys(text, { makes: false });
  if (keys === undefined) throw new InputError("LOG: its keys are needed: SLUICE_AUDIT_KEYS, or the file beside it");
  if (!named.includes("://") && !existsSync(named)) throw new InputError(`--store: ${plain(named)}: there is no such file`);
  const { store, close } = await openStore(named, { journal: true });
  try {
    return await using(text, true, async (log) => {
      const subjects = createSubjects(log, keys.master, systemRandom);
      const found = answer(await subjects.find(subject));
      if (found === undefined) throw new InputError(`--subject: the log knows nobody of the name ${plain(subject)}`);
      const noted = await store.note({ type: "erase", subject: found.id, at: Date.now() });
      if (!noted.ok) throw new InputError("--store: it does not answer");
      const writer = createAuditWriter({ store, log, subjects, signer: keys.signer, clock: Date.now, random: systemRandom });
      for (const until = Date.now() + eraseMs; Date.now() < until; ) {
        answer(await writer.drain());
        if (answer(await log.key({ subject: found.id })) === undefined) {
          answer(await writer.checkpoint());
          await writer.release();
          return `${found.id} is erased from the log; what the store still has of its sessions goes with the store's own retention`;
        }
        await new Promise((resolve) => setTimeout(resolve, lookMs));
      }
      return `${found.id} will be erased by the process that writes the log, as soon as it does`;
    });
  } finally {
    await close();
  }
}
