/**
 * Gateways as processes: started ahead, so that killing one costs no waiting. Whatever a test forgets is killed with the pool.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Answered, Order } from "./worker.ts";

/** A process that runs. */
export interface Gateway {
  /** Tells it to do something. Rejects if it dies before it answers. */
  tell(order: Order): Promise<Answered>;
  /** Ends it at once (SIGKILL); resolves when it is gone. */
  kill(): Promise<void>;
  /** Ends it in order; resolves with what it wrote to stderr. */
  end(): Promise<string>;
}

/** How a process is started. */
export interface GatewayOptions {
  readonly kind: string;
  readonly place: string;
  /** File of the witness. */
  readonly witness: string;
  readonly leaseSeconds?: number;
  /** Milliseconds by which its clock is wrong. */
  readonly skewMs?: number;
}

/** Starts a process; resolves when it can be told something. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { kind, place, witness, leaseSeconds = 300, skewMs = 0 } = options;
  const script = join(import.meta.dirname, "worker.ts");
  const child = spawn(process.execPath, [script, kind, place, witness, String(leaseSeconds), String(skewMs)], {
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "sluice-exactness-compiled") },
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const gone = new Promise<void>((resolve) => {
    child.on("close", () => resolve());
  });
  const waiting = new Map<number, { readonly resolve: (answer: Answered) => void; readonly reject: (error: Error) => void }>();
  await listen(child, { waiting, gone, errors: () => errors });
  let ids = 0;
  return {
    tell: (order) =>
      new Promise((resolve, reject) => {
        ids += 1;
        waiting.set(ids, { resolve, reject });
        child.stdin.write(`${JSON.stringify({ id: ids, order })}\n`, () => undefined);
      }),
    kill: async () => {
      child.kill("SIGKILL");
      await gone;
    },
    end: async () => {
      child.stdin.end();
      await gone;
      return errors;
    },
  };
}

interface Heard {
  readonly waiting: Map<number, { readonly resolve: (answer: Answered) => void; readonly reject: (error: Error) => void }>;
  readonly gone: Promise<void>;
  readonly errors: () => string;
}

/** Reads what a process says; resolves at its first line. */
async function listen(child: ChildProcess, { waiting, gone, errors }: Heard): Promise<void> {
  child.stdin?.on("error", () => undefined);
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  await new Promise<void>((resolve, reject) => {
    void gone.then(() => {
      const dead = new Error(`the process is gone: ${errors()}`);
      reject(dead);
      for (const each of waiting.values()) each.reject(dead);
    });
    lines.on("line", (line) => {
      if (line === "ready") return resolve();
      const { id, answer, error } = JSON.parse(line) as {
        readonly id: number;
        readonly answer?: Answered;
        readonly error?: string;
      };
      const asked = waiting.get(id);
      waiting.delete(id);
      if (answer === undefined) asked?.reject(new Error(error));
      else asked?.resolve(answer);
    });
  });
}

/** Processes that are started before they are needed. */
export interface Pool {
  /** One that is ready; another is started in its place. */
  take(): Promise<Gateway>;
  /** Kills all that are left. */
  stop(): Promise<void>;
}

/** Keeps `ahead` processes ready. */
export function createPool(options: GatewayOptions, ahead: number): Pool {
  const ready: Promise<Gateway>[] = [];
  const fill = (): void => {
    while (ready.length < ahead) ready.push(startGateway(options));
  };
  fill();
  return {
    take: async () => {
      const next = ready.shift() ?? startGateway(options);
      fill();
      return next;
    },
    stop: async () => {
      await Promise.all(ready.map(async (each) => (await each).kill()));
    },
  };
}
