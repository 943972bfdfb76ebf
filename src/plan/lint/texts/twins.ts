/**
 * Rules about addresses of one plan that nobody tells apart.
 * Pure. Compares what the texts look like, and never calls one of them the right one.
 */
import { isArray, isObject, type Json } from "../../../json/value.ts";
import type { Finding } from "../../finding.ts";
import { classify, rulesOf } from "../../walk.ts";
import { glance } from "./lookalikes.ts";
import { findingAt, type LintRule } from "../subject.ts";

/** Constants that are compared. A plan with more is generated. */
const textsMax = 20_000;
/** Characters below which texts look alike because they are short. */
const textCharsMin = 6;

/** `LINT_LOOKALIKE`: a constant with a dot or an at sign that looks like another one of the plan. */
export const distinctAddresses: LintRule = (subject) => {
  const seen = new Map<string, string>();
  const findings: Finding[] = [];
  for (const { name, node } of subject.toolNodes) {
    for (const { path, rule } of rulesOf(name, node)) {
      const classed = classify(rule);
      if (classed.kind !== "const" || seen.size > textsMax) continue;
      for (const text of addressesIn(classed.rule.const)) {
        const look = glance(text);
        const other = seen.get(look);
        if (other === undefined) seen.set(look, text);
        else if (other.toLowerCase() !== text.toLowerCase()) {
          const message = "the text looks like another one of the plan and is not the same: compare them letter by letter";
          findings.push(findingAt(path, { code: "LINT_LOOKALIKE", severity: "warning", message }));
        }
      }
    }
  }
  return findings;
};

/** The texts of a constant that may be addresses or hosts. Depth is bounded by `jsonDepthMax`. */
function addressesIn(value: Json): readonly string[] {
  if (typeof value === "string") return value.length >= textCharsMin && /^[^\s@.]*[@.]\S+$/.test(value) ? [value] : [];
  if (isArray(value)) return value.flatMap(addressesIn);
  return isObject(value) ? Object.values(value).flatMap(addressesIn) : [];
}
