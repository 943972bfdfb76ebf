import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { canonicalJson } from "../../src/json/canonical.ts";
import { readJson } from "../../src/json/read.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { runVectors } from "../runtimes/run.ts";
import { vectorTexts } from "./make.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
const texts: Record<string, string> = Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
const copy = mkdtempSync(join(tmpdir(), "sluice-vectors-"));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** What the checker passes at least, and what of it is not implemented there; README.md states the same. */
const counts = {
  "json.json": [111, 0],
  "canonical.json": [146, 0],
  "digests.json": [44, 0],
  "labels.json": [242, 0],
  "receipts.json": [52, 0],
  "audit.json": [48, 0],
  "verdicts.json": [93, 52],
  "lang.json": [93, 184],
} as const;

const signedFiles: readonly string[] = ["digests.json", "receipts.json", "audit.json"];

type Vector = JsonObject & { readonly name: string };
type File = keyof typeof counts;
const files = Object.keys(counts) as readonly File[];

interface Checked {
  readonly status: number;
  readonly lines: readonly { readonly file: File; readonly passed: number; readonly failed: number; readonly skipped: number }[];
  /** A line for each vector that came out otherwise. */
  readonly failures: readonly string[];
}

/** Runs the checker, without a package that somebody may have installed. */
async function check(where: string): Promise<Checked> {
  return new Promise((resolve) => {
    execFile("python3", ["-I", "-S", join(folder, "check.py"), where], { maxBuffer: 20_000_000 }, (error, stdout) => {
      const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
      const failures = stdout.split("\n").filter((line) => line.startsWith("  "));
      resolve({ status: error === null ? 0 : Number(error.code), lines: lines.map((line) => JSON.parse(line)), failures });
    });
  });
}

function vectorsOf(file: File): readonly Vector[] {
  const read = readJson(texts[file] ?? "");
  return (read.ok ? read.value : []) as readonly Vector[];
}

/** Runs the checker on the vectors with every one of them changed. */
async function checkChanged(change: (file: File, vector: Vector) => JsonObject): Promise<Checked> {
  for (const file of files) writeFileSync(join(copy, file), canonicalJson(vectorsOf(file).map((vector) => change(file, vector))));
  return check(copy);
}

/** A vector that expects something else. */
function expectingElse(file: File, vector: Vector): JsonObject {
  if (file === "json.json")
    return "ok" in vector ? { ...vector, ok: `${String(vector.ok)} ` } : { ...vector, error: { code: "JSON_OTHER" } };
  if (file === "lang.json") return "ok" in vector ? { ...vector, ok: `${String(vector.ok)} ` } : { ...vector, error: "LANG_OTHER" };
  if (file !== "verdicts.json") return { ...vector, expect: [vector.expect ?? null] };
  const [first, ...rest] = vector.expect as readonly JsonObject[];
  return { ...vector, expect: [{ ...first, node: "another" }, ...rest] };
}

const bent = (text: string, at: number): string => text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);

/** A vector of which something else is told, but still expected what was. */
function givenElse(file: File, vector: Vector): JsonObject {
  const { text, bits, frozen, value, arrivals, records, proof, events } = vector as JsonObject;
  if (file === "json.json") return { ...vector, text: '["another"]' };
  if (file === "canonical.json")
    return bits === undefined ? { ...vector, text: `[${String(text)}]` } : { ...vector, bits: bent(String(bits), 15) };
  if (file === "digests.json" && frozen !== undefined)
    return { ...vector, frozen: { ...(frozen as JsonObject), labels: { more: { integrity: "trusted" } } } };
  if (file === "digests.json")
    return value === undefined ? { ...vector, x: "AA", path: ["x"] } : { ...vector, value: [value ?? null] };
  if (file === "receipts.json")
    return {
      ...vector,
      arrivals: (arrivals as JsonObject[]).map((each) => ({ ...each, receipt: bent(String(each.receipt), 300) })),
    };
  if (file === "audit.json" && records !== undefined)
    return { ...vector, records: (records as string[]).map((record) => record.replace('"at":1', '"at":2')) };
  if (file === "audit.json")
    return proof === null ? vector : { ...vector, proof: { ...(proof as JsonObject), path: ["ab".repeat(32)] } };
  if (file === "verdicts.json")
    return { ...vector, events: (events as Json[]).map(() => ({ call: { tool: "s/none", args: {}, at: 0 } })) };
  if (file === "lang.json") return { ...vector, source: vector.kind === "path" ? "$[0" : "Q" };
  const label = { sources: ["more"], readers: ["more"], untrusted: ["more"] };
  return { ...vector, names: ["more"], readers: ["more"], a: label, b: { sources: [], readers: [] } };
}

