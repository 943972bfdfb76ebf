/**
 * Compliance reports: chosen here, made beside the calls, looked at and taken along.
 * Never about one person but for an administrator, after that was noted; and never with the name in an address.
 */
import { html } from "hono/html";
import type { Identity } from "../../access/identity.ts";
import { type Framework, frameworks, type Report } from "../../audit/report/form.ts";
import { renderCsv } from "../../audit/report/csv.ts";
import { renderHtml } from "../../audit/report/html.ts";
import { reportStyleHash } from "../../audit/report/html-style.ts";
import { reportTitles, sectionsOf } from "../../audit/report/layout.ts";
import type { Mapping } from "../../audit/report/mapping.ts";
import { reportOf } from "../../audit/report/report-of.ts";
import { canonicalJson } from "../../json/canonical.ts";
import type { Json } from "../../json/value.ts";
import { err, ok, type Result } from "../../result.ts";
import type { Act, DashboardWorld, Download, Page, PageProblem, Seen } from "../dashboard.ts";
import { fieldCharsMax } from "../record/bounds.ts";
import { mappingOf } from "../record/mapping.ts";
import { memoryOf } from "../record/memory.ts";
import { pacedLog } from "../record/paced.ts";
import { noLog, taskState } from "../record/pieces.ts";
import { readTime } from "../record/search.ts";
import { type Task, TaskFailure } from "../record/tasks.ts";
import {
  actForm,
  badge,
  brief,
  button,
  choice,
  facts,
  field,
  grouped,
  href,
  type Html,
  nothing,
  notice,
  problem,
  readSent,
  section,
  type Sent,
  table,
  type Tone,
  time,
} from "../shell.ts";

/** What a report was asked for. */
interface Wanted {
  readonly framework: Framework;
  readonly from?: number;
  readonly to?: number;
  /** Whether it is about one person: an administrator's alone. */
  readonly isPersonal: boolean;
}

interface ReportMade {
  readonly wanted: Wanted;
  readonly report: Report;
}

/** A report as a list shows it. */
export interface ReportRow {
  readonly id: string;
  readonly wanted: Wanted;
  readonly by: string;
  readonly started: number;
  readonly state: Task["state"];
  readonly integrity?: Report["integrity"]["state"];
}

/** What the list of reports shows. */
export interface ReportsModel {
  readonly isKept: boolean;
  readonly hasMaster: boolean;
  readonly reports: readonly ReportRow[];
}

const kindPrefix = "report:";

/** What each task was asked for: known before it has found anything. */
const wants = new WeakMap<DashboardWorld, Map<string, Wanted>>();

function wantedOf(world: DashboardWorld): Map<string, Wanted> {
  const known = wants.get(world) ?? new Map<string, Wanted>();
  wants.set(world, known);
  return known;
}

/** The reports that were made in this process, those that who looks may see, and the form for another. */
export const reportsPage: Page<ReportsModel> = {
  path: "/reports",
  title: "Reports",
  role: "viewer",
  nav: "Reports",
  load: async (world, c) => {
    const { role } = c.get("identity") as Identity;
    const reports = memoryOf(world)
      .tasks.list()
      .filter(({ kind }) => kind.startsWith(kindPrefix))
      .flatMap((task) => rowOf(world, task) ?? [])
      .filter(({ wanted }) => !wanted.isPersonal || role === "administrator");
    if (reports.some(({ state }) => state === "running")) c.header("refresh", "3");
    return ok({ isKept: world.audit !== undefined, hasMaster: world.audit?.subjects !== undefined, reports });
  },
  view: (model, seen) => {
    if (!model.isKept) return noLog("Every report");
    return html`${section("Made here", listPart(model))}${section("Make a report", formPart(model, seen))}`;
  },
};

function rowOf(world: DashboardWorld, { id, by, started, state, value }: Task): ReportRow | undefined {
  const wanted = wantedOf(world).get(id);
  const made = value as ReportMade | undefined;
  return wanted === undefined
    ? undefined
    : { id, wanted, by, started, state, ...(made === undefined ? {} : { integrity: made.report.integrity.state }) };
}

function titleOf({ framework, isPersonal }: Wanted): string {
  return `${isPersonal ? reportTitles[framework].one : reportTitles[framework].all} (${framework.toUpperCase()})`;
}

