/**
 * The entry points of the package, as package.json names them, and what importing each of them brings: by a bundler's own list of imports.
 * Never runs what it reads.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions, type Metafile, type Plugin } from "esbuild";

/** The root of the project, with a slash at the end. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** package.json, as far as it is about entry points. */
export const manifest: Manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as Manifest;

/** One entry point. */
export interface Entry {
  /** As a program writes it: `sluice/hono`. */
  readonly name: string;
  /** Below dist/, with its ending. */
  readonly compiled: string;
  /** Its source, from the root. */
  readonly source: string;
}

/** Every entry point that is a module, in the order of package.json. */
export const entries: readonly Entry[] = Object.entries(manifest.exports).flatMap(([key, target]) => {
  if (typeof target === "string") return [];
  const compiled = target.default.replace("./dist/", "");
  return [{ name: `sluice${key.slice(1)}`, compiled, source: `src/${compiled.replace(/\.js$/, ".ts")}` }];
});

/** What the package leaves to its user to install, and what a runtime brings along. */
const outside: Plugin = {
  name: "outside",
  setup: ({ onResolve }) => {
    const peers = new Set(Object.keys(manifest.peerDependencies));
    onResolve({ filter: /^[^./]/ }, ({ path }) =>
      path.includes(":") || peers.has(packageOf(path)) ? { path, external: true } : undefined,
    );
  },
};

/** How everything here is bundled: for no runtime in particular, so that what only one of them has stands out. */
const neutral = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  metafile: true,
  format: "esm",
  target: "es2023",
  platform: "neutral",
  mainFields: ["module", "main"],
  conditions: ["import"],
  plugins: [outside],
  logLevel: "error",
} satisfies BuildOptions;

/** The imports between all modules that any of the files reaches. Nothing is dropped that a runtime would read. */
export async function importsOf(sources: readonly string[]): Promise<Metafile["inputs"]> {
  const { metafile } = await build({ ...neutral, entryPoints: [...sources], splitting: true, outdir: "out" });
  return metafile.inputs;
}

/** One file of an entry point as a bundler makes it, minified. */
export async function bundleOf(source: string): Promise<string> {
  const { outputFiles } = await build({ ...neutral, entryPoints: [source], minify: true });
  return outputFiles[0]?.text ?? "";
}

/** The package that a specifier or a path is of, or the built-in module: `@scope/name`, `node:fs`; `""` for a file of our own. */
export function packageOf(path: string): string {
  if (/^[a-z]+:/.test(path)) return path;
  if (path.startsWith("src/")) return "";
  return /^(?:@[^/]+\/)?[^/]+/.exec(path.split("node_modules/").at(-1) ?? "")?.[0] ?? "";
}

/** What is read when a module is imported, and what only when some function is called. */
export interface Reach {
  /** For each module that is read at once, the one that brought it, nearest to the entry; the entry itself has none. */
  readonly now: ReadonlyMap<string, string | undefined>;
  /** For each that is read later only, the same. */
  readonly later: ReadonlyMap<string, string | undefined>;
}

/** Walks the imports from one entry, nearest first. */
export function reachOf(inputs: Metafile["inputs"], entry: string): Reach {
  const now = new Map<string, string | undefined>([[entry, undefined]]);
  const later = new Map<string, string | undefined>();
  const edges = (from: string): Metafile["inputs"][string]["imports"] => inputs[from]?.imports ?? [];
  for (const from of now.keys())
    for (const { path, kind } of edges(from)) if (kind !== "dynamic-import" && !now.has(path)) now.set(path, from);
  const add = (from: string, isAtOnce: boolean): void => {
    for (const { path, kind } of edges(from))
      if ((kind !== "dynamic-import") === isAtOnce && !now.has(path) && !later.has(path)) later.set(path, from);
  };
  for (const from of now.keys()) add(from, false);
  for (const from of later.keys()) {
    add(from, true);
    add(from, false);
  }
  return { now, later };
}

/** The imports that lead from the entry to a module, the entry first. */
export function chainTo({ now, later }: Reach, module: string): readonly string[] {
  const chain: string[] = [];
  for (let at: string | undefined = module; at !== undefined; at = later.get(at) ?? now.get(at)) chain.unshift(at);
  return chain;
}

/** What no program without a disk, a model and a database may have in its bundle, in whatever way it came there. */
export const forbidden: readonly RegExp[] = [
  /["'`](?:node|bun|cloudflare):[a-z_/]+["'`]/,
  /onnxruntime|huggingface|transformers\.js/,
  /better-sqlite3|kysely|pg-protocol|libpg|postgres\.js/,
  /ioredis|nats-io|nats\.js/,
  /playwright-core|puppeteer|miniflare/,
  /@babel\/|lezer|chrono-node/,
  /\bnew Function\(|["'`]unsafe-eval/,
  /\brequire\(["'`]/,
];

/** How many of the {@link forbidden} a bundle has. */
export function foundIn(bundle: string): number {
  return forbidden.filter((pattern) => pattern.test(bundle)).length;
}
