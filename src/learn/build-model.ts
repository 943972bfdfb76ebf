/**
 * The first draft of what several runs have in common: nodes, loops, guards, and the rules that fit each value.
 * Pure. What it builds is tried on the runs afterwards.
 */
import { roleOf } from "../catalogue/catalogue.ts";
import { isArray, isObject, type Json } from "../json/value.ts";
import type { FrozenTool } from "../plan/plan.ts";
import { alignRuns } from "./align.ts";
import type { Argument } from "./argument.ts";
import { nodeName, openDraft } from "./draft.ts";
import { foldLoops } from "./fold.ts";
import type { Cell, Leaf, Model, NodeModel, Tree } from "./model.ts";
import { optionsFor } from "./options.ts";
import { decidePresence } from "./presence.ts";
import type { Run } from "./runs.ts";

/** Elements of a list that have rules of their own. A longer one is a list as a whole. */
const elementsMax = 8;
/** Objects in objects that have rules of their own. */
const depthMax = 4;

/** Builds the model. */
export function buildModel(runs: readonly Run[], isTrusted: (tool: FrozenTool) => boolean): Model {
  const draft = openDraft();
  const nodes = alignRuns(runs)
    .sort((a, b) => placeOf(a) - placeOf(b))
    .map(
      ({ tool, calls }): NodeModel => ({
        name: nodeName(draft, tool),
        tool,
        calls,
        presence: { kind: "always" },
        args: new Map(),
        isExact: false,
        isUnordered: false,
        isUnbounded: false,
      }),
    );
  const model: Model = { runs, nodes, draft, isTrusted };
  foldLoops(model);
  decidePresence(model);
  for (const node of nodes) learnArgs(model, node);
  return model;
}

/** Where a node stands on average, so that the plan reads in the order of the runs. */
function placeOf({ calls }: Pick<NodeModel, "calls">): number {
  const places = [...calls.values()].map((own) => Math.min(...own.map((call) => call.first.index)));
  return places.reduce((sum, place) => sum + place, 0) / places.length;
}

/** Works out the arguments of a node anew. */
export function learnArgs(model: Model, node: NodeModel): void {
  const calls = model.runs.flatMap((run) => (node.calls.get(run.place) ?? []).map((call) => ({ run, call })));
  const names = [...new Set(calls.flatMap(({ call }) => Object.keys(call.first.args)))].sort();
  node.args = new Map(
    names.map((name) => {
      const has = ({ call }: Omit<Cell, "value">): boolean => Object.hasOwn(call.first.args, name);
      const cells = calls.filter(has).map(({ run, call }): Cell => ({ run, call, value: call.first.args[name] as Json }));
      const absent = calls.filter((one) => !has(one));
      const argument = { name, role: roleOf(node.tool, name), path: [name] };
      return [name, treeOf({ model, node }, argument, { cells, absent })] as const;
    }),
  );
}

interface Place {
  readonly model: Model;
  readonly node: NodeModel;
}

interface Values {
  readonly cells: readonly Cell[];
  readonly absent: readonly Omit<Cell, "value">[];
}

/** One rule where one fits all, else a rule for each member or element. */
function treeOf(place: Place, argument: Argument, values: Values): Tree {
  const { cells, absent } = values;
  const options = optionsFor({ ...place, argument, cells, isAbsent: absent.length > 0 });
  const leaf: Leaf = { kind: "leaf", argument, cells, absent, options, chosen: 0 };
  const isExplained = (options[0]?.cost ?? 0) < 100 || absent.length > 0 || argument.path.length > depthMax;
  const [first] = cells;
  if (isExplained || first === undefined) return leaf;
  if (isObject(first.value)) {
    const names = Object.keys(first.value).sort();
    const isAlike = cells.every(({ value }) => isObject(value) && Object.keys(value).sort().join("\n") === names.join("\n"));
    if (!isAlike || names.length === 0) return leaf;
    const members = names.map((name) => {
      const path = [...argument.path, name];
      const inner = { name, role: roleOf(place.node.tool, path.join(".")), path };
      return [name, treeOf(place, inner, partsOf(cells, name))] as const;
    });
    return { kind: "object", members: new Map(members) };
  }
  if (!isArray(first.value)) return leaf;
  const { length } = first.value;
  const isAlike = cells.every(({ value }) => isArray(value) && value.length === length);
  if (!isAlike || length === 0 || length > elementsMax) return leaf;
  const elements = first.value.map((_, index) => {
    const inner = { name: argument.name, role: argument.role, path: [...argument.path, index] };
    return treeOf(place, inner, partsOf(cells, index));
  });
  return { kind: "list", elements };
}

function partsOf(cells: readonly Cell[], key: string | number): Values {
  const parts = cells.map((cell): Cell => {
    const value =
      typeof key === "number"
        ? isArray(cell.value)
          ? cell.value[key]
          : undefined
        : (cell.value as { readonly [name: string]: Json })[key];
    return { ...cell, value: value ?? null };
  });
  return { cells: parts, absent: [] };
}
