/**
 * Figures as a table for people: in a terminal of any width, and as Markdown.
 * Pure. Never without the bar that a figure has to keep, met or missed.
 */
import { type Bar, type Figure, isMet } from "./figures.ts";
import { markdown } from "./markdown.ts";

const headings = ["what", "p50", "p99", "compared with", "ratio", "p99 ratio", "bar"];
/** Narrower than this a row of the table stands on several lines. */
const rowColumnsMin = 110;
const widths = { number: 9, ratio: 8, bar: 20, floor: 16 };
const gap = "  ";

/** A number with three digits that say something, and no more than a reader wants. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1_000) return grouped(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return size >= 0.1 || size === 0 ? value.toFixed(2) : value.toPrecision(2);
}

/** A whole number with its thousands apart. */
export function grouped(value: number): string {
  return `${Math.round(value)}`.replace(/\B(?=(\d{3})+$)/g, ",");
}

function withUnit(value: number | undefined, unit: Figure["unit"]): string {
  if (value === undefined || !Number.isFinite(value)) return "–";
  if (unit === "share") return `${(value * 100).toFixed(1)} %`;
  if (unit === "USD") return `$${value.toPrecision(2)}`;
  return unit === "count" ? grouped(value) : `${digits(value)} ${unit}`;
}

function times(ratio: number | undefined): string {
  return ratio === undefined || !Number.isFinite(ratio) ? "–" : `${digits(ratio)}×`;
}

/** A bar in words: `≤ 3.00×`, `p99 ≤ 0.20 ms`. */
function barText(bar: Bar, { unit }: Figure): string {
  const limit = "atMost" in bar ? bar.atMost : bar.atLeast;
  const sign = "atMost" in bar ? "≤" : "≥";
  const isRatio = bar.of === "ratio" || bar.of === "ratioP99";
  const text = `${sign} ${isRatio ? times(limit) : withUnit(limit, unit)}`;
  return bar.of === "p99" || bar.of === "ratioP99" ? `p99 ${text}` : text;
}

/** Every bar with its outcome: `met ≤ 3.00×`, `MISSED p99 ≤ 8.00×`. */
function barsText(figure: Figure): readonly string[] {
  return (figure.bars ?? []).map((bar) => `${isMet(figure, bar) ? "met" : "MISSED"} ${barText(bar, figure)}`);
}

function nameOf({ name, kind, note }: Figure): string {
  const mark = kind === "claim" ? "claimed: " : "";
  return note === undefined ? `${mark}${name}` : `${mark}${name} (${note})`;
}

/** The cells of a figure, in the order of the headings, without its bars. */
function cellsOf(figure: Figure): readonly string[] {
  const { p50, p99, unit, floor = "–", ratio, ratioP99 } = figure;
  return [nameOf(figure), withUnit(p50, unit), withUnit(p99, unit), floor, times(ratio), times(ratioP99)];
}

function byGroup(figures: readonly Figure[]): ReadonlyMap<string, readonly Figure[]> {
  const groups = new Map<string, Figure[]>();
  for (const figure of figures) {
    const group = groups.get(figure.group);
    if (group === undefined) groups.set(figure.group, [figure]);
    else group.push(figure);
  }
  return groups;
}

/** One Markdown table; the group is its first column. */
export function markdownTable(figures: readonly Figure[]): string {
  const rows = [...byGroup(figures)].flatMap(([group, own]) =>
    own.map((figure) => [group, ...cellsOf(figure), barsText(figure).join("; ") || "–"]),
  );
  return markdown(["group", ...headings], rows);
}

/**
 * The short table: for each group a row for each of its bars, with how many figures keep it and the worst of them; and what has no bar but a
 * ratio as the span of the ratios.
 */
export function barsTable(figures: readonly Figure[]): string {
  const own = figures.filter(({ kind }) => kind === "sluice");
  const rows = [...byGroup(own)].flatMap(([group, all]) => [...barRows(group, all), ...spanRows(group, all)]);
  return markdown(["what", "compared with", "bar", "met", "measured (the worst)"], rows);
}

function barRows(group: string, figures: readonly Figure[]): readonly (readonly string[])[] {
  const byBar = new Map<string, { readonly figure: Figure; readonly bar: Bar }[]>();
  for (const figure of figures) {
    for (const bar of figure.bars ?? []) {
      const key = JSON.stringify([bar, figure.unit]);
      byBar.set(key, [...(byBar.get(key) ?? []), { figure, bar }]);
    }
  }
  return [...byBar.values()].map((held) => {
    const [worst] = [...held].sort((one, other) => excess(other.figure, other.bar) - excess(one.figure, one.bar));
    if (worst === undefined) return [];
    const met = held.filter(({ figure, bar }) => isMet(figure, bar)).length;
    const outcome = met === held.length ? `${met} of ${held.length}` : `**${met} of ${held.length}**`;
    const { figure, bar } = worst;
    const measured = `${measuredText(figure, bar)}: ${figure.name}`;
    return [
      group,
      bar.of.startsWith("ratio") ? floorsOf(held.map((each) => each.figure)) : "–",
      barText(bar, figure),
      outcome,
      measured,
    ];
  });
}

