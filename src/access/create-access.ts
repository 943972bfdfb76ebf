/**
 * Makes `Access` of its parts: secrets, local tokens, an identity provider, sessions of browsers.
 * Never takes a credential from a URL, and never takes two at once for one.
 */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { hexOf, hmacSha256 } from "../plan/digest.ts";
import { ConfigError, err, ok, type Result } from "../result.ts";
import { bearerOf, equalSecret } from "../surfaces/credential.ts";
import { hostProblemResponse } from "../surfaces/problem.ts";
import type { Access, AccessOptions, Look, NeedsOptions } from "./access.ts";
import { cookieName, cookieOf, setCookie } from "./cookie.ts";
import { guardHeaders } from "./headers.ts";
import { type AccessProblem, type AccessVariables, type Identity, includes, type Role } from "./identity.ts";
import { loginRoutes, nextOf } from "./login.ts";
import { codePrefix, redeemLoginCode } from "./login-codes.ts";
import { cookiePlace, isOwnHost, isOwnOrigin, isSentByUs, type OwnNames } from "./names.ts";
import { createNotes, type Notes } from "./notes.ts";
import { createOidcVerifier, type OidcVerifier } from "./oidc/oidc.ts";
import { askedOf, comeAgainPage, plainLook, problemPage, wantsPage } from "./page.ts";
import { createSecretHolders, type SecretHolders } from "./secrets.ts";
import { createSessions, type Login, type Sessions } from "./sessions.ts";
import { createTokens, tokenPrefix, type Tokens } from "./tokens.ts";

interface World {
  readonly options: AccessOptions;
  readonly path: string;
  readonly names: OwnNames;
  readonly holders: SecretHolders;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly oidc: OidcVerifier | undefined;
  readonly notes: Notes;
  /** How pages look: that of whoever mounts the routes, from then on. */
  look: Look;
}

/** The form of a signed JWT (RFC 7519 section 3): three parts in base64url, the first one a JSON object. No secret that a person chose. */
const signedToken = /^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{40,}$/;

type Found = Result<Identity, AccessProblem>;
type Via = Identity["via"];

/** Makes access to one process. Throws `ConfigError` for what is unusable. */
export function createAccess(options: AccessOptions): Access {
  const world = createWorld(options);
  const { tokens, notes, path } = world;
  const who = (c: Context): Identity => c.get("identity" as never) as Identity;
  const needs: Access["needs"] = (role, how) => needing(world, role, how);
  return {
    identify: (c, takes) => identify(world, c, takes),
    needs,
    csrf: (c) => csrfOf(world, c),
    routes: (look = world.look) => {
      world.look = look;
      return accessRoutes(world, { look, needs, path });
    },
    note: (c, told) => notes.act(who(c), told),
    look: (c, told) => notes.look(who(c), told),
    tokens,
  };
}

function createWorld(options: AccessOptions): World {
  const { store, clock, random, hosts = [], path = "/dashboard" } = options;
  if (!/^(?:\/[a-z0-9-]+)+$/.test(path)) throw new ConfigError("`path` must be a path such as `/dashboard`");
  const holders = createSecretHolders(options);
  const tokens = createTokens({ store, clock, random });
  const publicUrl = options.publicUrl === undefined ? undefined : readPublicUrl(options.publicUrl);
  const names = hosts === "any" ? hosts : new Set(hosts.map(readHost));
  const fetcher = options.fetch === undefined ? {} : { fetch: options.fetch };
  return {
    options,
    path,
    names: { hosts: names, ...(publicUrl === undefined ? {} : { publicUrl }) },
    holders,
    tokens,
    sessions: createSessions({ store, clock, random, holders, tokens }),
    oidc: options.oidc === undefined ? undefined : createOidcVerifier(options.oidc, { clock, ...fetcher }),
    notes: createNotes({ store, clock }),
    look: options.look ?? plainLook,
  };
}

function readHost(name: string): string {
  if (!/^[A-Za-z0-9._-]{1,253}$/.test(name)) throw new ConfigError("`hosts` must be names, without scheme and port");
  return name.toLowerCase();
}

function readPublicUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search + url.hash + url.username !== "")
    throw new ConfigError("`publicUrl` must be an address without a path, such as `https://sluice.example`");
  return url;
}

const denied = (message?: string): { readonly ok: false; readonly error: AccessProblem } =>
  err({ code: "AUTH_DENIED", ...(message === undefined ? {} : { message }) });
const unavailable = err<AccessProblem>({ code: "STORE_UNAVAILABLE" });

/** Ways that are looked at where nobody says otherwise. */
const usual: readonly Via[] = ["bearer", "cookie"];

async function identify(world: World, c: Context, takes: readonly Via[] = usual): Promise<Found> {
  const asked = askedOf(c);
  if (!isOwnHost(asked, world.names)) return denied("the request is for a name that is none of this server's");
  if (!isOwnOrigin(asked, world.names)) return denied("a page of another site has sent this");
  if (hasSecret(c.req.url)) return denied("a credential in an address is in every log: send it as a header");
  const header = c.req.header("authorization");
  // SECURITY: who sends a header is judged by it, whatever cookie a browser has added.
  if (header === undefined) return takes.includes("cookie") ? byCookie(world, c) : err({ code: "AUTH_REQUIRED" });
  const bearer = bearerOf(header);
  const basic = bearer === undefined && takes.includes("basic") ? basicOf(header) : undefined;
  const secret = takes.includes("bearer") && bearer !== undefined ? bearer : basic?.secret;
  if (secret === undefined) return err({ code: "AUTH_REQUIRED" });
  const found = await whose(world, secret);
  if (!found.ok) return unavailable;
  const via = basic === undefined ? "bearer" : "basic";
  const known = found.value;
  // The host's own credential is for programs: a browser would send it along wherever it goes.
  const isTaken = basic === undefined || (known?.by !== "host" && known?.name === basic.name);
  if (known === undefined || !isTaken) {
    world.notes.refused("credential-refused", via);
    return denied();
  }
  const { until: _, ...identity } = known;
  return ok({ ...identity, via });
}

/** Whose a secret is, however it came. All secrets of the configuration are looked at first, whatever the text looks like. */
async function whose({ holders, tokens, oidc }: World, text: string): Promise<Result<Login | undefined, "unavailable">> {
  const holder = holders.find(text);
  if (holder !== undefined) return ok(holder);
  const token = await tokens.verify(text);
  if (!token.ok) return err("unavailable");
  if (token.value !== undefined) {
    const { id, name, role, expiresAt } = token.value;
    return ok({ name, role, by: "token", credential: id, until: expiresAt });
  }
  const person = text.split(".").length === 3 ? await oidc?.(text) : undefined;
  return ok(person === undefined ? undefined : { name: person.name, role: person.role, by: "oidc", until: person.expiresAt });
}

async function byCookie(world: World, c: Context): Promise<Found> {
  const cookie = ownCookie(world, c);
  if (cookie === undefined) return err({ code: "AUTH_REQUIRED" });
  // What a page does by itself is no sign of a person.
  const isPage = c.req.header("sluice-fragment") === undefined && c.req.header("accept")?.includes("event-stream") !== true;
  const found = await world.sessions.find(cookie, isPage);
  if (!found.ok) return unavailable;
  return found.value === undefined ? err({ code: "AUTH_REQUIRED" }) : ok({ ...found.value.known, via: "cookie" });
}

function ownCookie({ names }: World, c: Context): string | undefined {
  return cookieOf(c.req.header("cookie"), cookieName(cookiePlace(askedOf(c), names)));
}

/** Whether an address carries a credential, by name (RFC 6750 §2.3) or by its form. */
function hasSecret(address: string): boolean {
  const { search, pathname } = new URL(address);
  return (
    /[?&](?:access_)?token=/i.test(search) || [tokenPrefix, codePrefix].some((prefix) => (pathname + search).includes(prefix))
  );
}

