/**
 * What importing an entry point costs in modules and in bytes: a stand-in for its time, which differs from run to run (`bench/start` has that).
 * The core and the Worker in particular have no model, no driver of a database and nothing of Node in them.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  bundleOf,
  chainTo,
  entries,
  forbidden,
  foundIn,
  importsOf,
  packageOf,
  type Reach,
  reachOf,
} from "../../bench/start/entries.ts";
import { type Allowed, allowed } from "./reach.ts";

const inputs = await importsOf(entries.map(({ source }) => source));

/** Package or built-in module → the imports that brought it, the entry first. */
function brought(reach: Reach, modules: Iterable<string>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const module of modules) {
    const name = packageOf(module);
    if (name !== "" && !found.has(name)) found.set(name, chainTo(reach, module).join(" → "));
  }
  return found;
}

/** What is there and may not be, by the imports that brought it; and what is allowed and not there. */
function differences(found: ReadonlyMap<string, string>, expected: readonly string[]): readonly string[] {
  return [
    ...[...found].flatMap(([name, chain]) => (expected.includes(name) ? [] : [`${name} by ${chain}`])),
    ...expected.flatMap((name) => (found.has(name) ? [] : [`${name} is brought by nothing any more`])),
  ];
}

const rows = entries.map((entry) => [entry.name, { ...entry, row: allowed[entry.name] as Allowed }] as const);

describe("the entry points", () => {
  it("have a row each that says what they may bring", () => {
    expect(entries.map(({ name }) => name).sort()).toEqual(Object.keys(allowed).sort());
  });

  it.each(rows)("`%s` brings exactly the packages that its row names", (_name, { source, row }) => {
    const reach = reachOf(inputs, source);
    const now = brought(reach, reach.now.keys());
    const later = brought(
      reach,
      [...reach.later.keys()].filter((module) => !now.has(packageOf(module))),
    );
    expect(differences(now, row.now)).toEqual([]);
    expect(differences(later, row.later ?? [])).toEqual([]);
    expect(reach.now.size).toBeLessThanOrEqual(row.modules);
  });
});

describe("a bundle", () => {
  const bundled = rows.filter(([, { row }]) => row.bundle !== undefined);

  it.each(bundled)(
    "of `%s` is small, and without what its program has not",
    { timeout: 60_000 },
    async (_name, { source, row }) => {
      const text = await bundleOf(source);
      // Not `toMatch`, which would print the bundle; what stands around it says whose it is.
      const found = forbidden.flatMap((pattern) => {
        const at = text.search(pattern);
        return at < 0 ? [] : [text.slice(Math.max(0, at - 60), at + 60)];
      });
      expect(found).toEqual([]);
      expect(text.length).toBeLessThanOrEqual(row.bundle ?? 0);
    },
  );

  it("of a file that imports a driver is caught by its imports and by its strings", async () => {
    const driver = "src/stores/sqlite/open.ts";
    const reach = reachOf(await importsOf([driver]), driver);
    expect(differences(brought(reach, reach.now.keys()), [])).toEqual([
      expect.stringMatching(/^node:sqlite by src\/stores\/sqlite\/open\.ts → /),
    ]);
    expect(foundIn(await bundleOf(driver))).toBeGreaterThan(0);
  });
});

describe("what `sluice` reads before it knows its command", () => {
  it("is its terminal and the parser of its arguments", async () => {
    const main = "src/cli/main.ts";
    const reach = reachOf(await importsOf([main]), main);
    expect([...brought(reach, reach.now.keys()).keys()].filter((name) => !name.startsWith("node:")).sort()).toEqual([
      "commander",
      "picocolors",
    ]);
    expect([...reach.now.keys()].filter((module) => module.startsWith("src/")).length).toBeLessThan(20);
    expect(readFileSync("src/cli/program.ts", "utf8")).toContain("await import(");
  });
});
