/**
 * A report as one HTML document that needs nothing else: no script, no font, no picture, no address of another site.
 * Every text in it is somebody else's: escaped, and written out where it cannot be seen or turns the direction of what follows.
 */
import { html, raw } from "hono/html";
import { reportTextMax } from "./bounds.ts";
import type { Cites, Report } from "./form.ts";
import { reportStyle } from "./html-style.ts";
import { integrityBasis, reportTitles, type SectionLayout, sectionsOf } from "./layout.ts";
import { type Line, linesOf, type RowLines } from "./lines.ts";

type Html = ReturnType<typeof html>;

/** A report as a document. */
export async function renderHtml(report: Report): Promise<string> {
  const filters = openFilters();
  const sections = sectionsOf(report);
  const titles = reportTitles[report.framework];
  const title = report.subject === undefined ? titles.all : titles.one;
  const bodies = sections.map((section) => sectionHtml(report, section, filters));
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer"><meta name="generator" content="Sluice">
<title>${title} (${report.framework.toUpperCase()})</title><style>${raw(reportStyle)}</style></head>
<body><header><h1>${title}</h1><p class="law">${titles.law}</p>${verdict(report)}${facts(report)}${figures(report)}${contents(report, sections)}</header>
<main>${bodies}${notes(report)}${limits(report)}${records(report)}${filters.html()}</main>
<footer><p>Made by Sluice on ${timeHtml(report.made)} from the audit log <code>${report.log.id}</code>, whose ${count(report.integrity.size, "record")} end with <code>${report.integrity.head}</code>.
Whoever has the log can check it without this document: <code>sluice audit verify LOG</code>.</p></footer></body></html>
`;
  return String(await page);
}

/** What the reader must know before anything else. */
function verdict({ integrity, framework }: Report): Html {
  const { state, size, checkpoints, signed, faults, faultCount, verdicts } = integrity;
  const words = {
    valid: "The log verifies.",
    "not-valid": "The log does not verify: nothing below is proven.",
    "not-signed": "The log is chained, but no signature was checked.",
  }[state];
  const detail =
    state === "valid"
      ? html`<p>${count(size, "record")} chained, ${signed} of them signed by ${count(checkpoints, "checkpoint")}. ${verdictWords(verdicts)} (${integrityBasis[framework]})</p>`
      : state === "not-signed"
        ? html`<p>Whoever writes the log could have made it anew. Give the public key of its checkpoints. (${integrityBasis[framework]})</p>`
        : html`<p>${count(faultCount, "fault")} found. Records were changed, dropped, put in or moved, or values are not what was committed.</p>
<ul>${faults.slice(0, 20).map(({ kind, message }) => html`<li><strong>${visible(kind)}</strong>: ${visible(message)}</li>`)}</ul>${faultCount > 20 ? html`<p>and ${faultCount - Math.min(20, faults.length)} more: <code>sluice audit verify LOG</code></p>` : ""}`;
  return html`<div class="verdict ${state}" role="${state === "valid" ? "note" : "alert"}"><strong>${words}</strong>${detail}</div>`;
}

function verdictWords({ follow, differ, notDecided }: Report["integrity"]["verdicts"]): string {
  if (follow + differ + notDecided === 0) return "No verdict was decided again.";
  return `${count(follow, "verdict")} decided again with the same outcome${notDecided === 0 ? "." : `, ${notDecided} could not be decided again.`}`;
}

function facts({ controller, period, log, subject, made }: Report): Html {
  const said = (text: string | null): Html | Promise<Html> =>
    text === null ? html`<span class="undeclared">not declared</span>` : visible(text);
  const rows: readonly (readonly [string, Html | Promise<Html>])[] = [
    ["Controller", said(controller.name)],
    ["Contact", said(controller.contact)],
    ...(controller.representative === null ? [] : [["Representative", visible(controller.representative)] as const]),
    ...(controller.officer === null ? [] : [["Officer", visible(controller.officer)] as const]),
    [
      "Period",
      html`${period.from === null ? "from the first record" : timeHtml(period.from)} to ${period.to === null ? "the last" : timeHtml(period.to)}`,
    ],
    ["Records", html`${log.inPeriod} in the period, of ${log.records}`],
    ["Made", timeHtml(made)],
    ...(subject === undefined
      ? []
      : [
          ["Person", subject.name === undefined ? html`<code>${subject.id}</code>` : visible(subject.name)] as const,
          [
            "Pseudonym in the log",
            html`<code>${subject.id}</code>${subject.isErased ? html` <span class="bad">erased</span>` : ""}`,
          ] as const,
        ]),
  ];
  return html`<dl class="facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function figures(report: Report): Html {
  const sum = (list: readonly { readonly calls: number }[]): number => list.reduce((all, { calls }) => all + calls, 0);
  const personal = report.flows.filter(({ from }) => from.categories.some(({ isPersonal }) => isPersonal === true));
  const undeclared = report.flows.filter(({ from }) => from.categories.some(({ isPersonal }) => isPersonal === null));
  const recipients = new Set(report.activities.flatMap((each) => each.recipients.map(({ tool }) => tool)));
  const shown: readonly (readonly [string, number])[] = [
    ["calls allowed", sum(report.activities)],
    ["calls refused", sum(report.refusals)],
    ["flows of personal data", personal.length],
    ["flows of data not declared", undeclared.length],
    ["recipients", recipients.size],
    ["calls that waited for a person", report.holds.length],
  ];
  return html`<dl class="figures">${shown.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function contents(report: Report, sections: readonly SectionLayout[]): Html {
  const entries = sections.map(({ name, title }) => {
    const size = (report[name]?.length ?? 0) + (report.omitted[name] ?? 0);
    return html`<li><a href="#${name}">${title}</a> <span class="count">${size === 0 ? "none" : size}</span></li>`;
  });
  return html`<nav aria-label="Contents"><ol>${entries}<li><a href="#unattested">What this report cannot attest</a></li><li><a href="#records">Records cited</a> <span class="count">${report.records.length}</span></li></ol></nav>`;
}

function sectionHtml(report: Report, { name, title, basis, intro, none }: SectionLayout, filters: Filters): Html {
  const rows = linesOf(report, name);
  const more = report.omitted[name] ?? 0;
  return html`<section id="${name}"><h2 id="${name}-title">${title}</h2><p class="basis">${basis}</p><p>${intro}</p>${
    rows.length === 0 ? html`<p class="none">${none}</p>` : table(rows, filters, `${name}-title`)
  }${more === 0 ? "" : html`<p class="bad">${count(more, "more entry", "more entries")} than a report holds: take a shorter period.</p>`}</section>`;
}

function table(rows: readonly RowLines[], filters: Filters, labelledBy: string): Html {
  const headings = [...(rows[0]?.cells ?? []).map(({ heading }) => heading), "Evidence"];
  return html`<div class="table" role="region" tabindex="0" aria-labelledby="${labelledBy}"><table role="table" aria-labelledby="${labelledBy}"><thead role="rowgroup"><tr role="row">${headings.map((heading) => html`<th scope="col" role="columnheader">${heading}</th>`)}</tr></thead><tbody role="rowgroup">${rows.map(
    ({ cells, cites, sources }) =>
      html`<tr role="row">${cells.map(({ heading, lines }) => html`<td role="cell" data-heading="${heading}">${lines.map(lineHtml)}</td>`)}<td role="cell" class="evidence" data-heading="Evidence"><span>${citesHtml(cites, filters)}</span>${sources === undefined || sources.count === 0 ? "" : html`<span class="quiet">from ${citesHtml(sources, filters)}</span>`}</td></tr>
`,
  )}</tbody></table></div>`;
}

function lineHtml({ text, kind }: Line): Html {
  if (kind === "time") return html`<span>${timeHtml(text)}</span>`;
  if (kind === "digest") return digestHtml(text);
  return kind === undefined ? html`<span>${visible(text)}</span>` : html`<span class="${kind}">${visible(text)}</span>`;
}

function citesHtml({ seqs, count: all, find }: Cites, filters: Filters): Html {
  const links = seqs.map(
    (seq, i) => html`${i === 0 ? "" : i === seqs.length - 1 && all > seqs.length ? " … " : ", "}<a href="#r${seq}">${seq}</a>`,
  );
  const more = all - seqs.length;
  if (more <= 0) return html`${links}`;
  return find === undefined ? html`${links}, ${more} more` : html`${links}, <a href="#${filters.of(find)}">${more} more</a>`;
}

interface Filters {
  /** The anchor of a filter. */
  of(find: string): string;
  html(): Html | "";
}

function openFilters(): Filters {
  const known = new Map<string, string>();
  return {
    of: (find) => {
      const id = known.get(find) ?? `f${known.size + 1}`;
      known.set(find, id);
      return id;
    },
    html: () =>
      known.size === 0
        ? ""
        : html`<section id="filters"><h2 id="filters-title">How to list all records of an entry</h2><p>An entry cites its first records and its last. These commands list the records that all of them are among.</p><ol class="filters">${[...known].map(([find, id]) => html`<li id="${id}"><code>sluice audit find LOG ${visible(find)}</code></li>`)}</ol></section>`,
  };
}

function notes({ notes: said }: Report): Html | "" {
  if (said.length === 0) return "";
  return html`<section id="notes"><h2 id="notes-title">How to read this report</h2><ul>${said.map((text) => html`<li>${visible(text)}</li>`)}</ul></section>`;
}

function limits({ unattested }: Report): Html {
  return html`<section id="unattested"><h2 id="unattested-title">What this report cannot attest</h2><p>No software can say these things from a log. They remain with the organisation.</p><dl class="limits">${unattested.map(
    ({ what, why }) => html`<div><dt>${visible(what)}</dt><dd>${visible(why)}</dd></div>`,
  )}</dl></section>`;
}

function records({ records: cited }: Report): Html {
  const headings = ["No.", "When", "Kind", "Operation", "Tool", "Code or person", "Plan", "Digest of the record"];
  const rows = cited.map(
    ({ seq, at, kind, node, tool, code, by, plan, digest }) =>
      html`<tr role="row" id="r${seq}">${[
        html`<span>${seq}</span>`,
        html`<span>${timeHtml(at)}</span>`,
        html`<span class="strong">${visible(kind)}</span>`,
        html`<span>${visible(node ?? "")}</span>`,
        html`<span class="code">${visible(tool ?? "")}</span>`,
        html`<span>${visible(code ?? by ?? "")}</span>`,
        digestHtml(plan ?? ""),
        digestHtml(digest),
      ].map((cell, i) => html`<td role="cell" data-heading="${headings[i]}">${cell}</td>`)}</tr>
`,
  );
  return html`<section id="records"><h2 id="records-title">Records cited</h2><p>Numbers are places in the log. The digest of a record is what the record after it is chained to.</p>${
    rows.length === 0
      ? html`<p class="none">No record is cited.</p>`
      : html`<div class="table" role="region" tabindex="0" aria-labelledby="records-title"><table role="table" aria-labelledby="records-title"><thead role="rowgroup"><tr role="row">${headings.map((heading) => html`<th scope="col" role="columnheader">${heading}</th>`)}</tr></thead><tbody role="rowgroup">${rows}</tbody></table></div>`
  }</section>`;
}

function count(size: number, one: string, many = `${one}s`): string {
  return `${size} ${size === 1 ? one : many}`;
}

function timeHtml(text: string): Html {
  return html`<time datetime="${text}">${text.replace("T", " ").replace(/(?:\.\d+)?Z$/, " UTC")}</time>`;
}

/** The beginning of a digest or an id; all of it where the pointer rests. */
function digestHtml(text: string): Html {
  const short = text.replace(/^sha256:/, "").slice(0, 12);
  return /^[\w:.-]{13,200}$/.test(text)
    ? html`<span class="digest" title="${text}">${short}</span>`
    : html`<span class="digest">${visible(short)}</span>`;
}

/** Characters that cannot be seen, that turn the direction of text, or that are no plain space. */
const unseen =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Co}\p{Cn}\u00a0\u115f\u1160\u2000-\u200f\u202f\u205f\u2800\u3000\u3164\uffa0]|[\ufe00-\ufe0f]/u;

/** A text in which every such character is written out and marked, cut where it is too long to be read. */
function visible(text: string): Html | Promise<Html> {
  const characters = [...text.slice(0, reportTextMax * 2)];
  const isLong = characters.length > reportTextMax || text.length > reportTextMax * 2;
  const parts: (string | Html)[] = [];
  let plain = "";
  for (const character of characters.slice(0, reportTextMax)) {
    if (!unseen.test(character)) plain += character;
    else {
      parts.push(plain, html`<mark>U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}</mark>`);
      plain = "";
    }
  }
  parts.push(plain);
  return html`${parts}${isLong ? html`<mark>… ${text.length} characters</mark>` : ""}`;
}
