/**
 * Plans for drawings: any acyclic graph of nodes.
 */
import fc from "fast-check";
import type { Plan } from "../../../src/plan/plan.ts";

/** A plan of `size` nodes, of which node `i` comes after the nodes that `before` gives. */
export function planOf(
  size: number,
  before: (i: number) => readonly number[],
  toolOf: (i: number) => string = (i) => `srv/t${i % 5}`,
): Plan {
  const nodes = Object.fromEntries(
    Array.from({ length: size }, (_, i) => [
      `n${i}`,
      { tool: toolOf(i), after: [...new Set(before(i))].map((other) => `n${other}`) },
    ]),
  );
  return { sluice: 1, name: "drawn", nodes };
}

/** Any plan without circles. */
export const anyPlan: fc.Arbitrary<Plan> = fc
  .array(fc.record({ tool: fc.nat(3), before: fc.array(fc.nat(), { maxLength: 4 }) }), {
    minLength: 1,
    maxLength: 260,
    size: "max",
  })
  .map((nodes) =>
    planOf(
      nodes.length,
      (i) => (i === 0 ? [] : (nodes[i]?.before ?? []).map((n) => n % i)),
      (i) => `srv/t${nodes[i]?.tool ?? 0}`,
    ),
  );
