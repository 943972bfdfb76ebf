/**
 * A small site behind access: a page, a form and a stream, over a store whose clock the test moves; and a browser that keeps cookies.
 */
import { Hono } from "hono";
import type { Access, AccessOptions } from "../../src/access/access.ts";
import { createAccess } from "../../src/access/create-access.ts";
import { guardRoutes, type RouteRow } from "../../src/access/table.ts";
import type { JsonObject } from "../../src/json/value.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Store } from "../../src/stores/store.ts";
import { systemRandom } from "../../src/surfaces/random.ts";

export const admin = "admin-secret-of-the-host";
export const read = "read-secret-of-the-host";
export const approvers = { eve: "secret-of-eve-alone", joe: "secret-of-joe-alone" } as const;

const rows: readonly RouteRow[] = [
  { method: "GET", path: "/", needs: "viewer" },
  { method: "GET", path: "/queue", needs: "approver" },
  { method: "POST", path: "/queue", needs: "approver", noted: { act: "queue-changed" } },
  { method: "GET", path: "/people", needs: "administrator" },
  { method: "GET", path: "/login", needs: "public", why: "who logs in is not logged in" },
  { method: "GET", path: "/login.js", needs: "public", why: "the script of that page" },
  { method: "POST", path: "/login", needs: "public", why: "who logs in is not logged in" },
  { method: "POST", path: "/logout", needs: "viewer" },
];

/** A site, and what it is made of. */
export interface Site {
  readonly access: Access;
  readonly store: Store;
  /** Moves the clock. */
  wait(ms: number): void;
  now(): number;
  /** Asks `http://localhost:8787`, unless `path` is a whole address. */
  ask(path: string, init?: RequestInit & { readonly address?: string }): Promise<Response>;
  /** What was noted, in order. */
  notes(): Promise<readonly JsonObject[]>;
  /** A browser without cookies. */
  browser(): Browser;
  /** Another process over the same store. */
  another(): Site;
}

/** Makes a site. */
export function makeSite(options: Partial<AccessOptions> = {}, shared?: { readonly store: Store; now: number }): Site {
  const world = shared ?? { store: createMemoryStore({ journal: true }), now: 1_800_000_000_000 };
  const access = createAccess({
    store: world.store,
    clock: () => world.now,
    random: systemRandom,
    admin,
    read,
    approvers,
    ...options,
  });
  const inner = new Hono();
  guardRoutes(inner, { access, rows });
  inner.route("/", access.routes());
  inner.get("/", (c) => c.json({ who: c.get("identity" as never), csrf: access.csrf(c) }));
  inner.get("/queue", (c) => c.text("queue"));
  inner.post("/queue", (c) => c.text("changed"));
  inner.get("/people", (c) => c.text("people"));
  inner.get("/forgotten", (c) => c.text("a route without a row"));
  const app = new Hono();
  app.route("/dashboard", inner);
  const site: Site = {
    access,
    store: world.store,
    wait: (ms) => {
      world.now += ms;
    },
    now: () => world.now,
    ask: async (path, { address, ...init } = {}) => {
      const url = path.startsWith("http") ? path : `http://localhost:8787/dashboard${path}`;
      return app.fetch(new Request(url, { redirect: "manual", ...init }), { address });
    },
    notes: async () => {
      const lines = await world.store.journal({ limit: 1_000 });
      return lines.ok ? lines.value.flatMap(({ note }) => (note === undefined ? [] : [note])) : [];
    },
    browser: () => createBrowser(site),
    another: () => makeSite(options, world),
  };
  return site;
}

/** A browser: keeps one cookie of a site, and says of each request what browsers say. */
export interface Browser {
  cookie: string | undefined;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** Sends a form of the page itself. */
  post(path: string, fields: Readonly<Record<string, string>>, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** Logs in with a credential. */
  login(credential: string): Promise<Response>;
  /** The CSRF token that its pages have. */
  csrf(): Promise<string>;
}

function createBrowser(site: Site): Browser {
  const sent = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set("host", "localhost:8787");
    if (browser.cookie !== undefined) headers.set("cookie", browser.cookie);
    const response = await site.ask(path, { ...init, headers });
    const set = response.headers.get("set-cookie");
    if (set !== null) browser.cookie = set.includes("Max-Age=0") ? undefined : set.split(";")[0];
    return response;
  };
  const browser: Browser = {
    cookie: undefined,
    get: (path, headers = {}) => sent(path, { headers: { accept: "text/html", "sec-fetch-site": "same-origin", ...headers } }),
    post: (path, fields, headers = {}) =>
      sent(path, {
        method: "POST",
        body: new URLSearchParams(fields).toString(),
        headers: {
          accept: "text/html",
          "content-type": "application/x-www-form-urlencoded",
          origin: "http://localhost:8787",
          "sec-fetch-site": "same-origin",
          ...headers,
        },
      }),
    login: (credential) => browser.post("/login", { credential }),
    csrf: async () => ((await (await browser.get("")).json()) as { csrf: string }).csrf,
  };
  return browser;
}

/** `Authorization` of a bearer. */
export function bearer(secret: string): { readonly authorization: string } {
  return { authorization: `Bearer ${secret}` };
}

/** A local token of a site. */
export async function tokenFor(
  site: Site,
  role: "viewer" | "approver" | "administrator",
  { name = "ada", days = 90 }: { readonly name?: string; readonly days?: number } = {},
): Promise<{ readonly token: string; readonly id: string }> {
  const made = await site.access.tokens.make({ name, role, days, by: "host" });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return { token: made.value.token, id: made.value.info.id };
}

/** Who the page takes a browser for; the status, if it shows nothing. */
export async function who(browser: Browser): Promise<unknown> {
  const response = await browser.get("");
  return response.status === 200 ? ((await response.json()) as { who: unknown }).who : response.status;
}
