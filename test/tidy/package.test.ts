/**
 * What package.json, deno.json, the lockfile and the installer must agree on.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./source.ts";

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

function read<T>(path: string): T {
  return JSON.parse(readFileSync(join(root, path), "utf8")) as T;
}

const manifest = read<Manifest>("package.json");
const deno = read<{ readonly version: string; readonly exports: Readonly<Record<string, string>> }>("deno.json");
const lock = read<{ readonly packages: Readonly<Record<string, Partial<Manifest>>> }>("package-lock.json").packages[""] ?? {};

/** Subpath → source file, from the compiled paths of package.json. */
const subpaths = Object.entries(manifest.exports).flatMap(([key, target]) =>
  typeof target === "string" ? [] : [[key, target.default.replace("./dist/", "./src/").replace(/\.js$/, ".ts")] as const],
);

describe("the package", () => {
  it("exports the same for npm and for Deno", () => {
    expect(Object.fromEntries(subpaths)).toEqual(deno.exports);
    expect(deno.version).toBe(manifest.version);
  });

  it("exports files that exist, with the types beside them", () => {
    expect(subpaths.filter(([, file]) => !existsSync(join(root, file)))).toEqual([]);
    for (const target of Object.values(manifest.exports)) {
      if (typeof target === "string") expect(existsSync(join(root, target)), target).toBe(true);
      else expect(target.types).toBe(target.default.replace(/\.js$/, ".d.ts"));
    }
  });

  it("pins every dependency, as the lockfile does", () => {
    const pins = { ...manifest.dependencies, ...manifest.devDependencies };
    expect(Object.entries(pins).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version))).toEqual([]);
    expect(lock.dependencies).toEqual(manifest.dependencies);
    expect(lock.devDependencies).toEqual(manifest.devDependencies);
  });

  it("starts and tests on the same version of Node", () => {
    const installer = readFileSync(join(root, ".ci/install.mjs"), "utf8");
    expect(/nodeVersion = "([^"]+)"/.exec(installer)?.[1]).toBe(manifest.devDependencies.node);
  });
});
