/**
 * The dashboard: pages for the people who run agents behind Sluice, rendered on the server, for browsers and, as JSON, for programs.
 * Never answers who is not signed in, and never runs or loads anything in a page that is not its own.
 */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { AccessVariables, Identity } from "./access/identity.ts";
import { includes, isPerson } from "./access/identity.ts";
import type { Look } from "./access/access.ts";
import { guardRoutes, type RouteRow } from "./access/table.ts";
import type { Act, Acted, DashboardOptions, DashboardWorld, Page, PageProblem, Seen } from "./dashboard/dashboard.ts";
import { createDashboardEvents } from "./dashboard/events.ts";
import { dashboardBytesMax } from "./dashboard/bounds.ts";
import { themeOf } from "./dashboard/pages/theme.ts";
import { acts, downloads, pageGroups, pageKeys } from "./dashboard/pages.ts";
import { assetResponse } from "./dashboard/shell/assets.ts";
import { type Framed, framePage, framePlain, mainRegion, type MenuGroup, pageHeaders } from "./dashboard/shell/frame.ts";
import { problemBody } from "./dashboard/shell/problem.ts";
import { dashboardRoot, href } from "./dashboard/shell.ts";
import { countWaiting } from "./dashboard/waiting.ts";
import { canonicalJson } from "./json/canonical.ts";
import type { Json } from "./json/value.ts";
import type { Result } from "./result.ts";
import { cappedStream } from "./surfaces/body.ts";
import { jsonResponse } from "./surfaces/hono/json-response.ts";
import { systemRandom } from "./surfaces/random.ts";

export type { DashboardOptions } from "./dashboard/dashboard.ts";

const assetPath = "/assets/:name";

/** Who may use which route: the table of pages, and what nobody signs in for. */
export const dashboardRows: readonly RouteRow[] = [
  {
    method: "GET",
    path: assetPath,
    needs: "public",
    why: "the style, script and icon of the login page: the same for everybody",
  },
  { method: "GET", path: "/login", needs: "public", why: "who logs in is not logged in" },
  { method: "GET", path: "/login.js", needs: "public", why: "the script of the login page" },
  { method: "POST", path: "/login", needs: "public", why: "who logs in is not logged in" },
  { method: "POST", path: "/logout", needs: "viewer" },
  ...pageGroups.flatMap(({ pages }) => pages.map(({ path, role }) => ({ method: "GET", path, needs: role }) as const)),
  ...acts.map(({ path, role }) => ({ method: "POST", path, needs: role }) as const),
  ...downloads.map(({ path, role }) => ({ method: "GET", path, needs: role }) as const),
];

type Variables = { Variables: AccessVariables };

interface Site {
  readonly world: DashboardWorld;
  readonly menu: readonly MenuGroup[];
}

/**
 * The routes of the dashboard, to be mounted at `/dashboard`: pages, acts, downloads, assets, and signing in. Who may what is said by the
 * table of pages and kept by `access`.
 *
 * @example app.route("/dashboard", dashboardRoutes({ enforcer: firewall, access }));
 */
export function dashboardRoutes(options: DashboardOptions): Hono<Variables> {
  const { enforcer, access } = options;
  const world: DashboardWorld = {
    ...options,
    events: options.events ?? createDashboardEvents({ clock: enforcer.clock }),
    store: enforcer.store,
    clock: enforcer.clock,
    random: options.random ?? systemRandom,
  };
  const site: Site = { world, menu: menuOf() };
  const app = new Hono<Variables>();
  app.use(setHeaders);
  app.use(boundBody);
  app.onError((_, c) =>
    answerProblem(site, c as Context<Variables>, {
      status: 503,
      message: "this went wrong here; the log of the process may say more",
      code: "INTERNAL",
    }),
  );
  guardRoutes(app as unknown as Hono, { access, rows: dashboardRows, takes: ["bearer", "cookie"], unknown: noSuchPage(site) });
  app.get(assetPath, (c) => assetResponse(c.req.param("name")) ?? c.notFound());
  app.route("/", access.routes(lookOf()));
  for (const { pages } of pageGroups) for (const page of pages) app.get(page.path, (c) => showPage(site, c, page));
  for (const act of acts) app.post(act.path, (c) => runAct(site, c, act));
  for (const download of downloads) app.get(download.path, (c) => download.run(world, c));
  app.notFound((c) => answerProblem(site, c as Context<Variables>, { status: 404, message: "there is no such page" }));
  return app;
}

/** What has no row: a page for who is signed in; others are sent to sign in, so that they do not learn what there is. */
function noSuchPage(site: Site): (c: Context) => Promise<Response> {
  const signIn = site.world.access.needs("viewer");
  return async (c) => {
    const { pathname, search } = new URL(c.req.url);
    if (pathname === `${dashboardRoot}/`) return c.redirect(`${dashboardRoot}${search}`, 308);
    const seen = c as Context<Variables>;
    let answer: Response | undefined;
    const refused = await signIn(seen, async () => {
      answer = await answerProblem(site, seen, { status: 404, message: "there is no such page" });
    });
    return answer ?? refused ?? c.body(null, 404);
  };
}

