/**
 * The examples of the README and of the guides that it sends newcomers to, as a stranger follows them: in a new project that has installed the package with
 * npm, with Bun or with Deno. Every file is written, every session typed, every program run, in the order in which they stand there.
 * Never the checkout's source: what is left out is only `npm start`, which a checkout alone has.
 */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Block, blocksOf, commandsOf, patternOf, readProjectFile } from "../docs/blocks.ts";
import { programOf, promisedOutput } from "../docs/programs.ts";
import { onFreePorts, type Ran, typeInto } from "../docs/sessions.ts";
import { makeProject, type Project, root, type Tool } from "./project.ts";

/** What a newcomer follows, in this order and in one folder: the middleware goes on with the files of the first plan. */
const documents = ["README.md", "docs/first-plan.md", "docs/middleware.md"];

/** How `npx sluice …` is said with each tool. Bun and Deno are those of the checkout, since a machine may have none. */
const npx: Readonly<Record<Tool, string>> = {
  npm: "",
  bun: `exec "${join(root, "node_modules/.bin/bun")}" x --bun "$@"`,
  deno: `exec "${join(root, "node_modules/.bin/deno")}" run -A "npm:$@"`,
};

/** A folder of programs that a reader has: `curl`, of which a machine may have none, and the tool's own way to start a command. */
function addPrograms(project: Project, tool: Tool): string {
  const bin = join(project.folder, "..", "bin");
  mkdirSync(bin);
  const scripts = {
    curl: `exec "${process.execPath}" "${join(root, "test/docs/curl.ts")}" "$@"`,
    ...(npx[tool] === "" ? {} : { npx: npx[tool] }),
  };
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}

/** Types commands into one shell of the project. */
function typeIn(project: Project, bin: string, commands: readonly string[]): readonly Ran[] {
  const env = { ...project.env, PATH: `${bin}:${project.env.PATH}` };
  return typeInto({ cwd: project.folder, env, timeout: 100_000 }, commands);
}

/** Runs a program: Bun and Deno run TypeScript; for npm it is compiled, since the oldest Node that is promised runs none. */
function runProgram(project: Project, tool: Tool, file: string): string {
  if (tool === "bun") return project.run("bun", `${file}.ts`);
  if (tool === "deno") return project.run("deno", "run", "-A", `${file}.ts`);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const options = "--strict --skipLibCheck --module nodenext --target es2023 --types node --typeRoots".split(" ");
  project.run(process.execPath, tsc, ...options, join(root, "node_modules/@types"), `${file}.ts`);
  return project.run("node", `${file}.js`);
}

/** What `console.log` makes of objects differs in quotes, line breaks and last commas: Node's way of it, as the documents show. */
function inOneWay(output: string): string {
  return output
    .replace(/([[{,])\n\s*/g, "$1 ")
    .replace(/,?\n\s*([\]}])/g, " $1")
    .replace(/, ([\]}])/g, " $1")
    .replace(/(?<=[[{:] |, )"([^"]*)"(?= [\]}]|,)/g, "'$1'");
}

/** A session can be typed wherever the package is installed, unless it needs the checkout's own scripts. */
const isForEveryone = (block: Block): boolean => !commandsOf(block).some(({ command }) => command.startsWith("npm "));

describe.each<[Tool]>([["npm"], ["bun"], ["deno"]])("with %s", (tool) => {
  let project: Project;
  let bin = "";
  beforeAll(() => {
    project = makeProject(tool, ["sluice", "hono"]);
    bin = addPrograms(project, tool);
    // The example plans that the README's first session replays: data, of no program.
    symlinkSync(join(root, "plans"), join(project.folder, "plans"));
  });
  afterAll(() => project.remove());

  for (const path of documents) {
    const blocks = blocksOf(readProjectFile(path));
    describe(path, () => {
      for (const block of blocks) {
        const { language, attributes, text, line } = block;
        const { file } = attributes;
        if (file !== undefined) it(`has in line ${line} the file ${file}`, () => writeFileSync(join(project.folder, file), text));
        if (language === "console" && isForEveryone(block))
          it(`has in line ${line} a session that prints what it shows`, async () => {
            const commands = await onFreePorts(commandsOf(block));
            const ran = typeIn(
              project,
              bin,
              commands.map(({ command }) => command),
            );
            const last = commands.length - 1;
            for (const [i, { command, output }] of commands.entries()) expect(ran[i]?.output, command).toMatch(patternOf(output));
            expect(ran.map(({ status }) => status)).toEqual(
              commands.map((_, i) => (i === last ? Number(attributes.exit ?? 0) : 0)),
            );
          });
        if (language === "ts")
          it(`has in line ${line} a program that prints what its comments say`, () => {
            const name = `${path.replace(/\W+/g, "-")}-${line}`;
            writeFileSync(join(project.folder, `${name}.ts`), programOf(block, blocks));
            expect(inOneWay(runProgram(project, tool, name))).toMatch(patternOf(inOneWay(promisedOutput(block))));
          });
      }
    });
  }
});