/** How far a figure is beyond its bar; what was not measured is furthest. */
function excess(figure: Figure, bar: Bar): number {
  const value = figure[bar.of] ?? Number.NaN;
  const share = "atMost" in bar ? value / Math.max(bar.atMost, Number.EPSILON) : bar.atLeast / value;
  return Number.isNaN(share) ? Number.POSITIVE_INFINITY : share;
}

function spanRows(group: string, figures: readonly Figure[]): readonly (readonly string[])[] {
  const byFloor = new Map<string, number[]>();
  for (const { floor, ratio, bars = [] } of figures) {
    if (floor === undefined || ratio === undefined || !Number.isFinite(ratio) || bars.length > 0) continue;
    byFloor.set(floor, [...(byFloor.get(floor) ?? []), ratio]);
  }
  return [...byFloor].map(([floor, ratios]) => {
    const [least, most] = [times(Math.min(...ratios)), times(Math.max(...ratios))];
    return [group, floor, "–", "–", least === most ? least : `${least} to ${most}`];
  });
}

/** What a group is compared with, if it is the same for all. */
function floorsOf(figures: readonly Figure[]): string {
  const floors = new Set(figures.map(({ floor = "–" }) => floor));
  return floors.size === 1 ? [...floors].join("") : "the smallest of each";
}

/** The number that a bar is about. */
function measuredText(figure: Figure, bar: Bar): string {
  const { [bar.of]: value } = figure;
  const isRatio = bar.of === "ratio" || bar.of === "ratioP99";
  const text = isRatio ? times(value) : withUnit(value, figure.unit);
  return bar.of === "p99" || bar.of === "ratioP99" ? `p99 ${text}` : text;
}

/** How many bars there are, and how many of them are met. */
export function barsMet(figures: readonly Figure[]): { readonly met: number; readonly all: number } {
  const bars = figures.flatMap((figure) => (figure.bars ?? []).map((bar) => isMet(figure, bar)));
  return { met: bars.filter(Boolean).length, all: bars.length };
}

/** Lines for a terminal of so many columns: a table where it is wide enough, else a few lines for each figure. */
export function terminalLines(figures: readonly Figure[], columns: number): readonly string[] {
  const isWide = columns >= rowColumnsMin;
  const first = columns - (2 * widths.number + widths.floor + 2 * widths.ratio + widths.bar + 6 * gap.length);
  const sizes = [first, widths.number, widths.number, widths.floor, widths.ratio, widths.ratio, widths.bar];
  const head = isWide
    ? rowLines(
        headings.map((text) => [text]),
        sizes,
      )
    : [];
  const lines = [...byGroup(figures)].flatMap(([group, own]) => [
    "",
    ...broken(group, columns),
    ...own.flatMap((figure) => {
      const bars = barsText(figure);
      if (!isWide) return stacked(figure, bars, columns);
      const cells = cellsOf(figure).map((cell, i) => broken(cell, sizes[i] ?? first));
      return rowLines([...cells, bars.flatMap((bar) => broken(bar, widths.bar))], sizes);
    }),
  ]);
  return [...head, ...lines];
}

function stacked(figure: Figure, bars: readonly string[], columns: number): readonly string[] {
  const [name = "", p50, p99, floor, ratio, ratioP99] = cellsOf(figure);
  const compared = figure.ratio === undefined ? "" : `; ${ratio} (p99 ${ratioP99}) ${floor}`;
  const figures = `${p50}${figure.p99 === undefined ? "" : `, p99 ${p99}`}${compared}`;
  return [
    ...broken(name, columns - 2).map((line) => `  ${line}`),
    ...[figures, ...bars].flatMap((text) => broken(text, columns - 4).map((line) => `    ${line}`)),
  ];
}

/** Cells that have several lines, side by side. Numbers stand to the right. */
function rowLines(cells: readonly (readonly string[])[], sizes: readonly number[]): readonly string[] {
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((cell, i) => {
        const text = cell[line] ?? "";
        const space = " ".repeat(Math.max(0, (sizes[i] ?? 0) - [...text].length));
        return i === 1 || i === 2 || i === 4 || i === 5 ? space + text : text + space;
      })
      .join(gap)
      .trimEnd(),
  );
}

/** A text in lines of at most so many characters: broken at spaces, and within a word that is longer. */
function broken(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((long) => long.match(new RegExp(`.{1,${width}}`, "gu")) ?? [""])) {
    if (line !== "" && [...line].length + 1 + [...word].length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
