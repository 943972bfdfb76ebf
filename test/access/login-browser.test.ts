/**
 * Logging in as a person does, in a real browser: by a login URL, by a link from elsewhere, and out again.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeLoginCode } from "../../src/access/login-codes.ts";
import { systemRandom } from "../../src/surfaces/random.ts";
import { type Desk, makeDesk } from "../dashboard/fixture.ts";
import { chromium, startChromium } from "../services/chromium.ts";
import { describeWith } from "../services/service.ts";

describeWith(chromium, "logging in with a browser", () => {
  let desk: Desk;
  let browser: Browser;
  let elsewhere: Server;
  beforeAll(async () => {
    desk = await makeDesk();
    browser = await startChromium();
    // Another site of this machine: another name, so that the browser takes it for one.
    elsewhere = createServer((_, response) => {
      const attack = `<form method="post" action="${desk.url}/logout"><button id="attack">x</button></form>`;
      response.writeHead(200, { "content-type": "text/html" }).end(`<a href="${desk.url}/plans">plans</a>${attack}`);
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    elsewhere?.close();
    await desk?.close();
  });

  const inContext = async (job: (context: BrowserContext) => Promise<void>): Promise<void> => {
    const context = await browser.newContext();
    try {
      await job(context);
    } finally {
      await context.close();
    }
  };

  const loginUrl = async (): Promise<string> => {
    const made = await makeLoginCode(
      { store: desk.store, clock: desk.options.enforcer.clock, random: systemRandom },
      { host: true },
    );
    if (!made.ok) throw new Error("no code");
    return `${desk.url}/login#code=${made.value}`;
  };

  it("a login URL logs in once, and leaves its code in no address and no history", () =>
    inContext(async (context) => {
      const page = await context.newPage();
      const asked: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      const url = await loginUrl();
      await page.goto(url);
      await page.waitForURL((at) => !at.pathname.endsWith("/login"));
      expect(asked.join("\n")).not.toContain("sluice_login_");
      expect(await page.evaluate("location.href")).not.toContain("code");
      const [cookie] = await context.cookies();
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/dashboard" });
      await page.goBack().catch(() => null);
      expect(page.url()).not.toContain("code");
      const again = await context.browser()?.newContext();
      const second = await again?.newPage();
      await second?.goto(url);
      await second?.waitForSelector("[role=alert]");
      expect(second?.url()).toContain("/login");
      await again?.close();
    }));

  it("a link of another site finds the session that there is, and a form of another site does nothing", () =>
    inContext(async (context) => {
      const page = await context.newPage();
      await page.goto(await loginUrl());
      await page.waitForURL((at) => !at.pathname.endsWith("/login"));
      // `localhost` and `127.0.0.1` are two sites.
      const other = `http://${new URL(desk.url).hostname === "127.0.0.1" ? "localhost" : "127.0.0.1"}:${(elsewhere.address() as AddressInfo).port}/`;
      await page.goto(other);
      await page.click("a");
      await page.waitForURL((at) => at.pathname.endsWith("/plans"));
      await page.waitForSelector("main h1, h1");
      expect(await page.title()).toMatch(/^Plans/);
      await page.goto(other);
      await page.click("#attack");
      await page.waitForLoadState();
      await page.goto(`${desk.url}/plans`);
      expect(new URL(page.url()).pathname).toMatch(/\/plans$/);
    }));
});