/** Whether a vector of digests, receipts or an audit log expects that something holds. */
function isAccepted({ arrivals, records, proof, frozen, expect: said }: Vector): boolean {
  if (arrivals !== undefined) return canonicalJson(said ?? null).includes('"status":"admitted"');
  const { isValid, fault, refused } = said as JsonObject;
  if (records !== undefined) return isValid === true && (records as readonly Json[]).length > 0;
  return (proof !== undefined && fault === undefined) || (frozen !== undefined && refused === undefined);
}

describe("the conformance vectors", () => {
  it("are what their cases make of them", async () => {
    for (const [file, text] of Object.entries(await vectorTexts())) expect(texts[file] === text, file).toBe(true);
  });

  it("come out as written on this runtime", async () => {
    const report = await runVectors("vitest", texts);
    expect(report.failures).toEqual([]);
    expect(report.passed).toBeGreaterThanOrEqual(1_279);
  });

  it("have the counts that their README states", () => {
    const readme = readFileSync(join(folder, "README.md"), "utf8");
    for (const [file, [passed, skipped]] of Object.entries(counts))
      expect(readme).toMatch(new RegExp(`\\| \`${file}\` \\|.*\\| ${passed + skipped} \\| ${passed} \\|`));
  });
});

describe("the checker in Python, which shares no code with Sluice", () => {
  it("agrees with every vector that it implements, and skips no more than it says", async () => {
    const { status, lines } = await check(folder);
    expect(lines.map(({ file, failed }) => [file, failed])).toEqual(files.map((file) => [file, 0]));
    for (const { file, passed, skipped } of lines) {
      expect(passed, file).toBeGreaterThanOrEqual(counts[file][0]);
      expect(skipped, file).toBeLessThanOrEqual(counts[file][1]);
      expect(passed + skipped, file).toBe(vectorsOf(file).length);
    }
    expect(status).toBe(0);
  });

  it("passes no vector that expects something else", async () => {
    const { status, lines } = await checkChanged(expectingElse);
    expect(status).toBe(1);
    expect(lines.map(({ file, passed }) => [file, passed])).toEqual(files.map((file) => [file, 0]));
  });

  it("fails each file in which something else is given", async () => {
    const { status, lines, failures } = await checkChanged(givenElse);
    expect(status).toBe(1);
    for (const { file, passed, failed } of lines) expect(failed, file).toBeGreaterThan(passed);
    // What is refused may stay refused; of what was accepted nothing is.
    const accepted = files.flatMap((file) =>
      vectorsOf(file)
        .filter((each) => signedFiles.includes(file) && isAccepted(each))
        .map(({ name }) => `  ${file}: ${name}: `),
    );
    expect(accepted.length).toBe(38);
    expect(accepted.filter((start) => !failures.some((line) => line.startsWith(start)))).toEqual([]);
  });

  it("fails for vectors of another version, and where a file is missing", async () => {
    const { status, lines } = await checkChanged((file, vector) => (file === "json.json" ? vector : { ...vector, version: 2 }));
    expect(status).toBe(1);
    expect(lines.map(({ passed }) => passed)).toEqual([111, 0, 0, 0, 0, 0, 0, 0]);
    rmSync(join(copy, "receipts.json"));
    expect((await check(copy)).status).not.toBe(0);
  });
});
