/**
 * A person at the dashboard with a real browser: signed in, on a laptop or a phone, in light or dark, with script or without.
 * What a page must never do is gathered as it happens: run or load something foreign, open a dialog, write an error to the console.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import type { Desk } from "./fixture.ts";

/** Where pictures of pages go. */
export const picturesFolder: string = join(import.meta.dirname, "../../.cache/dashboard");

/** Windows that pages are looked at in. */
export const windows = { desktop: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } } as const;

/** How somebody visits. */
export interface VisitOptions {
  readonly window?: keyof typeof windows;
  readonly scheme?: "light" | "dark";
  readonly hasScript?: boolean;
  readonly isReduced?: boolean;
}

/** A visit. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What a page must never do, and did. */
  readonly faults: string[];
  /** Goes to a page of the dashboard. */
  go(path: string): Promise<void>;
  /** Keeps a picture of the whole page, and returns its file. */
  picture(name: string): Promise<string>;
  /** What axe finds that is serious or critical, a line each. */
  axe(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Opens a window, and gathers what must not happen in it. */
export async function visit(browser: Browser, desk: Pick<Desk, "url">, options: VisitOptions = {}): Promise<Visit> {
  const { window = "desktop", scheme = "light", hasScript = true, isReduced = false } = options;
  const context = await browser.newContext({
    viewport: windows[window],
    colorScheme: scheme,
    javaScriptEnabled: hasScript,
    reducedMotion: isReduced ? "reduce" : "no-preference",
    isMobile: window === "phone",
    hasTouch: window === "phone",
    timezoneId: "Europe/Amsterdam",
    locale: "en-GB",
  });
  const faults: string[] = [];
  const { origin } = new URL(desk.url);
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.origin !== origin) faults.push(`request to ${request.url()}`);
  });
  const page = await context.newPage();
  page.setDefaultTimeout(90_000);
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(`console: ${message.text()} (${page.url()})`);
  });
  return {
    page,
    context,
    faults,
    go: async (path) => {
      await page.goto(`${desk.url}${path === "/" ? "" : path}`, { waitUntil: "load" });
    },
    picture: async (name) => {
      mkdirSync(picturesFolder, { recursive: true });
      const file = join(picturesFolder, `${name}.png`);
      await page.screenshot({ path: file, fullPage: true, animations: "disabled" });
      return file;
    },
    axe: () => axeOf(page),
    close: () => context.close(),
  };
}

async function axeOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: loaded } = globalThis as unknown as {
      readonly axe: {
        run(options: object): Promise<{
          readonly violations: readonly {
            readonly id: string;
            readonly impact: string | null;
            readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
          }[];
        }>;
      };
    };
    const { violations } = await loaded.run({ resultTypes: ["violations"] });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(
        ({ id, impact, nodes }) =>
          `${impact} ${id}: ${nodes
            .slice(0, 3)
            .map((node) => `${node.html} ${node.failureSummary ?? ""}`)
            .join(" | ")}`,
      );
  });
}

/** Opens a window and signs in with a token, as a person does. */
export async function signIn(
  browser: Browser,
  desk: Desk,
  who: keyof Desk["tokens"],
  options: VisitOptions = {},
): Promise<Visit> {
  const opened = await visit(browser, desk, options);
  await opened.go("/login");
  await opened.page.fill("input[name=credential]", desk.tokens[who]);
  await Promise.all([
    opened.page.waitForURL((url) => !url.pathname.endsWith("/login")),
    opened.page.click("main button[type=submit], main button"),
  ]);
  return opened;
}
