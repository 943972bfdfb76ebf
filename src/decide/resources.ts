/**
 * Labels of resources: which keys a call reads and writes, what a write leaves there, what a read brings back.
 * Pure. No I/O, no clock. See "Resources" in `src/README.md`.
 */
import { isObject, type Json, type JsonObject } from "../json/value.ts";
import { isTouched, resourceKey, type ResourceKeys, resourceQuery, serverKey } from "../lang/resource.ts";
import type { CompiledNode } from "../plan/compile/compiled.ts";
import type { CompiledResource } from "../plan/compile/resources.ts";
import { bottom, join, type Label } from "../taint/label.ts";
import type { Program } from "./program.ts";
import type { SessionState, Touched } from "./state.ts";

/** What a call looks at when it reads; `undefined`: it reads no resource. */
export function queryOf({ reads }: Touched): ResourceKeys | undefined {
  return reads === undefined ? undefined : resourceQuery(reads);
}

/** Nothing. One object, so that a check allocates none. */
export const nothingTouched: Touched = {};

/** The resources that an allowed call touches, by its final arguments. */
export function touchedBy(node: CompiledNode, final: JsonObject): Touched {
  const { resources } = node;
  if (resources === undefined) return nothingTouched;
  const keysOf = (all: readonly CompiledResource[]): readonly string[] =>
    [...new Set(all.map((resource) => keyOf(node, resource, final)))].sort();
  const [reads, writes] = [keysOf(resources.reads), keysOf(resources.writes)];
  return { ...(reads.length === 0 ? {} : { reads }), ...(writes.length === 0 ? {} : { writes }) };
}

function keyOf(node: CompiledNode, resource: CompiledResource, final: JsonObject): string {
  const server = node.resources?.server ?? "";
  if (resource === undefined) return serverKey(server);
  let name = "";
  for (const part of resource.parts) {
    const text = typeof part === "string" ? part : textAt(node, part, final);
    if (text === undefined) return serverKey(server);
    name += text;
  }
  return resourceKey(server, resource.kind, name);
}

/** The text of an argument, or of a part of it. What is hidden must not choose a key: which label comes back would tell of it. */
function textAt(node: CompiledNode, place: readonly string[], final: JsonObject): string | undefined {
  const rule = node.args.find(({ name }) => name === place[0])?.rule;
  if (rule === undefined || rule.isHidden) return undefined;
  let value: Json | undefined = final;
  for (const step of place) value = isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? `${value}` || undefined
    : undefined;
}

/**
 * The label of what is kept under keys that a query touches, by what this session wrote. A call in flight may be copying what it reads, so
 * where it writes, what it reads counts too.
 */
export function keptLabel(state: SessionState, query: ResourceKeys): Label {
  let label = bottom;
  const seen = new Set<number>();
  const waiting: ResourceKeys[] = [query];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const [key, written] of state.resources) if (isTouched(key, next)) label = join(label, written);
    for (const { number, touched } of state.inFlight.values()) {
      const read = queryOf(touched);
      const asked = next;
      if (read === undefined || seen.has(number) || touched.writes?.some((key) => isTouched(key, asked)) !== true) continue;
      seen.add(number);
      waiting.push(read);
    }
  }
  return label;
}

/** What a call leaves where it writes, when it is reserved: its arguments, and, if it may copy, its tool's labels and what is there to be read. */
export function writtenLabel(program: Program, state: SessionState, call: WritingCall): Label {
  const { node, touched, made } = call;
  if (node.resources?.isCopying !== true) return made;
  const own = join(made, program.toolLabels[node.index] as Label);
  const query = queryOf(touched);
  return query === undefined ? own : join(own, keptLabel(state, query));
}

/** A call that writes. */
export interface WritingCall {
  readonly node: CompiledNode;
  readonly touched: Touched;
  /** Join of the labels of its arguments. */
  readonly made: Label;
}

/** Joins a label into those of the resources under these keys. */
export function keep(state: SessionState, keys: readonly string[] | undefined, label: Label): void {
  for (const key of keys ?? []) state.resources.set(key, join(state.resources.get(key) ?? bottom, label));
}
