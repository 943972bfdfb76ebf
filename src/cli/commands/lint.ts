/**
 * `sluice lint`: everything there is to say about a plan, and what can reach what under it in the worst case.
 * Never enforces anything, and never says that a plan is good: it says what was found.
 */
import type { Command } from "commander";
import type { Catalogue } from "../../catalogue/catalogue.ts";
import type { Json } from "../../json/value.ts";
import type { Finding } from "../../plan/finding.ts";
import { thawPlan } from "../../plan/freeze.ts";
import { catalogueOf } from "../../plan/freeze-resolve.ts";
import { flowSentence } from "../../plan/lint/approver/sentence.ts";
import { lintUnderPolicy } from "../../plan/freeze-policy.ts";
import { lintPlan, type WorstCaseFlow, worstCaseFlows } from "../../plan/lint.ts";
import type { Plan } from "../../plan/plan.ts";
import { composePolicies } from "../../policy/compose.ts";
import { policyOf } from "../../policy/frozen.ts";
import type { Policy } from "../../policy/policy.ts";
import { countLine, findingLines } from "../show/findings.ts";
import { addFile, checkStdinOnce, readCatalogueFile, readPolicyFiles, readValue } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";
import { isFrozenFile } from "../read/plan-file.ts";
import { hang, type Terminal } from "../show/terminal.ts";

interface Options {
  readonly catalog?: string;
  readonly policy?: readonly string[];
  readonly json?: true;
}

interface Report {
  readonly findings: readonly Finding[];
  readonly flows: readonly WorstCaseFlow[];
}

/** Adds `lint PLAN`. Exit 1 if there is an error or a warning. */
export function addLint(program: Command, { terminal, exit }: Context): void {
  program
    .command("lint")
    .description("say what is wrong with a plan, and what can reach what under it")
    .argument("<plan>", "a plan, draft or frozen")
    .option("--catalog <file>", "the catalogue of its tools")
    .option("--policy <file>", "policies that the plan must satisfy; the stricter of each", addFile)
    .option("--json", "print JSON")
    .action(async (source: string, options: Options) => {
      checkStdinOnce([source, options.catalog, ...(options.policy ?? [])]);
      const catalogue = await readCatalogueFile(options.catalog);
      const policy = await readPolicyFiles(options.policy);
      const report = lint(await readValue(source), catalogue, policy);
      if (options.json)
        terminal.write(
          `${jsonText({ findings: report.findings, flows: report.flows.map((flow) => ({ ...flow, sentence: flowSentence(flow) })) } as unknown as Json)}\n`,
        );
      else show(report, catalogue, terminal);
      exit(report.findings.some(({ severity }) => severity !== "info") ? 1 : 0);
    });
}

function lint(value: Json, catalogue: Catalogue | undefined, policy: Policy | undefined): Report {
  if (!isFrozenFile(value)) return lintPlanFile(value as unknown as Plan, catalogue, policy);
  const thawed = thawPlan(value);
  if (!thawed.ok) return { findings: thawed.error, flows: [] };
  const frozen = policyOf(thawed.value);
  const both = [frozen, policy].filter((each) => each !== undefined);
  const [first, ...others] = both;
  const report = lintPlanFile(
    thawed.value.plan,
    catalogue ?? catalogueOf(thawed.value),
    first === undefined ? undefined : composePolicies([first, ...others]),
  );
  return { ...report, findings: report.findings.map((finding) => ({ ...finding, pointer: `/plan${finding.pointer}` })) };
}

function lintPlanFile(plan: Plan, catalogue: Catalogue | undefined, policy: Policy | undefined): Report {
  return policy === undefined
    ? { findings: lintPlan(plan, catalogue), flows: worstCaseFlows(plan, catalogue) }
    : lintUnderPolicy(plan, catalogue, policy);
}

function show({ findings, flows }: Report, catalogue: Catalogue | undefined, terminal: Terminal): void {
  const { paint, columns } = terminal;
  const lines = [...findingLines(findings, terminal)];
  if (flows.length > 0) {
    const sentences = [...new Set(flows.map(flowSentence))];
    lines.push("", paint.bold("In the worst case"), ...sentences.map((sentence) => hang("  - ", sentence, columns)));
  }
  if (catalogue === undefined)
    lines.push("", hang("", "No --catalog: what the tools do was inferred from their names.", columns));
  else if (catalogue.findings.length > 0)
    lines.push(
      "",
      hang("", `The catalogue itself: ${countLine(catalogue.findings)}.`, columns),
      ...findingLines(catalogue.findings, terminal),
    );
  terminal.write(`${lines.join("\n")}\n\n${paint.bold(countLine(findings))}\n`);
}
