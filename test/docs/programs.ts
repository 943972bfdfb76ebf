/**
 * Type-checks and runs the TypeScript blocks of a Markdown file as a user of the package would write them.
 * Never changes a program but for its imports: `sluice` and its subpaths are the sources that package.json exports.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Block, readProjectFile } from "./blocks.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Programs of a file, ready to be run. */
export interface Programs {
  /** What the compiler says against them, and not against the sources; empty if nothing. */
  check(): string;
  /** Runs the program of a block, with the folder as the current directory; throws with what it printed if it fails. */
  run(block: Block, folder: string): string;
  remove(): void;
}

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}

/** Import specifier → source file as seen from a program, from the compiled paths of package.json. */
function sources(): ReadonlyMap<string, string> {
  const manifest = JSON.parse(readProjectFile("package.json")) as Manifest;
  return new Map(
    Object.entries(manifest.exports).flatMap(([key, target]) =>
      typeof target === "string"
        ? []
        : [[`sluice${key.slice(1)}`, target.default.replace("./dist/", "../../src/").replace(/\.js$/, ".ts")] as const],
    ),
  );
}

/** Writes the programs of a document into a folder of their own inside the project, where packages are found. */
export function preparePrograms(name: string, blocks: readonly Block[]): Programs {
  const folder = join(root, ".cache", `docs-${process.pid}-${name}`);
  const paths = sources();
  const file = (block: Block): string => join(folder, `line-${block.line}${block.attributes.on === undefined ? "" : ".on"}.ts`);
  mkdirSync(folder, { recursive: true });
  for (const block of blocks) writeFileSync(file(block), resolved(programOf(block, blocks), paths));
  const config = {
    extends: "../../tsconfig.json",
    compilerOptions: { noUnusedLocals: false },
    include: ["."],
    exclude: ["*.on.ts"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  return {
    check: () => {
      const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
      const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
      if (status === 0) return "";
      // Errors of the sources are another gate's; if there are only such, the programs were checked all the same.
      const faults = stdout.split(/^(?=\S)/m).filter((fault) => !/^(src|test)\//.test(fault));
      return faults.join("");
    },
    run: (block, cwd) => {
      const [command, ...args] = runtimeOf(block);
      const { status, stdout, stderr } = spawnSync(command, [...args, file(block)], { cwd, encoding: "utf8" });
      if (status !== 0) throw new Error(`the program in line ${block.line} ended with ${status}:\n${stdout}${stderr}`);
      return stdout;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The command of the runtime that a program is for. Other runtimes have globals that the compiler here does not know: there it is only run. */
function runtimeOf({ attributes: { on } }: Block): readonly [string, ...string[]] {
  const installed = (name: string): string => join(root, "node_modules", ".bin", name);
  if (on === undefined) return [process.execPath];
  if (on === "bun") return [installed("bun"), "run"];
  if (on === "deno") return [installed("deno"), "run", "--no-prompt", "--allow-read", "--allow-net=127.0.0.1", "--allow-env"];
  throw new Error(`there is no runtime "${on}"`);
}

/** A block with the blocks that it continues before it. */
export function programOf(block: Block, blocks: readonly Block[]): string {
  const { after } = block.attributes;
  if (after === undefined) return block.text;
  const before = blocks.find(({ attributes }) => attributes.id === after);
  if (before === undefined) throw new Error(`line ${block.line}: there is no program "${after}"`);
  return programOf(before, blocks) + block.text;
}

function resolved(program: string, paths: ReadonlyMap<string, string>): string {
  return program.replace(/(\bfrom |\bimport\()"(sluice(?:\/[^"]*)?)"/g, (_, head: string, specifier: string) => {
    const path = paths.get(specifier);
    if (path === undefined) throw new Error(`the package does not export "${specifier}"`);
    return `${head}${JSON.stringify(path)}`;
  });
}

/** What a program says that it prints: the comments behind its `console.log`. */
export function promisedOutput({ text }: Block): string {
  return [...text.matchAll(/console\.log\(.*\);? \/\/ (.*)$/gm)].map((match) => match[1]).join("\n");
}
