/**
 * Runs without Sluice, kept in `.cache/bench-agentdojo` from one run of the bench to the next: they depend on the package and on the scripts alone,
 * and take most of the time. Never keeps a run through Sluice, and nothing that other scripts or another version of the package have made.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Outcome, Unit } from "./runs.ts";

/** All that decides what a run without Sluice comes to. */
const sources = [
  "python/requirements.txt",
  "python/environments.py",
  "python/attacker.py",
  "agent.ts",
  "door.ts",
  "environments.ts",
  "runs.ts",
];

const cache = fileURLToPath(new URL("../../.cache/bench-agentdojo/", import.meta.url));

function fileOf({ suite, task }: Unit): string {
  const hash = createHash("sha256");
  for (const name of sources) hash.update(`${name}\n`).update(readFileSync(new URL(name, import.meta.url)));
  const folder = join(cache, "undefended", hash.digest("hex").slice(0, 16));
  mkdirSync(folder, { recursive: true });
  return join(folder, `${suite.suite.name}-${task}.json`);
}

/** What the unit came to before, if it is one without Sluice and was played by these scripts. */
export function keptOutcomes(unit: Unit): readonly Outcome[] | undefined {
  if (unit.kind !== "undefended") return undefined;
  const file = fileOf(unit);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as readonly Outcome[]) : undefined;
}

/** Keeps what a unit without Sluice came to. */
export function keepOutcomes(unit: Unit, outcomes: readonly Outcome[]): void {
  if (unit.kind === "undefended") writeFileSync(fileOf(unit), JSON.stringify(outcomes));
}
