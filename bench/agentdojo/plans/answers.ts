/**
 * Parameters of plans that are not learned, as the host would have them: what the prompt says, or what the user answers when asked.
 * Never makes an answer up: what a user would answer is what AgentDojo's ground truth sends, and it counts as a confirmation.
 */
import { isArray, isObject, type Json, type JsonObject, member } from "../../../src/json/value.ts";
import type { TraceCall } from "../../../src/trace.ts";
import { isReader } from "../../../src/learn/draft.ts";
import type { Suite, UserTask } from "../data.ts";
import type { ScriptedCall } from "../kinds.ts";
import { readYamlFile } from "./reviewed.ts";

/** The calls of a task's ground truth. */
export function groundTruth({ trace }: UserTask): readonly TraceCall[] {
  return trace.events.filter((event) => event.type === "call");
}

/** The parameters of a task, by the file `FOLDER/answers.yaml`: `{ said: VALUE }` or `{ asked: TOOL.ARGUMENT, else? }` for each. */
export function answersFor(folder: "hand" | "code", suite: string, task: UserTask): JsonObject {
  const own = member(member(readYamlFile(`${folder}/answers.yaml`), suite), task.id);
  if (!isObject(own)) return {};
  return Object.fromEntries(Object.entries(own).map(([name, how]) => [name, answer(how, task)]));
}

function answer(how: Json, task: UserTask): Json {
  const said = member(how, "said");
  if (said !== undefined) return said;
  const [tool, arg = ""] = String(member(how, "asked")).split(".");
  const call = groundTruth(task).find((one) => one.tool === tool && Object.hasOwn(one.args, arg));
  const value = call?.args[arg] ?? member(how, "else");
  if (value === undefined) throw new Error(`${task.id}: the ground truth has no \`${tool}.${arg}\` to answer with`);
  return value;
}

/** The calls of an agent with the plan, by `FOLDER/reads.yaml`, where they are not those of the ground truth. */
export function scriptFor(
  folder: "hand" | "code",
  { name, catalogue }: Suite,
  task: UserTask,
): readonly ScriptedCall[] | undefined {
  const entry = member(member(readYamlFile(`${folder}/reads.yaml`), name), task.id);
  if (entry === undefined) return undefined;
  const dropped = member(entry, "without");
  const calls = groundTruth(task)
    .filter(({ tool }) => !isArray(dropped) || !dropped.includes(tool))
    .map(({ tool, args }): ScriptedCall => ({ tool, args }));
  const acting = calls.findIndex(({ tool }) => {
    const found = catalogue.resolve(tool);
    return found.ok && !isReader(found.value);
  });
  const at = acting < 0 ? calls.length : acting;
  return [...readsAt(entry, "first"), ...calls.slice(0, at), ...readsAt(entry, "later"), ...calls.slice(at)];
}

function readsAt(entry: Json, place: "first" | "later"): readonly ScriptedCall[] {
  const reads = member(entry, place);
  if (!isArray(reads)) return [];
  return reads.flatMap((read) => {
    const times = Number(member(read, "times") ?? 1);
    return Array.from({ length: times }, (): ScriptedCall => ({ tool: String(member(read, "tool")), args: {} }));
  });
}
