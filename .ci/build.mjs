/**
 * Compiles src/ to dist/ for the npm package: `npm run build`. The compiler does it; only the `sluice` command, which nobody imports, is
 * bundled (our own source: packages stay packages), since most of the time of a short command was the reading of some three hundred files.
 * It must never leave a stale file behind.
 */
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./install.mjs";

rmSync(join(root, "dist"), { recursive: true, force: true });
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const { status } = spawnSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json")], { stdio: "inherit" });
process.exitCode = status ?? 1;
if (status === 0) {
  // For every file that it reads, Node takes the nearest package.json apart; that of the package, with all its entry points, took a fifth of
  // the time and a quarter of the memory of an import.
  writeFileSync(join(root, "dist", "package.json"), '{ "type": "module", "sideEffects": false }\n');
  const { build } = await import("esbuild");
  const cli = join(root, "dist", "cli");
  rmSync(cli, { recursive: true });
  // Apart: `sluice hook` is started at every call of an agent, and beside 34 commands its own source would be in three times as many files.
  for (const entry of ["main", "hook-main"])
    await build({
      entryPoints: { [entry]: join(root, `src/cli/${entry}.ts`) },
      outdir: cli,
      // Beside the entry: the version and the program itself are looked for from where a file is.
      chunkNames: `${entry}-[hash]`,
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node20",
      packages: "external",
      logLevel: "warning",
    });
}
