/**
 * That a firewall observes, shown on everything that its host's routes answer.
 * Never lets a page of a firewall that observes look like one of a firewall that enforces.
 */
import { html } from "hono/html";
import type { MiddlewareHandler } from "hono";
import type { ObserveStatus, Observer } from "../observe.ts";
import { modeHeader } from "./request.ts";

/** The mode as the host's routes answer it; nothing for a firewall that was never given one. */
export function modeOf(observer: Observer | undefined): { readonly mode?: ObserveStatus } {
  return observer === undefined ? {} : { mode: observer.status() };
}

/** Middleware that says the mode: in a header of every response, and at the top of every page. */
export function showMode(observer: Observer | undefined): MiddlewareHandler {
  return async (c, next) => {
    await next();
    if (observer === undefined) return;
    const { mode, reason, until } = observer.status();
    const isPage = c.res.headers.get("content-type")?.startsWith("text/html") === true;
    if (isPage && mode === "observe") {
      const page = await c.res.text();
      const banner = html`<p role="alert"><mark><strong>Nothing is enforced.</strong></mark> This firewall only observes, until ${until}: ${reason}</p>`;
      c.res = new Response(
        page.replace("<body>", () => `<body>${String(banner)}`),
        c.res,
      );
    }
    c.header(modeHeader, mode);
  };
}

/** Middleware that says the mode on every response that does not say yet how its request was treated. */
export function showModeEverywhere(observer: Observer | undefined): MiddlewareHandler {
  return async (c, next) => {
    await next();
    if (observer !== undefined && !c.res.headers.has(modeHeader)) c.header(modeHeader, observer.status().mode);
  };
}
