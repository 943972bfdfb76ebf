/**
 * NATS servers with JetStream for tests: each with its own port and folder, on loopback, as children of the test.
 * Never the system's own service, and never one that outlives the test.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "./redis.ts";
import { service } from "./service.ts";

/** The server's program, or why there is none. */
export const natsProgram = service({ program: "nats-server", package: "nats-server" });

/** A server that runs. */
export interface NatsService {
  readonly url: string;
  readonly port: number;
  /** Ends it at once, by SIGKILL. */
  kill(): Promise<void>;
  /** Stops it for a while, and lets it go on (SIGSTOP, SIGCONT). */
  pause(): void;
  resume(): void;
  /** Starts it again with what it has on disk. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

/** Starts a server and waits until it answers. `settings`: lines of its configuration. */
export async function startNats(settings: readonly string[] = []): Promise<NatsService> {
  if ("missing" in natsProgram) throw new Error(natsProgram.missing);
  const program = natsProgram.path;
  const folder = mkdtempSync(join(tmpdir(), "sluice-nats-"));
  const port = await freePort();
  const file = join(folder, "server.conf");
  const lines = [`port: ${port}`, 'host: "127.0.0.1"', `jetstream { store_dir: "${join(folder, "data")}" }`, ...settings];
  writeFileSync(file, `${lines.join("\n")}\n`);
  let child: ChildProcess | undefined;
  let ended = Promise.resolve();
  const start = async (): Promise<void> => {
    child = spawn(program, ["-c", file], { stdio: "ignore" });
    ended = new Promise((resolve) => child?.on("exit", () => resolve()));
    for (let left = 200; !(await answers(port)); left--) {
      if (left === 0 || child.exitCode !== null) throw new Error("nats-server does not answer");
      await pause(25);
    }
  };
  const kill = async (): Promise<void> => {
    child?.kill("SIGKILL");
    await ended;
  };
  const endWithTest = (): void => void child?.kill("SIGKILL");
  process.once("exit", endWithTest);
  await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    kill,
    pause: () => void child?.kill("SIGSTOP"),
    resume: () => void child?.kill("SIGCONT"),
    restart: start,
    remove: async () => {
      process.off("exit", endWithTest);
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whether the server says who it is. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.on("data", (data) => done(data.toString().startsWith("INFO")));
    socket.on("error", () => done(false));
    socket.setTimeout(1_000, () => done(false));
  });
}
