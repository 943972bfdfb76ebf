/** What constraints by effect come to: which arguments each binds, and what a value of these may be; which resources a node touches. */
import { describe, expect, it } from "vitest";
import { globMatches, hostsIn } from "../../src/plan/compile.ts";
import type { CompiledNode } from "../../src/plan/compile/compiled.ts";
import { compiled, compiledNode, faultsOf, toolOf } from "./compiling.ts";
import type { Loose } from "./market.ts";

const open = { write: {} };
/** A tool with one argument of each role, and a node that leaves them all to the agent. */
const roles = { cmd: "command", sel: "selector", text: "content", to: "target" };

function nodeOf(constraints: Loose, args: Loose, facts: Loose = {}): CompiledNode {
  return compiledNode("n", { n: { args, constraints } }, { tools: { "s/any": toolOf("s/any", { roles, ...facts }) } });
}

/** The arguments that the constraints bind. */
const bound = (constraints: Loose, args: Loose, facts?: Loose): readonly string[] =>
  nodeOf(constraints, args, facts).constraints.effects.map(({ arg }) => arg);

/** Whether the constraints let a value of an argument pass. */
const keeps = (constraints: Loose, value: Loose, { arg = "to", args = { [arg]: open }, facts = {} }: Loose = {}): boolean => {
  const check = nodeOf(constraints, args, facts).constraints.effects.find((each) => each.arg === arg);
  if (check === undefined) throw new Error(`${arg} is not bound`);
  return check.keeps(value, undefined);
};

const hosts = { hosts: ["a.example"] };
const paths = { paths: ["/data"] };
const mail = { emails: ["ada@example.com"] };
const sql = { sql: { statements: ["select"] } };
const argv = { argv: { programs: ["git"] } };

describe("the arguments that a constraint by effect binds", () => {
  it.each<[string, Loose, Loose, readonly string[]]>([
    ["no constraint binds any", {}, { to: open, cmd: open }, []],
    ["a list of hosts binds what steers", hosts, { to: open, sel: open, text: open }, ["to"]],
    ["a list of hosts binds a command too", hosts, { to: open, cmd: open }, ["cmd", "to"]],
    ["a selector steers where nothing else does", hosts, { sel: open, text: open }, ["sel"]],
    ["a selector that is a constant does not", hosts, { sel: "x", text: open }, []],
    ["content does not, were it alone", hosts, { text: open }, []],
    ["addresses bind content too, for what looks like one", mail, { to: open, text: open, sel: "x" }, ["sel", "text", "to"]],
    ["prefixes bind no content", paths, { to: open, text: open }, ["to"]],
    ["statements bind the command alone", sql, { to: open, cmd: open, text: open }, ["cmd"]],
    ["statements bind what steers where there is no command", sql, { to: open, text: open }, ["to"]],
    [
      "statements and hosts bind the command, and the rest that steers",
      { ...sql, ...hosts },
      { to: open, cmd: open },
      ["cmd", "to"],
    ],
  ])("%s", (_what, constraints, args, expected) => {
    expect(bound(constraints, args)).toEqual(expected);
  });

  it("are those with content too for hosts, if the tool is on the network", () => {
    expect(bound(hosts, { to: open, text: open }, { effects: ["network"] })).toEqual(["text", "to"]);
    expect(keeps(hosts, "nothing to fetch", { arg: "text", facts: { effects: ["network"] } })).toBe(true);
    expect(keeps(hosts, "https://b.example/x", { arg: "text", facts: { effects: ["network"] } })).toBe(false);
    expect(keeps(hosts, "https://a.example/x", { arg: "text", facts: { effects: ["network"] } })).toBe(true);
  });

  it("are none of a node without a tool's facts of its own", () => {
    expect(faultsOf({ l: { let: "1", constraints: hosts } })).toEqual([]);
  });
});

