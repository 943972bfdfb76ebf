import { describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { open, refusals, type Scheme } from "./world.ts";

const rows: Scheme = {
  nodes: {
    list: { tool: "safe/read" },
    pay: {
      tool: "bank/pay",
      each: { from: "list$.bills[*]", max: 3 },
      args: { to: { item: "$.to" }, amount: { item: "$.amount" }, memo: { write: { maxLength: 20 }, optional: true } },
    },
    done: { tool: "chat/post", after: ["pay"], args: { channel: "#g", text: "done" } },
  },
};

function listed(result: Json) {
  const world = open(rows);
  world.call("safe/read", {}, result);
  return world;
}

const ana = { to: "ana", amount: 1 };
const bob = { to: "bob", amount: 100 };

describe("a row of a loop", () => {
  it("keeps its values together: one row's payee never gets another row's amount", () => {
    const world = listed({ bills: [ana, bob] });
    expect(world.attempt("bank/pay", { to: "ana", amount: 100 })).toBe("ARG_MISMATCH");
    expect(world.attempt("bank/pay", { to: "bob", amount: 1 })).toBe("ARG_MISMATCH");
    expect(world.attempt("bank/pay", { to: "bob" })).toBe('allow {"amount":100,"to":"bob"}');
  });

  it("is used once, in flight or settled, and the agent cannot name it again by its values", () => {
    const world = listed({ bills: [ana, bob] });
    world.start("bank/pay", { to: "ana" });
    expect(world.attempt("bank/pay", { to: "ana" })).toBe("ARG_MISMATCH");
    world.start("bank/pay", { to: "bob" });
    expect(world.attempt("bank/pay", { to: "bob" })).toBe("CALL_REPEATED");
    expect(world.attempt("bank/pay")).toBe("CALL_REPEATED");
  });

  it("that is there twice is two rows, and no third", () => {
    const world = listed({ bills: [ana, ana] });
    world.call("bank/pay", {}, 1);
    world.call("bank/pay", {}, 1);
    expect(world.attempt("bank/pay")).toBe("CALL_REPEATED");
  });

  it("is spent by an error", () => {
    const world = listed({ bills: [ana] });
    world.fail("bank/pay", {}, "no");
    expect(world.attempt("bank/pay")).toBe("CALL_REPEATED");
    expect(world.attempt("chat/post")).toBe("CALL_OUT_OF_ORDER");
  });

  it("comes from the list of the first result, not from a later one", () => {
    const world = open({ nodes: { ...rows.nodes, list: { tool: "safe/read", times: { min: 1, max: 2 } } } });
    world.call("safe/read", {}, { bills: [ana] });
    world.call("bank/pay", {}, 1);
    world.call("safe/read", {}, { bills: [bob, bob] });
    expect(world.attempt("bank/pay")).toBe("CALL_REPEATED");
  });
});

describe("a list with more rows than the plan allows", () => {
  const four = { bills: [ana, ana, ana, ana] };

  it("denies every row, and the loop never counts as done", () => {
    const world = listed(four);
    expect(world.attempt("bank/pay")).toBe("CALL_EACH");
    expect(world.attempt("chat/post")).toBe("CALL_OUT_OF_ORDER");
  });

  it("denies also what a filter of the rows cannot judge", () => {
    const pay = rows.nodes.pay;
    const world = open({
      nodes: {
        list: { tool: "safe/read" },
        pay: { ...pay, each: { from: "list$.bills[*]", max: 3, where: "item.amount < 50" } },
      } as Scheme["nodes"],
    });
    world.call("safe/read", {}, { bills: [ana, { to: "eve", amount: "1e9" }] });
    expect(world.attempt("bank/pay")).toBe("CALL_EACH");
  });
});

describe("a list that is no list", () => {
  const odd: readonly Json[] = [{ bills: null }, { bills: "ana" }, { bills: {} }, {}, "bills", { Bills: [ana] }, []];
  it.each(odd)("has no rows: %j", (result) => {
    const world = listed(result);
    expect(world.attempt("bank/pay", ana)).toBe("CALL_REPEATED");
    expect(world.attempt("chat/post")).toBe('allow {"channel":"#g","text":"done"}');
  });

  it("has rows without what the plan asks of them, which are denied", () => {
    for (const bill of [{}, { to: "ana" }, "ana", null, [["to", "ana"]]]) {
      expect(listed({ bills: [bill as Json] }).attempt("bank/pay", ana)).toBe("ARG_UNRESOLVED");
    }
  });
});

describe("a loop over the runs of a node", () => {
  const pairs: Scheme = {
    nodes: {
      find: {
        tool: "web/get",
        times: { min: 1, max: 3 },
        args: { url: "https://a.example/", q: { choose: { type: "string", maxLength: 9 } } },
      },
      put: { tool: "box/put", each: "find", args: { key: { from: "find$.k" }, value: { item: "$.v" } } },
    },
  };

  it("pairs each run with its own result only", () => {
    const world = open(pairs, { context: { sources: ["user_input"], readers: null } });
    world.call("web/get", { q: "a" }, { k: "k1", v: "v1" });
    expect(world.attempt("box/put", { key: "k1", value: "v2" })).toBe("ARG_MISMATCH");
    expect(world.attempt("box/put")).toBe('allow {"key":"k1","value":"v1"}');
    expect(world.attempt("box/put")).toBe("CALL_REPEATED");
  });

  it("gives a failed run no row", () => {
    const world = open(pairs);
    world.fail("web/get", { q: "a" }, { k: "k1", v: "v1" });
    expect(world.attempt("box/put", { key: "k1" })).toBe("CALL_OUT_OF_ORDER");
  });
});

describe("a loop over a computed list", () => {
  it("has the rows that it had when it first ran, whatever was read since", () => {
    const world = open({
      nodes: {
        list: { tool: "safe/read", times: { min: 1, max: 3 } },
        detail: { tool: "safe/check", each: "list", args: { data: "d" } },
        sorted: { let: "sortBy(detail, 'k')" },
        pay: { tool: "bank/pay", each: { from: "sorted$[*]", max: 5 }, args: { to: { item: "$.to" }, amount: 1 } },
      },
    });
    const more = (detail: Json): void => {
      world.call("safe/read", {}, 1);
      world.call("safe/check", {}, detail);
    };
    more({ k: 5, to: "ana" });
    expect(world.call("bank/pay", {}, "paid")).toBe("paid");
    more({ k: 1, to: "bob" });
    expect(world.attempt("bank/pay", { to: "ana" })).toBe("CALL_REPEATED");
    expect(world.attempt("bank/pay")).toBe("CALL_REPEATED");
  });
});

describe("a row outside of a loop", () => {
  it("is refused when the plan is frozen", () => {
    expect(refusals({ nodes: { pay: { tool: "bank/pay", args: { to: { item: "$.to" }, amount: 1 } } } })).toContain(
      "PLAN_ITEM_OUTSIDE_EACH",
    );
  });
});
