import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Graph, reachableBefore, reversed, shortestCycle, topologicalOrder } from "../../src/plan/graph.ts";

const graph = (edges: { readonly [name: string]: readonly string[] }): Graph => new Map(Object.entries(edges));

/** A random graph of up to 9 names, cycles and self-loops included. */
const anyGraph = fc
  .array(fc.uniqueArray(fc.nat(8), { maxLength: 3 }), { minLength: 1, maxLength: 9 })
  .map((rows): Graph => new Map(rows.map((row, at) => [`n${at}`, row.map((to) => `n${to}`)])));

/** Length of the shortest cycle by Floyd and Warshall. */
function girth(edges: Graph): number {
  const names = [...edges.keys()];
  const at = (a: string, b: string): string => `${a} ${b}`;
  const far = new Map<string, number>();
  for (const [name, before] of edges) for (const other of before) if (edges.has(other)) far.set(at(other, name), 1);
  for (const k of names) {
    for (const i of names) {
      for (const j of names) {
        const through = (far.get(at(i, k)) ?? Infinity) + (far.get(at(k, j)) ?? Infinity);
        if (through < (far.get(at(i, j)) ?? Infinity)) far.set(at(i, j), through);
      }
    }
  }
  return Math.min(...names.map((name) => far.get(at(name, name)) ?? Infinity));
}

describe("graph", () => {
  it("puts every name after its predecessors, or names a shortest cycle", () => {
    fc.assert(
      fc.property(anyGraph, (edges) => {
        const result = topologicalOrder(edges);
        if (result.ok) {
          expect([...result.order].sort()).toEqual([...edges.keys()].sort());
          const place = new Map(result.order.map((name, at) => [name, at]));
          for (const [name, before] of edges) {
            for (const other of before) if (edges.has(other)) expect(place.get(other)).toBeLessThan(place.get(name) ?? -1);
          }
          expect(girth(edges)).toBe(Infinity);
          return;
        }
        expect(result.cycle.length).toBe(girth(edges));
        result.cycle.forEach((name, at) => {
          const next = result.cycle[(at + 1) % result.cycle.length] ?? "";
          expect(edges.get(next)).toContain(name);
        });
      }),
      { numRuns: 400 },
    );
  });

  it("ignores predecessors that are no names of the graph", () => {
    expect(topologicalOrder(graph({ a: ["ghost"], b: ["a"] }))).toEqual({ ok: true, order: ["a", "b"] });
  });

  it("finds the self-loop before the longer cycle", () => {
    expect(shortestCycle(graph({ a: ["b"], b: ["c"], c: ["a"], d: ["d"] }))).toEqual(["d"]);
  });

  it("finds no cycle in a graph without one", () => {
    expect(shortestCycle(graph({ a: [], b: ["a"], c: ["a", "b"] }))).toBeUndefined();
  });

  it("reaches what comes before, through any number of steps, and turns round", () => {
    const edges = graph({ a: [], b: ["a"], c: ["b"], d: [] });
    expect([...reachableBefore(edges, ["c", "ghost"])].sort()).toEqual(["a", "b", "c"]);
    expect([...reachableBefore(reversed(edges), ["a"])].sort()).toEqual(["a", "b", "c"]);
  });

  it("orders a chain of 100,000 names and finds a ring of them without recursion", () => {
    const chain = new Map<string, string[]>();
    for (let i = 0; i < 100_000; i++) chain.set(`n${i}`, i === 0 ? [] : [`n${i - 1}`]);
    expect(topologicalOrder(chain).ok).toBe(true);
    chain.set("n0", ["n99999"]);
    expect(shortestCycle(chain)?.length).toBe(100_000);
  });
});
