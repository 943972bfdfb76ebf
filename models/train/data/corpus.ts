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

/** Reads the sets (all by default) of a folder (see `plansFolder`). */
export function openCorpus(folder: string, sets: readonly TrainSet[] = trainSets): Corpus {
  const rows = new Map(sets.map((set) => [set, readRows(folder, set)] as const));
  const catalogues = new Map<string, ToolSet>();
  const named = (name: string): ToolSet => {
    const known = catalogues.get(name);
    if (known !== undefined) return known;
    const read = readToolSet(join(folder, "catalogs", `${name}.json`), name);
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
