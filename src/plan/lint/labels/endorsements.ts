/**
 * Bounds of endorsements: how many bits of an attacker's choice a session may let through (DESIGN §2).
 * Pure. An endorsement that cannot be counted is refused, but for the one exception that DESIGN makes.
 */
import { callsPerSessionMax } from "../../../limits.ts";
import { type Finding, oneLine } from "../../finding.ts";
import type { FrozenTool } from "../../plan.ts";
import { optionsOf, rulesOf } from "../../walk.ts";
import { bitsOf, runsMax } from "../bits.ts";
import { findingAt, type LintRule, type LintSubject } from "../subject.ts";

/**
 * `PLAN_ENDORSE_UNBOUNDED`: the endorsed values cannot be counted. `PLAN_ENDORSE_BITS`: more than `endorsedBitsMax` bits in one session,
 * summed over arguments and runs. `LINT_ENDORSE` (info): each endorsement with its bits in a session.
 */
export const boundedEndorsements: LintRule = (subject) => {
  const findings: Finding[] = [];
  let total = 0;
  for (const { name, node, tool } of subject.toolNodes) {
    for (const { place, path, rule } of rulesOf(name, node)) {
      const { endorse } = optionsOf(rule);
      if (endorse === undefined) continue;
      const at = [...path, "endorse"];
      const bits = bitsOf(rule);
      if (bits === undefined) {
        findings.push(...unbounded(subject, tool, at));
        continue;
      }
      const all = Math.round(bits * attemptsMax(subject, name) * 100) / 100;
      total += all;
      const message = `whoever writes ${list(endorse.from)} chooses \`${place}\` of \`${tool.name}\` within ${all} bits a session: ${endorse.why}`;
      findings.push(findingAt(at, { code: "LINT_ENDORSE", severity: "info", message: oneLine(message), bits: all }));
      if (total > subject.endorsedBitsMax && total - all <= subject.endorsedBitsMax) {
        const over = `endorsements let through more than ${subject.endorsedBitsMax} bits in one session: use a smaller \`enum\` or fewer runs`;
        findings.push(
          findingAt(at, { code: "PLAN_ENDORSE_BITS", severity: "error", message: over, bits: Math.round(total * 100) / 100 }),
        );
      }
    }
  }
  return findings;
};

/** Values that a node may send in one session: its runs, or, if failed runs do not count, as many as the session has calls. */
function attemptsMax(subject: LintSubject, name: string): number {
  const calls = subject.plan.limits?.calls ?? callsPerSessionMax;
  return subject.plan.nodes[name]?.constraints?.idempotent === true ? calls : Math.min(calls, runsMax(subject.plan.nodes, name));
}

/** An unbounded endorsement is let pass for a reader of the network while nothing that the plan knows has restricted readers. */
function unbounded(subject: LintSubject, tool: FrozenTool, path: readonly (string | number)[]): readonly Finding[] {
  const isNetworkReader =
    tool.facts.effects.includes("network") && tool.facts.effects.every((effect) => effect === "read" || effect === "network");
  const isRestricted = [...subject.labels.values()].some((spec) => spec.readers !== undefined);
  if (isNetworkReader && !isRestricted) {
    const message = `endorses any value for \`${tool.name}\`: it reads the network, and no label restricts who may read`;
    return [findingAt(path, { code: "LINT_ENDORSE_UNBOUNDED", severity: "warning", message })];
  }
  const message =
    "the endorsed values cannot be counted: bound them with `match` or `choose` (`enum`, a finite `pattern`, a range of integers)";
  return [findingAt(path, { code: "PLAN_ENDORSE_UNBOUNDED", severity: "error", message })];
}

function list(from: string | readonly string[]): string {
  return (typeof from === "string" ? [from] : from).map((name) => `\`${name}\``).join(", ");
}
