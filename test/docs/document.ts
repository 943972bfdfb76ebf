/**
 * What holds of every document: all that a reader could type or copy is run or checked, in the order in which it stands there.
 * A document that goes on from another begins with the folder that the other one left.
 */
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import { readJsonLines } from "../../src/json/lines.ts";
import { readJson } from "../../src/json/read.ts";
import type { JsonObject } from "../../src/json/value.ts";
import { readYaml } from "../../src/json/yaml.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";
import { parsePolicy } from "../../src/policy/schema.ts";
import { agentCatalogue } from "../../src/surfaces/hook/tools.ts";
import { must } from "../plans/example.ts";
import { type Block, blocksOf, commandsOf, patternOf, readProjectFile } from "./blocks.ts";
import { chainOf } from "./documents.ts";
import { preparePrograms, promisedOutput } from "./programs.ts";
import { onFreePorts, prepareCommands, runSession } from "./sessions.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const scripts = Object.keys((JSON.parse(readProjectFile("package.json")) as { readonly scripts: JsonObject }).scripts);
const languages = ["ts", "yaml", "json", "jsonl", "js", "sh", "console", "mermaid", "python", "text"];

/** Folders that documents of this test file left behind. */
const left = new Map<string, string>();

/** The blocks of a document, those of the documents that it goes on from before them. */
function blocksInReach(path: string): readonly Block[] {
  return chainOf(path).flatMap((each) => blocksOf(readProjectFile(each)));
}

function catalogueAt(name: string | undefined, blocks: readonly Block[]): Catalogue | undefined {
  if (name === undefined) return undefined;
  if (name.startsWith("hook:")) return must(readCatalogue(agentCatalogue(name.slice("hook:".length)) ?? null), name);
  const block = blocks.findLast(({ attributes }) => attributes.file === name);
  return must(readCatalogue(must(readJson(block?.text ?? readProjectFile(name)), name)), name);
}

/** Freezes the plan of a block with the catalogue that the block names. */
export function freezeBlock({ text, attributes }: Block, blocks: readonly Block[]): FrozenPlan {
  const plan = must(readYaml(text), "YAML") as unknown as Plan;
  return must(freezePlan(plan, catalogueAt(attributes.catalog, blocks)), "freezePlan");
}

/** Fills the folder of a document: with what the one before it left, or with `npx` and `plans/` as in a checkout. */
function fillFolder(path: string, folder: string): void {
  const before = chainOf(path).at(-2);
  const from = before === undefined ? undefined : left.get(before);
  if (before !== undefined && from === undefined) throw new Error(`${path} goes on from ${before}, which was not read before it`);
  if (from === undefined) {
    symlinkSync(join(root, "plans"), join(folder, "plans"));
    prepareCommands(folder);
  } else cpSync(from, folder, { recursive: true, verbatimSymlinks: true });
  left.set(path, folder);
}

/** Checks a document. Those that it goes on from have to be checked before, in the same file. */
export function describeDocument(path: string): void {
  const blocks = blocksOf(readProjectFile(path));
  const folder = mkdtempSync(join(tmpdir(), "sluice-docs-"));
  describe(path, () => {
    const inReach = blocksInReach(path);
    beforeAll(() => {
      fillFolder(path, folder);
      for (const { attributes, language, text } of blocks)
        if (attributes.file !== undefined && language !== "python") writeFileSync(join(folder, attributes.file), text);
    });
    it("has blocks of kinds that are checked", () => {
      expect(blocks.filter(({ language }) => !languages.includes(language))).toEqual([]);
    });
    describeData(blocks, inReach);
    describeShell(blocks, folder);
    describeSessions(blocks, folder);
    describePrograms(path, blocks, folder);
  });
}

/** Removes what documents left. */
export function removeDocuments(): void {
  for (const folder of left.values()) rmSync(folder, { recursive: true, force: true });
}

function select(blocks: readonly Block[], ...kinds: readonly string[]): readonly (readonly [number, Block])[] {
  return blocks.filter(({ language }) => kinds.includes(language)).map((block) => [block.line, block] as const);
}

