/**
 * Rules about a node's constraints against what its tool does.
 * Pure. An effect that was only inferred counts as much as a declared one.
 */
import { roleOf } from "../../../catalogue/roles.ts";
import type { Finding } from "../../finding.ts";
import type { ArgRule, Effect, Role } from "../../plan.ts";
import { runsMax } from "../bits.ts";
import { findingAt, type LintRule, type ToolNode } from "../subject.ts";

const changing: ReadonlySet<Effect> = new Set<Effect>(["write", "money", "message", "execute"]);

/**
 * `PLAN_READ_ONLY` and `PLAN_NETWORK`: a node that promises what its tool does not keep. Where nobody declared the effects and the tool's
 * verb is not known, the promise is the operator's own declaration (DESIGN §2, "opaque tools"): `LINT_OPERATOR_DECLARES`.
 */
export const staticConstraints: LintRule = (subject) =>
  subject.toolNodes.flatMap((toolNode): Finding[] => {
    const { name, node, tool } = toolNode;
    const at = ["nodes", name, "constraints"];
    const findings: Finding[] = [];
    const judge = (member: string, code: Finding["code"], breaks: readonly Effect[]): void => {
      if (breaks.length === 0) return;
      findings.push(
        isGuess(toolNode)
          ? findingAt([...at, member], {
              code: "LINT_OPERATOR_DECLARES",
              severity: "warning",
              message: `what \`${tool.name}\` does is not known: \`${member}\` is the operator's declaration and is not enforced`,
            })
          : findingAt([...at, member], {
              code,
              severity: "error",
              message: `\`${tool.name}\` has the effect ${quoted(breaks)}${how(toolNode)}, so it is not \`${member}\``,
            }),
      );
    };
    if (node.constraints?.readOnly === true)
      judge(
        "readOnly",
        "PLAN_READ_ONLY",
        tool.facts.effects.filter((effect) => changing.has(effect)),
      );
    if (node.constraints?.noExternalNetwork === true)
      judge(
        "noExternalNetwork",
        "PLAN_NETWORK",
        tool.facts.effects.filter((effect) => effect === "network"),
      );
    return findings;
  });

/** Whether the effects are what inference gives a tool of unknown verb, `write` and `network`, and not what a known verb says. */
function isGuess({ tool }: ToolNode): boolean {
  const { effects, inferred } = tool.facts;
  const others = effects.some((effect) => effect === "money" || effect === "message" || effect === "execute");
  return inferred.includes("effects") && effects.includes("write") && effects.includes("network") && !others;
}

function quoted(effects: readonly Effect[]): string {
  return effects.map((effect) => `\`${effect}\``).join(", ");
}

function how({ tool }: ToolNode): string {
  return tool.facts.inferred.includes("effects") ? " (inferred: declare `effects` in the catalogue if that is wrong)" : "";
}

/**
 * `LINT_DECLARED`: a constraint about what a tool does beyond its arguments. Sluice sees text, hosts, paths and commands, and holds a call to them;
 * whether a tool writes, or in which sandbox it runs, is the operator's word (DESIGN §2, "by-effect constraints").
 */
export const declaredConstraints: LintRule = (subject) =>
  subject.toolNodes.flatMap((toolNode) => {
    const { name, node, tool } = toolNode;
    return (["readOnly", "noExternalNetwork", "sandbox"] as const)
      .filter((member) => node.constraints?.[member] !== undefined && node.constraints[member] !== false)
      .filter((member) => member === "sandbox" || !isGuess(toolNode))
      .map((member) =>
        findingAt(["nodes", name, "constraints", member], {
          code: "LINT_DECLARED",
          severity: "info",
          message: `\`${member}\` on \`${tool.name}\` is the operator's word: Sluice does not see ${unseen[member]}`,
        }),
      );
  });

const unseen = {
  readOnly: "what the tool changes",
  noExternalNetwork: "which connections the tool makes",
  sandbox: "where the tool runs",
} as const;

