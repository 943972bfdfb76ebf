/**
 * Compiles the program of a code plan to an intent: what an agent's code would call, as steps with rules.
 * Pure. Never runs the code, and never says less or more than it: what a plan cannot say exactly is one error with its place.
 */
import type { Catalogue } from "../../catalogue/catalogue.ts";
import { isArray, type Json } from "../../json/value.ts";
import { err, ok, type Result } from "../../result.ts";
import type { Finding } from "../../plan/finding.ts";
import type { ParamSpec } from "../../plan/plan.ts";
import type { ImportError, Intent } from "../intent.ts";
import { evaluate } from "./evaluate.ts";
import { CodeFault, failOutside } from "./fault.ts";
import { type Kind, kindOfJson, kindOfSchema } from "./kind.ts";
import type { Parameter, Program } from "./program.ts";
import { bind, NotRows, openState, type State } from "./state.ts";
import { compileBlock } from "./statements.ts";

/**
 * Compiles a program. With a catalogue, tools tell readers from calls that change something, and what is known of their results; without
 * one every call keeps its place in the order. Errors: `IMPORT_CODE_OUTSIDE` (what a plan cannot say), `IMPORT_TOO_LARGE`,
 * `IMPORT_TOOL_UNKNOWN`, `IMPORT_TOOL_AMBIGUOUS`.
 */
export function compileProgram(program: Program, catalogue: Catalogue | undefined): Result<Intent, ImportError> {
  const state = openState(program.language, catalogue);
  try {
    const params = Object.fromEntries(program.params.map((parameter) => [parameter.name, addParam(state, parameter)] as const));
    compileBlock(state, program.body, "plan");
    const notes = program.notes.map(({ code, message, place }): Finding => {
      return {
        code,
        severity: "info",
        pointer: "",
        message: place.line === undefined ? message : `${message} (line ${place.line})`,
      };
    });
    return ok({ params, steps: state.steps, findings: [...state.findings, ...notes] });
  } catch (error) {
    if (error instanceof CodeFault) return err(error.fault);
    if (error instanceof NotRows)
      return err({
        code: "IMPORT_CODE_OUTSIDE",
        place: program.body[0]?.place ?? { line: 1, column: 1 },
        message: "a loop reads what an earlier round has set: no plan says this",
      });
    throw error;
  }
}

const paramName = /^[A-Za-z_][A-Za-z0-9_]*$/;

function addParam(state: State, { name, spec, default: given, place }: Parameter): ParamSpec {
  if (!paramName.test(name)) failOutside("a parameter's name has ASCII letters, digits and `_` only", place);
  const kind = kindOfSchema({ root: {}, schema: spec as { readonly [key: string]: Json } });
  bind(state, name, {
    kind: "ref",
    base: { at: "param", name },
    steps: [],
    type: kind.type === "object" ? { type: kind.type } : kind,
  });
  if (given === undefined) return spec;
  const value = evaluate(state, given);
  if (value.kind !== "const") return failOutside("the default of a parameter is a literal", given.place);
  if (!fits(kind, value.value)) return failOutside("the default of an input is a literal of its type", given.place);
  return { ...spec, default: value.value };
}

/** Whether a value is of a type; of the members of objects a parameter says nothing. */
function fits(kind: Kind, value: Json): boolean {
  const own = kindOfJson(value);
  if (kind.type === "list") return isArray(value) && value.every((element) => fits(kind.element, element));
  if (kind.type === "number" && kind.isInteger === true) return own.type === "number" && own.isInteger === true;
  return kind.type === "unknown" || own.type === kind.type;
}
