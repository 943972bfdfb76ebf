/**
 * Rules about what a tool takes for granted where the plan says nothing.
 * Pure. Looks only at defaults that make a call reach further than it seems to.
 */
import { roleOf } from "../../../catalogue/roles.ts";
import { inputProperties } from "../../../catalogue/schema.ts";
import { isArray, type Json } from "../../../json/value.ts";
import type { Finding } from "../../finding.ts";
import type { ArgRule, Effect } from "../../plan.ts";
import { optionsOf } from "../../walk.ts";
import { findingAt, type LintRule, type ToolNode } from "../subject.ts";

const acting: ReadonlySet<Effect> = new Set<Effect>(["write", "money", "message", "execute"]);
const everything: ReadonlySet<string> = new Set("all any * public everyone anyone anywhere everywhere".split(" "));

/** Whether a default turns something on or means everyone. */
function isPowerful(value: Json | undefined): boolean {
  if (typeof value === "string") return everything.has(value.toLowerCase());
  return isArray(value) ? value.some(isPowerful) : value === true;
}

function powerfulDefaults({ tool }: ToolNode): readonly string[] {
  if (!tool.facts.effects.some((effect) => acting.has(effect))) return [];
  return [...inputProperties(tool)]
    .filter(([arg, schema]) => isPowerful(schema.default) && roleOf(tool, arg) !== "content")
    .map(([arg]) => arg)
    .sort();
}

/** `LINT_DEFAULT_UNSAID`: an argument that the plan leaves out, and that the tool then takes as true or as everyone. */
export const unsaidDefaults: LintRule = (subject) =>
  subject.toolNodes.flatMap((toolNode): readonly Finding[] => {
    const { name, node, tool } = toolNode;
    const unsaid = powerfulDefaults(toolNode).filter((arg) => !Object.hasOwn(node.args ?? {}, arg));
    if (unsaid.length === 0) return [];
    const what = unsaid.map((arg) => `\`${arg}\` as ${JSON.stringify(inputProperties(tool).get(arg)?.default)}`).join(", ");
    const message = `the plan says nothing of it, so \`${tool.name}\` takes ${what}: a constant would say what is meant`;
    const path = ["nodes", name, ...(node.args === undefined ? [] : ["args"])];
    return [findingAt(path, { code: "LINT_DEFAULT_UNSAID", severity: "warning", message })];
  });

/** `LINT_OPTIONAL_DEFAULT`: likewise, where the argument may be left out. */
export const optionalDefaults: LintRule = (subject) =>
  subject.toolNodes.flatMap((toolNode) =>
    powerfulDefaults(toolNode)
      .filter((arg) => Object.hasOwn(toolNode.node.args ?? {}, arg))
      .filter((arg) => optionsOf(toolNode.node.args?.[arg] as ArgRule).optional === true)
      .map((arg) => {
        const taken = JSON.stringify(inputProperties(toolNode.tool).get(arg)?.default);
        const message = `left out, \`${arg}\` is ${taken} to \`${toolNode.tool.name}\`: do not let it be left out, or say that value`;
        return findingAt(["nodes", toolNode.name, "args", arg, "optional"], {
          code: "LINT_OPTIONAL_DEFAULT",
          severity: "warning",
          message,
        });
      }),
  );
