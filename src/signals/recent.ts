/**
 * A map that forgets what was used longest ago, and counts what it forgot.
 * Pure. Never holds more than it may.
 */

/** The map. Iterates from the one used longest ago. */
export interface Recent<Value> {
  /** The value, which is the newest from now on. */
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  delete(key: string): void;
  readonly size: number;
  entries(): IterableIterator<[string, Value]>;
  /** How many were forgotten for want of room. */
  lost: number;
}

/** Makes an empty one that holds so many. */
export function createRecent<Value>(max: number): Recent<Value> {
  const map = new Map<string, Value>();
  return {
    get: (key) => {
      const value = map.get(key);
      if (value === undefined) return undefined;
      map.delete(key);
      map.set(key, value);
      return value;
    },
    set(key, value) {
      map.delete(key);
      map.set(key, value);
      const [oldest] = map.keys();
      if (map.size <= max || oldest === undefined) return;
      map.delete(oldest);
      this.lost += 1;
    },
    delete: (key) => void map.delete(key),
    get size() {
      return map.size;
    },
    entries: () => map.entries(),
    lost: 0,
  };
}
