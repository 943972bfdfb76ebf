/**
 * How the `sluice` command is started on each runtime, as small as it goes: the same program and the same options behind each.
 * Never gives a runtime more of the machine than the command needs.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildExecutable, hostTarget } from "../../.ci/executable.mjs";
import { InputError } from "../../src/cli/read/input.ts";

/** A program: what is put before the arguments of `sluice`. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/** What a program may have to be told before it starts: what it will read and write. */
export interface Grounds {
  /** Files and folders that it reads. */
  readonly reads: readonly string[];
  /** The file of its store, if it has one. */
  readonly database?: string;
  /** Hosts, with or without a port, that it listens on and connects to. */
  readonly hosts: readonly string[];
  /** The single-file executable, where it has been built already. */
  readonly executable?: string;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const source = join(root, "src/cli/main.ts");

/** Starts of the command by name. */
export const programs = {
  /** The source on this Node. */
  node: async () => ({ command: process.execPath, args: [source] }),
  /** The built package on this Node, with the heap of a small machine: `npm run build` makes it. */
  package: async () => ({ command: process.execPath, args: [...smallHeap, builtPackage()] }),
  /** The source on Bun, which reads no settings out of the folder that it is started in. */
  bun: async () => ({ command: installed("bun"), args: ["--no-env-file", "--config=/dev/null", source] }),
  /** The source on Deno with the fewest permissions. */
  deno: async (grounds) => ({ command: installed("deno"), args: ["run", ...denoPermissions(grounds), source] }),
  /** The single-file executable for this machine. */
  executable: async ({ executable }) => ({ command: executable ?? (await buildExecutable()), args: [] }),
  /** The single-file executable for arm64 Linux: as it is on such a machine, else in QEMU, which shows that it works and not how fast. */
  arm64: async () => emulated({ command: await buildExecutable({ target: "linux-arm64", isQuick: true }), args: [] }),
  /** The Worker in workerd, with Durable Objects and D1 on this machine's disk. */
  worker: async () => ({ command: process.execPath, args: [fileURLToPath(new URL("worker.ts", import.meta.url))] }),
} satisfies { readonly [name: string]: (grounds: Grounds) => Promise<Program> };

/** V8 keeps what it has freed unless it is told that there is little memory. */
const smallHeap = ["--max-semi-space-size=1", "--max-old-space-size=64"];

/** The permissions that `sluice serve` needs on Deno: its settings, its files, its addresses. Nothing is run, no native code loaded. */
export function denoPermissions({ reads, database, hosts }: Grounds): readonly string[] {
  // The two files that SQLite keeps beside it are opened by SQLite itself.
  const written = database === undefined ? [] : [database];
  // A credential that is kept beside it is read. None is kept here: what is made for that has a name that nobody can permit beforehand.
  const kept = written.map((path) => `${path}.token`);
  return [
    "--no-prompt",
    "--cached-only",
    "--allow-env=SLUICE_*,OTEL_*,CI,TERM",
    `--allow-read=${[join(root, "package.json"), ...reads, ...written, ...kept].join(",")}`,
    ...(written.length === 0 ? [] : [`--allow-write=${written.join(",")}`]),
    `--allow-net=${hosts.join(",")}`,
  ];
}

function emulated({ command, args }: Program): Program {
  if (hostTarget === "linux-arm64") return { command, args };
  const emulator = ["/usr/bin/qemu-aarch64-static", "/usr/local/bin/qemu-aarch64-static"].find((path) => existsSync(path));
  if (emulator === undefined || !existsSync("/usr/aarch64-linux-gnu/lib"))
    throw new InputError(
      "arm64 programs need an emulator here: apt-get install qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross libgcc-s1-arm64-cross",
    );
  // The processor of a Raspberry Pi 5.
  return { command: emulator, args: ["-cpu", "cortex-a76", "-L", "/usr/aarch64-linux-gnu", command, ...args] };
}

function installed(name: string): string {
  const path = join(root, "node_modules/.bin", name);
  if (!existsSync(path)) throw new InputError(`${name} is not installed: npm ci`);
  return path;
}

function builtPackage(): string {
  const path = join(root, "dist/cli/main.js");
  if (!existsSync(path)) throw new InputError("the package is not built: npm run build");
  return path;
}
