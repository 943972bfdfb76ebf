/**
 * New projects, as a stranger makes one: an empty folder, an empty home, and the package from a registry.
 * They must never find the checkout: neither its packages nor its programs are on any path of theirs.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";

/** The checkout. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Who installs and runs. */
export type Tool = "npm" | "bun" | "deno";

/** A project. */
export interface Project {
  readonly folder: string;
  /** The environment of its programs. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs a program in its folder. Returns what it printed; throws with that if it fails. */
  run(command: string, ...args: readonly string[]): string;
  remove(): void;
}

/** Programs of the checkout that stand for the machine's own. */
const programs = { node: process.execPath, bun: join(root, "node_modules/.bin/bun"), deno: join(root, "node_modules/.bin/deno") };

/** The Node that an npm project runs: `SLUICE_PACKAGE_NODE`, so that the oldest one that is promised to work can be tried; else this one. */
const node = process.env.SLUICE_PACKAGE_NODE ?? programs.node;

/** Makes a project and installs packages there. */
export function makeProject(tool: Tool, packages: readonly string[]): Project {
  const home = realpathSync(mkdtempSync(join(tmpdir(), `sluice-${tool}-`)));
  const folder = join(home, "project");
  mkdirSync(folder);
  const registry = inject("registry");
  writeFileSync(join(folder, "package.json"), '{ "name": "stranger", "private": true, "type": "module" }\n');
  writeFileSync(join(folder, ".npmrc"), `registry=${registry}\naudit=false\nfund=false\nupdate-notifier=false\n`);
  const project: Project = {
    folder,
    env: environment(home, registry),
    run(command, ...args) {
      const path = command === "node" ? node : command in programs ? programs[command as "bun" | "deno"] : command;
      const options = { cwd: folder, env: project.env, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 } as const;
      const { status, stdout, stderr, error } = spawnSync(path, args, options);
      if (status !== 0)
        throw new Error(`${command} ${args.join(" ")} ended with ${status ?? error?.message}:\n${stdout}${stderr}`);
      return stdout;
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
  if (tool === "npm") project.run("npm", "install", "--ignore-scripts", ...packages);
  else if (tool === "bun") project.run("bun", "add", "--ignore-scripts", ...packages);
  else project.run("deno", "add", ...packages.map((name) => `npm:${name}`));
  return project;
}

function environment(home: string, registry: string): NodeJS.ProcessEnv {
  const own = (process.env.PATH ?? "").split(delimiter).filter((path) => !path.startsWith(root));
  return {
    HOME: home,
    PATH: [dirname(realpathSync(node)), ...own].join(delimiter),
    TMPDIR: tmpdir(),
    NO_COLOR: "1",
    CI: "true",
    npm_config_cache: join(home, "npm"),
    NPM_CONFIG_REGISTRY: registry,
    BUN_INSTALL_CACHE_DIR: join(home, "bun"),
    DENO_DIR: join(home, "deno"),
    DENO_NO_UPDATE_CHECK: "1",
  };
}
