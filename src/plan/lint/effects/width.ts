/**
 * Rules about how much a plan leaves open: wide choices, audiences that are not all, labels that trust too much, no limits.
 * Pure. Looks at what is written, not at what flows.
 */
import { roleOf } from "../../../catalogue/roles.ts";
import { builtInLabels } from "../../built-in-labels.ts";
import type { Finding } from "../../finding.ts";
import type { Effect } from "../../plan.ts";
import { serverName } from "../../tool-name.ts";
import { classify, rulesOf } from "../../walk.ts";
import { bitsOf } from "../bits.ts";
import { findingAt, type LintRule, type ToolNode } from "../subject.ts";

/** Bits of a choice in a target beyond which nobody has looked at the values. */
const choiceBitsMax = 16;
/** Code points of a chosen text that is no name and no word. */
const chosenTextMax = 120;

const acting: ReadonlySet<Effect> = new Set<Effect>(["write", "money", "message", "execute"]);

function isActing({ tool }: ToolNode): boolean {
  return tool.facts.effects.some((effect) => acting.has(effect));
}

/** `LINT_CHOICE_WIDE`: a choice that steers a changing tool, bounded, but by too much. `LINT_CHOICE_TEXT`: a choice of any text in content. */
export const wideChoices: LintRule = (subject) =>
  subject.toolNodes.flatMap((toolNode) =>
    rulesOf(toolNode.name, toolNode.node).flatMap(({ path, place, rule }): Finding[] => {
      const classed = classify(rule);
      if (classed.kind !== "choose") return [];
      const role = roleOf(toolNode.tool, place);
      const bits = bitsOf(rule);
      if (role === "content") {
        const { choose } = classed.rule;
        const isText = choose.type === "string" || choose.pattern !== undefined || choose.minLength !== undefined;
        const length = typeof choose.maxLength === "number" ? choose.maxLength : Number.POSITIVE_INFINITY;
        if (
          !isText ||
          (bits !== undefined && bits <= choiceBitsMax) ||
          choose.format !== undefined ||
          choose.pattern !== undefined ||
          length <= chosenTextMax
        )
          return [];
        const message = `\`choose\` looks neither at links nor at invisible characters in \`${place}\`: \`write\` does`;
        return [findingAt([...path, "choose"], { code: "LINT_CHOICE_TEXT", severity: "warning", message })];
      }
      if (bits === undefined || bits <= choiceBitsMax || role === "selector" || role === "control" || !isActing(toolNode))
        return [];
      const message = `the agent chooses the ${role} \`${place}\` of \`${toolNode.tool.name}\` among more values than anybody has looked at`;
      return [findingAt([...path, "choose"], { code: "LINT_CHOICE_WIDE", severity: "warning", message, bits })];
    }),
  );

const addressNames = /^(?:cc|bcc|to|recipients?|reply_?to|attendees|participants|invitees|forward_?to|channels?|members)$/i;

/** `LINT_AUDIENCE_MISSED`: an argument that looks like another address beside those that the tool's audience names. */
export const wholeAudience: LintRule = (subject) =>
  subject.toolNodes.flatMap(({ name, node, tool }): Finding[] => {
    const { audience } = tool.facts;
    if (audience === undefined || audience === "public" || !("arg" in audience)) return [];
    const declared = typeof audience.arg === "string" ? [audience.arg] : audience.arg;
    return Object.keys(node.args ?? {})
      .filter((arg) => addressNames.test(arg) && !declared.includes(arg) && roleOf(tool, arg) !== "content")
      .map((arg) => {
        const message = `\`${arg}\` looks like an address, and the audience of \`${tool.name}\` is only \`${declared.join("`, `")}\`: readers are not held against it`;
        return findingAt(["nodes", name, "args", arg], { code: "LINT_AUDIENCE_MISSED", severity: "warning", message });
      });
  });

/** `LINT_LABEL_TRUSTED`: what is untrusted unless somebody says otherwise, declared as trusted. */
export const trustedBuiltIns: LintRule = (subject) =>
  Object.keys(builtInLabels)
    .filter((name) => builtInLabels[name]?.integrity === "untrusted" && subject.labels.get(name)?.integrity === "trusted")
    .map((name) => {
      const isPlans = Object.hasOwn(subject.plan.labels ?? {}, name);
      const message = `\`${name}\` is declared as trusted, so no rule against \`untrusted\` sees it; a label of its own would say whom you trust`;
      return findingAt(isPlans ? ["labels", name] : [], { code: "LINT_LABEL_TRUSTED", severity: "warning", message });
    });

/** `LINT_RESOURCE` (info): a tool that writes what another tool of its server reads back, and no resource says so. */
export const declaredResources: LintRule = (subject) => {
  const readers = new Set(
    subject.toolNodes.filter(({ tool }) => tool.facts.effects.includes("read")).map(({ tool }) => serverName(tool.name)),
  );
  const seen = new Set<string>();
  return subject.toolNodes.flatMap(({ name, tool }): Finding[] => {
    const writes = tool.facts.effects.includes("write") && !tool.facts.effects.includes("message");
    if (!writes || tool.facts.resource !== undefined || !readers.has(serverName(tool.name)) || seen.has(tool.name)) return [];
    seen.add(tool.name);
    const message = `what \`${tool.name}\` writes may be read back without its label: declare \`resource\` in the catalogue`;
    return [findingAt(["nodes", name], { code: "LINT_RESOURCE", severity: "info", message })];
  });
};

/** `LINT_NO_LIMITS` (info): a plan that changes something, and no bound on the calls or the time of a session. */
export const boundedSessions: LintRule = (subject) => {
  const { limits } = subject.plan;
  const missing = [limits?.calls === undefined ? "calls" : "", limits?.seconds === undefined ? "seconds" : ""].filter(Boolean);
  if (missing.length === 0 || !subject.toolNodes.some(isActing)) return [];
  const message = `the plan changes something, and \`limits\` has no ${missing.map((name) => `\`${name}\``).join(" and no ")}`;
  return [findingAt([], { code: "LINT_NO_LIMITS", severity: "info", message })];
};
