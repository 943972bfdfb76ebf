/**
 * Links and paths of the documents lead to files and headings that are there.
 */
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { readProjectFile } from "./blocks.ts";
import { documents } from "./documents.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const others = [
  ".github/CONTRIBUTING.md",
  ".github/SECURITY.md",
  "CHANGELOG.md",
  "src/README.md",
  "plans/README.md",
  "bench/README.md",
];
const files = [...documents.map(({ path }) => path), ...others];

/** The names of the headings of a document in links, as GitHub makes them. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map((match) =>
    (match[1] as string)
      .toLowerCase()
      .replace(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
}

it.each(files.map((file) => [file]))("links and paths of %s lead to what is there", (file) => {
  const text = readProjectFile(file);
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map((match) => ({
    path: match[1] === "" ? file : normalize(join(dirname(file), match[1] as string)),
    anchor: match[2],
  }));
  const paths = [...text.matchAll(/`((?:src|test|bench|plans|docs|\.ci)\/[\w./-]+)`/g)].map((match) => match[1] as string);
  // `NAME` stands for what the reader adds.
  const missing = [...links.map(({ path }) => path), ...paths].filter(
    (path) => !/\bNAME\b/.test(path) && !existsSync(join(root, path)),
  );
  expect(missing).toEqual([]);
  const headless = links.filter(
    ({ path, anchor }) => anchor !== undefined && path.endsWith(".md") && !anchorsOf(readProjectFile(path)).includes(anchor),
  );
  expect(headless).toEqual([]);
});
