/** The record in a browser: search, verify, open values, erase a person, export a report, make a draft of recordings; with hostile recordings too. */
import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { isReport } from "../../../src/audit/report/form.ts";
import { canonicalJson } from "../../../src/json/canonical.ts";
import { readJson } from "../../../src/json/read.ts";
import type { Json } from "../../../src/json/value.ts";
import type { Policy } from "../../../src/policy/policy.ts";
import type { Signal } from "../../../src/signals/signal.ts";
import { must } from "../../audit/fixture.ts";
import { chromium, startChromium } from "../../services/chromium.ts";
import { describeWith } from "../../services/service.ts";
import { signIn, type Visit } from "../browser.ts";
import { attackRun, type Desk, goodRun, makeDesk } from "../fixture.ts";

const hostile = `"'><img src=x onerror=alert(1)><script>alert(2)</script> javascript:alert(3) \u202egnp\u2066`;

const lines = (...values: readonly Json[]): string => values.map((value) => `${canonicalJson(value)}\n`).join("");
const recordings = ["20261121T090000Z-000000000001.jsonl", "20261122T090000Z-000000000002.jsonl"].map((name, i) => ({
  name,
  text: lines(
    { type: "task", text: i === 0 ? "Answer ticket T-1" : hostile },
    {
      ...{ type: "call", id: "1", tool: i === 0 ? "mail/send" : hostile, args: { to: hostile } },
      observed: {
        mode: "observe",
        verdict: "deny",
        code: "ARG_MISMATCH",
        node: "reply",
        argument: "to",
        chain: [{ kind: "context", labels: [hostile] }],
      },
    },
    { type: "result", id: "1", value: { ok: true } },
  ),
}));
const policy: Policy = {
  sluicePolicy: 1,
  name: hostile.slice(0, 60),
  description: hostile,
  flows: [{ id: "no-mail-to-pay", deny: ["external_email"], to: "pay/*", description: hostile }],
  forbid: [{ id: "no-shell", tools: "shell/*", why: hostile }],
};
const signal: Signal = {
  ...{ v: 1, id: hostile, kind: "new-sink", subject: { by: "tool", id: hostile }, what: hostile, since: 1, at: 2 },
  ...{ baseline: { value: 0, unit: hostile, history: 9 }, observed: { value: 1, unit: "calls" } },
  ...{ p: 1e-7, watched: 3, corrected: 3e-7, seqs: [1, 2], seqCount: 5 },
};

