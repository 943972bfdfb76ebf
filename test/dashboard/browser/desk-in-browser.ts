/**
 * A desk for each test of a file and one browser for all of them: what the tests need who sign in and click.
 * A page that reports a fault fails its test, whatever else the test looks at.
 */
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { startChromium } from "../../services/chromium.ts";
import { signIn, type Visit } from "../browser.ts";
import { type Desk, makeDesk } from "../fixture.ts";

/** What stands ready while a test runs. */
export interface DeskInBrowser {
  readonly desk: Desk;
  /** Signs somebody in; the visit ends with the test. */
  enter(who: "ada" | "bob" | "root" | "vera", options?: Parameters<typeof signIn>[3]): Promise<Visit>;
}

/** Registers what makes and ends them; to be called where the tests are described. */
export function deskInBrowser(): DeskInBrowser {
  let browser: Browser;
  let desk: Desk;
  const visits: Visit[] = [];
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    desk = await makeDesk();
  });
  afterEach(async () => {
    const faults = visits.flatMap((visit) => visit.faults);
    for (const visit of visits.splice(0)) await visit.close();
    await desk.close();
    expect(faults).toEqual([]);
  });
  return {
    get desk() {
      return desk;
    },
    enter: async (...args) => {
      const opened = await signIn(browser, desk, ...args);
      visits.push(opened);
      return opened;
    },
  };
}
