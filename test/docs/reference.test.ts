/**
 * The generated pages of the reference say what the source says: whoever changes it runs `node docs/reference/write.ts`.
 */
import { expect, it } from "vitest";
import { sourcesIn } from "../../docs/reference/codes.ts";
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

it("names every variable of the environment that the source reads or tells somebody to set", () => {
  const page = pages["docs/reference/settings.md"] ?? "";
  const launcher = { path: "src/cli/sluice.mjs", text: readProjectFile("src/cli/sluice.mjs") };
  const read = [...sourcesIn("src"), launcher].flatMap(({ text }) =>
    [...text.matchAll(/\b(?:env\.|["'` (])((?:SLUICE|OTEL|XDG)_[A-Z_]*[A-Z])\b/g)].map((match) => match[1] as string),
  );
  expect(new Set(read).size).toBeGreaterThan(30);
  // Not of the environment: a constant that the executable is built with, and the example of a message.
  const others = new Set(["SLUICE_VERSION", "SLUICE_STORE_URL"]);
  const unsaid = [...new Set(read)].filter((name) => !others.has(name) && !page.includes(`\`${name.replace(/_FILE$/, "")}\``));
  expect(unsaid).toEqual([]);
});
