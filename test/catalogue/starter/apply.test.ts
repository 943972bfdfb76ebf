/**
 * Laying a starter over a user's own list: the user's definitions, the operator's word first, and nothing covered that is new.
 * Never asks the network.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Catalogue, inputProperties, readCatalogue, roleOf } from "../../../src/catalogue/catalogue.ts";
import {
  type Applied,
  type ApplyOptions,
  applyStarter,
  starterCatalogue,
  type StarterName,
  starterNames,
} from "../../../src/catalogue/starter/starter.ts";
import { starterOf } from "../../../src/catalogue/starter/starters.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { isArray, isObject, member } from "../../../src/json/value.ts";
import type { FrozenTool } from "../../../src/plan/plan.ts";

function apply(file: Json, options: ApplyOptions): Applied {
  const applied = applyStarter(file, options);
  if (!applied.ok) throw new Error(JSON.stringify(applied.error));
  return applied.value;
}

function read(file: Json): Catalogue {
  const result = readCatalogue(file);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function toolIn(file: Json, name: string): FrozenTool {
  const found = read(file).resolve(name);
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
}

/** The definition of a starter's tool with other members. */
function definition(starter: StarterName, name: string, change: (own: JsonObject) => JsonObject = (own) => own): JsonObject {
  const own = starterOf(starter).definitions.get(name);
  if (own === undefined) throw new Error(name);
  return change(own);
}

/** The same with other arguments: `null` takes one away. */
function withArguments(own: JsonObject, change: { readonly [arg: string]: JsonObject | null }): JsonObject {
  const schema = member(own, "inputSchema") as JsonObject;
  const properties = { ...(member(schema, "properties") as JsonObject), ...change };
  return {
    ...own,
    inputSchema: { ...schema, properties: Object.fromEntries(Object.entries(properties).filter(([, of]) => of !== null)) },
  };
}

const slackPost = (change: { readonly [arg: string]: JsonObject | null }): JsonObject => ({
  tools: [definition("slack", "slack_post_message", (own) => withArguments(own, change))],
  server: "team",
});

describe("a list that is the starter's own", () => {
  it.each(starterNames)("gets the facts of the starter %s without a finding", (starter) => {
    const file = { server: starterOf(starter).facts.server, tools: [...starterOf(starter).definitions.values()] };
    const { file: laid, findings } = apply(file, { starter });
    expect(findings).toEqual([]);
    expect([...read(laid).tools]).toEqual([...read(starterCatalogue(starter)).tools]);
    expect(read(laid).labels).toEqual(read(starterCatalogue(starter)).labels);
  });

  it("keeps the user's form: a bare list, the API's spelling, other members of the file", () => {
    const tool = definition("fetch", "fetch");
    const { inputSchema, ...rest } = tool;
    const api = { type: "function", function: { ...rest, parameters: inputSchema as Json } };
    const { file } = apply([api], { starter: "fetch" });
    expect(member((member(file, "tools") as Json[])[0], "function")).toEqual(api.function);
    expect(toolIn(file, "fetch/fetch").facts.labels).toEqual(["web_content"]);
    expect(toolIn(file, "fetch/fetch").facts.inferred).toEqual([]);
    expect(
      member(apply({ tools: [tool], server: { name: "web", url: "https://web.example" } }, { starter: "fetch" }).file, "server"),
    ).toEqual({
      name: "web",
      url: "https://web.example",
    });
  });
});

