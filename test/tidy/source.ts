/**
 * Reads the project's files and scans TypeScript as text: comments and literals blanked, functions measured by their braces.
 * A scanner, no parser: where the grammar is ambiguous it may miss something, but it never runs what it reads.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the project. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** A file with its text. Paths are relative to the root, with `/`. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

const ignored = new Set(["node_modules", "dist", ".cache", ".git", "coverage"]);
const textFile =
  /\.(ts|mjs|js|json|jsonl|md|ya?ml|sql|html|css|csv|py|sh|toml|txt)$|\/(run|LICENSE|\.npmrc|\.gitignore|\.editorconfig)$/;

/** Every text file of the project below `folder`; none if there is no such folder. */
export function filesIn(folder: string): readonly Source[] {
  if (!existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.flatMap((entry): readonly Source[] => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ignored.has(entry.name) ? [] : filesIn(path);
    if (!entry.isFile() || !textFile.test(`/${path}`)) return [];
    return [{ path: relative(root, join(root, path)).replaceAll("\\", "/"), text: readFileSync(join(root, path), "utf8") }];
  });
}

/** A token that {@link blank} treats as a whole: comments, strings, regular expressions. Templates are handled by hand. */
const opaque = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;
const regularExpression = /\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const beforeExpression = /(?:[(,=:[!&|?{};+]|=>|\breturn|\bcase|\btypeof)\s*$/;

/** The text with the inside of comments, strings, templates and regular expressions replaced by spaces, line by line in place. */
export function blank(text: string): string {
  const out: string[] = [];
  /** For each open template, how many braces are open inside its current `${…}`. */
  const templates: number[] = [];
  let at = 0;
  while (at < text.length) {
    const end = skipOpaque(text, at);
    if (end > at) {
      out.push(spaces(text.slice(at, end)));
      at = end;
      continue;
    }
    const char = text[at] as string;
    const open = templates.length - 1;
    if (char === "`" || (char === "}" && templates[open] === 0)) {
      if (char === "}") templates.pop();
      at = skipTemplate(text, at + 1, out, templates);
      continue;
    }
    if (open >= 0 && char === "{") templates[open] = (templates[open] ?? 0) + 1;
    if (open >= 0 && char === "}") templates[open] = (templates[open] ?? 0) - 1;
    out.push(char);
    at++;
  }
  return out.join("");
}

/** Skips template text from `at` to its end or to a `${`, and returns where code goes on. */
function skipTemplate(text: string, start: number, out: string[], templates: number[]): number {
  let at = start;
  while (at < text.length && text[at] !== "`" && !text.startsWith("${", at)) at += text[at] === "\\" ? 2 : 1;
  const isHole = text[at] === "$";
  if (isHole) templates.push(0);
  const end = Math.min(text.length, at + (isHole ? 2 : 1));
  // The delimiters go too, so that braces stay balanced.
  out.push(spaces(text.slice(start - 1, end)));
  return end;
}

function skipOpaque(text: string, at: number): number {
  const char = text[at];
  if (char !== "/" && char !== '"' && char !== "'") return at;
  opaque.lastIndex = at;
  if (opaque.test(text)) return opaque.lastIndex;
  regularExpression.lastIndex = at;
  if (char === "/" && beforeExpression.test(text.slice(Math.max(0, at - 40), at)) && regularExpression.test(text)) {
    return regularExpression.lastIndex;
  }
  return at;
}

function spaces(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

/** A function with a body, and how many lines it has from its first to its last. */
export interface FunctionSize {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

const functionStart =
  /\bfunction\b\s*\*?\s*([\w$]*)|=>\s*(?=\{)|^[ \t]+(?:(?:async|static|get|set|override|private|readonly)\s+)*\*?([\w$#]+)(?=\s*(?:<[^>\n]*>)?\()/gm;
const notMethods = new Set([
  "if",
  "for",
  "while",
  "switch",
  "catch",
  "return",
  "function",
  "await",
  "throw",
  "typeof",
  "new",
  "super",
  "constructor",
  "import",
  "else",
  "do",
  "yield",
]);

/** The functions of a blanked text. */
export function functionsOf(code: string): readonly FunctionSize[] {
  const sizes: FunctionSize[] = [];
  for (const match of code.matchAll(functionStart)) {
    const isArrow = match[0].startsWith("=>");
    if (match[2] !== undefined && notMethods.has(match[2])) continue;
    const after = match.index + match[0].length;
    const body = isArrow ? after : bodyOf(code, after);
    if (body === undefined) continue;
    const end = closing(code, body);
    const line = lineOf(code, match.index);
    sizes.push({ name: match[1] || match[2] || arrowName(code, match.index), line, lines: lineOf(code, end) - line + 1 });
  }
  return sizes;
}

function arrowName(code: string, at: number): string {
  const before = code.slice(Math.max(0, at - 400), at);
  return /(?:const|let)\s+([\w$]+)[^;{}]*$/.exec(before)?.[1] ?? "arrow";
}

function lineOf(code: string, at: number): number {
  let line = 1;
  for (let i = code.indexOf("\n"); i >= 0 && i < at; i = code.indexOf("\n", i + 1)) line++;
  return line;
}

/** Where the body of a function begins, given the place after its name; `undefined` if it has none. */
function bodyOf(code: string, start: number): number | undefined {
  let at = code.indexOf("(", start);
  if (at < 0) return undefined;
  at = closing(code, at) + 1;
  let last = "";
  for (; at < code.length; at++) {
    const char = code[at] as string;
    if (/\s/.test(char)) continue;
    if (last === "" && char !== ":" && char !== "{") return undefined;
    if (char === ";" || char === "}") return undefined;
    if (char === "{" && (last === "" || !/[:|&<,>=]/.test(last) || (last === ">" && code[at - 2] !== "="))) return at;
    if (char === "{" || char === "(" || char === "[") at = closing(code, at);
    last = code[at] as string;
  }
  return undefined;
}

/** The place of the bracket that closes the one at `open`. */
function closing(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    const char = code[at] as string;
    if (char === "{" || char === "(" || char === "[") depth++;
    else if (char === "}" || char === ")" || char === "]") depth--;
    if (depth === 0) return at;
  }
  return code.length;
}

const importStatement = /^(?:import|export)\s+(?:[\w$*{},\s]*?\bfrom\s*)?"([^"\n]+)"|\bimport\(\s*"([^"\n]+)"/gm;

/** Packages and files that a text imports, statically or by `import()`. Comments are not looked at. */
export function importsOf(text: string): readonly string[] {
  const code = text.replace(/^\s*(\/\*[\s\S]*?\*\/|\/\/[^\n]*|\*[^\n]*)$/gm, "");
  return [...code.matchAll(importStatement)].map((match) => (match[1] ?? match[2]) as string);
}
