/**
 * Limits of what is read as text: JSON, expressions, paths, patterns, templates, commands, statements.
 */
import { isArgvWithin } from "../../../src/constraints/argv.ts";
import { readCommandLine } from "../../../src/constraints/shell.ts";
import { compileSql, type SqlParser } from "../../../src/constraints/sql.ts";
import { showPointer } from "../../../src/json/pointer.ts";
import { readJson } from "../../../src/json/read.ts";
import type { Json } from "../../../src/json/value.ts";
import { compileExpression } from "../../../src/lang/expression.ts";
import { compileExtract } from "../../../src/lang/extract/extract.ts";
import { compilePath } from "../../../src/lang/path.ts";
import { compilePattern } from "../../../src/lang/pattern.ts";
import { compileTemplate, type TemplateKind } from "../../../src/lang/template/template.ts";
import { excerptCharsMax } from "../../../src/limits.ts";
import { type LimitCase, outcomeOf } from "./case.ts";

const listed = (length: number): readonly Json[] => Array.from({ length }, () => 1);

function evaluated(source: string, data: Readonly<Record<string, Json>>): string {
  const compiled = compileExpression(source, { variables: Object.keys(data) });
  if (!compiled.ok) return outcomeOf(compiled);
  return outcomeOf(compiled.value.run(data));
}

function filled(kind: TemplateKind, text: string, value: Json): string {
  const template = compileTemplate(kind, text);
  return outcomeOf(template.ok ? template.value.fill({ x: value }) : template);
}

const ran = (words: readonly string[]): string => (isArgvWithin(words, { programs: ["ls"] }) ? "ok" : "refused");

/** What becomes of a statement whose parser takes everything: what is tested stands in front of it. */
function read(text: string): string {
  const parser: SqlParser = {
    dialect: "sqlite",
    read: () => ({ ok: true, value: { kinds: ["SELECT"], tables: [], columns: [], functions: [] } }),
  };
  return compileSql({ dialect: "sqlite", statements: ["SELECT"] }).accepts(text, parser) ? "ok" : "refused";
}

/** Each with its limit. */
export const textCases: readonly LimitCase[] = [
  ["textBytesMax", "JSON_TOO_LARGE", (n) => outcomeOf(readJson(`${" ".repeat(n - 1)}1`))],
  ["jsonDepthMax", "JSON_TOO_DEEP", (n) => outcomeOf(readJson("[".repeat(n) + "]".repeat(n)))],
  [
    "excerptCharsMax",
    "cut",
    (n) => {
      const pointer = `/${"a".repeat(n - 1)}`;
      const shown = showPointer(pointer);
      return shown === pointer ? "ok" : shown.length < excerptCharsMax && shown.includes("…") ? "cut" : "wrong";
    },
  ],
  ["expressionCharsMax", "LANG_EXPR_LIMIT", (n) => evaluated(`"${"a".repeat(n - 2)}"`, {})],
  // Of `n` nodes: a list, and its elements.
  ["expressionNodesMax", "LANG_EXPR_LIMIT", (n) => evaluated(`[${"1,".repeat(n - 2)}1]`, {})],
  ["expressionDepthMax", "LANG_EXPR_LIMIT", (n) => evaluated(`${"[".repeat(n - 1)}1${"]".repeat(n - 1)}`, {})],
  ["expressionListMax", "LANG_EXPR_LIMIT", (n) => evaluated("l.map(x, x)", { l: listed(n) })],
  ["expressionTextMax", "LANG_EXPR_LIMIT", (n) => evaluated('s + "x"', { s: "x".repeat(n - 1) })],
  [
    "expressionMacroDepthMax",
    "LANG_EXPR_LIMIT",
    (n) => evaluated(`${Array.from({ length: n }, (_, i) => `[1].exists(x${i}, `).join("")}true${")".repeat(n)}`, {}),
  ],
  ["pathCharsMax", "LANG_PATH_LIMIT", (n) => outcomeOf(compilePath(`$.${"a".repeat(n - 2)}`))],
  ["pathDepthMax", "LANG_PATH_LIMIT", (n) => outcomeOf(compilePath(`$[?${"(".repeat(n - 2)}@.a${")".repeat(n - 2)}]`))],
  [
    "pathVisitsMax",
    "LANG_PATH_LIMIT",
    (n) => {
      const path = compilePath("$[*]");
      // The root is visited too.
      return outcomeOf(path.ok ? path.value.select(listed(n - 1)) : path);
    },
  ],
  ["patternCharsMax", "LANG_PATTERN_LIMIT", (n) => outcomeOf(compilePattern("a".repeat(n)))],
  ["templateCharsMax", "TEMPLATE_MALFORMED", (n) => filled("text", "a".repeat(n), "")],
  ["templateHolesMax", "TEMPLATE_MALFORMED", (n) => filled("text", "{x}".repeat(n), "a")],
  ["templateListMax", "TEMPLATE_VALUE_REFUSED", (n) => filled("sql", "SELECT a FROM t WHERE b IN ({x})", listed(n))],
  ["commandCharsMax", "refused", (n) => (readCommandLine(`ls ${"a".repeat(n - 3)}`) === undefined ? "refused" : "ok")],
  ["commandCharsMax", "refused", (n) => ran(["ls", "a".repeat(n)])],
  ["argvWordsMax", "refused", (n) => ran(["ls", ...Array.from({ length: n - 1 }, () => "a")])],
  ["parsedSqlCharsMax", "refused", (n) => read("SELECT 1".padEnd(n))],
  ["parsedSqlDepthMax", "refused", (n) => read(`SELECT ${"(".repeat(n)}1${")".repeat(n)}`)],
  [
    "extractCharsMax",
    "EXTRACT_TEXT_TOO_LONG",
    (n) => {
      const extract = compileExtract("iban");
      return outcomeOf(extract.ok ? extract.value.distinct("DE89370400440532013000".padEnd(n)) : extract);
    },
  ],
];