describeWith(chromium, "the record in a browser", () => {
  let browser: Browser;
  let desk: Desk;
  const visits: Visit[] = [];
  const learned: (readonly string[])[] = [];

  beforeAll(async () => {
    browser = await startChromium();
    desk = await makeDesk({
      extra: () => ({
        policy: () => policy,
        signals: { recent: () => [signal], status: () => ({ read: 9 }) },
        recordings: {
          list: async () => ({ ok: true, value: recordings.map(({ name, text }) => ({ name, bytes: text.length })) }),
          read: async (name) => recordings.find((one) => one.name === name)?.text,
          learn: async (names) => {
            learned.push(names);
            const plan = {
              sluice: 1,
              name: "learned",
              task: "Answer",
              nodes: { reply: { tool: "mail/send", args: { to: "a@b.example" } } },
            };
            return {
              ok: true,
              value: {
                plan,
                findings: [{ code: "LEARN_CONSTANT", severity: "warning", pointer: "/nodes/reply", message: hostile }],
              },
            };
          },
        },
      }),
    });
    await goodRun(desk);
    await attackRun(desk);
    await desk.drain();
  }, 60_000);
  afterEach(async () => {
    const faults = visits.flatMap((one) => one.faults);
    for (const one of visits.splice(0)) await one.close();
    expect(faults).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await desk?.close();
  });

  const enter = async (...args: [who: keyof Desk["tokens"], options?: Parameters<typeof signIn>[3]]): Promise<Visit> => {
    const one = await signIn(browser, desk, ...args);
    visits.push(one);
    return one;
  };

  it("finds a denial by words and kind, leads to its record, and that to its session and its proof", async () => {
    const { page, go } = await enter("vera", { hasScript: false });
    await go("/audit");
    await page.fill("input[name=text]", "FLOW_SINK");
    await page.click("button:has-text('Search')");
    expect(new URL(page.url()).searchParams.get("text")).toBe("FLOW_SINK");
    expect(await page.locator("main table tbody tr").count()).toBe(1);
    await page.click("main table tbody tr a >> nth=0");
    expect(await page.textContent("main")).toContain("a call was denied");
    expect(await page.textContent("main")).toContain("An administrator can open them");
    expect(await page.locator("button:has-text('Open the values')").count()).toBe(0);
    const [proof] = await Promise.all([page.waitForEvent("download"), page.click("a[download]:has-text('the proof')")]);
    expect(must(readJson(readFileSync(await proof.path(), "utf8")))).toMatchObject({ type: "inclusion" });
    await page.click("main a[href*='/sessions/']");
    expect(await page.textContent("main")).toContain("FLOW_SINK_DENIED");
  });

  it("exports what was searched", async () => {
    const { page, go } = await enter("vera");
    await go("/audit?kind=deny");
    const shown = await page.locator("main table tbody tr").count();
    const [file] = await Promise.all([page.waitForEvent("download"), page.click("a[download]:has-text('CSV')")]);
    expect(file.suggestedFilename()).toBe("audit.csv");
    expect(
      readFileSync(await file.path(), "utf8")
        .trim()
        .split("\r\n").length,
    ).toBe(shown + 1);
  });

  it("verifies the log, and makes a report that opens and is taken along", async () => {
    const { page, go } = await enter("ada", { window: "phone", scheme: "dark" });
    await go("/audit/verification");
    await page.click("button:has-text('Verify everything')");
    await page.waitForSelector("text=each verdict follows");
    await go("/reports");
    await page.selectOption("select[name=framework]", "gdpr");
    await page.setInputFiles("input[name=mapping]", {
      name: "mapping.yaml",
      mimeType: "application/yaml",
      buffer: Buffer.from(
        "sluiceReport: 1\ncontroller: { name: Lamps Ltd }\nlabels: { customer_record: { category: contact data } }\n",
      ),
    });
    await page.click("button:has-text('Make the report')");
    await page.waitForSelector("text=The log verifies");
    const [json] = await Promise.all([page.waitForEvent("download"), page.click("a[download]:has-text('JSON')")]);
    const report = must(readJson(readFileSync(await json.path(), "utf8")));
    expect([isReport(report), canonicalJson(report)]).toEqual([true, expect.stringContaining("Lamps Ltd")]);
    await page.click("text=Open the report");
    expect(await page.textContent("h1")).toBe("Records of processing");
    // Its own style was let in by its own policy.
    expect(await page.evaluate(() => getComputedStyle(document.body).fontFamily)).not.toBe("");
    expect(await page.textContent("body")).toContain("Lamps Ltd");
  });

  it("opens values for a reason, erases a person by keyboard alone, and the log still verifies", async () => {
    const { page, go, picture } = await enter("root");
    const id = must(await desk.subjects.find("dora@example.org"))?.id ?? "";
    await go(`/audit?kind=open&principal=${id}`);
    await page.click("main table tbody tr a >> nth=0");
    const record = new URL(page.url()).pathname.replace("/dashboard", "");
    await page.fill("input[name=why]", "complaint 17");
    await page.click("button:has-text('Open the values')");
    await page.waitForSelector("text=dora@example.org");

    await go("/subjects");
    await page.focus("input[name=name]");
    await page.keyboard.type("dora@example.org");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/subjects\/s[0-9a-f]{24}$/);
    await page.waitForSelector("text=What the log has");
    expect(await page.textContent("main")).not.toContain("dora@example.org");
    await page.focus("input[name=name]");
    await page.keyboard.type("dora@example.org");
    await page.keyboard.press("Tab");
    await page.keyboard.type("request 4");
    const drains = setInterval(() => void desk.drain(), 100);
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Erase this person");
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=can be read by nobody", { timeout: 15_000 });
    clearInterval(drains);
    await desk.drain();
    await picture("person-erased-desktop-light");

    await go(record);
    expect(await page.textContent("main")).toContain("erased");
    expect(await page.textContent("main")).not.toContain("dora@example.org");
    await go("/audit/verification");
    await page.click("button:has-text('Verify everything')");
    await page.waitForSelector("text=were erased, or rest on what was");
    expect(await page.textContent("main")).toContain("Valid");
  });

  it("makes a draft of the recordings that a person ticks, and shows hostile ones as texts", async () => {
    const { page, go, axe, picture } = await enter("ada");
    for (const path of ["/observe", "/policy", "/signals"]) {
      await go(path);
      await page.evaluate(() => {
        for (const part of document.querySelectorAll("details")) part.open = true;
      });
      expect(await page.locator("main img, main script, main [onerror], main [style]").count()).toBe(0);
      expect(await page.textContent("main")).toContain("<img src=x onerror=alert(1)>");
      expect(await page.textContent("main")).not.toMatch(/[\u202e\u2066]/);
      expect(await axe()).toEqual([]);
      await picture(`hostile${path.replace("/", "-")}-desktop-light`);
    }
    await go("/observe");
    await page.check(`input[name="run-${recordings[0]?.name}"]`);
    await page.fill("input[name=name]", "Answer Tickets");
    await page.click("button:has-text('Make this a draft plan')");
    await page.waitForSelector("text=A draft was made of 1 recording");
    expect(learned).toEqual([[recordings[0]?.name]]);
    await page.click("text=look at it");
    expect(await page.textContent("h1")).toContain("answer-tickets");
    expect(await page.locator("main img, main script").count()).toBe(0);
  });
});
