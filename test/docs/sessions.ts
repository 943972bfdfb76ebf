/**
 * Runs the `console` blocks of a Markdown file in a shell, as somebody would type them.
 * Never uses the network: `npx sluice` and `npm start` are the checkout's own, and `curl` talks to the loopback address.
 */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
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

/** What commands are typed into. */
export interface Shell {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds until all that still runs is ended. */
  readonly timeout: number;
}

/**
 * Types commands into one shell, as at a terminal: what `&` starts has a process group of its own, so that `kill %1` ends all of it, also
 * what `npx` started. What commands leave running ends with the shell.
 */
export function typeInto({ cwd, env, timeout }: Shell, commands: readonly string[]): readonly Ran[] {
  const mark = "--- end of a command:";
  const script = commands.map((command) => `${command}\necho "${mark} $?"`).join("\n");
  const stop = `trap 'for job in $(jobs -p); do kill -- "-$job"; done 2> /dev/null' EXIT`;
  const { stdout } = spawnSync("bash", ["--norc", "-c", `exec 2>&1\nset -m\n${stop}\n${script}\n`], {
    cwd,
    env,
    encoding: "utf8",
    timeout,
  });
  // What the shell itself says of a job that ended, between two commands, when it happens to see it.
  const said = stdout.replace(/^(?:\[\d+\].*|bash: line \d+: +\d+ (?:Terminated|Done)\b.*)\n/gm, "");
  return [...said.matchAll(new RegExp(`([^]*?)${mark} (\\d+)\\n`, "g"))].map(([, output = "", status]) => ({
    output,
    status: Number(status),
  }));
}

/** Runs commands one after the other, with the programs of `prepareCommands`. */
export function runSession(commands: readonly Command[], folder: string): readonly Ran[] {
  const env = { ...ownEnvironment(), PATH: `${join(folder, "bin")}:${process.env.PATH}`, NO_COLOR: "1" };
  return typeInto(
    { cwd: folder, env, timeout: 25_000 },
    commands.map(({ command }) => command),
  );
}

/** The ports that documents name. */
const documentPorts = [8790, 8791];

/** The same commands on ports that are free: those that documents name may be taken on this machine. */
export async function onFreePorts(commands: readonly Command[]): Promise<readonly Command[]> {
  const servers = documentPorts.map(() => createServer().listen(0, "127.0.0.1"));
  // All at once, so that no two get the same.
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return commands.map(({ command, output }) => ({
    command: documentPorts.reduce((text, port, at) => text.replaceAll(String(port), String(ports[at])), command),
    output,
  }));
}
