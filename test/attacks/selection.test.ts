import { describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import type { ArgRule } from "../../src/plan/plan.ts";
import { open } from "./world.ts";

/** What a reference fills in for `key`, given one result of `safe/read`. */
function filled(key: ArgRule, result: Json, sent: Json = {}): string {
  const world = open({
    params: { want: { type: "string", default: "b" } },
    nodes: { a: { tool: "safe/read" }, put: { tool: "box/put", args: { key } } },
  });
  world.call("safe/read", {}, result);
  return world.attempt("box/put", sent);
}

const two = {
  rows: [
    { id: "a", to: "ana" },
    { id: "b", to: "bob" },
  ],
};

describe("a reference", () => {
  it("to none or to several values is a denial, not a guess", () => {
    expect(filled({ from: "a$.rows[*].to" }, two)).toBe("ARG_UNRESOLVED");
    expect(filled({ from: "a$.rows[?@.id == 'z'].to" }, two)).toBe("ARG_UNRESOLVED");
    expect(filled({ from: "a$..to" }, two)).toBe("ARG_UNRESOLVED");
    expect(filled({ from: "a$.missing" }, two)).toBe("ARG_UNRESOLVED");
  });

  it("to several equal values is still several", () => {
    expect(filled({ from: "a$.rows[*].to" }, { rows: [{ to: "ana" }, { to: "ana" }] })).toBe("ARG_UNRESOLVED");
  });

  it("cannot be answered by the agent where the plan finds none", () => {
    expect(filled({ from: "a$.missing" }, two, { key: "eve" })).toBe("ARG_UNRESOLVED");
    expect(filled({ from: "a$.missing", optional: true }, two, { key: "eve" })).toBe("ARG_MISMATCH");
  });

  it("is denied a second row that an attacker adds: a condition that fits two fits none", () => {
    const forged = { rows: [...two.rows, { id: "b", to: "eve" }] };
    expect(filled({ from: "a$.rows[*]", where: "item.id == params.want" }, forged)).toBe("ARG_UNRESOLVED");
    expect(filled({ from: "a$.rows[?@.id == 'b'].to" }, forged)).toBe("ARG_UNRESOLVED");
  });

  it("is denied a condition that cannot be judged for one of the rows", () => {
    const odd = { rows: [{ id: "b", to: "bob" }, { to: "eve" }] };
    expect(filled({ from: "a$.rows[*]", where: "item.id == params.want" }, odd)).toBe("ARG_UNRESOLVED");
    expect(filled({ from: "a$.rows[*]", where: "item.id" }, two)).toBe("ARG_UNRESOLVED");
  });

  it.each(["constructor", "__proto__", "toString", "length", "hasOwnProperty"])("never reads through a prototype: %s", (name) => {
    expect(filled({ from: `a$.${name}` }, {})).toBe("ARG_UNRESOLVED");
    expect(filled({ from: `a$.${name}.name` }, { x: 1 })).toBe("ARG_UNRESOLVED");
    expect(filled({ from: `a$.${name}` }, [1, 2])).toBe("ARG_UNRESOLVED");
    expect(filled({ from: `a$.${name}` }, "text")).toBe("ARG_UNRESOLVED");
    expect(filled({ expr: `a["${name}"]` }, {})).toBe("ARG_UNRESOLVED");
  });

  it("takes an own member of that name as the value that it is", () => {
    expect(filled({ from: "a$.constructor" }, { constructor: "c" })).toBe('allow {"key":"c"}');
    expect(filled({ from: "a$.__proto__" }, JSON.parse('{"__proto__":"p"}') as Json)).toBe('allow {"key":"p"}');
  });

  it("takes no index of a text and no member of a list", () => {
    expect(filled({ from: "a$[0]" }, "text")).toBe("ARG_UNRESOLVED");
    expect(filled({ from: "a$['0']" }, ["x"])).toBe("ARG_UNRESOLVED");
    expect(filled({ from: "a$[-3]" }, ["x", "y"])).toBe("ARG_UNRESOLVED");
  });
});

describe("a pick of the agent", () => {
  const pick: ArgRule = { from: "a$.rows[*].to", pick: "agent" };

  it("is one of the candidates and nothing else", () => {
    expect(filled(pick, two, { key: "bob" })).toBe('allow {"key":"bob"}');
    for (const key of ["eve", "Bob", "bob ", ["bob"], 1, { to: "bob" }, "sluice:h:AAAAAAAAAAAAAAAAAAAAAA"]) {
      expect(filled(pick, two, { key: key as Json })).toMatch(/^ARG_(MISMATCH|HANDLE)$/);
    }
    expect(filled(pick, two)).toBe("ARG_MISSING");
  });
});

describe("an extract", () => {
  const iban = { from: "a$.text", extract: "iban" } as const;
  const good = "DE89370400440532013000";
  const evil = "GB82WEST12345698765432";

  it("is denied when the text has two different matches", () => {
    expect(filled(iban, { text: `pay ${good}` })).toBe(`allow {"key":"${good}"}`);
    expect(filled(iban, { text: `pay ${good} or ${evil}` })).toBe("ARG_UNRESOLVED");
    expect(filled(iban, { text: "pay nobody" })).toBe("ARG_UNRESOLVED");
  });

  it("takes one match that is repeated as one", () => {
    expect(filled(iban, { text: `${good} ... ${good}` })).toBe(`allow {"key":"${good}"}`);
  });

  it("is denied of what is no text", () => {
    for (const text of [null, 5, [good], { iban: good }]) expect(filled(iban, { text: text as Json })).toBe("ARG_UNRESOLVED");
  });

  it("takes no account with a wrong check digit", () => {
    expect(filled(iban, { text: "pay DE89370400440532013001" })).toBe("ARG_UNRESOLVED");
  });

  it("keeps the label of its text: an account in a stranger's mail is a stranger's", () => {
    const world = open({
      nodes: {
        a: { tool: "web/get", args: { url: "https://a.example/" } },
        pay: { tool: "bank/pay", args: { to: { from: "a$", extract: "iban" }, amount: 1 } },
      },
      flows: [{ id: "no-web", deny: ["web"], to: "bank/*" }],
    });
    world.call("web/get", {}, `pay ${good}`);
    expect(world.attempt("bank/pay")).toBe("FLOW_SINK_DENIED");
  });
});
