/**
 * A table in Markdown, as every report of the benchmarks prints it.
 * Pure. Never lets a cell with a `|` in it shift the ones after it.
 */

/** The lines of a table, each with its end of line: the heads, then a row for each of the others. */
export function markdown(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const escaped = rows.map((cells) => cells.map((cell) => `${cell}`.replaceAll("|", "\\|")));
  return [heads, heads.map(() => "---"), ...escaped].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}
