/**
 * The generated pages of the reference say what the source says: whoever changes it runs `node docs/reference/write.ts`.
 */
import { expect, it } from "vitest";
import { referencePages } from "../../docs/reference/pages.ts";
import { CODES } from "../../src/codes.ts";
import { readProjectFile } from "./blocks.ts";

const pages = await referencePages();

it.each(Object.entries(pages))("%s is made of the source of today", (path, text) => {
  expect(readProjectFile(path)).toBe(text);
});

it("names for every code of a denial a file that says it", () => {
  const page = pages["docs/reference/codes.md"] ?? "";
  const unsaid = Object.keys(CODES).filter((code) => !new RegExp(`^\\| \`${code}\` \\|.*\`[\\w/-]+\\.ts\``, "m").test(page));
  expect(unsaid).toEqual([]);
});
