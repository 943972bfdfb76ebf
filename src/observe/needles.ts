/**
 * An index of texts that are looked for in other texts: the longest at every place, in time that grows with the text.
 * Pure. Never reports a text that it was not given.
 */

/** Where one of the texts was found. */
export interface Hit<T> {
  readonly start: number;
  readonly end: number;
  readonly found: T;
}

/** Texts that are looked for, each with something that is known of it. */
export interface Needles<T> {
  readonly size: number;
  /** Adds a text of at least `keyLength` units; one that is there already stays as it is. */
  add(text: string, about: T): void;
  /** At each place the longest text that begins there. */
  hits(text: string): Iterable<Hit<T>>;
}

interface Entry<T> {
  readonly text: string;
  readonly about: T;
  /** The longest other text with which this one begins. */
  shorter?: Entry<T> | undefined;
}

interface Bucket<T> {
  readonly entries: Entry<T>[];
  readonly texts: Set<string>;
  longest: number;
  isSorted: boolean;
}

const hashesMax = 0xffff;

/** Makes an index of texts by their first `keyLength` units. */
export function createNeedles<T>(keyLength: number): Needles<T> {
  const buckets = new Map<string, Bucket<T>>();
  const hashes = new Uint8Array(hashesMax + 1);
  let size = 0;
  return {
    get size() {
      return size;
    },
    add: (text, about) => {
      const key = text.slice(0, keyLength);
      const bucket = buckets.get(key) ?? { entries: [], texts: new Set<string>(), longest: 0, isSorted: true };
      if (bucket.texts.has(text)) return;
      bucket.texts.add(text);
      bucket.entries.push({ text, about });
      bucket.isSorted = false;
      buckets.set(key, bucket);
      hashes[hashAt(text, 0)] = 1;
      size++;
    },
    *hits(text) {
      if (size === 0) return;
      for (let at = 0; at + keyLength <= text.length; at++) {
        if (hashes[hashAt(text, at)] === 0) continue;
        const bucket = buckets.get(text.slice(at, at + keyLength));
        const entry = bucket === undefined ? undefined : longestAt(bucket, text, at);
        if (entry !== undefined) yield { start: at, end: at + entry.text.length, found: entry.about };
      }
    },
  };
}

function hashAt(text: string, at: number): number {
  return (text.charCodeAt(at) * 961 + text.charCodeAt(at + 1) * 31 + text.charCodeAt(at + 2)) & hashesMax;
}

/** The longest text of a bucket that begins at `at`: of those in order the last that is not greater, or one with which that begins. */
function longestAt<T>(bucket: Bucket<T>, text: string, at: number): Entry<T> | undefined {
  if (!bucket.isSorted) sort(bucket);
  const { entries, longest } = bucket;
  const rest = text.slice(at, at + longest);
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle] as Entry<T>).text <= rest) low = middle + 1;
    else high = middle;
  }
  let entry = entries[low - 1];
  const shared = entry === undefined ? 0 : sharedLength(entry.text, rest);
  while (entry !== undefined && entry.text.length > shared) entry = entry.shorter;
  return entry;
}

/** Puts the texts of a bucket in order, each with the longest other one with which it begins. */
function sort<T>(bucket: Bucket<T>): void {
  bucket.entries.sort((a, b) => (a.text < b.text ? -1 : 1));
  let before: Entry<T> | undefined;
  for (const entry of bucket.entries) {
    // In order, every text with which this one begins is the one before, or one with which that begins.
    while (before !== undefined && !entry.text.startsWith(before.text)) before = before.shorter;
    entry.shorter = before;
    before = entry;
    bucket.longest = Math.max(bucket.longest, entry.text.length);
  }
  bucket.isSorted = true;
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
