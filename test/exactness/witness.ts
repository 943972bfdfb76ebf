/**
 * A witness beside the store: a file of what was carried out, and of what was delivered, each line on the disk before anything follows.
 * It knows nothing of the store, so that it can testify against it.
 */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import type { Delivery, Execution } from "./invariants.ts";

/** Whoever writes down what happens. */
export interface Witness {
  /** A tool begins to work. */
  executed(execution: Execution): void;
  /** A result was said to be settled. */
  delivered(delivery: Delivery): void;
  close(): void;
}

/** Opens the file of a witness; several processes may write to one. */
export function openWitness(file: string): Witness {
  const handle = openSync(file, "a");
  const write = (line: string): void => {
    // One write of less than a page to a file that is opened for appending is whole, whoever else writes.
    writeSync(handle, `${line}\n`);
    fsyncSync(handle);
  };
  return {
    executed: ({ session, run, tool }) => write(`e ${session} ${run} ${tool}`),
    delivered: ({ session, run }) => write(`d ${session} ${run}`),
    close: () => closeSync(handle),
  };
}

/** What a witness has seen. A last line that is torn was never followed by anything. */
export function testimony(file: string): { readonly executions: readonly Execution[]; readonly deliveries: readonly Delivery[] } {
  const executions: Execution[] = [];
  const deliveries: Delivery[] = [];
  for (const line of readFileSync(file, "utf8").split("\n").slice(0, -1)) {
    const [kind = "", session = "", run = "", tool = ""] = line.split(" ");
    if (kind === "e") executions.push({ session, run: Number(run), tool });
    else deliveries.push({ session, run: Number(run) });
  }
  return { executions, deliveries };
}
