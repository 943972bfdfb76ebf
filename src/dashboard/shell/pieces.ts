/**
 * Pieces that pages are put together of: badges, times, digests, facts, tables, notices, pagers.
 * Never decides what is told; text of others comes in through `shown` and `brief`.
 */
import { html, raw } from "hono/html";
import { timeOf } from "../../surfaces/hono/page.ts";
import { brief, type Html } from "./text.ts";

/** What a badge or a notice is about; each has a sign of its own, so that no colour is needed. */
export type Tone = "good" | "bad" | "wait" | "info" | "plain";

const signs: { readonly [T in Tone]: string } = {
  good: '<path d="M3 8.5 6.5 12 13 4.5"/>',
  bad: '<path d="M4 4l8 8M12 4l-8 8"/>',
  wait: '<circle cx="8" cy="8" r="5.5"/><path d="M8 5v3.2l2 1.4"/>',
  info: '<circle cx="8" cy="8" r="5.5"/><path d="M8 7.4V11M8 5v.2"/>',
  plain: '<path d="M4 8h8"/>',
};

/** The sign of a tone, as a picture without words. */
export function sign(tone: Tone): Html {
  return html`${raw(`<svg class="sign" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false">${signs[tone]}</svg>`)}`;
}

/** A word with a sign: a verdict, a state. The text is ours. */
export function badge(tone: Tone, text: string): Html {
  return html`<span class="badge ${tone}">${sign(tone)}${text}</span>`;
}

/** A moment (milliseconds since the epoch): UTC, and the reader's own time where the script runs. */
export function time(ms: number): Html {
  const iso = timeOf(ms);
  return html`<time datetime="${iso}">${iso.replace("T", " ").replace(/\.\d+Z$/, " UTC")}</time>`;
}

/** How far a moment is from now: `in 4 min`, `3 h ago`. */
export function away(ms: number, now: number): Html {
  return html`<time datetime="${timeOf(ms)}" data-away="" title="${timeOf(ms)}">${distance(ms - now)}</time>`;
}

/** A distance in milliseconds, in words: `in 4 min`, `3 h ago`. */
export function distance(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1_000);
  if (!Number.isFinite(seconds)) return "never";
  if (seconds < 5) return "now";
  const [size, unit] = (
    [
      [86_400, "d"],
      [3_600, "h"],
      [60, "min"],
      [1, "s"],
    ] as const
  ).find(([length]) => seconds >= length * 2) ?? [1, "s"];
  const amount = `${Math.round(seconds / size)} ${unit}`;
  return ms < 0 ? `${amount} ago` : `in ${amount}`;
}

/** A digest or an id of ours: short to look at, whole to copy. */
export function digest(text: string, { length = 12 }: { readonly length?: number } = {}): Html {
  const named = text.replace(/^sha256:/, "");
  const short = named.length <= length + 4 ? named : `${named.slice(0, length)}…`;
  return html`<span class="digest"><code title="${text}">${short}</code>${copyButton(text, "Copy")}</span>`;
}

/** A button that copies a text. It is not there without the script. */
export function copyButton(text: string, label: string): Html {
  return html`<button type="button" class="copy" hidden data-copy="${text}"><span class="unseen">${label} </span>${raw(
    '<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false"><rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2"/></svg>',
  )}</button>`;
}

/** Names and what they are, in two columns. */
export function facts(rows: readonly (readonly [string, Html | Promise<Html> | string | number] | undefined)[]): Html {
  const known = rows.filter((row) => row !== undefined);
  return html`<dl class="facts">${known.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A column of a table. */
export interface Column<Row> {
  readonly head: string;
  cell(row: Row): Html | Promise<Html> | string | number;
  /** `number`: to the right. `grow`: takes what width is left. `short`: never broken. */
  readonly kind?: "number" | "grow" | "short";
}

/** How a table is made. */
export interface TableOptions<Row> {
  /** What it lists: read out, not shown. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** What stands there in its place where there is no row. */
  readonly empty?: Html | Promise<Html>;
}

/** A table; on a phone each row is a card. The first column names its row. */
export function table<Row>({ caption, columns, rows, empty = nothing({ title: "Nothing here yet" }) }: TableOptions<Row>): Html {
  if (rows.length === 0) return html`${empty}`;
  const head = columns.map(({ head: text, kind }) => html`<th scope="col" class="${kind ?? ""}">${text}</th>`);
  const body = rows.map(
    (row) =>
      html`<tr>${columns.map(({ head: text, kind, cell }, i) =>
        i === 0
          ? html`<th scope="row" class="${kind ?? ""}" data-head="${text}"><div>${cell(row)}</div></th>`
          : html`<td class="${kind ?? ""}" data-head="${text}"><div>${cell(row)}</div></td>`,
      )}</tr>`,
  );
  return html`<table class="list"><caption class="unseen">${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

/** What is shown where there is nothing: what would be here, and what to do for it. */
export function nothing({
  title,
  text,
  action,
}: {
  readonly title: string;
  readonly text?: Html | Promise<Html> | string;
  readonly action?: Html | Promise<Html>;
}): Html {
  return html`<div class="nothing"><p class="title">${title}</p>${text === undefined ? "" : html`<p>${text}</p>`}${action ?? ""}</div>`;
}

/** A message about the page: read out at once where it is bad. */
export function notice(tone: Tone, body: Html | Promise<Html> | string): Html {
  return html`<div class="notice ${tone}" role="${tone === "bad" ? "alert" : "status"}">${sign(tone)}<div>${body}</div></div>`;
}

/** A part of a page with a heading of its own. `aside`: what stands at the heading's end. */
export function section(
  title: string,
  body: Html | Promise<Html>,
  { aside, id }: { readonly aside?: Html | Promise<Html>; readonly id?: string } = {},
): Html {
  const name = id ?? slug(title);
  return html`<section class="part" aria-labelledby="${name}"><div class="head"><h2 id="${name}">${title}</h2>${aside ?? ""}</div>${body}</section>`;
}

function slug(title: string): string {
  return `part-${title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
}

/** Sentences of ours, one below the other, in which names of others stand between back quotes. */
export function sentences(list: readonly string[]): Html {
  return html`<ul class="sentences">${list.map((text) => html`<li>${sentence(text)}</li>`)}</ul>`;
}

/** A sentence of ours: what stands between back quotes is set as code, and it begins with a capital where it begins with a word of ours. */
export function sentence(text: string): Html {
  const parts = text.split("`");
  // An odd quote is somebody's own.
  if (parts.length % 2 === 0) return brief(text, sentenceCharsMax);
  const [first = ""] = parts;
  const whole = [first.charAt(0).toUpperCase() + first.slice(1), ...parts.slice(1)];
  return html`${whole.map((part, i) => (i % 2 === 1 ? html`<code>${brief(part, 200)}</code>` : brief(part, sentenceCharsMax)))}`;
}

/** Characters of a sentence that are shown. */
const sentenceCharsMax = 2_000;

/** Ways to other parts of a long list. */
export function pager({ newer, older }: { readonly newer?: string | undefined; readonly older?: string | undefined }): Html {
  if (newer === undefined && older === undefined) return html``;
  return html`<nav class="pager" aria-label="Pages">${newer === undefined ? html`<span></span>` : html`<a rel="prev" href="${newer}">← Newer</a>`}${
    older === undefined ? "" : html`<a rel="next" href="${older}">Older →</a>`
  }</nav>`;
}
