/**
 * The reference of all bounds, in Markdown: each with its value, its reason as the source gives it, the code that is answered past it, and who reads it.
 * Reads the source; a bound without a reason is an error, and so is a code that no file says which reads the bound.
 */
import { readFileSync } from "node:fs";
import * as limits from "../../src/limits.ts";
import { type Source, sourcesIn, table } from "./codes.ts";

/** Bound → the codes that are answered past it, where one place of the source says both. Others cut off, forget, wait, or are held by a schema. */
const answered: Readonly<Record<string, readonly string[]>> = {
  textBytesMax: ["JSON_TOO_LARGE", "YAML_TOO_LARGE"],
  jsonDepthMax: ["PLAN_TOO_LARGE"],
  planNodesMax: ["PLAN_TOO_LARGE"],
  planLabelsMax: ["PLAN_TOO_LARGE"],
  ruleDepthMax: ["PLAN_TOO_LARGE", "LANG_MATCH_LIMIT"],
  catalogueToolsMax: ["CATALOGUE_TOO_LARGE"],
  catalogueServersMax: ["CATALOGUE_TOO_LARGE"],
  callBytesMax: ["CALL_TOO_LARGE"],
  resultBytesMax: ["RESULT_TOO_LARGE"],
  inFlightMax: ["CALL_LIMIT"],
  amendmentsPerSessionMax: ["AMEND_LIMIT"],
  openAmendmentsMax: ["AMEND_LIMIT"],
  amendmentBytesMax: ["AMEND_MALFORMED"],
  expressionCharsMax: ["LANG_EXPR_LIMIT"],
  expressionNodesMax: ["LANG_EXPR_LIMIT"],
  expressionDepthMax: ["LANG_EXPR_LIMIT"],
  expressionMacroDepthMax: ["LANG_EXPR_LIMIT"],
  expressionListMax: ["LANG_EXPR_LIMIT"],
  expressionTextMax: ["LANG_EXPR_LIMIT"],
  pathCharsMax: ["LANG_PATH_LIMIT"],
  pathDepthMax: ["LANG_PATH_LIMIT"],
  pathVisitsMax: ["LANG_PATH_LIMIT"],
  patternCharsMax: ["LANG_PATTERN_LIMIT"],
  extractCharsMax: ["EXTRACT_TEXT_TOO_LONG"],
  endorsedBitsMax: ["PLAN_ENDORSE_BITS"],
  traceEventsMax: ["TRACE_TOO_LARGE", "IMPORT_TOO_LARGE"],
  learnCallsMax: ["LEARN_TOO_LARGE"],
  learnTracesMax: ["LEARN_TOO_LARGE"],
  codeCharsMax: ["IMPORT_TOO_LARGE"],
  pythonTreeDepthMax: ["IMPORT_TOO_LARGE"],
  denialsPerSessionMax: ["CALL_LIMIT"],
  openHoldsMax: ["CALL_LIMIT"],
  holdsPerSessionMax: ["CALL_LIMIT"],
  modelCallsMax: ["CALL_LIMIT"],
  workLimitsDefault: ["OVERLOADED"],
  draftQueueMax: ["DRAFT_BUSY"],
  draftTaskCharsMax: ["INFER_TASK"],
  draftToolsMax: ["INFER_TOOLS_MAX"],
};

const units: readonly (readonly [RegExp, string])[] = [
  [/Bytes/, "bytes"],
  [/(?:Ms|WaitsMs|MsMax)$/, "ms"],
  [/(?:Seconds|SkewSecondsDefault)/, "s"],
  [/Days/, "days"],
  [/Bits/, "bits"],
  [/(?:Chars|TextMax|scrubbedMin|scrubbedSecretMin|PrefixMax)/, "characters"],
  [/Depth/, "levels"],
  [/(?:Steps|Work)/, "steps"],
  [/Digits/, "digits"],
];

/** A bound as the source says it. */
interface Bound {
  readonly name: string;
  readonly reason: string;
}

const values: ReadonlyMap<string, unknown> = new Map(Object.entries(limits));

/** The bounds in the order of the source, each with the comment above it. */
function bounds(): readonly Bound[] {
  const text = readFileSync(new URL("../../src/limits.ts", import.meta.url), "utf8");
  const found = [...text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport const (\w+)/g)].map(([, comment = "", name = ""]) => ({
    name,
    reason: comment
      .replace(/^\s*\*/gm, "")
      .replace(/\{@link (\w+)\}/g, "`$1`")
      .replace(/\s+/g, " ")
      .trim(),
  }));
  const missing = [...values.keys()].filter((name) => !found.some((bound) => bound.name === name));
  if (missing.length > 0) throw new Error(`no reason for ${missing.join(", ")}`);
  return found;
}

function number(value: number): string {
  return value.toLocaleString("en");
}

/** A value with its unit; bytes also in the unit that people say. */
function shown(name: string): string {
  const value = values.get(name);
  const unit = units.find(([pattern]) => pattern.test(name))?.[1];
  const behind = unit === undefined ? "" : ` ${unit}`;
  if (Array.isArray(value)) return `${value.map(number).join(", ")}${behind}`;
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .map(([key, each]) => `\`${key}\` ${number(each as number)}`)
      .join(", ");
  if (typeof value !== "number") throw new Error(`${name} is no number`);
  const mebi = value / (1024 * 1024);
  return `${number(value)}${behind}${unit === "bytes" && mebi >= 1 && Number.isInteger(mebi) ? ` (${mebi} MiB)` : ""}`;
}

function readersOf(name: string, sources: readonly Source[]): readonly Source[] {
  const word = new RegExp(`\\b${name}\\b`);
  return sources.filter(({ path, text }) => path !== "src/limits.ts" && text.includes("/limits.ts") && word.test(text));
}

/** All bounds, in the order of the source. */
export function limitsReference(): string {
  const sources = sourcesIn("src");
  const all = bounds();
  const unknown = Object.keys(answered).filter((name) => !all.some((bound) => bound.name === name));
  if (unknown.length > 0) throw new Error(`no bound ${unknown.join(", ")}`);
  const rows = all.map(({ name, reason }) => {
    const readers = readersOf(name, sources);
    const codes = answered[name] ?? [];
    const unsaid = codes.filter((code) => !readers.some(({ text }) => text.includes(`"${code}"`)));
    if (unsaid.length > 0) throw new Error(`no file that reads ${name} says ${unsaid.join(", ")}`);
    const places = readers.map(({ path }) => `\`${path.slice("src/".length)}\``).sort();
    return [
      `\`${name}\``,
      shown(name),
      reason.replaceAll("|", "\\|"),
      codes.map((code) => `\`${code}\``).join(", "),
      places.join(", "),
    ];
  });
  return `${table(["bound", "value", "of what, and why", "past it", "read in `src/`"], rows)}\n`;
}
