/**
 * Virtual environments of Python for the tests and examples of agents in Python: `ensurePython("agents")` → the path of a Python that has
 * the packages of plans/python/desk/requirements-agents.txt. Installs what is missing into .cache/python/, wheels only, by uv.
 * It must never touch the machine's own Python packages, run a package's build, or touch anything when all is there.
 *
 * Why uv, which pip installs first if the machine has none: it resolves nothing (the files pin everything), loads in parallel, and takes
 * 3 to 6 seconds where pip takes a minute.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InstallError, locked, root } from "./install.mjs";

/** The names of the environments, and the file of each with what is in it. */
export const environments = ["agents", "crewai", "mcp2"];

const uvVersion = "0.13.9";
const cache = join(root, ".cache", "python");
const pythonRange = ">=3.10,<3.15";
const isWindows = process.platform === "win32";
const limitMs = 10 * 60_000;
/** Long enough for a slow mirror, short enough that a machine without a network says so soon. */
const network = { UV_HTTP_TIMEOUT: "60", UV_HTTP_RETRIES: "2" };

/** The Python of an environment, made if it is not there yet. Throws {@link InstallError}. */
export async function ensurePython(name, say = (line) => process.stderr.write(`sluice: ${line}\n`)) {
  if (!environments.includes(name)) throw new InstallError(`no such environment: ${name}; there are ${environments.join(", ")}`);
  const pins = readFileSync(join(root, "plans", "python", "desk", `requirements-${name}.txt`), "utf8");
  const folder = join(cache, `${name}-${createHash("sha256").update(pins).digest("hex").slice(0, 12)}`);
  const [python, done] = [binary(folder, "python"), join(folder, "complete")];
  // The link of a virtual environment can outlive the Python that it was made of.
  if (existsSync(done) && existsSync(python)) return python;
  mkdirSync(cache, { recursive: true });
  await locked(
    say,
    async () => {
      if (existsSync(done) && existsSync(python)) return;
      say(`installing Python packages of plans/python/desk/requirements-${name}.txt …`);
      const uv = await findUv();
      rmSync(folder, { recursive: true, force: true });
      await must(
        uv,
        ["venv", "--quiet", "--python", pythonRange, "--no-python-downloads", folder],
        `Python ${pythonRange} is needed`,
      );
      const from = ["--python", python, "--no-deps", "--only-binary", ":all:", "--requirements"];
      const file = join(root, "plans", "python", "desk", `requirements-${name}.txt`);
      await must(uv, ["pip", "install", "--quiet", ...from, file], "the Python packages could not be installed");
      writeFileSync(done, "");
    },
    join("python", `${name}.lock`),
  );
  return python;
}

function binary(folder, name) {
  return isWindows ? join(folder, "Scripts", `${name}.exe`) : join(folder, "bin", name);
}

/** uv of the machine, or our own: a wheel that pip puts into the cache. */
async function findUv() {
  if ((await run("uv", ["--version"])).code === 0) return "uv";
  const folder = join(cache, `uv-${uvVersion}`);
  const own = [binary(folder, "uv"), binary(join(folder, "venv"), "uv")];
  const found = own.find((path) => existsSync(path));
  if (found !== undefined) return found;
  const python = isWindows ? "python" : "python3";
  if ((await run(python, ["--version"])).code !== 0 && !(await debianPython()))
    throw new InstallError("neither uv nor python3 was found; install one of them");
  return locked(
    () => {},
    async () => {
      const there = own.find((path) => existsSync(path));
      if (there !== undefined) return there;
      const wheel = [
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary",
        ":all:",
        `uv==${uvVersion}`,
      ];
      if ((await run(python, ["-m", "pip", ...wheel, "--target", folder])).code === 0) return own[0];
      // A Python without pip, or one whose pip has no --target, may still have venv.
      await must(python, ["-m", "venv", join(folder, "venv")], "python3 has neither pip nor venv; install uv, or python3-venv");
      await must(binary(join(folder, "venv"), "python"), ["-m", "pip", ...wheel], "uv could not be installed");
      return own[1];
    },
    join("python", "uv.lock"),
  );
}

/** Debian's own Python, where this machine is one that may install packages. Whether it is there now. */
async function debianPython() {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const options = ["-qq", "-o", "DPkg::Lock::Timeout=120"];
  await run("apt-get", [...options, "update"]);
  const { code } = await run("apt-get", [...options, "install", "-y", "--no-install-recommends", "python3", "python3-venv"]);
  return code === 0;
}

async function must(command, args, fault) {
  const { code, output } = await run(command, args);
  if (code === 0) return;
  if (
    /\b(dns error|error sending request|Connection refused|timed out|Name or service not known|Network is unreachable)\b/i.test(
      output,
    )
  )
    throw new InstallError("Python packages are missing and their index cannot be reached; connect to the network and try again");
  throw new InstallError(`${fault}: ${output.trim().split("\n").slice(0, 3).join(" ").slice(0, 400)}`);
}

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...network, UV_CACHE_DIR: join(cache, "uv-cache"), ...indexOfPip(), ...process.env, VIRTUAL_ENV: "" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    // Not spawn's own `timeout`: its timer goes on, and keeps us alive, when the command is not found.
    const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
    let output = "";
    const end = (code, said) => {
      clearTimeout(timer);
      resolve({ code, output: said });
    };
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output = (output + chunk).slice(-20_000)));
    child.on("error", () => end(127, `${command} was not found`));
    child.on("close", (code) => end(code ?? 1, output));
  });
}

/** A machine that names a mirror for pip means uv too. */
function indexOfPip() {
  const { PIP_INDEX_URL, PIP_CERT } = process.env;
  return { ...(PIP_INDEX_URL ? { UV_DEFAULT_INDEX: PIP_INDEX_URL } : {}), ...(PIP_CERT ? { SSL_CERT_FILE: PIP_CERT } : {}) };
}

if (process.argv[1] && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  const names = process.argv.length > 2 ? process.argv.slice(2) : environments;
  Promise.all(names.map((name) => ensurePython(name))).then(
    (paths) => process.stdout.write(`${paths.join("\n")}\n`),
    (error) => {
      process.stderr.write(`sluice: ${error instanceof InstallError ? error.message : (error.stack ?? error)}\n`);
      process.exitCode = 2;
    },
  );
}