function listPart({ reports }: ReportsModel): Html {
  return table<ReportRow>({
    caption: "Reports, the newest first",
    columns: [
      {
        head: "Report",
        kind: "grow",
        cell: ({ id, wanted }) => html`<a href="${href("/reports/:id", { id })}">${titleOf(wanted)}</a>`,
      },
      { head: "Made", kind: "short", cell: ({ started }) => time(started) },
      { head: "For", cell: ({ by }) => brief(by, 40) },
      {
        head: "State",
        kind: "short",
        cell: ({ state, integrity }) => (integrity === undefined ? stateBadge(state) : integrityBadge(integrity)),
      },
    ],
    rows: reports,
    empty: nothing({ title: "No report yet", text: "Reports are made of the audit log, and kept here until the process ends." }),
  });
}

function stateBadge(state: Task["state"]): Html {
  return badge(state === "running" ? "wait" : state === "done" ? "good" : "bad", state);
}

const integrities: { readonly [S in Report["integrity"]["state"]]: readonly [Tone, string] } = {
  valid: ["good", "the log verifies"],
  "not-valid": ["bad", "the log does not verify"],
  "not-signed": ["wait", "not signed"],
};

function integrityBadge(state: Report["integrity"]["state"]): Html {
  return badge(...integrities[state]);
}

const laws: { readonly [F in Framework]: string } = {
  gdpr: "GDPR (European Union)",
  ccpa: "CCPA (California)",
  hipaa: "HIPAA (United States, health)",
};

function formPart({ hasMaster }: ReportsModel, seen: Seen): Html {
  const among = frameworks.map((framework) => [framework, laws[framework]] as const);
  const person =
    hasMaster && seen.may("administrator")
      ? field({
          name: "subject",
          label: "One person",
          max: fieldCharsMax,
          hint: "The name, as sessions name the principal, or a pseudonym; empty: everybody. That a report was made of a person is noted.",
        })
      : html`<p class="small muted">A report about one person is made by an administrator${hasMaster ? "" : ", where the keys of the audit log are"}.</p>`;
  return actForm({
    action: href("/reports"),
    seen,
    hasFile: true,
    body: html`${choice({ name: "framework", label: "Law", among })}<div class="r-fields">${field({ name: "from", label: "From", hint: "2026-11-01, UTC; empty: the beginning" })}${field({ name: "to", label: "Before", hint: "not included; empty: now" })}</div>${person}${field({ name: "mapping", label: "Mapping", type: "file", hint: "What labels and tools stand for: categories of data, recipients, countries, purposes (YAML or JSON). Without it the report says “not declared”." })}${button("Make the report", { kind: "primary" })}`,
  });
}

/** Begins a report. */
export const makeReport: Act = {
  path: "/reports",
  role: "viewer",
  run: async (world, c, by) => {
    const { audit } = world;
    if (audit === undefined) return problem(409, "no audit log is kept");
    const sent = await readSent(c);
    if (!sent.ok) return sent;
    const read = readWanted(sent.value);
    if (!read.ok) return read;
    const { subject, mapping = world.mapping, ...wanted } = read.value;
    if (subject !== undefined && by.role !== "administrator")
      return problem(403, "a report about one person is made by an administrator");
    const { tasks } = memoryOf(world);
    if (tasks.list().some(({ kind, state }) => kind.startsWith(kindPrefix) && state === "running"))
      return problem(409, "another report is being made: wait until it is done");
    if (subject !== undefined) {
      // SECURITY: noted before anything about the person is read. The name is in no record: the pseudonym is.
      const found = await audit.subjects?.().find(subject);
      const id = found?.ok === true ? (found.value?.id ?? subject) : undefined;
      if (id === undefined || !/^s[0-9a-f]{24}$/.test(id)) return problem(404, "the audit log knows nobody of this name");
      const noted = await world.access.note(c, {
        type: "disclose",
        act: "person-reported",
        facts: { subject: id, framework: wanted.framework },
      });
      if (!noted.ok) return problem(503, "it could not be noted, so that no report is made");
    }
    const task = tasks.begin<ReportMade>({ kind: `${kindPrefix}${world.clock()}`, by: by.name }, async ({ signal, tell }) => {
      const head = await audit.log.head();
      const size = head.ok ? head.value.size : 0;
      let before = 0;
      // It is read twice: verified, then counted.
      const onRead = (done: number): void => {
        tell({ done: Math.min(2 * size, before + done), total: 2 * size });
        if (done >= size) before = size;
      };
      const made = await reportOf(pacedLog(audit.log, { signal, onRead }), {
        ...{ framework: wanted.framework, from: wanted.from, to: wanted.to, subject, mapping, now: world.clock() },
        verify: { keys: audit.keys, ...audit.verifying, subjects: audit.subjects?.() },
      });
      if (made.ok) return { wanted, report: made.value };
      throw new TaskFailure(
        made.error.kind === "subject-unknown" ? "the audit log knows nobody of this name" : "the log cannot be read",
      );
    });
    wantedOf(world).set(task.id, wanted);
    await tasks.after(task.id);
    return ok({ to: href("/reports/:id", { id: task.id }), answer: { report: task.id }, status: 202 });
  },
};

