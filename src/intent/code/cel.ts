/**
 * Expressions in CEL as a tree, and their text.
 * Pure. Never joins text to text: what a value says cannot become syntax, and parentheses follow from the precedence (cel-spec, "Syntax").
 */
import { isKeyword } from "../../plan/names.ts";

/** An expression that a plan will hold. */
export type Cel =
  | { readonly op: "literal"; readonly value: null | boolean | number | bigint | string }
  /** A node of the plan, or `params`. */
  | { readonly op: "name"; readonly name: string }
  /** The variable of the `clause`-th loop around: what it becomes depends on the rows that the call is made for. */
  | { readonly op: "row"; readonly clause: number }
  /** The result of a call in the same round of a loop. */
  | { readonly op: "run"; readonly name: string }
  /** The variable of a macro. */
  | { readonly op: "local"; readonly name: string }
  | { readonly op: "member"; readonly of: Cel; readonly name: string }
  | { readonly op: "index"; readonly of: Cel; readonly index: Cel }
  | { readonly op: "list"; readonly elements: readonly Cel[] }
  | { readonly op: "object"; readonly members: readonly (readonly [string, Cel])[] }
  | { readonly op: "call"; readonly name: string; readonly args: readonly Cel[] }
  | { readonly op: "binary"; readonly sign: Sign; readonly left: Cel; readonly right: Cel }
  | { readonly op: "not" | "negate"; readonly of: Cel }
  | { readonly op: "if"; readonly test: Cel; readonly yes: Cel; readonly no: Cel }
  | { readonly op: "has"; readonly of: Cel; readonly name: string }
  | { readonly op: "macro"; readonly name: "map" | "filter"; readonly of: Cel; readonly local: string; readonly body: Cel };

/** Operators with two operands. */
export type Sign = "||" | "&&" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "+" | "-" | "*" | "/" | "%";

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Whether CEL can select a member of this name with a dot. */
export function isSelectable(name: string): boolean {
  return identifier.test(name) && !isKeyword(name);
}

/** A literal. */
export function literal(value: null | boolean | number | bigint | string): Cel {
  return { op: "literal", value };
}

/** A call of a function. */
export function call(name: string, ...args: readonly Cel[]): Cel {
  return { op: "call", name, args };
}

/** Two operands. */
export function binary(sign: Sign, left: Cel, right: Cel): Cel {
  return { op: "binary", sign, left, right };
}

