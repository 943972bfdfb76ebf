/**
 * What the events of a session add up to at an instant, for the reference interpreter: runs, rows, settled nodes, what a reference
 * sees. Looks through all events again at every question. Never changes anything.
 */
import { isArray, isObject, type Json, type JsonObject } from "../../src/json/value.ts";
import { leaseSecondsDefault } from "../../src/limits.ts";
import type { FrozenTool, Pick, PlanNode } from "../../src/plan/plan.ts";
import { bottom, join, type Label, ofSources, regionLabel } from "./labels.ts";
import { evaluate, isSingular, matches, readsOf, select, splitReference } from "./lang.ts";
import * as plan from "./session.ts";

/** One allowed call. `settled` is the place of its settling among the events; a lease that ended has none. */
export interface Run {
  readonly number: number;
  readonly node: string;
  readonly row?: string;
  readonly args: JsonObject;
  /** Join of the labels of its arguments. */
  readonly label: Label;
  readonly at: number;
  readonly state: "flight" | "ok" | "error";
  readonly settled?: number;
  readonly value: Json;
  /** What the resources that it read brought back. */
  readonly brought: Label;
  /** Whether the value was read out of a text: then it has one label throughout. */
  readonly isParsed: boolean;
}

/** A row of `each`, and where its value is. */
export interface Row {
  readonly id: string;
  readonly value: Json;
  readonly origin: Origin;
}
export interface Origin {
  readonly node: string;
  readonly run: number;
  readonly path: readonly (string | number)[];
}
export interface Found {
  readonly value: Json;
  readonly origin: Origin;
}

/** A session seen at an instant, by one candidate in one row. */
export interface View {
  readonly session: plan.Session;
  readonly now: number;
  readonly node?: string;
  readonly row?: Row;
}

const nodeOf = (view: View, name: string): PlanNode => plan.nodeOf(view.session.frozen, name);
const toolOf = (view: View, name: string): FrozenTool => view.session.frozen.tools[nodeOf(view, name).tool ?? ""] as FrozenTool;

/** All runs, in order of allowance. */
export function runs(view: View): readonly Run[] {
  const { events } = view.session;
  return events
    .flatMap((event) => (event.kind === "allow" ? [event] : []))
    .map((event, number): Run => {
      const settled = events.findIndex((other) => other.kind === "settle" && other.run === number);
      const end = events[settled];
      const { node, row, args, label, at } = event;
      const run = {
        number,
        node,
        args,
        label,
        at,
        value: null,
        isParsed: false,
        brought: bottom,
        ...(row === undefined ? {} : { row }),
      };
      if (end?.kind === "settle")
        return {
          ...run,
          state: end.ok ? "ok" : "error",
          settled,
          value: end.value,
          isParsed: end.isParsed,
          brought: end.brought,
        };
      return { ...run, state: view.now >= at + leaseSecondsDefault * 1000 ? "error" : "flight" };
    });
}

/** Runs of a node, of one row if it is given. */
export function runsOf(view: View, name: string, row?: Row): readonly Run[] {
  return runs(view).filter((run) => run.node === name && (row === undefined || run.row === row.id));
}

/** Ok runs of a node in the order of settling. */
function okRuns(view: View, name: string, row?: Row): readonly Run[] {
  const found = runsOf(view, name, row).filter((run) => run.state === "ok");
  return [...found].sort((a, b) => (a.settled ?? 0) - (b.settled ?? 0));
}

/** Runs that count against `times`. */
export function started(view: View, name: string, row?: Row): number {
  const isIdempotent = nodeOf(view, name).constraints?.idempotent === true;
  return runsOf(view, name, row).filter((run) => !(isIdempotent && run.state === "error")).length;
}

/** Label of a result before `removes`. */
export function baseLabel(view: View, run: Run): Label {
  return join(toolLabel(view, run.node), run.label, run.brought);
}

/** Label of what the tool of a node answers by itself. */
export function toolLabel(view: View, name: string): Label {
  const own = toolOf(view, name).facts.labels;
  const names = [...(own ?? []), ...(nodeOf(view, name).labels ?? [])];
  const isUnlabelled = own === undefined && nodeOf(view, name).labels === undefined;
  return ofSources(view.session.frozen, isUnlabelled ? ["unknown"] : names);
}

