/** A stranger's text takes the way round over something that is written and read again. It comes back with its label. */
import { describe, expect, it } from "vitest";
import { bottom } from "../../src/taint/label.ts";
import { enter, freeze, open, type Scheme, type World } from "./world.ts";

const path = { type: "string" } as const;
const tools = [
  {
    name: "disk/write",
    inputSchema: { type: "object", properties: { path, text: {} } },
    sluice: { effects: ["write"], labels: ["safe"], roles: { path: "target", text: "content" }, resource: "file:{path}" },
  },
  {
    name: "disk/read",
    inputSchema: { type: "object", properties: { path } },
    sluice: { effects: ["read"], labels: ["safe"], roles: { path: "selector" }, resource: "file:{path}" },
  },
  {
    name: "disk/copy",
    inputSchema: { type: "object", properties: { from: path, to: path } },
    sluice: {
      effects: ["read", "write"],
      labels: ["safe"],
      roles: { from: "selector", to: "target" },
      resource: [
        { template: "file:{from}", access: "read" },
        { template: "file:{to}", access: "write" },
      ],
    },
  },
  { name: "disk/search", sluice: { effects: ["read"], labels: ["safe"], roles: {} } },
  { name: "other/read", sluice: { effects: ["read"], labels: ["safe"], roles: {}, resource: "file:{path}" } },
];

const at = { param: "at" } as const;
const scheme: Scheme = {
  params: { at: { type: "string", default: "/data/a.txt" } },
  nodes: {
    page: { tool: "web/get", args: { url: "https://a.example/" }, show: "none", optional: true },
    vault: { tool: "vault/read", args: { key: "k" }, show: "none", optional: true },
    write: { tool: "disk/write", args: { path: "/data/a.txt", text: { from: "page$" } }, optional: true, show: "all" },
    keep: { tool: "disk/write", args: { path: "/data/a.txt", text: { from: "vault$" } }, optional: true, show: "all" },
    one: { tool: "disk/copy", args: { from: "/data/a.txt", to: "/b/one" }, optional: true, show: "none" },
    two: { tool: "disk/copy", args: { from: "/b/one", to: "/b/two" }, optional: true, show: "none" },
    read: { tool: "disk/read", args: { path: at }, optional: true, times: { max: 9 } },
    search: { tool: "disk/search", optional: true },
    foreign: { tool: "other/read", args: { path: at }, optional: true },
  },
};

/** A session in which a stranger's text is being written to `/data/a.txt`; what is read stands at `place`. */
function written(place = "/data/a.txt"): World {
  const world = open(scheme, { tools, params: { at: place } });
  world.call("web/get", {}, "attack");
  world.start("disk/write", { sluice_node: "write" });
  return world;
}

const labelOf = (world: World, run: number): readonly string[] =>
  world.guard.program.labels.toValue(world.session.state.runs[run]?.base ?? bottom).sources;

/** Whether the answer of a call, whose arguments have nothing of a stranger's in them, carries `web`. */
function bringsWeb(world: World, tool: string, args = {}): boolean {
  const run = world.start(tool, args);
  expect(labelOf(world, run)).not.toContain("web");
  world.settle(run, "attack");
  return labelOf(world, run).includes("web");
}

