/**
 * Packs the npm package, unpacks it as someone's node_modules/sluice, and uses it from there: every subpath is imported, by Node and
 * by the TypeScript compiler, and the `sluice` command is asked for help. Needs no network: the dependencies are those of the checkout. Needs dist/.
 * It must never find the package's source beside it, or it would test the checkout.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./install.mjs";

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const consumer = mkdtempSync(join(tmpdir(), "sluice-pack-"));
const installed = join(consumer, "node_modules", "sluice");

function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stderr || stdout}`);
  return stdout;
}

/** Unpacks the tarball and links the dependencies beside it, the declared ones only. */
function install() {
  // --ignore-scripts: dist/ is built already, by the gate before this one.
  run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", consumer], root);
  const tarball = readdirSync(consumer).find((name) => name.endsWith(".tgz"));
  mkdirSync(installed, { recursive: true });
  run("tar", ["-xzf", join(consumer, tarball), "-C", installed, "--strip-components=1"], consumer);
  link(manifest.dependencies);
}

function link(dependencies) {
  for (const name of Object.keys(dependencies)) {
    const path = join(consumer, "node_modules", name);
    mkdirSync(join(path, ".."), { recursive: true });
    symlinkSync(join(root, "node_modules", name), path);
  }
}

/** Packages that are optional, and the subpaths that need them: nothing else may. */
function needsPeer([key]) {
  return ["./sql/", "./stores/postgres", "./audit/postgres", "./audit/nats", "./telemetry/open-telemetry"].some((subpath) =>
    key.startsWith(subpath),
  );
}

function useIt() {
  const subpaths = Object.entries(manifest.exports).filter(([, target]) => typeof target !== "string");
  importAll(subpaths.filter((subpath) => !needsPeer(subpath)));
  const help = run(process.execPath, [join(installed, manifest.bin.sluice), "--help"], consumer);
  if (!help.includes("sluice")) throw new Error(`sluice --help says only: ${help}`);
  link(manifest.peerDependencies);
  importAll(subpaths.filter(needsPeer));
  const imports = subpaths.map(
    ([key], i) => `import * as m${i} from "sluice${key.slice(1)}";\nexport const n${i}: number = Object.keys(m${i}).length;`,
  );
  writeFileSync(join(consumer, "use.mts"), `${imports.join("\n")}\n`);
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  run(
    process.execPath,
    [tsc, "--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2023", "use.mts"],
    consumer,
  );
}

function importAll(subpaths) {
  const lines = subpaths.map(
    ([key]) => `if (Object.keys(await import("sluice${key.slice(1)}")).length === 0) throw new Error("${key} exports nothing");`,
  );
  writeFileSync(join(consumer, "use.mjs"), `${lines.join("\n")}\n`);
  run(process.execPath, ["use.mjs"], consumer);
}

try {
  install();
  useIt();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(consumer, { recursive: true, force: true });
}
