/**
 * `x-sluice`: what Arazzo cannot say of a plan, kept beside what it can, on the workflow and on each step.
 * Pure. Never prefers one side silently: each extension seals what the fields of Arazzo said where it says something else.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { pointerOf } from "../../json/pointer.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { domainDigest } from "../../plan/digest.ts";
import { type DocumentPath, quoted, refuse } from "./fault.ts";
import { type Pieces, joinPieces } from "./pieces.ts";
import type { Workflow } from "./schema.ts";

/** Name of the extension. */
export const extensionName = "x-sluice";

/** The differences of a plan from what Arazzo says, below one place of it, as an extension. `undefined` if there are none. */
export function writeExtension(
  differences: ReadonlyMap<string, Json | undefined>,
  found: Pieces,
  below: string,
): JsonObject | undefined {
  if (differences.size === 0) return undefined;
  const relative = (pointer: string): string => pointer.slice(below.length);
  const set = [...differences].flatMap(([pointer, value]) => (value === undefined ? [] : [[relative(pointer), value] as const]));
  const drop = [...differences].flatMap(([pointer, value]) => (value === undefined ? [relative(pointer)] : []));
  return {
    ...(set.length === 0 ? {} : { set: Object.fromEntries(set) }),
    ...(drop.length === 0 ? {} : { drop }),
    over: sealOf([...differences.keys()], found, below),
  };
}

/** Digest of what the fields of Arazzo say in some places of the plan. */
function sealOf(pointers: readonly string[], found: Pieces, below: string): string {
  const said = pointers.map((pointer) => {
    const value = found.get(pointer);
    return [pointer.slice(below.length), value === undefined ? [] : [value]] as const;
  });
  return domainDigest("arazzo", canonicalJson(Object.fromEntries(said)));
}

/** The extension of a workflow, if it has one. */
export function extensionOf(workflow: Workflow): Json | undefined {
  return member(workflow as unknown as Json, extensionName);
}

/** The plan that a workflow with extensions stands for: the fields of Arazzo, overlaid. Throws `ArazzoFault`. */
export function overlay(
  workflow: Workflow,
  path: DocumentPath,
  from: { readonly found: Pieces; readonly places: ReadonlyMap<string, DocumentPath> },
): Json {
  const own = extensionOf(workflow);
  const place = [...path, extensionName];
  if (!isObject(own) || member(own, "version") !== 1)
    return refuse("IMPORT_ARAZZO_FORM", place, "expected `version: 1`, the version of this extension");
  const pieces = new Map(from.found);
  checkSteps(own, workflow, path);
  apply(own, pieces, { place, found: from.found, below: "" });
  for (const [node, stepPath] of from.places) {
    const step = workflow.steps[Number(stepPath.at(-1))];
    const extension = member(step as unknown as Json, extensionName);
    if (extension !== undefined)
      apply(extension, pieces, { place: [...stepPath, extensionName], found: from.found, below: pointerOf(["nodes", node]) });
  }
  return joinPieces(pieces);
}

/** Every step that had an extension has it still: a step without its own would be wider than the plan. */
function checkSteps(own: JsonObject, workflow: Workflow, path: DocumentPath): void {
  const listed = member(own, "steps") ?? [];
  const place = [...path, extensionName, "steps"];
  if (!isArray(listed) || !listed.every((id) => typeof id === "string"))
    refuse("IMPORT_ARAZZO_FORM", place, "expected a list of ids: the steps with an `x-sluice`");
  const ids = new Set<Json>(listed);
  for (const [at, step] of workflow.steps.entries()) {
    const has = member(step as unknown as Json, extensionName) !== undefined;
    if (has !== ids.has(step.stepId))
      refuse(
        "IMPORT_ARAZZO_DISAGREES",
        [...path, "steps", at],
        `step ${quoted(step.stepId)} ${has ? "has an `x-sluice` that the workflow's own does not list" : "has lost the `x-sluice` that the workflow's own lists"}: keep all of them, or remove all`,
      );
    ids.delete(step.stepId);
  }
  const [missing] = ids;
  if (missing !== undefined)
    refuse(
      "IMPORT_ARAZZO_DISAGREES",
      place,
      `the step ${quoted(String(missing))} that is listed here is gone: remove every \`x-sluice\``,
    );
}

function apply(
  extension: Json,
  pieces: Map<string, Json>,
  { place, found, below }: { readonly place: DocumentPath; readonly found: Pieces; readonly below: string },
): void {
  const set = member(extension, "set") ?? {};
  const drop = member(extension, "drop") ?? [];
  if (!isObject(extension) || !isObject(set) || !isArray(drop) || !drop.every((pointer) => typeof pointer === "string"))
    refuse("IMPORT_ARAZZO_FORM", place, "expected `set` (JSON pointers with values) and `drop` (a list of JSON pointers)");
  for (const key of Object.keys(extension))
    if (!["version", "steps", "node", "set", "drop", "over"].includes(key))
      refuse("IMPORT_ARAZZO_FORM", [...place, key], `unknown member ${quoted(key)}`);
  const pointers = [...Object.keys(set), ...drop.map(String)];
  const bad = pointers.find((pointer) => !/^(?:\/[^/]+){1,4}$/.test(below + pointer));
  if (bad !== undefined)
    refuse("IMPORT_ARAZZO_FORM", place, `${quoted(bad)} is no place that this extension can say something of`);
  const seal = member(extension, "over");
  const said =
    pointers.length === 0 && seal === undefined
      ? undefined
      : sealOf(
          pointers.map((pointer) => below + pointer),
          found,
          below,
        );
  if (said !== seal)
    refuse(
      "IMPORT_ARAZZO_DISAGREES",
      place,
      `Arazzo's own fields were changed where \`x-sluice\` says something else (${pointers.slice(0, 4).map(quoted).join(", ")}): change the plan and export it again, or remove every \`x-sluice\``,
    );
  for (const pointer of drop) pieces.delete(`${below}${String(pointer)}`);
  for (const [pointer, value] of Object.entries(set)) pieces.set(below + pointer, value);
}
