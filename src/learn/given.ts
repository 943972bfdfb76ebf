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
  /** Names of those that were taken from the run's own calls, since its task does not say them. */
  readonly host: readonly string[];
}

/**
 * Finds the parameters of a run. A word of the task is what the task has of the value (a call's argument, or the member of the row) that the
 * form reads; what the host gives, or the task says in other words, is the value that the run's first such call has.
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
  const host: string[] = [];
  for (const param of written.params) {
    const value = firstOf(param.uses, (use) => valueIn(own, run, use));
    // What the user would have said in other words than the run's.
    const known =
      value ?? firstOf(param.uses, (use) => (use.key === "task" ? valueIn(own, run, { ...use, key: undefined }) : undefined));
    if (known !== undefined) {
      params[param.name] = param.form === "list" ? [known] : known;
      if (param.isHost || value === undefined) host.push(param.name);
    } else {
      // A session asks for every parameter, also where the run has no step that uses it.
      const [seen] = param.values.values();
      if (seen !== undefined && param.form === "plain") params[param.name] = seen;
      if (param.form !== "list" && param.form !== "rows" && isNeeded(param, calls)) missing.push(param.name);
    }
  }
  return { params, missing, host };
}

function firstOf(uses: readonly ParamUse[], find: (use: ParamUse) => Json | undefined): Json | undefined {
  for (const use of uses) {
    const found = find(use);
    if (found !== undefined) return found;
  }
  return undefined;
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
