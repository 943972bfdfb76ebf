/**
 * Tasks that no tool fits, made of tasks that one does: their right tools and all that are like them are taken away, or they are given a few tools
 * of another set.
 * Pure. Never leaves a tool of the right service, or one that shares a quarter of its words with a right one.
 */
import { likeness } from "../../src/infer/adapt/synthesise.ts";
import type { DraftTool } from "../../src/infer/tools.ts";
import type { EvalRow } from "./rows.ts";

/** Name of the set that is made here. */
export const toollessSet = "no_tool";
const likenessMax = 0.25;
/** Tools of another set that a task is given. */
const foreignTools = [2, 5, 8, 30];

/** At most `count` rows, spread evenly over the sets and within them; half of either kind. */
export function toollessRows(sets: readonly (readonly EvalRow[])[], count: number): readonly EvalRow[] {
  const each = Math.ceil(count / Math.max(1, sets.length));
  return sets.flatMap((rows, at) => {
    const fitting = rows.filter(({ gold }) => gold.calls.length > 0);
    const step = Math.max(1, Math.floor(fitting.length / each));
    const others = sets[(at + 1) % sets.length] ?? [];
    return fitting
      .filter((_, index) => index % step === 0)
      .slice(0, each)
      .map((row, index) => without(row, index % 2 === 0 ? row.tools : few(others, index)))
      .filter((row) => row.tools.length > 0);
  });
}

/** Some tools of another set: the size and the place change from row to row. */
function few(rows: readonly EvalRow[], index: number): readonly DraftTool[] {
  const tools = rows[(index * 7) % Math.max(1, rows.length)]?.tools ?? [];
  const size = foreignTools[index % foreignTools.length] ?? 5;
  const start = tools.length <= size ? 0 : (index * 13) % (tools.length - size);
  return tools.slice(start, start + size);
}

function without(row: EvalRow, tools: readonly DraftTool[]): EvalRow {
  const right = row.tools.filter(({ name }) => row.gold.calls.some(({ tool }) => tool === name));
  const services = new Set(right.map(serviceOf).filter((service) => service !== ""));
  const left = tools.filter(
    (tool) => !services.has(serviceOf(tool)) && right.every((other) => likeness(tool, other) < likenessMax),
  );
  const gold = { calls: [], edges: [], hasArgs: true };
  return { ...row, id: `${row.id}/none`, set: toollessSet, tools: left, gold, flows: new Set(), unsaid: new Set() };
}

/** The service of a tool, without its number: `local/Hotels_1.SearchHotel` → `hotels`. */
function serviceOf({ name }: DraftTool): string {
  const own = name.slice(name.indexOf("/") + 1);
  const at = own.search(/[.:]/);
  return at < 0
    ? ""
    : own
        .slice(0, at)
        .replace(/_?\d+$/, "")
        .toLowerCase();
}
