/**
 * Rules about untrusted data where it does most harm: who is paid, what is run, which of several values is taken.
 * Pure. Silent where a person is asked, the values can be counted, or a rule of the plan denies the flow.
 */
import { roleOf } from "../../../catalogue/roles.ts";
import type { Finding } from "../../finding.ts";
import type { Effect } from "../../plan.ts";
import { classify, rulesOf } from "../../walk.ts";
import { bitsOf } from "../bits.ts";
import { amountsOf, isLookedAt } from "../effects/money.ts";
import { findingAt, type LintRule, type LintSubject } from "../subject.ts";
import { type WorstCaseFlow, worstCaseOf } from "./worst-case.ts";

const acting: ReadonlySet<Effect> = new Set<Effect>(["write", "money", "message", "execute"]);

/** The worst flow of untrusted data into each steering argument, by node and argument. */
function steeringFlows(subject: LintSubject): ReadonlyMap<string, WorstCaseFlow> {
  const found = new Map<string, WorstCaseFlow>();
  for (const flow of worstCaseOf(subject).flows) {
    // What comes from the conversation into these roles is endorsed, or denied.
    if (flow.concern !== "untrusted" || flow.endorsed === true) continue;
    if (flow.role !== "target" && flow.role !== "command" && flow.role !== "credential") continue;
    const key = `${flow.node} ${flow.argument}`;
    if (!found.has(key)) found.set(key, flow);
  }
  return found;
}

/**
 * `LINT_MONEY_UNTRUSTED`: untrusted data says who is paid or for what, and no list, condition or person stands between.
 * `LINT_COMMAND_UNTRUSTED`: untrusted data is what is run.
 */
export const chosenByStrangers: LintRule = (subject) =>
  [...steeringFlows(subject).values()].flatMap((flow): readonly Finding[] => {
    const node = subject.plan.nodes[flow.node];
    const tool = subject.frozen.tools[flow.to];
    if (node === undefined || tool === undefined) return [];
    const { effects } = tool.facts;
    if (node.constraints?.approve === "human" || flow.bits !== undefined) return [];
    const at = ["nodes", flow.node, "args", flow.argument];
    if (flow.role === "command" && effects.includes("execute") && flow.partly === undefined) {
      const message = `whoever writes what \`${flow.from}\` returns says what \`${flow.to}\` runs; \`match\` with a list, or \`approve: human\`, would bound it`;
      return [findingAt(at, { code: "LINT_COMMAND_UNTRUSTED", severity: "warning", message })];
    }
    // What nothing bounds of an amount, `boundedAmounts` says.
    if (amountsOf({ node, tool }).includes(flow.argument)) return [];
    if (!effects.includes("money") || isLookedAt({ node }, flow.argument)) return [];
    const message = `whoever writes what \`${flow.from}\` returns says \`${flow.argument}\` of \`${flow.to}\`; \`match\` with a list, a condition in \`require\` or \`approve: human\` would bound it`;
    return [findingAt(at, { code: "LINT_MONEY_UNTRUSTED", severity: "warning", message })];
  });

/** `LINT_PICK_UNTRUSTED`: the first or last of several untrusted values steers a tool that acts: who adds one in the right place is taken. */
export const pickedFromStrangers: LintRule = (subject) => {
  const flows = steeringFlows(subject);
  return subject.toolNodes.flatMap(({ name, node, tool }) => {
    if (!tool.facts.effects.some((effect) => acting.has(effect)) || node.constraints?.approve === "human") return [];
    return rulesOf(name, node).flatMap(({ arg, path, place, rule }): readonly Finding[] => {
      const classed = classify(rule);
      if (classed.kind !== "from" && classed.kind !== "item") return [];
      const { pick } = classed.rule;
      if ((pick !== "first" && pick !== "last") || roleOf(tool, place) === "content" || bitsOf(rule) !== undefined) return [];
      const flow = flows.get(`${name} ${arg}`);
      if (flow === undefined) return [];
      const message = `\`pick: ${pick}\` takes what stands ${pick} in \`${flow.from}\`, and whoever writes there chooses what that is; without \`pick\` more than one is a denial`;
      return [findingAt(path, { code: "LINT_PICK_UNTRUSTED", severity: "warning", message })];
    });
  });
};
