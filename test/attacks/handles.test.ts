import { describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { member } from "../../src/json/value.ts";
import { handleIn, open, type Scheme, type World } from "./world.ts";

const scheme: Scheme = {
  nodes: {
    pins: { tool: "vault/read", args: { key: "pins" }, show: "none", times: { min: 1, max: 2 } },
    names: { tool: "vault/read", args: { key: "names" }, show: ["$.rows[*].id"] },
    put: {
      tool: "box/put",
      args: { key: { from: "pins$.door" }, data: { from: "names$.rows[0].name" } },
      times: { min: 0, max: 20 },
    },
    say: {
      tool: "box/file",
      args: { path: "/a", text: { write: { maxLength: 80 } } },
      times: { min: 0, max: 9 },
      after: ["pins"],
    },
    pick: {
      tool: "bank/pay",
      args: { to: { choose: { type: "string" } }, amount: 1 },
      times: { min: 0, max: 9 },
      after: ["pins"],
    },
  },
};

const pins = { door: "1234", safe: "9876" };
const names = {
  rows: [
    { id: 1, name: "ana" },
    { id: 2, name: "bob" },
  ],
};

interface Held {
  readonly world: World;
  readonly whole: string;
  readonly parts: Json;
}

function hold(session = "s1", key = "0123456789abcdef0123456789abcdef"): Held {
  const world = open(scheme, { id: session, key });
  const whole = handleIn(world.call("vault/read", { sluice_node: "pins" }, pins));
  const parts = world.call("vault/read", { sluice_node: "names" }, names);
  return { world, whole, parts };
}

function nameHandle(parts: Json, row: number): string {
  const rows = member(parts, "rows") as readonly Json[];
  return String(member(rows[row], "name"));
}

describe("a handle", () => {
  it("stands for the value, or for what contains it", () => {
    const { world, whole, parts } = hold();
    expect(world.attempt("box/put", { key: whole, data: nameHandle(parts, 0) })).toBe('allow {"data":"ana","key":"1234"}');
  });

  it("of another part of the same result is denied", () => {
    const { world, parts } = hold();
    expect(world.attempt("box/put", { data: nameHandle(parts, 1) })).toBe("HIDDEN");
  });

  it("of another node's result is denied", () => {
    const { world, whole, parts } = hold();
    expect(world.attempt("box/put", { data: whole })).toBe("HIDDEN");
    expect(world.attempt("box/put", { key: nameHandle(parts, 0) })).toBe("HIDDEN");
  });

  it("of another run of the same node is denied", () => {
    const { world } = hold();
    const second = handleIn(world.call("vault/read", { sluice_node: "pins" }, { door: "0000" }));
    expect(world.attempt("box/put", { key: second })).toBe("HIDDEN");
  });

  it("of another session is denied, with the same key and with another", () => {
    const { world } = hold();
    expect(world.attempt("box/put", { key: hold("s2").whole })).toBe("HIDDEN");
    expect(world.attempt("box/put", { key: hold("s1", "f".repeat(32)).whole })).toBe("HIDDEN");
  });

  it("is the same on a replay and differs between sessions, keys and parts", () => {
    const one = hold();
    expect(hold().whole).toBe(one.whole);
    const all = [
      one.whole,
      hold("s2").whole,
      hold("s1", "f".repeat(32)).whole,
      nameHandle(one.parts, 0),
      nameHandle(one.parts, 1),
    ];
    expect(new Set(all).size).toBe(5);
  });
});

describe("a forged handle", () => {
  const forge: readonly ((real: string) => Json)[] = [
    () => "sluice:h:AAAAAAAAAAAAAAAAAAAAAA",
    () => "sluice:h:",
    (real) => real.slice(0, -1),
    (real) => `${real}A`,
    (real) => `${real} `,
    (real) => real.toUpperCase(),
    (real) => real.replace("sluice", "Sluice"),
    (real) => `${real.slice(0, -1)}${real.endsWith("A") ? "B" : "A"}`,
    (real) => [real],
    (real) => ({ sluice_handle: real }),
    (real) => `{"sluice_handle":"${real}"}`,
  ];
  it.each(forge.map((make, i) => [i, make] as const))("is denied with the same code as everything else: form %i", (_, make) => {
    const { world, whole } = hold();
    expect(world.attempt("box/put", { key: make(whole) })).toBe("HIDDEN");
  });

  it("in text is only text: it is never replaced by the value", () => {
    const { world, whole } = hold();
    expect(world.attempt("box/file", { text: `the pin is ${whole}` })).toBe(`allow {"path":"/a","text":"the pin is ${whole}"}`);
    expect(world.attempt("box/file", { text: whole })).not.toContain("1234");
    expect(world.attempt("bank/pay", { to: whole })).toBe("HIDDEN");
  });

  it("in a result is only text, wherever a reference puts it", () => {
    const sneaky = open({
      nodes: {
        pins: { tool: "vault/read", show: "none" },
        page: { tool: "web/get", args: { url: "https://a.example/" } },
        put: { tool: "box/put", args: { key: { from: "page$.k" } } },
      },
    });
    const handle = handleIn(sneaky.call("vault/read", {}, pins));
    sneaky.call("web/get", {}, { k: handle });
    expect(sneaky.attempt("box/put")).toBe(`allow {"key":"${handle}"}`);
  });
});
