/** Every page in a real browser, on a laptop and on a phone, light and dark: axe finds nothing serious, nothing is cut off, and a picture is kept. */
import { existsSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { chromium, startChromium } from "../../services/chromium.ts";
import { describeWith } from "../../services/service.ts";
import { type Address, addressesOf } from "../addresses.ts";
import { signIn, visit, windows } from "../browser.ts";
import { askAmendment, attackRun, type Desk, goodRun, handInDraft, makeDesk } from "../fixture.ts";

// A browser on a machine that does other things besides.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

describeWith(chromium, "every page", () => {
  let browser: Browser;
  let desk: Desk;
  let addresses: readonly Address[];

  beforeAll(async () => {
    browser = await startChromium();
    desk = await makeDesk();
    const { token } = await goodRun(desk);
    await askAmendment(desk, token);
    const { session } = await attackRun(desk);
    const draft = await handInDraft(desk);
    await desk.drain();
    addresses = await addressesOf(desk, { session, principal: "dora@example.org", draft });
  });
  afterAll(async () => {
    await browser?.close();
    await desk?.close();
  });

  for (const window of Object.keys(windows) as (keyof typeof windows)[])
    for (const scheme of ["light", "dark"] as const)
      it(`can be read on a ${window}, ${scheme}`, async () => {
        const one = await signIn(browser, desk, "root", { window, scheme, isReduced: true });
        const found: string[] = [];
        for (const { name, path } of addresses) {
          await one.go(path);
          const { status, isWide } = await one.page.evaluate(() => ({
            status: performance
              .getEntriesByType("navigation")
              .map((entry) => (entry as PerformanceNavigationTiming).responseStatus)[0],
            isWide: document.documentElement.scrollWidth > innerWidth,
          }));
          if (status !== 200) found.push(`${path}: status ${status}`);
          if (isWide) found.push(`${path}: wider than the window`);
          for (const violation of await one.axe()) found.push(`${path}: ${violation}`);
          expect(existsSync(await one.picture(`${name}-${window}-${scheme}`))).toBe(true);
        }
        found.push(...one.faults);
        await one.close();
        expect(found).toEqual([]);
      });

  it("before signing in can be read too", async () => {
    for (const window of ["desktop", "phone"] as const) {
      const one = await visit(browser, desk, { window, scheme: window === "phone" ? "dark" : "light" });
      await one.go("/login");
      expect(await one.axe()).toEqual([]);
      await one.picture(`login-${window}`);
      expect(one.faults).toEqual([]);
      await one.close();
    }
  });

  it("can be read with forced colours and without motion", async () => {
    const one = await signIn(browser, desk, "root", { isReduced: true });
    await one.page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
    for (const { name, path } of addresses.filter((address) => ["live", "approvals", "sessions-one"].includes(address.name))) {
      await one.go(path);
      await one.picture(`${name}-forced-colours`);
      const borders = await one.page.evaluate(() =>
        [...document.querySelectorAll(".badge")].map((element) => getComputedStyle(element).borderTopStyle),
      );
      expect(new Set(borders)).not.toContain("none");
    }
    expect(one.faults).toEqual([]);
    await one.close();
  });
});
