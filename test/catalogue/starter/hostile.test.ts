/**
 * A server whose list was written to get lighter facts from a starter than its tools would get alone.
 * Never asks the network.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inferRole, inputProperties, readCatalogue, roleOf } from "../../../src/catalogue/catalogue.ts";
import { roleWeight } from "../../../src/catalogue/harm.ts";
import { applyStarter, type StarterName, starterNames } from "../../../src/catalogue/starter/starter.ts";
import { starterOf } from "../../../src/catalogue/starter/starters.ts";
import { type Json, type JsonObject, member } from "../../../src/json/value.ts";
import type { FrozenTool } from "../../../src/plan/plan.ts";

function laid(starter: StarterName, tool: JsonObject): FrozenTool {
  const applied = applyStarter([tool], { starter });
  if (!applied.ok) throw new Error(JSON.stringify(applied.error));
  const read = readCatalogue(applied.value.file);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return [...read.value.tools.values()][0] as FrozenTool;
}

/** A tool of a starter with other arguments. */
function listed(starter: StarterName, name: string, args: { readonly [arg: string]: Json }): JsonObject {
  const own = starterOf(starter).definitions.get(name) as JsonObject;
  const schema = member(own, "inputSchema") as JsonObject;
  return { ...own, inputSchema: { ...schema, properties: { ...(member(schema, "properties") as JsonObject), ...args } } };
}

const text = { type: "string" };

describe("an argument that has a name like a part of another one", () => {
  it("gets none of the facts of that part", () => {
    for (const [starter, name, arg] of [
      ["browser", "browser_fill_form", "fields.value"],
      ["github", "push_files", "files.content"],
      ["calendar", "create-events", "events.location"],
    ] as const) {
      const tool = laid(starter, listed(starter, name, { [arg]: text }));
      const alone = inferRole(arg, tool.facts.effects, text);
      expect([arg, roleWeight[roleOf(tool, arg)] >= roleWeight[alone]]).toEqual([arg, true]);
      if (alone !== "content") expect(tool.facts.resource, arg).toBeUndefined();
    }
  });
});

describe("a text argument that got new members", () => {
  const cases: readonly (readonly [StarterName, string, string, JsonObject])[] = [
    [
      "filesystem",
      "edit_file",
      "edits",
      { type: "array", items: { type: "object", properties: { oldText: text, newText: text, path: text } } },
    ],
    ["filesystem", "edit_file", "edits", { type: "array", items: { type: "object" } }],
    ["filesystem", "edit_file", "edits", { type: "array" }],
    ["filesystem", "edit_file", "edits", { type: "array", items: { $ref: "#/$defs/edit" } }],
    ["browser", "browser_drop", "data", { type: "object", properties: { webhook: text } }],
    [
      "github",
      "push_files",
      "files",
      {
        type: "array",
        items: { type: "object", properties: { path: text, content: { type: "object", properties: { run: text } } } },
      },
    ],
  ];
  it.each(cases)("%s %s: `%s` is content no more", (starter, name, arg, schema) => {
    const tool = laid(starter, listed(starter, name, { [arg]: schema }));
    const parts = [arg, `${arg}.path`, `${arg}.content`, `${arg}.webhook`].map((path) => roleOf(tool, path));
    expect(parts).not.toContain("content");
  });

  it("stays what it is where only words changed", () => {
    const edits = member(
      member(member(starterOf("filesystem").definitions.get("edit_file"), "inputSchema"), "properties"),
      "edits",
    );
    const tool = laid(
      "filesystem",
      listed("filesystem", "edit_file", { edits: { ...(edits as JsonObject), description: "new words" } }),
    );
    expect(roleOf(tool, "edits")).toBe("content");
  });
});

describe("laws of hostile lists", () => {
  const names = fc.constantFrom(
    "__proto__",
    "constructor",
    "toString",
    "fields.value",
    "events.summary",
    "Content",
    "content ",
    "cоntent",
    "",
    "a/b",
    "x".repeat(200),
    "to.0",
  );
  it("an argument that the starter does not know is never lighter than alone, whatever its name", () => {
    const tools = fc
      .constantFrom(...starterNames)
      .chain((starter) => fc.tuple(fc.constant(starter), fc.constantFrom(...starterOf(starter).definitions.keys()), names));
    const property = fc.property(tools, ([starter, name, arg]) => {
      const own = listed(starter, name, {});
      const properties = new Map(inputProperties({ definition: own } as FrozenTool));
      fc.pre(!properties.has(arg));
      const schema = member(own, "inputSchema") as JsonObject;
      const added = Object.fromEntries([...properties, [arg, text]]);
      const tool = { ...own, inputSchema: { ...schema, properties: added } };
      const applied = applyStarter([tool], { starter });
      if (!applied.ok) return;
      const found = laid(starter, tool);
      const alone = inferRole(arg, found.facts.effects, text);
      expect(roleWeight[roleOf(found, arg)]).toBeGreaterThanOrEqual(roleWeight[alone]);
    });
    fc.assert(property, { numRuns: 400 });
  });

  it("a tool whose name only resembles one that is known gets nothing of it", () => {
    for (const name of ["Fetch", "fetch ", "fеtch", "__proto__", "constructor", "hasOwnProperty", "fetch\u200b"]) {
      const applied = applyStarter(
        [
          { name: "fetch", inputSchema: { type: "object" } },
          { name, inputSchema: { type: "object", properties: { url: text } } },
        ],
        { starter: "fetch" },
      );
      if (!applied.ok) continue;
      const tools = member(applied.value.file, "tools") as readonly Json[];
      expect([name, member(tools[1], "sluice")]).toEqual([name, undefined]);
    }
  });
});

describe("facts that were too light", () => {
  const factsOf = (starter: StarterName, name: string): FrozenTool =>
    laid(starter, starterOf(starter).definitions.get(name) as JsonObject);

  it("a new repository is a resource that no reader of `owner/repo` would miss", () => {
    for (const [starter, name] of [
      ["github", "create_repository"],
      ["github-server", "create_repository"],
      ["github", "fork_repository"],
      ["github-server", "fork_repository"],
    ] as const)
      expect(factsOf(starter, name).facts.resource, `${starter} ${name}`).toBeUndefined();
  });

  it("files that are given away are read", () => {
    for (const [starter, name, argument] of [
      ["browser", "browser_file_upload", "paths"],
      ["browser", "browser_drop", "paths"],
      ["mail", "send_email", "attachments"],
      ["gmail", "send_email", "attachments"],
      ["mail", "save_draft", "attachments"],
      ["gmail", "draft_email", "attachments"],
    ] as const)
      expect(factsOf(starter, name).facts.resource, `${starter} ${name}`).toContainEqual({
        template: `file:{${argument}}`,
        access: "read",
      });
  });

  it("a subject that is written into the header as it is may not be written freely", () => {
    for (const name of ["send_email", "draft_email"]) expect(roleOf(factsOf("gmail", name), "subject")).toBe("control");
    expect(roleOf(factsOf("mail", "send_email"), "subject")).toBe("content");
  });
});
