/**
 * No file is imported back, over whatever way, by what it imports itself: imports of types count. What still is stands in `exceptions.ts`.
 */
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { circles } from "./exceptions.ts";
import { filesIn, importsOf } from "./source.ts";

type Graph = ReadonlyMap<string, readonly string[]>;

/** Who imports whom, among the files of these folders. */
function graphOf(folders: readonly string[]): Graph {
  const files = folders.flatMap(filesIn).filter(({ path }) => path.endsWith(".ts") && !path.endsWith(".d.ts"));
  const own = new Set(files.map(({ path }) => path));
  const targets = (path: string, text: string): readonly string[] =>
    importsOf(text)
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => join(dirname(path), specifier))
      .filter((target) => own.has(target));
  return new Map(files.map(({ path, text }) => [path, targets(path, text)]));
}

/** Everything that a file reaches by imports; the file itself only if a way leads back. */
function reachedFrom(start: string, graph: Graph): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [...(graph.get(start) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    waiting.push(...(graph.get(next) ?? []));
  }
  return reached;
}

/** Files that reach each other, circle by circle, each in the order of names. */
function circlesOf(graph: Graph): readonly (readonly string[])[] {
  const reached = new Map([...graph.keys()].map((file) => [file, reachedFrom(file, graph)]));
  const isBack = (one: string, other: string): boolean => reached.get(other)?.has(one) === true;
  const found = [...reached].flatMap(([file, all]) =>
    all.has(file) ? [[...all].filter((other) => isBack(file, other)).sort()] : [],
  );
  return found.filter((circle, i) => found.findIndex((other) => other[0] === circle[0]) === i).sort();
}

describe("imports", () => {
  it("run in no circle that is not listed, and none that is listed has grown or is gone", () => {
    expect(circlesOf(graphOf(["src", "bench", "test"]))).toEqual(circles);
  });

  it("are a circle where a way of any length leads back, and only what stands on one belongs to it", () => {
    const graph = new Map([
      ["a", ["b", "x"]],
      ["b", ["c"]],
      ["c", ["a"]],
      ["d", ["a", "d"]],
      ["x", []],
    ]);
    expect(circlesOf(graph)).toEqual([["a", "b", "c"], ["d"]]);
  });
});
