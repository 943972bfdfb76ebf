/** Where data comes from: by which ways, with which labels, and what `removes` takes from which part of a result. */
import { describe, expect, it } from "vitest";
import { subjectOf } from "../../../../src/plan/lint.ts";
import { followData, namesOf } from "../../../../src/plan/lint/flows/origins.ts";
import type { Plan } from "../../../../src/plan/plan.ts";
import { catalogueOf, plan, tool } from "../linting.ts";

const catalogue = catalogueOf(
  [
    tool("web/get", ["q"], { effects: ["read"], labels: ["web", "page"], roles: { q: "selector" } }),
    tool("own/get", ["q", "r"], { effects: ["read"], labels: ["own"], roles: { q: "selector", r: "selector" } }),
    tool("raw/get", ["q"], { effects: ["read"], roles: { q: "selector" } }),
  ],
  { web: { integrity: "untrusted" }, page: { integrity: "untrusted" }, own: { integrity: "trusted" } },
);
const get = { tool: "web/get", args: { q: "x" } };
const own = (q: unknown, more: object = {}): object => ({ tool: "own/get", args: { q }, ...more });

/** `node [labels] by way of nodes` of each origin at a place of the result of `at`. */
function originsOf(value: Plan, prefix: readonly (string | number)[] = []): readonly string[] {
  const flow = followData(subjectOf(value, catalogue, {}));
  return flow
    .at({ node: "at", prefix })
    .map(({ node, labels, via }) => [`${node} [${labels.join()}]`, ...namesOf(via)].join(" "));
}
const removing = (paths: readonly string[], labels: readonly string[] = ["web"]): Plan =>
  plan({ get, at: own({ from: "get$" }, { removes: { labels, paths } }) });

describe("the origins of a result", () => {
  it.each<[string, Plan, readonly string[]]>([
    ["are itself", plan({ at: own("x") }), ["at [own]"]],
    [
      "are what it is given, in order of the nodes that it went through",
      plan({ get, a: own({ from: "get$" }), b: own({ from: "a$" }), at: own({ from: "b$" }) }),
      ["at [own]", "b [own] at", "a [own] b at", "get [web,page] a b at"],
    ],
    ["are not those of a computation, which is no call", plan({ get, at: { let: "get.x" } }), ["get [web,page]"]],
    ["are nothing for a computation that reads nothing", plan({ at: { let: "1" } }), []],
    ["are not what only decides whether it runs", plan({ get, at: own("x", { when: "get.ok" }) }), ["at [own]"]],
    ["are not what it waits for", plan({ get, at: own("x", { after: ["get"] }) }), ["at [own]"]],
    ["are not what a condition reads", plan({ get, at: own("x", { require: ["get.ok"] }) }), ["at [own]"]],
    [
      "are what came by two ways once, by the way of the first",
      plan({ get, a: own({ from: "get$" }), at: { tool: "own/get", args: { q: { from: "get$" }, r: { from: "a$" } } } }),
      ["at [own]", "get [web,page] at", "a [own] at"],
    ],
    [
      "are what came by two ways with the labels of both",
      plan({
        get,
        a: own({ from: "get$" }, { removes: { labels: ["web"], paths: ["$.n"] } }),
        b: own({ from: "get$" }, { removes: { labels: ["page"], paths: ["$.n"] } }),
        at: { tool: "own/get", args: { q: { from: "a$.n" }, r: { from: "b$.n" } } },
      }),
      ["at [own]", "a [own] at", "get [page,web] a at", "b [own] at"],
    ],
    ["are nothing in a circle", plan({ get, at: own({ from: "b$" }), b: own({ from: "at$" }) }), []],
  ])("%s", (_what, value, expected) => {
    expect(originsOf(value)).toEqual(expected);
  });
});

describe("what a node removes is gone", () => {
  const all = "get [web,page] at";
  const less = "get [page] at";
  it.each<[string, Plan, readonly (string | number)[], string | undefined]>([
    ["not from the whole result", removing(["$.a"]), [], all],
    ["from the place", removing(["$.a"]), ["a"], less],
    ["from what is below the place", removing(["$.a"]), ["a", "b", 0], less],
    ["not from what is around it", removing(["$.a.b"]), ["a"], all],
    ["not from another place", removing(["$.a"]), ["b"], all],
    ["not from another place below the same", removing(["$.a.b"]), ["a", "c"], all],
    ["from one place of two", removing(["$.b", "$.a"]), ["a"], less],
    ["from everything, if that is the place", removing(["$"]), ["b"], less],
    ["not from places that are several", removing(["$.a[*]"]), ["a"], all],
    ["not from a place that is none", removing(["$.a["]), ["a"], all],
    ["with nothing left", removing(["$.a"], ["web", "page"]), ["a"], undefined],
  ])("%s", (_what, value, prefix, expected) => {
    expect(originsOf(value, prefix).find((line) => line.startsWith("get"))).toBe(expected);
  });

  it("but for `unknown`, which nothing removes", () => {
    const value = plan({
      get: { tool: "raw/get", args: { q: "x" } },
      at: own({ from: "get$" }, { removes: { labels: ["unknown"], paths: ["$.a"] } }),
    });
    expect(originsOf(value, ["a"])).toEqual(["at [own]", "get [unknown] at"]);
  });
});

describe("more origins than are kept", () => {
  const many = (count: number): Plan => {
    const names = Array.from({ length: count }, (_, i) => `s${String(i).padStart(2, "0")}`);
    return plan({ ...Object.fromEntries(names.map((name) => [name, get])), sum: { let: `[${names.join(", ")}][0]` } });
  };

  it.each([
    [32, 32, false],
    [33, 32, true],
  ])("of %i sources are %i, cut: %s", (count, kept, isCut) => {
    const flow = followData(subjectOf(many(count), catalogue, {}));
    expect([flow.at({ node: "sum", prefix: [] }).length, flow.isCut]).toEqual([kept, isCut]);
  });

  it("lose none that is known already", () => {
    const value = plan({ ...many(32).nodes, at: { let: "[sum, s00, s31][0]" } });
    const flow = followData(subjectOf(value, catalogue, {}));
    expect([flow.at({ node: "at", prefix: [] }).length, flow.isCut]).toEqual([32, false]);
  });
});
