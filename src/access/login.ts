/**
 * The login page: a token or a secret is pasted, or a login URL brings its code in the fragment, which no server and no log sees.
 * Never takes a credential from a URL, tells what was wrong with one, or sends anybody to another site afterwards.
 */
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { meteredNamesMax } from "../limits.ts";
import { accessFailures } from "./bounds.ts";
import type { Clock } from "../ports.ts";
import type { Result } from "../result.ts";
import { mediaTypeOf, readBody } from "../surfaces/body.ts";
import { createMeter } from "../surfaces/enforce/load/gcra.ts";
import type { Look } from "./access.ts";
import { cookieName, cookieOf, setCookie } from "./cookie.ts";
import { guardHeaders } from "./headers.ts";
import { askedOf } from "./page.ts";
import { cookiePlace, isOwnHost, isSentByUs, type OwnNames } from "./names.ts";
import type { Notes } from "./notes.ts";
import type { Login, Sessions } from "./sessions.ts";

/** What logging in is made of. */
export interface LoginWorld {
  readonly clock: Clock;
  readonly names: OwnNames;
  /** Where the dashboard is. */
  readonly path: string;
  readonly sessions: Sessions;
  readonly notes: Notes;
  /** Whose a pasted text is; `undefined`: nobody's. `isGuess`: it may be one of the secrets that people choose, and so be guessed. */
  readonly whose: (text: string) => Promise<Result<Login | undefined, "unavailable">>;
  readonly isGuess: (text: string) => boolean;
  /** The other end of the connection, if it is known. */
  readonly addressOf: (c: Context) => string | undefined;
  readonly look: Look;
}

/** Characters of a pasted credential: tokens of identity providers have some thousands. */
const pastedCharsMax = 16_384;
/** Bytes of the form: each character may be written as three. */
const loginBytesMax = 64 * 1024;

/** What takes the code out of the fragment of a login URL and sends it as the form would. */
const script = `const code = new URLSearchParams(location.hash.slice(1)).get("code");
const form = document.querySelector("form[data-login]");
if (code && form) {
  history.replaceState(null, "", location.pathname + location.search);
  form.elements.namedItem("credential").value = code;
  form.requestSubmit();
}
`;

/** `GET /login`, `GET /login.js`, `POST /login`. */
export function loginRoutes(world: LoginWorld): Hono {
  const { path, look } = world;
  const app = new Hono();
  app.use("/login", guardHeaders);
  app.use("/login.js", guardHeaders);
  app.get("/login.js", () => new Response(script, { headers: { "content-type": "text/javascript; charset=utf-8" } }));
  const logIn = createLogin(world);
  const page = (c: Context, { status = 200, problem }: { readonly status?: number; readonly problem?: string } = {}) =>
    look({ title: "Log in", body: loginForm(path, { next: nextOf(c.req.query("next"), path), problem }), status });
  app.get("/login", (c) => {
    if (!isOwnHost(askedOf(c), world.names)) return refuseLogin(c, page, "name");
    return isSafePlace(world, c) ? page(c) : page(c, { status: 403, problem: texts.plain });
  });
  app.post("/login", (c) => logIn(c, page));
  return app;
}

const texts = {
  wrong: "This is no credential of Sluice, or it does not hold any more.",
  wait: "Too many of those were wrong. Wait a few seconds.",
  plain:
    "This connection is not encrypted, and whoever is between could read what you paste. Come by https (access.publicUrl says the address), or from this machine.",
  name: "This server does not go by the name that you came by (access.hosts says its names).",
  store: "The store does not answer. Try again.",
  site: "The form was sent by another site, or the browser does not say which.",
} as const;

type Page = (c: Context, parts: { readonly status: number; readonly problem: string }) => Response | Promise<Response>;

const statuses = { wrong: 401, wait: 429, plain: 403, name: 403, store: 503, site: 403 } as const;

async function refuseLogin(c: Context, page: Page, why: keyof typeof texts): Promise<Response> {
  const response = await page(c, { status: statuses[why], problem: texts[why] });
  // RFC 9110 §15.5.2; and what counts refused credentials by address goes by it.
  if (why === "wrong") response.headers.set("www-authenticate", 'Bearer realm="sluice"');
  if (why === "wait") response.headers.set("retry-after", String(Math.ceil(60 / accessFailures.perMinute)));
  return response;
}

