/** What the script adds, and that nothing needs it: live updates, keys, times, light and dark; pages without script. */
import { expect, it, vi } from "vitest";
import { must } from "../../audit/fixture.ts";
import { chromium } from "../../services/chromium.ts";
import { describeWith } from "../../services/service.ts";
import { goodRun, handInDraft } from "../fixture.ts";
import { deskInBrowser } from "./desk-in-browser.ts";

// A browser on a machine that does other things besides.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

describeWith(chromium, "the dashboard in a browser", () => {
  const site = deskInBrowser();
  const { enter } = site;

  it("shows what comes to wait as it comes, and keeps what is written and where the focus is", async () => {
    const { page, go } = await enter("ada");
    await go("/approvals");
    await page.waitForSelector("[data-live][data-state=live]");
    expect(await page.textContent("main")).toContain("Nothing waits for you");
    await goodRun(site.desk);
    await page.waitForSelector("main a:has-text('pay/refund')");
    expect(await page.textContent(".side [data-waiting]")).toContain("1");
    await handInDraft(site.desk);
    await page.waitForSelector("section:has-text('Drafts of plans') a:has-text('refund-desk')");
    expect(await page.textContent(".side [data-waiting]")).toContain("2");
    await page.focus("main a:has-text('pay/refund')");
    await goodRun(site.desk);
    await page.waitForFunction(() => document.querySelectorAll("main table tbody tr").length === 3);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("pay/refund");
    await page.click("main a:has-text('pay/refund') >> nth=0");
    await page.fill("textarea[name=reason]", "I am still writ");
    await goodRun(site.desk);
    await page.waitForTimeout(1_500);
    expect(await page.inputValue("textarea[name=reason]")).toBe("I am still writ");
  });

  it("stands still while it is paused, and catches up afterwards", async () => {
    const { page, go } = await enter("ada");
    await go("/approvals");
    await page.waitForSelector("[data-live][data-state=live]");
    await page.click("[data-pause]");
    await goodRun(site.desk);
    await page.waitForTimeout(1_500);
    expect(await page.locator("main a:has-text('pay/refund')").count()).toBe(0);
    expect(await page.textContent("#told")).toBe("Paused");
    await page.click("[data-pause]");
    await page.waitForSelector("main a:has-text('pay/refund')");
  });

  it("says when the connection is lost, and when it is back", async () => {
    const { page, go, context, faults } = await enter("ada");
    await go("/approvals");
    await page.waitForSelector("[data-live][data-state=live]");
    await context.route("**/dashboard/events*", (route) => route.abort());
    await go("/approvals");
    await page.waitForSelector("[data-live][data-state=lost]");
    expect(await page.textContent("#told")).toMatch(/Connection lost/);
    await context.unroute("**/dashboard/events*");
    await page.waitForSelector("[data-live][data-state=live]");
    faults.splice(0);
  });

  it("is used with the keyboard alone: from the login to a decision", async () => {
    await goodRun(site.desk);
    const { page } = await enter("ada");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
    await page.keyboard.press("?");
    await page.waitForSelector("#keys[open]");
    expect(await page.textContent("#keys")).toContain("Approvals");
    await page.keyboard.press("Escape");
    expect(await page.locator("#keys[open]").count()).toBe(0);
    await page.keyboard.press("g");
    await page.keyboard.press("a");
    await page.waitForURL(/\/approvals$/);
    await page.waitForSelector("[data-live][data-state=live]");
    await page.keyboard.press("j");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("pay/refund");
    await page.keyboard.press("Enter");
    await page.waitForSelector("textarea[name=reason]");
    const reached: (string | undefined)[] = [];
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const { activeElement: element } = document;
        const ring = element === null ? "" : getComputedStyle(element).outlineStyle;
        return { name: element?.getAttribute("name") ?? "", value: element?.getAttribute("value") ?? "", ring };
      });
      reached.push(at.ring);
      if (at.name === "reason") await page.keyboard.type("by keyboard? g j stay letters");
      if (at.value === "approve") break;
    }
    expect(reached).not.toContain("none");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".notice.good:has-text('Approved')");
    expect(await page.textContent("main")).toContain("by keyboard? g j stay letters");
  });

  it("opens and closes the menu of a phone with the keyboard", async () => {
    const { page } = await enter("vera", { window: "phone" });
    expect(await page.isVisible(".topbar nav a")).toBe(false);
    await page.focus(".menu > summary");
    await page.keyboard.press("Enter");
    expect(await page.isVisible(".topbar nav a:has-text('Approvals')")).toBe(true);
    await page.keyboard.press("Escape");
    expect(await page.isVisible(".topbar nav a:has-text('Approvals')")).toBe(false);
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("SUMMARY");
  });

  it("does all without script: the menu of a phone, forms, and times in UTC", async () => {
    const { session } = await goodRun(site.desk);
    const { page, go } = await enter("ada", { window: "phone", hasScript: false });
    await page.click(".menu > summary");
    await page.click(".topbar nav a:has-text('Approvals')");
    await page.click("main a:has-text('pay/refund')");
    expect(await page.textContent("main time[datetime]")).toMatch(/UTC$/);
    expect(await page.isVisible("[data-live]")).toBe(false);
    await page.click("button:has-text('Approve exactly this')");
    expect(await page.textContent(".notice")).toContain("Approved");
    await go(`/sessions/${session}`);
    expect(await page.textContent("h1")).toContain("refund-desk");
  });

  it("shows the reader's own time, and UTC beside it", async () => {
    await goodRun(site.desk);
    const [call] = must(await site.desk.firewall.approvals());
    const { page, go } = await enter("ada");
    await go(`/approvals/${call?.id}`);
    const time = page.locator("main time[datetime]:not([data-away])").first();
    expect(await time.textContent()).toMatch(/10:30:0\d/);
    expect(await time.getAttribute("title")).toMatch(/^2026-11-23T09:30:0\d.*Z$/);
  });

  it("is light or dark as the system is, or as the reader says, and stays so", async () => {
    const { page, go } = await enter("vera", { scheme: "dark" });
    const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(await ground()).toBe("rgb(16, 19, 20)");
    await page.click(".side button:has-text('Light')");
    await page.waitForSelector("html[data-theme=light]");
    expect(await ground()).toBe("rgb(246, 247, 247)");
    await go("/plans");
    expect(await ground()).toBe("rgb(246, 247, 247)");
    await page.click(".side button:has-text('Auto')");
    await page.waitForURL(/\/plans$/);
    expect(await ground()).toBe("rgb(16, 19, 20)");
  });

  it("copies a digest", async () => {
    const { page, go, context } = await enter("vera");
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const [guard] = site.desk.firewall.guards.values();
    await go(`/plans/${guard?.digest}`);
    await page.click(".facts .copy");
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(guard?.digest);
  });

  it("ends with signing out: the pages are closed then", async () => {
    const { page, go } = await enter("vera");
    await page.click(".side button:has-text('Sign out')");
    await page.waitForURL(/\/login/);
    await go("/plans");
    expect(page.url()).toContain("/login");
  });
});
