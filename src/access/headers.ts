/**
 * Headers of every answer to people: nothing is stored, framed, guessed or told to other sites.
 * Never takes away what a handler has set itself.
 */
import type { MiddlewareHandler } from "hono";

/** What pages may load, where nobody says otherwise: nothing but our own files. */
const pagePolicy = [
  "default-src 'none'",
  ...["script-src", "style-src", "connect-src", "form-action"].map((name) => `${name} 'self'`),
  "img-src 'self' data:",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": pagePolicy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  // Not `no-referrer`: browsers would send `Origin: null` with our own forms.
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** The response with the headers that it does not have yet. */
export function guarded(response: Response): Response {
  const missing = Object.entries(headers).filter(([name]) => !response.headers.has(name));
  if (missing.length === 0) return response;
  const all = new Headers(response.headers);
  for (const [name, value] of missing) all.set(name, value);
  return new Response(response.body, { status: response.status, headers: all });
}

/** Middleware that adds them. */
export const guardHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(headers)) if (!c.res.headers.has(name)) c.header(name, value);
};
