/**
 * Operators: what is true, what is equal, what adds, in the language of the code.
 * Pure. Never gives a value where the language would give another one: the expression fails, and the call is denied.
 */
import type { Json } from "../../json/value.ts";
import type { Place } from "../intent.ts";
import { binary, both, call, type Cel, choose, either, failing, literal, not, type Sign } from "./cel.ts";
import { bare, celOf } from "./emit.ts";
import { failOutside } from "./fault.ts";
import { isScalar, type Kind, kinds, listOf, joinKinds, elementKind, sure } from "./kind.ts";
import type { BinaryOperator } from "./program.ts";
import type { State } from "./state.ts";
import { textValue } from "./templates.ts";
import { computed, typeOf, type Value } from "./value.ts";

/** Values that are false in every language that is read, and, in Python, what is empty. */
const falsy: readonly Cel[] = [literal(false), literal(0), literal(""), literal(null)];
const empty: readonly Cel[] = [
  { op: "list", elements: [] },
  { op: "object", members: [] },
];

/** Whether a value is true in the language: of numbers all but 0, of texts all but the empty one, and so on. */
export function truthOf(state: State, value: Value, place: Place): Cel {
  const isPython = state.language === "python";
  if (value.kind === "const" && typeof value.value !== "object") return literal(Boolean(value.value));
  const type = typeOf(value);
  const inner = bare(value);
  if (inner.kind === "computed" && inner.there !== undefined) {
    const { there, ...rest } = inner;
    const isTrue = sure(type).type === "object" || sure(type).type === "list";
    return isTrue ? there : both(there, truthOfAny(state, rest, place));
  }
  const cel = celOf(state, value, place);
  // What is no boolean fails wherever one is asked for.
  const isPromised = type.isPromised === true && (type.type === "number" || type.type === "text" || type.type === "null");
  if (isPromised) return truthOfAny(state, value, place);
  switch (type.type) {
    case "boolean":
      return cel;
    case "number":
      return binary("!=", cel, literal(0));
    case "text":
      return binary("!=", cel, literal(""));
    case "null":
      return literal(false);
    case "list":
      return isPython
        ? binary("!=", call("size", cel), literal(0))
        : failOutside("a list is always true here: ask for its `length`", place);
    case "object":
      return isPython
        ? binary("!=", call("size", cel), literal(0))
        : failOutside("an object is always true here: ask for a member", place);
    default:
      return truthOfAny(state, value, place);
  }
}

/** As `truthOf`, for a value of whatever type; what the language surely knows is shorter. */
export function truthOfAny(state: State, value: Value, place: Place): Cel {
  const type = typeOf(value);
  if (type.type !== "unknown" && type.isPromised !== true) return truthOf(state, value, place);
  const elements = state.language === "python" ? [...falsy, ...empty] : falsy;
  return not(binary("in", celOf(state, value, place), { op: "list", elements }));
}

/** Two operands. */
export interface Operands {
  readonly left: Value;
  readonly right: Value;
  readonly place: Place;
}

/** The value of an operation. */
export function operate(state: State, operator: BinaryOperator, operands: Operands): Value {
  switch (operator) {
    case "+":
      return add(state, operands);
    case "-":
    case "*":
      return arithmetic(state, operator, operands);
    case "/":
      return computed(binary("/", ...numbersOf(state, operands)), kinds.number);
    case "remainder":
      return arithmetic(state, "%", operands);
    case "modulo":
      return modulo(state, operands);
    case "floorDivide":
      return floorDivide(state, operands);
    case "==":
      return computed(equal(state, operands), kinds.boolean);
    case "!=":
      return computed(not(equal(state, operands)), kinds.boolean);
    case "in":
      return computed(isIn(state, operands), kinds.boolean);
    default:
      return computed(ordered(state, operator, operands), kinds.boolean);
  }
}

/** The operands as numbers; what is surely something else is refused. */
function numbersOf(state: State, { left, right, place }: Operands): readonly [Cel, Cel] {
  for (const side of [left, right]) {
    const { type } = typeOf(side);
    if (type !== "number" && type !== "unknown")
      failOutside(`this computes with ${named(type)}: only numbers are counted with`, place);
  }
  return [celOf(state, left, place), celOf(state, right, place)];
}

function named(type: Kind["type"]): string {
  return type === "object" ? "an object" : type === "null" ? "null" : `a ${type}`;
}

function areIntegers({ left, right }: Operands): boolean {
  return [left, right].every((side) => {
    const type = typeOf(side);
    return type.type === "number" && type.isInteger === true;
  });
}

function arithmetic(state: State, sign: Sign, operands: Operands): Value {
  return computed(binary(sign, ...numbersOf(state, operands)), resultOf(operands));
}

/** Whole numbers make a whole one; promised ones a promised one. */
function resultOf(operands: Operands): Kind {
  if (!areIntegers(operands)) return kinds.number;
  const isPromised = [operands.left, operands.right].some((side) => typeOf(side).isPromised === true);
  return isPromised ? { ...kinds.integer, isPromised } : kinds.integer;
}