/** Name and secret of `Authorization: Basic …` (RFC 7617 §2): what a browser asks a person for, without a cookie. */
function basicOf(header: string): { readonly name: string; readonly secret: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]{1,2048}={0,2}) *$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  try {
    const text = atob(encoded);
    const at = text.indexOf(":");
    return at < 0 ? undefined : { name: text.slice(0, at), secret: text.slice(at + 1) };
  } catch {
    return undefined;
  }
}

/** Follows from what only the browser has; without it nobody makes a form that is taken. */
function csrfOf(world: World, c: Context): string {
  const header = c.req.header("authorization");
  const secret = header === undefined ? ownCookie(world, c) : basicOf(header)?.secret;
  return secret === undefined ? "" : hexOf(hmacSha256(secret, "sluice/csrf/v1"));
}

function needing(world: World, role: Role, options: NeedsOptions = {}): MiddlewareHandler<{ Variables: AccessVariables }> {
  const { takes = usual, refuse = (c, problem) => refuseAccess(world, c, problem) } = options;
  return async (c, next) => {
    const who = await identify(world, c, takes);
    if (!who.ok) return refuse(c, who.error);
    if (!includes(who.value.role, role)) return refuse(c, { code: "AUTH_DENIED", message: `this needs the role ${role}` });
    if (who.value.via === "cookie" && !["GET", "HEAD"].includes(c.req.method) && !(await isMeant(world, c)))
      return refuse(c, { code: "AUTH_DENIED", message: "the form is not one that this page has made" });
    c.set("identity", who.value);
    await next();
    return;
  };
}

/** Whether the person has sent it, and no other site in their name. */
async function isMeant(world: World, c: Context): Promise<boolean> {
  if (!isSentByUs(askedOf(c), world.names)) return false;
  const wanted = csrfOf(world, c);
  const header = c.req.header("sluice-csrf");
  if (header !== undefined) return equalSecret(header, wanted);
  if (!/^(?:application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(c.req.header("content-type") ?? "")) return false;
  try {
    const { csrf } = await c.req.parseBody({ all: true });
    return typeof csrf === "string" && equalSecret(csrf, wanted);
  } catch {
    return false;
  }
}

/** A browser that only lacks a session is led to one; everybody else is told. */
async function refuseAccess({ look, path }: World, c: Context, problem: AccessProblem): Promise<Response> {
  if (!wantsPage(c)) return hostProblemResponse(problem);
  if (problem.code !== "AUTH_REQUIRED" || c.req.method !== "GET") return problemPage(look, problem, path);
  const { pathname, search } = new URL(c.req.url);
  const here = nextOf(`${pathname}${search}`, path);
  // SameSite=Strict: a link of another site comes without our cookie even where there is one.
  if (c.req.header("sec-fetch-site") === "cross-site") return comeAgainPage(look, here);
  return c.redirect(`${path}/login?next=${encodeURIComponent(here)}`, 303);
}

function accessRoutes(
  world: World,
  { look, needs, path }: { readonly look: Look; readonly needs: Access["needs"]; readonly path: string },
): Hono {
  const { options, names, sessions, notes, holders, tokens } = world;
  const app = new Hono();
  app.route(
    "/",
    loginRoutes({
      clock: options.clock,
      ...{ names, path, sessions, notes, look },
      whose: (text) => (text.startsWith(codePrefix) ? redeemLoginCode(options, text, { holders, tokens }) : whose(world, text)),
      isGuess: (text) => !text.startsWith(codePrefix) && !text.startsWith(tokenPrefix) && !signedToken.test(text),
      addressOf: options.addressOf ?? ((c) => (c.env as { readonly address?: string } | undefined)?.address),
    }),
  );
  app.post("/logout", guardHeaders, needs("viewer", { takes: ["cookie"] }), async (c) => {
    const place = cookiePlace(askedOf(c), names);
    const cookie = ownCookie(world, c);
    const ended = cookie === undefined ? undefined : await sessions.end(cookie);
    if (ended?.ok === false) return problemPage(look, { code: "STORE_UNAVAILABLE" }, path);
    await notes.act(c.get("identity"), { act: "logout" });
    c.header("set-cookie", setCookie("", { place, path, seconds: 0 }));
    return c.redirect(`${path}/login`, 303);
  });
  return app;
}
