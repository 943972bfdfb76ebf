/**
 * Everything in README.md that a reader could type or copy is run or checked, in the order in which it stands there.
 */
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import { CODES, type CodeInfo } from "../../src/codes.ts";
import { createGuard } from "../../src/engine.ts";
import { readJsonLines } from "../../src/json/lines.ts";
import { readJson } from "../../src/json/read.ts";
import { isObject, type Json, type JsonObject } from "../../src/json/value.ts";
import { readYaml } from "../../src/json/yaml.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";
import { parsePolicy } from "../../src/policy/schema.ts";
import { agentCatalogue } from "../../src/surfaces/hook/tools.ts";
import { must } from "../plans/example.ts";
import { type Block, blocksOf, codesOf, commandsOf, patternOf, readProjectFile, tableBelow } from "./blocks.ts";
import { preparePrograms, promisedOutput } from "./programs.ts";
import { prepareCommands, runSession } from "./sessions.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readme = readProjectFile("README.md");
const blocks = blocksOf(readme);
const inLanguage = (...languages: readonly string[]): readonly Block[] =>
  blocks.filter(({ language }) => languages.includes(language));
const scripts = Object.keys((JSON.parse(readProjectFile("package.json")) as { readonly scripts: JsonObject }).scripts);
const programs = preparePrograms(inLanguage("ts"));

/** Where the files of the README lie while it is read, with `npx` and `plans/` as in a checkout. */
const folder = mkdtempSync(join(tmpdir(), "sluice-docs-"));

beforeAll(() => {
  symlinkSync(join(root, "plans"), join(folder, "plans"));
  prepareCommands(folder);
  for (const { attributes, language, text } of blocks)
    if (attributes.file !== undefined && language !== "python") writeFileSync(join(folder, attributes.file), text);
});

