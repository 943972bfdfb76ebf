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
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Provided, service } from "./service.ts";

/** A running server. */
export interface Postgres {
  readonly port: number;
  /** Of the superuser, to the database `postgres`. */
  readonly url: string;
  /** Where its files are. */
  readonly folder: string;
  /** Ends it, and removes its folder. */
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
  /** Run before the start, with the user that the server runs as. */
  readonly prepare?: (owner: Owner) => void;
}

/** Whom the server's processes belong to; nobody in particular where the tests are not root's. */
interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/** A program of the server, or why there is none. Debian keeps those of each version in a folder of their own. */
export const postgresProgram: Provided = (() => {
  withoutCluster();
  const folders = [18, 17, 16, 15, 14].map((version) => `/usr/lib/postgresql/${version}/bin`);
  return service({ program: "initdb", package: "postgresql", folders });
})();

/** The package would make a cluster of its own and start it; what is there already stays. */
function withoutCluster(): void {
  const file = "/etc/postgresql-common/createcluster.conf";
  if (process.getuid?.() !== 0 || existsSync(file) || !existsSync("/usr/bin/apt-get")) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "create_main_cluster = false\n");
}

/** Starts a server, without a password for whoever reaches it, which is this machine alone. It does not wait for the disk. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  if ("missing" in postgresProgram) throw new Error(postgresProgram.missing);
  const programs = dirname(realpathSync(postgresProgram.path));
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
  const endWithUs = (): void => {
    if (isRunning()) control("--mode=immediate", "stop");
  };
  process.on("exit", endWithUs);
  options.prepare?.(owner);
  start();
  return {
    port,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    folder,
    stop: async () => {
      endWithUs();
      process.off("exit", endWithUs);
      rmSync(folder, { recursive: true, force: true });
    },
    kill: () => killAll(Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]), join(data, "postmaster.pid")),
    restart: async () => {
      endWithUs();
      start();
    },
  };
}

/** The server refuses to run as root: its folder is given to the user that its package made. */
function ownerOf(folder: string): Owner & { readonly cwd: string } {
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
