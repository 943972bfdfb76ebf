/**
 * AgentDojo in a virtual environment of its own, `.cache/bench-agentdojo`, with the versions that `python/requirements.txt` pins.
 * Never touches the project's own packages; works offline once the environment is there.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const requirements = fileURLToPath(new URL("python/requirements.txt", import.meta.url));
const folder = join(root, ".cache", "bench-agentdojo");
/** About 290 MB of packages, on however slow a line. */
const installMs = 1_200_000;

/** The Python that has AgentDojo, or why there is none, in one line. */
export type Python = { readonly python: string } | { readonly problem: string };

/** The interpreter of the environment if it is complete. Installs nothing. */
export function installedPython(): string | undefined {
  const [python, mark] = [join(folder, "venv", "bin", "python"), join(folder, "installed")];
  const isComplete = existsSync(python) && existsSync(mark) && readFileSync(mark, "utf8") === readFileSync(requirements, "utf8");
  return isComplete ? python : undefined;
}

/** The interpreter of the environment, which is made where it is missing. */
export function installPython(): Python {
  const found = installedPython();
  if (found !== undefined) return { python: found };
  process.stderr.write("installing AgentDojo from PyPI into .cache/bench-agentdojo …\n");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const pip = ["install", "--no-input", "--disable-pip-version-check", "--quiet", "--only-binary", ":all:", "--no-deps"];
  const problem =
    run("python3", ["-m", "venv", join(folder, "venv")]) ??
    run(join(folder, "venv", "bin", "pip"), [...pip, "--requirement", requirements]);
  if (problem !== undefined) return { problem };
  writeFileSync(join(folder, "installed"), readFileSync(requirements, "utf8"));
  return { python: join(folder, "venv", "bin", "python") };
}

/** The last line that a command says, if it fails. */
function run(command: string, args: readonly string[]): string | undefined {
  const { status, error, stderr, stdout } = spawnSync(command, args, { cwd: folder, encoding: "utf8", timeout: installMs });
  if (status === 0) return undefined;
  const said = `${stdout ?? ""}\n${stderr ?? ""}`.trim().split("\n").at(-1) ?? "";
  return `\`${basename(command)}\` failed: ${error?.message ?? said}`.slice(0, 300);
}
