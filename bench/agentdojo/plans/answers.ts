/**
 * Parameters of plans that are not learned, as the host would have them: what the prompt says, or what the user answers when asked.
 * Never makes an answer up: what a user would answer is what AgentDojo's ground truth sends, and it counts as a confirmation.
 */
import { isArray, isObject, type Json, type JsonObject, member } from "../../../src/json/value.ts";
import type { TraceCall } from "../../../src/trace.ts";
import type { UserTask } from "../data.ts";
import type { ScriptedCall } from "../kinds.ts";
import { readYamlFile } from "./reviewed.ts";

/** The calls of a task's ground truth. */
export function groundTruth({ trace }: UserTask): readonly TraceCall[] {
  return trace.events.filter((event) => event.type === "call");
}

/** The parameters of a task, by the file `FOLDER/answers.yaml`: `{ said: VALUE }` or `{ asked: TOOL.ARGUMENT }` for each. */
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
  if (call === undefined) throw new Error(`${task.id}: the ground truth has no \`${tool}.${arg}\` to answer with`);
  return call.args[arg] as Json;
}

/** The reads that a plan asks for and the ground truth leaves out, before the ground truth's calls; `undefined` if it makes them. */
export function scriptFor(suite: string, task: UserTask): readonly ScriptedCall[] | undefined {
  const reads = member(member(readYamlFile("hand/reads.yaml"), suite), task.id);
  if (!isArray(reads)) return undefined;
  const calls = groundTruth(task);
  const left = reads.flatMap((read): readonly ScriptedCall[] => {
    const tool = String(member(read, "tool"));
    const args = member(read, "args");
    return calls.some((call) => call.tool === tool) ? [] : [{ tool, args: isObject(args) ? args : {} }];
  });
  return left.length === 0 ? undefined : [...left, ...calls.map(({ tool, args }) => ({ tool, args }))];
}
