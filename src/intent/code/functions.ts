/**
 * The closed list of functions and methods, each as the expression that says the same, or fails where it would not.
 * Pure. Never rounds, sorts or cuts text by other rules than the language's own.
 */
import type { Place } from "../intent.ts";
import { binary, call, type Cel, choose, literal, not, select } from "./cel.ts";
import { bare, celOf, isPerRow, letOf } from "./emit.ts";
import { failOutside } from "./fault.ts";
import { elementKind, isScalar, joinKinds, type Kind, kinds, listOf, sure } from "./kind.ts";
import { basicPlane, includes, numeric, onlyIf, truthOfAny } from "./operators.ts";
import type { FunctionName } from "./program.ts";
import { newName, type State } from "./state.ts";
import { textCel } from "./texts.ts";
import { computed, typeOf, type Value } from "./value.ts";

/** A call of a function of the closed list. */
export interface Application {
  readonly args: readonly Value[];
  readonly place: Place;
}

interface Applied extends Application {
  readonly state: State;
  readonly first: Value;
  readonly type: Kind;
  /** The first argument as an expression. */
  readonly cel: Cel;
}

type Row = (applied: Applied) => Value;

/** Texts of plain ASCII, which every language changes and trims alike. */
const ascii = "[\\x00-\\x7f]*";
const plainAscii = "[\\t\\n\\r\\x20-\\x7e]*";

/** The value of an application. */
export function applyFunction(state: State, name: FunctionName, application: Application): Value {
  const { args, place } = application;
  const [first] = args;
  if (first === undefined) return failOutside(`\`${name}\` needs an argument`, place);
  const row = table[name];
  if (name === "percentEncode") return { kind: "encoded", of: first };
  if (name === "text") return first.kind === "text" ? first : computed(textCel(state, first, place), kinds.text);
  return row({ ...application, state, first, type: typeOf(first), cel: celOf(state, first, place) });
}

/** The literal at a place among the arguments. */
function literalAt({ args, place }: Application, at: number): string | number {
  const value = args[at] === undefined ? undefined : bare(args[at]);
  if (value?.kind === "const" && (typeof value.value === "string" || typeof value.value === "number")) return value.value;
  return failOutside("this argument must be a literal", place);
}

function celAtPlace({ state, args, place }: Applied, at: number): Cel {
  const value = args[at];
  return value === undefined ? failOutside("an argument is missing", place) : celOf(state, value, place);
}

/** `list.map(x, f(x))` with a variable of its own. */
function mapped(state: State, of: Cel, body: (local: Cel) => Cel): Cel {
  const local = newName(state, "x");
  return { op: "macro", name: "map", of, local, body: body({ op: "local", name: local }) };
}

function filtered(state: State, of: Cel, body: (local: Cel) => Cel): Cel {
  const local = newName(state, "x");
  return { op: "macro", name: "filter", of, local, body: body({ op: "local", name: local }) };
}

function length({ state, type, cel, place }: Applied): Value {
  if (state.language === "python" || sure(type).type === "list") return computed(call("size", cel), kinds.integer);
  if (type.type === "text") return computed(onlyIf(call("re", cel, literal(basicPlane)), call("size", cel)), kinds.integer);
  if (type.type !== "unknown" && type.type !== "list") return failOutside("only lists and texts have a `length`", place);
  // A text would be counted in other units; a list and the empty list are a list.
  return computed(call("size", binary("+", cel, { op: "list", elements: [] })), kinds.integer);
}

function toNumber({ state, first, type, cel, place }: Applied): Value {
  if (type.type !== "number" && type.type !== "text" && type.type !== "unknown")
    return failOutside("only numbers and texts are read as numbers", place);
  return state.language === "javascript" && type.type === "number"
    ? computed(numeric(state, first, place), sure(type).type === "number" ? type : kinds.number)
    : computed(call("double", cel), kinds.number);
}

function toInteger({ state, first, type, cel, place }: Applied): Value {
  if (type.type === "text")
    return computed(onlyIf(call("re", cel, literal("-?(0|[1-9][0-9]*)")), call("int", cel)), kinds.integer);
  return computed(call("int", numeric(state, first, place)), kinds.integer);
}

