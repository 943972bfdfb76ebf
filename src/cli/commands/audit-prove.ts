/**
 * `sluice audit prove` and `check-proof`: proofs that a witness checks offline, with the public key alone.
 * Never prints a proof that it did not check itself.
 */
import type { Command } from "commander";
import { type Checkpoint, sizeSaid } from "../../audit/checkpoint.ts";
import type { AuditLog } from "../../audit/log.ts";
import { checkProof, type ProofFault, type Proved, proveGrowth, type ProveFault, proveRecord } from "../../audit/prove.ts";
import type { Json } from "../../json/value.ts";
import type { SigningKey } from "../../plan/sign.ts";
import type { Result } from "../../result.ts";
import { answerOf, auditKeys, readCheckpointFile, readPublicKey, usingAuditLog } from "../audit/log.ts";
import { InputError, readValue } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";
import { plain, type Terminal } from "../show/terminal.ts";

interface ProveOptions {
  readonly record?: number;
  readonly checkpoint?: string;
  readonly consistency?: readonly string[];
  readonly key?: string;
}

/** Adds `audit prove|check-proof|key`. */
export function addAuditProve(audit: Command, { terminal, exit }: Pick<Context, "terminal" | "exit">): void {
  audit
    .command("prove")
    .description(
      "print a proof (RFC 6962) that a record is in the log that was signed, or that the log has grown from an earlier one",
    )
    .argument("<log>", "the audit log")
    .option("--record <number>", "the record to prove", readNumber)
    .option("--checkpoint <which>", "the checkpoint that covers it: a number of records, or a file; default: the first that does")
    .option(
      "--consistency <from-to...>",
      "two checkpoints, each a number of records or a file: the later one grew from the earlier",
    )
    .option("--key <file>", "public key of the checkpoints (JWK); default: that of the keys of the log")
    .action(async (text: string, options: ProveOptions) => terminal.write(`${jsonText(await proved(text, options), 2)}\n`));
  audit
    .command("check-proof")
    .description("check a proof with nothing but the public key: exit 1 if it shows nothing")
    .argument("<proof>", "what `sluice audit prove` printed (a file, or - for standard input)")
    .requiredOption("--key <file>", "public key of the checkpoints (JWK)")
    .option("--json", "print JSON")
    .action(async (file: string, { key, json }: { readonly key: string; readonly json?: true }) => {
      const checked = await checkProof(await readValue(file), [readPublicKey(await readValue(key), key)]);
      if (json) terminal.write(`${jsonText(jsonOf(checked))}\n`);
      else report(terminal, checked);
      if (!checked.ok) exit(1);
    });
  audit
    .command("key")
    .description("print the public key of a log's checkpoints (JWK), for whoever is to check them")
    .argument("<log>", "the audit log")
    .action(async (text: string) => {
      const { kty, crv, x, kid } = (await ownKey(text)) as unknown as { readonly [name: string]: string };
      terminal.write(`${jsonText({ kty, crv, x, kid } as Json)}\n`);
    });
}

function readNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InputError("--record: the number of a record is needed, from 0");
  return Number(text);
}

async function ownKey(text: string): Promise<SigningKey> {
  const keys = await auditKeys(text, { makes: false });
  if (keys === undefined) throw new InputError("LOG: its keys are needed: SLUICE_AUDIT_KEYS, the file beside it, or --key");
  return keys.signer.publicKey;
}

async function proved(text: string, { record, checkpoint, consistency, key }: ProveOptions): Promise<Json> {
  if ((record === undefined) === (consistency === undefined))
    throw new InputError("one of --record and --consistency is needed: what is to be proved");
  if (consistency !== undefined && (consistency.length !== 2 || checkpoint !== undefined))
    throw new InputError("--consistency: two checkpoints are needed, and no --checkpoint");
  const keys = [key === undefined ? await ownKey(text) : readPublicKey(await readValue(key), key)];
  return usingAuditLog(text, false, async (log) => {
    if (record !== undefined) {
      const given = checkpoint === undefined ? undefined : await checkpointOf(log, checkpoint, "--checkpoint");
      return proofOf(await proveRecord(log, record, { keys, checkpoint: given }));
    }
    const [from = "", to = ""] = await Promise.all(
      (consistency ?? []).map(async (which) => checkpointOf(log, which, "--consistency")),
    );
    return proofOf(await proveGrowth(log, { from, to }, { keys }));
  });
}

/** The checkpoint that a text names: of so many records, or in a file. */
async function checkpointOf(log: AuditLog, which: string, option: string): Promise<string> {
  if (!/^\d{1,15}$/.test(which)) return readCheckpointFile(which, option);
  const known = answerOf(await log.checkpoints());
  const sizes = known.map((jws) => sizeSaid(jws) ?? 0);
  const found = known[sizes.lastIndexOf(Number(which))];
  if (found !== undefined) return found;
  const last = sizes.slice(-5).join(", ");
  throw new InputError(`${option}: no checkpoint of ${which} records${last === "" ? "" : `; the last ones are of ${last}`}`);
}

const noProof: { readonly [fault in ProveFault]: string } = {
  unsigned: "no checkpoint covers that record yet, or there is none of that number",
  checkpoint: "a checkpoint is none, or is signed by another key",
  changed: "the log is not what was signed: `sluice audit verify` says more",
  backwards: "the first checkpoint is of the smaller log, and both are of one log",
  unavailable: "LOG: it cannot be read",
};

function proofOf<T>(result: Result<T, ProveFault>): Json {
  if (result.ok) return result.value as Json;
  throw new InputError(noProof[result.error]);
}

const nothing: { readonly [fault in ProofFault]: string } = {
  malformed: "it is no proof",
  key: "its checkpoint is signed by another key",
  signature: "the signature of its checkpoint does not verify",
  path: "its path does not lead to what was signed",
};

function jsonOf(checked: Result<Proved, ProofFault>): Json {
  if (!checked.ok) return { holds: false, fault: checked.error };
  return { holds: true, ...(checked.value as unknown as { readonly [name: string]: Json }) };
}

/** Milliseconds as a time, where they are one (ECMAScript's range). */
function timeText(at: number): string {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : `at ${at}`;
}

function report({ write, paint }: Terminal, checked: Result<Proved, ProofFault>): void {
  if (!checked.ok) {
    write(`${paint.red("proves nothing")}: ${nothing[checked.error]}\n`);
    return;
  }
  const of = ({ size, at, log }: Checkpoint): string =>
    `the first ${size} records of log ${log.slice(0, 12)}…, signed ${timeText(at)}`;
  const { value } = checked;
  if (value.type === "inclusion") {
    const { kind, session } = value.record;
    write(
      `record ${value.seq} (${kind}${session === undefined ? "" : `, session ${plain(session)}`}) is among ${of(value.in)}\n`,
    );
  } else write(`${of(value.to)}, begin with ${of(value.from)}\n`);
  write(`${paint.green("holds")}\n`);
}