describe("a tool whose definition differs", () => {
  it("in its texts is covered, and a finding says so", () => {
    const file = [definition("fetch", "fetch", (own) => ({ ...own, description: "Fetches a page." }))];
    const { file: laid, findings } = apply(file, { starter: "fetch" });
    expect(findings).toMatchObject([{ code: "CATALOGUE_STARTER_DIFFERS", severity: "info", pointer: "/0" }]);
    expect(toolIn(laid, "fetch").facts.roles.url).toBe("target");
  });

  it("in a new argument that steers: its role is inferred, and neither audience nor resource is taken over", () => {
    const { file, findings } = apply(slackPost({ also_to: { type: "string" } }), { starter: "slack" });
    const { facts } = toolIn(file, "slack_post_message");
    expect(findings).toMatchObject([{ code: "CATALOGUE_STARTER_DIFFERS", severity: "warning", pointer: "/tools/0" }]);
    expect(findings[0]?.message).toContain("`also_to`");
    expect(facts).toMatchObject({
      roles: { channel_id: "target", text: "content", also_to: "target" },
      inferred: ["roles.also_to"],
    });
    expect([facts.audience, facts.resource]).toEqual([undefined, undefined]);
  });

  it("in a new text keeps the audience, since a text names no reader", () => {
    const { facts } = toolIn(apply(slackPost({ title: { type: "string" } }), { starter: "slack" }).file, "slack_post_message");
    expect(facts.roles.title).toBe("content");
    expect(facts.audience).toEqual({ arg: "channel_id" });
  });

  it("in the type of a text: it is a target from then on, and its parts are not covered", () => {
    const { file, findings } = apply(slackPost({ text: { type: "object" } }), { starter: "slack" });
    expect(toolIn(file, "slack_post_message").facts.roles.text).toBe("target");
    expect(findings[0]?.message).toContain("other types of `text`");
    const files = definition("github", "push_files", (own) => withArguments(own, { files: { type: "object" } }));
    const laid = toolIn(apply([files], { starter: "github" }).file, "push_files");
    expect(roleOf(laid, "files.content")).toBe("target");
  });

  it("only in `null` or in how a number is written is the same type", () => {
    const own = definition("fetch", "fetch", (tool) =>
      withArguments(tool, { max_length: { anyOf: [{ type: "number" }, { type: "null" }] }, raw: { type: ["boolean", "null"] } }),
    );
    expect(apply([own], { starter: "fetch" }).findings).toMatchObject([{ severity: "info" }]);
  });

  it("in what it says that it does: the effects that are new are added", () => {
    const file = [
      definition("filesystem", "read_text_file", (own) => ({
        ...own,
        description: "Reads a file and sends it to the support team",
        annotations: { readOnlyHint: false },
      })),
    ];
    const { file: laid, findings } = apply(file, { starter: "filesystem" });
    expect(toolIn(laid, "read_text_file").facts.effects).toEqual(["read", "write", "network", "message"]);
    expect(findings).toMatchObject([{ severity: "warning" }]);
  });

  it("in an argument that it has no more: the role goes, and an audience that it named", () => {
    const { facts } = toolIn(apply(slackPost({ channel_id: null }), { starter: "slack" }).file, "slack_post_message");
    expect(facts.roles).toEqual({ text: "content" });
    expect(facts.audience).toBeUndefined();
  });
});

describe("a tool of a version that is not kept here", () => {
  const write: JsonObject = {
    name: "issue_write",
    description: "Create or update an issue",
    inputSchema: {
      type: "object",
      properties: { method: {}, owner: {}, repo: {}, title: { type: "string" }, body: { type: "string" } },
    },
  };

  it("is known by its name and arguments, and a finding says that the texts were not compared", () => {
    const { file, findings } = apply([write], { starter: "github-server" });
    expect(findings).toMatchObject([{ code: "CATALOGUE_STARTER_DIFFERS", severity: "info" }]);
    expect(toolIn(file, "issue_write").facts).toMatchObject({
      effects: ["write", "network", "message"],
      roles: { method: "control", owner: "target", repo: "target", title: "content", body: "content" },
      inferred: [],
    });
  });

  it("gets the effects that its texts add to what the name says", () => {
    const odd = { ...write, description: "Run a shell script for the issue" };
    expect(toolIn(apply([odd], { starter: "github-server" }).file, "issue_write").facts.effects).toContain("execute");
  });
});

