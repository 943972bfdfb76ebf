/**
 * The search over the audit log, and its export.
 * Never shows a value of a call: records hold commitments, and only the page of one record opens them.
 */
import { html } from "hono/html";
import { exportAudit, type ExportFormat, exportFormats } from "../../audit/export.ts";
import type { AuditKind } from "../../audit/record.ts";
import { fieldCharsMax } from "../record/bounds.ts";
import { ok } from "../../result.ts";
import type { Download, Page, Seen } from "../dashboard.ts";
import { pacedLog } from "../record/paced.ts";
import { kindBadge, logProblem, noLog, personLink, recordLink, sessionLink } from "../record/pieces.ts";
import {
  type Asked,
  askedAgain,
  type FoundPage,
  type FoundRow,
  readAsked,
  type SearchField,
  searchLog,
} from "../record/search.ts";
import { kindGroups, kindMeanings } from "../record/what.ts";
import { brief, field, grouped, href, type Html, notice, nothing, pager, table, time, viewForm } from "../shell.ts";

/** What the search shows. */
export interface AuditModel {
  readonly isKept: boolean;
  /** Number of records of the log. */
  readonly size: number;
  readonly fields: Asked["fields"];
  readonly kinds: readonly AuditKind[];
  readonly problems: Asked["problems"];
  /** Absent: there is no log, or what was asked cannot be read. */
  readonly found?: FoundPage;
}

/** The search over the audit log. */
export const auditPage: Page<AuditModel> = {
  path: "/audit",
  title: "Audit log",
  role: "viewer",
  nav: "Audit log",
  isWide: true,
  load: async (world, c) => {
    const asked = readAsked(new URL(c.req.url).searchParams);
    const { fields, kinds, problems } = asked;
    const log = world.audit?.log;
    if (log === undefined) return ok({ isKept: false, size: 0, fields, kinds, problems });
    const head = await log.head();
    if (!head.ok) return logProblem(head.error);
    const model = { isKept: true, size: head.value.size, fields, kinds, problems };
    if (problems.length > 0) return ok(model);
    const found = await searchLog(log, asked.query);
    return found.ok ? ok({ ...model, found: found.value }) : logProblem(found.error);
  },
  view: (model, seen) => {
    if (!model.isKept) return noLog("The search");
    return html`${searchForm(model)}${foundPart(model, seen)}`;
  },
};

const labels: { readonly [field in Exclude<SearchField, "kind" | "before">]: string } = {
  text: "Words in the record",
  session: "Session",
  plan: "Plan",
  tool: "Tool",
  node: "Node",
  code: "Code",
  principal: "Person",
  by: "Decided by",
  since: "From",
  until: "Before",
};

const hints: { readonly [field in keyof typeof labels]?: string } = {
  plan: "the whole digest",
  tool: "its whole name: server/tool",
  code: "as in ARG_CONSTRAINT",
  principal: "a pseudonym: names are in no record",
  by: "the name of an approver or administrator",
  since: "2026-11-25 or 2026-11-25T09:30, UTC",
  until: "not included",
};

function searchForm({ fields, kinds, problems }: AuditModel): Html {
  const isNarrow = kinds.length > 0 || Object.keys(fields).some((name) => name !== "text" && name !== "before");
  const one = (name: keyof typeof labels): Html => {
    const hint = hints[name];
    return field({
      name,
      label: labels[name],
      value: fields[name],
      max: fieldCharsMax,
      ...(hint === undefined ? {} : { hint }),
    });
  };
  const more = (["since", "until", "session", "tool", "code", "node", "plan", "principal", "by"] as const).map(one);
  const boxes = kindGroups.map(
    ({ name, kinds: group }) =>
      html`<fieldset class="r-kinds"><legend>${name}</legend>${group.map(
        (kind) =>
          html`<label title="${kindMeanings[kind]}"><input type="checkbox" name="kind" value="${kind}"${kinds.includes(kind) ? html` checked` : ""}> ${kind}</label>`,
      )}</fieldset>`,
  );
  const refused = problems.map(
    ({ field: name, message }) => html`<li>${name === "kind" || name === "before" ? name : labels[name]}: ${message}</li>`,
  );
  return html`${refused.length === 0 ? "" : notice("bad", html`<ul class="sentences">${refused}</ul>`)}${viewForm({
    action: href("/audit"),
    label: "Records",
    body: html`<div class="r-search">${field({ name: "text", label: labels.text, value: fields.text, type: "search", max: fieldCharsMax })}<button type="submit" class="primary">Search</button><a class="r-clear" href="${href("/audit")}">Clear</a></div>
<details class="r-more"${isNarrow ? html` open` : ""}><summary>Filters</summary><div class="r-fields">${more}</div><div class="r-groups">${boxes}</div></details>`,
  })}`;
}