function describeData(blocks: readonly Block[], inReach: readonly Block[]): void {
  const isPolicy = ({ text }: Block): boolean => text.startsWith("sluicePolicy:");
  // Settings are checked by the command that stands below them.
  const inYaml = select(blocks, "yaml").filter(([, { attributes }]) => attributes.kind !== "settings");
  it.each(inYaml.filter(([, block]) => !isPolicy(block)))("has in line %s a plan that freezes", (_, block) => {
    expect(freezeBlock(block, inReach).digest).toMatch(/^sha256:/);
  });
  it.each(inYaml.filter(([, block]) => isPolicy(block)))("has in line %s a policy that reads", (_, { text }) => {
    expect(must(parsePolicy(must(readYaml(text), "YAML")), "policy").name).toBe("company");
  });
  it.each(select(blocks, "json", "jsonl"))("has in line %s JSON that reads", (_, { language, text }) => {
    expect((language === "json" ? readJson(text) : readJsonLines(text)).ok).toBe(true);
  });
  it.each(select(blocks, "python"))("has in line %s Python that is part of the file that it names", (_, { text, attributes }) => {
    expect(readProjectFile(attributes.file ?? "")).toContain(text);
  });
}

function describeShell(blocks: readonly Block[], folder: string): void {
  const lines = select(blocks, "sh").flatMap(([, { text }]) => text.trim().split("\n"));
  it.each(lines.map((line) => [line]))("names scripts, commands and options that exist: %s", (line) => {
    const command = commandOf(line, folder);
    if (command === undefined) {
      const [, script] = /^npm (?:run )?([\w:]+)(?: |$)/.exec(line) ?? [];
      const [, program] = /^node ([\w./-]+)/.exec(line) ?? [];
      if (program === undefined) expect(scripts).toContain(script);
      else expect(existsSync(join(root, program)), program).toBe(true);
      return;
    }
    const [help] = runSession([{ command: `npx sluice ${command} --help`, output: "" }], folder);
    expect(help?.status).toBe(0);
    const options = [...(help?.output ?? "").matchAll(/(--?[a-z][\w-]*)/g)].map(([option]) => option);
    const used = [...line.replace(/"[^"]*"/g, "").matchAll(/ (--?[a-z][\w-]*)/g)].map(([, option]) => option);
    expect(used.filter((option) => !options.includes(option as string))).toEqual([]);
  });
}

/** The command that a line calls, with the one below it if it is such a group: `catalog from`. */
function commandOf(line: string, folder: string): string | undefined {
  const [, command, below] = /^npx sluice ([a-z-]+)(?: ([a-z][a-z-]*)(?= |$))?/.exec(line) ?? [];
  if (command === undefined || below === undefined) return command;
  const [help] = runSession([{ command: `npx sluice ${command} --help`, output: "" }], folder);
  return new RegExp(`^  ${below} `, "m").test(help?.output ?? "") ? `${command} ${below}` : command;
}

function describeSessions(blocks: readonly Block[], folder: string): void {
  const sessions = select(blocks, "console");
  it.each(sessions)("has in line %s a session that prints what it shows", async (_, block) => {
    const commands = await onFreePorts(commandsOf(block));
    const ran = runSession(commands, folder);
    expect(ran.map(({ status }) => status)).toEqual(
      commands.map((_, i) => (i === commands.length - 1 ? Number(block.attributes.exit ?? 0) : 0)),
    );
    for (const [i, { command, output }] of commands.entries()) expect(ran[i]?.output, command).toMatch(patternOf(output));
  });
  const written = sessions
    .filter(([, { attributes }]) => attributes.exit === undefined)
    .flatMap(([, { text }]) => [...text.matchAll(/^\$ .*(?:-o|[^-]>) ([\w./-]+)$/gm)].map((match) => match[1] as string));
  it.each(written.map((file) => [file]))("leaves behind %s", (file) => {
    expect(existsSync(join(folder, file))).toBe(true);
  });
}

function describePrograms(path: string, blocks: readonly Block[], folder: string): void {
  const inTypeScript = select(blocks, "ts");
  if (inTypeScript.length === 0) return;
  const programs = preparePrograms(
    path.replace(/\W+/g, "-"),
    inTypeScript.map(([, block]) => block),
  );
  afterAll(() => programs.remove());
  it("has programs that compile", () => {
    expect(programs.check()).toBe("");
  });
  it.each(inTypeScript)("has in line %s a program that prints what its comments say", (_, block) => {
    expect(programs.run(block, folder)).toMatch(patternOf(promisedOutput(block)));
  });
}