/** Splits a double into two halves of 26 bits (Veltkamp; Dekker, "A floating-point technique for extending the available precision", 1971). */
const splitter = literal(134_217_729);
/** Below this, a double times the scale has its unit digit. */
const exactBelow = 2 ** 52;

/**
 * The whole number nearest to `x` times the scale, for `x` of at least 0: by the exact value of the double, as ECMA-262 (`toFixed`, the larger of two)
 * and CPython (`round`, the even one) have it. Every difference here is exact, so the sign of `rest` is the true one. Beyond 2^52 it fails.
 */
function scaled(state: State, x: Cel, places: number): Cel {
  const scale = literal(10 ** places);
  const wide = binary("*", x, splitter);
  const high = binary("-", wide, binary("-", wide, x));
  const whole = call("floor", binary("*", x, scale));
  const rest = binary(
    "+",
    binary("-", binary("-", binary("*", high, scale), whole), literal(0.5)),
    binary("*", binary("-", x, high), scale),
  );
  const up = binary("+", whole, literal(1));
  const isEven = binary("==", binary("%", whole, literal(2)), literal(0));
  const nearest =
    state.language === "javascript"
      ? choose(binary("<", rest, literal(0)), whole, up)
      : named(state, rest, (r) =>
          choose(binary(">", r, literal(0)), up, choose(binary("<", r, literal(0)), whole, choose(isEven, whole, up))),
        );
  return onlyIf(binary("<", x, literal(exactBelow / 10 ** places)), nearest);
}

function placesAt(applied: Applied): number {
  const places = literalAt(applied, 1);
  if (typeof places === "number" && Number.isInteger(places) && places >= 0 && places <= 9) return places;
  return failOutside("the number of places is a literal from 0 to 9", applied.place);
}

/** A name for a value within an expression: CEL has no other. */
function named(state: State, cel: Cel, body: (local: Cel) => Cel): Cel {
  const one = mapped(state, { op: "list", elements: [cel] }, body);
  return { op: "index", of: one, index: literal(0) };
}

/** An expression that is written several times: as a node of its own where it does not differ from round to round. */
function once(
  state: State,
  cel: Cel,
  { hint, place, body }: { readonly hint: string; readonly place: Place; readonly body: (cel: Cel) => Cel },
): Cel {
  if (cel.op === "name" || cel.op === "literal") return body(cel);
  return isPerRow(cel) ? named(state, cel, body) : body({ op: "name", name: letOf(state, hint, { cel, place }) });
}

/** `toFixed(n)`, `{x:.nf}`: the digits of the nearest whole number at the scale of the places. */
function fixed(applied: Applied): Value {
  const { state, first, place } = applied;
  const places = placesAt(applied);
  const scale = literal(10 ** places);
  const text = once(state, numeric(state, first, place), {
    hint: "number",
    place,
    body: (x) => {
      const sign = choose(binary("<", x, literal(0)), literal("-"), literal(""));
      const body = (digits: Cel): Cel => {
        if (places === 0) return binary("+", sign, call("string", digits));
        const rest = binary("%", digits, scale);
        const whole = call("string", binary("/", binary("-", digits, rest), scale));
        // 1 before the digits after the point keeps their zeros.
        const fraction = call("substring", call("string", binary("+", scale, rest)), literal(1));
        return binary("+", binary("+", binary("+", sign, whole), literal(".")), fraction);
      };
      const nearest = once(state, call("abs", x), { hint: "size", place, body: (size) => scaled(state, size, places) });
      return once(state, nearest, { hint: "digits", place, body });
    },
  });
  return computed(text, kinds.text);
}

/** Python's `round(x, n)`. */
function roundedTo(applied: Applied): Value {
  const { state, first, place } = applied;
  const places = placesAt(applied);
  const body = (x: Cel): Cel => {
    const size = call("abs", x);
    const nearest = once(state, size, { hint: "size", place, body: (abs) => scaled(state, abs, places) });
    const rounded = binary("/", nearest, literal(10 ** places));
    return once(state, rounded, {
      hint: "rounded",
      place,
      body: (value) => choose(binary("<", x, literal(0)), { op: "negate", of: value }, value),
    });
  };
  return computed(once(state, numeric(state, first, place), { hint: "number", place, body }), kinds.number);
}

