/**
 * What a code plan says, in one small tree for every programming language: statements and expressions with exactly one meaning each.
 * Pure. Types only. Never says more than a plan can say: what has no node here is refused by the front end, with its place.
 *
 * A front end (`javascript/`, `../python/`) maps its syntax onto these nodes; `compile.ts` makes an `Intent` of them. Where the languages
 * disagree (what is true, how a number is written as text, what `+` joins), the node means what `Program.language` means by it, and the
 * compiler either says exactly that in CEL, or makes an expression that fails where the two would differ (a denial at run time), or refuses.
 */
import type { ParamSpec } from "../../plan/plan.ts";
import type { Place } from "../intent.ts";

/** Languages whose meaning the compiler knows. */
export type Language = "javascript" | "python";

/** A whole code plan. */
export interface Program {
  readonly language: Language;
  /** Inputs: parameters of the one function that wraps the plan (`async function plan(city: string)`, `def plan(city: str)`). */
  readonly params: readonly Parameter[];
  readonly body: readonly Statement[];
  /** What was dropped or read with tolerance (imports of types, logging): becomes findings. */
  readonly notes: readonly Note[];
}

/** Something that a person must know of what was read. */
export interface Note {
  readonly code: "IMPORT_CODE_DROPPED";
  readonly message: string;
  readonly place: Place;
}

/** An input of the plan. */
export interface Parameter {
  readonly name: string;
  /** As annotated (`string`, `str`, `number`, `int`, `boolean`, `string[]`, …); `{}` where nothing is said. */
  readonly spec: ParamSpec;
  /** A literal (or list or object of literals). */
  readonly default?: Expression;
  readonly place: Place;
}

/** What a value is bound to: a name, the elements of a list (JS `[a, b]`, Python `a, b`), or members (JS `{ a, b: c }` only). */
export type Target =
  | { readonly kind: "name"; readonly name: string; readonly place: Place }
  /** `undefined` where an element is skipped. JS takes the first ones of a longer list, Python wants exactly as many. */
  | { readonly kind: "elements"; readonly targets: readonly (Target | undefined)[]; readonly place: Place }
  | {
      readonly kind: "members";
      readonly members: readonly { readonly name: string; readonly target: Target }[];
      readonly place: Place;
    };

/** A statement. */
export type Statement =
  /**
   * JS `const x = e`, `let x = e`, `x = e`; Python `x = e`, `x: T = e`. A second assignment makes a new version of the name. Augmented
   * assignment is written out by the front end (`x += e` is `x = x + e`, with the operator of the language).
   */
  | { readonly kind: "assign"; readonly target: Target; readonly value: Expression; readonly place: Place }
  /**
   * JS `xs.push(e)`, Python `xs.append(e)` as a statement: the list of the name with one element more. The compiler refuses it where another
   * name may hold the same list.
   */
  | { readonly kind: "append"; readonly name: string; readonly value: Expression; readonly place: Place }
  /** An expression for its calls. Arguments of dropped calls (`console.log(e)`, `print(e)`) come as `list` in here, so that calls in them count. */
  | { readonly kind: "expression"; readonly value: Expression; readonly place: Place }
  /** `else if`/`elif` is an `if` alone in `no`. */
  | {
      readonly kind: "if";
      readonly test: Expression;
      readonly yes: readonly Statement[];
      readonly no: readonly Statement[];
      readonly place: Place;
    }
  /** JS `for (const x of e)`, Python `for x in e`. No `break`, no `continue`: the front end refuses them (a leading `if (c) continue` may become an `if`). */
  | {
      readonly kind: "for";
      readonly target: Target;
      readonly of: Expression;
      readonly body: readonly Statement[];
      /** JS `Promise.all(xs.map(async (x) => { … }))`: the rounds are in no order among themselves. */
      readonly isTogether?: boolean;
      readonly place: Place;
    }
  /** The end. Anywhere but in a loop; what comes after it in the same block is refused. The value counts for its calls only. */
  | { readonly kind: "return"; readonly value?: Expression; readonly place: Place };

