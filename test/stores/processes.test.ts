/** The SQLite store shared by processes, and killed. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-processes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly granted: number;
  readonly failed: number;
  readonly errors: string;
}

/** Runs a writer; kills it after so many grants have been seen, if told so. */
function write(
  file: string,
  name: string,
  options: { readonly attempts: number; readonly max: number; readonly killAfter?: number },
): Promise<Ended> {
  const script = join(import.meta.dirname, "writer.ts");
  const child = spawn(process.execPath, [script, file, name, String(options.attempts), String(options.max)]);
  let output = "";
  let errors = "";
  const count = (word: string): number => output.split("\n").filter((line) => line.startsWith(word)).length;
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    if (options.killAfter !== undefined && count("granted") >= options.killAfter) child.kill("SIGKILL");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return new Promise((resolve) => {
    child.on("close", () => resolve({ granted: count("granted"), failed: count("failed"), errors }));
  });
}

/** What the file holds, read past the store. */
function totals(file: string): {
  readonly events: number;
  readonly versions: number;
  readonly total: number;
  readonly windowed: number;
  readonly integrity: string;
} {
  const db = new DatabaseSync(file);
  const one = (sql: string): unknown => Object.values(db.prepare(sql).get() as object)[0];
  const read = {
    events: one("SELECT count(*) FROM events") as number,
    versions: one("SELECT total(version) FROM sessions") as number,
    total: one("SELECT total(sum + lost) FROM totals") as number,
    windowed: one("SELECT total(amount) FROM spent") as number,
    integrity: one("PRAGMA integrity_check") as string,
  };
  db.close();
  return read;
}

describe("two processes on one file", () => {
  it("have exactly the budget between them", async () => {
    const file = join(folder, "shared.db");
    openSqliteStore(file).close();
    const both = await Promise.all(["a", "b"].map((name) => write(file, name, { attempts: 200, max: 100 })));
    expect(both.map(({ errors, failed }) => [errors, failed])).toEqual([
      ["", 0],
      ["", 0],
    ]);
    expect((both[0]?.granted ?? 0) + (both[1]?.granted ?? 0)).toBe(100);
    expect(totals(file)).toEqual({ events: 202, versions: 202, total: 100, windowed: 100, integrity: "ok" });
  });

  it("may open a new file at the same time", async () => {
    const file = join(folder, "new.db");
    const all = await Promise.all(["a", "b", "c"].map((name) => write(file, name, { attempts: 5, max: 100 })));
    expect(all.map(({ granted, errors }) => [granted, errors])).toEqual(Array.from({ length: 3 }, () => [5, ""]));
  });
});

describe("a process that is killed", () => {
  it("leaves whole changes only, keeps every grant that it was told of, and is no burden to the next", async () => {
    const file = join(folder, "killed.db");
    const max = 150;
    let told = 0;
    for (const [i, killAfter] of [1, 3, 7, 20, 41].entries()) {
      const { granted, errors } = await write(file, `k${i}`, { attempts: 10_000, max, killAfter });
      expect(errors).toBe("");
      told += granted;
      const started = process.hrtime.bigint();
      const store = openSqliteStore(file);
      for (let j = 0; j <= i; j++) {
        const loaded = await store.load(`k${j}`, 0);
        expect(loaded.ok).toBe(true);
        const runs = loaded.ok ? loaded.value.entries.flatMap(({ event }) => (event.type === "allow" ? [event.run] : [])) : [];
        expect(runs).toEqual(runs.map((_, at) => at));
        expect(runs.length % 2).toBe(0);
      }
      store.close();
      expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(2_000);
      const held = totals(file);
      expect(held.integrity).toBe("ok");
      expect(held.total).toBe(held.windowed);
      expect(held.events).toBe(i + 1 + 2 * held.total);
      expect(held.versions).toBe(held.events);
      expect(held.total).toBeGreaterThanOrEqual(told);
    }
    const before = totals(file).total;
    const last = await write(file, "last", { attempts: 300, max });
    expect(last.granted).toBe(max - before);
    expect(totals(file).total).toBe(max);
  });
});