describe("a value under constraints by effect", () => {
  it.each<[string, Loose, Loose, boolean]>([
    ["a listed host", hosts, "https://a.example/x", true],
    ["another host", hosts, "https://b.example/x", false],
    ["listed hosts in a list", hosts, ["https://a.example/", "https://a.example/x"], true],
    ["another host in a list", hosts, ["https://a.example/", "https://b.example/"], false],
    ["another host in a member", hosts, { x: { y: "https://b.example/" } }, false],
    ["listed hosts in members", hosts, { x: "https://a.example/", y: 1, z: null }, true],
    ["another host as the name of a member", hosts, { "https://b.example/": 1 }, false],
    ["a listed host as the name of a member", hosts, { "https://a.example/": 1 }, true],
    ["a number", hosts, 1, true],
    ["another host in one of two members", hosts, { x: "https://a.example/", y: "https://b.example/" }, false],
    ["a listed address as the name of a member, which is no path", { ...mail, ...paths }, { "ada@example.com": 1 }, false],
    ["a listed address", mail, "ada@example.com", true],
    ["another address", mail, "eve@example.com", false],
    ["another address as the name of a member", mail, { "eve@example.com": 1 }, false],
    ["a listed address as the name of a member, and another in it", mail, { "ada@example.com": "eve@example.com" }, false],
    ["a name that is no address", mail, { eve: "ada@example.com" }, true],
    ["an address of a listed domain", { domains: ["example.com"] }, "eve@example.com", true],
    ["a listed domain", { domains: ["example.com"] }, "Example.com", true],
    ["another domain", { domains: ["example.com"] }, "b.example", false],
    ["an address of no listed domain", { ...mail, domains: ["b.example"] }, "eve@example.com", false],
    ["a path below", paths, "/data/x", true],
    ["a path beside", paths, "/etc/x", false],
    ["what is a path below but no listed host", { ...paths, ...hosts }, "/data/x", false],
    ["a statement", sql, "select 1", true],
    ["another statement", sql, "delete from t", false],
    ["statements in a list", sql, ["select 1", "select 2"], true],
    ["another statement in a list", sql, ["select 1", "delete from t"], false],
    ["another statement in a member", sql, { x: "select 1", y: { z: "delete from t" } }, false],
    ["a statement with its values", sql, { x: "select 1", y: [1, null] }, true],
    ["a command line", argv, "git status", true],
    ["another program", argv, "rm x", false],
    ["words", argv, ["git", "status"], true],
    ["words that are not all texts", argv, ["git", 1], false],
    ["no words", argv, {}, false],
    ["a line that needs a shell", argv, "git status; rm x", false],
    ["a statement that is no listed command", { ...sql, ...argv }, "select 1", false],
  ])("%s", (_what, constraints, value, expected) => {
    expect(keeps(constraints, value)).toBe(expected);
  });
});

describe("a constraint by effect that cannot be held", () => {
  const domain = "a domain is a name such as `example.com`, or `*.example.com`";
  it.each<[string, Loose, string]>([
    [
      "hosts/0",
      { hosts: ["https://a.example"] },
      "a host is a name such as `api.example.com`, one with its port, or `*.example.com`",
    ],
    [
      "paths/0",
      { paths: ["/a/../b"] },
      "a prefix is a path of plain names such as `/data/in` or `notes`, without `.`, `..` and wildcards",
    ],
    ["emails/0", { emails: ["ada"] }, "an address is written out, as in `ada@example.com`"],
    ["domains/1", { domains: ["a.example", "ada@a.example"] }, domain],
    [
      "sql/columns/0",
      { sql: { statements: ["select"], dialect: "sqlite", columns: ["a"] } },
      "a column is written `table.column`",
    ],
    [
      "argv/programs/0",
      { argv: { programs: ["bash"] } },
      "a shell, or a program that runs what it is given, makes every other limit void",
    ],
  ])("is a fault at %s", (at, constraints, message) => {
    expect(faultsOf({ n: { args: { a: open }, constraints } })).toEqual([
      `error PLAN_CONSTRAINT /nodes/n/constraints/${at}: ${message}`,
    ]);
  });
});

describe("a list of columns", () => {
  const columns = (entry: string): readonly string[] =>
    faultsOf({ n: { args: { a: open }, constraints: { sql: { statements: ["select"], dialect: "sqlite", columns: [entry] } } } });

  it.each(["t.ab", "schema.t.a"])("may name `%s`", (entry) => {
    expect(columns(entry)).toEqual([]);
  });

  it.each(["a", "t.a.", ".a", "t..a"])("may not name `%s`", (entry) => {
    expect(columns(entry)).toHaveLength(1);
  });
});

