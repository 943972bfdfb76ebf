/**
 * Every entry point of the packed package, in a project that has installed it: with types for every resolver, without a package that nobody asked
 * for, and small in a bundle.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { entries, forbidden, manifest } from "../../bench/start/entries.ts";
import { allowed } from "../start/reach.ts";
import { makeProject, type Project } from "./project.ts";

/** Optional packages by what needs them at once: those whose row in test/start names one. */
const peers = Object.keys(manifest.peerDependencies);
const needsPeer = new Map(
  entries.map(({ name }) => [name, (allowed[name]?.now ?? []).filter((module) => peers.includes(module))] as const),
);

describe("the types", () => {
  it("of every entry point are right for every resolver that knows `exports`", async () => {
    const { problems = [], entrypoints = {} } = (await checkPackage(
      createPackageFromTarballData(new Uint8Array(readFileSync(inject("tarball")))),
    )) as { problems?: readonly { resolutionKind?: string }[]; entrypoints?: Record<string, unknown> };
    expect(Object.keys(entrypoints).length).toBeGreaterThanOrEqual(entries.length);
    // ESM alone: TypeScript's old resolver knows no `exports`, and CommonJS of today requires ES modules at run time, by import() before.
    const others = ["node10", "node16-cjs"];
    expect(problems.filter(({ resolutionKind = "" }) => !others.includes(resolutionKind))).toEqual([]);
  });
});

let project: Project;
beforeAll(() => {
  project = makeProject("npm", ["sluice"]);
});
afterAll(() => project.remove());

describe("a project that installed only `sluice`", () => {
  beforeAll(() => {
    // What is resolved is told, and an optional package is refused: it is there for nobody who did not install it.
    writeFileSync(
      join(project.folder, "refuse.mjs"),
      `import { registerHooks } from "node:module";
const peers = ${JSON.stringify(peers)};
registerHooks({
  resolve(specifier, context, next) {
    if (peers.some((name) => specifier === name || specifier.startsWith(name + "/"))) {
      process.exitCode = 9;
      process.stderr.write("asked for " + specifier + " from " + context.parentURL + "\\n");
      throw new Error("refused: " + specifier);
    }
    return next(specifier, context);
  },
});
`,
    );
  });

  it("has nothing but its dependencies, and no weights", () => {
    const listed = project.run("npm", "ls", "--all", "--parseable").trim().split("\n").slice(1);
    expect(listed.length).toBeLessThanOrEqual(40);
    expect(listed.filter((path) => peers.some((name) => path.endsWith(`/node_modules/${name}`)))).toEqual([]);
    expect(project.run("find", "node_modules", "-name", "*.onnx")).toBe("");
  });

  const free = entries.filter(({ name }) => needsPeer.get(name)?.length === 0);
  it.each(free.map(({ name }) => [name]))("imports `%s` without an optional package", (name) => {
    const program = `const all = await import("${name}"); if (Object.keys(all).length === 0) throw new Error("nothing exported");`;
    project.run(process.execPath, "--import", "./refuse.mjs", "--input-type=module", "--eval", program);
  });

  it.each(entries.filter(({ name }) => needsPeer.get(name)?.length !== 0).map(({ name }) => [name]))(
    "is told by `%s` which package is missing",
    (name) => {
      const wanted = needsPeer.get(name) ?? [];
      expect(() => project.run("node", "--input-type=module", "--eval", `await import("${name}")`)).toThrow(
        new RegExp(`Cannot find package '(?:${wanted.join("|")})'`),
      );
    },
  );

  it("has the command", () => {
    expect(project.run("npx", "sluice", "--help")).toContain("Usage: sluice");
    expect(project.run("npx", "sluice", "--version").trim()).toBe(
      (JSON.parse(readFileSync(join(project.folder, "node_modules/sluice/package.json"), "utf8")) as { version: string }).version,
    );
  });
});

describe("a bundle of one function", () => {
  /** Bundles a program as a user's bundler would; what it does not know stays outside and is an error here. */
  async function bundleOf(program: string): Promise<{ readonly text: string; readonly inputs: readonly string[] }> {
    const { outputFiles, metafile } = await build({
      stdin: { contents: program, resolveDir: project.folder },
      absWorkingDir: project.folder,
      bundle: true,
      write: false,
      metafile: true,
      minify: true,
      format: "esm",
      target: "es2023",
      platform: "neutral",
      mainFields: ["module", "main"],
      conditions: ["import"],
      logLevel: "silent",
    });
    return { text: outputFiles[0]?.text ?? "", inputs: Object.keys(Object.values(metafile.outputs)[0]?.inputs ?? {}) };
  }

  /** Packages of what ended in the bundle. */
  const packagesOf = (inputs: readonly string[]): readonly string[] =>
    [...new Set(inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []))].sort();

  it.each([["freezePlan"], ["thawPlan"], ["createGuard"]])(
    "`%s` has no server, no model, no driver and nothing of Node",
    async (name) => {
      const { text, inputs } = await bundleOf(`import { ${name} } from "sluice"; globalThis.used = ${name};`);
      expect(forbidden.filter((pattern) => pattern.test(text)).map(String)).toEqual([]);
      expect(packagesOf(inputs)).not.toContain("hono");
      expect(packagesOf(inputs).filter((one) => peers.includes(one))).toEqual([]);
      expect(inputs.filter((path) => /sluice\/dist\/(?:surfaces|stores|infer|cli|dashboard|audit)\//.test(path))).toEqual([]);
    },
  );

  it("`readJson` brings no library at all, and a twentieth of the bytes of freezing", async () => {
    const reader = await bundleOf(`import { readJson } from "sluice"; globalThis.used = readJson;`);
    const freezer = await bundleOf(`import { freezePlan } from "sluice"; globalThis.used = freezePlan;`);
    expect(packagesOf(reader.inputs)).toEqual(["sluice"]);
    expect(reader.text.length).toBeLessThan(freezer.text.length / 20);
  });

  it("sees what it must not have, if somebody imports it", async () => {
    const { inputs } = await bundleOf(`import { hostRoutes } from "sluice/hono"; globalThis.used = hostRoutes;`);
    expect(packagesOf(inputs)).toContain("hono");
    await expect(bundleOf(`import "sluice/stores/sqlite/open";`)).rejects.toThrow(/node:sqlite/);
  });
});
