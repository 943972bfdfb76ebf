/**
 * Rules about commands and statements: put together from texts, or wider than they look.
 * Pure. Reads SQL by its first words only: what a statement does is for the constraint at run time.
 */
import { roleOf } from "../../../catalogue/roles.ts";
import { isArray, type Json, member } from "../../../json/value.ts";
import { functionArities } from "../../../lang/expression/functions.ts";
import { type Node, parseExpression } from "../../../lang/expression/syntax.ts";
import type { Finding } from "../../finding.ts";
import type { Effect } from "../../plan.ts";
import { classify, rulesOf, type VisitedRule } from "../../walk.ts";
import { findingAt, type LintRule, type LintSubject, type ToolNode } from "../subject.ts";

const changing: ReadonlySet<Effect> = new Set<Effect>(["write", "money", "message", "execute"]);

/** `LINT_COMMAND_COMPUTED`: a command, or a target of a tool that acts, that an expression puts together from texts. */
export const computedCommands: LintRule = (subject) =>
  subject.toolNodes.flatMap(({ name, node, tool }) =>
    rulesOf(name, node).flatMap(({ path, place, rule, parent }): readonly Finding[] => {
      const role = roleOf(tool, place);
      const classed = classify(rule);
      if (parent !== undefined && classify(parent).kind === "template") return [];
      if (classed.kind !== "expr" || (role !== "command" && role !== "target")) return [];
      if (!joinsTexts(subject, classed.rule.expr)) return [];
      const message = `the ${role} \`${place}\` of \`${tool.name}\` is put together from texts: a typed template encodes each value for its place`;
      return [findingAt(path, { code: "LINT_COMMAND_COMPUTED", severity: "warning", message })];
    }),
  );

/** Whether an expression adds something to a literal text, or formats. Macros and calls are looked into. */
function joinsTexts(subject: LintSubject, source: string): boolean {
  const words = (source.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []).filter((word) => subject.names.nodes.has(word));
  const variables = new Set([...words, "params", "nodes", "item", "args"]);
  const tree = parseExpression(source, { variables, functions: functionArities });
  return tree.ok && some(tree.value, isJoining);
}

function isJoining(node: Node): boolean {
  if (node.kind === "call") return node.name === "format" || node.name === "join";
  if (node.kind !== "binary" || node.operator !== "+") return false;
  return [node.left, node.right].some((side) => side.kind === "literal" && typeof side.value === "string");
}

/** Whether a test holds for a node of a tree. Depth is bounded by `expressionDepthMax`. */
function some(node: Node, test: (node: Node) => boolean): boolean {
  if (test(node)) return true;
  switch (node.kind) {
    case "member":
    case "has":
    case "not":
    case "negate":
      return some(node.of, test);
    case "index":
      return some(node.of, test) || some(node.index, test);
    case "and":
    case "or":
    case "binary":
      return some(node.left, test) || some(node.right, test);
    case "if":
      return some(node.test, test) || some(node.yes, test) || some(node.no, test);
    case "list":
      return node.elements.some((element) => some(element, test));
    case "call":
      return node.args.some((arg) => some(arg, test));
    case "macro":
      return [node.list, node.test, node.step].some((part) => part !== undefined && some(part, test));
    default:
      return false;
  }
}

/** First words of statements that only read. */
const readingWords: ReadonlySet<string> = new Set("select with show explain describe desc values table pragma".split(" "));

/** A star where a column stands: first in the list or after a comma, perhaps of one table, its name quoted as any dialect does. */
const everyColumn = /(?:\bselect\s+(?:(?:distinct|all)\s+)?|,\s*)(?:(?:\w+|"[^"]*"|`[^`]*`|\[[^\]]*\])\.)*\*/i;

/** The fixed statements of a rule: a constant, the text of a template, the entries of a list of choices. */
function statementsOf({ rule }: VisitedRule): readonly string[] {
  const classed = classify(rule);
  if (classed.kind === "const") return textsIn(classed.rule.const);
  if (classed.kind === "template") return classed.rule.template === "sql" ? [classed.rule.text] : [];
  return classed.kind === "choose" ? textsIn(member(classed.rule.choose, "enum")) : [];
}

function textsIn(value: Json | undefined): readonly string[] {
  if (typeof value === "string") return [value];
  return isArray(value) ? value.filter((element) => typeof element === "string") : [];
}

/** The commands of a node that are SQL: by template, by constraint, or by the argument's name. */
function sqlOf({ name, node, tool }: ToolNode): readonly VisitedRule[] {
  return rulesOf(name, node).filter(({ arg, place, rule }) => {
    const classed = classify(rule);
    if (classed.kind === "template") return classed.rule.template === "sql";
    return roleOf(tool, place) === "command" && (node.constraints?.sql !== undefined || /sql|statement/i.test(arg));
  });
}

/**
 * `LINT_SQL_STAR`: a statement that selects all columns. `LINT_SQL_WRITES`: one that changes something, on a tool that is declared a reader
 * or a node that promises to read only. `LINT_SQL_TABLES`: a statement that the plan does not fix, on any table.
 */
export const narrowStatements: LintRule = (subject) => subject.toolNodes.flatMap(narrowNode);

function narrowNode(toolNode: ToolNode): readonly Finding[] {
  const { name, node, tool } = toolNode;
  const statements = sqlOf(toolNode);
  const { sql, readOnly } = node.constraints ?? {};
  const isReader = !tool.facts.effects.some((effect) => changing.has(effect));
  const findings: Finding[] = statements.flatMap((visited): readonly Finding[] => {
    const texts = statementsOf(visited);
    const writes = texts.find((text) => isReader && !readingWords.has(firstWord(text)));
    if (writes !== undefined && sql === undefined) {
      const message = `the statement begins with \`${firstWord(writes)}\`, and \`${tool.name}\` is declared a reader; \`sql: { statements: [select] }\` would hold it to that`;
      return [findingAt(visited.path, { code: "LINT_SQL_WRITES", severity: "warning", message })];
    }
    if (!texts.some((text) => everyColumn.test(text))) return [];
    const message = "`*` selects every column, also those that are added later: name them";
    return [findingAt(visited.path, { code: "LINT_SQL_STAR", severity: "warning", message })];
  });
  const at = ["nodes", name, "constraints", "sql"];
  const writing = readOnly === true ? sql?.statements.find((word) => !readingWords.has(word.toLowerCase())) : undefined;
  if (writing !== undefined) {
    const message = `the node is \`readOnly\`, and its list of statements has \`${writing}\``;
    findings.push(findingAt([...at, "statements"], { code: "LINT_SQL_WRITES", severity: "warning", message }));
  }
  const isOpen = statements.some((visited) => statementsOf(visited).length === 0);
  if (sql !== undefined && sql.tables === undefined && sql.columns === undefined && isOpen) {
    const message = "the plan does not fix the statement, and `sql` names no `tables`: it may read any of them";
    findings.push(findingAt(at, { code: "LINT_SQL_TABLES", severity: "warning", message }));
  }
  return findings;
}

/** The first word of a statement, after comments and parentheses. Each comment can be read in one way only, so that this stays linear. */
function firstWord(text: string): string {
  return /^(?:[\s(]|--[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)*([a-z]+)/i.exec(text)?.[1]?.toLowerCase() ?? "";
}
