/**
 * A parameter of a plan as the rest sees it: how it is read, and the constraint that every value of it satisfies.
 * Pure. Never lets a constraint contradict what its way of reading yields.
 */
import { isObject, type Json, type JsonObject, member } from "../json/value.ts";
import { compileInput, type Input, type InputError } from "../lang/input.ts";
import { ok, type Result } from "../result.ts";
import type { ParamSpec } from "./plan.ts";

/** How a parameter is read; `undefined`: as it is given. */
export function inputOf(spec: ParamSpec): Result<Input | undefined, InputError> {
  return spec.read === undefined ? ok(undefined) : compileInput(spec.read);
}

/** The constraint on the value that a session has: what the author wrote, and what its way of reading yields. */
export function constraintOf(spec: ParamSpec): JsonObject {
  const { default: _, description: __, read: ___, ...own } = spec;
  const input = inputOf(spec);
  const written = own as JsonObject;
  return input.ok && input.value !== undefined ? joined(input.value.match, written) : written;
}

/** The first keyword of the author's that what is read can never satisfy; a pointer into the parameter. */
export function contradictionOf(spec: ParamSpec, input: Input): InputError | undefined {
  const find = (implied: JsonObject, own: JsonObject, at: string): InputError | undefined => {
    for (const [keyword, value] of Object.entries(implied)) {
      const written = member(own, keyword);
      if (written === undefined || written === value || (value === "number" && written === "integer")) continue;
      if (isObject(value) && isObject(written)) {
        const inner = find(value, written, `${at}/${keyword}`);
        if (inner !== undefined) return inner;
        continue;
      }
      return { pointer: `${at}/${keyword}`, message: `\`read\` yields another \`${keyword}\`: leave it out` };
    }
    return undefined;
  };
  return find(input.match, spec as unknown as JsonObject, "");
}

/** Both constraints; the author's keyword stands where both say one. */
function joined(implied: JsonObject, own: JsonObject): JsonObject {
  const both: Record<string, Json> = { ...implied, ...own };
  const [of, within] = [member(implied, "items"), member(own, "items")];
  if (isObject(of) && isObject(within)) both.items = joined(of, within);
  return both;
}
