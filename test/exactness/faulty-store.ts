/**
 * A store that fails at any moment and in every way: before and after it did what it was asked, late, by throwing, or by an answer that
 * comes when nobody waits any more. What it keeps is kept by the store behind it.
 */
import { err, type Result } from "../../src/result.ts";
import type { Store, StoreFailure } from "../../src/stores/store.ts";

/** What becomes of one question. */
export type Fault =
  /** Done and answered. */
  | "none"
  /** Not done, and answered `unavailable`. */
  | "before"
  /** Done, and answered `unavailable`: a lost answer. */
  | "after"
  /** Answered `unavailable` at once and done later: what was on its way when the connection broke. */
  | "zombie"
  /** Not done, and thrown. */
  | "throw";

/** All faults. */
export const faults: readonly Fault[] = ["none", "before", "after", "zombie", "throw"];

/** What happens to what is asked. */
export interface Weather {
  /** The fate of the next question. */
  next(method: string): Fault;
  /** Lets other things happen first: before a question arrives, before its answer is heard, before a zombie walks. */
  pause(why: string): Promise<void>;
}

type Method = (...args: never[]) => Promise<Result<unknown, StoreFailure>>;

/** Puts a store behind bad weather. `settled`: resolves when no zombie is left. */
export function faultyStore<S extends Store>(
  store: S,
  weather: Weather,
): { readonly store: Store; readonly settled: () => Promise<void> } {
  const zombies: Promise<unknown>[] = [];
  const lost = err({ kind: "unavailable" as const, detail: "weather" });
  const ask = async (name: string, method: Method, args: readonly never[]): Promise<Result<unknown, StoreFailure>> => {
    const fault = weather.next(name);
    await weather.pause(`${name} arrives`);
    if (fault === "before") return lost;
    if (fault === "throw") throw new Error("ECONNRESET of a driver");
    if (fault === "zombie") {
      zombies.push(weather.pause(`${name} walks`).then(() => method.apply(store, [...args])));
      return lost;
    }
    const answer = await method.apply(store, [...args]);
    await weather.pause(`${name} answers`);
    return fault === "after" ? lost : answer;
  };
  const wrapped = Object.fromEntries(
    Object.entries(store).map(([name, method]) => [name, (...args: never[]) => ask(name, method as Method, args)]),
  ) as unknown as Store;
  return { store: wrapped, settled: async () => void (await Promise.all(zombies)) };
}