function foundPart(model: AuditModel, seen: Seen): Html {
  const { found, size } = model;
  if (found === undefined) return html``;
  const query = askedAgain(model);
  const files = (["jsonl", "csv", "ocsf"] as const).map(
    (format) =>
      html`<a href="${href("/audit/export", {}, { ...query, format })}" download>${format === "ocsf" ? "OCSF" : format.toUpperCase()}</a>`,
  );
  const older = found.older === undefined ? undefined : href("/audit", {}, askedAgain(model, found.older));
  const isLater = model.fields.before !== undefined || older !== undefined;
  const all = html`${grouped(size)} ${size === 1 ? "record" : "records"} in the log`;
  const some = html`${grouped(found.rows.length)} here${isLater ? "" : ", and no more"}. ${all}.`;
  return html`<div class="r-bar"><p>${found.rows.length === 0 ? html`${all}.` : some} <a href="${href("/audit/verification")}">Verify it</a></p><p class="r-files">Export what is asked: ${files}</p></div>
${table<FoundRow>({
  caption: "Records, the newest first",
  columns: columnsFor(seen),
  rows: found.rows,
  empty: nothing({
    title: found.older === undefined ? "No record is like that" : "Nothing so far",
    text:
      found.older === undefined
        ? "Look with fewer words or filters."
        : html`Records down to #${grouped(found.scannedTo)} were looked at: go on to older ones.`,
  }),
})}${pager({ newer: model.fields.before === undefined ? undefined : href("/audit", {}, askedAgain(model)), older })}`;
}

function columnsFor(seen: Seen): Parameters<typeof table<FoundRow>>[0]["columns"] {
  return [
    { head: "Record", kind: "short", cell: ({ seq }) => recordLink(seq) },
    { head: "When", kind: "short", cell: ({ at }) => time(at) },
    { head: "Kind", kind: "short", cell: ({ kind }) => kindBadge(kind) },
    { head: "What", kind: "grow", cell: ({ what }) => brief(what, 200) },
    { head: "Session", kind: "short", cell: ({ session }) => (session === undefined ? "" : sessionLink(session)) },
    {
      head: "Who",
      kind: "short",
      cell: ({ principal, by }) =>
        by !== undefined ? brief(by, 40) : principal === undefined ? "" : personLink(principal, seen),
    },
  ];
}

const types: { readonly [F in ExportFormat]: string } = {
  jsonl: "application/jsonl; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  ocsf: "application/jsonl; charset=utf-8",
};

/** What is asked of the search, as a file: as it is read, in small steps, and no faster than it is taken. */
export const auditExport: Download = {
  path: "/audit/export",
  role: "viewer",
  run: async ({ audit, version = "not said" }, c) => {
    const params = new URL(c.req.url).searchParams;
    const format = exportFormats.find((each) => each === params.get("format"));
    const { query, problems } = readAsked(params);
    if (audit === undefined) return c.json({ detail: "no audit log is kept" }, 409);
    if (format === undefined) return c.json({ detail: `\`format\` is one of ${exportFormats.join(", ")}` }, 422);
    const [first] = problems;
    if (first !== undefined) return c.json({ detail: `${first.field}: ${first.message}` }, 422);
    const stop = new AbortController();
    const log = pacedLog(audit.log, { signal: stop.signal });
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const encoder = new TextEncoder();
    const write = async (text: string): Promise<void> => {
      await writer.ready;
      await writer.write(encoder.encode(text));
    };
    // A file that ends too early must not look whole: the connection breaks. Nobody reads on for who has gone.
    exportAudit(log, { format, query, version, write })
      .then((done) => (done.ok ? writer.close() : writer.abort(new RangeError("the log cannot be read"))))
      .catch(() => stop.abort());
    return c.body(readable, 200, {
      "content-type": types[format],
      "content-disposition": `attachment; filename="audit.${format === "ocsf" ? "ocsf.jsonl" : format}"`,
    });
  },
};
