import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toolFeatures } from "../../../src/infer/planner/nearness.ts";

describe("what the retriever says of tools", () => {
  it("is their best nearness, the distance to the best, the lead in a clause, and the clauses won", () => {
    // Whole task, first clause, second clause; three tools.
    const features = toolFeatures([
      [0.5, 0.9, 0.1],
      [0.6, 0.4, 0.8],
      [0.2, 0.3, 0.3],
    ]);
    expect(features).toEqual([
      [0.9, 0, 0.5, 1],
      [0.8, -0.1, 0.5, 1],
      [0.3, -0.6, -0.5, 0],
    ]);
  });

  it("counts the whole task as the clause where it has no others", () => {
    expect(toolFeatures([[0.4], [0.7]])).toEqual([
      [0.4, -0.3, -0.3, 0],
      [0.7, 0, 0.3, 1],
    ]);
    expect(toolFeatures([[0.4]])).toEqual([[0.4, 0, 1, 1]]);
    expect(toolFeatures([])).toEqual([]);
  });

  it("gives every clause to one tool, which leads there", () => {
    const nearness = fc.double({ min: -1, max: 1, noNaN: true });
    const tables = fc
      .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 5 }))
      .chain(([tools, spans]) =>
        fc.array(fc.array(nearness, { minLength: spans, maxLength: spans }), { minLength: tools, maxLength: tools }),
      );
    fc.assert(
      fc.property(tables, (table) => {
        const features = toolFeatures(table);
        const spans = table[0]?.length ?? 0;
        expect(features.reduce((sum, [, , , wins = 0]) => sum + wins, 0)).toBe(Math.max(1, spans - 1));
        for (const [, below = 1, lead = 0, wins = 0] of features) {
          expect(below).toBeLessThanOrEqual(0);
          if (wins > 0) expect(lead).toBeGreaterThanOrEqual(0);
          else expect(lead).toBeLessThanOrEqual(0);
        }
      }),
    );
  });
});
