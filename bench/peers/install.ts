/**
 * Puts every contender into a folder of its own, `.cache/bench-peers/NAME`, and its runner beside its packages, so that it finds just these.
 * Never touches the project's own packages, and never runs an install script.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import type { Contender } from "./contenders.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));
const cache = join(root, ".cache", "bench-peers");
/** A native one is compiled, on however slow a machine. */
const installMs = 1_200_000;

/** How the process of a contender is started. */
export interface Started {
  readonly command: string;
  readonly args: readonly string[];
  /** All of it: nothing of the user's own, no proxy, no key; telemetry off wherever one can say so. */
  readonly env: { readonly [name: string]: string };
}

/** Installs a contender, or says in one line why it cannot be. */
export async function install(contender: Contender): Promise<Started | { readonly problem: string }> {
  if (contender.problem !== undefined) return { problem: contender.problem };
  const folder = join(cache, contender.runner);
  mkdirSync(folder, { recursive: true });
  const problem = installPackages(contender, folder) ?? (contender.kind === "sluice" ? compileSluice(folder) : undefined);
  if (problem !== undefined) return { problem };
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    DO_NOT_TRACK: "1",
    OTEL_SDK_DISABLED: "true",
    PYTHONDONTWRITEBYTECODE: "1",
  };
  if (contender.language === "rust") return { command: join(folder, "target", "release", "bench-regorus"), args: [], env };
  if (contender.language === "python") {
    writeFileSync(join(folder, ".guardrailsrc"), "id=bench\ntoken=\nenable_metrics=false\nuse_remote_inferencing=false\n");
    const own = join(folder, "venv", "bin", "python");
    return { command: existsSync(own) ? own : "python3", args: [join(here, "runners", `${contender.runner}.py`)], env };
  }
  const runner = join(folder, "runner.mjs");
  await bundle(contender.runner, runner);
  return { command: process.execPath, args: [runner], env };
}

/** Installs what is not there yet, as the file `installed` says. */
function installPackages({ language, packages, runner }: Contender, folder: string): string | undefined {
  // cargo knows by itself what is there.
  if (language === "rust") {
    const manifest = join(here, "runners", runner, "Cargo.toml");
    return run(
      "cargo",
      ["build", "--release", "--locked", "--quiet", "--manifest-path", manifest, "--target-dir", join(folder, "target")],
      folder,
    );
  }
  const mark = join(folder, "installed");
  const wanted = packages.join("\n");
  if (packages.length === 0 || (existsSync(mark) && readFileSync(mark, "utf8") === wanted)) return undefined;
  for (const old of ["node_modules", "package.json", "package-lock.json", "venv"])
    rmSync(join(folder, old), { recursive: true, force: true });
  const problem = language === "python" ? installPython(packages, folder) : installNode(packages, folder);
  if (problem === undefined) writeFileSync(mark, wanted);
  return problem;
}

function installNode(packages: readonly string[], folder: string): string | undefined {
  writeFileSync(join(folder, "package.json"), `{ "private": true, "type": "module" }\n`);
  return run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact", ...packages], folder);
}

function installPython(packages: readonly string[], folder: string): string | undefined {
  const pip = ["install", "--no-input", "--disable-pip-version-check", "--quiet", ...packages];
  return run("python3", ["-m", "venv", "venv"], folder) ?? run(join(folder, "venv", "bin", "pip"), pip, folder);
}

/** Our source as an installed Sluice has it: what the compiler makes of it. */
function compileSluice(folder: string): string | undefined {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  return run(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json"), "--outDir", join(folder, "dist")], folder);
}

/** The last line that a command says, if it fails. */
function run(command: string, args: readonly string[], cwd: string): string | undefined {
  const { status, error, stderr, stdout } = spawnSync(command, args, { cwd, encoding: "utf8", timeout: installMs });
  if (status === 0) return undefined;
  const said = `${stdout ?? ""}\n${stderr ?? ""}`.trim().split("\n").at(-1) ?? "";
  return `\`${basename(command)} ${args[0] ?? ""}\` failed: ${error?.message ?? said}`.slice(0, 300);
}

/** Runners find Sluice file by file, as the compiler made it: it is not put into one file, since no peer is. */
const toCompiled: Plugin = {
  name: "sluice-as-installed",
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/src\// }, ({ path }) => ({
      path: path.replace(/^.*\/src\//, "./dist/").replace(/\.ts$/, ".js"),
      external: true,
    }));
  },
};

async function bundle(runner: string, outfile: string): Promise<void> {
  const entry = `import { open } from "./runners/${runner}.ts"; import { measurePeer } from "./node.ts"; await measurePeer(open);`;
  await build({
    stdin: { contents: entry, resolveDir: here, loader: "ts" },
    outfile,
    bundle: true,
    packages: "external",
    plugins: [toCompiled],
    format: "esm",
    platform: "node",
    target: "node22",
    logLevel: "silent",
  });
}
