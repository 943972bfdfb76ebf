/**
 * The parameters that a further run would have been given: taken from its task and its calls by the same forms by which they were learned.
 * Pure. A value that the rule cannot find is not guessed.
 */
import { isArray, isObject, type Json, type JsonObject } from "../json/value.ts";
import { alignRun } from "./align.ts";
import { rowsIn } from "./fold.ts";
import type { LearnedMany } from "./many.ts";
import type { Model, NodeModel } from "./model.ts";
import type { Call } from "./nodes.ts";
import { formsOf } from "./options.ts";
import type { LearnedParam, ParamUse } from "./param-table.ts";
import type { Run } from "./runs.ts";

/** The parameters of a run that the plan was not learned from, and the names of those that could not be found. */
export interface GivenParams {
  readonly params: JsonObject;
  readonly missing: readonly string[];
}

/**
 * Finds the parameters of a run. A word of the task is what the task has of the value (a call's argument, or the member of the row) that the
 * form reads; what the host gives is the value that the run's first such call has.
 */
export function givenParams({ model, written }: Pick<LearnedMany, "model" | "written">, run: Run): GivenParams {
  const slots = alignRun(run, model.runs, model.nodes);
  const calls = new Map<NodeModel, Call[]>();
  for (const [call, node] of slots) calls.set(node, [...(calls.get(node) ?? []), call]);
  const own: Model = {
    ...model,
    runs: [run],
    nodes: model.nodes.map((node) => ({ ...node, calls: new Map(calls.has(node) ? [[run.place, calls.get(node) ?? []]] : []) })),
  };
  const params: Record<string, Json> = {};
  const missing: string[] = [];
  for (const param of written.params) {
    const value = param.uses.map((use) => valueIn(own, run, use)).find((found) => found !== undefined);
    if (value !== undefined) params[param.name] = param.form === "list" ? [value] : value;
    else if (param.form === "plain") {
      // A session asks for every parameter, also where the run has no step that uses it.
      const [seen] = param.values.values();
      if (seen !== undefined) params[param.name] = seen;
      if (isNeeded(param, calls)) missing.push(param.name);
    }
  }
  return { params, missing };
}

function isNeeded({ uses }: LearnedParam, calls: ReadonlyMap<NodeModel, readonly Call[]>): boolean {
  return uses.some(({ node }) => calls.has(node));
}

function valueIn(model: Model, run: Run, { node, leaf, key }: ParamUse): Json | undefined {
  const own = model.nodes.find(({ name }) => name === node.name);
  if (own === undefined) return undefined;
  if (own.rows !== undefined && leaf === undefined) {
    const { rows } = own;
    const calls = own.calls.get(run.place) ?? [];
    return calls.map(({ first }) => Object.fromEntries(Object.entries(first.args).filter(([name]) => rows.includes(name))));
  }
  if (leaf === undefined) return wordOfLoop(model, run, own);
  const [call] = own.calls.get(run.place) ?? [];
  if (call === undefined) return undefined;
  const value = leaf.argument.path.reduce<Json | undefined>((current, step) => {
    if (typeof step === "number") return isArray(current) ? current[step] : undefined;
    return isObject(current) && Object.hasOwn(current, step) ? current[step] : undefined;
  }, call.first.args);
  if (value === undefined || key === undefined) return value;
  const forms = formsOf({ model, node: own, argument: leaf.argument }, { run, call, value });
  return forms.find((form) => form.key === key)?.literal;
}

/** The word of the task that the rows of a loop are told apart by. */
function wordOfLoop(model: Model, run: Run, { loop }: NodeModel): Json | undefined {
  if (loop?.word === undefined) return undefined;
  const name = loop.word.hint;
  const values = rowsIn(model, run, loop).map((row) => (isObject(row) && Object.hasOwn(row, name) ? row[name] : undefined));
  return values.find((value) => typeof value === "string" && run.facts.task.find(value) !== undefined);
}