/** Two operands that are both evaluated, left to right. */
export type BinaryOperator =
  /** JS `+`, Python `+`: numbers add, texts join, lists join (Python only); the compiler refuses other mixtures. */
  | "+"
  | "-"
  | "*"
  /** JS `/`, Python `/`: quotient of doubles. By zero: JS has infinities, Python an exception, here a denial. */
  | "/"
  /** JS `%`: sign of the dividend. */
  | "remainder"
  /** Python `%` on numbers: sign of the divisor. */
  | "modulo"
  /** Python `//`. */
  | "floorDivide"
  /** JS `===` and Python `==`; JS `==` only where both sides surely have one type or one side is `null`. Lists and objects: structural (Python), refused (JS). */
  | "=="
  | "!="
  /** Numbers or texts; the compiler refuses or denies other operands. A Python chain `a < b < c` is `and` of two. */
  | "<"
  | "<="
  | ">"
  | ">="
  /** Python `x in xs`: an element of a list, a part of a text, a key of a dict. JS `"k" in obj`: a member of an object. `not in` is `not` of it. */
  | "in";

/**
 * The closed list of functions and methods. The first argument is the receiver of a method. Meaning as in the language where only one has
 * it, else as said here.
 */
export type FunctionName =
  /** JS `x.length`, Python `len(x)`: elements of a list; code points (Python) or UTF-16 units (JS) of a text; Python: members of a dict. */
  | "length"
  /** JS `Object.keys(o).length`. */
  | "countMembers"
  /** JS `String(x)`, `x.toString()`, a hole of a template; Python `str(x)`, a hole of an f-string without a format. */
  | "text"
  /** JS `Number(x)`, `parseFloat(x)`; Python `float(x)`. */
  | "number"
  /** JS `Math.trunc(x)`; Python `int(x)` (of a number, or of a text of digits). JS `parseInt(x, 10)` of a text. */
  | "integer"
  /** JS `x.toFixed(n)`, Python `f"{x:.nf}"`: (x, n); n is a literal. */
  | "fixed"
  /** JS `Math.round(x)` (a half goes up), Python `round(x)` (a half goes to the even one). */
  | "round"
  /** Python `round(x, n)`: (x, n); n is a literal. Fails where x has more than n decimals and ends in a half. */
  | "roundTo"
  | "floor"
  | "ceil"
  | "abs"
  /** Two or more arguments, or one list (JS `Math.min(...xs)`, Python `min(xs)`). JS: numbers only. */
  | "min"
  | "max"
  /** Python `sum(xs)`; JS `xs.reduce((a, b) => a + b, 0)`. */
  | "sum"
  /** Python `sorted(xs)` (numbers, or texts by code point); JS `xs.toSorted((a, b) => a - b)` (numbers). */
  | "sort"
  /** As `sort`, from the greatest: Python `sorted(xs, reverse=True)`, JS `(a, b) => b - a`. */
  | "sortDescending"
  /** (xs, "member path" as a literal): Python `sorted(xs, key=lambda x: x.a)`, JS `(a, b) => a.p - b.p`. Stable. */
  | "sortBy"
  | "sortByDescending"
  /** (xs, "member path"): Python `min(xs, key=lambda x: x.a)`; the first of equals. */
  | "minBy"
  | "maxBy"
  /** JS `[...new Set(xs)]` of scalars. */
  | "distinct"
  /** JS `xs.flat()`, `.flatMap(x => …)` around a `comprehension`. */
  | "flatten"
  /** JS `xs.concat(ys)`, `[...xs, ...ys]`: lists, one after the other. Python uses `+`. */
  | "concat"
  /** (list, separator): JS `xs.join(", ")`, Python `", ".join(xs)`. */
  | "join"
  /** (text, separator). */
  | "split"
  /** (text, from, to): JS `replaceAll`, Python `replace`; every occurrence. */
  | "replace"
  | "startsWith"
  | "endsWith"
  /** (container, element): JS `x.includes(y)` of a text or a list. Python uses `in`. */
  | "includes"
  | "lower"
  | "upper"
  /** JS `trim`, Python `strip()`. */
  | "trim"
  /** JS `encodeURIComponent(x)`, Python `quote(x, safe="")`: inside the template of a URL only. */
  | "percentEncode"
  /** (xs): JS `Array.isArray`-free tests of emptiness are written with `length`. Python `any(xs)`, `all(xs)` of booleans; JS `some`, `every` around a `comprehension`. */
  | "any"
  | "all";

