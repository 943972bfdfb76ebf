/**
 * A policy against a catalogue: globs that match no tool, arguments that no tool has, roles that are heavier already.
 * Pure. Warnings only: a policy may be written for more tools than one catalogue has.
 */
import type { Catalogue } from "../../catalogue/catalogue.ts";
import { roleOf } from "../../catalogue/roles.ts";
import { member } from "../../json/value.ts";
import type { Finding } from "../../plan/finding.ts";
import type { FrozenTool } from "../../plan/plan.ts";
import type { Policy, ToolSelector } from "../policy.ts";
import { policyFinding } from "./finding.ts";
import { isNamed, isSelected } from "../select.ts";
import { globsOf } from "./globs.ts";

type Steps = readonly (string | number)[];

/**
 * `POLICY_NO_TOOL` (a glob or effect that no tool has), `POLICY_NO_ARGUMENT`, `POLICY_ROLE_KEPT` and `POLICY_ROLE_DISPUTED` (the catalogue's role is the same, or another),
 * `POLICY_SANITIZER_OPEN` (a sanitizer without an output schema, which no plan can use) and `POLICY_LABEL_UNUSED` (a label in a rule that
 * no tool of the catalogue carries).
 */
export function againstCatalogue(policy: Policy, catalogue: Catalogue): readonly Finding[] {
  const tools = [...catalogue.tools.values()];
  return [
    ...globsOf(policy).flatMap(({ path, text }) =>
      tools.some((tool) => isNamed(text, tool.name))
        ? []
        : [warning("POLICY_NO_TOOL", path, `no tool of the catalogue is called like \`${text}\``)],
    ),
    ...selectorFindings(policy, tools),
    ...argumentFindings(policy, tools),
    ...roleFindings(policy, tools),
    ...sanitizerFindings(policy, tools),
    ...labelFindings(policy, catalogue, tools),
  ];
}

function warning(code: Finding["code"], path: Steps, message: string): Finding {
  return policyFinding("warning", code, { path, message });
}

function selectorFindings(policy: Policy, tools: readonly FrozenTool[]): readonly Finding[] {
  return (["forbid", "constraints"] as const).flatMap((kind) =>
    ((policy[kind] ?? []) as readonly ToolSelector[]).flatMap((rule, at) =>
      rule.effects === undefined || tools.some((tool) => isSelected(rule, tool))
        ? []
        : [warning("POLICY_NO_TOOL", [kind, at], "no tool of the catalogue fits the rule's globs and effects")],
    ),
  );
}

/** Whether a tool's input schema may have an argument; one without properties may have any. */
function hasArgument(tool: FrozenTool, arg: string): boolean {
  const properties = member(member(tool.definition, "inputSchema"), "properties");
  return properties === undefined || member(properties, arg) !== undefined;
}

function argumentFindings(policy: Policy, tools: readonly FrozenTool[]): readonly Finding[] {
  return (["flows", "sanitizers"] as const).flatMap((kind) =>
    (policy[kind] ?? []).flatMap(({ to, args }, at) => {
      const sinks = tools.filter((tool) => isNamed(to, tool.name));
      if (sinks.length === 0) return [];
      return (args ?? []).flatMap((arg, i) =>
        sinks.some((tool) => hasArgument(tool, arg))
          ? []
          : [warning("POLICY_NO_ARGUMENT", [kind, at, "args", i], `no tool that the rule names has an argument \`${arg}\``)],
      );
    }),
  );
}

function roleFindings(policy: Policy, tools: readonly FrozenTool[]): readonly Finding[] {
  return Object.entries(policy.roles ?? {}).flatMap(([glob, args]) => {
    const named = tools.filter((tool) => isNamed(glob, tool.name));
    if (named.length === 0) return [];
    return Object.entries(args).flatMap(([place, role]): readonly Finding[] => {
      const having = named.filter((tool) => hasArgument(tool, place.split(".", 1)[0] as string));
      const path = ["roles", glob, place];
      if (having.length === 0)
        return [warning("POLICY_NO_ARGUMENT", path, `no tool that the glob names has an argument \`${place}\``)];
      const roles = typeof role === "string" ? [role] : role;
      const disputed = having.find((tool) => !["content", ...roles].includes(roleOf(tool, place)));
      if (disputed !== undefined) {
        const message = `the catalogue calls it \`${roleOf(disputed, place)}\` on \`${disputed.name}\`: plans that use it will be refused`;
        return [warning("POLICY_ROLE_DISPUTED", path, message)];
      }
      if (having.some((tool) => roleOf(tool, place) === "content")) return [];
      const message = `in the catalogue the argument is \`${roles.join(", ")}\` already: the entry changes nothing`;
      return [warning("POLICY_ROLE_KEPT", path, message)];
    });
  });
}

function sanitizerFindings(policy: Policy, tools: readonly FrozenTool[]): readonly Finding[] {
  return (policy.sanitizers ?? []).flatMap(({ through, labels }, at): readonly Finding[] => {
    const named = tools.filter((tool) => isNamed(through, tool.name));
    const path = ["sanitizers", at, "through"];
    const own = named.find((tool) => tool.facts.labels?.some((label) => labels.includes(label)));
    const message = `\`${own?.name}\` returns such data itself: what it says of other data is no better`;
    const circular = own === undefined ? [] : [warning("POLICY_SELF_TRUST", path, message)];
    const isOpen = named.length > 0 && named.every((tool) => member(tool.definition, "outputSchema") === undefined);
    const open = `no tool that may sanitize has an \`outputSchema\`, so that no plan can use it: what is removed must be bounded`;
    return [...circular, ...(isOpen ? [warning("POLICY_SANITIZER_OPEN", path, open)] : [])];
  });
}

function labelFindings(policy: Policy, catalogue: Catalogue, tools: readonly FrozenTool[]): readonly Finding[] {
  const carried = new Set([
    ...tools.flatMap((tool) => tool.facts.labels ?? ["unknown"]),
    ...Object.keys(catalogue.labels),
    "user_input",
    "external_api",
    "database_record",
    "unknown",
    "untrusted",
  ]);
  const look = (labels: readonly string[], path: Steps): readonly Finding[] =>
    labels.flatMap((label, at) =>
      carried.has(label)
        ? []
        : [
            warning(
              "POLICY_LABEL_UNUSED",
              [...path, at],
              `no tool of the catalogue carries \`${label}\`: only plans that declare it are held to the rule`,
            ),
          ],
    );
  return [
    ...(policy.flows ?? []).flatMap(({ deny }, at) => look(deny, ["flows", at, "deny"])),
    ...(policy.sanitizers ?? []).flatMap(({ labels }, at) => look(labels, ["sanitizers", at, "labels"])),
  ];
}
