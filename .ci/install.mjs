/**
 * Installs what a script needs, if it is missing: `node .ci/install.mjs start|test`. Plain JavaScript without a dependency,
 * because it runs first on a machine that has only Node 20 and npm. It must never print to stdout, change a tracked file,
 * or touch anything when all is there (then it takes a few milliseconds).
 *
 * Why there are two modes: `npm start` is for someone who wants to see Sluice work, and needs the 14 packages of the library
 * (13 MB); `npm test` needs the compilers and the four runtimes (1.7 GB). So `start` omits the dev packages, and with
 * them `node`, the npm package that brings Node 24 to a machine with an older Node.
 *
 * Why Node 24 is then fetched separately: our source is TypeScript that Node runs directly, which needs 22.18. As a
 * dependency of the package the binary (120 MB) would reach everyone who installs the library; as an optional dependency it
 * would be left out by `--omit=optional`. So it lives in .cache/, which survives `npm ci`, and is linked as
 * node_modules/.bin/node. npm puts that folder first on the PATH of scripts, so "start" in package.json is plainly
 * `node src/cli/start.ts`, whichever Node is the machine's own.
 */
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout's root. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The Node that a machine with an older one gets. The same as the `node` package of devDependencies (a test compares them). */
export const nodeVersion = "24.21.0";