function readWanted(sent: Sent): Result<Wanted & { readonly subject?: string; readonly mapping?: Mapping }, PageProblem> {
  const framework = frameworks.find((each) => each === sent.text("framework"));
  if (framework === undefined) return problem(422, `a law is needed: one of ${frameworks.join(", ")}`);
  const [from, to] = [timeOf(sent.text("from")), timeOf(sent.text("to"))];
  if (from === "wrong" || to === "wrong")
    return problem(422, "from, before: a date (2026-11-25) or a time (2026-11-25T09:30, UTC) is needed");
  const mapping = mappingOf(sent.text("mapping"));
  if (!mapping.ok) return mapping;
  const subject = sent.text("subject").trim();
  return ok({
    framework,
    isPersonal: subject !== "",
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(subject === "" ? {} : { subject }),
    ...(mapping.value === undefined ? {} : { mapping: mapping.value }),
  });
}

function timeOf(text: string): number | "wrong" | undefined {
  return text.trim() === "" ? undefined : (readTime(text.trim()) ?? "wrong");
}

/** What the page of a report shows. */
export interface ReportModel extends ReportRow {
  readonly task: Omit<Task, "value">;
  readonly made?: Pick<Report, "framework" | "made" | "period" | "integrity" | "log" | "notes"> & {
    readonly sections: readonly {
      readonly name: string;
      readonly title: string;
      readonly basis: string;
      readonly rows: number;
      readonly omitted: number;
    }[];
  };
}

/** A report of those that who asks may see. */
async function findReport(
  world: DashboardWorld,
  { id, identity }: { readonly id: string; readonly identity: Identity },
): Promise<Result<{ readonly task: Task<ReportMade>; readonly row: ReportRow }, PageProblem>> {
  const { tasks } = memoryOf(world);
  const task = tasks.find(id) as Task<ReportMade> | undefined;
  const row = task === undefined ? undefined : rowOf(world, task);
  if (task === undefined || row === undefined)
    return err({ status: 404, message: "there is no such report: they are kept until the process ends" });
  if (row.wanted.isPersonal && identity.role !== "administrator")
    return err({ status: 403, message: "a report about one person is an administrator's" });
  const { id: subject, name } = task.value?.report.subject ?? {};
  if (subject === undefined || name === undefined) return ok({ task, row });
  // SECURITY: it has the name, which nobody can read any more once the person was erased.
  const key = await world.audit?.log.key({ subject });
  if (key?.ok !== true) return err({ status: 503, message: "whether the person was erased cannot be told" });
  if (key.value === undefined) {
    tasks.forget(id);
    return err({ status: 404, message: "the person was erased, and with the name this report" });
  }
  return ok({ task, row });
}

/** One report: how far it is, what it found, and the ways to take it along. */
export const reportPage: Page<ReportModel> = {
  path: "/reports/:id",
  title: "Report",
  titleOf: ({ wanted }) => titleOf(wanted),
  role: "viewer",
  under: "/reports",
  load: async (world, c) => {
    const found = await findReport(world, { id: c.req.param("id") ?? "", identity: c.get("identity") as Identity });
    if (!found.ok) return found;
    const { task, row } = found.value;
    if (task.state === "running") c.header("refresh", "2");
    const { value, ...rest } = task;
    return ok({ ...row, task: rest, ...(value === undefined ? {} : { made: summaryOf(value.report) }) });
  },
  view: (model, seen) => html`${taskState(model.task, { seen })}${model.made === undefined ? "" : madePart(model, model.made)}`,
};