/** Label of the part of a run's result below a static prefix. */
export function labelAt(view: View, run: Run, prefix: readonly (string | number)[]): Label {
  const schema = toolOf(view, run.node).definition.outputSchema;
  const valid = run.state === "ok" && !run.isParsed && isObject(schema) && matches(schema, run.value);
  return regionLabel(baseLabel(view, run), nodeOf(view, run.node), { valid, prefix });
}

/** Context label: what the opening says, and what every delivery since added. */
export function contextOf(view: View): Label {
  return join(view.session.opening, ...view.session.events.map((event) => event.joins));
}

/** Rows of a node's `each`; `undefined` if they cannot be selected. */
export function rows(view: View, name: string): readonly Row[] | undefined {
  const { each } = nodeOf(view, name);
  if (each === undefined) return undefined;
  if (typeof each === "string")
    return okRuns(view, each).map(({ number, value }) => ({
      id: `${number}`,
      value,
      origin: { node: each, run: number, path: [] },
    }));
  // The rows of a loop are the same in whichever row of another loop somebody looks at them.
  const { session, now } = beforeFirstRun(view, name);
  const found = valuesAt({ session, now }, each.from);
  const isList = isSingular(splitReference(each.from).path);
  const elements = found?.flatMap(({ value, origin }): Found[] => {
    if (!isList || !isArray(value)) return [{ value, origin }];
    return value.map((element, i) => ({ value: element, origin: { ...origin, path: [...origin.path, i] } }));
  });
  const kept = elements?.map((element) =>
    each.where === undefined ? true : evaluate(each.where, { params: view.session.params, item: element.value }),
  );
  if (elements === undefined || kept?.some((keep) => typeof keep !== "boolean")) return undefined;
  const chosen = elements.filter((_, i) => kept?.[i] === true);
  const placeOf = ({ run, path }: Origin): string => `${run < 0 ? "let" : run}${JSON.stringify(path)}`;
  return chosen.map(({ value, origin }) => ({ id: placeOf(origin), value, origin }));
}

/** A loop over a `let` keeps the rows that it had at its first run: the session as it was then. */
function beforeFirstRun(view: View, name: string): View {
  const { session } = view;
  const source = plan.eachNode(nodeOf(view, name).each);
  const first = session.events.findIndex((event) => event.kind === "allow" && event.node === name);
  if (first < 0 || source === undefined || nodeOf(view, source).let === undefined) return view;
  return { ...view, session: { ...session, events: session.events.slice(0, first) }, now: session.events[first]?.at ?? view.now };
}

/** The runs that a reference to a node sees. */
function seen(view: View, name: string, pick?: Pick): readonly Run[] {
  const { each } = nodeOf(view, name);
  if (view.row !== undefined && view.node !== undefined && nodeOf(view, view.node).each === name)
    return runsOf(view, name).filter((run) => run.number === view.row?.origin.run);
  const most = pick === undefined ? 1 : undefined;
  if (each === undefined) return okRuns(view, name).slice(0, most);
  return (rows(view, name) ?? []).flatMap((row) => okRuns(view, name, row).slice(0, most));
}

/** The values at `node$.path`, with where they are; `undefined` if the path or a `let` fails. */
export function valuesAt(view: View, reference: string, pick?: Pick): readonly Found[] | undefined {
  const { node, path } = splitReference(reference);
  const roots = nodeOf(view, node).let === undefined ? seen(view, node, pick) : [{ number: -1, value: letValue(view, node) }];
  const found = roots.map(({ number, value }) =>
    (value === undefined ? undefined : select(path, value))?.map(
      (at): Found => ({ value: at.value, origin: { node, run: number, path: at.path } }),
    ),
  );
  return found.some((part) => part === undefined) ? undefined : found.flatMap((part) => part ?? []);
}

function letValue(view: View, name: string): Json | undefined {
  return expression({ session: view.session, now: view.now }, nodeOf(view, name).let ?? "").value;
}

/** Label of what is read. */
export function labelOfRead(view: View, read: plan.Read): Label {
  const source = nodeOf(view, read.node).let;
  if (source !== undefined) return expression({ session: view.session, now: view.now }, source).label;
  const isRow = view.row !== undefined && view.node !== undefined && nodeOf(view, view.node).each === read.node;
  const pick = isRow ? "agent" : read.pick;
  const choice = plan.isChoice(view.session.frozen, read.node, pick) ? contextOf(view) : bottom;
  // Which run is the first that succeeded says how the others ended; a row is one run, whatever became of others.
  const failed = isRow ? [] : runsOf(view, read.node).filter((run) => run.settled !== undefined && run.state !== "ok");
  const labels = [...failed, ...seen(view, read.node, pick)].map((run) => labelAt(view, run, read.prefix));
  return join(choice, ...labels);
}