describe("a round trip over a file", () => {
  it.each([
    "/data/a.txt",
    "/data//a.txt",
    "/data/./a.txt",
    "//data/a.txt",
    "\\data\\a.txt",
    "/DATA/A.TXT",
    "/data/ａ.txt",
    "/data/x/../a.txt",
    "a.txt",
    "./a.txt",
    "../data/a.txt",
    "/data",
    "/data/",
    "/",
    ".",
    "/data/a.txt/x",
    "/data/a.txt ",
    "/data/a.txt.",
    "/data/a.txt::$DATA",
    "C:\\data\\a.txt",
    "/data/*.txt",
    "/data/%61.txt",
    "~/a.txt",
    "/data/a\u200b.txt",
    "/data/a.txt\u0000.png",
    "",
  ])("is seen through, however the path is spelled: %j", (place) => {
    expect(bringsWeb(written(place), "disk/read")).toBe(true);
  });

  it.each(["/data/b.txt", "/other", "/data/a.txt2", "/data/a.tx"])("leaves other files what they are: %j", (place) => {
    expect(bringsWeb(written(place), "disk/read")).toBe(false);
  });

  it("leaves files of other servers what they are", () => {
    expect(bringsWeb(written(), "other/read")).toBe(false);
  });

  it("is seen through by a tool that does not say what it reads, on a server where others do", () => {
    expect(bringsWeb(written(), "disk/search")).toBe(true);
  });

  it("is seen through when the write failed or was never heard of again: half of it may be there", () => {
    for (const isLate of [true, false]) {
      const world = written();
      world.wait(isLate ? 400_000 : 1);
      expect(world.session.record(1, { error: "disk full" }).ok).toBe(!isLate);
      expect(bringsWeb(world, "disk/read")).toBe(true);
    }
  });

  it("is seen through when the read began before the write, and when it fails", () => {
    const world = open(scheme, { tools });
    world.call("web/get", {}, "attack");
    const read = world.start("disk/read");
    world.start("disk/write", { sluice_node: "write" });
    const seen = world.session.record(read, { error: "cannot read: attack" });
    expect(seen.ok && seen.event.brought?.sources).toContain("web");
    expect(labelOf(world, read)).toContain("web");
  });

  it("is seen through over copies, those still in flight included", () => {
    for (const isSettled of [true, false]) {
      const world = open(scheme, { tools, params: { at: "/b/two" } });
      world.call("web/get", {}, "attack");
      const copies = ["one", "two"].map((node) => world.start("disk/copy", { sluice_node: node }));
      world.start("disk/write", { sluice_node: "write" });
      if (isSettled) for (const run of copies) world.settle(run, "done");
      expect(bringsWeb(world, "disk/read")).toBe(true);
    }
  });

  it("brings back who may read, too", () => {
    const world = open(scheme, { tools });
    world.call("vault/read", {}, "k");
    world.start("disk/write", { sluice_node: "keep" });
    const read = world.start("disk/read");
    world.settle(read, "k");
    expect(world.session.state.runs[read]?.base.readers).toEqual(["ana", "bob"]);
  });

  it("over a file whose name is hidden is a round trip over any file of the server", () => {
    const write = { tool: "disk/write", args: { path: { from: "page$" }, text: "x" }, show: "none" } as const;
    const world = open({ ...scheme, nodes: { ...scheme.nodes, write } }, { tools, params: { at: "/elsewhere" } });
    world.call("web/get", {}, "/data/secret.txt");
    world.start("disk/write", { sluice_node: "write" });
    expect(bringsWeb(world, "disk/read")).toBe(true);
  });
});

describe("a shell", () => {
  it("writes and reads all that its server holds", () => {
    const world = open(
      {
        nodes: {
          page: { tool: "web/get", args: { url: "https://a.example/" }, show: "none", optional: true },
          first: { tool: "shell/run", args: { argv: ["save", { from: "page$" }] }, optional: true, show: "none" },
          second: { tool: "shell/run", args: { argv: ["show"] }, optional: true },
        },
      },
      { tools },
    );
    world.call("web/get", {}, "attack");
    world.start("shell/run", { sluice_node: "first" });
    expect(bringsWeb(world, "shell/run", { sluice_node: "second" })).toBe(true);
  });
});

describe("two plans that disagree about a name", () => {
  const said = (integrity: "trusted" | "untrusted", more: object = {}): Scheme => ({
    labels: { feed: { integrity, ...more } },
    nodes: {
      feed: { tool: "odd/read", args: { key: "k" }, labels: ["feed"], optional: true },
      pay: { tool: "bank/pay", args: { to: { choose: { enum: ["a", "b"] } } }, optional: true },
    },
  });
  const inPlan = (scheme: Scheme, over: Parameters<typeof enter>[1] = {}): World => {
    const frozen = freeze(scheme, tools);
    if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
    return enter(frozen.value, over);
  };

  it("do not launder it by a conversation", () => {
    const first = inPlan(said("untrusted"));
    first.call("odd/read", {}, "attack");
    const context = first.session.context();
    expect(context).toEqual({ sources: ["feed", "user_input"], readers: null, untrusted: ["feed"] });
    const second = inPlan(said("trusted"), { context });
    expect(second.sources()).toContain("unknown");
    expect(second.attempt("bank/pay", { to: "a" })).toBe("FLOW_CHOICE_UNTRUSTED");
    // Nor by a third plan that takes the second plan's word.
    const third = inPlan(said("trusted"), { context: second.session.context() });
    expect(third.attempt("bank/pay", { to: "a" })).toBe("FLOW_CHOICE_UNTRUSTED");
  });

  it("keep what both trust", () => {
    const first = inPlan(said("trusted"));
    first.call("odd/read", {}, "x");
    expect(inPlan(said("trusted"), { context: first.session.context() }).attempt("bank/pay", { to: "a" })).toBe(
      'allow {"to":"a"}',
    );
  });
});
