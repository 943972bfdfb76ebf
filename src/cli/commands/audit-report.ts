/**
 * `sluice audit report`: what a law asks about processing, out of an audit log, for people (HTML), programs (JSON) and spreadsheets (CSV).
 * Never says less than the log: a report of a log that does not verify says so first, and the command ends with 1.
 */
import { type Command, Option } from "commander";
import { renderCsv } from "../../audit/report/csv.ts";
import { type Framework, frameworks, type Report } from "../../audit/report/form.ts";
import { renderHtml } from "../../audit/report/html.ts";
import { type Mapping, readMapping } from "../../audit/report/mapping.ts";
import { reportOf } from "../../audit/report/report-of.ts";
import type { Json } from "../../json/value.ts";
import { isDate, readDateTime } from "../../lang/date.ts";
import { answerOf, usingAuditLog } from "../audit/log.ts";
import { verifyingOf, type VerifyingOptions } from "../audit/verifying.ts";
import { addFile, InputError, readValue, refuseFindings } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText, writeFileAtOnce } from "../show/output.ts";
import { logPlace } from "../read/store-url.ts";
import { plain, type Terminal } from "../show/terminal.ts";

const formats = ["html", "json", "csv"] as const;

interface Given extends VerifyingOptions {
  readonly framework: Framework;
  readonly from?: number;
  readonly to?: number;
  readonly subject?: string;
  readonly mapping?: string;
  readonly format?: (typeof formats)[number];
  readonly output?: string;
}

/** Adds `audit report`. */
export function addAuditReport(audit: Command, { terminal, exit }: Pick<Context, "terminal" | "exit">): void {
  audit
    .command("report")
    .description("say what personal data flowed where, under which plan and whose approval, with the records that prove it")
    .argument("<log>", logPlace)
    .addOption(new Option("--framework <law>", "the law that it is for").choices(frameworks).makeOptionMandatory())
    .option("--from <time>", "from this time or day on (RFC 3339, days in UTC)", (text: string) => readTime(text, "--from"))
    .option("--to <time>", "before this time, or to the end of this day", (text: string) => readTime(text, "--to"))
    .option("--subject <name>", "about one person: the name, as sessions name the principal, or the pseudonym in the log")
    .option(
      "--mapping <file>",
      "what labels, tools and plans stand for: categories, recipients, countries, purposes (YAML or JSON)",
    )
    .addOption(new Option("--format <format>", "default: that of the output's name, else html").choices(formats))
    .option("-o, --output <file>", "write it there instead of to standard output")
    .option("--key <file>", "public key of the log's checkpoints (JWK); default: that of the keys of the log")
    .option("--witness <file>", "a checkpoint that was kept elsewhere: the log must have grown from it")
    .option("--policy <file>", "policies that were in force besides those of the plans", addFile)
    .action(async (text: string, given: Given) => {
      const report = await made(text, given, terminal);
      const format = given.format ?? formats.find((each) => given.output?.toLowerCase().endsWith(`.${each}`)) ?? "html";
      const document = await written(report, format);
      if (given.output === undefined) terminal.write(document);
      else writeFileAtOnce(given.output, document);
      tell(terminal, report, given.output);
      if (report.integrity.state === "not-valid") exit(1);
    });
}

async function written(report: Report, format: (typeof formats)[number]): Promise<string> {
  if (format === "csv") return renderCsv(report);
  return format === "json" ? `${jsonText(report as unknown as Json, 2)}\n` : renderHtml(report);
}

/** A time, or a day: its beginning as `--from`, its end as `--to`. */
function readTime(text: string, option: "--from" | "--to"): number {
  const time = readDateTime(isDate(text) ? `${text}T00:00:00Z` : text);
  if (time === undefined) throw new InputError(`${option}: a time or a day is needed, as in 2026-11-25T09:30:00Z or 2026-11-25`);
  return isDate(text) && option === "--to" ? time + 86_400_000 : time;
}

async function made(text: string, given: Given, terminal: Terminal): Promise<Report> {
  const { framework, from, to, subject } = given;
  if (from !== undefined && to !== undefined && from >= to) throw new InputError("--to: it must come after --from");
  const mapping = given.mapping === undefined ? undefined : await mappingOf(given.mapping);
  return usingAuditLog(text, false, async (log) => {
    const verify = await verifyingOf(log, text, given);
    const onProgress = progressOn(terminal);
    const report = await reportOf(log, { framework, from, to, subject, mapping, now: Date.now(), verify, onProgress });
    if (!report.ok && report.error.kind === "subject-unknown")
      throw new InputError(
        `--subject: the log knows nobody of the name ${plain(subject ?? "")}${verify.subjects === undefined ? ", and its keys are not here" : ": never, or not since an erasure"}; a pseudonym (s and 24 digits) is taken too`,
      );
    return answerOf(report);
  });
}

async function mappingOf(file: string): Promise<Mapping> {
  const read = readMapping(await readValue(file));
  return read.ok ? read.value : refuseFindings(file, read.error);
}

/** Tells a terminal how far it came, where it takes long. */
function progressOn({ paint }: Terminal): ((done: number, of: number) => void) | undefined {
  if (process.stderr.isTTY !== true) return undefined;
  let told = 0;
  return (done, of) => {
    const percent = Math.floor((100 * done) / of);
    if (of < 20_000 || (percent < told + 5 && done < of)) return;
    told = percent;
    process.stderr.write(`\r${paint.dim(`reading the log: ${percent}%`)}${done < of ? "" : "\r\u001b[K"}`);
  };
}

/** What a person sees who gave a file. */
function tell({ say, paint }: Terminal, { integrity, flows, refusals, records }: Report, output: string | undefined): void {
  const { state, faultCount, faults } = integrity;
  if (state === "not-valid") {
    say(
      `${paint.red("the log does not verify")}: ${faultCount} fault${faultCount === 1 ? "" : "s"}; the report says so, and proves nothing`,
    );
    if (faults[0] !== undefined) say(`${faults[0].kind}: ${plain(faults[0].message)}`);
  }
  if (state === "not-signed") say("no checkpoint was checked: a log without them can be made anew by whoever writes it (--key)");
  if (output !== undefined)
    say(`${plain(output)}: ${flows.length} flows, ${refusals.length} kinds of refusals, ${records.length} records cited`);
}