function summaryOf(report: Report): NonNullable<ReportModel["made"]> {
  const { framework, made, period, integrity, log, notes, omitted } = report;
  const sections = sectionsOf(report).map(({ name, title, basis }) => ({
    ...{ name, title, basis },
    rows: report[name]?.length ?? 0,
    omitted: omitted[name] ?? 0,
  }));
  return { framework, made, period, integrity, log, notes, sections };
}

function madePart(
  { id }: ReportModel,
  { period, integrity, log, sections, notes, framework }: NonNullable<ReportModel["made"]>,
): Html {
  const { state, faultCount, faults } = integrity;
  const said =
    state === "valid"
      ? notice("good", html`The log verifies: each row names the records that prove it.`)
      : state === "not-signed"
        ? notice("wait", html`The log is chained, but no signature was checked: whoever writes it could have made it anew.`)
        : notice(
            "bad",
            html`<strong>The log does not verify</strong>, so that nothing of the report is proven: ${grouped(faultCount)} ${faultCount === 1 ? "fault" : "faults"}${faults[0] === undefined ? "" : html`, first: ${brief(faults[0].message, 300)}`}.`,
          );
  const file = (format: string, text: string): Html =>
    html`<a href="${href(`/reports/:id/${format as "csv"}`, { id })}" download>${text}</a>`;
  return html`${said}<p class="actions r-files"><a class="button primary" href="${href("/reports/:id/view", { id })}">Open the report</a>${file("html", "HTML")}${file("json", "JSON")}${file("csv", "CSV")}</p><p class="small muted">The report is a page of its own, to be read or printed.</p>${facts(
    [
      ["Law", reportTitles[framework].law],
      ["Period", html`${brief(period.from ?? "the beginning")} – ${brief(period.to ?? "the end")}`],
      ["Records", html`${grouped(log.inPeriod)} in the period, of ${grouped(log.records)}`],
    ],
  )}${table({
    caption: "Sections of the report",
    columns: [
      { head: "Section", kind: "grow", cell: ({ title }) => title },
      {
        head: "Rows",
        kind: "number",
        cell: ({ rows, omitted }) => html`${grouped(rows)}${omitted > 0 ? html` and ${grouped(omitted)} more` : ""}`,
      },
      { head: "Asked for by", cell: ({ basis }) => html`<span class="small">${basis}</span>` },
    ],
    rows: sections,
  })}${notes.length === 0 ? "" : html`<ul class="sentences r-notes">${notes.map((note) => html`<li>${brief(note, 500)}</li>`)}</ul>`}`;
}

type Format = "view" | "html" | "json" | "csv";

const formats: {
  readonly [F in Format]: { readonly type: string; readonly text: (report: Report) => string | Promise<string> };
} = {
  view: { type: "text/html; charset=utf-8", text: renderHtml },
  html: { type: "text/html; charset=utf-8", text: renderHtml },
  json: { type: "application/json", text: (report) => `${canonicalJson(report as unknown as Json)}\n` },
  csv: { type: "text/csv; charset=utf-8", text: renderCsv },
};

function download(format: Format): Download {
  return {
    path: `/reports/:id/${format}`,
    role: "viewer",
    run: async (world, c) => {
      const found = await findReport(world, { id: c.req.param("id") ?? "", identity: c.get("identity") as Identity });
      if (!found.ok) return c.json({ detail: found.error.message }, found.error.status);
      const { value } = found.value.task;
      if (value === undefined) return c.json({ detail: "the report is not made yet" }, 409);
      const { framework, made } = value.report;
      const { type, text } = formats[format];
      const name = `sluice-${framework}-${made.slice(0, 10)}.${format}`;
      return c.body(await text(value.report), 200, {
        "content-type": type,
        // The report has a style of its own, and nothing else.
        "content-security-policy": `default-src 'none'; style-src ${reportStyleHash}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
        ...(format === "view" ? {} : { "content-disposition": `attachment; filename="${name}"` }),
      });
    },
  };
}

/** The report as a page of its own, and as files. */
export const reportDownloads: readonly Download[] = [download("view"), download("html"), download("json"), download("csv")];
