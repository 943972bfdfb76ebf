/**
 * What criteria of Arazzo mean to a plan: which status codes they accept, and CEL over inputs and results.
 * Pure. Never says less or more than the criterion: where CEL would judge otherwise, the criterion is refused.
 */
import type { Json } from "../../json/value.ts";
import { compilePattern } from "../../lang/pattern.ts";
import { type Condition, type Operand, parseCondition } from "./condition.ts";
import type { Criterion } from "./schema.ts";
import { type DocumentPath, quoted, unsaid } from "./fault.ts";
import { jsonPathCel } from "./jsonpath-condition.ts";
import { parseRuntime } from "./runtime-expression.ts";
import { lookUp, readAccess, type Scope } from "./scope.ts";
import { celLiteral, celOf, type Term, termAt } from "./term.ts";

/** Criteria that must all hold. */
export interface Meaning {
  /** Whether a response with this status code is accepted. */
  readonly accepts: (code: number) => boolean;
  /** CEL, each of which must be true. */
  readonly cel: readonly string[];
}

/** What a criterion is read with. */
export interface CriterionScope {
  readonly scope: Scope;
  /** The declared JSON type of a parameter, if there is one. */
  readonly typeOf: (param: string) => string | undefined;
}

/** The status codes of a call that was ok, and of one that was not. */
export const okCodes: readonly number[] = Array.from({ length: 100 }, (_, at) => 200 + at);
/** The status codes of a call that failed. */
export const failureCodes: readonly number[] = Array.from({ length: 200 }, (_, at) => 400 + at);

/** What a list of criteria means; an empty list accepts everything. */
export function meaningOf(criteria: readonly Criterion[] | undefined, context: CriterionScope, place: DocumentPath): Meaning {
  const tests: ((code: number) => boolean)[] = [];
  const cel: string[] = [];
  for (const [at, criterion] of (criteria ?? []).entries()) {
    const here = [...place, at];
    const kind = typeof criterion.type === "object" ? criterion.type.type : (criterion.type ?? "simple");
    if (kind === "simple") readSimple(String(criterion.condition), { tests, cel }, { ...context, place: [...here, "condition"] });
    else if (kind === "regex") readRegex(criterion, { tests, cel }, { ...context, place: here });
    else if (kind === "jsonpath" && (typeof criterion.type === "string" || criterion.type?.version === "rfc9535"))
      cel.push(jsonPathCel(String(criterion.condition), baseOf(criterion, { ...context, place: here }), [...here, "condition"]));
    else
      unsaid(
        [...here, "type"],
        `a plan has no conditions of type ${quoted(kind)}: write it as \`simple\`, \`regex\` or \`jsonpath\` (RFC 9535)`,
      );
  }
  return { accepts: (code) => tests.every((test) => test(code)), cel };
}

interface Into {
  readonly tests: ((code: number) => boolean)[];
  readonly cel: string[];
}
type Context = CriterionScope & { readonly place: DocumentPath };

function readSimple(text: string, into: Into, context: Context): void {
  for (const part of conjunctsOf(parseCondition(text, context.place))) {
    const operands = operandsOf(part);
    const status = operands.filter((operand) => operand.kind === "runtime" && operand.text === "$statusCode");
    if (status.length === 0) into.cel.push(conditionCel(part, context));
    else if (operands.every((operand) => operand.kind === "literal" || operand.text === "$statusCode"))
      into.tests.push((code) => evaluate(part, code) === true);
    else
      unsaid(context.place, "a plan knows a status code only as ok or failed: ask for `$statusCode` in a criterion of its own");
  }
}

function conjunctsOf(condition: Condition): readonly Condition[] {
  return condition.kind === "and" ? [...conjunctsOf(condition.left), ...conjunctsOf(condition.right)] : [condition];
}

function operandsOf(condition: Condition): readonly Operand[] {
  switch (condition.kind) {
    case "and":
    case "or":
      return [...operandsOf(condition.left), ...operandsOf(condition.right)];
    case "not":
      return operandsOf(condition.of);
    case "compare":
      return [condition.left, condition.right];
    default:
      return [condition.operand];
  }
}

/** The value of a condition in which every runtime expression is the status code. */
function evaluate(condition: Condition, code: number): Json {
  const value = (operand: Operand): Json => (operand.kind === "literal" ? operand.value : code);
  switch (condition.kind) {
    case "and":
      return evaluate(condition.left, code) === true && evaluate(condition.right, code) === true;
    case "or":
      return evaluate(condition.left, code) === true || evaluate(condition.right, code) === true;
    case "not":
      return evaluate(condition.of, code) !== true;
    case "operand":
      return value(condition.operand);
    default: {
      const [left, right] = [Number(value(condition.left)), Number(value(condition.right))];
      const results = {
        "==": left === right,
        "!=": left !== right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
      };
      return results[condition.operator];
    }
  }
}

function conditionCel(condition: Condition, context: Context): string {
  switch (condition.kind) {
    case "and":
      return `(${conditionCel(condition.left, context)} && ${conditionCel(condition.right, context)})`;
    case "or":
      return `(${conditionCel(condition.left, context)} || ${conditionCel(condition.right, context)})`;
    case "not":
      return negated(conditionCel(condition.of, context));
    case "operand":
      return operandCel(condition.operand, context);
    default:
      return compareCel(condition, context);
  }
}

