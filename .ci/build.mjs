/**
 * Compiles src/ to dist/ for the npm package: `npm run build`. The compiler does it; only `sluice hook`, which agents start at every call, is put
 * into one file besides (our own source: packages stay packages), since most of its time was the reading of some three hundred.
 * It must never leave a stale file behind.
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./install.mjs";

rmSync(join(root, "dist"), { recursive: true, force: true });
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const { status } = spawnSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json")], { stdio: "inherit" });
process.exitCode = status ?? 1;
if (status === 0) {
  const { build } = await import("esbuild");
  await build({
    entryPoints: { "hook-main": join(root, "src/cli/hook-main.ts") },
    outdir: join(root, "dist/cli"),
    chunkNames: "hook-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    logLevel: "warning",
  });
}