/** A cookie over an open connection is everybody's on the way: only where nothing leaves the machine. */
function isSafePlace({ names }: LoginWorld, c: Context): boolean {
  const { isSecure, isLocal } = cookiePlace(askedOf(c), names);
  return isSecure || isLocal;
}

function createLogin(world: LoginWorld): (c: Context, page: Page) => Promise<Response> {
  const { clock, names, path, sessions, notes } = world;
  const failures = createMeter(accessFailures, meteredNamesMax);
  /** Address → until when it has to wait. */
  const waiting = new Map<string, number>();
  return async (c, page) => {
    const asked = askedOf(c);
    if (!isOwnHost(asked, names)) return refuseLogin(c, page, "name");
    if (!isSafePlace(world, c)) return refuseLogin(c, page, "plain");
    // Else another site could log a person in as somebody else, and wait for what is entered then.
    if (!isSentByUs(asked, names)) return refuseLogin(c, page, "site");
    const form = await formOf(c);
    const text = form.get("credential")?.trim() ?? "";
    const now = clock();
    const address = world.addressOf(c) ?? "";
    const isGuess = world.isGuess(text);
    if (isGuess && (waiting.get(address) ?? 0) > now) return refuseLogin(c, page, "wait");
    const found = text.length > pastedCharsMax ? undefined : await world.whose(text);
    if (found?.ok === false) return refuseLogin(c, page, "store");
    const login = found?.value;
    if (login === undefined) {
      notes.refused("login-refused", "cookie");
      const wait = isGuess ? failures.take(address, now) : 0;
      if (wait > 0) waiting.set(address, now + wait);
      const [oldest] = waiting.keys();
      if (waiting.size > meteredNamesMax && oldest !== undefined) waiting.delete(oldest);
      return refuseLogin(c, page, wait > 0 ? "wait" : "wrong");
    }
    const place = cookiePlace(asked, names);
    const before = cookieOf(c.req.header("cookie"), cookieName(place));
    const ended = before === undefined ? undefined : await sessions.end(before);
    const noted = await notes.act({ ...login, via: "cookie" }, { act: "login" });
    const begun = noted.ok && ended?.ok !== false ? await sessions.begin(login) : undefined;
    if (begun?.ok !== true) return refuseLogin(c, page, "store");
    const seconds = (begun.value.expiresAt - now) / 1_000;
    c.header("set-cookie", setCookie(begun.value.cookie, { place, path, seconds }));
    return c.redirect(nextOf(form.get("next"), path), 303);
  };
}

/** The fields of the login form; none for what is no form of ours. */
async function formOf(c: Context): Promise<URLSearchParams> {
  const { type } = mediaTypeOf(c.req.header("content-type"));
  const body = await readBody(c.req.raw.body, loginBytesMax);
  const isForm = type === "application/x-www-form-urlencoded" && body.kind === "read";
  return new URLSearchParams(isForm ? new TextDecoder().decode(body.bytes) : "");
}

/** Where a login leads: a page of ours, or the first. */
export function nextOf(text: unknown, path: string): string {
  if (typeof text !== "string" || text.length > 2_048 || !/^\/[\x21-\x5b\x5d-\x7e]*$/.test(text)) return path;
  // Read as a browser reads it: `//host`, `/\\host` and `/dashboard/../x` are not what they look like.
  const base = "http://sluice.invalid";
  const url = URL.canParse(text, base) ? new URL(text, base) : undefined;
  const isOurs = url?.origin === base && (url.pathname === path || url.pathname.startsWith(`${path}/`));
  return url !== undefined && isOurs && !/\/log(?:in|out)$/.test(url.pathname) ? `${url.pathname}${url.search}` : path;
}

function loginForm(path: string, { next, problem }: { readonly next: string; readonly problem: string | undefined }) {
  return html`<form class="card" method="post" action="${path}/login" data-login>
${problem === undefined ? "" : html`<p class="notice bad" role="alert">${problem}</p>`}
<p class="field"><label for="credential">Your token</label>
<input id="credential" name="credential" type="password" required autocomplete="current-password" autocapitalize="none" spellcheck="false"></p>
<input type="hidden" name="next" value="${next}">
<p><button class="primary" type="submit">Log in</button></p>
<p class="hint">The token that was printed at the first start, or one of your own. <code>sluice token login-url</code> prints an address that logs you in without it.</p>
</form><script src="${path}/login.js" defer></script>`;
}
