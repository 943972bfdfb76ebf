/**
 * Patches of a plan: applied as RFC 6902 says, and never to a place that is not there.
 */
import { describe, expect, it } from "vitest";
import { applyPatch, patchJson } from "../../src/explain/patch.ts";
import type { Plan } from "../../src/plan/plan.ts";

const plan: Plan = { sluice: 1, name: "p", nodes: { a: { tool: "t", args: { x: ["u", "v"] } } } };

describe("a patch", () => {
  it("adds, replaces and removes members and elements, one after the other", () => {
    const patched = applyPatch(plan, [
      { op: "add", path: ["nodes", "a", "times"], value: 2 },
      { op: "replace", path: ["nodes", "a", "args", "x", 1], value: "w" },
      { op: "add", path: ["nodes", "a", "args", "x", "-"], value: "z" },
      { op: "remove", path: ["nodes", "a", "args", "x", 0] },
      { op: "add", path: ["flows"], value: [] },
    ]);
    expect(patched).toEqual({ sluice: 1, name: "p", nodes: { a: { tool: "t", args: { x: ["w", "z"] }, times: 2 } }, flows: [] });
    expect(plan.nodes.a).toEqual({ tool: "t", args: { x: ["u", "v"] } });
  });

  it.each([
    [[{ op: "replace", path: ["nodes", "b"], value: 1 }]],
    [[{ op: "remove", path: ["flows"] }]],
    [[{ op: "add", path: ["nodes", "b", "times"], value: 1 }]],
    [[{ op: "replace", path: ["nodes", "a", "args", "x", 2], value: 1 }]],
    [[{ op: "add", path: ["name", "x"], value: 1 }]],
  ] as const)("is not applied where its path leads nowhere: %j", (patch) => {
    expect(applyPatch(plan, patch)).toBeUndefined();
  });

  it("takes a member called __proto__ for an ordinary one", () => {
    const patched = applyPatch(plan, [{ op: "add", path: ["nodes", "__proto__"], value: { tool: "t" } }]);
    expect(Object.keys(patched?.nodes ?? {})).toEqual(["a", "__proto__"]);
    expect(Object.getPrototypeOf(patched?.nodes)).toBe(Object.prototype);
  });

  it("is written with pointers", () => {
    expect(
      patchJson([
        { op: "add", path: ["nodes", "a/b", 0], value: null },
        { op: "remove", path: ["x"] },
      ]),
    ).toEqual([
      { op: "add", path: "/nodes/a~1b/0", value: null },
      { op: "remove", path: "/x" },
    ]);
  });
});
