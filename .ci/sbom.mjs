/**
 * Writes the software bill of materials (CycloneDX, JSON) of what someone installs with the package: `node .ci/sbom.mjs FILE`.
 * It must never name a package that is only ours to develop with, or miss one that is a user's.
 *
 * Why not `npm sbom --omit dev` here: npm leaves out every package that a dev dependency wants too, such as zod. So npm gets a
 * folder with the manifest and the lockfile without what is for development, and needs neither the network nor node_modules.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./install.mjs";

const forDevelopment = ["devDependencies", "peerDependencies", "peerDependenciesMeta", "scripts"];

/** The bill of materials, as text. Throws if npm fails. */
export function makeSbom() {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  for (const name of forDevelopment) {
    delete manifest[name];
    delete lock.packages[""][name];
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).filter(([, entry]) => entry.dev !== true));
  const folder = mkdtempSync(join(tmpdir(), "sbom-"));
  try {
    // npm calls the package what the folder is called.
    const cwd = join(folder, manifest.name);
    mkdirSync(cwd);
    writeFileSync(join(cwd, "package.json"), JSON.stringify(manifest));
    writeFileSync(join(cwd, "package-lock.json"), JSON.stringify(lock));
    const args = ["sbom", "--package-lock-only", "--offline", "--sbom-format", "cyclonedx"];
    return execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const file = process.argv[2];
if (file !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) writeFileSync(file, makeSbom());
