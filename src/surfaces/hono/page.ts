/**
 * What the pages for approvers share: the frame, the headers, and texts in which nothing is hidden.
 * Plain HTML from the server, no script. Never shows a character that a person cannot see: such characters are written out.
 */
import { html, raw } from "hono/html";
import { type Code, CODES } from "../../codes.ts";
import { canonicalJson } from "../../json/canonical.ts";
import type { Json } from "../../json/value.ts";

/** Markup, escaped. */
export type Html = ReturnType<typeof html>;

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f4;padding:1rem;border-radius:4px}mark{background:#ffd54a}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem;border-bottom:1px solid #ddd;vertical-align:top;overflow-wrap:anywhere}
.agent{border-left:4px solid #c77700;padding-left:.6rem}
button{font:inherit;padding:.6rem 1.4rem;margin-right:1rem}code{overflow-wrap:anywhere}
@media (prefers-color-scheme:dark){body{color:#eee;background:#161616}pre{background:#262626}th,td{border-color:#444}mark{background:#7a5b00;color:#fff}a{color:#8ab4ff}}`;

/** SHA-256 of the style is not needed: the policy allows this one inline style by a nonce of no secrecy, since there is no script at all. */
const securityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** A page as a response that no browser stores, frames or runs anything in. */
export function pageResponse(page: string, status = 200): Response {
  return new Response(page, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": securityPolicy,
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    },
  });
}

/** A page that says what was wrong: the constant text of the code. */
export function problemPage(code: Code): Promise<string> {
  return layout(code, html`<p>${CODES[code].text}</p>`);
}

/** A whole page. */
export async function layout(title: string, body: Html | Promise<Html>): Promise<string> {
  const page = html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title} - Sluice</title><style>${raw(style)}</style></head><body><h1>${title}</h1>${await body}</body></html>`;
  return String(await page);
}

/** A value as text: a string as it is, anything else as canonical JSON. */
export function shown(value: Json): Html | Promise<Html> {
  return visible(typeof value === "string" ? value : canonicalJson(value));
}

/** Characters that cannot be seen, that turn the direction of text, that are no plain space, or that are half a character. */
const unseen =
  /(?!\n)(?:[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Co}\p{Cn}\u00a0\u115f\u1160\u2000-\u200f\u202f\u205f\u2800\u3000\u3164\uffa0]|[\ufe00-\ufe0f])/gu;

/** A text in which every such character but the line feed is written out and marked. */
export function visible(text: string): Html | Promise<Html> {
  const parts: unknown[] = [];
  let from = 0;
  for (const { 0: character, index } of text.matchAll(unseen)) {
    const point = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    parts.push(text.slice(from, index), raw(`<mark>U+${point}</mark>`));
    from = index + character.length;
  }
  return html`${[...parts, text.slice(from)]}`;
}

/** A time (milliseconds since the epoch) as ISO 8601. */
export function timeOf(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : String(ms);
}
