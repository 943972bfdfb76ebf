/**
 * Pieces of the live pages: verdicts, codes in words, sessions as links.
 * Never decides what a verdict is.
 */
import { html } from "hono/html";
import { type Code, CODES } from "../../codes.ts";
import { badge, brief, href, type Html } from "../shell.ts";
import type { SeenVerdict } from "./sessions.ts";

/** A verdict as a badge. */
export function verdictBadge(verdict: SeenVerdict["verdict"]): Html {
  if (verdict === "allow") return badge("good", "allowed");
  return verdict === "deny" ? badge("bad", "denied") : badge("wait", "waits");
}

/** A code with what it means. */
export function codeWords(code: Code): Html {
  return html`${wordsOfCode(code)} <code class="muted small">${code}</code>`;
}

/** What a code means: its constant text. A store may have codes of a later version. */
export function wordsOfCode(code: Code): string {
  return Object.hasOwn(CODES, code) ? CODES[code].text : code;
}

/** What stands where there is nothing; on a phone its row is left out. */
export const none = html`<span class="muted g-none">–</span>`;

/** Names of labels, each by itself. */
export function labelNames(names: readonly string[], max = 6): Html {
  if (names.length === 0) return html`${none}`;
  const more = names.length > max ? html` <span class="muted">+${names.length - max}</span>` : "";
  return html`<span class="g-names">${names.slice(0, max).map((name) => html`<span class="g-name-tag">${brief(name, 40)}</span>`)}${more}</span>`;
}

/** The address of a session, or of one denial in it. */
export function sessionHref(session: string, denial?: number): string {
  const at = href("/sessions/:session", { session }, denial === undefined ? {} : { denial });
  return denial === undefined ? at : `${at}#denial`;
}
