/**
 * What a budget or a rate has counted in a session, with running totals: a window costs no walk through the calls before it.
 * Pure but for the ledger it is given. No I/O, no clock. Its sums are those of adding up the entries in their order, to the last bit.
 */

/** One reservation: when, how much, and the run that it is for. */
export interface Reserved {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly amount: number;
  readonly run: number;
}

interface Entry extends Reserved {
  /** Sum of all amounts up to this one. */
  readonly total: number;
}

/** Entries in the order of reserving. */
export interface Ledger {
  readonly entries: Entry[];
  /** Whether no entry is older than the one before it. */
  isSorted: boolean;
  /** Whether all amounts and totals are integers that a double holds, so that they may be added up in any order. */
  isExact: boolean;
}

/** An empty ledger. */
export function createLedger(): Ledger {
  return { entries: [], isSorted: true, isExact: true };
}

/** Adds an entry. */
export function reserve(ledger: Ledger, { at, amount, run }: Reserved): void {
  const last = ledger.entries.at(-1);
  const total = (last?.total ?? 0) + amount;
  ledger.isSorted &&= last === undefined || at >= last.at;
  ledger.isExact &&= Number.isSafeInteger(amount) && Number.isSafeInteger(total);
  ledger.entries.push({ at, amount, run, total });
}

/** Replaces all entries. */
export function refill(ledger: Ledger, entries: readonly Reserved[]): void {
  ledger.entries.length = 0;
  ledger.isSorted = true;
  ledger.isExact = true;
  for (const entry of entries) reserve(ledger, entry);
}

/** Gives back what a run had reserved. */
export function giveBack(ledger: Ledger, run: number): void {
  refill(
    ledger,
    ledger.entries.filter((entry) => entry.run !== run),
  );
}

/**
 * `sum`, and all that was reserved after `since`. Takes time logarithmic in the entries; linear in those after `since` where amounts are no
 * integers, since then their order counts, and in all of them where a clock went back.
 */
export function addSince({ entries, isSorted, isExact }: Ledger, since: number, sum = 0): number {
  const first = isSorted ? firstAfter(entries, since) : 0;
  if (isSorted) {
    const total = entries.at(-1)?.total ?? 0;
    // All of them, from nothing: the running total was added up in this very order.
    if (first === 0 && sum === 0) return total;
    const whole = sum + (total - (entries[first - 1]?.total ?? 0));
    if (isExact && Number.isSafeInteger(sum) && Number.isSafeInteger(whole)) return whole;
  }
  let total = sum;
  for (let i = first; i < entries.length; i++) {
    const { at, amount } = entries[i] as Entry;
    if (at > since) total += amount;
  }
  return total;
}

/** Index of the first entry after `since`, of entries in order. */
function firstAfter(entries: readonly Entry[], since: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle] as Entry).at > since) high = middle;
    else low = middle + 1;
  }
  return low;
}
