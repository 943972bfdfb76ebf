/**
 * What stops a release before it is published.
 */
import { expect, it } from "vitest";
import { obstacles } from "../../.ci/release-check.mjs";

const home = "https://github.com/somebody/sluice";
const repository = { type: "git", url: `git+${home}.git` };
const right: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({ version: "1.2.0", repository }),
  "models/package.json": JSON.stringify({ version: "0.1.0", repository }),
  "deno.json": JSON.stringify({ version: "1.2.0" }),
  "CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n## 1.2.0 (2027-01-02)\n\n- more\n",
};

it("lets a release pass whose version, changelog and repository agree", () => {
  expect(obstacles(home, (path) => right[path] ?? "")).toEqual([]);
});

it.each([
  ["CHANGELOG.md", "# Changelog\n\n## Unreleased\n", /no section "## 1\.2\.0"/],
  ["deno.json", '{ "version": "1.1.0" }', /deno\.json has version 1\.1\.0/],
  ["package.json", '{ "version": "1.2.0" }', /package\.json must have "repository"/],
  ["models/package.json", '{ "version": "0.1.0" }', /models\/package\.json must have "repository"/],
])("stops one with another %s", (file, content, sentence) => {
  const found = obstacles(home, (path) => (path === file ? content : (right[path] ?? "")));
  expect(found).toEqual([expect.stringMatching(sentence)]);
});
