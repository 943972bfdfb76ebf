/**
 * Rules about what data can do under a plan, from the static analysis: sanitizers that do not hold, guards that data chooses, links of strangers.
 * Pure. Says nothing of a plan that cannot be compiled.
 */
import type { Analysis } from "../../../analyze/analyse.ts";
import { inputProperties } from "../../../catalogue/schema.ts";
import { carriedByCode, carriedByRead } from "../../../analyze/transfer.ts";
import { type Hop, witnessOf } from "../../../analyze/witness.ts";
import type { CompiledNode, CompiledRule } from "../../compile/compiled.ts";
import type { Finding } from "../../finding.ts";
import type { Effect, Role } from "../../plan.ts";
import { classify } from "../../walk.ts";
import { runsMax } from "../bits.ts";
import { analysesOf } from "./analysis.ts";
import { findingAt, type LintRule, type LintSubject } from "../subject.ts";

const acting: ReadonlySet<Effect> = new Set<Effect>(["write", "money", "message", "execute"]);
const steering: ReadonlySet<Role> = new Set<Role>(["target", "command", "credential"]);

/** Whether a node changes something in the world. */
export function isActing({ tool }: CompiledNode): boolean {
  return tool?.facts.effects.some((effect) => acting.has(effect)) === true;
}

/** Arguments that steer a tool that changes something. */
function steeredSinks(
  analysis: Analysis,
): readonly { readonly node: CompiledNode; readonly argument: string; readonly rule: CompiledRule }[] {
  return analysis.plan.nodes
    .filter(isActing)
    .flatMap((node) =>
      node.args
        .filter(({ roles }) => roles.some((role) => steering.has(role)))
        .map(({ name, rule }) => ({ node, argument: name, rule })),
    );
}

/** Findings of one rule. Beyond that they are alike. */
const findingsMax = 200;

/**
 * `LINT_SANITIZER_PASSED` (warning): a label that a node removes reaches a steering argument past it. `LINT_REMOVES_UNGUARDED` (warning): it
 * does once the sanitizer's result does not fit its schema, and no flow rule stops it.
 */
export const heldSanitizers: LintRule = (subject) => {
  const { worst, valid } = analysesOf(subject);
  const sanitizers = subject.toolNodes.filter(({ node }) => node.removes !== undefined);
  if (worst === undefined || valid === undefined || sanitizers.length === 0) return [];
  const findings: Finding[] = [];
  for (const { node, argument } of steeredSinks(worst)) {
    if (findings.length >= findingsMax) break;
    for (const sanitizer of sanitizers) {
      const at = ["nodes", node.name, "args", argument];
      const labels = (sanitizer.node.removes?.labels ?? []).filter((label) => label !== "unknown");
      const passed = labels.find((label) => valid.mayReach({ node: node.name, argument, label }));
      const broken = labels.find((label) => worst.mayReach({ node: node.name, argument, label }));
      const label = passed ?? broken;
      if (label === undefined) continue;
      const hops = witnessOf(passed === undefined ? worst : valid, { node: node.name, argument, label }) ?? [];
      const isThrough = hops.some((hop) => hop.node === sanitizer.name && hop.by === "argument");
      // What never comes near the sanitizer, in a call that has nothing to do with it, is none of its business.
      if (passed !== undefined && !isThrough && !isFedBy(subject, node.name, sanitizer.name)) continue;
      const way = wayOf(hops);
      const message =
        passed === undefined
          ? `\`${label}\` reaches \`${argument}\` (${way}) whenever the result of \`${sanitizer.name}\` does not fit its schema; a flow rule against it would stop that`
          : `\`${label}\` reaches \`${argument}\` (${way}), although \`${sanitizer.name}\` removes it: it does not sit on every path`;
      const code = passed === undefined ? "LINT_REMOVES_UNGUARDED" : "LINT_SANITIZER_PASSED";
      findings.push(findingAt(at, { code, severity: "warning", message }));
      break;
    }
  }
  return findings;
};

function isFedBy(subject: LintSubject, node: string, source: string): boolean {
  return (subject.reads.get(node) ?? []).some((read) => read.node === source);
}

/** A way of data in a few words. */
export function wayOf(hops: readonly Hop[]): string {
  const names = hops.map((hop) =>
    hop.by === "conversation"
      ? "the conversation"
      : hop.by === "resource"
        ? "a resource"
        : hop.by === "parameter"
          ? "a parameter"
          : `\`${hop.node ?? ""}\``,
  );
  const distinct = names.filter((name, i) => name !== names[i - 1]);
  return distinct.length > 6 ? [...distinct.slice(0, 3), "…", ...distinct.slice(-2)].join(" → ") : distinct.join(" → ");
}

