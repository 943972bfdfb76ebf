/**
 * Builds the `sluice` command as one file that needs nothing else on the machine: `npm run build:bun -- [--target linux-arm64] [--out FILE] [--quick]`.
 * Bun's compiler puts our source, the packages and Bun itself into it. Without --target it is for this machine; for another, the Bun of that
 * platform comes from the npm registry into .cache/. --quick leaves out the byte code: a second to build, and twice the time to start.
 * It must never make an executable that reads settings (.env, bunfig.toml) out of the folder that it happens to be started in.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { InstallError, locked, root } from "./install.mjs";

/** Platform → what Bun's compiler calls it, and the npm package of Bun for it. */
const targets = {
  "linux-x64": { bun: "bun-linux-x64", package: "@oven/bun-linux-x64" },
  "linux-arm64": { bun: "bun-linux-arm64", package: "@oven/bun-linux-aarch64" },
  "darwin-x64": { bun: "bun-darwin-x64", package: "@oven/bun-darwin-x64" },
  "darwin-arm64": { bun: "bun-darwin-arm64", package: "@oven/bun-darwin-aarch64" },
  "win32-x64": { bun: "bun-windows-x64", package: "@oven/bun-windows-x64" },
};

/**
 * What stays outside: native code and its models, which no single file can hold. `sluice draft` with the local planner and plans that name
 * PostgreSQL's SQL dialect need the npm package.
 */
const external = ["onnxruntime-node", "@huggingface/transformers", "@huggingface/tokenizers", "libpg-query"];

const bun = join(root, "node_modules", ".bin", "bun");

/** The platform of this machine, as in {@link targets}. */
export const hostTarget = `${process.platform}-${process.arch}`;

/** Builds the executable of a target and returns its path. Throws {@link InstallError}. */
export async function buildExecutable({ target = hostTarget, out = defaultOut(target), isQuick = false } = {}) {
  const platform = targets[target];
  if (platform === undefined) throw new InstallError(`--target: one of ${Object.keys(targets).join(", ")} is needed`);
  const runtime = target === hostTarget ? [] : [`--compile-executable-path=${await bunFor(target)}`];
  const version = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;
  mkdirSync(dirname(out), { recursive: true });
  // Put in place at once: somebody may be running the one that is there.
  const fresh = `${out}.${process.pid}`;
  const args = [
    "build",
    join(root, "src", "cli", "main.ts"),
    "--compile",
    `--target=${platform.bun}`,
    ...runtime,
    "--minify",
    "--splitting",
    "--format=esm",
    ...(isQuick ? [] : ["--bytecode"]),
    // Collects garbage more often: a gateway on a small computer, and its throughput is the store's anyway.
    "--compile-exec-argv=--smol",
    "--no-compile-autoload-dotenv",
    "--no-compile-autoload-bunfig",
    `--define=SLUICE_VERSION=${JSON.stringify(version)}`,
    ...external.map((name) => `--external=${name}`),
    `--outfile=${fresh}`,
  ];
  const { status, stdout, stderr } = spawnSync(bun, args, { cwd: root, encoding: "utf8" });
  // Bun adds .exe for Windows.
  const made = [fresh, `${fresh}.exe`].find((path) => existsSync(path));
  if (status !== 0 || made === undefined)
    throw new InstallError(`bun could not build it: ${(stderr || stdout || "no reason given").trim().slice(0, 800)}`);
  renameSync(made, out);
  return out;
}

function defaultOut(target) {
  return join(root, ".cache", "executables", `sluice-${target}${target.startsWith("win32") ? ".exe" : ""}`);
}

/** The Bun of another platform, in the version of ours. */
async function bunFor(target) {
  const { version } = JSON.parse(readFileSync(join(root, "node_modules", "bun", "package.json"), "utf8"));
  return `${await binaryOf(targets[target].package, version)}${target.startsWith("win32") ? "bun.exe" : "bun"}`;
}

/** The folder `bin` of an npm package with a runtime for another platform, fetched into .cache/ once. npm checks its digest. Ends with a slash. */
export async function binaryOf(name, version) {
  const folder = join(root, ".cache", `${name.replace(/[@/]+/g, "-").replace(/^-/, "")}-${version}`);
  const bin = `${join(folder, "package", "bin")}/`;
  if (existsSync(bin)) return bin;
  return locked(
    () => {},
    async () => {
      if (existsSync(bin)) return bin;
      const work = `${folder}.${process.pid}`;
      mkdirSync(work, { recursive: true });
      try {
        const packed = run("npm", ["pack", "--silent", "--pack-destination", work, `${name}@${version}`]);
        run("tar", ["-xzf", join(work, packed.trim().split("\n").at(-1)), "-C", work]);
        rmSync(folder, { recursive: true, force: true });
        renameSync(work, folder);
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
      return bin;
    },
    "executable.lock",
  );
}

function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  if (status === 0) return stdout;
  throw new InstallError(
    `${command} ${args[0]} failed; is there a network? ${(stderr ?? "").trim().split("\n")[0].slice(0, 300)}`,
  );
}

async function main() {
  const { values } = parseArgs({ options: { target: { type: "string" }, out: { type: "string" }, quick: { type: "boolean" } } });
  const path = await buildExecutable({
    ...(values.target === undefined ? {} : { target: values.target }),
    ...(values.out === undefined ? {} : { out: resolve(values.out) }),
    isQuick: values.quick === true,
  });
  process.stdout.write(`${relative(process.cwd(), path)}  ${(statSync(path).size / 1e6).toFixed(0)} MB\n`);
}

if (process.argv[1] && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  main().catch((error) => {
    process.stderr.write(`sluice: ${error instanceof InstallError ? error.message : (error.stack ?? error)}\n`);
    process.exitCode = 2;
  });
}
