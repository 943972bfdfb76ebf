/** The assets as they are embedded, and as they are served. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { clientText, styleText } from "../../src/dashboard/assets/embedded.ts";
import { assetAddresses, assetResponse } from "../../src/dashboard/shell/assets.ts";
import { embed, embedded } from "./embed-assets.ts";

describe("the assets", () => {
  it("are embedded as the files are: else run `node test/dashboard/embed-assets.ts`", () => {
    expect(readFileSync(embedded, "utf8")).toBe(embed());
  });

  it("name no other place, and run no text as code", () => {
    for (const text of [styleText, clientText])
      expect(text).not.toMatch(/https?:\/\/|\/\/[a-z]+\.|@import|\beval\b|innerHTML|new Function/);
  });

  it("are kept for ever under a name that says what is in them, and there are no others", async () => {
    for (const address of Object.values(assetAddresses)) {
      const name = address.split("/").at(-1) ?? "";
      expect(name).toMatch(/^[a-z]+-[0-9a-f]{16}\.(css|js|svg)$/);
      const response = assetResponse(name);
      expect(response?.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(response?.headers.get("x-content-type-options")).toBe("nosniff");
      expect((await response?.text())?.length).toBeGreaterThan(200);
    }
    expect(assetResponse("style.css")).toBeUndefined();
    expect(assetResponse("../package.json")).toBeUndefined();
  });
});
