/**
 * Writes the budgets anew from what is counted now, and prints what has changed: `node test/cost/update.ts`
 * Say in the commit why a budget went up. Needs valgrind (`apt-get install valgrind`).
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Budgets, findings } from "./budgets.ts";
import { bundle, count } from "./count.ts";

const file = new URL("budgets.json", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "sluice-cost-"));
try {
  const before = JSON.parse(readFileSync(file, "utf8")) as Budgets;
  bundle(folder);
  const counts = {
    bytes: count("bytes", folder),
    optimised: count("optimised", folder),
    interpreted: count("interpreted", folder),
  };
  const after: Budgets = { node: process.version, arch: process.arch, allowed: before.allowed, counts };
  for (const kind of ["bytes", "optimised", "interpreted"] as const)
    for (const line of findings(kind, counts[kind], before)) process.stdout.write(`${line.split(". ")[0]}\n`);
  writeFileSync(file, `${JSON.stringify(after, undefined, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
