/**
 * Text of others on a page: escaped, in a direction of its own, with nothing in it that a person cannot see.
 * Never markup: whatever a text holds, it is shown as text.
 */
import { html } from "hono/html";
import { canonicalJson } from "../../json/canonical.ts";
import type { Json } from "../../json/value.ts";
import { visible } from "../../surfaces/hono/page.ts";

/** Markup, escaped. */
export type Html = ReturnType<typeof html>;

/** Characters after which a text is folded. */
const foldedAfter = 400;

/** Characters of a text on one line. */
const briefCharsMax = 80;

/**
 * A text of others, whole: from `max` characters on (default 400) it is folded, and opens without script. Contains `details`: for cells, list
 * items and definitions, not for headings, links and paragraphs (see {@link brief}).
 */
export function shown(text: string, { max = foldedAfter }: { readonly max?: number } = {}): Html {
  if (text.length <= max) return html`<bdi>${visible(text)}</bdi>`;
  return html`<details class="long"><summary><bdi>${visible(cut(text, max))}</bdi><span class="more"> … ${count(text)}</span></summary><pre class="text"><bdi>${visible(text)}</bdi></pre></details>`;
}

/** The beginning of a text of others, for where there is one line: headings, links, cells. */
export function brief(text: string, max: number = briefCharsMax): Html {
  if (text.length <= max) return html`<bdi>${visible(oneLine(text))}</bdi>`;
  return html`<bdi>${visible(oneLine(cut(text, max)))}…</bdi>`;
}

/** A value of others, as a block: a string as it is, anything else as JSON with a line for each member. */
export function block(value: Json): Html {
  const text = typeof value === "string" ? value : pretty(value);
  if (text.length <= foldedAfter * 5) return html`<pre class="text"><bdi>${visible(text)}</bdi></pre>`;
  return html`<details class="long block"><summary><span class="text"><bdi>${visible(cut(text, foldedAfter))}</bdi></span><span class="more"> … ${count(text)}</span></summary><pre class="text"><bdi>${visible(text)}</bdi></pre></details>`;
}

/** A text for a place that takes no markup (a title, an attribute): without what cannot be seen, cut. */
export function plainText(text: string, max: number = briefCharsMax): string {
  const clean = oneLine(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\u{fffd}");
  return clean.length <= max ? clean : `${cut(clean, max)}…`;
}

/** JSON with two spaces for each level; keys in canonical order. */
export function pretty(value: Json, indent = ""): string {
  if (typeof value !== "object" || value === null) return canonicalJson(value);
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const parts = isList
    ? (value as readonly Json[]).map((item) => `${inner}${pretty(item, inner)}`)
    : Object.keys(value)
        .sort()
        .map(
          (key) => `${inner}${canonicalJson(key)}: ${pretty((value as { readonly [name: string]: Json })[key] ?? null, inner)}`,
        );
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  return parts.length === 0 ? `${open}${close}` : `${open}\n${parts.join(",\n")}\n${indent}${close}`;
}

/** The first so many UTF-16 units, without half a character. */
function cut(text: string, max: number): string {
  const end = /[\ud800-\udbff]/.test(text.charAt(max - 1)) ? max - 1 : max;
  return text.slice(0, end);
}

function oneLine(text: string): string {
  return text.replace(/\n/g, " ");
}

/** A number with a space between thousands, the same on every machine. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, "\u{2009}");
}

function count(text: string): string {
  return `${grouped(text.length)} characters`;
}
