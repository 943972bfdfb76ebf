/**
 * The files of recordings: bounded, whole lines, and nowhere but in their folder.
 */
import { existsSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openTraceFiles } from "../../src/cli/observe/trace-files.ts";
import { openFolder } from "./cli-process.ts";

const folder = openFolder();
afterAll(folder.remove);

describe("the files of recordings", () => {
  const trace = (i: number): string => `20261122T000000Z-00000000000${i}`;

  it("are bounded each and together: the oldest go, one that is written stays", async () => {
    const path = join(folder.path, "bounded");
    const files = await openTraceFiles(path, { fileBytesMax: 100, folderBytesMax: 250 });
    writeFileSync(join(path, "notes.txt"), "x".repeat(1_000));
    for (let i = 0; i < 5; i++) {
      await files.append(trace(i), "x".repeat(79));
      await expect(Promise.resolve(files.append(trace(i), "x".repeat(20)))).rejects.toThrow("full");
      await files.end?.(trace(i));
    }
    expect(readdirSync(path).sort()).toEqual([`${trace(2)}.jsonl`, `${trace(3)}.jsonl`, `${trace(4)}.jsonl`, "notes.txt"]);
    await files.close();
    const again = await openTraceFiles(path, { folderBytesMax: 170 });
    await again.append(trace(5), "x");
    expect(readdirSync(path).sort()).toEqual([`${trace(3)}.jsonl`, `${trace(4)}.jsonl`, `${trace(5)}.jsonl`, "notes.txt"]);
    await again.close();
  });

  it("are bounded in number, whatever names runs are given", async () => {
    const path = join(folder.path, "many");
    const files = await openTraceFiles(path, { filesMax: 3 });
    for (let i = 0; i < 8; i++) {
      await files.append(trace(i), "{}");
      await files.end?.(trace(i));
    }
    expect(readdirSync(path).sort()).toEqual([5, 6, 7].map((i) => `${trace(i)}.jsonl`));
    await files.close();
  });

  it("are no links and have no names that lead elsewhere", async () => {
    const path = join(folder.path, "linked");
    const files = await openTraceFiles(path);
    symlinkSync(join(folder.path, "stolen"), join(path, `${trace(1)}.jsonl`));
    await expect(Promise.resolve(files.append(trace(1), "{}"))).rejects.toThrow();
    for (const name of ["../escape", "a/b", "", "x"])
      await expect(Promise.resolve(files.append(name, "{}"))).rejects.toThrow("another name");
    expect(existsSync(join(folder.path, "stolen"))).toBe(false);
    await files.close();
  });
});
