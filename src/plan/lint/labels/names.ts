/**
 * Rules about label names: every name in a rule is declared, none of the fixed ones is redefined, downgrades go the right way.
 * Pure. Looks at names only, never at what flows.
 */
import { builtInLabels } from "../../built-in-labels.ts";
import type { Finding } from "../../finding.ts";
import { suggestion } from "../../schema-issue.ts";
import { findingAt, isUntrusted, type LintRule, type LintSubject } from "../subject.ts";

/** `PLAN_LABEL_UNDECLARED`: a name in a rule that nobody declared would silently never match. */
export const declaredLabels: LintRule = (subject) => {
  // A catalogue may put a label on a tool without declaring it (it is untrusted then); a rule may speak about it all the same.
  const carried = new Set(subject.toolNodes.flatMap(({ tool }) => tool.facts.labels ?? []));
  return subject.labelUses
    .filter(({ name, by }) => !subject.labels.has(name) && !carried.has(name) && !(by === "deny" && name === "untrusted"))
    .map(({ name, path }) =>
      findingAt(path, {
        code: "PLAN_LABEL_UNDECLARED",
        severity: "error",
        message: `the label \`${name}\` is not declared in \`labels\` or the catalogue${suggestion(name, known(subject))}`,
      }),
    );
};

function known(subject: LintSubject): readonly string[] {
  return subject.labels.size > 1_000 ? [] : [...subject.labels.keys()];
}

/** `PLAN_LABEL_RESERVED`: `unknown` and `untrusted` mean the same in every plan. */
export const reservedLabels: LintRule = (subject) =>
  ["unknown", "untrusted"]
    .filter((name) => Object.hasOwn(subject.plan.labels ?? {}, name))
    .map((name) =>
      findingAt(["labels", name], {
        code: "PLAN_LABEL_RESERVED",
        severity: "error",
        message: `the label \`${name}\` is built in and cannot be declared`,
      }),
    );

/** `PLAN_LABEL_REDECLARED`: what the operator's catalogue says of a label, a plan may tighten, not loosen. */
export const keptLabels: LintRule = (subject) =>
  Object.entries(subject.plan.labels ?? {}).flatMap(([name, spec]): Finding[] => {
    const operators = Object.hasOwn(subject.frozen.labels, name) ? subject.frozen.labels[name] : undefined;
    if (operators === undefined) return [];
    const isRaised = operators.integrity !== "trusted" && spec.integrity === "trusted";
    const isWidened = operators.readers !== undefined && !spec.readers?.every((reader) => operators.readers?.includes(reader));
    if (!isRaised && !isWidened) return [];
    const what = isRaised ? "trust it" : "let more read it";
    const message = `the catalogue declares the label \`${name}\`; a plan cannot ${what}`;
    return [findingAt(["labels", name], { code: "PLAN_LABEL_REDECLARED", severity: "error", message })];
  });

/** `PLAN_LABEL_STICKS` (`unknown` is removed by nothing) and `PLAN_ENDORSE_UNTRUSTED` (endorsing to a label that is not trusted). */
export const downgrades: LintRule = (subject) =>
  subject.labelUses.flatMap(({ name, by, path }): Finding[] => {
    if (name === "unknown" && (by === "removes" || by === "endorse-from")) {
      const message = "`unknown` is removed by nothing: label the tool or the node instead";
      return [findingAt(path, { code: "PLAN_LABEL_STICKS", severity: "error", message })];
    }
    if (by === "endorse-to" && subject.labels.has(name) && isUntrusted(subject, name)) {
      const message = `an endorsement goes to a trusted label, and \`${name}\` is untrusted`;
      return [findingAt(path, { code: "PLAN_ENDORSE_UNTRUSTED", severity: "error", message })];
    }
    return [];
  });

/** `LINT_UNUSED_LABEL`: a declared label that no tool carries and no rule names. */
export const unusedLabels: LintRule = (subject) => {
  const used = new Set(subject.labelUses.map(({ name }) => name));
  for (const { tool } of subject.toolNodes) for (const name of tool.facts.labels ?? []) used.add(name);
  return Object.keys(subject.plan.labels ?? {})
    .filter((name) => !used.has(name) && !Object.hasOwn(builtInLabels, name))
    .map((name) =>
      findingAt(["labels", name], {
        code: "LINT_UNUSED_LABEL",
        severity: "warning",
        message: `no tool carries \`${name}\` and no rule names it`,
      }),
    );
};

/** Declaring one of these changes what it means, also where it is not named. */

/** `LINT_READERS_OPEN`: how a label without readers is read. */
export const readersMode: LintRule = (subject) => {
  const closed = [...subject.labels].filter(([, spec]) => spec.readers !== undefined).map(([name]) => `\`${name}\``);
  const message =
    closed.length === 0
      ? "readers are open: no label restricts who may read, so no result is kept from any audience"
      : `readers are open: only ${closed.slice(0, 8).join(", ")}${closed.length > 8 ? " and others" : ""} restrict who may read`;
  return [findingAt([], { code: "LINT_READERS_OPEN", severity: "info", message })];
};
