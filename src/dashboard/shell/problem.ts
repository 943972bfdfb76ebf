/**
 * Problems of pages, made of codes or of words.
 * Never of a library's text.
 */
import { html } from "hono/html";
import { type Code, CODES } from "../../codes.ts";
import { err, type Result } from "../../result.ts";
import type { PageProblem } from "../dashboard.ts";
import { notice } from "./pieces.ts";
import type { Html } from "./text.ts";

const statuses: readonly PageProblem["status"][] = [400, 403, 404, 409, 413, 422, 503];

/** The problem that a code is, in its constant words unless others are given. */
export function problemOf(code: Code, message: string = CODES[code].text): PageProblem {
  const status = statuses.find((each) => each === CODES[code].status) ?? (CODES[code].status >= 500 ? 503 : 400);
  return { status, message, code };
}

/** A problem in our words, as a failure. */
export function problem(status: PageProblem["status"], message: string): Result<never, PageProblem> {
  return err({ status, message });
}

/** What a page says in place of what was asked for. */
export function problemBody({ message, code }: PageProblem, back: string): Html {
  return html`${notice("bad", html`${message}${code === undefined ? "" : html` <code>${code}</code>`}`)}<p><a href="${back}">Back to the first page</a></p>`;
}
