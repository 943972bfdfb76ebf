/** People decide in a real browser: a held call, a draft of a plan, an amendment, a token. */
import { expect, it, vi } from "vitest";
import { must } from "../../audit/fixture.ts";
import { chromium } from "../../services/chromium.ts";
import { describeWith } from "../../services/service.ts";
import { askAmendment, deskAnswers, goodRun } from "../fixture.ts";
import { deskInBrowser } from "./desk-in-browser.ts";

// A browser on a machine that does other things besides.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

describeWith(chromium, "a person with a browser", () => {
  const site = deskInBrowser();
  const { enter } = site;

  it("approves a held call with a reason, and exactly what was shown goes ahead", async () => {
    const { token } = await goodRun(site.desk);
    const { page, go } = await enter("ada");
    await go("/approvals");
    await page.click("main a:has-text('pay/refund')");
    await page.waitForSelector("h1:has-text('Approve pay/refund?')");
    expect(await page.textContent(".sent")).toMatch(/account\s*NL91ABNA0417164300\s*amount\s*40/);
    await page.fill("textarea[name=reason]", "the lamp is broken");
    await page.click("button:has-text('Approve exactly this')");
    await page.waitForSelector(".notice.good:has-text('Approved')");
    expect(await page.textContent("main")).toContain("the lamp is broken");
    const checked = await site.desk.firewall.check(token, { tool: "pay/refund", args: { amount: 99 } });
    expect(checked.allow && checked.permit.body).toBe('{"account":"NL91ABNA0417164300","amount":40}');
  });

  it("approves a plan that somebody else has handed in as a file, and it is in force", async () => {
    const plan =
      "sluice: 1\nname: answer-desk\ntask: Look up and answer\nnodes:\n  customer: { tool: crm/customer, args: { ticket: T-1 } }\n";
    const author = await enter("ada");
    await author.go("/drafts");
    await author.page.setInputFiles("input[name=file]", { name: "plan.yaml", mimeType: "text/yaml", buffer: Buffer.from(plan) });
    await author.page.fill("input[name=why]", "fewer rights");
    await author.page.click("button:has-text('Hand in')");
    await author.page.waitForSelector("h1:has-text('Draft: answer-desk')");
    expect(await author.page.textContent("main")).toContain("who hands in a draft does not approve it");
    expect(await author.page.locator("button:has-text('Approve and freeze')").count()).toBe(0);
    const { page, go } = await enter("bob");
    await go("/approvals");
    await page.click("main a:has-text('answer-desk')");
    await page.waitForSelector("h2:has-text('What who approves it approves')");
    expect(await page.locator("main svg.g-picture, main figure svg").count()).toBeGreaterThan(0);
    await page.click("button:has-text('Approve and freeze exactly this')");
    await page.waitForSelector(".notice.good:has-text('in force here')");
    const { token } = await site.desk.open({ plan: "answer-desk" });
    expect(await site.desk.call(token, "crm/customer", {}, deskAnswers.customer)).toBe("allow");
    await page.click(".notice a");
    await page.waitForSelector("h1:has-text('answer-desk')");
    expect(await page.textContent(".facts")).toContain("in force");
  });

  it("denies an amendment, and the agent stays under its plan", async () => {
    const { token, session } = await goodRun(site.desk);
    await askAmendment(site.desk, token);
    const { page, go } = await enter("bob");
    await go("/approvals");
    await page.click("section:has-text('Amendments') a:has-text('refund-desk')");
    await page.waitForSelector("h1:has-text('Amend refund-desk?')");
    expect(await page.textContent(".diff")).toContain("mail/send");
    expect(await page.textContent(".agent-wrote.sent")).toContain("boss@example.org");
    await page.fill("textarea[name=reason]", "nobody else is written to");
    await page.click("button:has-text('Deny')");
    await page.waitForSelector(".notice.bad:has-text('Denied')");
    expect(must(await site.desk.firewall.amendments(session)).map(({ status }) => status)).toEqual(["denied"]);
    expect(await site.desk.call(token, "mail/send", { to: "boss@example.org", text: "please approve" })).not.toBe("allow");
  });

  it("is told when somebody else was faster, and decides nothing twice", async () => {
    await goodRun(site.desk);
    const [call] = must(await site.desk.firewall.approvals());
    const { page, go, faults } = await enter("ada", { hasScript: false });
    await go(`/approvals/${call?.id}`);
    must(await site.desk.firewall.approve(call?.id ?? "", { by: "bob", decision: "deny" }));
    await page.click("button:has-text('Approve exactly this')");
    await page.waitForSelector("h1:has-text('That did not work')");
    expect(must(await site.desk.firewall.approval(call?.id ?? "")).status).toBe("denied");
    faults.splice(0);
  });

  it("makes a token, which is shown once, and revokes it", async () => {
    const { page, go } = await enter("root");
    await go("/access");
    await page.fill("input[name=name]", "eve");
    await page.selectOption("select[name=role]", "viewer");
    await page.click("button:has-text('Make a token')");
    await page.waitForSelector("h1:has-text('Token for eve')");
    const token = (await page.textContent(".secret code")) ?? "";
    expect(token).toMatch(/^sluice_pat_/);
    await page.click("main a:has-text('Done')");
    await page.waitForSelector("tr:has-text('eve')");
    expect(await page.content()).not.toContain(token);
    page.removeAllListeners("dialog");
    page.once("dialog", (dialog) => void dialog.accept());
    await page.click("tr:has-text('eve') button:has-text('Revoke')");
    await page.waitForSelector("tr:has-text('eve') .badge:has-text('revoked')");
  });

  it("who only views has no buttons", async () => {
    await goodRun(site.desk);
    const [call] = must(await site.desk.firewall.approvals());
    const { page, go } = await enter("vera");
    await go(`/approvals/${call?.id}`);
    expect(await page.locator("main form").count()).toBe(0);
    expect(await page.textContent("main")).toContain("Only people with the role approver decide");
  });
});
