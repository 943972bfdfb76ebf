/**
 * Chromium for tests: Debian's, driven by playwright-core. It asks nobody but the server under test.
 * Never leaves a browser behind that outlives the test.
 */
import { type Browser, chromium as driver } from "playwright-core";
import { service } from "./service.ts";

/** The browser's program, or why there is none. */
export const chromium = service({ program: "chromium", package: "chromium" });

/** Starts it, without a window and without traffic of its own. */
export async function startChromium(): Promise<Browser> {
  if ("missing" in chromium) throw new Error(chromium.missing);
  return driver.launch({
    executablePath: chromium.path,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--no-first-run",
      "--disable-sync",
      "--disable-dev-shm-usage",
      "--force-color-profile=srgb",
      "--font-render-hinting=none",
    ],
  });
}
