/**
 * `sluice audit`: what an operator does with an audit log: verifies it, reads it, signs it off to a witness, erases a person.
 * Never changes a record, and never says that a log is whole where a part of it could not be checked.
 */
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { giveUpAuditLog } from "../../audit/marker.ts";
import { type Verification, verifyAudit } from "../../audit/verify.ts";
import { createAuditWriter } from "../../audit/writer.ts";
import type { Json } from "../../json/value.ts";
import { systemRandom } from "../../surfaces/random.ts";
import { answerOf, auditKeys, makeKeys, subjectsOf, usingAuditLog } from "../audit/log.ts";
import { verifyingOf, type VerifyingOptions } from "../audit/verifying.ts";
import { addFile, InputError } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";
import { logPlace, openStore, readStoreArgument } from "../read/store-url.ts";
import { plain, type Terminal } from "../show/terminal.ts";
import { addAuditProve } from "./audit-prove.ts";
import { addAuditReport } from "./audit-report.ts";
import { addAuditRead } from "./audit-read.ts";
import { addAuditSignals } from "./audit-signals.ts";

interface VerifyOptions extends VerifyingOptions {
  readonly json?: true;
}

/** Adds `audit` and its commands. */
export function addAudit(program: Command, { terminal, exit }: Context): void {
  const audit = program.command("audit").description("verify an audit log, export it, sign it off, erase a person");
  audit
    .command("verify")
    .description("find any record that was changed, dropped, put in or moved, and decide every recorded call again")
    .argument("<log>", logPlace)
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
    .command("checkpoint")
    .description("print the newest checkpoint, for a witness to keep")
    .argument("<log>", logPlace)
    .action(async (text: string) => {
      const last = await usingAuditLog(text, false, async (log) => answerOf(await log.checkpoints()).at(-1));
      if (last === undefined) throw new InputError(`${plain(text)}: nothing of it is signed yet`);
      terminal.write(`${last}\n`);
    });
  audit
    .command("erase")
    .description("delete a person's key: what the log keeps of the person can be read by nobody then, and it still verifies")
    .argument("<log>", logPlace)
    .requiredOption("--subject <name>", "the person, as sessions name the principal")
    .requiredOption("--store <store>", "the store whose journal the log is made of", readStoreArgument)
    .action(async (text: string, options: { readonly subject: string; readonly store: string }) =>
      terminal.say(await erased(text, options)),
    );
  audit
    .command("keys")
    .description("print new keys for a log in a database, for SLUICE_AUDIT_KEYS or the file of SLUICE_AUDIT_KEYS_FILE")
    .action(() => terminal.write(`${makeKeys()}\n`));
  audit
    .command("give-up")
    .description("say that a store has no audit log any more: processes that start from now on without --audit keep no journal")
    .requiredOption("--store <store>", "the store", readStoreArgument)
    .action(async (options: { readonly store: string }) => terminal.say(await givenUp(options.store)));
  addAuditRead(audit, { terminal });
  addAuditProve(audit, { terminal, exit });
  addAuditReport(audit, { terminal, exit });
  addAuditSignals(audit, { terminal });
}

async function verified(text: string, options: VerifyOptions): Promise<Verification> {
  return usingAuditLog(text, false, async (log) => answerOf(await verifyAudit(log, await verifyingOf(log, text, options))));
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
  if (values.checked + values.erased === 0 && found.size > 1)
    line("values", "none was opened: there are none, or the keys of the log are not here");
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
    [events.unknown, "are of sessions whose beginning, plan or policy is not here"],
  ] as const;
  return reasons.flatMap(([count, why]) => (count === 0 ? [] : [`; ${count} ${why}`])).join("");
}

async function givenUp(named: string): Promise<string> {
  if (!named.includes("://") && !existsSync(named)) throw new InputError(`--store: ${plain(named)}: there is no such file`);
  const { store, name, close } = await openStore(named, { journal: true });
  try {
    const done = await giveUpAuditLog(store, Date.now());
    if (done.ok) return done.value ? `${name} has no audit log any more` : `${name} has no audit log`;
    throw new InputError(
      done.error.kind === "conflict"
        ? "--store: a process writes its audit log now: end it first"
        : "--store: it does not answer",
    );
  } finally {
    await close();
  }
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
    return await usingAuditLog(text, true, async (log) => {
      const subjects = subjectsOf(log, keys);
      const found = answerOf(await subjects.find(subject));
      if (found === undefined) throw new InputError(`--subject: the log knows nobody of the name ${plain(subject)}`);
      const noted = await store.note({ type: "erase", subject: found.id, at: Date.now() });
      if (!noted.ok) throw new InputError("--store: it does not answer");
      const writer = createAuditWriter({ store, log, subjects, signer: keys.signer, clock: Date.now, random: systemRandom });
      for (const until = Date.now() + eraseMs; Date.now() < until; ) {
        answerOf(await writer.drain());
        if (answerOf(await log.key({ subject: found.id })) === undefined) {
          answerOf(await writer.checkpoint());
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
