import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "sluice-at-once-"));
afterAll(() => rmSync(folder, { recursive: true }));

const parties = 6;

/** What threads answer that open one new place at the same moment. */
async function atOnce(kind: "log" | "keys" | "store", place: string): Promise<readonly unknown[]> {
  const barrier = new Int32Array(new SharedArrayBuffer(4));
  return await Promise.all(
    Array.from({ length: parties }, async () => {
      const worker = new Worker(new URL("./opened-at-once.ts", import.meta.url), {
        workerData: { barrier, parties, place: join(folder, place), kind },
      });
      const [answer] = (await once(worker, "message")) as [unknown];
      await worker.terminate();
      return answer;
    }),
  );
}

describe("processes that begin at once with the same new file", () => {
  it.each([
    ["store", "store-"],
    ["log", "audit-"],
  ] as const)(
    "all open the %s",
    async (kind, name) => {
      for (let round = 0; round < 4; round++)
        expect(await atOnce(kind, `${name}${round}.db`)).toEqual(Array.from({ length: parties }, () => undefined));
    },
    60_000,
  );

  it("all open the folder of an audit log", async () => {
    expect(await atOnce("log", "lines/")).toEqual(Array.from({ length: parties }, () => undefined));
  }, 60_000);

  it("all have the same keys, and leave no other file", async () => {
    const ids = await atOnce("keys", "keyed.db");
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[\w-]{12}$/);
    expect(readdirSync(folder).filter((name) => name.startsWith("keyed"))).toEqual(["keyed.db.keys.json"]);
  }, 60_000);
});
