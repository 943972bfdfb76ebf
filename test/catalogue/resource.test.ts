import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json } from "../../src/json/value.ts";
import { compileResources, trackedServers } from "../../src/plan/compile/resources.ts";
import type { Effect, FrozenTool, ToolFacts } from "../../src/plan/plan.ts";

const read = (resource: Json): { readonly resource?: unknown; readonly errors: readonly string[] } => {
  const inputSchema = { type: "object", properties: { path: {}, to: {} } };
  const catalogue = readCatalogue({ tools: [{ name: "disk/copy", inputSchema, sluice: { resource } }] });
  if (!catalogue.ok) return { errors: catalogue.error.map(({ pointer }) => pointer) };
  return { resource: catalogue.value.tools.get("disk/copy")?.facts.resource, errors: [] };
};

describe("the resources that a catalogue declares", () => {
  it.each<[string, Json]>([
    ["a template", "file:{path}"],
    ["a template with what is done", { template: "file:{path}", access: "read" }],
    ["several", ["note:all", { template: "file:{path}" }, { template: "file:{to}", access: "write" }]],
  ])("are read as they stand: %s", (_, resource) => {
    expect(read(resource)).toEqual({ resource, errors: [] });
  });

  it.each<[string, Json, string]>([
    ["no kind", "{path}", ""],
    ["an argument that is none", "file:{name}", ""],
    ["an open brace", "file:{path", ""],
    ["a member that is none", { template: "file:{path}", acess: "read" }, "/acess"],
    ["an access that is none", { template: "file:{path}", access: "all" }, "/access"],
    ["no template", { access: "read" }, "/template"],
    ["one of several", ["file:{path}", 5], "/1"],
    ["a list of lists", [["file:{path}"]], "/0"],
    ["an empty list", [], ""],
  ])("are refused where they stand: %s", (_, resource, at) => {
    expect(read(resource).errors).toEqual([`/tools/0/sluice/resource${at}`]);
  });
});

const tool = (name: string, facts: Partial<ToolFacts>): FrozenTool => ({
  name,
  definition: {},
  facts: { effects: [], roles: {}, inferred: [], ...facts },
});
const accessOf = (effects: readonly Effect[], more: Partial<ToolFacts> = { resource: "file:{path}" }): string => {
  const one = tool("disk/one", { effects, ...more });
  const compiled = compileResources(one, trackedServers({ one, other: tool("disk/two", { resource: "file:{path}" }) }));
  const count = ({ length }: readonly unknown[] = []): string => (length === 0 ? "" : "1");
  return `${count(compiled?.reads) && "read"}${count(compiled?.writes) && "write"}`;
};

describe("what a tool does with its resources", () => {
  it("follows from its effects if it does not say, and is both where nobody said these", () => {
    expect(accessOf(["read"])).toBe("read");
    expect(accessOf(["read", "network"])).toBe("read");
    expect(accessOf(["write"])).toBe("write");
    expect(accessOf(["money"])).toBe("write");
    expect(accessOf(["message", "network"])).toBe("write");
    expect(accessOf(["read", "write"])).toBe("readwrite");
    expect(accessOf(["network"])).toBe("readwrite");
    expect(accessOf([])).toBe("readwrite");
    expect(accessOf(["execute"])).toBe("readwrite");
    expect(accessOf(["write"], { resource: "file:{path}", inferred: ["effects"] })).toBe("readwrite");
    expect(accessOf(["write"], { resource: { template: "file:{path}", access: "read" } })).toBe("read");
  });

  it("is the whole server for a tool that says nothing where another does, and for one that runs commands", () => {
    const silent = tool("disk/one", { effects: ["write"] });
    const speaking = tool("disk/two", { resource: "file:{path}" });
    const foreign = tool("net/two", { resource: "file:{path}" });
    const running = tool("disk/run", { effects: ["execute"], resource: "file:{path}" });
    expect(compileResources(silent, trackedServers({ silent, speaking }))?.writes).toEqual([undefined]);
    expect(compileResources(silent, trackedServers({ silent, foreign }))).toBe(undefined);
    expect(compileResources(running, trackedServers({ running }))).toMatchObject({
      reads: [undefined],
      writes: [undefined],
      isCopying: true,
    });
    expect(compileResources(undefined, trackedServers({}))).toBe(undefined);
  });
});
