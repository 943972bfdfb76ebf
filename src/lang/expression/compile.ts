/**
 * Turns the tree of an expression into closures over JSON values with one number type (double).
 * Never touches a prototype, never rounds silently, never runs past its budget. Pure. No I/O, no clock.
 */
import { isArray, isObject, type Json } from "../../json/value.ts";
import { ok, type Result } from "../../result.ts";
import { sortedKeys } from "../code-point.ts";
import type { LangError } from "../error.ts";
import { equalWithin } from "../work.ts";
import {
  booleanOf,
  charge,
  type Frame,
  isWithinList,
  listOf,
  madeNumber,
  madeText,
  memberOf,
  numberOf,
  objectOf,
  orderOf,
  refuseType,
  refuseValue,
  type Thunk,
} from "./frame.ts";
import type { CompileCall } from "./function-row.ts";
import type { BinaryOperator, Node } from "./syntax.ts";

/** Compiles calls of functions; given, so that this file knows operators and macros only. */
export interface Calls {
  compile: CompileCall;
}

/** Compiles a tree. Errors come from functions that check a literal argument at freeze, such as the pattern of `re`. */
export function compileNode(node: Node, calls: Calls): Result<Thunk, LangError> {
  const compiler: Compiler = { calls, fault: undefined };
  const thunk = compile(node, compiler);
  return compiler.fault === undefined ? ok(thunk) : { ok: false, error: compiler.fault };
}

interface Compiler {
  readonly calls: Calls;
  fault: LangError | undefined;
}

/** Every evaluation of a node costs one step, so that macros over macros are bounded by the budget. */
function compile(node: Node, compiler: Compiler): Thunk {
  const thunk = compileBare(node, compiler);
  if (node.kind === "literal") return thunk;
  return (frame) => (charge(frame, 1, node.at) ? thunk(frame) : undefined);
}

function compileBare(node: Node, compiler: Compiler): Thunk {
  const { at } = node;
  switch (node.kind) {
    case "literal":
      return () => node.value;
    case "variable":
      return (frame) =>
        Object.hasOwn(frame.bindings, node.name)
          ? frame.bindings[node.name]
          : refuseValue(frame, `\`${node.name}\` has no value here`, at);
    case "local":
      return (frame) => frame.locals[node.slot];
    case "member": {
      const of = compile(node.of, compiler);
      return (frame) => memberOf(frame, [of(frame), node.name], at);
    }
    case "has":
      return compileHas(compile(node.of, compiler), node);
    case "index":
      return compileIndex([compile(node.of, compiler), compile(node.index, compiler)], at);
    case "list":
      return compileList(node.elements.map((element) => compile(element, compiler)));
    case "object":
      return compileObject(
        node.members.map(([key, value]) => [compile(key, compiler), compile(value, compiler)] as const),
        at,
      );
    case "if": {
      const [test, yes, no] = [compile(node.test, compiler), compile(node.yes, compiler), compile(node.no, compiler)];
      return (frame) => {
        const value = booleanOf(frame, test(frame), node.test.at);
        return value === undefined ? undefined : value ? yes(frame) : no(frame);
      };
    }
    case "and":
    case "or":
      return compileLogical(node.kind === "or", [compile(node.left, compiler), compile(node.right, compiler)], at);
    case "not": {
      const of = compile(node.of, compiler);
      return (frame) => {
        const value = booleanOf(frame, of(frame), at);
        return value === undefined ? undefined : !value;
      };
    }
    case "negate": {
      const of = compile(node.of, compiler);
      return (frame) => {
        const value = numberOf(frame, of(frame), at);
        return value === undefined ? undefined : value === 0 ? 0 : -value;
      };
    }
    case "binary":
      return compileBinary(node.operator, [compile(node.left, compiler), compile(node.right, compiler)], at);
    case "macro":
      return compileMacro(node, compiler);
    case "call": {
      const compiled = compiler.calls.compile(
        node,
        node.args.map((arg) => compile(arg, compiler)),
      );
      if (compiled.ok) return compiled.value;
      compiler.fault ??= compiled.error;
      return () => undefined;
    }
  }
}

function compileHas(of: Thunk, { name, at }: Node & { readonly kind: "has" }): Thunk {
  return (frame) => {
    const object = objectOf(frame, of(frame), at);
    return object === undefined ? undefined : Object.hasOwn(object, name);
  };
}