const modules = join(root, "node_modules");
const cache = join(root, ".cache");
const linkedNode = join(modules, ".bin", "node");
const lockWaitMs = 15 * 60_000;
const progressMs = 5_000;
/** npm's own waits add up to more than a minute before it says that there is no network; these to 12 s. */
const retries = ["--fetch-retries=3", "--fetch-retry-factor=3", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=8000"];

/** A failure that has been put into one line for the person at the terminal. */
export class InstallError extends Error {}

/** Whether the running Node can run the source as it is: TypeScript by type stripping (22.18), and `node:sqlite` (22.13). */
export function runsSource() {
  return Boolean(process.features.typescript) && isBuiltin("node:sqlite");
}

/** The command of a Node that can run the source, or `undefined`. Starts nothing. */
export function findNode() {
  if (runsSource()) return process.execPath;
  return existsSync(linkedNode) ? linkedNode : undefined;
}

/** Installs for a mode (`start` or `test`) what is missing. Throws {@link InstallError}. */
export async function ensure(mode, say = (line) => process.stderr.write(`sluice: ${line}\n`)) {
  if (isComplete(mode)) return link();
  await locked(say, async () => {
    const started = Date.now();
    const ticker = setInterval(() => say(`… ${Math.round((Date.now() - started) / 1000)} s`), progressMs);
    // Looked at again: another process may have installed it while this one waited.
    const packages = missingPackages(mode).length > 0 ? installPackages(mode, say) : undefined;
    const node = mode === "start" && !hasNode() ? installNode(say) : undefined;
    const outcomes = await Promise.allSettled([packages, node]);
    clearInterval(ticker);
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  });
  link();
  const missing = missingPackages(mode);
  if (missing.length > 0)
    throw new InstallError(`${missing[0]} is still missing after the installation; delete node_modules and try again`);
  if (!findNode()) throw new InstallError(`Node ${process.versions.node} cannot run TypeScript; install Node 22.18 or later`);
}

function isComplete(mode) {
  return missingPackages(mode).length === 0 && hasNode();
}

function cachedNode() {
  return join(
    cache,
    `node-${nodeVersion}`,
    "node_modules",
    platformPackage(),
    "bin",
    process.platform === "win32" ? "node.exe" : "node",
  );
}

function platformPackage() {
  return `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
}

function hasNode() {
  return findNode() !== undefined || existsSync(cachedNode());
}

/**
 * The packages that package-lock.json wants and node_modules does not have in that version. npm writes what it installed
 * to node_modules/.package-lock.json, so comparing the two files is enough, with a look at each folder for those that were
 * deleted by hand. Packages for other platforms (optional ones) are left to npm.
 */
function missingPackages(mode) {
  const wanted = readLock(join(root, "package-lock.json"));
  if (!wanted) throw new InstallError("package-lock.json is missing or broken; this is not a whole checkout");
  const installed = readLock(join(modules, ".package-lock.json")) ?? {};
  return Object.entries(wanted)
    .filter(([path, entry]) => path !== "" && !entry.optional && (mode === "test" || !(entry.dev || entry.devOptional)))
    .filter(([path, entry]) => installed[path]?.version !== entry.version || !existsSync(join(root, path, "package.json")))
    .map(([path]) => path);
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** Adds to what is there, so that a failure (or a running `npm start`) keeps the packages it had; versions come from the lock. */
function installPackages(mode, say) {
  const scope = mode === "start" ? ["--omit=dev", "--omit=optional"] : ["--include=dev", "--include=optional"];
  const what = mode === "start" ? "the packages of the library (13 MB)" : "the development packages and runtimes (1.7 GB)";
  return npm(["install", "--no-save", ...scope], { what, remedy: "delete node_modules and try again", say });
}

function installNode(say) {
  const prefix = join(cache, `node-${nodeVersion}`);
  mkdirSync(prefix, { recursive: true });
  writeFileSync(join(prefix, "package.json"), "{}\n");
  const args = ["install", "--no-save", "--no-package-lock", "--ignore-scripts", "--prefix", prefix];
  const what = `Node ${nodeVersion}, because ${process.versions.node} runs no TypeScript`;
  return npm([...args, `${platformPackage()}@${nodeVersion}`], { what, remedy: "install Node 22.18 or later by hand", say });
}

/** Links node_modules/.bin/{node,sluice}, so that npm scripts and `npx sluice` find them without asking the registry. */
function link() {
  if (process.platform === "win32") return;
  mkdirSync(join(modules, ".bin"), { recursive: true });
  if (!findNode() && existsSync(cachedNode())) linkTo(linkedNode, cachedNode());
  linkTo(join(modules, ".bin", "sluice"), join(root, "src", "cli", "sluice.mjs"));
}

function linkTo(path, target) {
  const text = relative(dirname(path), target);
  try {
    if (readlinkSync(path) === text) return;
  } catch {
    // Not there yet, or not a link.
  }
  // A rename replaces what is there at once: another process never sees a moment without it.
  const fresh = `${path}-${process.pid}`;
  symlinkSync(text, fresh);
  renameSync(fresh, path);
}

function npm(args, { what, remedy, say }) {
  const cli = process.env.npm_execpath?.endsWith("npm-cli.js") ? process.env.npm_execpath : undefined;
  const [command, first] = cli ? [process.execPath, [cli]] : ["npm", []];
  const flags = ["--no-audit", "--no-fund", "--no-progress", "--no-update-notifier", "--loglevel=error", ...retries];
  say(`installing ${what} …`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...first, ...args, ...flags], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32" && !cli,
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output = (output + chunk).slice(-20_000);
      });
    }
    child.on("error", () => reject(new InstallError("npm was not found; install Node with npm")));
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new InstallError(explain(output, code, remedy)));
    });
  });
}

/** npm's pages of errors as one line. `remedy`: what helps, where it is not the network. */
function explain(output, code, remedy) {
  if (
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT|FetchError)\b/.test(
      output,
    )
  ) {
    return "packages are missing and the npm registry cannot be reached; connect to the network and run the same command again";
  }
  const line = output.split("\n").find((text) => /^npm (error|ERR!) (?!code )\S/.test(text));
  return `npm could not install them (exit ${code}): ${line?.replace(/^npm (error|ERR!) /, "") ?? "no reason given"}; ${remedy}`;
}

/** Runs `work` while no other process of this checkout has the lock (a file of .cache). A lock whose owner has died is taken over. */
export async function locked(say, work, name = "install.lock") {
  const path = join(cache, name);
  try {
    mkdirSync(cache, { recursive: true });
  } catch (error) {
    throw new InstallError(`packages are missing and the checkout cannot be written: ${error.code}`);
  }
  const deadline = Date.now() + lockWaitMs;
  let told = false;
  while (!acquire(path)) {
    if (Date.now() > deadline)
      throw new InstallError(`another installation holds ${relative(root, path)}; delete it if none is running`);
    if (!told) say("waiting for another installation in this checkout …");
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** The lock is a file made in one step (`wx`) that names its owner. */
function acquire(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw new InstallError(`cannot write ${relative(root, path)}: ${error.code}`);
  }
  const owner = readText(path);
  if (Number(owner) > 0 && !isAlive(Number(owner))) takeAway(path, owner);
  return false;
}

/** Removes a dead owner's lock, but not the one that a third process may have put there in the meantime. */
function takeAway(path, owner) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    if (readText(aside) === owner) rmSync(aside);
    else renameSync(aside, path);
  } catch {
    // Another process was quicker; the next attempt sees what it left.
  }
}

function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

async function main(mode) {
  const entry = mode === "start" ? "src/cli/start.ts" : ".ci/test.mjs";
  if (mode !== "start" && mode !== "test") throw new InstallError("usage: node .ci/install.mjs start|test");
  if (!existsSync(join(root, entry))) throw new InstallError(`${entry} is missing; this is not a whole checkout`);
  await ensure(mode);
}

if (process.argv[1] && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  main(process.argv[2]).catch((error) => {
    process.stderr.write(`sluice: ${error instanceof InstallError ? error.message : (error.stack ?? error)}\n`);
    process.exitCode = 2;
  });
}
