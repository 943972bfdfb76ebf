/**
 * A plan in pieces that can be compared and overlaid one by one: its members, its parameters, the members and arguments of its nodes.
 * Pure. Never loses or adds a member: `joinPieces(piecesOf(plan))` is the plan.
 */
import { isObject, type Json, type JsonObject, jsonEqual } from "../../json/value.ts";
import { parsePointer, pointerOf } from "../../json/pointer.ts";
import type { Plan } from "../../plan/plan.ts";

/** JSON pointer into the plan → what stands there. */
export type Pieces = ReadonlyMap<string, Json>;

/** The pieces of a plan. An empty object of parameters, nodes or arguments is a piece of its own. */
export function piecesOf(plan: Plan): Pieces {
  const pieces = new Map<string, Json>();
  const members = (value: Json, path: readonly string[], visit: (name: string, inner: Json) => void): void => {
    if (!isObject(value) || Object.keys(value).length === 0) pieces.set(pointerOf(path), value);
    else for (const [name, inner] of Object.entries(value)) visit(name, inner);
  };
  members(plan as unknown as JsonObject, [], (key, value) => {
    if (key === "params") members(value, [key], (name, spec) => pieces.set(pointerOf([key, name]), spec));
    else if (key !== "nodes") pieces.set(pointerOf([key]), value);
    else
      members(value, [key], (node, body) =>
        members(body, [key, node], (name, inner) => {
          if (name === "args")
            members(inner, [key, node, name], (arg, rule) => pieces.set(pointerOf([key, node, name, arg]), rule));
          else pieces.set(pointerOf([key, node, name]), inner);
        }),
      );
  });
  return pieces;
}

/** What of a plan stands before its nodes where people write it, in that order. */
const heads: readonly string[] = "sluice name task description notAfter params labels limits".split(" ");

/** The value that has these pieces, its members in the order in which people write plans. It is a plan only if `parsePlan` says so. */
export function joinPieces(pieces: Pieces): Json {
  const root: { [key: string]: Json } = {};
  const places = Array.from(pieces, ([pointer, value]) => ({ path: parsePointer(pointer) ?? [], value }));
  const rankOf = ([head = ""]: readonly string[]): number => (heads.includes(head) ? heads.indexOf(head) : heads.length);
  for (const { path, value } of places.sort((a, b) => rankOf(a.path) - rankOf(b.path))) {
    let at = root;
    for (const step of path.slice(0, -1)) at = childOf(at, step);
    const last = path.at(-1);
    if (last !== undefined) set(at, last, value);
  }
  return root;
}

function childOf(parent: { [key: string]: Json }, step: string): { [key: string]: Json } {
  const own = Object.hasOwn(parent, step) ? parent[step] : undefined;
  if (isObject(own)) return own as { [key: string]: Json };
  const fresh: { [key: string]: Json } = {};
  set(parent, step, fresh);
  return fresh;
}

/** Defined and not assigned, since `__proto__` is an ordinary key of JSON. */
function set(object: { [key: string]: Json }, key: string, value: Json): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Where two plans differ: what the first has there, or `undefined`. In the order of the first, then of the second. */
export function differences(wanted: Pieces, found: Pieces): ReadonlyMap<string, Json | undefined> {
  const different = new Map<string, Json | undefined>();
  for (const [pointer, value] of wanted) if (!jsonEqual(value, found.get(pointer))) different.set(pointer, value);
  for (const pointer of found.keys()) if (!wanted.has(pointer)) different.set(pointer, undefined);
  return different;
}