describe("tools and servers that a starter does not know", () => {
  const odd = { name: "slack_delete_workspace", inputSchema: { type: "object", properties: { id: { type: "string" } } } };

  it("stay inferred, and a finding names them", () => {
    const { file, findings } = apply([definition("slack", "slack_get_users"), odd], { starter: "slack" });
    expect(findings).toMatchObject([{ code: "CATALOGUE_STARTER_UNKNOWN", severity: "info", pointer: "" }]);
    expect(findings[0]?.message).toContain("`slack_delete_workspace`");
    expect(toolIn(file, "slack_delete_workspace").facts).toMatchObject({
      roles: { id: "target" },
      inferred: ["effects", "roles"],
    });
    expect(toolIn(file, "slack_delete_workspace").facts.labels).toBeUndefined();
  });

  it("are a warning if there is no other tool: it is the wrong starter", () => {
    expect(apply([odd], { starter: "slack" }).findings).toMatchObject([
      { code: "CATALOGUE_STARTER_UNKNOWN", severity: "warning" },
    ]);
  });

  it("are left alone on other servers, also where a tool has the same name", () => {
    const post = definition("slack", "slack_post_message");
    const file = {
      tools: [
        { ...post, server: "team" },
        { ...post, server: "notes" },
      ],
    };
    const { file: laid, findings } = apply(file, { starter: "slack", server: "team" });
    expect(findings).toEqual([]);
    expect(toolIn(laid, "team/slack_post_message").facts.labels).toEqual(["slack_message"]);
    expect(toolIn(laid, "notes/slack_post_message").facts.labels).toBeUndefined();
  });

  it("must be told apart: the only server, the one with the usual name, else the one that is named", () => {
    const post = definition("slack", "slack_post_message");
    const two = {
      tools: [
        { ...post, server: "team" },
        { ...post, server: "notes" },
      ],
    };
    const none = applyStarter(two, { starter: "slack" });
    expect(!none.ok && none.error).toMatchObject([{ code: "CATALOGUE_STARTER_SERVER", severity: "error" }]);
    expect(applyStarter(two, { starter: "slack", server: "other" }).ok).toBe(false);
    const usual = {
      tools: [
        { ...post, server: "slack" },
        { ...post, server: "notes" },
      ],
    };
    expect(toolIn(apply(usual, { starter: "slack" }).file, "slack/slack_post_message").facts.labels).toEqual(["slack_message"]);
  });

  it("and lists that are none are refused with the findings of the reader", () => {
    const refused = applyStarter({ tools: 5 }, { starter: "git" });
    expect(!refused.ok && refused.error).toMatchObject([{ code: "CATALOGUE_MALFORMED" }]);
  });
});

describe("a list that names no server", () => {
  const post = definition("slack", "slack_post_message");

  it("is the starter's usual one, or the one that is meant", () => {
    expect([...read(apply([post], { starter: "slack" }).file).tools.keys()]).toEqual(["slack/slack_post_message"]);
    expect([...read(apply({ tools: [post] }, { starter: "slack", server: "team" }).file).tools.keys()]).toEqual([
      "team/slack_post_message",
    ]);
  });

  it("is none of which a tool names its own: that one must be told apart", () => {
    const list = [{ ...post, server: "notes" }, post];
    expect(applyStarter(list, { starter: "slack" }).ok).toBe(false);
    const { file } = apply(list, { starter: "slack", server: "notes" });
    expect([...read(file).tools].map(([name, { facts }]) => [name, facts.labels])).toEqual([
      ["notes/slack_post_message", ["slack_message"]],
      ["local/slack_post_message", undefined],
    ]);
  });
});

describe("what the operator declared", () => {
  it("wins, argument by argument", () => {
    const sluice = { effects: ["read", "network", "money"], roles: { text: "target" }, labels: ["mine"], audience: ["ops"] };
    const file = {
      tools: [{ ...definition("slack", "slack_post_message"), sluice }],
      labels: { mine: { integrity: "trusted" } },
    };
    const { facts } = toolIn(apply(file, { starter: "slack" }).file, "slack_post_message");
    expect(facts).toMatchObject({ ...sluice, roles: { text: "target", channel_id: "target" } });
  });

  it("is a label too: what it trusts stays trusted, with a warning", () => {
    const file = { tools: [definition("fetch", "fetch")], labels: { web_content: { integrity: "trusted" } } };
    const { file: laid, findings } = apply(file, { starter: "fetch" });
    expect(read(laid).labels.web_content).toEqual({ integrity: "trusted" });
    expect(findings).toMatchObject([{ code: "CATALOGUE_STARTER_TRUSTED", severity: "warning", pointer: "/labels/web_content" }]);
  });

  it("is not what a program inferred and nobody confirmed", () => {
    const sluice = {
      effects: ["write", "network"],
      roles: { channel_id: "content", text: "target" },
      inferred: ["effects", "roles.channel_id"],
    };
    const { facts } = toolIn(
      apply([{ ...definition("slack", "slack_post_message"), sluice }], { starter: "slack" }).file,
      "slack_post_message",
    );
    expect(facts).toMatchObject({
      effects: ["network", "message"],
      roles: { channel_id: "target", text: "target" },
      inferred: [],
    });
  });
});

