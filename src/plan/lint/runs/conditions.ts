/**
 * Rules about conditions: those that hold always or never by the bounds of what they compare, and words that nobody ever says.
 * Pure. Over-approximates: a condition is called constant only where no value within the bounds makes it otherwise.
 */
import { constraintOf } from "../../param.ts";
import type { JsonObject } from "../../../json/value.ts";
import { functionArities } from "../../../lang/expression/functions.ts";
import { type Node, parseExpression } from "../../../lang/expression/syntax.ts";
import type { Finding } from "../../finding.ts";
import { classify, optionsOf } from "../../walk.ts";
import { bothWays, type Known, knownBy, type Outcome, outcomeOf } from "./outcome.ts";
import { type PathStep, type Promised, promisedAt, promisedBy, promisedRows } from "./promises.ts";
import { findingAt, type LintRule, type LintSubject } from "../subject.ts";

interface Condition {
  readonly source: string;
  readonly path: readonly (string | number)[];
}

/** The conditions of every node. */
function conditionsOf(subject: LintSubject): readonly (Condition & { readonly node: string })[] {
  return subject.nodes.flatMap(({ name: node, node: { when, require, each } }) => {
    const at = ["nodes", node];
    return [
      ...(when === undefined ? [] : [{ node, source: when, path: [...at, "when"] }]),
      ...(require ?? []).map((source, i) => ({ node, source, path: [...at, "require", i] })),
      ...(typeof each === "object" && each.where !== undefined
        ? [{ node, source: each.where, path: [...at, "each", "where"] }]
        : []),
    ];
  });
}

/**
 * `LINT_CONDITION_CONSTANT`: a condition that is true, or is not, whatever the values within their bounds are.
 * `LINT_WORD_UNKNOWN`: a comparison with a text that the other side, by its schema or rule, never is.
 */
export const livelyConditions: LintRule = (subject) =>
  conditionsOf(subject).flatMap(({ node, source, path }): readonly Finding[] => {
    const tree = readCondition(subject, source);
    if (tree === undefined) return [];
    const look = (place: Node): Known | undefined => knownOf(subject, node, place);
    const words = unknownWords(tree, look);
    if (words !== undefined) return [findingAt(path, { code: "LINT_WORD_UNKNOWN", severity: "warning", message: words })];
    const outcome: Outcome = outcomeOf(tree, look);
    if (outcome === bothWays) return [];
    if (!outcome.canBeTrue) {
      const message = "no values within their bounds make this true, so every call is denied";
      return [findingAt(path, { code: "LINT_CONDITION_CONSTANT", severity: "warning", message })];
    }
    if (outcome.canBeFalse) return [];
    const message = "this is true whatever the values are, so it holds nothing back";
    return [findingAt(path, { code: "LINT_CONDITION_CONSTANT", severity: "warning", message })];
  });

function readCondition(subject: LintSubject, source: string): Node | undefined {
  const words = (source.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []).filter((word) => subject.names.nodes.has(word));
  // What reads nothing is found by `constantConditions`.
  if (words.length === 0 && !/\b(?:params|nodes|item|args)\b/.test(source)) return undefined;
  const variables = new Set([...words, "params", "nodes", "item", "args"]);
  const tree = parseExpression(source, { variables, functions: functionArities });
  return tree.ok ? tree.value : undefined;
}

/** The variable and the members that a chain such as `risk.orders.size` names. */
function chainOf(place: Node): { readonly variable: string; readonly steps: readonly string[] } | undefined {
  const steps: string[] = [];
  let at = place;
  while (at.kind === "member" || (at.kind === "index" && at.index.kind === "literal" && typeof at.index.value === "string")) {
    steps.unshift(at.kind === "member" ? at.name : String(at.index.kind === "literal" ? at.index.value : ""));
    at = at.of;
  }
  return at.kind === "variable" ? { variable: at.name, steps } : undefined;
}

