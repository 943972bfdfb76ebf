/**
 * What a person has to be told where a plan of several runs leaves more open than one of them did.
 * Pure. Says nothing of what is only closed.
 */
import type { Json } from "../json/value.ts";
import { pointerOf } from "../json/pointer.ts";
import { compileExtract } from "../lang/extract/extract.ts";
import type { Finding } from "../plan/finding.ts";
import type { PlanNode } from "../plan/plan.ts";
import { quoted } from "./argument.ts";
import { isReader } from "./draft.ts";
import type { Leaf, NodeModel } from "./model.ts";

/** A step that some runs left out. What acts then happens or not, as the agent likes. */
export function optionalFinding(node: NodeModel, of: number): Finding {
  const isAct = !isReader(node.tool);
  const message = `\`${node.name}\` ran in ${node.calls.size} of ${of} runs${isAct ? ": the agent decides whether it runs; confirm that it may" : ""}`;
  return { code: "LEARN_OPTIONAL", severity: isAct ? "warning" : "info", pointer: pointerOf(["nodes", node.name]), message };
}

/** A call that acts and that some runs made more often than others. */
export function repeatedFinding(node: NodeModel, times: PlanNode["times"]): Finding | undefined {
  if (isReader(node.tool) || typeof times !== "object" || node.loop?.isPartial === true) return undefined;
  const message = `the agent calls \`${node.name}\` ${times.min ?? 0} to ${times.max} times, as the runs did: confirm that it may`;
  return { code: "LEARN_REPEATED", severity: "warning", pointer: pointerOf(["nodes", node.name, "times"]), message };
}

/** A loop that acts and may have more rows than any run had. */
export function roomFinding(node: NodeModel, max: number, seen: number): Finding | undefined {
  if (isReader(node.tool) || max <= seen) return undefined;
  const message = `\`${node.name}\` may run for ${max} rows; the longest of the runs had ${seen}: confirm it`;
  return { code: "LEARN_ROOM", severity: "warning", pointer: pointerOf(["nodes", node.name, "each", "max"]), message };
}

/** An argument that some calls leave out, and that the host gives. */
export function sometimesFinding(node: NodeModel, { argument, cells, absent }: Leaf): Finding {
  const { name, path } = argument;
  const calls = cells.length + absent.length;
  const message = `${cells.length} of ${calls} calls of \`${node.name}\` have \`${name}\`: the host says whether, and what it is; confirm that it can`;
  return { code: "LEARN_HOST_PARAM", severity: "warning", pointer: pointerOf(["nodes", node.name, "args", ...path]), message };
}

/** Kinds of values of which a task may have several, so that a word alone does not say which is meant. */
const kinds = ["email", "iban", "url", "date"] as const;

/** A parameter from the task's words, where a task has another value of the same kind. */
export function wordsFinding(node: NodeModel, { argument, cells }: Leaf): Finding | undefined {
  for (const { run, value } of cells) {
    const rival = rivalOf(run.text, value);
    if (rival === undefined) continue;
    const message = `a task has ${quoted(rival)} as well as ${quoted(value)}: the host must know which of them is \`${argument.name}\` of \`${node.name}\``;
    return {
      code: "LEARN_TASK_WORDS",
      severity: "warning",
      pointer: pointerOf(["nodes", node.name, "args", ...argument.path]),
      message,
    };
  }
  return undefined;
}

function rivalOf(text: string, value: Json): Json | undefined {
  if (typeof value !== "string") return undefined;
  for (const kind of kinds) {
    const extract = compileExtract(kind);
    if (!extract.ok) continue;
    const own = extract.value.distinct(value);
    const all = extract.value.distinct(text);
    const [only] = own.ok && own.value.length === 1 ? own.value : [];
    if (only === undefined || !all.ok) continue;
    return all.value.find((other) => other !== only);
  }
  return undefined;
}

/** What follows the message of a finding where other rules fit all runs as well. */
export function othersText(alternatives: number): string {
  return alternatives === 0 ? "" : `; ${alternatives} other ${alternatives === 1 ? "rule fits" : "rules fit"} as well`;
}
