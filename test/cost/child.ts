/**
 * The counting process. Everything is made ready before the snapshot is taken; a process that starts from it only counts, so that even under
 * an emulator it is there at once. Arguments: `bytes` or `marks`, rounds, calls a round, names (none: all) and the name of one to be made worse.
 * Never looks at a clock.
 */
import { getPriority } from "node:os";
import { getHeapStatistics, startupSnapshot } from "node:v8";
import { type Counted, subjects } from "./subjects.ts";

/** How often what is done. */
interface Effort {
  readonly mode: string;
  readonly rounds: number;
  readonly callsPerRound: number;
}

/** What a worse call keeps, so that no compiler may leave it out. */
let kept: unknown;

/** The same call with one small object more: what a gate has to see. */
function wasteful({ name, once, settle }: Counted): Counted {
  return {
    name,
    once: () => {
      kept = { name, before: typeof kept };
      return once();
    },
    settle,
  };
}

/**
 * `bytes`: prints what a call allocated, round by round. `marks`: only calls `uv_os_getpriority` before and after each round, a symbol of Node at
 * which an emulator can cut its counts and that nothing else calls.
 */
async function count({ name, once, settle }: Counted, { mode, rounds, callsPerRound }: Effort): Promise<void> {
  const mark = (): number => (mode === "bytes" ? getHeapStatistics().used_heap_size : getPriority());
  const bytes: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const from = mark();
    for (let call = 0; call < callsPerRound; call++) {
      const done = once();
      if (done instanceof Promise) await done;
    }
    bytes.push((mark() - from) / callsPerRound);
    settle();
  }
  process.stdout.write(`${JSON.stringify(mode === "bytes" ? { name, bytes } : { name })}\n`);
}

async function main(): Promise<void> {
  const ready = await subjects();
  startupSnapshot.setDeserializeMainFunction(async () => {
    const [mode = "", rounds = "", callsPerRound = "", names = "", worse = ""] = process.argv.slice(2);
    const effort = { mode, rounds: Number(rounds), callsPerRound: Number(callsPerRound) };
    for (const each of ready) {
      if (names !== "" && !names.split("|").includes(each.name)) continue;
      await count(each.name === worse ? wasteful(each) : each, effort);
    }
  });
}

void main();
