/**
 * Plain tables for a terminal: columns padded to their widest cell, cut where the terminal ends.
 * Never measures what it cannot: cells are made plain first, and coloured after they were padded.
 */
import { plain } from "./terminal.ts";

/** A cell: its text, and how it is coloured once it has its width. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Columns that it has at least, so that tables one below the other stand in line. */
  readonly min?: number;
  /** Columns that it has at most; wider cells are cut and marked by `…`. */
  readonly max?: number;
}

const gap = "  ";

/** Widths of the columns: the widest cell or title, within the column's own bounds. */
export function widthsOf(columns: readonly Column[], rows: readonly (readonly Cell[])[]): readonly number[] {
  return columns.map(({ title, min = 0, max }, i) => {
    const widest = rows.reduce((width, row) => Math.max(width, lengthOf(plain(row[i]?.text ?? ""))), Math.max(min, title.length));
    return Math.min(widest, max ?? widest);
  });
}

/** One row as a line, without space at its end. */
export function rowLine(columns: readonly Column[], widths: readonly number[], row: readonly Cell[]): string {
  const cells = columns.map((column, i) => {
    const cell = row[i] ?? { text: "" };
    const width = widths[i] ?? 0;
    const text = cut(plain(cell.text), width);
    const space = " ".repeat(Math.max(0, width - lengthOf(text)));
    const isLast = i === columns.length - 1;
    const painted = cell.paint === undefined ? text : cell.paint(text);
    return column.align === "right" ? space + painted : isLast ? painted : painted + space;
  });
  return cells.join(gap).replace(/(?<! ) +$/, "");
}

/** The titles of a table. */
export function headLine(columns: readonly Column[], widths: readonly number[], paint: (text: string) => string): string {
  return rowLine(
    columns,
    widths,
    columns.map(({ title }) => ({ text: title, paint })),
  );
}

/** At most `width` characters; the end is cut and marked. */
export function cut(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join("")}…`;
}

function lengthOf(text: string): number {
  return [...text].length;
}
