/**
 * `sluice params`: what a session of a plan would be opened with, for what its host was given: each parameter as it is read.
 * Never opens a session, and never takes this machine's time zone or language for the user's.
 */
import type { Command } from "commander";
import { readParams as readAs } from "../../decide/params.ts";
import type { Json } from "../../json/value.ts";
import { instantOf } from "../../lang/date.ts";
import { extractLocales } from "../../lang/extract/spec.ts";
import { compilePlan } from "../../plan/compile.ts";
import { systemZones } from "../../zones.ts";
import { checkStdinOnce, InputError, readCatalogueFile, readParams, refuseFindings } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";
import { loadPlan } from "../read/plan-file.ts";
import { headLine, rowLine, widthsOf } from "../show/table.ts";
import { plain, type Terminal } from "../show/terminal.ts";

interface Options {
  readonly catalog?: string;
  readonly params?: string;
  readonly zone?: string;
  readonly locale?: string;
  readonly now?: string;
  readonly json?: true;
}

/** Adds `params PLAN`. Exit 1 if a session could not be opened with them. */
export function addParams(program: Command, { terminal, exit }: Context): void {
  program
    .command("params")
    .description("read the parameters of a plan as a session would")
    .argument("<plan>", "a plan, frozen or draft")
    .option("--catalog <file>", "the catalogue of the tools")
    .option("--params <json>", "what was given for the parameters, or @FILE")
    .option("--zone <name>", "the user's time zone, as in Europe/Berlin")
    .option("--locale <tag>", "how the user writes numbers and dates, as in de")
    .option("--now <instant>", "when the session opens (RFC 3339). Default: now")
    .option("--json", "print the parameters as JSON, as --params of other commands takes them")
    .action(async (source: string, options: Options) => {
      checkStdinOnce([source, options.catalog]);
      const given = (await readParams(options.params)) ?? {};
      const { frozen } = await loadPlan(source, await readCatalogueFile(options.catalog), { catalogueName: options.catalog });
      const compiled = compilePlan(frozen);
      if (!compiled.ok) return refuseFindings(source, compiled.error);
      const user = userOf(options);
      const { params, faults } = readAs(compiled.value, given, { user, now: nowOf(options.now), zones: systemZones });
      const wrong = new Map(faults.map(({ param, message }) => [param, message.replaceAll("`user.zone`", "--zone")]));
      if (options.json && wrong.size === 0) terminal.write(`${jsonText(params, 2)}\n`);
      if (options.json) for (const [param, message] of wrong) terminal.say(`params.${param}: ${message}`);
      else {
        const names = [...new Set([...compiled.value.params.keys(), ...wrong.keys()])].sort();
        show(
          names.map((name) => ({
            name,
            given: Object.hasOwn(given, name) ? given[name] : undefined,
            hasDefault: frozen.plan.params?.[name]?.default !== undefined,
            read: params[name],
            says: wrong.get(name),
          })),
          terminal,
        );
      }
      exit(wrong.size === 0 ? 0 : 1);
    });
}

/** Whose parameters they are. A name that nobody knows is refused also where no parameter needs it: it would be missed where one does. */
function userOf({ zone, locale }: Options): { readonly zone?: string; readonly locale?: string } {
  if (zone !== undefined && systemZones.localAt(0, zone) === undefined)
    throw new InputError("--zone: this machine knows no such time zone: give an IANA name, as in Europe/Berlin");
  if (locale !== undefined && !extractLocales.some((name) => name === locale))
    throw new InputError(`--locale: known are ${extractLocales.join(", ")}`);
  return { ...(zone === undefined ? {} : { zone }), ...(locale === undefined ? {} : { locale }) };
}

function nowOf(text: string | undefined): number {
  if (text === undefined) return Date.now();
  const now = instantOf(text);
  if (now === undefined) throw new InputError("--now: an instant (RFC 3339), as in 2026-12-03T09:30:00Z");
  return now;
}

interface Row {
  readonly name: string;
  readonly given: Json | undefined;
  readonly hasDefault: boolean;
  readonly read: Json | undefined;
  readonly says: string | undefined;
}

function show(rows: readonly Row[], terminal: Terminal): void {
  if (rows.length === 0) {
    terminal.write("The plan has no parameters.\n");
    return;
  }
  const { paint } = terminal;
  const columns = [{ title: "parameter" }, { title: "given" }, { title: "read as" }];
  const cells = rows.map(({ name, given, hasDefault, read, says }) => [
    { text: plain(name) },
    { text: given !== undefined ? plain(jsonText(given)) : hasDefault ? "(default)" : "(nothing)" },
    says === undefined ? { text: plain(jsonText(read ?? null)) } : { text: says, paint: paint.red },
  ]);
  const widths = widthsOf(columns, cells);
  const lines = [headLine(columns, widths, paint.dim), ...cells.map((row) => rowLine(columns, widths, row))];
  terminal.write(`${lines.join("\n")}\n`);
}
