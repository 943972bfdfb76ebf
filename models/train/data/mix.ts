/**
 * Which examples a shard is made of: a seeded stream that draws from the sets, and from what is made up, by weight.
 * Never reads held-out rows or development sets.
 */
import type { DraftTool } from "../../../src/infer/tools.ts";
import type { Corpus } from "./corpus.ts";
import { type Example, exampleOf } from "./examples.ts";
import { isHeldOut } from "./held-out.ts";
import type { Random } from "./random.ts";
import type { Row, TrainSet } from "./rows.ts";
import type { Maker } from "./synthetic/maker.ts";

/** What a row is for. */
export type Kind = "select" | "fill";

/** Shares of sources. */
export type Mix = Readonly<Record<string, number>>;

/**
 * What a run draws by default. Half of what is made up stands for what the sets lack: flows said in words that point back, several requests in one
 * text, arguments of tools that no set has a task for. Sets without arguments teach selection only.
 */
export const defaultMix: Readonly<Record<Kind, Mix>> = {
  select: {
    sgd: 0.24,
    synthetic: 0.3,
    sealtools: 0.12,
    traject: 0.14,
    metatool: 0.1,
    stabletoolbench: 0.06,
    apibank: 0.03,
    taubench_retail: 0.01,
  },
  fill: { sgd: 0.34, synthetic: 0.36, sealtools: 0.14, traject: 0.1, snips: 0.03, apibank: 0.02, taubench_retail: 0.01 },
};

/** Reads `sgd=.3,synthetic=.7`. Throws for names that are no source. */
export function readMix(text: string, known: Mix): Mix {
  const mix: Record<string, number> = {};
  for (const part of text.split(",")) {
    const [name = "", share = ""] = part.split("=");
    if (!Object.hasOwn(known, name) || !(Number(share) >= 0))
      throw new Error(`--mix: ${part} is not SOURCE=SHARE; sources: ${Object.keys(known).join(", ")}`);
    mix[name] = Number(share);
  }
  return mix;
}

/** Draws examples. */
export interface Draw {
  /** An example from a source; `undefined` where this draw gives none. */
  example(source: string, random: Random): Example | undefined;
  /** A few tools of other catalogues. */
  strangers(random: Random): readonly DraftTool[];
}

/** Rows of dialogues that are drawn: their first call twice as often as the whole. */
const firstShare = 0.5;

/** A drawer over the sets and a maker of synthetic examples. */
export function openDraw(corpus: Corpus, maker: Maker): Draw {
  const rows = new Map<string, readonly Row[]>();
  for (const [set, all] of corpus.rows)
    rows.set(
      set,
      all.filter((row) => !isHeldOut(row)),
    );
  const pool = corpus.shared.flatMap(({ tools }) => [...tools.values()]);
  return {
    strangers: (random) => random.sample(pool, 4),
    example: (source, random) => {
      if (source === "synthetic") return maker(random);
      const list = rows.get(source as TrainSet) ?? [];
      if (list.length === 0) return undefined;
      const row = rowOf(list, source, random);
      return exampleOf(row, corpus.toolsOf(row, random.below(corpus.variantsOf(row) + 1)));
    },
  };
}

/** Of SGD's rows half are first calls, half whole dialogues; of those long ones are drawn again once, since their tasks do not fit a pack. */
function rowOf(list: readonly Row[], source: string, random: Random): Row {
  let row = random.pick(list);
  if (source !== "sgd") return row;
  const isFirst = random.chance(firstShare);
  for (let turn = 0; turn < 8; turn++) {
    if (row.id.endsWith("/first") === isFirst && row.task.length < 900) return row;
    row = random.pick(list);
  }
  return row;
}
