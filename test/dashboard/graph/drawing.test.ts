/**
 * What is drawn of a plan: every node, what comes before what, and never more than can be laid out in a moment.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Drawing, drawingOf } from "../../../src/dashboard/graph/drawing.ts";
import { layOut } from "../../../src/dashboard/graph/layout.ts";
import { planGraph } from "../../../src/dashboard/graph/plan-graph.ts";
import { anyPlan, planOf } from "./plans.ts";

/** Pairs of boxes of which the second comes after the first, over any number of edges. */
function reach(ids: readonly string[], edges: readonly { readonly from: string; readonly to: string }[]): ReadonlySet<string> {
  const after = new Map(ids.map((id) => [id, edges.filter(({ from }) => from === id).map(({ to }) => to)]));
  const pairs = new Set<string>();
  for (const id of ids) {
    const seen = new Set<string>(after.get(id));
    for (const next of seen) for (const far of after.get(next) ?? []) seen.add(far);
    for (const far of seen) pairs.add(`${id} ${far}`);
  }
  return pairs;
}

function boxOf({ groups }: Drawing): ReadonlyMap<string, string> {
  return new Map(groups.flatMap(({ id, steps }) => steps.map(({ name }) => [name, id])));
}

describe("the drawing of a plan", () => {
  it("has every node in exactly one box, and says the same order as the plan, for any plan", () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const drawing = drawingOf(plan);
        const names = drawing.groups.flatMap(({ steps }) => steps.map(({ name }) => name));
        expect([...names].sort()).toEqual(Object.keys(plan.nodes).sort());
        expect(drawing.groups.length).toBeLessThanOrEqual(120);
        const boxes = boxOf(drawing);
        const ids = drawing.groups.map(({ id }) => id);
        const whole = drawing.steps.flatMap(({ name, before }) =>
          before
            .map((other) => ({ from: boxes.get(other) ?? "", to: boxes.get(name) ?? "" }))
            .filter(({ from, to }) => from !== to),
        );
        const drawn = reach(ids, drawing.edges);
        // What is left out follows from what is drawn, and nothing is drawn that does not hold.
        expect(drawn).toEqual(reach(ids, whole));
        // No box comes after itself.
        expect(ids.filter((id) => drawn.has(`${id} ${id}`))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it("is the plan itself where that is small: no group, no edge left out", () => {
    const { groups, edges, isCollapsed, isReduced } = drawingOf(planOf(20, (i) => (i === 0 ? [] : [i - 1, 0])));
    expect({ boxes: groups.length, edges: edges.length, isCollapsed, isReduced }).toEqual({
      boxes: 20,
      edges: 37,
      isCollapsed: false,
      isReduced: false,
    });
  });

  it("draws a draft whose nodes wait for each other in a circle", () => {
    const drawing = drawingOf(planOf(300, (i) => [(i + 1) % 300]));
    expect(drawing.groups.flatMap(({ steps }) => steps)).toHaveLength(300);
    expect(String(planGraph({ plan: planOf(3, (i) => [(i + 1) % 3]) }))).toContain("<svg");
  });

  it.each([
    ["in a line", planOf(1_000, (i) => (i === 0 ? [] : [i - 1]))],
    ["side by side", planOf(1_000, (i) => (i === 0 ? [] : [0]))],
    ["in two layers", planOf(1_000, (i) => (i < 500 ? [] : [i % 500, (i * 7) % 500]))],
    ["at random", planOf(1_000, (i) => (i === 0 ? [] : [(i * 7919) % i, (i * 104_729) % i]))],
  ])("of 1,000 nodes %s is drawn within a second of work", (_, plan) => {
    const before = process.cpuUsage();
    const text = String(planGraph({ plan }));
    const { user, system } = process.cpuUsage(before);
    expect(text).toContain("stand for 1\u2009000 nodes");
    expect((user + system) / 1_000).toBeLessThan(1_000);
  });
});

describe("the layout", () => {
  const boxes = ["a", "b", "c", "d"].map((id) => ({ id, width: 100, height: 40 }));
  const lines = [
    { from: "a", to: "b" },
    { from: "a", to: "c" },
    { from: "b", to: "d" },
    { from: "c", to: "d" },
  ];

  it("has these coordinates on every runtime", () => {
    const { width, height, boxes: placed } = layOut(boxes, lines, { direction: "wide" });
    expect({ width, height, places: [...placed.values()].map(({ id, x, y }) => `${id} ${x} ${y}`) }).toMatchInlineSnapshot(`
      {
        "height": 114,
        "places": [
          "a 8 37",
          "b 152 66",
          "c 152 8",
          "d 296 37",
        ],
        "width": 404,
      }
    `);
  });

  it("is the same each time, and no two boxes overlap, for any plan and both directions", () => {
    fc.assert(
      fc.property(anyPlan, fc.constantFrom("wide" as const, "tall" as const), (plan, direction) => {
        const { groups, edges } = drawingOf(plan);
        const sized = groups.map(({ id }, i) => ({ id, width: 80 + (i % 7) * 20, height: 40 }));
        const first = layOut(sized, edges, { direction });
        expect(layOut(sized, edges, { direction })).toEqual(first);
        const placed = [...first.boxes.values()];
        for (const [i, a] of placed.entries())
          for (const b of placed.slice(i + 1)) {
            const isApart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
            expect(isApart, `${a.id} over ${b.id}`).toBe(true);
          }
        for (const { from, to, points } of first.lines) {
          const [a, b] = [first.boxes.get(from), first.boxes.get(to)];
          // An edge goes forward: its end is beyond its beginning.
          const along = direction === "wide" ? "x" : "y";
          expect(b?.[along] ?? 0).toBeGreaterThan(a?.[along] ?? 0);
          expect(points.length).toBeGreaterThanOrEqual(2);
        }
      }),
      { numRuns: 6 },
    );
  });

  it("of nothing is nothing", () => {
    expect(layOut([], [], { direction: "tall" })).toMatchObject({ lines: [] });
  });
});