/**
 * `LINT_GUARD_UNTRUSTED`: untrusted data decides whether a node runs, or how often; with the bits that it has. A warning for the
 * guard of a tool that changes something without asking a human, else info.
 */
export const guards: LintRule = (subject) => {
  const analysis = analysesOf(subject).valid;
  if (analysis === undefined) return [];
  return analysis.plan.nodes
    .filter(({ tool }) => tool !== undefined)
    .flatMap((node): Finding[] => {
      const at = analysis.inner.situationOf(node.index);
      const untrusted = (set: Parameters<typeof analysis.inner.holds>[0]): boolean => analysis.inner.holds(set, "untrusted");
      const severity = isActing(node) && !node.constraints.needsApproval ? "warning" : "info";
      const runs = runsMax(subject.plan.nodes, node.name);
      const findings: Finding[] = [];
      if (node.when !== undefined && untrusted(carriedByCode(at, node.when).full)) {
        const message = `untrusted data decides whether \`${node.name}\` may run: ${labelsOf(analysis, node)}`;
        findings.push(findingAt(["nodes", node.name, "when"], { code: "LINT_GUARD_UNTRUSTED", severity, message, bits: 1 }));
      }
      if (node.each?.kind === "from" && untrusted(carriedByRead(at, node.each.read).full)) {
        const bits = Math.ceil(Math.log2(node.each.max + 1) * 100) / 100;
        const message = `untrusted data decides how often \`${node.name}\` runs, up to ${runs} times`;
        findings.push(
          findingAt(["nodes", node.name, "each"], {
            code: "LINT_GUARD_UNTRUSTED",
            severity: "info",
            message,
            bits,
          }),
        );
      }
      return findings;
    });
};

function labelsOf(analysis: Analysis, node: CompiledNode): string {
  const { table, situationOf } = analysis.inner;
  const set = node.when === undefined ? undefined : carriedByCode(situationOf(node.index), node.when).full;
  const names = table.sourcesOf(set).filter((name) => table.names.some((facts) => facts.name === name && facts.isUntrusted));
  return names
    .slice(0, 5)
    .map((name) => `\`${name}\``)
    .join(", ");
}

/** `LINT_LINKS_UNTRUSTED` (warning; info where `links` is left to its default): hosts of untrusted values are hosts that the agent's text may link to. */
export const planLinks: LintRule = (subject) => {
  const analysis = analysesOf(subject).valid;
  if (analysis === undefined) return [];
  return analysis.plan.nodes.flatMap((node): Finding[] => {
    const writes = node.args.filter(({ rule }) => rule.kind === "write" && rule.links === "plan");
    if (writes.length === 0) return [];
    const facts = analysis.inner.factsOf(node.index);
    const source = facts.find(
      ({ arg, allowed }) =>
        arg.rule.isFilled && mayHoldHost(arg.rule) && !isNumber(node, arg.name) && analysis.inner.holds(allowed, "untrusted"),
    );
    if (source === undefined) return [];
    return writes.map(({ name }) => {
      const written = subject.plan.nodes[node.name]?.args?.[name];
      const classed = written === undefined ? undefined : classify(written);
      // What nobody wrote is the default, and a remark.
      const isWritten = classed?.kind === "write" && classed.rule.write.links === "plan";
      const severity = isWritten ? "warning" : "info";
      const message = `the agent's text may link to hosts in \`${source.arg.name}\`, which is untrusted data; list the hosts, or say \`links: none\``;
      return findingAt(["nodes", node.name, "args", name], { code: "LINT_LINKS_UNTRUSTED", severity, message });
    });
  });
};

function isNumber({ tool }: CompiledNode, argument: string): boolean {
  const type = tool === undefined ? undefined : inputProperties(tool).get(argument)?.type;
  return type === "number" || type === "integer" || type === "boolean";
}

/** Whether the value can be a text of somebody else's making. */
function mayHoldHost(rule: CompiledRule): boolean {
  if (rule.match?.bits !== undefined || rule.match?.kind === "number") return false;
  if (rule.kind === "from" || rule.kind === "item")
    return rule.extract === undefined || ["url", "email"].includes(rule.extract.kind);
  if (rule.kind === "object") return rule.members.some((part) => mayHoldHost(part.rule));
  if (rule.kind === "list") return rule.elements.some(mayHoldHost);
  if (rule.kind === "template") return rule.holes.some((hole) => mayHoldHost(hole.rule));
  return rule.kind === "expr";
}
