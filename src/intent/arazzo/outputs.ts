/**
 * Outputs of steps and workflows: names for inputs and for parts of requests and responses.
 * Pure. Never refuses an output that nobody reads because a plan cannot see it.
 */
import { parsePointer } from "../../json/pointer.ts";
import { isObject, type Json, member } from "../../json/value.ts";
import { compilePath } from "../../lang/path.ts";
import { ArazzoFault, type DocumentPath, refuse, unsaid } from "./fault.ts";
import { lookUp, type Scope, textTerm } from "./scope.ts";
import { stepsOf, type Term, termAt } from "./term.ts";

/** Outputs by name. One that no plan can see is an error only where it is read. */
export function outputsOf(
  outputs: { readonly [name: string]: Json } | undefined,
  scope: Scope,
  path: DocumentPath,
): ReadonlyMap<string, Term> {
  return new Map(
    Object.entries(outputs ?? {}).map(([name, value]) => {
      const place = [...path, name];
      try {
        return [name, outputTerm(value, scope, place)] as const;
      } catch (error) {
        if (!(error instanceof ArazzoFault) || error.fault.code !== "IMPORT_UNREPRESENTABLE") throw error;
        return [name, { kind: "absent", why: error.fault.message }] as const;
      }
    }),
  );
}

function outputTerm(value: Json, scope: Scope, place: DocumentPath): Term {
  if (typeof value === "string") return textTerm(value, scope, place);
  // Arazzo 1.1: an object that selects.
  const [context, selector, type] = ["context", "selector", "type"].map((key) => member(value, key));
  if (!isObject(value) || typeof context !== "string" || typeof selector !== "string")
    return refuse("IMPORT_ARAZZO_FORM", place, "expected a runtime expression, as in `$response.body#/id`");
  const base = lookUp(context, scope, [...place, "context"]);
  const kind = isObject(type) ? member(type, "type") : (type ?? "jsonpointer");
  const pointer = kind === "jsonpointer" ? parsePointer(selector) : undefined;
  if (pointer !== undefined) return termAt(base, stepsOf(pointer), place);
  const path = kind === "jsonpath" ? compilePath(selector) : undefined;
  if (path?.ok === true && path.value.singular && path.value.prefix.every((step) => step !== -1))
    return termAt(base, path.value.prefix, place);
  return unsaid([...place, "selector"], "an output is selected by a JSON pointer, or by a JSONPath of names and indexes");
}