const opposites: { readonly [S in Sign]?: Sign } = { "==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">" };

/** Negation; of a negation, what was negated. Numbers of JSON are ordered, so that of two one is less or the other is no more. */
export function not(of: Cel): Cel {
  if (of.op === "not") return of.of;
  const opposite = of.op === "binary" ? opposites[of.sign] : undefined;
  if (of.op === "binary" && opposite !== undefined) return { ...of, sign: opposite };
  if (of.op === "literal" && typeof of.value === "boolean") return literal(!of.value);
  return { op: "not", of };
}

/** A choice between two. */
export function choose(test: Cel, yes: Cel, no: Cel): Cel {
  if (test.op === "literal" && typeof test.value === "boolean") return test.value ? yes : no;
  return { op: "if", test, yes, no };
}

/** What fails whenever it is evaluated, so that whoever needs it is denied. */
export const failing: Cel = { op: "index", of: { op: "list", elements: [] }, index: { op: "literal", value: 0 } };

/** A member by its name. */
export function select(of: Cel, name: string): Cel {
  return { op: "member", of, name };
}

/**
 * Both, the right one only where the left one holds. CEL's `&&` also says false where the left one fails, which no programming language
 * does, so it is used only where the left one cannot fail.
 */
export function both(left: Cel, right: Cel): Cel {
  if (left.op === "literal") return left.value === true ? right : left;
  if (right.op === "literal" && right.value === true) return left;
  return isTotal(left) ? binary("&&", left, right) : choose(left, right, literal(false));
}

/** One of both, the right one only where the left one does not hold. */
export function either(left: Cel, right: Cel): Cel {
  if (left.op === "literal") return left.value === false ? right : left;
  return isTotal(left) ? binary("||", left, right) : choose(left, literal(true), right);
}

/** Both, where the right one fails whenever the left one does: then `&&` says what every language says. */
export function bothAlike(left: Cel, right: Cel): Cel {
  if (left.op === "literal") return left.value === true ? right : left;
  return binary("&&", left, right);
}

/** Whether evaluating cannot fail, whatever the data: equality of parameters, rows and literals, and what logic makes of it. */
export function isTotal(cel: Cel): boolean {
  switch (cel.op) {
    case "literal":
    case "row":
    case "local":
      return true;
    case "member":
      return cel.of.op === "name" && cel.of.name === "params";
    case "list":
      return cel.elements.every(isTotal);
    case "not":
      return isTotal(cel.of) && isBoolean(cel.of);
    case "binary":
      if (cel.sign === "==" || cel.sign === "!=") return isTotal(cel.left) && isTotal(cel.right);
      if (cel.sign === "in") return isTotal(cel.left) && cel.right.op === "list" && isTotal(cel.right);
      return (cel.sign === "&&" || cel.sign === "||") && [cel.left, cel.right].every((side) => isTotal(side) && isBoolean(side));
    default:
      return false;
  }
}

/** Whether the value is true or false, where there is one. */
export function isBoolean(cel: Cel): boolean {
  switch (cel.op) {
    case "literal":
      return typeof cel.value === "boolean";
    case "not":
    case "has":
      return true;
    case "if":
      return isBoolean(cel.yes) && isBoolean(cel.no);
    case "binary":
      return !["+", "-", "*", "/", "%"].includes(cel.sign);
    default:
      return cel.op === "call" && ["startsWith", "endsWith", "contains", "re"].includes(cel.name);
  }
}

/** The parts that an expression is directly made of. */
export function partsOf(cel: Cel): readonly Cel[] {
  switch (cel.op) {
    case "member":
    case "has":
    case "not":
    case "negate":
      return [cel.of];
    case "index":
      return [cel.of, cel.index];
    case "list":
      return cel.elements;
    case "object":
      return cel.members.map(([, value]) => value);
    case "call":
      return cel.args;
    case "binary":
      return [cel.left, cel.right];
    case "if":
      return [cel.test, cel.yes, cel.no];
    case "macro":
      return [cel.of, cel.body];
    default:
      return [];
  }
}

/** Whether a test holds for an expression or a part of it. */
export function anyPart(cel: Cel, test: (part: Cel) => boolean): boolean {
  return test(cel) || partsOf(cel).some((part) => anyPart(part, test));
}

/** An expression and all that it is made of. */
export function leavesOf(cel: Cel): readonly Cel[] {
  return [cel, ...partsOf(cel).flatMap(leavesOf)];
}

/** The expression with some leaves replaced: those for which `change` gives something. */
export function replaceLeaves(cel: Cel, change: (leaf: Cel) => Cel | undefined): Cel {
  const changed = change(cel);
  if (changed !== undefined) return changed;
  const inner = (part: Cel): Cel => replaceLeaves(part, change);
  switch (cel.op) {
    case "member":
    case "has":
    case "not":
    case "negate":
      return { ...cel, of: inner(cel.of) };
    case "index":
      return { ...cel, of: inner(cel.of), index: inner(cel.index) };
    case "list":
      return { ...cel, elements: cel.elements.map(inner) };
    case "object":
      return { ...cel, members: cel.members.map(([name, value]) => [name, inner(value)] as const) };
    case "call":
      return { ...cel, args: cel.args.map(inner) };
    case "binary":
      return { ...cel, left: inner(cel.left), right: inner(cel.right) };
    case "if":
      return { ...cel, test: inner(cel.test), yes: inner(cel.yes), no: inner(cel.no) };
    case "macro":
      return { ...cel, of: inner(cel.of), body: inner(cel.body) };
    default:
      return cel;
  }
}

/** Precedence (cel-spec, "Operators and precedence"): the higher binds the tighter. */
const levels: { readonly [S in Sign]: number } = {
  "||": 2,
  "&&": 3,
  "==": 4,
  "!=": 4,
  "<": 4,
  "<=": 4,
  ">": 4,
  ">=": 4,
  in: 4,
  "+": 5,
  "-": 5,
  "*": 6,
  "/": 6,
  "%": 6,
};
const ifLevel = 1;
const unaryLevel = 7;
const primaryLevel = 8;

function levelOf(cel: Cel): number {
  if (cel.op === "if") return ifLevel;
  if (cel.op === "binary") return levels[cel.sign];
  if (cel.op === "not" || cel.op === "negate") return unaryLevel;
  if (cel.op === "has" && !isSelectable(cel.name)) return levels.in;
  const isNegative = cel.op === "literal" && (typeof cel.value === "number" || typeof cel.value === "bigint") && cel.value < 0;
  return isNegative ? unaryLevel : primaryLevel;
}

/** The text of an expression. */
export function printCel(cel: Cel, least = 0): string {
  const text = printBare(cel);
  return levelOf(cel) < least ? `(${text})` : text;
}

function printBare(cel: Cel): string {
  switch (cel.op) {
    case "literal":
      return typeof cel.value === "string" ? JSON.stringify(cel.value) : String(cel.value);
    case "name":
    case "local":
    case "run":
      return cel.name;
    case "row":
      return "item";
    case "member":
      return isSelectable(cel.name)
        ? `${printCel(cel.of, primaryLevel)}.${cel.name}`
        : `${printCel(cel.of, primaryLevel)}[${JSON.stringify(cel.name)}]`;
    case "index":
      return `${printCel(cel.of, primaryLevel)}[${printCel(cel.index)}]`;
    case "list":
      return `[${cel.elements.map((element) => printCel(element)).join(", ")}]`;
    case "object":
      return `{${cel.members.map(([name, value]) => `${JSON.stringify(name)}: ${printCel(value)}`).join(", ")}}`;
    case "call":
      return `${cel.name}(${cel.args.map((arg) => printCel(arg)).join(", ")})`;
    case "binary": {
      const level = levels[cel.sign];
      // Comparisons chain to the left in CEL, and mean something else then.
      const left = printCel(cel.left, level === 4 ? 5 : level);
      return `${left} ${cel.sign} ${printCel(cel.right, level + 1)}`;
    }
    case "not":
      return `!${printCel(cel.of, primaryLevel)}`;
    case "negate":
      return `-${printCel(cel.of, primaryLevel)}`;
    case "if":
      return `${printCel(cel.test, 2)} ? ${printCel(cel.yes, 2)} : ${printCel(cel.no, 1)}`;
    case "has":
      return isSelectable(cel.name)
        ? `has(${printCel(cel.of, primaryLevel)}.${cel.name})`
        : `${JSON.stringify(cel.name)} in ${printCel(cel.of, 5)}`;
    case "macro":
      return `${printCel(cel.of, primaryLevel)}.${cel.name}(${cel.local}, ${printCel(cel.body)})`;
  }
}
