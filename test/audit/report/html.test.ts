/**
 * Reports as documents: nothing in them runs, points elsewhere or hides, and people can read them on a screen, a phone and paper.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { frameworks, type Report } from "../../../src/audit/report/form.ts";
import { renderHtml } from "../../../src/audit/report/html.ts";
import { reportStyleHash } from "../../../src/audit/report/html-style.ts";
import { must } from "../fixture.ts";
import { chromium, startChromium } from "../../services/chromium.ts";
import { describeWith } from "../../services/service.ts";
import { askRefund, deskRun, makeDesk, mapping, reported } from "./fixture.ts";

async function busyDesk() {
  const desk = await makeDesk();
  for (const [i, name] of ["ada", "bob", "ada", "eve"].entries()) {
    const { token } = await deskRun(desk, name);
    const hold = await askRefund(desk, token);
    desk.clock.now += 60_000;
    must(await desk.firewall.approve(hold, { by: "grace", decision: i % 2 === 0 ? "approve" : "deny" }));
    await desk.call(token, "none/such", {});
  }
  must(await desk.store.note({ type: "config", what: "start", at: desk.clock.now }));
  must(await desk.store.note({ type: "erase", subject: "s0123456789abcdef01234567", by: "root", at: desk.clock.now }));
  await desk.verify();
  return desk;
}

const evil = `</style></title><img src=x onerror=alert(1)><script>alert(2)</script>"'\u202e\u2066abc\u200b&amp;javascript:alert(3)\u0000\ud800`;

/** The report with every text that is somebody else's made hostile; some of them very long. */
function hostile(report: Report): Report {
  const names = new Set([
    "planName",
    "task",
    "purpose",
    "basis",
    "retention",
    "tool",
    "node",
    "by",
    "what",
    "why",
    "label",
    "category",
    "name",
    "contact",
    "country",
    "safeguard",
    "rule",
    "meaning",
    "detail",
    "message",
    "session",
    "subject",
    "code",
    "kind",
  ]);
  const bend = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((each) => bend(each, key));
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, bend(each, name)]));
    if (typeof value !== "string") return value;
    const isOurs =
      (key === "kind" && ["tool", "person", "conversation", "signature"].includes(value)) ||
      !(
        names.has(key) ||
        key === "arguments" ||
        key === "hosts" ||
        key === "effects" ||
        key === "approvedBy" ||
        key === "measures"
      );
    return isOurs ? value : key === "task" || key === "planName" ? evil + "x".repeat(100_000) : evil;
  };
  return bend(report, "") as Report;
}