function add(state: State, operands: Operands): Value {
  const { left, right, place } = operands;
  const [a, b] = [typeOf(left), typeOf(right)];
  if (a.type === "text" || b.type === "text") {
    if (state.language === "python") return textValue([left, right].map((side) => pythonTextOnly(state, side, place)));
    if ([a, b].some((type) => sure(type).type === "text")) return textValue([left, right]);
    // A text that may be none is made to be one: two numbers would add.
    const isLeft = a.type === "text";
    const asked = computed(binary("+", celOf(state, isLeft ? left : right, place), literal("")), kinds.text);
    return textValue(isLeft ? [asked, right] : [left, asked]);
  }
  if (state.language === "python" && (a.type === "list" || b.type === "list")) {
    const type = listOf(a.type === b.type ? joinKinds(elementKind(a), elementKind(b)) : kinds.unknown);
    return computed(binary("+", celOf(state, left, place), celOf(state, right, place)), type);
  }
  const [x, y] = numbersOf(state, operands);
  if (sure(a).type === "number" || sure(b).type === "number") return arithmetic(state, "+", operands);
  const isNumber = a.type === "number" && b.type === "number";
  // Two values of which nothing is known: JavaScript would write lists as text, and `sum` takes numbers only.
  if (state.language === "javascript") return computed(call("sum", { op: "list", elements: [x, y] }), kinds.number);
  return computed(binary("+", x, y), isNumber ? { ...resultOf(operands), isPromised: true } : kinds.unknown);
}

/** Python joins texts to texts only. */
function pythonTextOnly(state: State, value: Value, place: Place): Value {
  const { type, isPromised } = typeOf(value);
  if (type === "text" && isPromised !== true) return value;
  if (type !== "unknown" && type !== "text") return failOutside(`this joins a text and ${named(type)}: use an f-string`, place);
  return computed(binary("+", celOf(state, value, place), literal("")), kinds.text);
}

function modulo(state: State, operands: Operands): Value {
  const [a, b] = numbersOf(state, operands);
  return computed(moduloCel(a, b), resultOf(operands));
}

/** Python's `%`: the remainder has the sign of the divisor (Language Reference §6.7). */
function moduloCel(a: Cel, b: Cel): Cel {
  const rest = binary("%", a, b);
  const isLess = binary("<", rest, literal(0));
  const isOther =
    b.op === "literal" && typeof b.value === "number" && b.value > 0
      ? isLess
      : both(binary("!=", rest, literal(0)), binary("!=", isLess, binary("<", b, literal(0))));
  return choose(isOther, binary("+", rest, b), rest);
}

/** Python's `//`: what is left after the remainder divides evenly, so that nothing is rounded. */
function floorDivide(state: State, operands: Operands): Value {
  const [a, b] = numbersOf(state, operands);
  const quotient = binary("/", binary("-", a, moduloCel(a, b)), b);
  const type = resultOf(operands);
  return computed(sure(type) === kinds.integer ? quotient : call("round", quotient), type);
}

function equal(state: State, { left, right, place }: Operands): Cel {
  const [a, b] = [typeOf(left), typeOf(right)];
  const [x, y] = [celOf(state, left, place), celOf(state, right, place)];
  const same = binary("==", x, y);
  if (state.language === "python") return pythonSame({ left, right, place }, [x, y]);
  if (isScalar(a) || isScalar(b)) return same;
  if ([a, b].some(({ type }) => type === "list" || type === "object"))
    return failOutside("two lists or objects are equal only if they are one and the same: compare their members", place);
  // Only scalars have a text, so that lists and objects, which are equal to nothing else, are denied.
  return both(same, binary("==", call("string", x), call("string", y)));
}

function isBit(value: Value): boolean {
  return value.kind === "const" && typeof value.value !== "object" && bitsIn(value.value);
}

/** Python's `True` is 1 and `False` is 0, within lists and dicts too. */
function pythonSame({ left, right, place }: Operands, [x, y]: readonly [Cel, Cel]): Cel {
  const same = binary("==", x, y);
  const [a, b] = [typeOf(left), typeOf(right)];
  if ([a.type, b.type].includes("boolean") && [a.type, b.type].includes("number"))
    return failOutside("a boolean that is compared with a number: say which is meant", place);
  const [loose, other] = isBit(bare(left)) ? [bare(left), y] : [bare(right), x];
  if (loose.kind === "const" && isBit(loose)) {
    if (isScalar(loose === bare(left) ? b : a)) return same;
    const bit = loose.value === true || loose.value === 1;
    return binary("in", other, { op: "list", elements: [literal(bit), literal(bit ? 1 : 0)] });
  }
  const isPlain = [left, right].some((side) => sure(typeOf(side)).type === "text" || isWithoutBits(bare(side)));
  if (isPlain || (isScalar(a) && isScalar(b))) return same;
  const bits: Cel = { op: "list", elements: bitPairs };
  // Only scalars have a text: lists and dicts that are not the same may be equal in Python, and are denied.
  const isOther = binary("!=", call("string", x), call("string", y));
  return choose(same, literal(true), both(isOther, binary("in", { op: "list", elements: [x, y] }, bits)));
}

