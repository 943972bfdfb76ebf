/**
 * The fuzzer in the suite: its parts do what they say, every kept input still holds, a short guided run finds nothing, and no reader of src/
 * is without a target unless a row says why.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readInputs, writeInput } from "./corpus.ts";
import type { Coverage } from "./coverage.ts";
import { growthFindings } from "./growth.ts";
import { countersName, instrument } from "./instrument.ts";
import { fuzz } from "./loop.ts";
import { mutate } from "./mutate.ts";
import { seeded } from "./random.ts";
import { readersInSource, withoutTarget } from "./readers.ts";
import { cover, shrink } from "./shrink.ts";
import { PropertyError, type Target } from "./target.ts";

/** A coverage that is counted by hand. */
function counted(): { readonly coverage: Coverage; hit(site: number): void } {
  let hits = new Map<number, number>();
  let steps = 0;
  const hit = (site: number): void => {
    hits.set(site, 1);
    steps++;
  };
  const coverage: Coverage = {
    modules: [],
    reset: () => {
      hits = new Map();
      steps = 0;
    },
    take: () => ({ hits: [...hits].flat(), steps }),
  };
  return { coverage, hit };
}

/** A target with a fault behind four characters that only coverage leads to. */
function planted(hit: (site: number) => void): Target {
  const run = (input: string): void => {
    let depth = 0;
    while (depth < 4 && input[depth] === "<&%@"[depth]) hit(++depth);
    if (depth === 4) throw new PropertyError("planted");
  };
  return { name: "planted", seeds: ["seed"], dictionary: ["x"], run };
}

describe("the guided loop", () => {
  const campaign = { inputs: [], seed: 1, executionsMax: 60_000, secondsMax: 60 };

  it("finds a fault that is hidden behind four branches, and makes its input as small as it can be", async () => {
    const { coverage, hit } = counted();
    const { findings } = await fuzz(planted(hit), { ...campaign, coverage });
    expect(findings.map(({ input }) => input)).toEqual(["<&%@"]);
  });

  it("does not find it without coverage", async () => {
    const { coverage } = counted();
    const { findings } = await fuzz(
      planted(() => {}),
      { ...campaign, executionsMax: 20_000, coverage },
    );
    expect(findings).toEqual([]);
  });

  it("makes the same inputs of the same seed", async () => {
    const seen = await Promise.all(
      [7, 7, 8].map(async (seed) => {
        const inputs: string[] = [];
        const target: Target = { name: "t", seeds: ['{"a":[1,"b"]}'], run: (input) => void inputs.push(input) };
        await fuzz(target, { ...campaign, seed, executionsMax: 300, coverage: counted().coverage });
        return inputs;
      }),
    );
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]).not.toEqual(seen[2]);
  });

  it("tells work that grows with the square of the text from work that does not", async () => {
    for (const [power, count] of [
      [1, 0],
      [2, 1],
    ] as const) {
      let steps = 0;
      const coverage: Coverage = { modules: [], reset: () => {}, take: () => ({ hits: [1, 1], steps }) };
      const run = (input: string): void => {
        steps = 100 * input.length ** power;
      };
      const target: Target = { name: "t", seeds: [], run };
      const kept = [{ input: "ab", reached: { hits: [1, 1], steps: 2 } }];
      expect(await growthFindings(target, kept, { coverage, seed: 1 })).toHaveLength(count);
    }
  });
});

