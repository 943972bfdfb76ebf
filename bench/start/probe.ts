/**
 * Starts processes and says what a start took: processor time, since a busy machine disturbs that least, memory, and what was read.
 * Every process writes its own figures when it ends; the one that starts them measures nothing but the way.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./entries.ts";

/** Runtimes that a library is imported by. */
export const runtimes = ["node", "bun", "deno"] as const;
export type Runtime = (typeof runtimes)[number];

/** One start. */
export interface Start {
  /** Milliseconds of processor time from the start of the process to the end of the import, the runtime's own start included. */
  readonly coldMs: number;
  /** Of these, the import's. */
  readonly importMs: number;
  /** Resident bytes when it was done. */
  readonly residentBytes: number;
}

/** What Node read to import one module: JavaScript files, ours and the packages'. */
export interface Loaded {
  readonly modules: number;
  readonly bytes: number;
}

/** Milliseconds of processor time that this process has used so far. */
const spent = "(({ user, system }) => (user + system) / 1000)(process.cpuUsage())";

const importing = `const before = ${spent};
await import(process.argv.at(-1));
const coldMs = ${spent};
console.log(JSON.stringify({ coldMs, importMs: coldMs - before, residentBytes: process.memoryUsage().rss }));
`;

const counting = `import { registerHooks } from "node:module";
let modules = -1;
let bytes = 0;
registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context);
    if (url.startsWith("file:")) modules++;
    // The first is this program.
    if (url.startsWith("file:") && modules > 0) bytes += Buffer.byteLength(loaded.source ?? "");
    return loaded;
  },
});
process.on("exit", () => console.log(JSON.stringify({ modules, bytes })));
`;

const ending = `import { writeSync } from "node:fs";
process.on("exit", () => writeSync(3, String(${spent})));
`;

/** A folder with the programs that are started, and a module with nothing in it. */
export interface Probe {
  readonly empty: string;
  readonly folder: string;
  /** Imports one file in a new process of a runtime. */
  importOf(runtime: Runtime, file: string): Start;
  loadedBy(file: string): Loaded;
  /** Milliseconds of processor time of one Node with these arguments. Throws if it ends with another code than 0. */
  cpuMsOf(args: readonly string[], options?: { readonly input?: string }): number;
  remove(): void;
}

/** Makes the folder. */
export function openProbe(): Probe {
  // Inside the project, whose packages Deno would not find from elsewhere.
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache", "start-"));
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const programs = {
    importing: write("import.mjs", importing),
    counting: write("count.mjs", counting),
    ending: write("end.mjs", ending),
    empty: write("empty.mjs", ""),
  };
  // Nothing of an earlier start, but for the commands that keep it themselves.
  const { NODE_COMPILE_CACHE: _, ...others } = process.env;
  const env = { ...others, XDG_CACHE_HOME: join(folder, "cache") };
  const run = (command: string, args: readonly string[], input = ""): readonly string[] => {
    const { status, output, stderr } = spawnSync(command, args, {
      env,
      input,
      encoding: "utf8",
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    });
    if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${stderr}`);
    return output.map((text) => text ?? "");
  };
  return {
    empty: programs.empty,
    folder,
    importOf: (runtime, file) => {
      const args = { node: [], bun: ["run"], deno: ["run", "--allow-all", "--no-prompt"] }[runtime];
      const command = runtime === "node" ? process.execPath : join(root, "node_modules", ".bin", runtime);
      return JSON.parse(run(command, [...args, programs.importing, file])[1] ?? "") as Start;
    },
    loadedBy: (file) =>
      JSON.parse(
        run(process.execPath, ["--import", programs.counting, programs.importing, file])[1]?.split("\n")[1] ?? "",
      ) as Loaded,
    cpuMsOf: (args, { input = "" } = {}) => Number(run(process.execPath, ["--import", programs.ending, ...args], input)[3]),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
