/**
 * Rules about who vouches for data and tools: labels that a plan or a catalogue gives without reason, and removals that remove nothing.
 * Pure. A declaration of the operator is disputed aloud and never overruled.
 */
import { inferRole, roleOf } from "../../../catalogue/roles.ts";
import { inputProperties } from "../../../catalogue/schema.ts";
import { wordsOf } from "../../../catalogue/words.ts";
import { member } from "../../../json/value.ts";
import type { Finding } from "../../finding.ts";
import { isAgentGiven, rulesOf } from "../../walk.ts";
import { ownLabels } from "../../built-in-labels.ts";
import { findingAt, isUntrusted, type LintRule, type LintSubject } from "../subject.ts";

/** `LINT_SOURCE_TRUSTED`: only the plan labels a tool of the network, and as trusted. `LINT_LABEL_NO_EFFECT`: a label that cleans nothing. */
export const vouchedSources: LintRule = (subject) =>
  subject.toolNodes.flatMap(({ name, node, tool }): readonly Finding[] => {
    const own = node.labels ?? [];
    const at = ["nodes", name, "labels"];
    const { labels, effects } = tool.facts;
    if (labels === undefined) {
      if (own.length === 0 || !effects.includes("network") || own.some((label) => isUntrusted(subject, label))) return [];
      const message = `the plan alone says that what \`${tool.name}\` brings from the network can be trusted: that is for the operator's catalogue to say`;
      return [findingAt(at, { code: "LINT_SOURCE_TRUSTED", severity: "warning", message })];
    }
    const untrusted = labels.find((label) => isUntrusted(subject, label));
    if (untrusted === undefined) return [];
    return own.flatMap((label, i) => {
      if (isUntrusted(subject, label) || subject.labels.get(label)?.readers !== undefined || labels.includes(label)) return [];
      const message = `labels add up: what \`${tool.name}\` returns stays \`${untrusted}\`, which is untrusted; \`removes\` or \`endorse\` would change that`;
      return [findingAt([...at, i], { code: "LINT_LABEL_NO_EFFECT", severity: "warning", message })];
    });
  });

/** Last words of the names of arguments that say where something goes or what is run, whatever was declared of them. */
const steeringWords: ReadonlySet<string> = new Set(
  `to cc bcc recipient recipients iban account payee url uri link webhook host hostname domain endpoint path file filename command cmd sql
   query script password`.split(/\s+/),
);

/**
 * `LINT_EFFECTS_DISPUTED`: declared to read only, and the server's own annotations say that it changes or destroys.
 * `LINT_ROLE_DISPUTED`: declared content, and named like a recipient, a place or a command.
 */
export const disputedFacts: LintRule = (subject) => {
  const seen = new Set<string>();
  return subject.toolNodes.flatMap(({ name, node, tool }): readonly Finding[] => {
    const isFirst = !seen.has(tool.name);
    seen.add(tool.name);
    const known = inputProperties(tool);
    const roles = rulesOf(name, node)
      .filter(({ parent, place }) => parent === undefined && roleOf(tool, place) === "content")
      .filter(
        ({ arg }) =>
          steeringWords.has(wordsOf(arg).at(-1) ?? "") && inferRole(arg, tool.facts.effects, known.get(arg)) !== "content",
      )
      .map(({ arg, path }) =>
        findingAt(path, {
          code: "LINT_ROLE_DISPUTED",
          severity: "warning",
          message: `the catalogue declares \`${arg}\` of \`${tool.name}\` as content, so the agent may write it freely; its name says that it steers the tool`,
        }),
      );
    const annotations = member(tool.definition, "annotations");
    const readsOnly = member(annotations, "readOnlyHint");
    // Beside `readOnlyHint: true` the other hint means nothing (MCP, ToolAnnotations), and libraries send its default.
    const acts = readsOnly === false || (readsOnly !== true && member(annotations, "destructiveHint") === true);
    const reads = tool.facts.effects.every((effect) => effect === "read" || effect === "network");
    if (!isFirst || !acts || !reads || tool.facts.inferred.includes("effects")) return roles;
    const message = `the catalogue declares that \`${tool.name}\` only reads, and its own annotations say that it changes something`;
    return [...roles, findingAt(["nodes", name, "tool"], { code: "LINT_EFFECTS_DISPUTED", severity: "warning", message })];
  });
};

/** Nodes that are looked at to find where a label could come from. A larger plan gets the benefit of the doubt. */
const ancestorsMax = 10_000;

/** `LINT_REMOVES_NOTHING`: a label that is removed and that no data of the node can carry. */
export const usefulRemovals: LintRule = (subject) =>
  subject.toolNodes.flatMap(({ name, node }) => {
    const { removes } = node;
    if (removes === undefined) return [];
    const carried = labelsUpTo(subject, name);
    if (carried === undefined) return [];
    return removes.labels.flatMap((label, i): readonly Finding[] => {
      if (carried.has(label)) return [];
      const there = [...carried].filter((other) => isUntrusted(subject, other)).map((other) => `\`${other}\``);
      const hint = there.length === 0 ? "" : `; what comes here is ${there.slice(0, 4).join(", ")}`;
      const message = `nothing that this node is given carries \`${label}\`, so nothing is removed${hint}`;
      return [findingAt(["nodes", name, "removes", "labels", i], { code: "LINT_REMOVES_NOTHING", severity: "warning", message })];
    });
  });

/** Own labels of a node and of all that it reads; `undefined` if anything may come from the agent, or there is too much to look at. */
function labelsUpTo(subject: LintSubject, name: string): ReadonlySet<string> | undefined {
  const labels = new Set<string>();
  const seen = new Set([name]);
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const node = subject.plan.nodes[next];
    const tool = node?.tool === undefined ? undefined : subject.frozen.tools[node.tool];
    if (node === undefined || seen.size > ancestorsMax) return undefined;
    if (Object.values(node.args ?? {}).some(isAgentGiven) || node.optional === true || node.when !== undefined) return undefined;
    if (tool !== undefined) for (const label of ownLabels({ node, tool })) labels.add(label);
    for (const { node: other } of subject.reads.get(next) ?? []) {
      if (!seen.has(other)) open.push(other);
      seen.add(other);
    }
  }
  return labels;
}
