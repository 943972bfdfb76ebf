/**
 * The live side in a real browser: an attack is watched as it happens, its chain is opened, and a denial of a third agent is followed back to the first.
 */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startChromium } from "../../services/chromium.ts";
import { signIn, type Visit, visit, type VisitOptions } from "../browser.ts";
import { attackRun, type Desk, deskPlan, freezeDesk, goodRun, makeDesk } from "../fixture.ts";
import { runThreeAgents, type ThreeAgents } from "../three-agents.ts";

let browser: Browser;
let desk: Desk;
let three: ThreeAgents;
let attacked: { readonly session: string };

beforeAll(async () => {
  three = await runThreeAgents({ isShared: true, clock: () => Date.UTC(2026, 10, 23, 9, 20) });
  desk = await makeDesk({ store: three.stores.bank });
  await goodRun(desk);
  attacked = await attackRun(desk);
  browser = await startChromium();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await desk?.close();
});

async function as(who: keyof Desk["tokens"], options: VisitOptions, job: (seen: Visit) => Promise<void>): Promise<void> {
  const seen = await signIn(browser, desk, who, options);
  try {
    await job(seen);
    expect(seen.faults).toEqual([]);
  } finally {
    await seen.close();
  }
}

describe("the live page", { timeout: 60_000 }, () => {
  it("shows an attack as it happens, without a reload, and leads to its taint chain", async () => {
    await as("vera", {}, async ({ page, go, picture }) => {
      await go("/");
      await page.evaluate(() => {
        (globalThis as unknown as { isSamePage: boolean }).isSamePage = true;
      });
      await page.waitForSelector("[data-live][data-state=live]");
      const { session } = await attackRun(desk, "mallory@example.org");
      await page.waitForSelector(`a[href="/dashboard/sessions/${session}?denial=5#denial"]`, { timeout: 10_000 });
      expect(await page.evaluate(() => (globalThis as unknown as { isSamePage?: boolean }).isSamePage)).toBe(true);
      await picture("live-attack");
      await page.click(`a[href="/dashboard/sessions/${session}?denial=5#denial"]`);
      await page.waitForSelector("#denial");
      const chain = await page.locator(".g-chain li").allInnerTexts();
      expect(chain[0]).toContain("mail/read");
      expect(chain.at(-1)).toContain("denied: argument text of crm/note");
      expect(await page.locator("main").innerText()).not.toMatch(/GB29|IGNORE ALL|curl/);
      // The picture says the same as the list.
      expect(await page.locator("#denial .g-svg:visible .g-taint").count()).toBe(chain.length);
    });
  });

  it("works without script: the same by reloading", async () => {
    await as("vera", { hasScript: false }, async ({ page, go }) => {
      await go("?only=denials");
      expect(await page.locator("main").innerText()).toContain("FLOW_SINK_DENIED");
      expect(await page.locator("main").innerText()).not.toContain("as planned");
      await page.locator("main a", { hasText: "crm/note" }).first().click();
      expect(await page.locator(".g-chain li").count()).toBeGreaterThan(1);
    });
  });
});

describe("a denial in a run of three agents", { timeout: 60_000 }, () => {
  it("is followed by links to the call of the first agent that read the mail, by keyboard alone", async () => {
    await as("vera", {}, async ({ page, go, picture }) => {
      await go(`/sessions/${three.sessions.bank}?only=denials`);
      const denial = page.locator("table.list tbody th[scope=row] a").first();
      await denial.focus();
      await page.keyboard.press("Enter");
      await page.waitForSelector("#denial");
      await picture("live-three-agents");
      const source = page.locator(".g-chain li").first().locator("a");
      expect(await page.locator(".g-chain li").first().innerText()).toContain("result of mail/read");
      await source.focus();
      await page.keyboard.press("Enter");
      await page.waitForURL(`**/sessions/${three.sessions.reader}#run-${three.mailRun}`);
      expect(await page.locator(`#run-${three.mailRun}`).locator("xpath=ancestor::tr").innerText()).toContain("mail");
      // From node to node in the picture too.
      await page.goBack();
      await page.locator("#denial .g-svg:visible a").first().focus();
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => !url.search.includes("denial"));
    });
  });
});

describe("the smallest changes of a plan", { timeout: 60_000 }, () => {
  it("are worked out for approvers, and refused to viewers", async () => {
    await as("ada", {}, async ({ page, go }) => {
      await go(`/sessions/${attacked.session}?denial=5`);
      await page.click("text=Work out the smallest changes");
      await page.waitForSelector(".g-changes li");
      expect(await page.locator(".g-changes").innerText()).toContain("/nodes/inbox/show");
    });
    const answer = await fetch(`${desk.url}/sessions/${attacked.session}?denial=5&changes=1`, {
      headers: { authorization: `Bearer ${desk.tokens.vera}`, accept: "application/json" },
    });
    expect(answer.status).toBe(403);
  });
});

describe("each page of the live side", { timeout: 120_000 }, () => {
  it.each([
    ["desktop", "light"],
    ["desktop", "dark"],
    ["phone", "light"],
    ["phone", "dark"],
  ] as const)("has nothing serious by axe, and fits, on a %s in %s", async (window, scheme) => {
    await as("ada", { window, scheme }, async ({ page, go, picture, axe }) => {
      const pages = {
        live: "/",
        session: `/sessions/${attacked.session}`,
        chain: `/sessions/${attacked.session}?denial=5`,
        agents: `/sessions/${three.sessions.bank}?denial=2`,
        charts: "/charts?range=6h",
      };
      for (const [name, path] of Object.entries(pages)) {
        await go(path);
        await picture(`${name}-${window}-${scheme}`);
        expect(await axe(), name).toEqual([]);
        const [width, seen] = await page.evaluate(() => [
          document.documentElement.scrollWidth,
          document.documentElement.clientWidth,
        ]);
        expect(width, `${name} is not wider than the window`).toBeLessThanOrEqual(seen ?? 0);
      }
    });
  });
});

describe("hostile names", { timeout: 60_000 }, () => {
  it("are text on every page of the live side", async () => {
    const evil = `<img src=x onerror=alert(1)>"'\u202e${"A".repeat(100_000)}`;
    const plan = freezeDesk({ ...deskPlan, task: evil.slice(0, 15_000) });
    const hostile = await makeDesk({ plans: [plan] });
    const seen = await visit(browser, hostile);
    try {
      const { session } = await attackRun(hostile, evil);
      await seen.page.setExtraHTTPHeaders({ authorization: `Bearer ${hostile.tokens.ada}` });
      for (const path of ["/", `/sessions/${session}`, `/sessions/${session}?denial=5`, "/charts"]) {
        await seen.go(path);
        expect(await seen.page.locator("main img, main script, main [onerror]").count()).toBe(0);
        expect(await seen.axe(), path).toEqual([]);
      }
      expect(seen.faults).toEqual([]);
    } finally {
      await seen.close();
      await hostile.close();
    }
  });
});
