/**
 * Weights are a package of their own: `sluice draft` of a project says what is missing, works when it is installed, and takes no others of that name.
 * Nothing is fetched but by the package manager.
 */
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { blocksOf, readProjectFile } from "../docs/blocks.ts";
import { makeProject, type Project, root } from "./project.ts";

let project: Project;
beforeAll(() => {
  project = makeProject("npm", ["sluice"]);
  const tools = blocksOf(readProjectFile("README.md")).find(({ attributes }) => attributes.file === "tools.json");
  writeFileSync(join(project.folder, "tools.json"), tools?.text ?? "");
});
afterAll(() => project.remove());

function draft(): string {
  const task = "Read the file notes.txt";
  return project.run("npx", "sluice", "draft", "--catalog", "tools.json", "--task", task, "--now", "2026-04-03", "--guess");
}

it("without them `sluice draft` says which package to install", () => {
  expect(draft).toThrow(
    /ended with 2:\nsluice: there are no models: install the package sluice-models[^\n]*\(INFER_NO_MODELS\)\n$/,
  );
});

it("takes nothing of the package that is called `models`", () => {
  const stranger = join(project.folder, "node_modules/models");
  mkdirSync(stranger);
  writeFileSync(join(stranger, "manifest.json"), '{ "files": {} }');
  expect(draft).toThrow("INFER_NO_MODELS");
  rmSync(stranger, { recursive: true });
});

it("refuses weights that are not the published ones", () => {
  const other = join(project.folder, "node_modules/sluice-models");
  mkdirSync(other);
  writeFileSync(join(other, "package.json"), '{ "name": "sluice-models", "version": "9.0.0" }');
  writeFileSync(join(other, "manifest.json"), '{ "files": {} }');
  expect(draft).toThrow(/this version of sluice was made for.*\(INFER_DIGEST\)/);
  rmSync(other, { recursive: true });
});

it("with them and what runs them it drafts", () => {
  project.run("npm", "install", "--ignore-scripts", "sluice-models", "@huggingface/tokenizers");
  expect(draft).toThrow(/onnxruntime-node[^\n]*\(INFER_NO_RUNTIME\)/);
  // 288 MB, of which an installation would make a copy: linked instead, with the part of it that it imports.
  for (const name of ["onnxruntime-node", "onnxruntime-common"])
    symlinkSync(join(root, "node_modules", name), join(project.folder, "node_modules", name));
  const output = ((): string => {
    try {
      return draft();
    } catch (error) {
      // A guess that is held back ends with 1.
      return String(error);
    }
  })();
  expect(output).toContain("tool: files/read");
});

it("keeps them out of the package: it is small, and theirs is the large one", () => {
  const sizeOf = (folder: string): number =>
    readdirSync(join(project.folder, "node_modules", folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  expect(sizeOf("sluice")).toBeLessThan(16_000_000);
  expect(sizeOf("sluice-models")).toBeGreaterThan(40_000_000);
});
