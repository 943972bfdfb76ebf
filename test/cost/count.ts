/**
 * Counts what calls cost, in children that repeat themselves: bytes that were allocated, and instructions under valgrind.
 * Never measures time, and never in this process.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

/** A count for each subject that was counted. */
export type Counts = { readonly [subject: string]: number };

/** What is counted: `optimised` and `interpreted` are instructions, of the code that V8's last compiler makes and of its interpreter. */
export type Kind = "bytes" | "optimised" | "interpreted";

/** Which subjects, and which one is to be made worse, to see whether it is noticed. */
export interface Choice {
  readonly names?: readonly string[];
  readonly worse?: string;
}

/** No threads, no randomness and no collection among the calls that are counted. */
const repeatable = ["--single-threaded", "--predictable", "--hash-seed=1", "--random-seed=1", "--min-semi-space-size=64"];
/** From the interpreter to the last compiler after a few hundred calls instead of thousands. */
const eager = ["--no-maglev", "--invocation-count-for-turbofan=300", "--minimum-invocations-after-ic-update=50"];
const flags: { readonly [K in Kind]: readonly string[] } = {
  bytes: [...repeatable, "--max-semi-space-size=64", ...eager],
  optimised: [...repeatable, "--max-semi-space-size=64", ...eager],
  interpreted: [...repeatable, "--max-semi-space-size=64", "--jitless"],
};
/** Enough rounds that the second half of them is the same work again and again. */
const efforts: { readonly [K in Kind]: { readonly rounds: number; readonly callsPerRound: number } } = {
  bytes: { rounds: 40, callsPerRound: 32 },
  optimised: { rounds: 40, callsPerRound: 32 },
  interpreted: { rounds: 5, callsPerRound: 4 },
};
/** Compiling takes long under valgrind: only what most calls go through. */
const optimisedNames = ["ordinary call", "strict reader", "denial"];

const valgrind = ["--tool=callgrind", "--smc-check=all-non-file", "--dump-before=uv_os_getpriority", "--dump-line=no"];
/** Nothing of this process's environment: caches of compiled code would change the counts. */
const environment = { PATH: "/usr/bin:/bin", TZ: "UTC", LC_ALL: "C" };

/** Bundles the counting process into `folder`, once for all kinds. */
export function bundle(folder: string): void {
  const entry = fileURLToPath(new URL("child.ts", import.meta.url));
  buildSync({ entryPoints: [entry], outfile: join(folder, "child.cjs"), bundle: true, platform: "node", format: "cjs" });
}

/** Counts one kind, with what {@link bundle} left in `folder`. */
export function count(kind: Kind, folder: string, { names, worse = "" }: Choice = {}): Counts {
  const blob = join(folder, `${kind}.blob`);
  const run = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { cwd: folder, env: environment, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  if (!existsSync(blob)) run(process.execPath, ...flags[kind], "--snapshot-blob", blob, "--build-snapshot", "child.cjs");
  const { rounds, callsPerRound } = efforts[kind];
  const wanted = names ?? (kind === "optimised" ? optimisedNames : []);
  const node = [process.execPath, ...flags[kind], "--snapshot-blob", blob, "main"];
  const rest = [`${rounds}`, `${callsPerRound}`, wanted.join("|"), worse];
  if (kind === "bytes") return bytesOf(linesOf(run(node[0] as string, ...node.slice(1), "bytes", ...rest)));
  const file = join(folder, `${kind}.callgrind`);
  const lines = linesOf(run("valgrind", ...valgrind, `--callgrind-out-file=${file}`, ...node, "marks", ...rest));
  return instructionsOf(lines, { file, rounds, callsPerRound });
}

interface Line {
  readonly name: string;
  readonly bytes?: readonly number[];
}

function linesOf(text: string): readonly Line[] {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

function bytesOf(lines: readonly Line[]): Counts {
  return Object.fromEntries(lines.map(({ name, bytes = [] }) => [name, settled(bytes)]));
}

/** Valgrind writes a file at each mark, with what was counted since the last one: before a round's first mark, and after it. */
function instructionsOf(
  lines: readonly Line[],
  { file, rounds, callsPerRound }: { readonly file: string; readonly rounds: number; readonly callsPerRound: number },
): Counts {
  return Object.fromEntries(
    lines.map(({ name }, subject) => {
      const all = Array.from({ length: rounds }, (_, round) => {
        const dump = readFileSync(`${file}.${(subject * rounds + round) * 2 + 2}`, "utf8");
        return Number(/^totals: (\d+)$/m.exec(dump)?.[1] ?? Number.NaN) / callsPerRound;
      });
      return [name, settled(all)];
    }),
  );
}

/** Lower quartile of the second half: what is compiled by then, without the rounds in which a table grows or a last function is compiled. */
function settled(rounds: readonly number[]): number {
  const half = rounds.slice(Math.floor(rounds.length / 2)).sort((a, b) => a - b);
  return Math.round(half[Math.floor(half.length / 4)] ?? Number.NaN);
}
