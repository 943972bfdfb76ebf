/** What the tests of lint rules share: short ways to write tools and plans, and findings as lines. Never leaves out a word of a finding. */
import { type Catalogue, readCatalogue } from "../../../src/catalogue/catalogue.ts";
import type { Json } from "../../../src/json/value.ts";
import { lintPlan } from "../../../src/plan/lint.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { parsePlan } from "../../../src/plan/schema.ts";

/** A tool by its name, its arguments (names, or names with schemas), what the catalogue says of it, and further members. */
export function tool(name: string, args: readonly string[] | object, sluice: object, more: object = {}): object {
  const properties = Array.isArray(args) ? Object.fromEntries(args.map((arg) => [arg, {}])) : args;
  return { name, inputSchema: { type: "object", properties }, sluice, ...more };
}

/** A catalogue of tools and labels. */
export function catalogueOf(tools: readonly object[], labels: object = {}): Catalogue {
  const read = readCatalogue({ labels, tools } as unknown as Json);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

/** A plan with limits, of some nodes. */
export function plan(nodes: object, more: object = {}): Plan {
  return { sluice: 1, name: "p", limits: { calls: 9, seconds: 9 }, nodes, ...more } as unknown as Plan;
}

/**
 * Findings of some codes (or of codes that begin so), each as `severity CODE pointer: message` and, where they are counted, the bits. Throws
 * for what is no plan, which has no other findings, and where something is found that is no finding.
 */
export function said(value: Plan, catalogue: Catalogue | undefined, ...codes: readonly string[]): readonly string[] {
  const parsed = parsePlan(value as unknown as Json);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const findings = lintPlan(value, catalogue);
  for (const finding of findings)
    if (typeof finding.pointer !== "string" || finding.message === "") throw new Error(`no finding: ${JSON.stringify(finding)}`);
  return findings
    .filter(({ code }) => codes.some((each) => (each.endsWith("*") ? code.startsWith(each.slice(0, -1)) : code === each)))
    .map(
      ({ severity, code, pointer, message, bits }) =>
        `${severity} ${code} ${pointer}: ${message}${bits === undefined ? "" : ` (${bits} bits)`}`,
    );
}