/** JS: a half goes up. Python: to the even neighbour. Differences of a double and its floor are exact. */
function round({ state, first, type, place }: Applied): Value {
  const known = sure(type);
  if (known.type === "number" && known.isInteger === true) return first;
  const half = literal(0.5);
  const body = (x: Cel): Cel => {
    const [down, up] = [call("floor", x), call("ceil", x)];
    const rest = binary("-", x, down);
    const isEven = binary("==", binary("%", down, literal(2)), literal(0));
    const even = choose(binary(">", rest, half), up, choose(isEven, down, up));
    return choose(binary("<", rest, half), down, state.language === "python" ? even : up);
  };
  return computed(once(state, numeric(state, first, place), { hint: "number", place, body }), kinds.integer);
}

function ofNumber(name: "floor" | "ceil" | "abs"): Row {
  return ({ state, first, type, place }) =>
    computed(call(name, numeric(state, first, place)), name === "abs" ? type : kinds.integer);
}

function extreme(name: "min" | "max"): Row {
  return ({ state, args, type, cel, place }) => {
    if (args.length > 1) {
      const parts = args.map((arg) => (state.language === "python" ? celOf(state, arg, place) : numeric(state, arg, place)));
      return computed(call(name, ...parts), args.map(typeOf).reduce(joinKinds));
    }
    const element = elementKind(type);
    if (state.language === "python" || sure(element).type === "number") return computed(call(name, cel), element);
    return computed(call(name, numbers(state, cel)), kinds.number);
  };
}

function numbers(state: State, list: Cel): Cel {
  return mapped(state, list, (x) => binary("-", x, literal(0)));
}

function sorted({ state, type, cel }: Applied): Value {
  const isPlain = state.language === "python" || sure(elementKind(type)).type === "number";
  return computed(call("sort", isPlain ? cel : numbers(state, cel)), type.type === "list" ? type : listOf(kinds.unknown));
}

function sortedDown({ state, cel, type }: Applied): Value {
  const negate = (list: Cel): Cel => mapped(state, list, (x) => ({ op: "negate", of: x }));
  return computed(negate(call("sort", negate(cel))), listOf(elementKind(type)));
}

function memberPath(applied: Applied): { readonly text: string; readonly of: (x: Cel) => Cel } {
  const text = literalAt(applied, 1);
  if (typeof text !== "string") return failOutside("rows are sorted by a member", applied.place);
  return { text, of: (x) => text.split(".").reduce(select, x) };
}

function sortedBy(isDown: boolean): Row {
  return (applied) => {
    const { state, cel, type } = applied;
    const path = memberPath(applied);
    const result = listOf(elementKind(type));
    if (!isDown) {
      // In JavaScript only numbers have a difference.
      const isNumber = (x: Cel): Cel => binary("==", binary("-", path.of(x), literal(0)), path.of(x));
      const rows = state.language === "python" ? cel : filtered(state, cel, isNumber);
      return computed(call("sortBy", rows, literal(path.text)), result);
    }
    const keyed = mapped(state, cel, (x) => ({
      op: "object",
      members: [
        ["key", { op: "negate", of: path.of(x) }],
        ["row", x],
      ],
    }));
    return computed(
      mapped(state, call("sortBy", keyed, literal("key")), (x) => select(x, "row")),
      result,
    );
  };
}

function bestBy(name: "minBy" | "maxBy"): Row {
  return (applied) => computed(call(name, applied.cel, literal(memberPath(applied).text)), elementKind(applied.type));
}

function distinct({ state, cel, type }: Applied): Value {
  const isPlain = isScalar(elementKind(type));
  // Only scalars have a text: objects differ from each other even if their members do not.
  const rows = isPlain ? cel : filtered(state, cel, (x) => binary("==", call("string", x), call("string", x)));
  return computed(call("distinct", rows), listOf(elementKind(type)));
}