describe("a glob of tools", () => {
  it.each([
    ["s/a", "s/a", true],
    ["s/a", "s/ab", false],
    ["*", "", true],
    ["*", "s/a", true],
    ["s/*", "s/", true],
    ["s/*", "t/s/a", false],
    ["*a", "s/a", true],
    ["*a", "s/ab", false],
    ["ab*ba", "aba", false],
    ["ab*ba", "abba", true],
    ["a*b*c", "abc", true],
    ["a*b*c", "axbyc", true],
    ["a*b*c", "axyc", false],
    ["a*b*b", "ab", false],
    ["a*b*b", "abb", true],
    ["a*bc*c", "abc", false],
    ["a*bc*bc", "abcc", false],
    ["a*bb*b", "abbb", true],
    ["*b*a*", "ba", true],
    ["*a*b*a*", "aab", false],
    ["*aa*aa*", "aaa", false],
    ["*aa*aa*", "aaaa", true],
    ["*x*", "x", true],
    ["**", "a", true],
  ])("%s covers `%s`: %s", (glob, text, expected) => {
    expect(globMatches(glob, text)).toBe(expected);
  });
});

describe("hosts in constants", () => {
  it("are those of links and those that stand alone, at any depth, each once and in order", () => {
    const args = {
      a: {
        object: { x: "see https://b.example/p and http://a.example", y: [{ const: "c.example", match: { type: "string" } }] },
      },
      b: ["https://b.example"],
      c: { write: {} },
    };
    expect(compiled({ n: { args } }).hosts).toEqual(["a.example", "b.example", "c.example"]);
    expect(new Set(hostsIn({ x: ["d.example", 1, null], y: "none here" }))).toEqual(new Set(["d.example"]));
  });
});

describe("the resources of a node", () => {
  const of = (facts: Loose, others: Loose = {}): Loose =>
    compiledNode("n", { n: {} }, { tools: { "s/any": toolOf("s/any", facts), ...others } }).resources;
  const part = { kind: "file", parts: ["/x/", ["to", "name"], ".", ["b"]] };

  it.each<[string, Loose, Loose]>([
    ["a tool that reads", { effects: ["read"] }, { reads: [part], writes: [], isCopying: true }],
    ["a tool that writes", { effects: ["write"] }, { reads: [], writes: [part], isCopying: false }],
    ["a tool that pays", { effects: ["money"] }, { reads: [], writes: [part], isCopying: false }],
    ["a tool that writes what it fetches", { effects: ["network", "write"] }, { reads: [], writes: [part], isCopying: true }],
    ["a tool that sends", { effects: ["message"] }, { reads: [], writes: [part], isCopying: false }],
    ["a tool that sends and pays", { effects: ["message", "money"] }, { reads: [], writes: [part], isCopying: false }],
    ["a tool that reads and writes", { effects: ["read", "write"] }, { reads: [part], writes: [part], isCopying: true }],
    [
      "a tool of which nobody said that it writes",
      { effects: ["write"], inferred: ["effects"] },
      { reads: [part], writes: [part] },
    ],
    [
      "a tool that runs anything",
      { effects: ["execute", "write"] },
      { reads: [undefined], writes: [undefined], isCopying: true },
    ],
  ])("are as its effects say: %s", (_what, facts, expected) => {
    expect(of({ ...facts, resource: "file:/x/{to.name}.{b}" })).toMatchObject({ server: "s", ...expected });
  });

  it("are what it declares, each with what is done to it", () => {
    const resource = ["a:1", { template: "b:{x}", access: "write" }, { template: "c:", access: "both" }];
    expect(of({ resource })).toEqual({
      server: "s",
      reads: [
        { kind: "a", parts: ["1"] },
        { kind: "c", parts: [] },
      ],
      writes: [
        { kind: "b", parts: [["x"]] },
        { kind: "c", parts: [] },
      ],
      isCopying: true,
    });
  });

  it("may be what it read itself, if it reads anything or fetches", () => {
    const copying = (effect: string, access: string): boolean =>
      of({ effects: [effect], resource: { template: "a:1", access } }).isCopying;
    expect([copying("write", "read"), copying("read", "write"), copying("write", "write")]).toEqual([true, true, false]);
  });

  it("are all of the server of a tool that runs what it is told to, though nobody declares any", () => {
    expect(of({ effects: ["execute"] })).toEqual({ server: "s", reads: [undefined], writes: [undefined], isCopying: true });
  });

  it("are none where nobody declares any, and all of the server where another tool of it does", () => {
    expect(of({})).toBeUndefined();
    expect(of({}, { "t/other": toolOf("t/other", { resource: "a:1" }) })).toBeUndefined();
    expect(of({}, { "s/other": toolOf("s/other", { resource: "a:1" }) })).toEqual({
      server: "s",
      reads: [undefined],
      writes: [],
      isCopying: true,
    });
  });
});
