/**
 * What access shows a person itself, and how it reads a request of Hono.
 * Never shows anything of the request: constant texts, and addresses of our own.
 */
import type { Context } from "hono";
import { html } from "hono/html";
import { CODES } from "../codes.ts";
import type { Look } from "./access.ts";
import { guarded } from "./headers.ts";
import type { AccessProblem } from "./identity.ts";
import type { Asked } from "./names.ts";

/** A request as names are looked for in it. */
export function askedOf(c: Context): Asked {
  return { url: c.req.url, header: (name) => c.req.header(name) };
}

/** Whether a browser asks for a page. */
export function wantsPage(c: Context): boolean {
  return (c.req.header("accept") ?? "").includes("text/html");
}

/** A page without any look. */
export const plainLook: Look = async ({ title, body, status = 200 }) => {
  const page = html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>${title} - Sluice</title></head><body><main><h1>${title}</h1>${await body}</main></body></html>`;
  return guarded(new Response(String(await page), { status, headers: { "content-type": "text/html; charset=utf-8" } }));
};

/** A problem as a page. */
export async function problemPage(look: Look, { code, message }: AccessProblem, path: string): Promise<Response> {
  const { status, text } = CODES[code];
  const again = code === "AUTH_DENIED" ? "Log in as somebody else" : "Log in";
  const title = status === 401 ? "Log in first" : status === 403 ? "Not for you" : "Not now";
  const body = html`<p class="notice bad">${text}${message === undefined ? "" : `: ${message}`}.</p><p><a href="${path}/login">${again}</a></p>`;
  return guarded(await look({ title, body, status }));
}

/** A page that asks for itself again: a link of another site comes without our cookie, what comes from our own page has it. */
export async function comeAgainPage(look: Look, href: string): Promise<Response> {
  const body = html`<meta http-equiv="refresh" content="0"><p><a href="${href}">Go on</a></p>`;
  return guarded(await look({ title: "One moment", body }));
}
