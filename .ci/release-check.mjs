/**
 * What must be true before a version is published, and nobody can mend after it: `REPOSITORY=https://… node .ci/release-check.mjs`.
 * It must never change a file.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./install.mjs";

const text = (path) => readFileSync(join(root, path), "utf8");

/** What stands in the way of a release, a sentence each. `repository`: the address that the release runs at. */
export function obstacles(repository, read = text) {
  const manifest = JSON.parse(read("package.json"));
  const models = JSON.parse(read("models/package.json"));
  const deno = JSON.parse(read("deno.json"));
  const changelog = read("CHANGELOG.md");
  const found = [];
  const section = changelog
    .split(/^## /m)
    .find((part) => part.startsWith(`${manifest.version} `) || part.startsWith(`${manifest.version}\n`));
  if (section === undefined)
    found.push(`CHANGELOG.md has no section "## ${manifest.version}": give "Unreleased" that name and a date`);
  if (deno.version !== manifest.version) found.push(`deno.json has version ${deno.version}, package.json ${manifest.version}`);
  for (const [path, { repository: named }] of [
    ["package.json", manifest],
    ["models/package.json", models],
  ])
    if (named?.url !== `git+${repository}.git`)
      found.push(
        `${path} must have "repository": { "type": "git", "url": "git+${repository}.git" }, or npm refuses the provenance`,
      );
  return found;
}

if (process.argv[1]?.endsWith("release-check.mjs")) {
  const found = obstacles(process.env.REPOSITORY ?? "");
  for (const sentence of found) process.stderr.write(`${sentence}\n`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