/** What of the verdict reads of nodes there is to see now: the labels of all their finished runs. */
export function labelsOfVerdictReads(view: View, names: readonly string[]): readonly Label[] {
  return names
    .flatMap((name) => plan.verdictReads(view.session.frozen, name))
    .flatMap((read) =>
      runsOf(view, read.node)
        .filter((run) => run.settled !== undefined)
        .map((run) => labelAt(view, run, read.prefix)),
    );
}

/** Label of the parameters that expressions name. */
export function paramLabel(view: View, ...sources: readonly string[]): Label {
  const { params } = view.session;
  const named = sources.flatMap(readsOf).filter((read) => read.variable === "params");
  const names = named.flatMap(({ path }) => (path[0] === undefined ? Object.keys(params) : [path[0]]));
  return join(...names.map((name) => labelOfParam(view, name)));
}

/** Label of one parameter: the user's, another agent's, or what the agent had read when the session was opened. */
export function labelOfParam(view: View, name: string): Label {
  const { frozen, agentParams, paramLabels, opening } = view.session;
  const given = Object.hasOwn(paramLabels, name) ? (paramLabels[name] as Label) : ofSources(frozen, ["user_input"]);
  return agentParams.includes(name) ? join(given, opening) : given;
}

/** Value of an expression (`undefined`: it failed), and the label of all that it names. */
export function expression(
  view: View,
  source: string,
  args: JsonObject = {},
): { readonly value: Json | undefined; readonly label: Label } {
  const { frozen, params } = view.session;
  const each = view.node === undefined || view.row === undefined ? undefined : nodeOf(view, view.node).each;
  const reads = plan.readsOfExpression(frozen, source, each);
  const nodes = Object.fromEntries([...new Set(reads.map((read) => read.node))].flatMap((name) => resultOf(view, name)));
  const item = view.row === undefined ? {} : { item: view.row.value };
  const value = evaluate(source, { ...nodes, nodes, params, args, ...item });
  const isOfRow = readsOf(source).some((read) => read.variable === "item");
  const where = isOfRow && typeof each === "object" ? [each.where ?? []].flat() : [];
  return { value, label: join(paramLabel(view, source, ...where), ...reads.map((read) => labelOfRead(view, read))) };
}

/** A node's name bound to its result, if it has one. */
function resultOf(view: View, name: string): readonly [string, Json][] {
  const { let: source, each } = nodeOf(view, name);
  const value = source === undefined ? undefined : letValue(view, name);
  if (source !== undefined) return value === undefined ? [] : [[name, value]];
  const found = seen(view, name).map((run) => run.value);
  const isRow = view.row !== undefined && view.node !== undefined && nodeOf(view, view.node).each === name;
  return found.length === 0 ? [] : [[name, each === undefined || isRow ? (found[0] as Json) : found]];
}

/** Whether a node, or all that a `let` names, is settled. */
export function isSettled(view: View, name: string): boolean {
  const { let: source, each } = nodeOf(view, name);
  if (source !== undefined) return plan.throughLets(view.session.frozen, [name]).every((inner) => isSettled(view, inner));
  const { min } = plan.times(nodeOf(view, name));
  const isDone = (row?: Row): boolean =>
    okRuns(view, name, row).length >= min && runsOf(view, name, row).every((run) => run.state !== "flight");
  const isDoneInAllRows = (over: NonNullable<typeof each>): boolean => {
    if (!isSettled(view, plan.eachNode(over) ?? "")) return false;
    const open = rows(view, name);
    return open !== undefined && !(typeof over !== "string" && open.length > over.max) && open.every(isDone);
  };
  return (each === undefined ? isDone() : isDoneInAllRows(each)) || isGuardFalse(view, name);
}

function isGuardFalse(view: View, name: string): boolean {
  const { when } = nodeOf(view, name);
  if (when === undefined || !plan.awaited(view.session.frozen, name).every((other) => isSettled(view, other))) return false;
  return expression({ ...view, node: name }, when).value === false;
}

/** Whether an `optional` node is over: a node that has it as a predecessor has a run. */
export function isClosed(view: View, name: string): boolean {
  const { frozen } = view.session;
  return nodeOf(view, name).optional === true && runs(view).some((run) => plan.predecessors(frozen, run.node).includes(name));
}
