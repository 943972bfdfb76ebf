/**
 * A line of CSV (RFC 4180) that a spreadsheet shows and never runs (OWASP, "CSV Injection").
 * Pure. Never gives a text a way to be taken for a formula, whatever the separator of the reader's country is.
 */

/** What a spreadsheet begins a formula with, where a cell begins: in ASCII, and as the wide forms that some take for them. */
const formula = /(^|[;\t\r\n])((?:["' ])*)([=+\-@\uff1d\uff0b\uff0d\uff20])/g;

/**
 * One line, with its end (CR LF). Texts are in quotation marks, and what would begin a formula is preceded by an apostrophe: at their begin, and
 * after a semicolon, tab or line break, which are separators for readers that do not go by our quotation marks. Numbers are as JSON has
 * them; `null` and `undefined` are an empty cell.
 */
export function csvLine(cells: readonly (string | number | null | undefined)[]): string {
  return `${cells.map(cellOf).join(",")}\r\n`;
}

function cellOf(cell: string | number | null | undefined): string {
  if (cell === null || cell === undefined) return "";
  return typeof cell === "number" ? JSON.stringify(cell) : `"${shownOnly(cell).replaceAll('"', '""')}"`;
}

function shownOnly(text: string): string {
  const harmless = text.replace(formula, "$1'$2$3");
  return /^[\t\r\n]/.test(harmless) ? `'${harmless}` : harmless;
}
