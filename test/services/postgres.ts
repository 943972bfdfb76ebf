/**
 * A PostgreSQL server for the tests: installed if need be, in a folder of its own, on a free port of this machine.
 * Never the system's own service, and nothing is left when it is stopped.
 */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A running server. */
export interface Postgres {
  readonly port: number;
  /** Of the superuser, to the database `postgres`. */
  readonly url: string;
  /** Where its files are. */
  readonly folder: string;
  /** Ends it in order, and removes its folder. */
  stop(): Promise<void>;
  /** Ends all its processes by SIGKILL. */
  kill(): Promise<void>;
  /** Ends it at once if it runs, as an operator would who cannot wait, and starts it on the same port and files. */
  restart(): Promise<void>;
}

/** What differs from a server for tests. */
export interface PostgresOptions {
  /** Lines of `postgresql.conf`. */
  readonly settings?: readonly string[];
  /** Replaces `pg_hba.conf`. */
  readonly access?: readonly string[];
}

/** What the machine offers. */
export interface Machine {
  /** Folder of the server's programs, if there is one. */
  programs(): string | undefined;
  readonly isRoot: boolean;
  /** Installs the server; whether that worked. */
  install(): boolean;
  /** Whether a missing server is a failure, and no reason to skip tests. */
  readonly isStrict: boolean;
}

/** Where the programs are, installed now if need be; or why there are none. Throws that reason where tests must not be skipped. */
export function findPostgres(machine: Machine = thisMachine): { readonly programs: string } | { readonly reason: string } {
  const found = machine.programs() ?? (machine.isRoot && machine.install() ? machine.programs() : undefined);
  if (found !== undefined) return { programs: found };
  const reason = machine.isRoot
    ? "PostgreSQL is not installed, and apt-get cannot install it here"
    : "PostgreSQL is not installed, and only root can do that (apt-get install postgresql)";
  if (machine.isStrict) throw new Error(reason);
  return { reason };
}

const thisMachine: Machine = {
  programs: () => {
    const folders = ["/usr/lib/postgresql", "/usr/local/lib/postgresql"].filter((folder) => existsSync(folder));
    const versions = folders.flatMap((folder) => readdirSync(folder).map((version) => join(folder, version, "bin")));
    return versions.filter((folder) => existsSync(join(folder, "initdb"))).at(-1);
  },
  isRoot: process.getuid?.() === 0,
  install: () => {
    try {
      // The package would make and start a cluster of its own.
      mkdirSync("/etc/postgresql-common", { recursive: true });
      if (!existsSync("/etc/postgresql-common/createcluster.conf"))
        writeFileSync("/etc/postgresql-common/createcluster.conf", "create_main_cluster = false\n");
      const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
      const apt = (...args: readonly string[]): unknown =>
        execFileSync("apt-get", ["-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Options::=--force-confold", ...args], {
          env,
          stdio: "ignore",
        });
      apt("update");
      apt("install", "-y", "--no-install-recommends", "postgresql");
      return true;
    } catch {
      return false;
    }
  },
  isStrict: process.env.CI === "true",
};

/** Starts a server, without a password for whoever reaches it, which is this machine alone. It does not wait for the disk. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const found = findPostgres();
  if ("reason" in found) throw new Error(found.reason);
  const { programs } = found;
  const folder = mkdtempSync(join(tmpdir(), "sluice-postgres-"));
  const owner = ownerOf(folder);
  const data = join(folder, "data");
  const initdb = ["--pgdata", data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
  execFileSync(join(programs, "initdb"), initdb, { ...owner, stdio: "ignore" });
  const port = await freePort();
  const settings = [
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    `unix_socket_directories = '${folder}'`,
    "fsync = off",
    "max_connections = 60",
    "shared_buffers = 32MB",
    "log_min_messages = error",
    ...(options.settings ?? []),
  ];
  appendFileSync(join(data, "postgresql.conf"), `${settings.join("\n")}\n`);
  if (options.access !== undefined) writeFileSync(join(data, "pg_hba.conf"), `${options.access.join("\n")}\n`);
  const control = (...args: readonly string[]): unknown =>
    execFileSync(join(programs, "pg_ctl"), ["--pgdata", data, "--wait", "--timeout=60", ...args], { ...owner, stdio: "ignore" });
  const start = (): unknown => control("--log", join(folder, "log"), "start");
  const isRunning = (): boolean => existsSync(join(data, "postmaster.pid"));
  start();
  return {
    port,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    folder,
    stop: async () => {
      if (isRunning()) control("--mode=immediate", "stop");
      rmSync(folder, { recursive: true, force: true });
    },
    kill: () => killAll(Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]), join(data, "postmaster.pid")),
    restart: async () => {
      if (isRunning()) control("--mode=immediate", "stop");
      start();
    },
  };
}

/** The server refuses to run as root: its folder is given to the user that its package made. */
function ownerOf(folder: string): { readonly uid?: number; readonly gid?: number; readonly cwd: string } {
  if (process.getuid?.() !== 0) return { cwd: folder };
  const idOf = (kind: "-u" | "-g"): number => Number(execFileSync("id", [kind, "postgres"], { encoding: "utf8" }));
  const owner = { uid: idOf("-u"), gid: idOf("-g") };
  chownSync(folder, owner.uid, owner.gid);
  return { ...owner, cwd: folder };
}

/** Each process of the server is the leader of a group of its own: children are found by their parent. */
async function killAll(postmaster: number, lock: string): Promise<void> {
  const children = execFileSync("ps", ["-o", "pid=", "--ppid", String(postmaster)], { encoding: "utf8" });
  const all = [
    postmaster,
    ...children
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map(Number),
  ];
  for (const id of all) {
    try {
      process.kill(id, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
  while (all.some((id) => existsSync(`/proc/${id}`))) await pause(10);
  rmSync(lock);
}

/** A port that nobody listens on. Another process may take it meanwhile; then the server does not start, and the test says so. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
