import { describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { member } from "../../src/json/value.ts";
import { open, type Scheme } from "./world.ts";

/** Whatever a hidden value is, the agent must be told the same. */
function sameFor(scheme: Scheme, values: readonly Json[], calls: readonly (readonly [string, Json])[]): readonly string[] {
  const told = values.map((value) => {
    const world = open(scheme);
    world.call("vault/read", {}, value);
    return JSON.stringify(calls.map(([tool, args]) => world.attempt(tool, args).split(" ")[0]));
  });
  return [...new Set(told)];
}

const vault = { tool: "vault/read", show: "none" } as const;
const readers = ["ana", "bob"];

describe("a hidden value", () => {
  const put: Scheme = {
    nodes: { v: vault, put: { tool: "box/put", args: { key: { from: "v$.pin" } }, times: { min: 0, max: 99 } } },
  };

  it("cannot be guessed: a literal is denied with one code, equal or not", () => {
    const guesses: readonly Json[] = ["1234", "1235", 1234, null, ["1234"], { pin: "1234" }, "", true];
    const told = sameFor(
      put,
      [{ pin: "1234" }, { pin: "1235" }, { pin: 1234 }],
      guesses.filter((guess) => guess !== null).map((key) => ["box/put", { key }] as const),
    );
    expect(told).toEqual([JSON.stringify(guesses.slice(1).map(() => "HIDDEN"))]);
  });

  it("marks the context with its label as soon as a verdict looked at it, denied or allowed", () => {
    for (const key of ["guess", undefined]) {
      const world = open(put);
      world.call("vault/read", {}, { pin: "1234" });
      expect(world.sources()).toEqual(["user_input"]);
      world.attempt("box/put", key === undefined ? {} : { key });
      expect(world.session.context()).toEqual({ sources: ["secret", "user_input"], readers });
    }
  });

  it("cannot be told by what is missing in it: one code, whatever failed", () => {
    const told = sameFor(put, [{}, { pin: ["a", "b"] }, "x"], [["box/put", { key: "1234" }]]);
    expect(told).toEqual(['["HIDDEN"]']);
    const omitted = sameFor(put, [{}, "x", []], [["box/put", {}]]);
    expect(omitted).toEqual(['["HIDDEN"]']);
  });

  it("is guarded where it is used by conditions across arguments: the answer marks the context", () => {
    const world = open({
      nodes: {
        v: vault,
        put: {
          tool: "box/put",
          args: { key: { choose: { type: "string" } } },
          require: ["args.key == v.pin"],
          times: { min: 0, max: 9 },
        },
      },
    });
    world.call("vault/read", {}, { pin: "1234" });
    expect(world.attempt("box/put", { key: "0000" })).toBe("HIDDEN");
    expect(world.session.context().readers).toEqual(readers);
  });

  it("is guarded where it guards: `when` on it marks the context", () => {
    const world = open({ nodes: { v: vault, put: { tool: "box/put", args: { key: "k" }, when: "v.pin == '1234'" } } });
    world.call("vault/read", {}, { pin: "9" });
    expect(world.attempt("box/put")).toBe("HIDDEN");
    expect(world.session.context().readers).toEqual(readers);
  });

  it("is guarded where it is looped over: how many rows there are marks the context", () => {
    const loop: Scheme = {
      nodes: { v: vault, put: { tool: "box/put", each: { from: "v$.rows[*]", max: 2 }, args: { key: { item: "$.k" } } } },
    };
    for (const rows of [[], [{ k: 1 }], [{ k: 1 }, { k: 2 }, { k: 3 }]]) {
      const world = open(loop);
      world.call("vault/read", {}, { rows });
      world.attempt("box/put");
      expect(world.session.context().readers).toEqual(readers);
    }
  });

  it("is guarded behind a `let`, a template, an expression and an object", () => {
    const args: readonly Scheme["nodes"][string][] = [
      { tool: "box/put", args: { key: { from: "l$" } } },
      { tool: "box/put", args: { key: { expr: "v.pin + '!'" } } },
      { tool: "box/put", args: { key: { template: "text", text: "pin {p}", with: { p: { from: "v$.pin" } } } } },
      { tool: "box/put", args: { data: { object: { a: 1, p: { from: "v$.pin" } } } } },
      { tool: "box/put", args: { data: [1, { from: "v$.pin" }] } },
    ];
    for (const put of args) {
      const world = open({ nodes: { v: vault, l: { let: "v.pin" }, put } });
      world.call("vault/read", {}, { pin: "1234" });
      for (const guess of ["1234", "1234!", "pin 1234", { a: 1, p: "1234" }, [1, "1234"]]) {
        expect(world.attempt("box/put", put.args?.data === undefined ? { key: guess } : { data: guess })).toBe("HIDDEN");
      }
      expect(world.attempt("box/put")).toMatch(/^allow/);
    }
  });

  it("makes what a call with it returns hidden as well", () => {
    const world = open({
      nodes: { v: vault, echo: { tool: "safe/read", args: { key: { from: "v$.pin" } } } },
    });
    world.call("vault/read", {}, { pin: "1234" });
    const seen = world.call("safe/read", {}, { echo: "1234" });
    expect(JSON.stringify(seen)).not.toContain("1234");
    expect(member(seen, "sluice_handle")).toMatch(/^sluice:h:/);
  });
});

describe("a hidden part of a result", () => {
  const rows = [
    { id: 1, name: "a", s: 1 },
    { id: 2, name: "b", s: 2 },
  ];
  const selecting: readonly (readonly [string, readonly string[], Scheme["nodes"][string]])[] = [
    ["a filter that looks at the root", ["$.rows"], { tool: "box/put", args: { key: { from: "v$.rows[?@.id == $.pin].name" } } }],
    ["a filter of the rows", ["$.rows[*].id"], { tool: "box/put", args: { key: { from: "v$.rows[?@.s == 2].id" } } }],
    [
      "a loop's filter",
      ["$.rows"],
      { tool: "box/put", each: { from: "v$.rows[?@.id == $.pin]", max: 3 }, args: { key: { item: "$.name" } } },
    ],
    ["what stands in for it", ["$.id"], { tool: "box/put", args: { key: { from: "v$.missing", otherwise: "a" } } }],
    [
      "a shown path that is chosen by it",
      ["$.rows[?@.id == $.pin].id"],
      { tool: "box/put", args: { key: { from: "v$.rows[1].id" } } },
    ],
  ];
  it.each(selecting)("decides nothing unseen through %s", (_, show, put) => {
    for (const key of ["a", "b", 1, 2]) {
      const world = open({ nodes: { v: { tool: "vault/read", show }, put } });
      world.call("vault/read", {}, { id: 7, pin: 2, rows });
      expect(world.attempt("box/put", { key })).toBe("HIDDEN");
      expect(world.session.context().readers).toEqual(readers);
    }
  });
});

describe("a hidden part by which rows are kept", () => {
  it("marks the context as soon as a verdict tells which rows there are, also where the row itself is shown", () => {
    for (const key of [1, 2]) {
      const put = {
        tool: "box/put",
        each: { from: "v$.rows[*]", max: 3, where: "item.s == 2" },
        args: { key: { item: "$.id" } },
      } as const;
      const world = open({ nodes: { v: { tool: "vault/read", show: ["$.rows[*].id"] }, put } });
      world.call(
        "vault/read",
        {},
        {
          rows: [
            { id: 1, s: 1 },
            { id: 2, s: 2 },
          ],
        },
      );
      expect(world.attempt("box/put", { key })).toBe(key === 2 ? 'allow {"key":2}' : "HIDDEN");
      expect(world.session.context().readers).toEqual(readers);
    }
  });
});

describe("a hidden outcome", () => {
  it("looks the same to the agent after an error", () => {
    const world = open({ nodes: { v: vault } });
    const seen = world.fail("vault/read", {}, { secret: "1234" });
    expect(member(seen, "sluice_handle")).toMatch(/^sluice:h:/);
    expect(JSON.stringify(seen)).not.toContain("1234");
    expect(world.sources()).toEqual(["user_input"]);
  });

  it("marks the context when a later node's order depends on it", () => {
    const chain: Scheme = { nodes: { v: vault, put: { tool: "box/put", after: ["v"], args: { key: "k" } } } };
    const failed = open(chain);
    failed.fail("vault/read", {}, "e");
    expect(failed.attempt("box/put")).toBe("HIDDEN");
    expect(failed.session.context().readers).toEqual(readers);
    const fine = open(chain);
    fine.call("vault/read", {}, 1);
    expect(fine.attempt("box/put")).toBe('allow {"key":"k"}');
    expect(fine.session.context().readers).toEqual(readers);
  });

  it("is not told by whether the node may be tried again", () => {
    const retry: Scheme = { nodes: { v: { ...vault, constraints: { idempotent: true } } } };
    const failed = open(retry);
    failed.fail("vault/read", {}, "e");
    failed.attempt("vault/read");
    expect(failed.session.context().readers).toEqual(readers);
    const fine = open(retry);
    fine.call("vault/read", {}, 1);
    expect(fine.attempt("vault/read")).toBe("HIDDEN");
    expect(fine.session.context().readers).toEqual(readers);
  });
});

describe("a result of which parts are shown", () => {
  const show = (paths: readonly string[]): Scheme => ({ nodes: { v: { tool: "vault/read", show: paths } } });
  const value = {
    id: 7,
    pin: "1234",
    rows: [
      { id: 1, name: "ana" },
      { id: 2, name: "bob" },
    ],
    deep: { a: { b: "x", c: "y" } },
  };

  it("shows those and nothing beside them", () => {
    const seen = (paths: readonly string[]): string => JSON.stringify(open(show(paths)).call("vault/read", {}, value));
    expect(seen(["$.id"])).toBe('{"id":7}');
    expect(seen(["$.deep.a.b"])).toBe('{"deep":{"a":{"b":"x"}}}');
    expect(seen(["$.rows[*].id"])).toMatch(
      /^\{"rows":\[\{"id":1,"name":"sluice:h:[\w-]{22}"\},\{"id":2,"name":"sluice:h:[\w-]{22}"\}\]\}$/,
    );
    expect(seen(["$.nothing"])).toMatch(/^\{"sluice_handle":"sluice:h:[\w-]{22}"\}$/);
    for (const paths of [["$.id"], ["$.rows[*].id"], ["$.deep.a.b"], ["$.rows[0]"], ["$..id"], ["$.nothing"]]) {
      expect(seen(paths)).not.toMatch(/1234|bob|"y"/);
    }
  });

  it("keeps the other parts hidden from guesses", () => {
    const world = open({
      nodes: {
        ...show(["$.id"]).nodes,
        put: { tool: "box/put", args: { key: { from: "v$.id" }, data: { from: "v$.pin" } }, times: { min: 0, max: 9 } },
      },
    });
    world.call("vault/read", {}, value);
    expect(world.attempt("box/put", { data: "1234" })).toBe("HIDDEN");
    expect(world.attempt("box/put", { data: "1235" })).toBe("HIDDEN");
    expect(world.attempt("box/put", { key: 7 })).toBe('allow {"data":"1234","key":7}');
  });
});