const bitPairs: readonly Cel[] = (
  [
    [true, 1],
    [1, true],
    [false, 0],
    [0, false],
  ] as const
).map(([a, b]) => ({
  op: "list",
  elements: [literal(a), literal(b)],
}));

/** Whether a value is written out and has no 0, 1, `True` or `False` in it. */
function isWithoutBits(value: Value): boolean {
  return value.kind === "const" && !bitsIn(value.value);
}

function bitsIn(value: Json): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).some(bitsIn);
  return value === true || value === false || value === 0 || value === 1;
}

function ordered(state: State, sign: "<" | "<=" | ">" | ">=", { left, right, place }: Operands): Cel {
  const types = [typeOf(left).type, typeOf(right).type];
  const wrong = types.find((type) => type !== "number" && type !== "text" && type !== "unknown");
  if (wrong !== undefined) return failOutside(`${named(wrong)} has no order here: compare numbers or texts`, place);
  if (types.includes("number") && types.includes("text"))
    return failOutside("a number and a text have no order: convert one of them", place);
  const [x, y] = [celOf(state, left, place), celOf(state, right, place)];
  const isPlain = state.language === "python" || types.includes("number") || [left, right].some(isLow);
  if (isPlain) return binary(sign, x, y);
  // JavaScript orders texts by UTF-16 units, which is another order than that of characters where one is outside the basic plane.
  const areBasic = [x, y].map((side) => call("re", call("string", side), literal(basicPlane))).reduce(both);
  return onlyIf(areBasic, binary(sign, x, y));
}

/** Texts in which every UTF-16 unit is a character. */
export const basicPlane = "[^\\x{10000}-\\x{10ffff}]*";

/** Whether a value is a text whose characters come before all others in every order of UTF-16 and Unicode alike. */
function isLow(side: Value): boolean {
  const value = bare(side);
  return value.kind === "const" && typeof value.value === "string" && /^[^\ud800-\uffff]*$/.test(value.value);
}

function isIn(state: State, { left, right, place }: Operands): Cel {
  const [element, container] = [typeOf(left), typeOf(right)];
  const x = celOf(state, left, place);
  if (state.language === "javascript") {
    const name = bare(left);
    if (name.kind !== "const" || typeof name.value !== "string" || container.type === "list")
      return failOutside("`in` asks for a member of an object by a literal name; of a list, use `includes`", place);
    return { op: "has", of: celOf(state, right, place), name: name.value };
  }
  const xs = celOf(state, right, place);
  if (container.type === "text") {
    if (element.type !== "text" && element.type !== "unknown") return failOutside("only a text is in a text", place);
    return call("contains", xs, x);
  }
  if (container.type === "number" || container.type === "boolean" || container.type === "null")
    return failOutside(`nothing is in ${named(container.type)}`, place);
  return binary("in", x, xs);
}

/** What JS `xs.includes(x)` says of a list or a text that is known to be one. */
export function includes(state: State, { left: container, right: element, place }: Operands): Value {
  const [type, inner] = [typeOf(container), typeOf(element)];
  const [xs, x] = [celOf(state, container, place), celOf(state, element, place)];
  if (type.type === "text") return computed(call("contains", xs, x), kinds.boolean);
  if (type.type !== "list" && (type.type !== "unknown" || inner.type === "unknown" || inner.type === "text"))
    return failOutside(
      "whether this is a list or a text is not known: write `String(x).includes(y)` of a text, `xs.some(x => x === y)` of a list",
      place,
    );
  const found = binary("in", x, xs);
  return computed(isScalar(inner) ? found : both(found, binary("==", call("string", x), call("string", x))), kinds.boolean);
}

/** A value of the language's `and` (`or`): the left one if it decides, else the right one. */
export function logical(state: State, isOr: boolean, { left, right, test, place }: Operands & { readonly test: Cel }): Value {
  const [a, b] = [typeOf(left), typeOf(right)];
  const [x, y] = [celOf(state, left, place), celOf(state, right, place)];
  if (sure(a).type === "boolean" && sure(b).type === "boolean") return computed(isOr ? either(x, y) : both(x, y), kinds.boolean);
  return computed(isOr ? choose(test, x, y) : choose(test, y, x), joinKinds(a, b));
}

/** A number, or a failure: JavaScript would read a text as one. */
export function numeric(state: State, value: Value, place: Place): Cel {
  const { type, isPromised } = typeOf(value);
  if (type !== "number" && type !== "unknown") return failOutside(`${named(type)} is no number`, place);
  const cel = celOf(state, value, place);
  return type === "number" && isPromised !== true ? cel : binary("-", cel, literal(0));
}

/** A value if a condition holds, else a failure. */
export function onlyIf(test: Cel, value: Cel): Cel {
  return choose(test, value, failing);
}
