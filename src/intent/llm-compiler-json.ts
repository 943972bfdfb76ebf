/**
 * LLMCompiler plans as data: a list of `{idx, tool, args, dependencies}`, as its planner hands them on.
 * Pure. Never drops a member that says when or with what a call is made.
 */
import { isArray, isObject, type Json, member } from "../json/value.ts";
import { importStepsMax } from "../limits.ts";
import { err, ok, type Result } from "../result.ts";
import { entriesOf, type Entry, entryOf, placeAt, refuseAt, textOf } from "./documents.ts";
import type { ImportError, Place } from "./intent.ts";
import type { Task, TaskList, Term } from "./llm-compiler-text.ts";

/** Reads the tasks: a list, `{"tasks": […]}`, or one of them in each line. Errors: `IMPORT_SHAPE`, `IMPORT_ARGUMENTS`, `IMPORT_TOO_LARGE`. */
export function tasksOfJson(entries: readonly Entry[]): Result<TaskList, ImportError> {
  const [first, second] = entries;
  const whole = second === undefined && first !== undefined ? first : undefined;
  const nested = whole === undefined ? undefined : isArray(whole.value) ? whole : entryOf(whole, "tasks");
  const list = nested === undefined ? entries : entriesOf(nested);
  const over = list[importStepsMax];
  if (over !== undefined)
    return err({ code: "IMPORT_TOO_LARGE", place: placeAt(over), message: `a plan is made of at most ${importStepsMax} calls` });
  const tasks: Task[] = [];
  for (const entry of list) {
    const task = taskOf(entry, tasks.at(-1)?.index ?? -1);
    if (!task.ok) return task;
    tasks.push(task.value);
  }
  return ok({ tasks });
}

const known: ReadonlySet<string> = new Set("idx tool args dependencies thought description name".split(" "));

function taskOf(entry: Entry, last: number): Result<Task, ImportError> {
  const index = member(entry.value, "idx");
  const tool = textOf(entry, "tool");
  if (!isObject(entry.value) || typeof index !== "number" || !Number.isInteger(index) || tool === undefined || tool === "")
    return refuseAt(entry, "IMPORT_SHAPE", "a task has a number in `idx`, a name in `tool`, and `args`");
  const other = Object.keys(entry.value).find((key) => !known.has(key));
  if (other !== undefined)
    return refuseAt(
      { ...entry, path: [...entry.path, other] },
      "IMPORT_SHAPE",
      "a task has `idx`, `tool`, `args` and `dependencies`, and nothing else that could say when or with what it is called",
    );
  if (index <= last) return refuseAt(entry, "IMPORT_SHAPE", "the numbers of the tasks go up, and each occurs once");
  const listed = entryOf(entry, "dependencies");
  if (listed !== undefined && !isArray(listed.value))
    return refuseAt(listed, "IMPORT_SHAPE", "`dependencies` is a list of numbers of earlier tasks");
  const dependencies = entriesOf(listed);
  const odd = dependencies.find(({ value }) => typeof value !== "number" || !Number.isInteger(value));
  if (odd !== undefined) return refuseAt(odd, "IMPORT_SHAPE", "a dependency is the number of an earlier task");
  const args = entryOf(entry, "args");
  if (args !== undefined && !isArray(args.value) && !isObject(args.value))
    return refuseAt(args, "IMPORT_ARGUMENTS", "`args` is a list, or an object by name");
  const place = placeAt(entry);
  return ok({
    index,
    tool,
    positional: entriesOf(args).map(({ value }) => termOf(value, place)),
    named: isObject(args?.value) ? Object.entries(args.value).map(([name, value]) => [name, termOf(value, place)] as const) : [],
    dependencies: dependencies.map(({ value }) => Number(value)),
    place,
  });
}

/** A JSON value as a term: texts may hold references. */
function termOf(value: Json, place: Place): Term {
  if (typeof value === "string") return { kind: "text", text: value, place };
  if (isArray(value)) return { kind: "list", items: value.map((item) => termOf(item, place)) };
  if (!isObject(value)) return { kind: "value", value };
  return { kind: "object", members: Object.entries(value).map(([name, inner]) => [name, termOf(inner, place)] as const), place };
}
