/**
 * Stores that live in this process and wait for nothing outside of it: there is no answer of theirs to be waited for, or given up.
 * Never says so of a store that was made of another one: a copy with one method replaced is a store that nobody knows.
 */
import type { Store } from "./store.ts";

const known = new WeakSet<Store>();

/** Notes that a store answers without waiting for anything outside of this process, and returns it. */
export function answeringAtOnce<S extends Store>(store: S): S {
  known.add(store);
  return store;
}

/** Whether {@link answeringAtOnce} has noted this very store. */
export function answersAtOnce(store: Store): boolean {
  return known.has(store);
}
