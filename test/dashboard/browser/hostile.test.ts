/** Hostile text wherever others write it: nothing of it is run, loaded, linked to, or turns the direction of a page. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Json } from "../../../src/json/value.ts";
import { must } from "../../audit/fixture.ts";
import { chromium, startChromium } from "../../services/chromium.ts";
import { describeWith } from "../../services/service.ts";
import { type Address, addressesOf } from "../addresses.ts";
import { signIn, visit } from "../browser.ts";
import { type Desk, deskAnswers, deskPlan, freezeDesk, handInDraft, makeDesk } from "../fixture.ts";

// A browser on a machine that does other things besides.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const markup = `"'><img src=x onerror=alert(1)><script>alert(2)</script><svg onload=alert(3)><a href="javascript:alert(4)">x</a><base href=//evil.example>`;
const bidi = "\u202egnp.exe\u2066 \u200b\u00ad\u2028";
const link = "javascript:alert(document.domain)//https://evil.example/";
const long = `${markup}${"W".repeat(100_000)}`;
const hostile = `${markup} ${bidi} ${link}`;

describeWith(chromium, "hostile text", () => {
  let browser: Browser;
  let desk: Desk;
  let addresses: readonly Address[];

  beforeAll(async () => {
    browser = await startChromium();
    desk = await makeDesk({ plans: [freezeDesk({ ...deskPlan, task: `${markup} ${link}` })] });
    const principal = `${markup}${link}`.slice(0, 500);
    const { token, session } = await desk.open({ principal });
    await desk.call(token, "crm/customer", {}, { ...deskAnswers.customer, email: hostile, account: `${hostile}${long}` });
    await desk.call(token, "mail/read", {}, { from: hostile, text: long, [hostile]: hostile });
    await desk.call(token, "crm/note", { text: hostile });
    await desk.call(token, markup, { [hostile]: hostile });
    await desk.call(token, `evil/${bidi}`, { x: long });
    await desk.call(token, "pay/refund", { amount: 40 });
    const second = await desk.open({ principal: bidi });
    await desk.call(second.token, "crm/customer", {}, deskAnswers.customer);
    const amended = await desk.firewall.amend(token, {
      nodes: { second: { tool: "mail/send", args: { to: hostile, text: `${hostile}${"y".repeat(90_000)}` }, optional: true } },
    });
    expect(amended.status).toBe("waiting");
    const draft = await handInDraft(
      desk,
      { name: hostile, task: long, nodes: { [hostile]: { tool: hostile, args: { [markup]: hostile } } } } as Json,
      { why: hostile.slice(0, 500) },
    );
    const [call] = must(await desk.firewall.approvals());
    must(await desk.firewall.approve(call?.id ?? "", { by: "ada", decision: "deny", reason: hostile }));
    await desk.call(token, "pay/refund", { amount: 41 });
    await desk.drain();
    addresses = await addressesOf(desk, { session, principal, draft });
  });
  afterAll(async () => {
    await browser?.close();
    await desk?.close();
  });

  it("is shown on every page and does nothing", async () => {
    const one = await signIn(browser, desk, "root", { isReduced: true });
    const found: string[] = [];
    let shown = 0;
    const asked = [
      `/audit?text=${encodeURIComponent(hostile)}`,
      `/?only=${encodeURIComponent(markup)}`,
      `/charts?range=${encodeURIComponent(link)}`,
      `/sessions/${encodeURIComponent(markup)}`,
      `/nothing/${encodeURIComponent(markup)}`,
    ];
    for (const path of [...addresses.map((address) => address.path), ...asked]) {
      await one.go(path);
      await one.page.evaluate(() => {
        for (const part of document.querySelectorAll("details")) part.open = true;
      });
      const seen = await one.page.evaluate(() => {
        const foreign = [...document.querySelectorAll("a[href], form[action], link[href], script[src], area[href]")]
          .map(
            (element) =>
              (element as HTMLAnchorElement).href || (element as HTMLFormElement).action || (element as HTMLScriptElement).src,
          )
          .filter((address) => new URL(address, location.href).origin !== location.origin);
        const strange = document.querySelectorAll(
          "main img, main script, main base, main iframe, main object, main [onerror], main [onload], main [style]",
        ).length;
        const text = `${document.title} ${document.body.innerText}`;
        return {
          foreign,
          strange,
          turned: /[\u200b\u202a-\u202e\u2066-\u2069\u2028]/.test(text),
          isWide: document.documentElement.scrollWidth > innerWidth,
          isHostile: text.includes("onerror=alert(1)"),
        };
      });
      if (seen.foreign.length > 0 || seen.strange > 0 || seen.turned || seen.isWide)
        found.push(`${path}: ${JSON.stringify(seen)}`);
      if (seen.isHostile) shown += 1;
    }
    const faults = one.faults.filter((fault) => !/status of 404|status of 4\d\d.*(nothing|sessions)/.test(fault));
    await one.picture("hostile");
    await one.close();
    expect(found).toEqual([]);
    expect(faults).toEqual([]);
    // The texts are there: an empty page would be harmless too.
    expect(shown).toBeGreaterThan(6);
  });

  it("does not make a page slow or large beyond its own size", async () => {
    const [call] = must(await desk.firewall.approvals());
    const begun = performance.now();
    const response = await fetch(`${desk.url}/approvals/${call?.id}`, {
      headers: { authorization: `Bearer ${desk.tokens.vera}`, accept: "text/html" },
    });
    const text = await response.text();
    expect(text.length).toBeLessThan(500_000);
    expect(performance.now() - begun).toBeLessThan(15_000);
  });

  it("in the address of the login page leads nowhere else", async () => {
    for (const next of ["//evil.example", "javascript:alert(1)", "https://evil.example/dashboard", "/\\evil.example"]) {
      const one = await visit(browser, desk);
      await one.go(`/login?next=${encodeURIComponent(next)}`);
      await one.page.fill("input[name=credential]", desk.tokens.vera);
      await Promise.all([one.page.waitForURL((url) => !url.pathname.endsWith("/login")), one.page.click("main button")]);
      expect(one.page.url()).toBe(desk.url);
      expect(one.faults).toEqual([]);
      await one.close();
    }
  });
});
