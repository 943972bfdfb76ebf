/**
 * Which document quotes what of the results, between lines such as `<!-- bench -->` and `<!-- /bench -->`.
 * Pure, but for the reading of `results/`.
 */
import { adaptiveText, attacksTable } from "./evidence.ts";
import { barsSection } from "./readme-text.ts";
import type { Report } from "./reports.ts";

/** A quotation: the document by its path from the root, the name of its markers, and the text between them. */
export interface Marked {
  readonly file: string;
  readonly name: string;
  readonly text: string;
}

/** All quotations. */
export function marked(reports: readonly Report[]): readonly Marked[] {
  const bars = barsSection(reports).trim();
  return [
    { file: "docs/figures.md", name: "bench", text: bars.replaceAll("](bench/", "](../bench/") },
    { file: "docs/evidence.md", name: "attacks", text: attacksTable() },
    { file: "docs/evidence.md", name: "adaptive", text: adaptiveText() },
    { file: "README.md", name: "bench", text: bars },
    { file: "README.md", name: "attacks", text: attacksTable() },
  ];
}
