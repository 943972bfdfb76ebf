/**
 * Limits of what is loaded once: plans, policies of records, keys, traces, catalogues, code.
 */
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { draftPlan } from "../../../src/infer/draft.ts";
import { importJavaScript } from "../../../src/intent/code/javascript.ts";
import { importPython } from "../../../src/intent/python/import-python.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { learnPlan } from "../../../src/learn/learn.ts";
import { readPeriod } from "../../../src/observe/mode.ts";
import { readRecordPolicy } from "../../../src/observe/record-policy.ts";
import { parsePlan } from "../../../src/plan/schema.ts";
import { createSealer } from "../../../src/stores/seal.ts";
import { readTrace } from "../../../src/trace.ts";
import { officeTools, proposalOf, scriptedPlanner } from "../../infer/to-plan/scripted.ts";
import { type LimitCase, outcomeOf } from "./case.ts";

const node = { tool: "a/b" };

function plan(over: JsonObject): string {
  return outcomeOf(parsePlan({ sluice: 1, name: "p", nodes: { n: node }, ...over }));
}

function nodeWith(over: JsonObject): string {
  return plan({ nodes: { n: { ...node, ...over } } });
}

/** A rule inside `depth` others. */
function nested(depth: number): Json {
  let rule: Json = 1;
  for (let i = 0; i < depth; i++) rule = { object: { a: rule } };
  return rule;
}

function catalogueOf(size: number): Json {
  return { tools: Array.from({ length: size }, (_, i) => ({ name: `s/t${i}`, inputSchema: { type: "object" } })) };
}

const catalogue = readCatalogue({
  tools: [{ name: "shop/quote", inputSchema: { type: "object", properties: { n: { type: "integer" } } } }],
});
if (!catalogue.ok) throw new Error("the catalogue does not read");
const shop = catalogue.value;

function callsOf(size: number): string {
  return Array.from({ length: size }, (_, i) => `{"type":"call","id":"${i}","tool":"shop/quote","args":{}}\n`).join("");
}

function learned(traces: number): string {
  const trace = readTrace(callsOf(1));
  if (!trace.ok) return trace.error.code;
  return outcomeOf(
    learnPlan(
      Array.from({ length: traces }, () => trace.value),
      shop,
    ),
  );
}

/** Each with its limit. */
export const planCases: readonly LimitCase[] = [
  ["nameCharsMax", "PLAN_FORMAT", (n) => plan({ name: "a".repeat(n) })],
  ["proseCharsMax", "PLAN_RANGE", (n) => plan({ task: "a".repeat(n) })],
  ["sessionSecondsMax", "PLAN_RANGE", (n) => plan({ limits: { seconds: n } })],
  ["callsPerSessionMax", "PLAN_RANGE", (n) => plan({ limits: { calls: n } })],
  ["callsPerSessionMax", "PLAN_RANGE", (n) => nodeWith({ times: n })],
  ["callBytesMax", "PLAN_RANGE", (n) => nodeWith({ args: { a: { write: { maxLength: n } } } })],
  ["resultBytesMax", "PLAN_RANGE", (n) => nodeWith({ constraints: { maxBytes: n } })],
  ["eachRowsMax", "PLAN_RANGE", (n) => plan({ nodes: { m: node, n: { ...node, each: { from: "m$[*]", max: n } } } })],
  ["envelopeEntriesMax", "PLAN_RANGE", (n) => plan({ envelope: Array.from({ length: n }, () => node) })],
  ["ruleDepthMax", "PLAN_TOO_LARGE", (n) => nodeWith({ args: { a: nested(n) } })],
  [
    "recordRulesMax",
    "refused",
    (n) => outcomeOf(readRecordPolicy({ rules: Array.from({ length: n }, () => ({ as: "digest" })) })),
  ],
  [
    "observeDaysMax",
    "refused",
    (n) => outcomeOf(readPeriod({ reason: "to see", until: new Date(n * 86_400_000).toISOString() }, 0)),
  ],
  [
    "storeKeysMax",
    "CONFIG_INVALID",
    (n) => {
      try {
        createSealer(Array.from({ length: n }, (_, i) => ({ id: `k${i}`, secret: new Uint8Array(32) })));
        return "ok";
      } catch (error) {
        return (error as { readonly code: string }).code;
      }
    },
  ],
  [
    "planNodesMax",
    "PLAN_TOO_LARGE",
    (n) => plan({ nodes: Object.fromEntries(Array.from({ length: n }, (_, i) => [`n${i}`, node])) }),
  ],
  ["traceEventsMax", "TRACE_TOO_LARGE", (n) => outcomeOf(readTrace(callsOf(n)))],
  ["catalogueToolsMax", "CATALOGUE_TOO_LARGE", (n) => outcomeOf(readCatalogue(catalogueOf(n)))],
  ["learnTracesMax", "LEARN_TOO_LARGE", learned],
  ["draftTaskCharsMax", "INFER_TASK", async (n) => drafted("a".repeat(n))],
  ["draftToolsMax", "INFER_TOOLS_MAX", async (n) => draftedWith(n)],
  ["rangeNumbersMax", "IMPORT_CODE_OUTSIDE", (n) => outcomeOf(importPython(`x = list(range(${n}))\nshop.quote(n=len(x))`, shop))],
  ["codeCharsMax", "IMPORT_TOO_LARGE", (n) => outcomeOf(importJavaScript("await shop.quote({});".padEnd(n), shop))],
  ["codeCharsMax", "IMPORT_TOO_LARGE", (n) => outcomeOf(importPython("shop.quote()".padEnd(n), shop))],
  [
    "loopLiteralMax",
    "IMPORT_TOO_LARGE",
    (n) => outcomeOf(importJavaScript(`for (const x of [${"1,".repeat(n)}]) await shop.quote({ n: x });`, shop)),
  ],
  ["integerDigitsMax", "IMPORT_CODE_OUTSIDE", (n) => outcomeOf(importPython(`shop.quote(n=${"1".repeat(n)})`, shop))],
];

async function drafted(task: string): Promise<string> {
  const planner = scriptedPlanner(proposalOf(task, []));
  return outcomeOf(await draftPlan(task, officeTools, { planners: [planner] }));
}

async function draftedWith(tools: number): Promise<string> {
  const large = readCatalogue(catalogueOf(tools));
  if (!large.ok) return "CATALOGUE_TOO_LARGE";
  return outcomeOf(await draftPlan("Find Ada", large.value, { planners: [scriptedPlanner(proposalOf("Find Ada", []))] }));
}
