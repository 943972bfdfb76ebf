/**
 * Programs of the system that tests run against: found, or installed by apt where that can be.
 * Never leaves a test out silently: it says why, and with CI=true it fails.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, it } from "vitest";

/** A program, and the Debian package that has it. */
export interface Wanted {
  readonly program: string;
  readonly package: string;
  /** Folders to look in besides `PATH`. */
  readonly folders?: readonly string[];
}

/** Where a program is, or why it cannot be had. */
export type Provided = { readonly path: string } | { readonly missing: string };

/** What this machine can do. */
export interface Machine {
  find(wanted: Wanted): string | undefined;
  /** Installs a package; throws if it cannot. */
  install(name: string): void;
  readonly isRoot: boolean;
  readonly hasApt: boolean;
}

/** The program, installed if need be. */
export function provide(wanted: Wanted, machine: Machine = thisMachine): Provided {
  const found = machine.find(wanted);
  if (found !== undefined) return { path: found };
  if (!machine.hasApt) return { missing: `${wanted.program} is not installed, and there is no apt-get` };
  if (!machine.isRoot) return { missing: `${wanted.program} is not installed, and only root may install ${wanted.package}` };
  // Another test file may be installing too, or cleaning up what apt has fetched.
  for (let attempt = 1; ; attempt++) {
    try {
      machine.install(wanted.package);
      break;
    } catch {
      if (attempt === 3) return { missing: `apt-get cannot install ${wanted.package}: is there a network?` };
    }
  }
  const path = machine.find(wanted);
  return path === undefined ? { missing: `${wanted.package} has no ${wanted.program}` } : { path };
}

/** Whether tests that need a program are run; throws in CI, where they must be, if they cannot. */
export function decide(provided: Provided, isCi: boolean): Provided {
  if ("missing" in provided && isCi) throw new Error(`${provided.missing} (CI=true: nothing is left out)`);
  return provided;
}

const thisMachine: Machine = {
  find: ({ program, folders = [] }) =>
    [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", ...folders]
      .map((folder) => join(folder, program))
      .find((path) => existsSync(path)),
  install: (name) => {
    const options = ["-o", "DPkg::Lock::Timeout=120", "-o", "APT::Update::Error-Mode=any"];
    const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const run = (...args: string[]): unknown =>
      execFileSync("apt-get", [...options, ...args], { env: environment, stdio: "ignore", timeout: 240_000 });
    try {
      run("install", "-y", "--no-install-recommends", name);
    } catch {
      run("update");
      run("install", "-y", "--no-install-recommends", name);
    }
  },
  isRoot: process.getuid?.() === 0,
  hasApt: existsSync("/usr/bin/apt-get"),
};

/** The program on this machine, as {@link decide} says. */
export function service(wanted: Wanted): Provided {
  return decide(provide(wanted), process.env.CI === "true");
}

/** A group of tests that need a program: one test that says why they are not run, where it cannot be had. */
export function describeWith(provided: Provided, name: string, body: () => void): void {
  describe(name, () => {
    if ("missing" in provided) it(`is not tested: ${provided.missing}`, (context) => context.skip(provided.missing));
    else body();
  });
}