/** A tool of a starter in another version: arguments gone, new or of another type, other texts and hints, and perhaps declared facts. */
const versions = fc
  .constantFrom(...starterNames)
  .chain((starter) => fc.tuple(fc.constant(starter), fc.constantFrom(...starterOf(starter).definitions.keys())))
  .chain(([starter, name]) => {
    const own = starterOf(starter).definitions.get(name) as JsonObject;
    const args = Object.keys((member(member(own, "inputSchema"), "properties") as JsonObject | undefined) ?? {});
    const type = fc.constantFrom("string", "number", "object", "array", "boolean").map((of): JsonObject => ({ type: of }));
    const some = args.length === 0 ? fc.constant({}) : fc.dictionary(fc.constantFrom(...args), fc.option(type), { maxKeys: 3 });
    const more = fc.dictionary(fc.constantFrom("webhook_url", "bcc", "body", "dry_run", "api_key", "sql", "note"), type, {
      maxKeys: 2,
    });
    return fc.record({
      starter: fc.constant(starter),
      name: fc.constant(name),
      change: fc.tuple(some, more).map(([one, other]) => ({ ...one, ...other })),
      description: fc.option(fc.constantFrom("Deletes everything.", "Reads.", "Sends a mail to the owner.", "")),
      hint: fc.option(fc.boolean()),
      roles: fc.dictionary(
        fc.constantFrom(...(args.length === 0 ? ["none"] : args)),
        fc.constantFrom("target", "content", "selector", "command"),
      ),
      effects: fc.option(fc.constantFrom<readonly string[]>(["read"], ["write", "money"])),
    });
  })
  .map(({ starter, name, change, description, hint, roles, effects }) => {
    const own = withArguments(starterOf(starter).definitions.get(name) as JsonObject, change);
    const args = inputProperties({ definition: own } as FrozenTool);
    const declared = Object.fromEntries(Object.entries(roles).filter(([arg]) => args.has(arg)));
    const sluice: JsonObject = {
      ...(Object.keys(declared).length === 0 ? {} : { roles: declared }),
      ...(effects === null ? {} : { effects }),
    };
    const tool: JsonObject = {
      ...own,
      ...(description === null ? {} : { description }),
      ...(hint === null ? {} : { annotations: { readOnlyHint: hint } }),
      ...(Object.keys(sluice).length === 0 ? {} : { sluice }),
    };
    return { starter, name, tool, sluice };
  });

describe("laws of laying a starter over any version of its tools", () => {
  it("applying twice is applying once", () => {
    fc.assert(
      fc.property(versions, ({ starter, tool }) => {
        const once = apply([tool], { starter }).file;
        expect(apply(once, { starter }).file).toEqual(once);
      }),
      { numRuns: 300 },
    );
  });

  it("the definition stays the user's, and every declared fact the operator's", () => {
    fc.assert(
      fc.property(versions, ({ starter, name, tool, sluice }) => {
        const { definition: own, facts } = toolIn(apply([tool], { starter }).file, `${starterOf(starter).facts.server}/${name}`);
        const { sluice: _, ...rest } = own;
        const { sluice: __, ...given } = tool;
        expect(rest).toEqual(given);
        if (member(sluice, "effects") !== undefined) expect(facts.effects).toEqual(member(sluice, "effects"));
        expect(facts.roles).toMatchObject((member(sluice, "roles") ?? {}) as object);
      }),
      { numRuns: 300 },
    );
  });

  it("an argument that the starter was not written for is judged as if nobody knew the tool", () => {
    fc.assert(
      fc.property(versions, ({ starter, name, tool }) => {
        const { facts, definition: own } = toolIn(apply([tool], { starter }).file, `${starterOf(starter).facts.server}/${name}`);
        const known = starterOf(starter).facts.tools[name]?.roles ?? {};
        for (const arg of inputProperties({ definition: own } as FrozenTool).keys()) {
          if (Object.hasOwn(known, arg)) continue;
          const { effects } = facts;
          const alone = toolIn([{ ...without(own, "sluice"), sluice: { effects: [...effects] } }], name).facts.roles[arg];
          expect(facts.roles[arg], arg).toBe(alone);
          expect(facts.inferred.includes("roles") || facts.inferred.includes(`roles.${arg}`), arg).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("effects are never fewer than the starter's, unless the operator says so", () => {
    fc.assert(
      fc.property(versions, ({ starter, name, tool, sluice }) => {
        if (isArray(member(sluice, "effects"))) return;
        const { facts } = toolIn(apply([tool], { starter }).file, `${starterOf(starter).facts.server}/${name}`);
        expect(facts.effects).toEqual(expect.arrayContaining([...(starterOf(starter).facts.tools[name]?.effects ?? [])]));
      }),
      { numRuns: 300 },
    );
  });
});

function without(value: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(isObject(value) ? value : {}).filter(([name]) => name !== key));
}
