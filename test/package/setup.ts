/**
 * Before the checks of this folder: packs the package and the weights as a release does, and serves them beside their dependencies.
 * Needs dist/ (`npm run build`). It must never hand out the source.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { serveRegistry } from "./registry.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where packages come from: `http://127.0.0.1:PORT/`. */
    readonly registry: string;
    /** The tarball of the package. */
    readonly tarball: string;
  }
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Packs, serves, and takes everything away in the end. */
export default async function setup(project: TestProject): Promise<() => void> {
  if (!existsSync(join(root, "dist/index.js"))) throw new Error("there is no dist/: npm run build");
  const folder = mkdtempSync(join(tmpdir(), "sluice-packed-"));
  // --ignore-scripts: dist/ is what the build made, not what a script makes of it now.
  for (const what of [".", "./models"])
    execFileSync("npm", ["pack", what, "--ignore-scripts", "--silent", "--pack-destination", folder], {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"],
    });
  const tarballs = readdirSync(folder).map((name) => join(folder, name));
  const registry = await serveRegistry(root, tarballs);
  project.provide("registry", registry.url);
  project.provide("tarball", tarballs.find((path) => /sluice-\d[^/]*\.tgz$/.test(path)) ?? "");
  return () => {
    registry.close();
    rmSync(folder, { recursive: true, force: true });
  };
}