/** Every answer has the headers, also those that say no. */
const setHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  const isAsset = c.res.headers.has("cache-control") && c.res.headers.get("cache-control")?.includes("immutable") === true;
  if (isAsset) return;
  for (const [name, value] of Object.entries(pageHeaders)) if (!c.res.headers.has(name)) c.res.headers.set(name, value);
};

/** A body is read whole by whoever needs it, and never more of it than this. */
const boundBody: MiddlewareHandler = async (c, next) => {
  const { body } = c.req.raw;
  if (body !== null) {
    const capped = cappedStream(body as ReadableStream<Uint8Array<ArrayBuffer>>, dashboardBytesMax);
    c.req.raw = new Request(c.req.raw, { body: capped, duplex: "half" } as RequestInit);
  }
  await next();
};

function menuOf(): readonly MenuGroup[] {
  return pageGroups
    .map(({ title, pages }) => ({
      title,
      links: pages.flatMap(({ path, nav }) => (nav === undefined ? [] : [{ path, text: nav, key: pageKeys[path] }])),
    }))
    .filter(({ links }) => links.length > 0);
}

function lookOf(): Look {
  return async ({ title, body, status = 200 }) =>
    new Response(await framePlain({ title, body, theme: "auto" }), {
      status,
      headers: { ...pageHeaders, "content-type": "text/html; charset=utf-8" },
    });
}

/** Whether a program asks: for JSON, and not for a page. */
function wantsJson(c: Context): boolean {
  const accept = c.req.header("accept") ?? "";
  return accept.includes("application/json") && !accept.includes("text/html");
}

function seenOf({ world }: Site, c: Context<Variables>): Seen {
  const identity = c.get("identity");
  const { pathname, search } = new URL(c.req.url);
  const path = pathname.startsWith(dashboardRoot) ? pathname.slice(dashboardRoot.length) : pathname;
  return {
    identity,
    csrf: world.access.csrf(c),
    now: world.clock(),
    at: `${path === "" ? "/" : path}${search}`,
    may: (role) => includes(identity.role, role),
    mayDecide: isPerson(identity) && includes(identity.role, "approver"),
  };
}

async function showPage(site: Site, c: Context<Variables>, page: Page<unknown>): Promise<Response> {
  const loaded = await page.load(site.world, c);
  if (!loaded.ok) return answerProblem(site, c, loaded.error);
  const model = loaded.value;
  if (wantsJson(c)) return c.body(jsonOf(model), 200, { "content-type": "application/json" });
  const seen = seenOf(site, c);
  const title = page.titleOf?.(model) ?? page.title;
  const framed = await frameOf(site, c, { title, body: await page.view(model, seen), seen, current: page.under ?? page.path });
  return sendPage(c, { ...framed, refresh: page.refresh ?? [], isWide: page.isWide === true });
}

async function frameOf(
  site: Site,
  c: Context<Variables>,
  part: Pick<Framed, "title" | "body" | "seen"> & { readonly current: string | undefined },
): Promise<Framed> {
  return {
    ...part,
    menu: site.menu,
    theme: themeOf(c),
    waiting: await countWaiting(site.world),
    observing: site.world.enforcer.observer?.status(),
    refresh: [],
    isWide: false,
  };
}

/** The page, or its main region alone for the script that brings it up to date. */
async function sendPage(c: Context<Variables>, framed: Framed, status: PageProblem["status"] | 200 = 200): Promise<Response> {
  const isPart = c.req.header("sluice-fragment") === "main";
  const text = isPart ? String(await mainRegion(framed)) : await framePage(framed);
  if (framed.waiting !== undefined) c.header("sluice-waiting", String(framed.waiting));
  return c.body(text, status, { "content-type": "text/html; charset=utf-8" });
}

async function runAct(site: Site, c: Context<Variables>, act: Act): Promise<Response> {
  const identity: Identity = c.get("identity");
  const done: Result<Acted, PageProblem> = await act.run(site.world, c, identity);
  if (!done.ok) return answerProblem(site, c, done.error);
  const { to, answer, status = 200, page } = done.value;
  if (wantsJson(c)) return c.body(jsonOf(answer), status, { "content-type": "application/json" });
  // Shown once: an address that is loaded again shows nothing of it.
  if (page !== undefined) return sendPage(c, await frameOf(site, c, { ...page, seen: seenOf(site, c), current: undefined }));
  return c.redirect(to, 303);
}

/** A problem, as a page or as JSON. */
async function answerProblem(site: Site, c: Context<Variables>, problem: PageProblem): Promise<Response> {
  if (wantsJson(c) || c.get("identity") === undefined) {
    const { status, message, code } = problem;
    const response = jsonResponse({ status, detail: message, ...(code === undefined ? {} : { code }) }, status);
    response.headers.set("content-type", "application/problem+json");
    return response;
  }
  const title = problem.status === 404 ? "Not found" : "That did not work";
  const framed = await frameOf(site, c, {
    title,
    body: problemBody(problem, href("/")),
    seen: seenOf(site, c),
    current: undefined,
  });
  return sendPage(c, framed, problem.status);
}

/** A model as JSON: what is `undefined` is not there. */
function jsonOf(value: unknown): string {
  return canonicalJson(withoutUndefined(value) as Json);
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== "object" || value === null) return value;
  const known = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(known.map(([name, part]) => [name, withoutUndefined(part)]));
}