/** One `for` of a comprehension, with its tests: JS `xs.filter(x => t)`, Python `for x in xs if t`. */
export interface Clause {
  readonly target: Target;
  readonly of: Expression;
  /** All must hold, in this order. */
  readonly tests: readonly Expression[];
}

/** A part of a template: text as it stands, or a value. A value with a format comes as `apply` (`fixed`, …); without, it is written as `text` writes it. */
export type TemplatePart = string | Expression;

/** An expression. JS `await e` and Python `await e` are `e`. */
export type Expression = { readonly place: Place } /** Integers beyond 2^53 are `bigint` (exact). No `undefined`, no NaN. */ & (
  | { readonly kind: "literal"; readonly value: null | boolean | number | bigint | string }
  | { readonly kind: "list"; readonly elements: readonly Expression[] }
  /** Names are literals, each once. JS spread of an object literal is written out. */
  | { readonly kind: "object"; readonly members: readonly { readonly name: string; readonly value: Expression }[] }
  | { readonly kind: "name"; readonly name: string }
  /** JS `a.b`, `a["b"]`; Python `a.b`, `a["b"]`. Missing: a denial. `isOptional`: JS `a?.b`, which has no value where `a` has none. */
  | { readonly kind: "member"; readonly of: Expression; readonly name: string; readonly isOptional?: boolean }
  /** An element by place, or a member by a computed name. A literal below zero counts from the end (Python `xs[-1]`, JS `xs.at(-1)`). */
  | { readonly kind: "index"; readonly of: Expression; readonly index: Expression }
  /** JS `xs.slice(a, b)`, Python `xs[a:b]`; literal integers, below zero from the end. */
  | { readonly kind: "slice"; readonly of: Expression; readonly from?: number; readonly to?: number }
  /** JS `a ?? b` (`isNullToo`), Python `a.get("k", b)` with `of` the member `k` of `a`. */
  | { readonly kind: "otherwise"; readonly of: Expression; readonly else: Expression; readonly isNullToo: boolean }
  /** JS `a.b === undefined` (under `not`: `!== undefined`), Python `"k" not in a`: whether a member is not there. */
  | { readonly kind: "isMissing"; readonly of: Expression; readonly isNullToo: boolean }
  /** A call of a tool: `tools.mail.send({ to })` has the callee `["tools", "mail", "send"]`; `callTool("mail/send", …)` has `["mail/send"]`. */
  | ToolCall
  | { readonly kind: "apply"; readonly function: FunctionName; readonly args: readonly Expression[] }
  /** JS `!x`, Python `not x`: of the truth of x in the language. */
  | { readonly kind: "not"; readonly of: Expression }
  | { readonly kind: "negate"; readonly of: Expression }
  | { readonly kind: "binary"; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression }
  /** The right one is evaluated only where the left one asks for it. Values of booleans only; other values are refused where they are known, else denied. */
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "conditional"; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly kind: "template"; readonly parts: readonly TemplatePart[] }
  /**
   * Python `[e for x in xs if t]`, JS `xs.filter(x => t).map(x => e)`: a list. With several clauses the later ones are inside. A call in `element`
   * is one run for each element, in order unless the whole is `together`.
   */
  | { readonly kind: "comprehension"; readonly clauses: readonly Clause[]; readonly element: Expression }
  /** The first element for which the tests hold: JS `xs.find(x => t)`, Python `next(x for x in xs if t)`. None: a denial. */
  | { readonly kind: "find"; readonly clause: Clause }
  /** JS `Promise.all(e)`, Python `asyncio.gather(…)`: the value of `of`, and the calls in it are in no order among themselves. */
  | { readonly kind: "together"; readonly of: Expression }
);

/** A call of a tool. Arguments are evaluated from left to right, then the call is made. */
export interface ToolCall {
  readonly kind: "call";
  /** Each one is a name of an identifier, or a whole tool name out of a literal. */
  readonly callee: readonly string[];
  /** By place (Python `f(a, b)`, JS `f(a, b)` where it is not one object): named later by the order of the tool's properties. */
  readonly positional: readonly Expression[];
  readonly named: readonly { readonly name: string; readonly value: Expression }[];
  readonly place: Place;
}
