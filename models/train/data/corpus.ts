/**
 * The data sets in memory: rows with the catalogues that they name, read once.
 * Never opens a development set.
 */
import { join } from "node:path";
import { readToolSet, type ToolSet, toolSet } from "./catalogues.ts";
import { readRows, type Row, type TrainSet, trainSets } from "./rows.ts";

/** Rewordings of the catalogue `sgd_train`: the same tools under other names and descriptions. */
const rewordings = 5;

/** What is trained on. */
export interface Corpus {
  readonly rows: ReadonlyMap<TrainSet, readonly Row[]>;
  /** The catalogue of a row; for `variant` above 0 that rewording of it, where there is one. */
  toolsOf(row: Row, variant: number): ToolSet;
  /** Every shared catalogue of the rows, without rewordings. */
  readonly shared: readonly ToolSet[];
  /** Rewordings that a row's catalogue has. */
  variantsOf(row: Row): number;
}

/** Rewordings do not say what the parts of a result were called before: they stand in the same order. */
function withOutputs(reworded: ToolSet, original: ToolSet): ToolSet {
  const renamed = [...reworded.renamed].map(([called, { params }]) => {
    const names = parts(reworded, called);
    const before = parts(original, called);
    const pairs = names.length === before.length ? before.map((name, index) => [name, names[index] ?? name] as const) : [];
    return [called, { params, outputs: new Map(pairs) }] as const;
  });
  return { ...reworded, renamed: new Map(renamed) };
}

function parts(set: ToolSet, called: string): readonly string[] {
  return (set.tools.get(called)?.outputs ?? []).flatMap(({ path }) => (path.length === 1 ? path : []));
}

/** Reads the sets (all by default) of a folder (see `plansFolder`). */
export function openCorpus(folder: string, sets: readonly TrainSet[] = trainSets): Corpus {
  const rows = new Map(sets.map((set) => [set, readRows(folder, set)] as const));
  const catalogues = new Map<string, ToolSet>();
  const named = (name: string): ToolSet => {
    const known = catalogues.get(name);
    if (known !== undefined) return known;
    const own = readToolSet(join(folder, "catalogs", `${name}.json`), name);
    const original = /^(.+)_x\d$/.exec(name)?.[1];
    const read = original === undefined ? own : withOutputs(own, named(original));
    catalogues.set(name, read);
    return read;
  };
  const variantsOf = (row: Row): number => (row.catalogue === "sgd_train" ? rewordings : 0);
  const names = new Set([...rows.values()].flat().flatMap(({ catalogue }) => (typeof catalogue === "string" ? [catalogue] : [])));
  return {
    rows,
    variantsOf,
    toolsOf: (row, variant) => {
      if (typeof row.catalogue !== "string") return toolSet(`inline:${row.id}`, row.catalogue);
      return named(variant > 0 && variantsOf(row) > 0 ? `${row.catalogue}_x${variant}` : row.catalogue);
    },
    shared: [...names].sort().map(named),
  };
}
