/**
 * What whoever writes an untrusted result tries: his own values at each place of it, more rows, fewer rows, another form.
 * Pure and deterministic. The agent stays honest; only the data changes.
 */
import { labelOfRead } from "../decide/regions.ts";
import type { Guard } from "../engine.ts";
import { isArray, isObject, type Json, jsonEqual } from "../json/value.ts";
import { madeValue } from "../simulate/candidates.ts";
import type { Stage } from "../simulate/play.ts";
import type { Shape } from "../simulate/shape.ts";
import type { TraceCall, TraceEvent, TraceResult } from "../trace.ts";
import type { Attempt } from "./attempt.ts";
import { type BaseRun, sessionAt } from "./run.ts";
import { evil, evilFor, placesOf, replaced, type Steps } from "./values.ts";

/** Places of one result that are poisoned. */
const placesMax = 200;

/** A result that somebody untrusted writes, or could have written. */
interface Poisoned {
  readonly base: BaseRun;
  readonly at: number;
  readonly result: TraceResult;
  readonly source: string;
  readonly technique: "poisoned result" | "resource round trip";
}

/** Every try of whoever writes the results of a benign run. `more` are calls of nodes that the run does not make. */
export function* poisonAttempts(stage: Stage, base: BaseRun, more: readonly TraceCall[]): Generator<Attempt> {
  for (const [at, event] of base.events.entries()) {
    if (event.type !== "result") continue;
    const call = base.calls.find(({ id }) => id === event.id);
    const node = call && stage.guard.program.plan.byName.get(call.node);
    const run = call && sessionAt(stage.guard, base, at + 1).state.runs[call.run];
    if (call === undefined || node === undefined || run === undefined) continue;
    const shape = stage.wishes.results.get(node.index);
    const writes = isWrittenBefore(stage.guard, base, { at, tool: call.tool });
    const poisoned: Poisoned = { base, at, result: event, source: call.tool, technique: "poisoned result" };
    const isControlled = (path: Steps): boolean => labelOfRead(run, path).isUntrusted;
    yield* poisonedPlaces({ ...poisoned, more }, shape, isControlled);
    // What an untrusted call wrote into a resource comes back, whatever the label of the reader says.
    if (writes)
      yield* poisonedPlaces({ ...poisoned, more, technique: "resource round trip" }, shape, (path) => !isControlled(path));
  }
}

function* poisonedPlaces(
  poisoned: Poisoned & { readonly more: readonly TraceCall[] },
  shape: Shape | undefined,
  isControlled: (path: Steps) => boolean,
): Generator<Attempt> {
  const { result } = poisoned;
  for (const { path, value } of placesOf(result.value, placesMax)) {
    if (!isControlled(path)) continue;
    const values = isArray(value) ? otherLists(value) : [...wished(shape, path, value), ...evilFor(value)];
    for (const put of values) yield poison(poisoned, { path, old: value, put });
  }
  if (!isControlled([])) return;
  for (const put of [alike(result.value), evil.text, null, [], {}, { error: evil.text }])
    yield poison(poisoned, { path: [], old: result.value, put });
}

/** Values that the rules which read the place would take. */
function wished(shape: Shape | undefined, path: Steps, value: Json): readonly Json[] {
  let at = shape;
  for (const step of path) at = typeof step === "number" ? at?.element : at?.members.get(step);
  return at === undefined
    ? []
    : at.values.filter((other) => !jsonEqual(other, value)).concat(madeValue(at, { fresh: "text" }, 9));
}

/** The list with a row more that is the attacker's, with rows gone, twice, or turned round. */
function otherLists(list: readonly Json[]): readonly Json[] {
  const [first] = list;
  const added = first === undefined ? [] : [[...list, alike(first)], [alike(first), ...list], [...list, first], list.map(alike)];
  return [...added, [], list.slice(1), [...list].reverse()];
}

/** The same form with the attacker's values in it. */
function alike(value: Json): Json {
  if (isArray(value)) return value.map(alike);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, alike(inner)]));
  return evilFor(value)[0] ?? value;
}

interface Change {
  readonly path: Steps;
  readonly old: Json;
  readonly put: Json;
}

function poison(
  { base, at, result, source, technique, more }: Poisoned & { readonly more: readonly TraceCall[] },
  { path, old, put }: Change,
): Attempt {
  const rest = base.events.slice(at + 1);
  // More rows may mean more calls, and other data may open nodes that the run did not need.
  const rowsMore: readonly TraceEvent[] = isArray(old)
    ? rest.flatMap((event) => (event.type === "call" ? [{ ...event, id: `${event.id}+` }] : []))
    : [];
  const after = [...rowsMore, ...more];
  const honest = rest.map((event) => (event.type === "call" ? followed(event, old, put) : event));
  return {
    technique,
    base,
    at,
    tail: [{ ...result, value: replaced(result.value, path, put) }, ...honest, ...after],
    control: [result, ...rest, ...after],
    controls: source,
    place: placeName(path),
    byAgent: false,
  };
}

/** The honest agent goes on with what it was shown. */
function followed(call: TraceCall, old: Json, put: Json): TraceCall {
  const args = Object.entries(call.args).map(([name, value]): [string, Json] => [name, jsonEqual(value, old) ? put : value]);
  return { ...call, args: Object.fromEntries(args) };
}

function placeName(path: Steps): string {
  return `$${path.map((step) => (typeof step === "number" ? "[*]" : /^\w+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`)).join("")}`;
}

/** Whether something untrusted was written before into a resource of the same kind as the tool reads. */
function isWrittenBefore(
  { program }: Guard,
  base: BaseRun,
  { at, tool }: { readonly at: number; readonly tool: string },
): boolean {
  const { tools } = program.plan.frozen;
  const kind = resourceKind(tools[tool]?.facts.resource);
  if (kind === undefined) return false;
  const earlier = new Set(base.events.slice(0, at).map(({ id }) => id));
  return base.calls.some(
    (call) =>
      earlier.has(call.id) &&
      resourceKind(tools[call.tool]?.facts.resource) === kind &&
      (tools[call.tool]?.facts.effects.includes("write") ?? false) &&
      Object.values(call.labels).some(({ sources }) => sources.some((name) => !program.labels.isTrusted(name))),
  );
}

/** The kind of a declared resource (`file` of `file:{path}`); what is declared in more than words counts by its text. */
function resourceKind(resource: unknown): string | undefined {
  if (resource === undefined) return undefined;
  const text = typeof resource === "string" ? resource : JSON.stringify(resource);
  return /(?<![a-z0-9+.-])[0-9+.-]*([a-z][a-z0-9+.-]*):/.exec(text.replace(/"[a-z]+":/g, ""))?.[1] ?? text;
}
