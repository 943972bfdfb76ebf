/**
 * A draft as people read it: how sure it is, each decision with the words that it rests on, what else it could have been, what to do next.
 * Never shows a control character of a task, a catalogue or a model.
 */
import type { PlanDraft } from "../../infer/draft.ts";
import type { Choice, DraftDecision } from "../../infer/to-plan/decisions.ts";
import { jsonText } from "../show/output.ts";
import { cut } from "../show/table.ts";
import { hang, plain, type Terminal } from "../show/terminal.ts";

/** Characters of a value that are shown. */
const valueMax = 60;

/** The decisions of a draft, and why it was abstained from. */
export function draftLines(
  draft: PlanDraft,
  { ms, terminal }: { readonly task: string; readonly ms: number; readonly terminal: Terminal },
): readonly string[] {
  const { paint, columns } = terminal;
  const head = draft.abstained
    ? paint.yellow("Nothing is drafted that should be relied on.")
    : paint.bold("A draft, to be read before it is frozen.");
  const by = draft.origin === null ? "" : ` by ${whoseWords[draft.origin.planner]}`;
  const lines = ["", `${head} ${paint.dim(`confidence ${percent(draft.confidence)}, ${ms} ms${by}`)}`];
  for (const { code, message, candidates } of draft.reasons) {
    lines.push(`${paint.yellow(code)}\n${hang("  ", message, columns)}`);
    if (candidates.length > 0)
      lines.push(
        hang("  looked at: ", candidates.map(({ tool, confidence }) => `${tool} ${percent(confidence)}`).join(", "), columns),
      );
  }
  if (draft.decisions.length > 0) lines.push("", draft.abstained ? "The best guess:" : "What it rests on:");
  for (const decision of draft.decisions) lines.push(...decisionLines(decision, terminal));
  return [...lines, ""];
}

const whoseWords = { memory: "an approved plan", model: "the local model", endpoint: "the endpoint's model" } as const;

function decisionLines(decision: DraftDecision, { paint, columns }: Terminal): readonly string[] {
  const { node, argument, kind, confidence, words, isUnsure, alternatives } = decision;
  const share = (isUnsure ? paint.yellow : paint.green)(percent(confidence).padStart(4));
  const what =
    argument === undefined
      ? `${paint.bold(plain(node))} ${choiceText(decision)}`
      : `  ${plain(argument)} ${choiceText(decision)}`;
  const said = words.map(({ text }) => `“${cut(plain(text), valueMax)}”`).join(" ");
  const because = kind === "ask" ? "" : said === "" ? paint.dim("  (no words of the task)") : paint.dim(`  ${said}`);
  const others = alternatives.map((choice) => `${choiceText(choice)} ${percent(choice.confidence)}`).join("; ");
  return [`${share} ${what}${because}`, ...(others === "" ? [] : [paint.dim(hang("       or ", others, columns))])];
}

function choiceText({ kind, value }: Choice): string {
  const text = plain(typeof value === "string" && kind !== "constant" ? value : jsonText(value));
  switch (kind) {
    case "tool":
      return text;
    case "result":
      return `← ${cut(text, valueMax)}`;
    case "ask":
      return value === null ? "asked for" : `is asked for: ${text}`;
    case "constant":
      return `= ${cut(text, valueMax)}`;
  }
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** What a person would do now. */
export function nextLine(
  { plan, abstained }: PlanDraft,
  {
    isPrinted,
    file,
    catalog,
  }: { readonly isPrinted: boolean; readonly file: string | undefined; readonly catalog: string | undefined },
  { paint }: Terminal,
): readonly string[] {
  if (plan === null) return [];
  if (!isPrinted) return [paint.dim("Say the task more exactly; or --guess prints the best guess as a plan.")];
  const name = file ?? "PLAN";
  const saved = file === undefined ? "Save it, and then: " : abstained ? "The guess is written. Next: " : "Next: ";
  return [paint.dim(plain(`${saved}sluice lint ${name} --catalog ${catalog ?? "CATALOG"}`))];
}
