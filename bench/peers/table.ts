/**
 * The comparison as a table for people.
 * Never leaves out a contender that could not be installed, nor what was written around one.
 */
import { markdown } from "../markdown.ts";
import type { PeersReport, Row } from "./report.ts";

/** Markdown: a line for each contender, the article's claim among them, then what stands around each. */
export function table({ rows, calls }: PeersReport): string {
  const headings = [
    "engine",
    `right of ${calls}`,
    "false allow / deny",
    "p50 µs",
    "p99 µs",
    "CPU µs a check",
    "1 MB ms",
    "cold start ms",
    "p50 to JSON.parse",
    "p99",
    "CPU",
  ];
  const claim = ["the article (as it says, not measured)", "–", "–", "4200", ...headings.slice(4).map(() => "–")];
  const notes = rows.map(({ name, note, problem, wrong = {} }) => {
    const wrongs = Object.entries(wrong).map(([kind, count]) => `${kind} ${count}`);
    const errors = wrongs.length === 0 ? "" : `; wrong: ${wrongs.join(", ")}`;
    return `- ${name}: ${note}${errors}${problem === undefined ? "" : `; **no figures**: ${problem}`}`;
  });
  return `${markdown(headings, [...rows.map(cellsOf), claim])}\n${notes.join("\n")}\n`;
}

function cellsOf({ name, right, falseAllows, falseDenials, times }: Row): readonly string[] {
  const answers = right === undefined ? ["–", "–"] : [`${right}`, `${falseAllows} / ${falseDenials}`];
  if (times === undefined) return [name, ...answers, ...Array.from({ length: 8 }, () => "–")];
  const { p50, p99, cpu, largeMs, coldMs, ratio, ratioP99, ratioCpu } = times;
  return [
    name,
    ...answers,
    ...[p50, p99, cpu, largeMs, coldMs].map(short),
    ...[ratio, ratioP99, ratioCpu].map((each) => `${short(each)}×`),
  ];
}

/** Three digits that count. */
function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
