/**
 * Runs the vectors, the same on every runtime, and condenses what happened into counts and a digest.
 * Only web standards; never reads a file, so that workerd can run it too.
 */
import { readJson } from "../../src/json/read.ts";
import { type Runner, runners } from "./runners.ts";

/** What one runtime reports. Two runtimes agree if their digests are the same. */
export interface Report {
  readonly runtime: string;
  readonly passed: number;
  readonly failed: number;
  /** SHA-256 over every outcome in order, in hexadecimal. */
  readonly digest: string;
  /** SHA-256 per file, to find where two runtimes differ. */
  readonly files: Readonly<Record<string, string>>;
  /** The first failures, one line each. */
  readonly failures: readonly string[];
}

/** The vectors: file name in test/vectors → its text. */
export type VectorTexts = Readonly<Record<string, string>>;

/** Failures named in a report; the count is always complete. */
const failuresShownMax = 20;

/** Runs every vector file with its runner. A file or a runner that is missing is a failure. */
export async function runVectors(runtime: string, texts: VectorTexts): Promise<Report> {
  const names = [...new Set([...Object.keys(runners), ...Object.keys(texts)])].sort();
  const failures: string[] = [];
  const files: Record<string, string> = {};
  let passed = 0;
  for (const name of names) {
    const outcomes: string[] = [];
    for (const { title, line, passes } of await runFile(name, texts)) {
      outcomes.push(line);
      if (passes) passed++;
      else failures.push(`${name}: ${title}: ${line}`);
    }
    files[name] = await sha256(outcomes.join("\n"));
  }
  const digest = await sha256(Object.values(files).join("\n"));
  return { runtime, passed, failed: failures.length, digest, files, failures: failures.slice(0, failuresShownMax) };
}

interface Line {
  readonly title: string;
  readonly line: string;
  readonly passes: boolean;
}

async function runFile(name: string, texts: VectorTexts): Promise<readonly Line[]> {
  const runner = Object.hasOwn(runners, name) ? runners[name] : undefined;
  const text = Object.hasOwn(texts, name) ? texts[name] : undefined;
  if (!runner) return [{ title: "no runner in test/runtimes/runners.ts", line: "", passes: false }];
  if (text === undefined) return [{ title: "no such file in test/vectors", line: "", passes: false }];
  const read = readJson(text);
  const vectors = (read.ok ? read.value : []) as readonly { readonly name: string }[];
  if (!Array.isArray(vectors) || vectors.length === 0) return [{ title: "not a list of vectors", line: "", passes: false }];
  const first: Line[] = [];
  for (const vector of vectors) first.push(await runOne(runner, vector));
  const lines: Line[] = [];
  // Again, since one input may change how an engine treats a later one (nodejs/node#63785).
  for (const [i, vector] of vectors.entries()) {
    const again = await runOne(runner, vector);
    const outcome = first[i] ?? again;
    const isSame = again.line === outcome.line;
    lines.push(isSame ? outcome : { ...outcome, line: `${outcome.line}, then ${again.line}`, passes: false });
  }
  return lines;
}

async function runOne(runner: Runner, vector: { readonly name: string }): Promise<Line> {
  try {
    const { expected, got } = await runner(vector as never);
    const passes = expected === got;
    return { title: vector.name, line: passes ? got : `expected ${expected}, got ${got}`, passes };
  } catch (error) {
    // The text of an error differs from engine to engine, and the digest must not.
    return { title: `${vector.name} (${error})`, line: "threw", passes: false };
  }
}

async function sha256(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