afterAll(() => {
  programs.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** A port of the loopback address that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

function catalogueAt(path: string | undefined): Catalogue | undefined {
  if (path === undefined) return undefined;
  if (path.startsWith("hook:")) return must(readCatalogue(agentCatalogue(path.slice("hook:".length)) ?? null), path);
  const block = blocks.find(({ attributes }) => attributes.file === path);
  return must(readCatalogue(must(readJson(block?.text ?? readProjectFile(path)), path)), path);
}

function freezeBlock({ text, attributes }: Block): FrozenPlan {
  return must(freezePlan(must(readYaml(text), "YAML") as unknown as Plan, catalogueAt(attributes.catalog)), "freezePlan");
}

describe("the blocks", () => {
  it("are all of a kind that is checked", () => {
    const known = ["ts", "yaml", "json", "jsonl", "js", "sh", "console", "mermaid", "python"];
    expect(blocks.filter(({ language }) => !known.includes(language))).toEqual([]);
    expect(blocks.length).toBeGreaterThan(10);
  });

  const isPolicy = ({ text }: Block): boolean => text.startsWith("sluicePolicy:");
  // Settings are checked by the command that stands below them.
  const inYaml = inLanguage("yaml")
    .filter(({ attributes }) => attributes.kind !== "settings")
    .map((block) => [block.line, block] as const);

  it.each(inYaml.filter(([, block]) => !isPolicy(block)))("of YAML in line %s is a plan that freezes", (_, block) => {
    expect(freezeBlock(block).digest).toMatch(/^sha256:/);
  });

  it.each(inYaml.filter(([, block]) => isPolicy(block)))("of YAML in line %s is a policy that reads", (_, { text }) => {
    expect(must(parsePolicy(must(readYaml(text), "YAML")), "policy").name).toBe("company");
  });

  it.each(inLanguage("json", "jsonl").map((block) => [block.line, block] as const))(
    "of JSON in line %s reads",
    (_, { language, text }) => {
      const read = language === "json" ? readJson(text) : readJsonLines(text);
      expect(read.ok).toBe(true);
    },
  );

  it.each(inLanguage("python").map((block) => [block.attributes.file ?? "", block] as const))(
    "of Python are parts of %s",
    (file, { text }) => {
      expect(readProjectFile(file)).toContain(text);
    },
  );

  it.each(
    inLanguage("sh")
      .flatMap(({ text }) => text.trim().split("\n"))
      .map((line) => [line]),
  )("of a shell name scripts, commands and options that exist: %s", (line) => {
    const command = commandOf(line);
    if (command === undefined) {
      const [, script] = /^npm (?:run )?([\w:]+)$/.exec(line) ?? [];
      expect(scripts).toContain(script);
      return;
    }
    const [help] = runSession([{ command: `npx sluice ${command} --help`, output: "" }], folder);
    expect(help?.status).toBe(0);
    const options = [...(help?.output ?? "").matchAll(/(--?[a-z][\w-]*)/g)].map(([option]) => option);
    const used = [...line.replace(/"[^"]*"/g, "").matchAll(/ (--?[a-z][\w-]*)/g)].map(([, option]) => option);
    expect(used.filter((option) => !options.includes(option as string))).toEqual([]);
  });
});

/** The command that a line calls, with the one below it if it is such a group: `catalog from`. */
function commandOf(line: string): string | undefined {
  const [, command, below] = /^npx sluice ([a-z-]+)(?: ([a-z][a-z-]*)(?= |$))?/.exec(line) ?? [];
  if (command === undefined || below === undefined) return command;
  const [help] = runSession([{ command: `npx sluice ${command} --help`, output: "" }], folder);
  return new RegExp(`^  ${below} `, "m").test(help?.output ?? "") ? `${command} ${below}` : command;
}

describe("the picture", () => {
  const [picture] = inLanguage("mermaid");
  const plan = inLanguage("yaml").find(({ text }) => text.includes("name: rebalance-portfolio"));
  const guard = must(createGuard(freezeBlock(plan as Block), { clock: () => 0 }), "createGuard");
  const { nodes } = guard.program.plan;

  it("has the edges that the plan has", () => {
    const drawn = [...(picture?.text ?? "").matchAll(/^\s*(\w+)(?:\[.*?"\])? --> (\w+)/gm)].map(
      (match) => `${match[1]} ${match[2]}`,
    );
    const edges = nodes.flatMap((node) => node.predecessors.map((index) => `${nodes[index]?.name} ${node.name}`));
    expect(drawn.sort()).toEqual(edges.sort());
  });

  it("says what the tool of each node is", () => {
    const named = [...(picture?.text ?? "").matchAll(/(\w+)\["[^"]*?<br>([\w/]+)/g)].map((match) => [match[1], match[2]]);
    expect(named.sort()).toEqual(nodes.map((node) => [node.name, node.tool?.name]).sort());
  });
});

describe("the sessions", () => {
  it.each(inLanguage("console").map((block) => [block.line, block] as const))(
    "in line %s print what they show",
    async (_, block) => {
      // A port that the README names may be taken on this machine.
      const port = String(await freePort());
      const commands = commandsOf(block).map(({ command, output }) => ({ command: command.replaceAll("8790", port), output }));
      const ran = runSession(commands, folder);
      expect(ran.map(({ status }) => status)).toEqual(
        commands.map((_, i) => (i === commands.length - 1 ? Number(block.attributes.exit ?? 0) : 0)),
      );
      for (const [i, { command, output }] of commands.entries()) expect(ran[i]?.output, command).toMatch(patternOf(output));
    },
  );

  it("leave behind the files that programs and other sessions name", () => {
    const ended = inLanguage("console").filter(({ attributes }) => attributes.exit === undefined);
    const written = ended.flatMap(({ text }) =>
      [...text.matchAll(/^\$ .*(?:-o|[^-]>) ([\w./-]+)$/gm)].map((match) => match[1] as string),
    );
    expect(written.length).toBeGreaterThan(0);
    expect(written.filter((file) => !existsSync(join(folder, file)))).toEqual([]);
  });
});

describe("the programs", () => {
  it("compile", () => {
    expect(programs.check()).toBe("");
  });

  it.each(inLanguage("ts").map((block) => [block.line, block] as const))(
    "in line %s print what their comments say",
    (_, block) => {
      expect(programs.run(block, folder)).toMatch(patternOf(promisedOutput(block)));
    },
  );
});

/** A plan with one node that takes a member or an argument of a table. */
function planWith(member: JsonObject): Json {
  const bill = { tool: "files/bill", args: { path: "bill" }, labels: ["external_api"], optional: false };
  const each = { from: "bill$.rows[*]", max: 3 };
  const node = "let" in member ? {} : { tool: "mail/send", each, args: { body: { write: {} } } };
  const params = { who: { type: "string" }, least: { type: "number" } };
  return { sluice: 1, name: "table", params, nodes: { bill, node: { ...node, ...member } } };
}

function freezeMember(member: JsonObject): void {
  must(freezePlan(planWith(member) as unknown as Plan), JSON.stringify(member));
}

describe("the tables", () => {
  const written = (heading: string): readonly (readonly [string])[] =>
    tableBelow(readme, heading)
      .flatMap(([cell]) => codesOf(cell ?? ""))
      .map((text) => [text] as const);

  it.each(written("### Argument classes"))("show a rule of an argument that freezes: %s", (text) => {
    freezeMember({ args: { body: must(readYaml(text), text) } });
  });

  it.each(written("### Order and repetition"))("show a member of a node that freezes: %s", (text) => {
    const member = must(readYaml(text), text);
    if (!isObject(member)) throw new Error("not a member");
    freezeMember(member);
  });

  it.each(written("### Constraints by effect"))("show a constraint that freezes: %s", (text) => {
    const facts = { labels: ["user_input"], effects: ["read"], roles: { place: "target", command: "command" } };
    const properties = { place: { type: "string" }, command: { type: "string" } };
    const tool = { name: "any/tool", inputSchema: { type: "object", properties }, sluice: facts };
    const args = { place: { choose: { type: "string" } }, command: { choose: { type: "string" } } };
    const node = { tool: "any/tool", args, constraints: must(readYaml(text), text) };
    const catalogue = must(readCatalogue({ tools: [tool] }), "catalogue");
    expect(must(freezePlan({ sluice: 1, name: "table", nodes: { node } } as unknown as Plan, catalogue), text).digest).toMatch(
      /^sha/,
    );
  });

  it("name every remedy that there is", () => {
    const kinds = new Set(Object.values(CODES).flatMap((info: CodeInfo) => info.remedies ?? []));
    expect(new Set(tableBelow(readme, "## Denials that help").map(([cell]) => codesOf(cell ?? "")[0]))).toEqual(kinds);
  });

  it("name stores that exist", async () => {
    const sources = {
      createMemoryStore: "memory",
      createSqliteStore: "sqlite",
      openRedisStore: "redis",
      openPostgresStore: "postgres/open",
      createCloudflareStore: "cloudflare",
    } as const;
    const names = tableBelow(readme, "## Stores, and what a crash loses").map(([cell]) => /`(\w+)\(/.exec(cell ?? "")?.[1]);
    expect(new Set(names)).toEqual(new Set(Object.keys(sources)));
    for (const [name, file] of Object.entries(sources)) {
      expect(Object.keys((await import(new URL(`../../src/stores/${file}.ts`, import.meta.url).href)) as object)).toContain(name);
    }
  });
});

describe("the links", () => {
  it.each(["README.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md", "CHANGELOG.md"])(
    "and paths of %s lead to files that exist",
    (file) => {
      const text = readProjectFile(file);
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1] as string);
      const paths = [...text.matchAll(/`((?:src|test|bench|plans|\.ci)\/[\w./-]+)`/g)].map((match) => match[1] as string);
      expect([...links, ...paths].filter((path) => !existsSync(join(root, path)))).toEqual([]);
    },
  );

  it("inside the README lead to its headings", () => {
    const anchors = [...readme.matchAll(/^#+ (.*)$/gm)].map((match) =>
      (match[1] as string)
        .toLowerCase()
        .replace(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    const links = [...readme.matchAll(/\]\(#([^)]+)\)/g)].map((match) => match[1] as string);
    expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
  });
});
