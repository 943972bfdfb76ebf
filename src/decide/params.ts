/**
 * The parameters of a session: read as the plan says, defaults filled in, each held to its constraint. Once, when the session opens.
 * Pure. Never puts a value into a message.
 */
import { strictCopy } from "../json/strict.ts";
import type { Json, JsonObject } from "../json/value.ts";
import type { InputScene } from "../lang/input.ts";
import type { CompiledParam, CompiledPlan } from "../plan/compile/compiled.ts";
import { err, ok, type Result } from "../result.ts";

/** Why one parameter is not what the plan asks for. */
export interface ParamFault {
  readonly param: string;
  readonly message: string;
}

/** What the host gave, as the plan reads it. A session opens only if nothing is at fault. */
export interface ReadParams {
  readonly params: { readonly [name: string]: Json };
  readonly faults: readonly ParamFault[];
}

/** Reads all parameters of a plan: those given, and the defaults of the others. */
export function readParams({ params: known }: CompiledPlan, given: JsonObject, scene: InputScene): ReadParams {
  const params: Record<string, Json> = {};
  const faults: ParamFault[] = Object.keys(given)
    .filter((name) => !known.has(name))
    .map((param) => ({ param, message: "the plan has no such parameter" }));
  for (const param of known.values()) {
    const read = readParam(param, given, scene);
    if (read.ok) params[param.name] = read.value;
    else faults.push({ param: param.name, message: read.error });
  }
  return { params, faults };
}

function readParam(param: CompiledParam, given: JsonObject, scene: InputScene): Result<Json, string> {
  const isGiven = Object.hasOwn(given, param.name);
  if (!isGiven && !param.hasDefault) return err("the plan asks for this parameter and it has no default");
  const written = strictCopy(isGiven ? given[param.name] : param.default);
  if (written === undefined) return err("the value is no JSON: numbers are finite, texts well-formed, nesting bounded");
  const read = param.input === undefined ? ok(written) : param.input.read(written, scene);
  if (!read.ok) return read;
  const failure = param.match.check(read.value);
  return failure === undefined ? read : err(`the value does not satisfy \`${failure.keyword}\` of the parameter`);
}