function compileIndex([of, index]: readonly [Thunk, Thunk], at: number): Thunk {
  return (frame) => {
    const value = of(frame);
    const key = value === undefined ? undefined : index(frame);
    if (value === undefined || key === undefined) return undefined;
    if (isObject(value))
      return typeof key === "string" ? memberOf(frame, [value, key], at) : refuseType(frame, "a member name is a text", at);
    if (!isArray(value)) return refuseType(frame, "only lists and objects have elements", at);
    if (typeof key !== "number") return refuseType(frame, "a position in a list is a number", at);
    const isPosition = Number.isInteger(key) && key >= 0 && key < value.length;
    return isPosition ? value[key] : refuseValue(frame, "no such position in the list", at);
  };
}

function compileList(elements: readonly Thunk[]): Thunk {
  return (frame) => {
    const list: Json[] = [];
    for (const element of elements) {
      const value = element(frame);
      if (value === undefined) return undefined;
      list.push(value);
    }
    return list;
  };
}

function compileObject(members: readonly (readonly [Thunk, Thunk])[], at: number): Thunk {
  return (frame) => {
    const entries = new Map<string, Json>();
    for (const [key, value] of members) {
      const name = key(frame);
      if (name === undefined) return undefined;
      if (typeof name !== "string") return refuseType(frame, "a member name is a text", at);
      if (entries.has(name)) return refuseValue(frame, "a member name occurs twice", at);
      const member = value(frame);
      if (member === undefined) return undefined;
      entries.set(name, member);
    }
    // `fromEntries` defines own members, so `__proto__` is an ordinary one.
    return Object.fromEntries(entries);
  };
}

/**
 * `||` (and `&&`, its dual): an operand that decides wins even if the other one fails (cel-spec, "Logical Operators"), except that a
 * spent budget is final.
 */
function compileLogical(deciding: boolean, [left, right]: readonly [Thunk, Thunk], at: number): Thunk {
  return (frame) => {
    const first = booleanOf(frame, left(frame), at);
    if (first === deciding) return deciding;
    const fault = frame.fault;
    if (fault?.code === "LANG_EXPR_LIMIT") return undefined;
    const second = booleanOf(frame, right(frame), at);
    if (second === deciding) {
      frame.fault = undefined;
      return deciding;
    }
    if (first !== undefined) return second;
    // The first fault is the one to report, unless the second is final.
    if (frame.fault?.code !== "LANG_EXPR_LIMIT") frame.fault = fault;
    return undefined;
  };
}

function compileBinary(operator: BinaryOperator, [left, right]: readonly [Thunk, Thunk], at: number): Thunk {
  const apply = binaryOperators[operator];
  return (frame) => {
    const a = left(frame);
    const b = a === undefined ? undefined : right(frame);
    return a === undefined || b === undefined ? undefined : apply(frame, [a, b], at);
  };
}

type Apply = (frame: Frame, operands: readonly [Json, Json], at: number) => Json | undefined;

const binaryOperators: { readonly [O in BinaryOperator]: Apply } = {
  "==": (frame, [a, b], at) => isEqual(frame, [a, b], at),
  "!=": (frame, [a, b], at) => {
    const equal = isEqual(frame, [a, b], at);
    return equal === undefined ? undefined : !equal;
  },
  "<": ordered((order) => order < 0),
  "<=": ordered((order) => order <= 0),
  ">": ordered((order) => order > 0),
  ">=": ordered((order) => order >= 0),
  in: isIn,
  "+": add,
  "-": arithmetic((a, b) => a - b),
  "*": arithmetic((a, b) => a * b),
  "/": divide((a, b) => a / b),
  "%": divide((a, b) => a % b),
};

function isEqual(frame: Frame, [a, b]: readonly [Json, Json], at: number): boolean | undefined {
  const equal = equalWithin(a, b, frame.work);
  return charge(frame, 0, at) ? equal : undefined;
}

function ordered(test: (order: number) => boolean): Apply {
  return (frame, operands, at) => {
    const order = orderOf(frame, operands, at);
    return order === undefined ? undefined : test(order);
  };
}

