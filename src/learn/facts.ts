/**
 * What one whole trace says beside its calls: which texts are the user's, which are data, and whose results are trusted.
 * Pure. Never counts a text as the user's that the task does not have.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import { isArray, isObject, type Json } from "../json/value.ts";
import type { FrozenTool } from "../plan/plan.ts";
import type { TraceFacts } from "./nodes.ts";
import type { Step } from "./steps.ts";
import type { TaskWords } from "./task-words.ts";

/** Whether everything that a tool returns is trusted under a catalogue. A tool without labels returns what nobody vouches for. */
export function trustUnder({ labels }: Catalogue): (tool: FrozenTool) => boolean {
  return ({ facts }) => facts.labels?.every((label) => labels[label]?.integrity === "trusted") === true;
}

/** The texts of a trace, sorted by whether the task has them. */
export function factsOf(steps: readonly Step[], task: TaskWords): Omit<TraceFacts, "literals" | "isTrusted"> {
  const texts = new Set<string>();
  for (const step of steps) for (const value of Object.values(step.args)) collect(value, texts);
  // Keys count as data: results are often objects by name.
  const data = new Set<string>();
  for (const step of steps) if (step.result !== undefined) collect(step.result, data);
  const all = [...data];
  return {
    task,
    avoid: [...texts].filter((text) => text.length >= 3 && text.length <= 200 && task.find(text) === undefined),
    given: [...texts].filter((text) => text.length >= 3 && text.length <= 200 && task.find(text) !== undefined),
    isData: (value) => all.some((text) => text.includes(value)),
  };
}

function collect(value: Json, texts: Set<string>): void {
  if (typeof value === "string") texts.add(value);
  else if (isArray(value)) for (const inner of value) collect(inner, texts);
  else if (isObject(value)) {
    for (const [key, inner] of Object.entries(value)) {
      texts.add(key);
      collect(inner, texts);
    }
  }
}
