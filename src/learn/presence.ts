/**
 * Steps that some runs leave out: what an earlier result says exactly in the runs that have them is their guard, else they are optional.
 * Pure. Never makes a guard of what fewer than two runs on either side say.
 */
import { isArray, isObject, type Json, jsonEqual } from "../json/value.ts";
import type { Model, NodeModel, Presence } from "./model.ts";
import { accessChain } from "./places.ts";
import { rowsIn } from "./fold.ts";
import type { Run } from "./runs.ts";
import { isSeenAt } from "./steps.ts";

/** Runs on either side that a guard takes: with fewer, any flag separates them by chance. */
const sideMin = 2;
/** Characters of a word that a guard compares with. */
const wordCharsMax = 40;
const depthMax = 3;

/** How each node depends on something that was read before. */
export function decidePresence(model: Model): void {
  for (const node of model.nodes) node.presence = presenceOf(model, node);
}

function presenceOf(model: Model, node: NodeModel): Presence {
  const { runs } = model;
  const present = runs.filter((run) => node.calls.has(run.place));
  const absent = runs.filter((run) => !node.calls.has(run.place));
  if (absent.length === 0) return { kind: "always" };
  const { loop } = node;
  // A loop without rows has nothing to run; where its list was never read, the step as a whole was left out.
  const hasList = loop !== undefined && absent.every((run) => loop.source.calls.has(run.place));
  if (hasList && (loop.isPartial || loop.where !== undefined || absent.every((run) => rowsIn(model, run, loop).length === 0)))
    return { kind: "always" };
  if (present.length < sideMin || absent.length < sideMin) return { kind: "optional" };
  const guards = model.nodes.flatMap((source) => guardsOf(source, node, { present, absent }));
  const [best] = guards.sort((a, b) => a.rank - b.rank);
  if (best === undefined) return { kind: "optional" };
  return { kind: "guard", when: best.when, reads: [best.name], others: guards.length - 1 };
}

interface Sides {
  readonly present: readonly Run[];
  readonly absent: readonly Run[];
}

interface Guard {
  readonly name: string;
  readonly when: string;
  readonly rank: number;
}

function guardsOf(source: NodeModel, node: NodeModel, { present, absent }: Sides): readonly Guard[] {
  if (source === node || source.loop !== undefined) return [];
  const resultOf = (run: Run): Json | undefined => {
    const [call] = source.calls.get(run.place) ?? [];
    const [own] = node.calls.get(run.place) ?? [];
    const isBefore = own === undefined || (call !== undefined && isSeenAt(call.run, own.first));
    return isBefore ? call?.run.result : undefined;
  };
  const inside = present.map(resultOf);
  const outside = absent.map(resultOf);
  if ([...inside, ...outside].some((result) => result === undefined)) return [];
  return pathsOf(inside[0] as Json, []).flatMap((path) => {
    const yes = inside.map((result) => valueAt(result, path));
    const no = outside.map((result) => valueAt(result, path));
    if ([...yes, ...no].some((value) => value === undefined)) return [];
    const found = conditionOf(yes as readonly Json[], no as readonly Json[]);
    const code = `${source.name}${accessChain(path)}`;
    return found === undefined ? [] : [{ name: source.name, when: found.test.replace("$", () => code), rank: found.rank }];
  });
}

/** `$` stands for the value. Flags before empty lists before words. */
function conditionOf(yes: readonly Json[], no: readonly Json[]): { readonly test: string; readonly rank: number } | undefined {
  const [first] = yes;
  if (first === undefined) return undefined;
  if (yes.every((value) => jsonEqual(value, first)) && !no.some((value) => jsonEqual(value, first))) {
    if (typeof first === "boolean") return { test: first ? "$ == true" : "$ == false", rank: 0 };
    if (typeof first === "string" && first.length <= wordCharsMax) return { test: `$ == ${JSON.stringify(first)}`, rank: 2 };
  }
  const areLists = [...yes, ...no].every((value) => isArray(value));
  const isFilled =
    yes.every((value) => isArray(value) && value.length > 0) && no.every((value) => isArray(value) && value.length === 0);
  if (areLists && isFilled) return { test: "size($) > 0", rank: 1 };
  const isNone =
    yes.every((value) => isArray(value) && value.length === 0) && no.every((value) => isArray(value) && value.length > 0);
  return areLists && isNone ? { test: "size($) == 0", rank: 1 } : undefined;
}

/** Paths of names to flags, words and lists. */
function pathsOf(value: Json, path: readonly string[]): readonly (readonly string[])[] {
  if (!isObject(value)) return [path];
  if (path.length >= depthMax) return [];
  return Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, [...path, name]));
}

function valueAt(value: Json | undefined, path: readonly string[]): Json | undefined {
  let current = value;
  for (const name of path) current = isObject(current) && Object.hasOwn(current, name) ? current[name] : undefined;
  return current;
}
