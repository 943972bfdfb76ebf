/**
 * The declarations of the packed package, as TypeScript users meet them: every entry point and the README's program, strict, by both resolvers, with and without
 * `skipLibCheck`, and, where it is said, without the types of the DOM and of Node.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entries, manifest } from "../../bench/start/entries.ts";
import { blocksOf, readProjectFile } from "../docs/blocks.ts";
import { allowed } from "../start/reach.ts";
import { makeProject, type Project, root } from "./project.ts";

const tsc = join(root, "node_modules/typescript/bin/tsc");
const peers = Object.keys(manifest.peerDependencies);
/** Entry points that need no package beside the dependencies; those that can open a database by an optional one have types of it. */
const free = entries.filter(({ name }) => {
  const { now = [], later = [] } = allowed[name] ?? {};
  return !now.some((module) => peers.includes(module)) && !later.includes("kysely");
});
/** What a program of any runtime uses: it says nothing of requests and responses, streams or drivers. */
const plain = [
  "sluice",
  "sluice/labeled",
  "sluice/learn",
  "sluice/import",
  "sluice/catalogue",
  "sluice/catalogue/from",
  "sluice/stores/memory",
];

let project: Project;
beforeAll(() => {
  project = makeProject("npm", ["sluice", "hono", "@types/node"]);
  const imports = (names: readonly string[]): string =>
    names
      .map((name, i) => `import * as m${i} from "${name}";\nexport const n${i}: number = Object.keys(m${i}).length;\n`)
      .join("");
  writeFileSync(join(project.folder, "all.ts"), imports(free.map(({ name }) => name)));
  writeFileSync(join(project.folder, "plain.ts"), imports(plain));
  const app = blocksOf(readProjectFile("README.md")).find(({ attributes }) => attributes.id === "app");
  writeFileSync(join(project.folder, "readme.ts"), app?.text ?? "");
});
afterAll(() => project.remove());

function compile(file: string, options: object): void {
  const compilerOptions = { noEmit: true, strict: true, exactOptionalPropertyTypes: true, target: "es2023", ...options };
  writeFileSync(join(project.folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
  project.run(process.execPath, tsc, "-p", ".");
}

describe.each([
  ["nodenext", { module: "nodenext" }],
  ["bundler", { module: "esnext", moduleResolution: "bundler" }],
])("by the resolver `%s`", (_, resolver) => {
  it.each([["all.ts"], ["readme.ts"]])("%s compiles", (file) => {
    compile(file, { ...resolver, skipLibCheck: true, types: ["node"] });
  });

  it("the declarations themselves are right, without `skipLibCheck`", () => {
    compile("all.ts", { ...resolver, skipLibCheck: false, types: ["node"] });
  });

  it("the core needs neither the DOM's types nor Node's", () => {
    compile("plain.ts", { ...resolver, skipLibCheck: true, lib: ["es2023"], types: [] });
    // Without `skipLibCheck` those of zod and jose need `URL`; ours need nothing.
    const strictly = (): void => compile("plain.ts", { ...resolver, skipLibCheck: false, lib: ["es2023"], types: [] });
    expect(strictly).toThrow(/node_modules\/zod\//);
    expect(strictly).not.toThrow(/node_modules\/sluice\//);
  });

  it("finds a fault, where there is one", () => {
    writeFileSync(join(project.folder, "fault.ts"), 'import { readJson } from "sluice";\nreadJson(1);\n');
    expect(() => compile("fault.ts", { ...resolver, skipLibCheck: true, types: [] })).toThrow("TS2345");
  });
});