/** What is known of the value at a place of an expression of a node. */
function knownOf(subject: LintSubject, node: string, place: Node): Known | undefined {
  const chain = chainOf(place);
  if (chain === undefined) return undefined;
  const { variable, steps } = chain;
  const [first = "", ...rest] = steps;
  if (variable === "params") return rest.length > 0 || first === "" ? undefined : knownBy(paramSpec(subject, first));
  if (variable === "args") return rest.length > 0 || first === "" ? undefined : knownOfArgument(subject, node, first);
  if (variable === "item") return wordsOnly(knownBy(promisedSpec(promisedRows(subject, node), steps)));
  const from = variable === "nodes" ? first : variable;
  if (subject.plan.nodes[from]?.each !== undefined) return undefined;
  // What a tool promises of texts is used for words only: it may answer otherwise, and then a bound would prove nothing.
  return wordsOnly(knownBy(promisedSpec(promisedBy(subject, from), variable === "nodes" ? rest : steps)));
}

function wordsOnly(known: Known | undefined): Known | undefined {
  return known?.words === undefined ? undefined : { words: known.words };
}

function paramSpec(subject: LintSubject, name: string): JsonObject | undefined {
  const spec = Object.hasOwn(subject.plan.params ?? {}, name) ? subject.plan.params?.[name] : undefined;
  return spec === undefined ? undefined : constraintOf(spec);
}

function knownOfArgument(subject: LintSubject, node: string, arg: string): Known | undefined {
  const args = subject.plan.nodes[node]?.args ?? {};
  const rule = Object.hasOwn(args, arg) ? args[arg] : undefined;
  if (rule === undefined || optionsOf(rule).optional === true) return undefined;
  const classed = classify(rule);
  if (classed.kind === "const") return knownBy({ const: classed.rule.const });
  if (classed.kind === "choose") return knownBy(classed.rule.choose);
  if (classed.kind === "param") return knownBy(paramSpec(subject, classed.rule.param));
  const { match } = optionsOf(rule);
  return match === undefined ? undefined : knownBy(match);
}

function promisedSpec(from: Promised | undefined, steps: readonly string[]): JsonObject | undefined {
  let at = from;
  for (const name of steps) {
    const step: PathStep = { kind: "name", name };
    const next = at === undefined ? undefined : promisedAt(at, step);
    at = next === "nothing" ? undefined : next;
  }
  return at?.schema;
}

/** A sentence about the first comparison with a word that the other side never is. Depth is bounded by `expressionDepthMax`. */
function unknownWords(tree: Node, look: (place: Node) => Known | undefined): string | undefined {
  switch (tree.kind) {
    case "and":
    case "or":
      return unknownWords(tree.left, look) ?? unknownWords(tree.right, look);
    case "not":
      return unknownWords(tree.of, look);
    case "binary": {
      if (tree.operator !== "==" && tree.operator !== "!=" && tree.operator !== "in") return undefined;
      const sides =
        tree.operator === "in"
          ? [[tree.left, tree.right] as const]
          : ([
              [tree.left, tree.right],
              [tree.right, tree.left],
            ] as const);
      for (const [place, other] of sides) {
        const words = look(place)?.words;
        const strange = textsOf(other).find((word) => words !== undefined && !words.includes(word));
        if (words !== undefined && strange !== undefined) {
          const known = words
            .slice(0, 8)
            .map((word) => `\`${word}\``)
            .join(", ");
          return `\`${strange.slice(0, 80)}\` is never there, so the comparison always ends alike; there ${words.length === 1 ? "is" : "are"} ${known}`;
        }
      }
      return undefined;
    }
    default:
      return undefined;
  }
}

function textsOf(node: Node): readonly string[] {
  if (node.kind === "literal") return typeof node.value === "string" ? [node.value] : [];
  return node.kind === "list" ? node.elements.flatMap((element) => (element.kind === "literal" ? textsOf(element) : [])) : [];
}
