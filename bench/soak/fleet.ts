/**
 * The processes of the soak: gateways that are killed, stopped and replaced, and the tools behind them.
 * Never leaves one behind, and never takes one for dead that only sleeps.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A process that listens. */
interface Member {
  readonly child: ChildProcess;
  readonly port: number;
  /** What it has said of its troubles. */
  readonly said: () => string;
}

async function start(name: string, args: readonly string[]): Promise<Member> {
  const child = spawn(process.execPath, ["--no-warnings", fileURLToPath(new URL(name, import.meta.url)), ...args], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    if (said.length < 4_000) said += chunk.toString();
  });
  child.stdin.on("error", () => undefined);
  const line = once(createInterface(child.stdout), "line") as Promise<[string]>;
  const ended = once(child, "exit").then(() => {
    throw new Error(`${name} ended: ${said}`);
  });
  ended.catch(() => undefined);
  const [text] = await Promise.race([line, ended]);
  return { child, port: (JSON.parse(text) as { readonly port: number }).port, said: () => said };
}

/** Starts the tools; returns their address. */
export async function startTools(file: string, seed: number): Promise<string> {
  const { port } = await start("witness.ts", [file, String(seed)]);
  return `http://127.0.0.1:${port}`;
}

/** Gateways behind one store. */
export interface Fleet {
  /** Addresses of those that run; others are being replaced. */
  urls(): readonly string[];
  /** Ends one by SIGKILL at once; another takes its place. */
  kill(random: () => number): Promise<void>;
  /** Stops one for a while, as a machine that swaps does. */
  stop(random: () => number): Promise<void>;
  /** What gateways said that ended without being told to. */
  readonly crashes: readonly string[];
  close(): Promise<void>;
}

/** Starts gateways. */
export async function startFleet(count: number, args: readonly string[]): Promise<Fleet> {
  const members: (Member | undefined)[] = [];
  const crashes: string[] = [];
  let isOver = false;
  const replace = async (place: number): Promise<void> => {
    // A store that does not answer lets no gateway start: its operator starts it again.
    while (!isOver) {
      try {
        const member = await start("gateway.ts", args);
        members[place] = member;
        member.child.once("exit", () => {
          if (isOver || members[place] !== member) return;
          crashes.push(`a gateway ended by itself: ${member.said().slice(0, 2_000)}`);
          members[place] = undefined;
          void replace(place);
        });
        return;
      } catch {
        await pause(300);
      }
    }
  };
  await Promise.all(Array.from({ length: count }, (_, place) => replace(place)));
  const pick = (random: () => number): number => Math.floor(random() * count);
  return {
    crashes,
    urls: () => members.flatMap((member) => (member === undefined ? [] : [`http://127.0.0.1:${member.port}`])),
    kill: async (random) => {
      const place = pick(random);
      const member = members[place];
      // Somebody must be there to be asked, however slowly processes start.
      if (member === undefined || members.filter((one) => one !== undefined).length < 2) return;
      members[place] = undefined;
      member.child.kill("SIGKILL");
      await replace(place);
    },
    stop: async (random) => {
      const member = members[pick(random)];
      if (member === undefined) return;
      member.child.kill("SIGSTOP");
      // Longer than a lease, sometimes.
      await pause(6_500 * random() ** 2);
      member.child.kill("SIGCONT");
    },
    close: async () => {
      isOver = true;
      const ends = members.flatMap((member) => (member === undefined ? [] : [member.child]));
      for (const child of ends) child.stdin?.end();
      await pause(500);
      for (const child of ends) child.kill("SIGKILL");
    },
  };
}
