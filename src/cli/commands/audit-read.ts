/**
 * `sluice audit find` and `export`: what is in an audit log, for a person and for other programs.
 * Never shows a value that was kept apart, but where openings are asked for and the keys of the log are here.
 */
import type { Command } from "commander";
import { type ExportFormat, exportAudit, exportFormats } from "../../audit/export.ts";
import type { AuditQuery, FoundRecord } from "../../audit/find.ts";
import type { AuditLog } from "../../audit/log.ts";
import { type AuditKind, auditKinds } from "../../audit/record.ts";
import { auditFindMax } from "../../limits.ts";
import { answerOf, auditKeys, subjectsOf, usingAuditLog } from "../audit/log.ts";
import { InputError, readTime } from "../read/input.ts";
import type { Context } from "../context.ts";
import { logPlace } from "../read/store-url.ts";
import { plain, type Terminal } from "../show/terminal.ts";
import { packageVersion } from "../own-program.ts";

interface Filters extends Omit<AuditQuery, "before" | "limit"> {
  readonly from?: number;
  readonly to?: number;
}

interface FindOptions extends Filters {
  readonly before?: number;
  readonly limit: number;
  readonly json?: true;
}

interface ExportOptions extends Filters {
  readonly format: ExportFormat;
  readonly values?: true;
}

/** Adds `audit find` and `audit export`. */
export function addAuditRead(audit: Command, { terminal }: Pick<Context, "terminal">): void {
  const find = audit
    .command("find")
    .description("find records, the newest first; all filters that are given must hold")
    .argument("<log>", logPlace);
  addFilters(find)
    .option("--before <number>", "only records with smaller numbers: the next page", readNumber("--before"))
    .option("--limit <number>", "at most so many", readNumber("--limit", 1), 50)
    .option("--json", "print each record as a line of JSON, as it is kept")
    .action(async (log: string, options: FindOptions) => print(terminal, log, options));
  const out = audit
    .command("export")
    .description("print records, the oldest first, for other programs; what was kept of values stays where it is")
    .argument("<log>", logPlace)
    .option("--format <format>", `${exportFormats.join(", ")}`, readFormat, "jsonl");
  addFilters(out)
    .option("--from <time>", "as --since", readTime("--from"))
    .option("--to <time>", "as --until", readTime("--to"))
    .option("--values", "open what was kept of values, and print it with the records: personal data leaves the log by this")
    .action(async (log: string, options: ExportOptions) => exported(terminal, log, options));
}

function addFilters(command: Command): Command {
  return command
    .option("--kind <kind...>", "of one of these kinds", readKind)
    .option("--session <id>", "of this session")
    .option("--plan <digest>", "of sessions under this plan")
    .option("--tool <name>", "of this tool")
    .option("--code <code>", "denied with this code")
    .option(
      "--principal <name>",
      "of sessions for this principal: the name, where the keys of the log are here, or the pseudonym",
    )
    .option("--node <id>", "of this node of the plan")
    .option("--by <name>", "what this person did")
    .option("--since <time>", "from this time on (RFC 3339)", readTime("--since"))
    .option("--until <time>", "before this time", readTime("--until"))
    .option("--text <text>", "with this in the record's JSON");
}

function readKind(text: string, before: readonly AuditKind[] = []): readonly AuditKind[] {
  const kind = auditKinds.find((each) => each === text);
  if (kind === undefined) throw new InputError(`--kind: one of ${auditKinds.join(", ")} is needed`);
  return [...before, kind];
}

function readFormat(text: string): ExportFormat {
  const format = exportFormats.find((each) => each === text);
  if (format === undefined) throw new InputError(`--format: one of ${exportFormats.join(", ")} is needed`);
  return format;
}

function readNumber(option: string, min = 0): (text: string) => number {
  return (text) => {
    if (!/^[0-9]{1,15}$/.test(text) || Number(text) < min)
      throw new InputError(`${option}: a whole number is needed${min > 0 ? `, ${min} or more` : ""}`);
    return Number(text);
  };
}

/** What is asked. A name that the log does not know finds nothing; without keys it can only be a pseudonym. */
async function queryOf(named: string, log: AuditLog, filters: Filters): Promise<Omit<AuditQuery, "limit">> {
  const { session, plan, tool, code, principal, node, by, text, kind } = filters;
  const [since, until] = [filters.since ?? filters.from, filters.until ?? filters.to];
  const given = { kind, session, plan, tool, code, node, by, since, until, text };
  const query = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (principal === undefined) return query;
  const keys = await auditKeys(named, { makes: false });
  const known = keys === undefined ? undefined : answerOf(await subjectsOf(log, keys).find(principal));
  return { ...query, principal: known?.id ?? principal };
}

async function print(terminal: Terminal, named: string, options: FindOptions): Promise<void> {
  await usingAuditLog(named, false, async (log) => {
    const query = await queryOf(named, log, options);
    let { before } = options;
    let left = options.limit;
    let count = 0;
    while (left > 0 && before !== 0) {
      const limit = Math.min(left, auditFindMax);
      const page = answerOf(await log.find({ ...query, limit, ...(before === undefined ? {} : { before }) }));
      for (const found of page.records) terminal.write(options.json ? `${found.text}\n` : lineOf(terminal, found));
      count += page.records.length;
      left -= page.records.length;
      before = page.scannedTo;
    }
    if (options.json) return;
    if (count === 0) terminal.say("no record fits");
    else if (before !== undefined && before > 0) terminal.say(terminal.paint.dim(`more: --before ${before}`));
  });
}

/** A record for a person: number, time, kind, and what it is about. */
function lineOf({ paint }: Terminal, { record }: FoundRecord): string {
  const { seq, at, kind, code, tool, node, session } = record;
  const { act, what: which } = record.facts;
  const done = typeof act === "string" ? act : typeof which === "string" ? which : undefined;
  const by = typeof record.facts.by === "string" ? `by ${record.facts.by}` : undefined;
  const what = [code, tool, node === undefined ? undefined : `(${node})`, done, by, session && `session ${session}`];
  const date = new Date(at);
  const time = Number.isNaN(date.getTime()) ? String(at) : date.toISOString();
  const name = kind === "deny" ? paint.red(kind.padEnd(11)) : kind.padEnd(11);
  return `${String(seq).padStart(8)}  ${time}  ${name}  ${plain(what.filter((part) => part !== undefined).join("  "))}\n`;
}

async function exported(terminal: Terminal, named: string, options: ExportOptions): Promise<void> {
  await usingAuditLog(named, false, async (log) => {
    const keys = options.values === true ? await auditKeys(named, { makes: false }) : undefined;
    if (options.values === true && keys === undefined)
      throw new InputError("--values: the keys of the log are needed: SLUICE_AUDIT_KEYS, or the file beside it");
    const done = await exportAudit(log, {
      format: options.format,
      query: await queryOf(named, log, options),
      version: packageVersion(),
      write: terminal.write,
      ...(keys === undefined ? {} : { opening: subjectsOf(log, keys) }),
    });
    if (!done.ok)
      throw new InputError(
        `LOG: it cannot be exported (${done.error.kind === "unavailable" ? (done.error.detail ?? "unavailable") : done.error.kind}): \`sluice audit verify\` says more`,
      );
  });
}
