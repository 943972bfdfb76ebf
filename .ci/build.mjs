/**
 * Compiles src/ to dist/ for the npm package: `npm run build`. The compiler alone does it; nothing is bundled.
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