/** `LINT_SANDBOX`: a tool that executes what it is given, and no word of what it may reach. SQL that is checked runs in its database. */
export const namedSandboxes: LintRule = (subject) =>
  subject.toolNodes.flatMap(({ name, node, tool }) => {
    const { sandbox, sql } = node.constraints ?? {};
    if (!tool.facts.effects.includes("execute") || sandbox !== undefined || sql !== undefined) return [];
    const message = `\`${tool.name}\` executes what it is given: name the sandbox that it runs in, as in \`sandbox: builder\``;
    return [findingAt(["nodes", name, "constraints"], { code: "LINT_SANDBOX", severity: "warning", message })];
  });

/** `LINT_COMMAND_OPEN`: a command that is neither fixed, nor made by a typed template, nor held to programs or SQL. */
export const fixedCommands: LintRule = (subject) =>
  subject.toolNodes.flatMap(({ name, node, tool }) => {
    const { argv, sql } = node.constraints ?? {};
    if (!tool.facts.effects.includes("execute") || argv !== undefined || sql !== undefined) return [];
    return Object.entries(node.args ?? {})
      .filter(([arg, rule]) => roleOf(tool, arg) === "command" && !isFixed(rule))
      .map(([arg]) =>
        findingAt(["nodes", name, "args", arg], {
          code: "LINT_COMMAND_OPEN",
          severity: "warning",
          message: `\`${arg}\` is executed: make it a constant, an \`argv\` or \`sql\` template, or hold the node to \`argv\` or \`sql\``,
        }),
      );
  });

/** Whether a rule leaves no part of a command open: constants, lists of such, typed templates, and a choice among listed values. */
function isFixed(rule: ArgRule): boolean {
  if (typeof rule !== "object" || rule === null || "const" in rule) return true;
  if (isRuleList(rule)) return rule.every(isFixed);
  if ("template" in rule) return rule.template === "argv" || rule.template === "sql";
  return "choose" in rule && (rule.choose.enum !== undefined || rule.choose.const !== undefined);
}

function isRuleList(rule: ArgRule): rule is readonly ArgRule[] {
  return Array.isArray(rule);
}

/** `LINT_CONSTRAINT_EMPTY` (error): hosts, paths or SQL for a node that has no argument to hold against them: a protection that is none. */
export const emptyConstraints: LintRule = (subject) =>
  subject.toolNodes.flatMap(({ name, node, tool }) => {
    const steering: ReadonlySet<Role> = new Set(["target", "command", "selector"]);
    const isSteered = Object.keys(node.args ?? {}).some((arg) => steering.has(roleOf(tool, arg)));
    return (["hosts", "paths", "sql", "emails", "domains", "argv"] as const)
      .filter((kind) => node.constraints?.[kind] !== undefined && !isSteered)
      .map((kind) =>
        findingAt(["nodes", name, "constraints", kind], {
          code: "LINT_CONSTRAINT_EMPTY",
          severity: "error",
          message: `no argument of the node is a target, a command or a selector, so \`${kind}\` constrains nothing`,
        }),
      );
  });

/** Runs of one changing node in a session beyond which a loop is called unbounded. More than that nobody approves one by one. */
const changingRunsMax = 1_000;

/** `LINT_EACH_UNBOUNDED`: a loop over a tool that changes something, with more runs than anybody would look through. */
export const boundedLoops: LintRule = (subject) =>
  subject.toolNodes.flatMap(({ name, node, tool }) => {
    const runs = runsMax(subject.plan.nodes, name);
    if (runs <= changingRunsMax || !tool.facts.effects.some((effect) => changing.has(effect))) return [];
    const path = ["nodes", name, node.each === undefined ? "times" : "each"];
    const message = `\`${tool.name}\` may run ${runs} times in one session; a smaller \`max\` or a \`budget\` would bound it`;
    return node.constraints?.budget !== undefined || node.constraints?.rate !== undefined
      ? []
      : [findingAt(path, { code: "LINT_EACH_UNBOUNDED", severity: "warning", message })];
  });