describe("a report as HTML", () => {
  it("has no script, no handler and no address of another place, and each link leads to something in it", async () => {
    const desk = await busyDesk();
    for (const framework of frameworks)
      for (const report of [
        await reported(desk, { framework, mapping, subject: "ada" }),
        hostile(await reported(desk, { framework, mapping })),
      ]) {
        const text = await renderHtml(report);
        expect(text).not.toMatch(/<(?:script|img|iframe|object|embed|link|base|form|svg)\b/i);
        expect(text).not.toMatch(/<[^>]*\s(?:on\w+|style|src)\s*=/i);
        const links = [...text.matchAll(/href="([^"]*)"/g)].map(([, to]) => to ?? "");
        expect(links.filter((to) => !/^#[\w-]+$/.test(to))).toEqual([]);
        const ids = [...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id ?? "");
        expect(new Set(ids).size).toBe(ids.length);
        expect([...new Set(links)].filter((to) => !ids.includes(to.slice(1)))).toEqual([]);
      }
  });

  it("writes out what cannot be seen or turns the direction of text, and cuts what nobody can read", async () => {
    const desk = await busyDesk();
    const text = await renderHtml(hostile(await reported(desk, { mapping })));
    expect([...text.matchAll(/.{0,60}[\u202e\u2066\u200b\u0000]/g)].map(([around]) => around)).toEqual([]);
    expect(text).toContain("<mark>U+202E</mark>");
    expect(text.length).toBeLessThan(2_000_000);
  });

  it("says first that a log does not verify, and never that it does", async () => {
    const desk = await busyDesk();
    const report = await reported(desk, { mapping });
    const broken: Report = {
      ...report,
      integrity: { ...report.integrity, state: "not-valid", faultCount: 1, faults: [{ kind: "chain", message: "x" }] },
    };
    const [good, bad] = [await renderHtml(report), await renderHtml(broken)];
    expect(good).toContain("The log verifies.");
    expect(bad).not.toContain("The log verifies.");
    expect(bad.indexOf("does not verify: nothing below is proven")).toBeLessThan(bad.indexOf("<main>"));
    expect(bad).toContain('class="verdict not-valid" role="alert"');
  });
});

describeWith(chromium, "a report in a browser", () => {
  let browser: Browser;
  let reports: { readonly [name: string]: string };
  beforeAll(async () => {
    browser = await startChromium();
    const desk = await busyDesk();
    const report = await reported(desk, { mapping });
    reports = {
      gdpr: await renderHtml(report),
      bare: await renderHtml(await reported(desk)),
      person: await renderHtml(await reported(desk, { framework: "hipaa", mapping, subject: "ada" })),
      hostile: await renderHtml(hostile(report)),
      broken: await renderHtml({
        ...report,
        integrity: { ...report.integrity, state: "not-valid", faultCount: 1, faults: [{ kind: "chain", message: "x" }] },
      }),
    };
  }, 60_000);
  afterAll(() => browser?.close());

  /** Opens a report under the strictest policy that shows it; what must not happen is gathered. */
  async function open(name: string, options: { readonly isPhone?: boolean; readonly isDark?: boolean } = {}) {
    const context = await browser.newContext({
      viewport: options.isPhone === true ? { width: 390, height: 844 } : { width: 1_280, height: 900 },
      colorScheme: options.isDark === true ? "dark" : "light",
    });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on("console", (message) => void (message.type() === "error" && faults.push(message.text())));
    page.on("dialog", (dialog) => {
      faults.push(dialog.message());
      void dialog.dismiss();
    });
    await page.route("**/*", (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === "/favicon.ico") return route.fulfill({ status: 204 });
      if (pathname !== "/report") faults.push(route.request().url());
      return route.fulfill({
        body: reports[name] ?? "",
        contentType: "text/html; charset=utf-8",
        headers: { "content-security-policy": `default-src 'none'; style-src ${reportStyleHash}` },
      });
    });
    await page.goto("http://sluice.example/report");
    return { page, faults, close: () => context.close() };
  }

  it("runs nothing, asks nobody, and looks as it should under a policy that allows its one style sheet", async () => {
    for (const name of Object.keys(reports)) {
      const { page, faults, close } = await open(name);
      expect([name, faults]).toEqual([name, []]);
      expect(await page.evaluate(() => getComputedStyle(document.querySelector("h1") as Element).letterSpacing)).not.toBe(
        "normal",
      );
      await close();
    }
  }, 60_000);

  it("is accessible in light and dark, on a desk and on a phone: axe finds nothing at all", async () => {
    const looks = [
      ["gdpr", {}],
      ["gdpr", { isDark: true }],
      ["person", { isPhone: true }],
      ["broken", { isPhone: true, isDark: true }],
      ["broken", {}],
      ["bare", {}],
      ["hostile", { isPhone: true }],
    ] as const;
    for (const [name, options] of looks) {
      // axe itself is a script: it looks at the same document without the policy.
      const context = await browser.newContext({
        viewport: "isPhone" in options ? { width: 390, height: 844 } : { width: 1_280, height: 900 },
        colorScheme: "isDark" in options ? "dark" : "light",
      });
      const page = await context.newPage();
      await page.setContent(reports[name] ?? "");
      expect([name, options, await axeOf(page)]).toEqual([name, options, []]);
      await context.close();
    }
  }, 180_000);

  it("fits a phone without scrolling sideways, with a heading before each cell", async () => {
    for (const name of Object.keys(reports)) {
      const { page, close } = await open(name, { isPhone: true });
      const wide = await page.evaluate(() =>
        [...document.querySelectorAll("body *")]
          .filter(
            (each) =>
              each.getBoundingClientRect().right > innerWidth + 1 &&
              getComputedStyle(each).position !== "absolute" &&
              each.closest("thead") === null,
          )
          .map((each) => each.outerHTML.slice(0, 120)),
      );
      expect([name, wide]).toEqual([name, []]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      const before = await page.evaluate(
        () => getComputedStyle(document.querySelector("#flows td") as Element, "::before").content,
      );
      expect(before).toBe('"From"');
      await close();
    }
  }, 60_000);

  it("prints on A4 with page numbers, and no entry is cut in two", async () => {
    const { page, close } = await open("gdpr");
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
    await close();
    const text = pdf.toString("latin1");
    expect(text.slice(0, 5)).toBe("%PDF-");
    const [width = 0, height = 0] = (/\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)/.exec(text) ?? []).slice(1).map(Number);
    expect([Math.round(width), Math.round(height)]).toEqual([842, 595]);
    expect(pdf.length).toBeGreaterThan(20_000);
  }, 60_000);
});

const axeText = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function axeOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeText);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      readonly axe: {
        run(): Promise<{
          readonly violations: readonly {
            readonly id: string;
            readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
          }[];
        }>;
      };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary} (${nodes.length})`);
  });
}
