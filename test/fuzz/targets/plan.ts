/**
 * Readers of what operators write: plans, catalogues, policies, examples, frozen files, amendments; and every importer of other formats.
 * What is accepted can be frozen or is refused with findings; what is frozen reads back to the same digest.
 */
import { diffPlans } from "../../../src/amend/diff.ts";
import { readApprovals } from "../../../src/approval/plan.ts";
import { catalogueFromMcp } from "../../../src/catalogue/from/mcp.ts";
import { catalogueFromOpenApi } from "../../../src/catalogue/from/openapi.ts";
import { catalogueFromTools } from "../../../src/catalogue/from/tools.ts";
import { type Catalogue, readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { diffCatalogues } from "../../../src/catalogue/diff.ts";
import { reviewCatalogue } from "../../../src/catalogue/review.ts";
import { applyStarter } from "../../../src/catalogue/starter/apply.ts";
import { combineCatalogues } from "../../../src/catalogue/starter/combine.ts";
import { suspicionsOf } from "../../../src/catalogue/texts.ts";
import { exportArazzo } from "../../../src/intent/arazzo/export.ts";
import { type ImportFormat, importText } from "../../../src/intent/import.ts";
import { canonicalJson } from "../../../src/json/canonical.ts";
import { readJson } from "../../../src/json/read.ts";
import type { Json } from "../../../src/json/value.ts";
import { readYaml } from "../../../src/json/yaml.ts";
import { freezePlan, thawPlan, writeFrozen } from "../../../src/plan/freeze.ts";
import { lintPlan, worstCaseFlows } from "../../../src/plan/lint.ts";
import type { FrozenPlan, Plan } from "../../../src/plan/plan.ts";
import { parsePlan } from "../../../src/plan/schema.ts";
import { verifyPlan } from "../../../src/plan/sign.ts";
import { lintPolicy } from "../../../src/policy/lint.ts";
import { parseExamples, parsePolicy } from "../../../src/policy/schema.ts";
import { tighten } from "../../../src/policy/tighten.ts";
import { fileAt, filesAt } from "../seeds.ts";
import { checkRefusal, joined, must, parts, same, shown, type Target, resultOf } from "../target.ts";
import { celWords, jsonWords, pathWords, yamlWords } from "../words.ts";
import { programWords } from "../words-text.ts";

/** JSON or YAML, as the commands read their files. */
export function documentOf(text: string): Json | undefined {
  const read = text.trimStart().startsWith("{") || text.trimStart().startsWith("[") ? readJson(text) : readYaml(text);
  return resultOf(read);
}

function must1<Value>(result: { readonly ok: boolean; readonly value?: Value; readonly error?: unknown }): Value {
  if (!result.ok) throw new Error(shown(result.error));
  return result.value as Value;
}

const catalogues: Readonly<Record<string, Catalogue>> = Object.fromEntries(
  ["support", "trading", "research"].map((name) => [
    name,
    must1<Catalogue>(readCatalogue(must1(readJson(fileAt(`plans/${name}/catalogue.json`))))),
  ]),
);
const support = catalogues.support as Catalogue;

function catalogueFor(plan: Plan): Catalogue | undefined {
  const tools = JSON.stringify(Object.values(plan.nodes).map((node) => ("tool" in node ? node.tool : "")));
  return Object.values(catalogues).find((catalogue) => [...catalogue.tools.keys()].some((name) => tools.includes(`"${name}"`)));
}

/** Freezing once, writing, thawing and freezing again: one digest. */
export function checkFreezing(plan: Plan, catalogue: Catalogue | undefined): FrozenPlan | undefined {
  const frozen = resultOf(freezePlan(plan, catalogue));
  if (!frozen) return undefined;
  const text = writeFrozen(frozen);
  const thawed = thawPlan(must1(readJson(text)));
  must(thawed.ok, `what was frozen does not thaw: ${shown(thawed)}`);
  must(thawed.value.digest === frozen.digest && writeFrozen(thawed.value) === text, "thawed to another plan");
  const again = freezePlan(frozen.plan, catalogue);
  must(again.ok && again.value.digest === frozen.digest, "freezing is not idempotent");
  return frozen;
}

function runPlan(input: string): void {
  const value = documentOf(input);
  if (value === undefined) return;
  const plan = resultOf(parsePlan(value));
  if (!plan) return;
  const again = parsePlan(must1(readJson(canonicalJson(plan as unknown as Json))));
  must(again.ok && same(again.value, plan), "a written plan is read as another");
  const catalogue = catalogueFor(plan);
  for (const finding of lintPlan(plan, catalogue)) checkRefusal(finding);
  worstCaseFlows(plan, catalogue);
  checkFreezing(plan, catalogue);
}

const frozenPlans: readonly FrozenPlan[] = ["support", "trading", "research"].map((name) =>
  must1<FrozenPlan>(freezePlan(must1<Plan>(parsePlan(must1(readYaml(fileAt(`plans/${name}/plan.yaml`))))), catalogues[name])),
);

/** A changed file of a frozen plan is refused, or it is the same plan. */
async function runThaw(input: string): Promise<void> {
  const value = documentOf(input);
  if (value === undefined) return;
  const thawed = resultOf(thawPlan(value));
  if (!thawed) return;
  must(writeFrozen(must1(thawPlan(must1(readJson(writeFrozen(thawed)))))) === writeFrozen(thawed), "written otherwise");
  resultOf(await verifyPlan(thawed, { kty: "OKP", crv: "Ed25519", x: "A".repeat(43) }, { now: 0 }));
  await readApprovals(thawed, undefined);
  resultOf(diffPlans(frozenPlans[0] as FrozenPlan, thawed));
}

function runCatalogue(input: string): void {
  const value = documentOf(input);
  if (value === undefined) return;
  suspicionsOf(value);
  resultOf(applyStarter(value, { starter: "filesystem" }));
  resultOf(combineCatalogues([value, { tools: [] }]));
  const catalogue = resultOf(readCatalogue(value));
  if (!catalogue) return;
  reviewCatalogue(catalogue);
  must(diffCatalogues(catalogue, catalogue) !== undefined, "no difference to itself");
  diffCatalogues(support, catalogue);
}

/** What was made of another format is a catalogue. */
function checkMade(value: Json | undefined, make: (value: Json) => ReturnType<typeof catalogueFromTools>): void {
  if (value === undefined) return;
  const made = resultOf(make(value));
  if (!made) return;
  const read = readCatalogue(made.catalogue as Json);
  must(read.ok, `a made catalogue does not read: ${shown(read)}`);
}

function runPolicy(input: string): void {
  const value = documentOf(input);
  if (value === undefined) return;
  resultOf(parseExamples(value));
  const policy = resultOf(parsePolicy(value));
  if (!policy) return;
  for (const finding of lintPolicy(policy, support)) checkRefusal(finding);
  for (const frozen of frozenPlans) {
    const tightened = tighten(frozen, policy);
    const diff = diffPlans(frozen, tightened);
    must(!diff.ok || diff.value.relation !== "wider", "a policy makes a plan wider");
    resultOf(freezePlan(frozen.plan, catalogueFor(frozen.plan), { policy }));
  }
}

/** A draft of an importer is a plan, and freezes. */
function importTarget(from: ImportFormat, seeds: readonly string[], dictionary: readonly string[]): Target {
  const catalogue = must1<Catalogue>(readCatalogue(must1(readJson(fileAt("test/intent/formats/catalogue.json")))));
  const run = async (input: string): Promise<void> => {
    for (const known of [catalogue, undefined]) {
      const imported = await importText(input, known, { from });
      if (!imported.ok) {
        const { code, message, place } = imported.error;
        must(/^(?:IMPORT|JSON|YAML)_[A-Z_0-9]+$/.test(code), `no code of an import: ${code}`);
        must(/^[^\r\n]{3,600}$/.test(message), `not one line: ${JSON.stringify(message)}`);
        must(place !== undefined, "a refusal without a place");
        continue;
      }
      const { plan, findings } = imported.value;
      for (const finding of findings) checkRefusal(finding);
      const read = parsePlan(must1(readJson(canonicalJson(plan as unknown as Json))));
      must(read.ok, `an imported plan that is none: ${shown(read)}`);
      const frozen = freezePlan(plan, known);
      const isSaid = findings.some(({ severity }) => severity === "error");
      // Labels that a workflow names may be those of a catalogue that was not given.
      const isNamed = !frozen.ok && known === undefined && frozen.error.every(({ code }) => code === "PLAN_LABEL_UNDECLARED");
      must(frozen.ok || isSaid || isNamed, `an imported plan that does not freeze: ${shown(frozen)}`);
    }
  };
  return { name: `import-${from}`, seeds, dictionary, run };
}

async function runExport(input: string): Promise<void> {
  const value = documentOf(input);
  const plan = value === undefined ? undefined : resultOf(parsePlan(value));
  if (!plan) return;
  // What is exported has been linted: only what can be frozen.
  if (!freezePlan(plan, catalogueFor(plan)).ok) return;
  const { document } = exportArazzo(plan);
  const back = await importText(canonicalJson(document), undefined, { from: "arazzo" });
  must(back.ok && same(back.value.plan, plan), `exported, and imported as another plan: ${shown(back)}`);
}

const recorded = must1(readJson(`[${fileAt("test/intent/python/recorded.jsonl").trim().split("\n").join(",")}]`)) as readonly {
  code: string;
}[];
const programs = [...new Set(recorded.map(({ code }) => code))].filter((code) => code.length < 1_500).slice(0, 40);
const plans = filesAt(["plans/*/plan.yaml"], 12_000);
const cases = filesAt(["test/corpus/*.json"]).map((text) => shownPlan(text));

/** The plan of a case of test/corpus. */
function shownPlan(text: string): string {
  return canonicalJson((must1(readJson(text)) as { readonly plan: Json }).plan);
}

const petstore = `openapi: 3.1.0
info: { title: pets, version: "1" }
servers: [{ url: "https://api.pets.example/v1" }]
paths:
  /pets/{id}:
    get:
      operationId: getPet
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }, { $ref: "#/components/parameters/q" }]
      responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } } }
    post:
      requestBody: { required: true, content: { application/json: { schema: { type: object, properties: { a: { type: integer } } } } } }
      security: [{ key: [] }]
      responses: { default: { description: x } }
components:
  parameters: { q: { name: q, in: query, schema: { type: array, items: { enum: [a, b] } }, explode: false } }
  schemas: { Pet: { type: object, properties: { id: { type: string }, tag: { $ref: "#/components/schemas/Pet" } } } }
  securitySchemes: { key: { type: apiKey, in: header, name: X-Key } }
`;
const planWords = [
  ...[
    "nodes",
    "tool",
    "args",
    "from",
    "item",
    "param",
    "expr",
    "template",
    "choose",
    "write",
    "each",
    "when",
    "let",
    "after",
    "times",
  ],
  ...[
    "flows",
    "deny",
    "to",
    "labels",
    "removes",
    "constraints",
    "envelope",
    "limits",
    "match",
    "endorse",
    "require",
    "extract",
    "const",
  ],
];
const documentWords = [...yamlWords, ...jsonWords, ...planWords, ...celWords, ...pathWords];

/** What operators write, and what is imported. */
export const planTargets: readonly Target[] = [
  {
    name: "plan",
    seeds: [...plans, ...cases],
    dictionary: documentWords,
    lengthMax: 12_000,
    notLinear: "lint compares nodes with each other; the plan's schema bounds their number",
    run: runPlan,
  },
  {
    name: "frozen",
    seeds: frozenPlans.map(writeFrozen),
    dictionary: documentWords,
    lengthMax: 40_000,
    notLinear: "as for plans",
    run: runThaw,
  },
  {
    name: "catalogue",
    seeds: filesAt(["plans/*/catalogue.json"], 12_000),
    dictionary: documentWords,
    lengthMax: 12_000,
    notLinear: "names are compared with each other for shadows; the number of tools is bounded",
    run: runCatalogue,
  },
  {
    name: "catalogue-mcp",
    seeds: [
      '{"tools":[{"name":"a","description":"Reads.","inputSchema":{"type":"object","properties":{"x":{"type":"string"}}},"annotations":{"readOnlyHint":true}}],"nextCursor":"x"}',
      '[{"name":"b","inputSchema":{"$ref":"#/$defs/x","$defs":{"x":{"type":"object"}}}}]',
    ],
    dictionary: documentWords,
    run: (input) => checkMade(documentOf(input), (value) => catalogueFromMcp(value, { server: "s" })),
  },
  {
    name: "catalogue-openapi",
    seeds: [petstore, ...filesAt(["test/catalogue/**/*.yaml", "test/catalogue/**/*.json"], 5_000)],
    dictionary: [...documentWords, '"$ref": ', "#/components/schemas/Pet", "~1"],
    notLinear: "references are followed at each use; bounds of src/limits.ts keep the copies small",
    run: (input) => checkMade(documentOf(input), (value) => catalogueFromOpenApi(value)),
  },
  {
    name: "catalogue-tools",
    seeds: [
      '[{"type":"function","function":{"name":"a","parameters":{"type":"object","properties":{"x":{"type":"integer"}}}}},{"name":"b","input_schema":{"type":"object"}}]',
      '{"a":{"description":"x","inputSchema":{"jsonSchema":{"type":"object"}}}}',
    ],
    dictionary: documentWords,
    run: (input) => checkMade(documentOf(input), (value) => catalogueFromTools(value, { server: "s" })),
  },
  {
    name: "policy",
    seeds: filesAt(["plans/policy/*.yaml"]),
    dictionary: documentWords,
    lengthMax: 8_000,
    notLinear: "rules are compared with each other; the schema bounds their number",
    run: runPolicy,
  },
  importTarget("openai", filesAt(["test/intent/formats/openai/*"]), jsonWords),
  importTarget("anthropic", filesAt(["test/intent/formats/anthropic/*"]), jsonWords),
  importTarget("mcp", filesAt(["test/intent/formats/mcp/*"]), jsonWords),
  importTarget("llm-compiler", filesAt(["test/intent/formats/llm-compiler/*"]), [
    ...jsonWords,
    "$1",
    "${2}",
    "1. ",
    "join()",
    "Thought: ",
    "<END_OF_PLAN>",
  ]),
  importTarget(
    "arazzo",
    [
      ...filesAt(["test/intent/arazzo/*.yaml"], 9_000),
      ...plans.slice(0, 2).map((text) => canonicalJson(exportArazzo(must1<Plan>(parsePlan(must1(readYaml(text))))).document)),
    ],
    [...documentWords, "$steps.a.outputs.b", "$inputs.x", "$response.body#/a", "$statusCode == 200", "{$inputs.x}"],
  ),
  importTarget("javascript", filesAt(["test/fuzz/programs/*.txt"]), programWords),
  importTarget("python", programs, programWords),
  {
    name: "export-arazzo",
    seeds: [...plans, ...cases],
    dictionary: documentWords,
    lengthMax: 12_000,
    notLinear: "as for plans",
    run: runExport,
  },
  {
    name: "diff",
    seeds: plans.slice(0, 2).map((text) => joined(text, text)),
    dictionary: documentWords,
    lengthMax: 16_000,
    notLinear: "as for plans",
    run: runDiff,
  },
];

function runDiff(input: string): void {
  const frozen = parts(input, 2).map((text) => {
    const value = documentOf(text);
    const plan = value === undefined ? undefined : resultOf(parsePlan(value));
    return plan && resultOf(freezePlan(plan, catalogueFor(plan)));
  });
  const [before, after] = frozen;
  if (!before || !after) return;
  const diff = resultOf(diffPlans(before, after));
  if (before.digest === after.digest) must(diff === undefined || diff.relation === "same", "a plan differs from itself");
}
