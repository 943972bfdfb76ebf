/**
 * Coverage of src/ while it runs: a hook that instruments each module when it is loaded, and the counters.
 * Counts of one run in powers of two tell inputs apart, as AFL's do; their sum is a clock that no machine changes.
 * Must be started before the first module of src/ is loaded; what was loaded before is not seen.
 */
import { registerHooks } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { countersName, instrument, type Site } from "./instrument.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const sitesMax = 1 << 18;

/** A loaded module and where its counters are. */
export interface CoveredModule {
  readonly path: string;
  readonly first: number;
  readonly sites: readonly Site[];
  readonly words: readonly string[];
}

/** What one run reached: for each site a bit that stands for how often, and the steps in all. */
export interface Reached {
  /** Pairs of site and bit, one after the other. */
  readonly hits: readonly number[];
  readonly steps: number;
}

/** An input that reached something that none before it did. */
export interface Kept {
  readonly input: string;
  readonly reached: Reached;
}

/** The counters of this process. */
export interface Coverage {
  readonly modules: readonly CoveredModule[];
  /** Forgets what was counted. */
  reset(): void;
  /** What was counted since the reset. */
  take(): Reached;
}

const memo: { coverage?: Coverage } = {};

/** Starts to instrument what is loaded from src/; there is one coverage in a process. */
export function startCoverage(): Coverage {
  memo.coverage ??= start();
  return memo.coverage;
}

function start(): Coverage {
  const counters = new Uint32Array(sitesMax);
  Object.defineProperty(globalThis, countersName, { value: counters });
  const modules: CoveredModule[] = [];
  let used = 0;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const path = url.startsWith("file:") ? relative(root, fileURLToPath(url.replace(/[?#].*$/, ""))).replaceAll("\\", "/") : "";
      if (!path.startsWith("src/") || !path.endsWith(".ts") || loaded.source == null) return loaded;
      const text = typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source);
      const { code, sites, words } = instrument(text, used);
      modules.push({ path, first: used, sites, words });
      used += sites.length;
      if (used > sitesMax) throw new Error("more sites than counters");
      return { ...loaded, source: code };
    },
  });
  return { modules, reset: () => counters.fill(0, 0, used), take: () => reachedIn(counters.subarray(0, used)) };
}

function reachedIn(counters: Uint32Array): Reached {
  const hits: number[] = [];
  let steps = 0;
  for (let site = 0; site < counters.length; site++) {
    const count = counters[site] as number;
    if (count === 0) continue;
    steps += count;
    hits.push(site, bucketOf(count));
  }
  return { hits, steps };
}

/** 1, 2, 3, 4–7, 8–15, 16–31, 32–127, 128 and more: each a bit. */
function bucketOf(count: number): number {
  if (count < 4) return 1 << (count - 1);
  if (count < 32) return 8 << (29 - Math.clz32(count));
  return count < 128 ? 64 : 128;
}
