/**
 * The rules of the code that can be seen in its text: sizes, names, comments, and what must not be called.
 */
import { describe, expect, it } from "vitest";
import { longFiles, longFunctions, untestedCodes } from "./exceptions.ts";
import { layers } from "./layers.ts";
import { blank, filesIn, functionsOf, type Source } from "./source.ts";

const fileLinesMax = 400;
const functionLinesMax = 70;

const src = filesIn("src").filter((file) => /\.(ts|mjs)$/.test(file.path));
const tests = filesIn("test");
const scripts = [...filesIn("bench"), ...filesIn("plans"), ...filesIn("docs"), ...filesIn(".ci")].filter((file) =>
  /\.(ts|mjs)$/.test(file.path),
);
const code = new Map(src.map((file) => [file.path, blank(file.text)]));
const corePaths = layers.filter((layer) => layer.isCore).flatMap((layer) => layer.paths.map((path) => `src/${path}`));

function isCore({ path }: Source): boolean {
  return corePaths.some((prefix) => path === prefix || (prefix.endsWith("/") && path.startsWith(prefix)));
}

/** `path:line` of every match in the blanked text. */
function find(files: readonly Source[], pattern: RegExp): readonly string[] {
  return files.flatMap((file) => {
    const lines = (code.get(file.path) ?? blank(file.text)).split("\n");
    return lines.flatMap((line, i) => (pattern.test(line) ? [`${file.path}:${i + 1}`] : []));
  });
}

/** Sizes over a limit that no exception covers, and exceptions that are no longer needed. */
function ratchet(
  sizes: ReadonlyMap<string, number>,
  exceptions: Readonly<Record<string, number>>,
  limit: number,
): readonly string[] {
  const over = [...sizes]
    .filter(([name, lines]) => lines > (exceptions[name] ?? limit))
    .map(([name, lines]) => `${name}: ${lines} lines`);
  const done = Object.keys(exceptions).filter((name) => (sizes.get(name) ?? 0) <= limit);
  return [...over, ...done.map((name) => `${name}: remove the exception`)];
}

describe("sizes", () => {
  it("of files stay within 400 lines", () => {
    const sizes = [...src, ...scripts, ...tests.filter((file) => file.path.endsWith(".ts"))];
    const lines = new Map(sizes.map((file) => [file.path, file.text.split("\n").length - 1]));
    expect(ratchet(lines, longFiles, fileLinesMax)).toEqual([]);
  });

  it("of functions stay within 70 lines", () => {
    const sizes = new Map<string, number>();
    for (const [path, text] of code) {
      for (const { name, lines } of functionsOf(text))
        sizes.set(`${path}#${name}`, Math.max(lines, sizes.get(`${path}#${name}`) ?? 0));
    }
    expect(sizes.size).toBeGreaterThan(50);
    expect(ratchet(sizes, longFunctions, functionLinesMax)).toEqual([]);
  });

  it("are measured to the closing brace, past types and templates with braces", () => {
    const text =
      'export function a(x: { y: 1 }): { readonly ok: true } {\n  const s = `}${{ a: "}" }.a}{`;\n  return /[/{]/.test(s);\n}\nconst b = () => {\n};\n';
    expect(functionsOf(blank(text)).map(({ name, lines }) => [name, lines])).toEqual([
      ["a", 4],
      ["b", 2],
    ]);
  });
});

describe("names and comments", () => {
  it("of files say what is in them", () => {
    expect(src.map((file) => file.path).filter((path) => /\/(utils?|helpers?|common|types|misc)\.ts$/.test(path))).toEqual([]);
  });

  it("begin every source file with what it is", () => {
    expect(src.filter((file) => !/^(#![^\n]*\n)?\/\*\*/.test(file.text)).map((file) => file.path)).toEqual([]);
  });

  it("document every export", () => {
    const bare = src.flatMap((file) => {
      const lines = file.text.split("\n");
      return lines.flatMap((line, i) => {
        const name =
          /^export (?:declare )?(?:async )?(?:function\*?|const|let|class|abstract class|interface|type|enum) ([\w$]+)/.exec(
            line,
          )?.[1];
        if (!name) return [];
        const before = lines[i - 1] ?? "";
        const isOverload = before.startsWith(`export function ${name}`) || before.startsWith(`export async function ${name}`);
        const isIgnored = before.startsWith("// biome-ignore") && /\*\/\s*$/.test(lines[i - 2] ?? "");
        return /\*\/\s*$/.test(before) || isOverload || isIgnored ? [] : [`${file.path}:${i + 1} ${name}`];
      });
    });
    expect(bare).toEqual([]);
  });
});

describe("the source", () => {
  /** Files that may call `JSON.parse`, and why. */
  const mayParse = new Set([
    "src/json/read.ts", // where its answer is provably the strict reader's
    "src/json/exact.ts", // one token at a time
  ]);

  it("reads text from outside with the strict reader only", () => {
    const others = src.filter((file) => !mayParse.has(file.path));
    expect(find(others, /\bJSON\s*\.\s*parse\b|\.json\(\s*\)/)).toEqual([]);
  });

  it("never turns text into code", () => {
    expect(find(src, /(?<![\w.$])eval\s*\(|\bnew\s+Function\b|(?<![\w.$])Function\s*\(/)).toEqual([]);
  });

  it("knows no clock, no randomness and no locale in the core", () => {
    const pattern =
      /\bDate\s*\.\s*now\b|\bnew\s+Date\s*\(\s*\)|\bnew\s+Date\b(?!\s*\()|\bMath\s*\.\s*random\b|\bperformance\b|\blocaleCompare\b|\bIntl\b|\btoLocale\w+/;
    expect(find(src.filter(isCore), pattern)).toEqual([]);
  });

  it("has no `any`", () => {
    const typed = src.filter((file) => file.path.endsWith(".ts"));
    expect(find(typed, /(?:[:<,|&=]|\bas)\s*any\b(?!\s*[:(])/)).toEqual([]);
  });
});

describe("the tests", () => {
  it("are all switched on", () => {
    const pattern = /\b(?:it|test|describe|suite)\s*(?:\.\w+)*\.(?:only|skip|todo|skipIf|runIf)\b/;
    expect(
      find(
        tests.filter((file) => file.path.endsWith(".ts")),
        pattern,
      ),
    ).toEqual([]);
  });

  it("provoke every code", () => {
    const union = /export type Code =([\s\S]*?);/.exec(src.find((file) => file.path === "src/codes.ts")?.text ?? "")?.[1] ?? "";
    const codes = [...union.matchAll(/"(\w+)"/g)].map((match) => match[1] as string);
    expect(codes.length).toBeGreaterThan(40);
    const corpus = tests
      .filter((file) => !file.path.startsWith("test/tidy/"))
      .map((file) => file.text)
      .join("\n");
    const words = new Set(corpus.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b/g));
    expect(codes.filter((name) => !words.has(name))).toEqual(untestedCodes);
  });
});

describe("the project", () => {
  it("names no path of the machine it was written on", () => {
    const pattern = new RegExp(`(^|[^A-Za-z0-9_.-])/(?:${["work", "farm"].join("|")})/`, "m");
    expect(
      filesIn(".")
        .filter((file) => pattern.test(file.text))
        .map((file) => file.path),
    ).toEqual([]);
  });
});