/** `element in list`, `name in object`. */
function isIn(frame: Frame, [element, container]: readonly [Json, Json], at: number): boolean | undefined {
  if (isObject(container)) return typeof element === "string" && Object.hasOwn(container, element);
  const list = listOf(frame, container, at);
  if (list === undefined) return undefined;
  const found = list.some((candidate) => equalWithin(element, candidate, frame.work));
  return charge(frame, 0, at) ? found : undefined;
}

function add(frame: Frame, [a, b]: readonly [Json, Json], at: number): Json | undefined {
  if (typeof a === "string" && typeof b === "string") return madeText(frame, a + b, at);
  if (isArray(a) && isArray(b)) {
    const length = a.length + b.length;
    return isWithinList(frame, length, at) && charge(frame, length, at) ? [...a, ...b] : undefined;
  }
  if (typeof a === "string" || typeof b === "string")
    return refuseType(frame, "a text is joined to a text only; use `string(x)`", at);
  return addNumbers(frame, [a, b], at);
}

const addNumbers = arithmetic((a, b) => a + b);

function arithmetic(compute: (a: number, b: number) => number): Apply {
  return (frame, [left, right], at) => {
    const a = numberOf(frame, left, at);
    const b = a === undefined ? undefined : numberOf(frame, right, at);
    return a === undefined || b === undefined ? undefined : madeNumber(frame, compute(a, b), at);
  };
}

function divide(compute: (a: number, b: number) => number): Apply {
  const apply = arithmetic(compute);
  return (frame, operands, at) => (operands[1] === 0 ? refuseValue(frame, "division by zero", at) : apply(frame, operands, at));
}

function compileMacro(node: Node & { readonly kind: "macro" }, compiler: Compiler): Thunk {
  const { at, slot } = node;
  const source = compile(node.list, compiler);
  const test = node.test === undefined ? undefined : compile(node.test, compiler);
  const step = node.step === undefined ? undefined : compile(node.step, compiler);
  const elements = (frame: Frame): readonly Json[] | undefined => {
    const value = source(frame);
    // A macro over an object runs over its member names; they are sorted, so that insertion order does not matter.
    return listOf(frame, isObject(value) ? sortedKeys(value) : value, at);
  };
  const holds = (frame: Frame, element: Json): boolean | undefined => {
    if (test === undefined) return true;
    frame.locals[slot] = element;
    return booleanOf(frame, test(frame), at);
  };
  if (node.name === "all" || node.name === "exists") return quantify(node.name === "exists", elements, holds);
  if (node.name === "exists_one") {
    return (frame) => {
      const chosen = choose(frame, elements(frame), holds);
      return chosen === undefined ? undefined : chosen.length === 1;
    };
  }
  if (step === undefined) return (frame) => choose(frame, elements(frame), holds);
  return (frame) => {
    const chosen = choose(frame, elements(frame), holds);
    const results: Json[] = [];
    for (const element of chosen ?? []) {
      frame.locals[slot] = element;
      const value = step(frame);
      if (value === undefined) return undefined;
      results.push(value);
    }
    return chosen === undefined ? undefined : results;
  };
}

type Elements = (frame: Frame) => readonly Json[] | undefined;
type Holds = (frame: Frame, element: Json) => boolean | undefined;

/** The elements for which `holds`; a fault of any of them is a fault of the whole. */
function choose(frame: Frame, list: readonly Json[] | undefined, holds: Holds): readonly Json[] | undefined {
  if (list === undefined) return undefined;
  const chosen: Json[] = [];
  for (const element of list) {
    const held = holds(frame, element);
    if (held === undefined) return undefined;
    if (held) chosen.push(element);
  }
  return chosen;
}

/** `exists` folds with `||` and `all` with `&&`, so a deciding element wins over one that fails (cel-spec, "Macros"). */
function quantify(deciding: boolean, elements: Elements, holds: Holds): Thunk {
  return (frame) => {
    const list = elements(frame);
    if (list === undefined) return undefined;
    let fault: LangError | undefined;
    for (const element of list) {
      const held = holds(frame, element);
      if (held === deciding) {
        frame.fault = undefined;
        return deciding;
      }
      if (held !== undefined) continue;
      if (frame.fault?.code === "LANG_EXPR_LIMIT") return undefined;
      fault ??= frame.fault;
    }
    frame.fault = fault;
    return fault === undefined ? !deciding : undefined;
  };
}