/** The opposite of an expression. */
export function negated(cel: string): string {
  return /^!\([^()]*\)$/.test(cel) ? cel.slice(2, -1) : `!(${cel})`;
}

function operandCel(operand: Operand, context: Context): string {
  return operand.kind === "literal" ? celLiteral(operand.value) : celOf(termOfOperand(operand.text, context), context.place);
}

/** A runtime expression of a condition. `$response.body.items[0]` is read as the pointer that it stands for. */
function termOfOperand(text: string, { scope, place }: Context): Term {
  const body = /^(\$response\.body|\$request\.body)([.[].*)$/su.exec(text);
  const below = readAccess(body?.[2] ?? "");
  if (body?.[1] !== undefined && below !== undefined) return termAt(lookUp(body[1], scope, place), below, place);
  const expression = parseRuntime(text);
  const isPointer = expression !== undefined && "source" in expression && /[[\]]/.test(text);
  if (isPointer) return unsaid(place, "behind a JSON pointer an index is `/0`, not `[0]`");
  return lookUp(text, scope, place);
}

type TermType = "text" | "other" | undefined;

function typeOfOperand(operand: Operand, context: Context): TermType {
  if (operand.kind === "literal") return typeof operand.value === "string" ? "text" : "other";
  const term = termOfOperand(operand.text, context);
  if (term.kind === "const") return typeof term.value === "string" ? "text" : "other";
  if (term.kind === "object" || term.kind === "list") return "other";
  const type = term.kind === "param" && term.path.length === 0 ? context.typeOf(term.name) : undefined;
  return type === undefined ? undefined : type === "string" ? "text" : "other";
}

/** A comparison. Texts are compared without case (§4.6.11: "String comparisons MUST be case insensitive"), so that it must be known what is text. */
function compareCel(condition: Condition & { readonly kind: "compare" }, context: Context): string {
  const { operator, left, right } = condition;
  const isEquality = operator === "==" || operator === "!=";
  if (isEquality && (isNull(left) || isNull(right))) return nullCel(operator, isNull(left) ? right : left, context);
  const types = [typeOfOperand(left, context), typeOfOperand(right, context)];
  const plain = `${operandCel(left, context)} ${operator} ${operandCel(right, context)}`;
  if (types.includes("other")) return plain;
  if (!isEquality) {
    if (types.includes("text"))
      return unsaid(context.place, "texts are compared with `==` and `!=` only: their order would depend on case");
    return unsaid(context.place, "what is compared here may be text: compare with a number, or declare the type of the input");
  }
  if (types[0] === undefined && types[1] === undefined)
    return unsaid(
      context.place,
      "what is compared here may be text, and Arazzo compares texts without case: compare with a constant, or declare the type of the input",
    );
  const literals = [left, right].filter((operand) => operand.kind === "literal").map((operand) => String(operand.value));
  if (literals.some((text) => /[^\x20-\x7e\s]/.test(text)))
    return unsaid(context.place, "texts are compared without case, which is said here for the letters A to Z only");
  if (literals.some((text) => !/[A-Za-z]/.test(text))) return plain;
  return `${lowered(left, context)} ${operator} ${lowered(right, context)}`;
}

function lowered(operand: Operand, context: Context): string {
  if (operand.kind === "literal") return celLiteral(String(operand.value).toLowerCase());
  return `lowerAscii(${operandCel(operand, context)})`;
}

function isNull(operand: Operand): boolean {
  return operand.kind === "literal" && operand.value === null;
}

/** Comparison with `null`: a member that is not there is null, too. */
function nullCel(operator: "==" | "!=", operand: Operand, context: Context): string {
  const term = operand.kind === "literal" ? undefined : termOfOperand(operand.text, context);
  const cel = operandCel(operand, context);
  const present = term === undefined ? undefined : presenceCel(term, context.place);
  if (present === undefined) return `${cel} ${operator} null`;
  const isThere = `(${present} && ${cel} != null)`;
  return operator === "!=" ? isThere : negated(isThere);
}

/** Whether the last member of a path is there; `undefined` for what is there by itself. */
function presenceCel(term: Term, place: DocumentPath): string | undefined {
  if (term.kind !== "param" && term.kind !== "result") return undefined;
  const last = term.path.at(-1);
  const parent: Term = { ...term, path: term.path.slice(0, -1) };
  return typeof last === "string" ? `${JSON.stringify(last)} in ${celOf(parent, place)}` : undefined;
}

function baseOf(criterion: Criterion, context: Context): string {
  if (criterion.context === undefined)
    return unsaid(context.place, "a condition of this type needs a `context`, as in `$response.body`");
  const place = [...context.place, "context"];
  return celOf(termOfOperand(criterion.context, { ...context, place }), place);
}

function readRegex(criterion: Criterion, into: Into, context: Context): void {
  const place = [...context.place, "condition"];
  // A regular expression of Arazzo may match anywhere in the text; a pattern of ours matches the whole.
  const source = `[\\s\\S]*(?:${String(criterion.condition)})[\\s\\S]*`;
  const pattern = compilePattern(source);
  if (!pattern.ok) unsaid(place, `the regular expression cannot be used: ${pattern.error.message}`);
  else if (criterion.context === "$statusCode") into.tests.push((code) => pattern.value.test(String(code)));
  else into.cel.push(`re(string(${baseOf(criterion, context)}), ${JSON.stringify(source)})`);
}