describe("its parts", () => {
  it("mutations keep to their length and to bytes", () => {
    const random = seeded(3);
    const material = { random, others: ["[1,2]", "é😀"], dictionary: ["word"], lengthMax: 40, unitMax: 0xff };
    for (let i = 0; i < 2_000; i++) {
      const text = mutate('{"a": "b", "c": [1, 2]}', material);
      expect(text.length).toBeLessThanOrEqual(160);
      expect(text).not.toMatch(/[^\0-\xff]/);
    }
  });

  it("an instrumented module does what it did, counts each branch, and names its readers", () => {
    const source = `export function readIt(text: string): number {
      let n = text ? 1 : 2; for (const c of text) if (c === "a") n += 10; else n++;
      switch (n) { case 1: return n; default: }
      const add = (x: number) => x && x + 1;
      try { n = add(n); } catch { n = 0; }
      return n ?? readJson(text); }`;
    const { code, sites, words, readers } = instrument(source, 0);
    expect(sites.filter(({ name }) => name !== undefined).map(({ name }) => name)).toEqual(["readIt", "add"]);
    expect(words).toEqual(["a"]);
    expect(readers).toEqual(["readIt"]);
    expect(code.split("\n")).toHaveLength(source.split("\n").length);
    expect(code.match(new RegExp(`\\${countersName}\\[\\d+\\]\\+\\+`, "g"))).toHaveLength(sites.length);
  });

  it("shrinking keeps what is needed, and a cover reaches all that its inputs reach", async () => {
    expect(await shrink("xxaxxbxx", async (text) => /a.*b/.test(text))).toBe("ab");
    const kept = [
      { input: "long but all", reached: { hits: [1, 1, 2, 1, 3, 1], steps: 1 } },
      { input: "a", reached: { hits: [1, 1], steps: 1 } },
      { input: "b", reached: { hits: [4, 1], steps: 1 } },
    ];
    expect(cover(kept, { inputsMax: 9, charactersMax: 99 })).toEqual(["long but all", "b"]);
  });

  it("a corpus keeps every text as it is, also one that UTF-8 cannot say, and bytes", () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-corpus-"));
    const texts = ["", "a\r\nb", "\ud800", "é\u0000"];
    for (const text of texts) writeInput(folder, { name: "t" }, text);
    writeInput(folder, { name: "b", isBytes: true }, "\xff\x00");
    expect(readInputs(folder, { name: "t" }).toSorted()).toEqual(texts.toSorted());
    expect(readInputs(folder, { name: "b", isBytes: true })).toEqual(["\xff\x00"]);
    rmSync(folder, { recursive: true });
  });
});

interface Report {
  readonly target: string;
  readonly inputs: number;
  readonly edges: number;
  readonly findings: readonly { readonly kind: string }[];
  readonly entered: readonly string[];
}

/** Every target on its corpus and a few inputs of its own making, in a process whose src/ is instrumented. */
function runAll(): readonly Report[] {
  const folder = mkdtempSync(join(tmpdir(), "sluice-fuzz-"));
  const json = join(folder, "report.json");
  const run = fileURLToPath(new URL("run.ts", import.meta.url));
  const args = [run, "--jobs", "0", "--executions", "20", "--seed", "1", "--found", join(folder, "found"), "--json", json];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (!/\d+ targets, \d+ executions/.test(stdout)) throw new Error(stderr);
  const reports = JSON.parse(readFileSync(json, "utf8")) as readonly Report[];
  rmSync(folder, { recursive: true });
  return reports;
}

describe("every target", { timeout: 300_000 }, () => {
  const reports = runAll();

  it("holds on its corpus and on what a short run makes of it", () => {
    expect(reports.length).toBeGreaterThan(80);
    expect(reports.flatMap(({ target, findings }) => findings.map(({ kind }) => `${target}: ${kind}`))).toEqual([]);
  });

  it("reaches code, with more than one input", () => {
    expect(reports.filter(({ edges, inputs }) => edges < 2 || inputs < 2).map(({ target }) => target)).toEqual([]);
  });

  it("together they enter every reader of src/, but those that a row names", () => {
    const entered = new Set(reports.flatMap((report) => report.entered));
    const rows = Object.keys(withoutTarget);
    const rowOf = (reader: string): string | undefined => rows.find((row) => reader === row || reader.startsWith(`${row}#`));
    const readers = readersInSource();
    expect(readers.length).toBeGreaterThan(200);
    expect(readers.filter((reader) => !entered.has(reader) && rowOf(reader) === undefined)).toEqual([]);
    const unused = rows.filter((row) => !readers.some((reader) => !entered.has(reader) && rowOf(reader) === row));
    expect(unused).toEqual([]);
  });
});
