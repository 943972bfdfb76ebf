/**
 * Runs the `console` blocks of a Markdown file in a shell, as somebody would type them.
 * Never uses the network: `npx sluice` and `npm start` are the checkout's own, and `curl` talks to the loopback address.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "./blocks.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What one command did. */
export interface Ran {
  /** Standard output and standard error as they came. */
  readonly output: string;
  readonly status: number;
}

/** Puts the commands that a reader has into `folder/bin`: they are few, so that a session needs no more than it says. */
export function prepareCommands(folder: string): void {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const cli = join(root, "src", "cli");
  const scripts = {
    npx: `[ "$1" = sluice ] || exit 127; shift; exec "${process.execPath}" "${join(cli, "sluice.mjs")}" "$@"`,
    npm: `[ "$1 $2" = "start --" ] || exit 127; shift 2; exec "${process.execPath}" "${join(cli, "start.ts")}" "$@"`,
    curl: `exec "${process.execPath}" "${join(root, "test", "docs", "curl.ts")}" "$@"`,
  };
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
}

/** The environment of somebody who has told Sluice nothing yet: the tests' own variables would be settings. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SLUICE_")));
}

/** Runs commands one after the other in one shell. What they leave running ends with it. */
export function runSession(commands: readonly Command[], folder: string): readonly Ran[] {
  const mark = "--- end of a command:";
  const script = commands.map(({ command }) => `${command}\necho "${mark} $?"`).join("\n");
  // By way of a file: in a command substitution, which is a shell of its own, some shells know no jobs.
  const stop = "trap 'jobs -p > jobs.txt; xargs kill < jobs.txt' EXIT";
  const { stdout } = spawnSync("sh", ["-c", `exec 2>&1\n${stop}\n${script}\n`], {
    cwd: folder,
    env: { ...ownEnvironment(), PATH: `${join(folder, "bin")}:${process.env.PATH}`, NO_COLOR: "1" },
    encoding: "utf8",
    timeout: 25_000,
  });
  return stdout
    .split(mark)
    .slice(1)
    .map((rest, i) => ({
      output: i === 0 ? (stdout.split(mark)[0] ?? "") : (stdout.split(mark)[i] ?? "").replace(/^ \d+\n/, ""),
      status: Number(/^ (\d+)/.exec(rest)?.[1]),
    }));
}