function concatenated(applied: Applied): Value {
  const { state, args, place } = applied;
  const lists = args.map((arg) => {
    const cel = celOf(state, arg, place);
    return sure(typeOf(arg)).type === "list" ? cel : binary("+", cel, { op: "list", elements: [] });
  });
  const type = args.map(typeOf).reduce(joinKinds);
  return computed(
    lists.reduce((a, b) => binary("+", a, b)),
    type.type === "list" ? type : listOf(kinds.unknown),
  );
}

function joined(applied: Applied): Value {
  const { state, cel, type } = applied;
  const separator = celAtPlace(applied, 1);
  const element = elementKind(type);
  if (sure(element).type === "text") return computed(call("join", cel, separator), kinds.text);
  const asText = (x: Cel): Cel =>
    state.language === "python"
      ? binary("+", x, literal(""))
      : choose(binary("==", x, literal(null)), literal(""), call("string", x));
  return computed(call("join", mapped(state, cel, asText), separator), kinds.text);
}

function split(applied: Applied): Value {
  if (literalAt(applied, 1) === "") return failOutside("a separator is not empty", applied.place);
  return computed(call("split", applied.cel, celAtPlace(applied, 1)), kinds.texts);
}

function replaced(applied: Applied): Value {
  const [from, to] = [literalAt(applied, 1), literalAt(applied, 2)];
  if (from === "") return failOutside("what is replaced is not empty", applied.place);
  if (applied.state.language === "javascript" && String(to).includes("$"))
    return failOutside("`$` has a meaning of its own in a replacement: leave it out", applied.place);
  return computed(call("replace", applied.cel, literal(from), literal(to)), kinds.text);
}

function ofTexts(name: "startsWith" | "endsWith"): Row {
  return (applied) => computed(call(name, applied.cel, celAtPlace(applied, 1)), kinds.boolean);
}

function guarded(name: "lowerAscii" | "upperAscii" | "trim", pattern: string): Row {
  return ({ state, cel, place }) => {
    const body = (text: Cel): Cel => onlyIf(call("re", text, literal(pattern)), call(name, text));
    return computed(once(state, cel, { hint: "text", place, body }), kinds.text);
  };
}

/** `any`, `all`: whether the deciding truth occurs. */
function quantified(isAny: boolean): Row {
  return ({ state, cel, type, place }) => {
    const element = elementKind(type);
    const isKnown = sure(element).type === "boolean";
    const truths = isKnown ? cel : mapped(state, cel, (x) => truthOfAny(state, computed(x, element), place));
    const found = binary("in", literal(isAny), truths);
    return computed(isAny ? found : not(found), kinds.boolean);
  };
}

const table: { readonly [F in FunctionName]: Row } = {
  length,
  // A text has no members to ask for, so that its characters are not counted.
  countMembers: ({ cel }) =>
    computed(choose(binary("in", literal(""), cel), call("size", cel), call("size", cel)), kinds.integer),
  text: ({ first }) => first,
  number: toNumber,
  integer: toInteger,
  fixed,
  round,
  roundTo: roundedTo,
  floor: ofNumber("floor"),
  ceil: ofNumber("ceil"),
  abs: ofNumber("abs"),
  min: extreme("min"),
  max: extreme("max"),
  sum: ({ cel, type }) => computed(call("sum", cel), elementKind(type).type === "number" ? elementKind(type) : kinds.number),
  sort: sorted,
  sortDescending: sortedDown,
  sortBy: sortedBy(false),
  sortByDescending: sortedBy(true),
  minBy: bestBy("minBy"),
  maxBy: bestBy("maxBy"),
  distinct,
  flatten: ({ cel, type }) => computed(call("flatten", cel), listOf(elementKind(elementKind(type)))),
  concat: concatenated,
  join: joined,
  split,
  replace: replaced,
  startsWith: ofTexts("startsWith"),
  endsWith: ofTexts("endsWith"),
  includes: ({ state, first, args, place }) =>
    args[1] === undefined
      ? failOutside("an argument is missing", place)
      : includes(state, { left: first, right: args[1], place }),
  lower: guarded("lowerAscii", ascii),
  upper: guarded("upperAscii", ascii),
  trim: guarded("trim", plainAscii),
  percentEncode: ({ first }) => ({ kind: "encoded", of: first }),
  any: quantified(true),
  all: quantified(false),
};
