/**
 * The guides in docs/: what holds of every document, in the order of the table.
 */
import { readdirSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import { describeDocument, removeDocuments } from "./document.ts";
import { documents } from "./documents.ts";

afterAll(removeDocuments);

it("are all in the table", () => {
  const here = readdirSync(new URL("../../docs/", import.meta.url)).filter((name) => name.endsWith(".md"));
  const listed = documents.map(({ path }) => path).filter((path) => path.startsWith("docs/"));
  expect(here.map((name) => `docs/${name}`).sort()).toEqual([...listed].sort());
});

for (const { path } of documents) if (path !== "README.md") describeDocument(path);
