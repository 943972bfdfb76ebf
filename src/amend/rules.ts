/**
 * Compares two argument rules: which values each lets through, who gives them, and what label they carry.
 * Pure. Two classes are compared only where one is shown to be contained in the other; all else is incomparable.
 */
import { canonicalJson } from "../json/canonical.ts";
import { isArray, isObject, type Json, type JsonObject, jsonEqual } from "../json/value.ts";
import { countCodePoints } from "../lang/code-point.ts";
import { linksIn } from "../lang/host.ts";
import { compileMatch } from "../lang/match.ts";
import { examplesOf } from "../lang/match/examples.ts";
import { isPlainProse } from "../lang/template/characters.ts";
import { ruleDepthMax } from "../limits.ts";
import type { ArgRule, Downgrade, WriteSpec } from "../plan/plan.ts";
import { classify, type ClassedRule, optionsOf } from "../plan/walk.ts";
import {
  type Comparison,
  loweringLabels,
  type Place,
  raisingLabels,
  type Relation,
  relationOf,
  reportAt,
  stepTo,
} from "./change.ts";
import { areHostsWithin, finiteValues, includedIn } from "./included.ts";

/** Compares the rules of one argument, or of one part of it, and reports every difference. */
export function compareRules(
  comparison: Comparison,
  rules: { readonly before: ArgRule; readonly after: ArgRule },
  place: Place,
  depth = 0,
): void {
  const { before, after } = rules;
  if (jsonEqual(before as Json, after as Json)) return;
  if (depth > ruleDepthMax)
    return void reportAt(comparison, place, { relation: "incomparable", sentence: "the rules are too deep" });
  compareClasses(comparison, { before, after }, place, depth);
  compareMatch(comparison, { before, after }, place);
  compareOptional(comparison, { before, after }, place);
  compareDowngrades(comparison, { before, after }, place);
}

/** The value of a rule that is a constant throughout; `undefined` if the rule is none. */
export function constantOf(rule: ArgRule): Json | undefined {
  const classed = classify(rule);
  if (classed.kind === "const") return classed.rule.const;
  if (classed.kind !== "list") return undefined;
  // An element with a constraint of its own is more than its value.
  const values = classed.rules.map((element) => (Object.keys(optionsOf(element)).length > 1 ? undefined : constantOf(element)));
  return values.every((value) => value !== undefined) ? values : undefined;
}

function compareClasses(
  comparison: Comparison,
  rules: { readonly before: ArgRule; readonly after: ArgRule },
  place: Place,
  depth: number,
): void {
  const [old, next] = [constantOf(rules.before), constantOf(rules.after)];
  const [from, to] = [classify(rules.before), classify(rules.after)];
  if (old !== undefined && next !== undefined) {
    if (jsonEqual(old, next)) return;
    return void reportAt(comparison, place, {
      relation: "incomparable",
      sentence: "the constant is another one",
      witness: witnessOf(place, next),
    });
  }
  if (to.kind === "choose" || to.kind === "write" || from.kind === "choose" || from.kind === "write")
    return void compareAgentGiven(comparison, { from, to, next }, place);
  if (from.kind === "object" && to.kind === "object")
    return void compareMembers(comparison, { before: from.rule.object, after: to.rule.object }, place, depth);
  if (from.kind === "list" && to.kind === "list" && from.rules.length === to.rules.length) {
    for (const [i, before] of from.rules.entries())
      compareRules(comparison, { before, after: to.rules[i] as ArgRule }, stepTo(place, i), depth + 1);
    return;
  }
  if (from.kind === to.kind && jsonEqual(bodyOf(rules.before), bodyOf(rules.after))) return;
  reportAt(comparison, place, {
    relation: "incomparable",
    sentence:
      from.kind === to.kind
        ? `the value comes from elsewhere (class \`${to.kind}\`)`
        : `the value was ${classWords[from.kind]} and is ${classWords[to.kind]}`,
    witness: next === undefined ? undefined : witnessOf(place, next),
  });
}

const classWords: { readonly [K in ClassedRule["kind"]]: string } = {
  const: "a constant",
  param: "a parameter",
  from: "read from a result",
  item: "read from the row",
  expr: "computed",
  template: "a filled template",
  choose: "the agent's choice",
  write: "the agent's text",
  object: "an object of parts",
  list: "a list of parts",
};

/** A rule without the members that any rule may carry: those are compared apart. */
function bodyOf(rule: ArgRule): Json {
  if (!isObject(rule as Json)) return rule as Json;
  const { match: _, optional: __, endorse: ___, declassify: ____, ...body } = rule as unknown as JsonObject;
  return body;
}

/** Where at least one side is left to the agent: choices and texts carry the context label, constants carry none. */
function compareAgentGiven(
  comparison: Comparison,
  { from, to, next }: { readonly from: ClassedRule; readonly to: ClassedRule; readonly next: Json | undefined },
  place: Place,
): void {
  const say = (relation: Relation, sentence: string, witness?: Json): void =>
    reportAt(comparison, place, { relation, sentence, witness: witness === undefined ? undefined : witnessOf(place, witness) });
  if (from.kind === "choose" && to.kind === "choose") {
    const [old, chosen] = [from.rule.choose, to.rule.choose];
    if (jsonEqual(old, chosen)) return;
    const narrowing = includedIn(chosen, old);
    const relation = relationOf(narrowing.kind === "yes", includedIn(old, chosen).kind === "yes");
    if (relation === "same") return;
    return void say(relation, choiceSentences[relation], narrowing.kind === "no" ? narrowing.witness : undefined);
  }
  if (from.kind === "write" && to.kind === "write")
    return void compareTexts(comparison, from.rule.write, { to: to.rule.write, place });
  if (next !== undefined && (from.kind === "choose" || from.kind === "write")) {
    const isIn = from.kind === "choose" ? accepts(from.rule.choose, next) : isWrittenWithin(next, from.rule.write);
    if (!isIn) return void say("incomparable", "the constant is none that the agent could give before", next);
    const relation = loweringLabels(comparison, "narrower");
    const more =
      relation === "narrower" ? "" : ", and goes through also where the agent has read what its choice would be refused for";
    return void say(relation, `what the agent could give is a constant now${more}`, relation === "narrower" ? undefined : next);
  }
  if (from.kind === "write" && to.kind === "choose") {
    const values = finiteValues(to.rule.choose);
    const isIn = values?.every((value) => isWrittenWithin(value, from.rule.write)) ?? false;
    return void say(isIn ? "narrower" : "incomparable", "the agent chooses where it wrote");
  }
  if (to.kind === "choose" && from.kind === "const") {
    const old = from.rule.const;
    const witness = examplesOf(to.rule.choose, { count: 2 }).matching.find((value) => !jsonEqual(value, old));
    return void say(accepts(to.rule.choose, old) ? "wider" : "incomparable", "the agent chooses what was a constant", witness);
  }
  say("incomparable", `the value was ${classWords[from.kind]} and is ${classWords[to.kind]}`);
}

const choiceSentences = {
  narrower: "the agent may choose among less",
  wider: "the agent may choose among more",
  incomparable: "the agent may choose what it could not before",
} as const;

function accepts(constraint: JsonObject, value: Json): boolean {
  const match = compileMatch(constraint);
  return match.ok && match.value.check(value) === undefined;
}

/** Whether the agent could have written this text, whatever the plan's own hosts are. */
function isWrittenWithin(value: Json, { maxLength }: WriteSpec): boolean {
  return (
    typeof value === "string" &&
    (maxLength === undefined || countCodePoints(value) <= maxLength) &&
    isPlainProse(value) &&
    linksIn(value).length === 0
  );
}

function compareTexts(
  comparison: Comparison,
  from: WriteSpec,
  { to, place }: { readonly to: WriteSpec; readonly place: Place },
): void {
  const [old, next] = [from.maxLength ?? Number.POSITIVE_INFINITY, to.maxLength ?? Number.POSITIVE_INFINITY];
  if (old !== next)
    reportAt(comparison, stepTo(place, "write", "maxLength"), {
      relation: next < old ? "narrower" : "wider",
      sentence: next < old ? "the agent's text may be shorter only" : "the agent's text may be longer",
      witness: next > old ? { ...witnessOf(place, undefined), codePoints: old + 1 } : undefined,
    });
  const [links, others] = [to.links ?? "plan", from.links ?? "plan"];
  if (jsonEqual(links as Json, others as Json)) return;
  const isWithin = (a: typeof links, b: typeof links): boolean =>
    a === "none" || (typeof a !== "string" && typeof b !== "string" && areHostsWithin(a, b));
  const relation = relationOf(isWithin(links, others), isWithin(others, links));
  if (relation === "same") return;
  reportAt(comparison, stepTo(place, "write", "links"), {
    relation,
    sentence: relation === "narrower" ? "the agent's text may link to fewer hosts" : "the agent's text may link to other hosts",
  });
}

function compareMembers(
  comparison: Comparison,
  {
    before,
    after,
  }: { readonly before: { readonly [name: string]: ArgRule }; readonly after: { readonly [name: string]: ArgRule } },
  place: Place,
  depth: number,
): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const inner = stepTo(place, "object", name);
    const [old, next] = [memberOf(before, name), memberOf(after, name)];
    if (old === undefined)
      reportAt(comparison, { ...inner, before: undefined }, { relation: "wider", sentence: "a member more may be sent" });
    else if (next === undefined)
      reportAt(comparison, { ...inner, after: undefined }, { relation: "incomparable", sentence: "a member is no longer sent" });
    else compareRules(comparison, { before: old, after: next }, inner, depth + 1);
  }
}

function memberOf(rules: { readonly [name: string]: ArgRule }, name: string): ArgRule | undefined {
  return Object.hasOwn(rules, name) ? rules[name] : undefined;
}

interface RulePair {
  readonly before: ArgRule;
  readonly after: ArgRule;
}

/** The constraint on the final value. */
function compareMatch(comparison: Comparison, { before, after }: RulePair, place: Place): void {
  const [old, next] = [optionsOf(before).match, optionsOf(after).match];
  if (jsonEqual(old, next)) return;
  const at = stepTo(place, "match");
  if (old === undefined)
    return void reportAt(comparison, { ...at, before: undefined }, { relation: "narrower", sentence: "one more constraint" });
  if (next === undefined) {
    const witness = examplesOf(old, { count: 1 }).failing[0];
    return void reportAt(
      comparison,
      { ...at, after: undefined },
      {
        relation: "wider",
        sentence: "a constraint is gone",
        witness: witness === undefined ? undefined : witnessOf(place, witness),
      },
    );
  }
  const narrowing = includedIn(next, old);
  const relation = relationOf(narrowing.kind === "yes", includedIn(old, next).kind === "yes");
  if (relation === "same") return;
  const witness = narrowing.kind === "no" ? witnessOf(place, narrowing.witness) : undefined;
  reportAt(comparison, at, {
    relation,
    sentence: relation === "narrower" ? "the constraint is tighter" : "the constraint lets other values through",
    witness,
  });
}

function compareOptional(comparison: Comparison, { before, after }: RulePair, place: Place): void {
  const [old, next] = [optionsOf(before).optional === true, optionsOf(after).optional === true];
  if (old === next) return;
  reportAt(comparison, stepTo(place, "optional"), {
    relation: old ? "narrower" : "wider",
    sentence: old ? "it may no longer be left out" : "it may be left out",
    witness: old ? undefined : { ...witnessOf(place, undefined), leftOut: true },
  });
}

/** Endorsements and declassifications: what is dropped raises a label, what is added lowers one. */
function compareDowngrades(comparison: Comparison, { before, after }: RulePair, place: Place): void {
  for (const name of ["endorse", "declassify"] as const) {
    const [old, next] = [optionsOf(before)[name], optionsOf(after)[name]];
    if (jsonEqual(downgradeKey(old), downgradeKey(next))) continue;
    const at = stepTo(place, name);
    if (next === undefined)
      reportAt(
        comparison,
        { ...at, after: undefined },
        { relation: raisingLabels(comparison, "same"), sentence: `it is no longer ${name}d` },
      );
    else
      reportAt(comparison, old === undefined ? { ...at, before: undefined } : at, {
        relation: old === undefined ? "wider" : "incomparable",
        sentence: `it is ${name}d ${old === undefined ? "now" : "otherwise"}: data with these labels goes where it did not`,
        witness: { labels: [...(typeof next.from === "string" ? [next.from] : next.from)] },
      });
  }
}

function downgradeKey(downgrade: Downgrade | undefined): Json | undefined {
  if (downgrade === undefined) return undefined;
  const sorted = (names: string | readonly string[]): Json => (typeof names === "string" ? [names] : [...names].sort());
  return [sorted(downgrade.from), sorted(downgrade.to)];
}

/** A call, as far as it matters: the argument with a value. */
function witnessOf({ node, argument }: Place, value: Json | undefined): JsonObject {
  const named = { ...(node === undefined ? {} : { node }), ...(argument === undefined ? {} : { argument }) };
  return value === undefined ? named : { ...named, value: isArray(value) || isObject(value) ? copied(value) : value };
}

/** Values of a plan may hold integers beyond 2^53: a witness says them as they are. */
function copied(value: Json): Json {
  return canonicalJson(value).length > witnessCharsMax ? "…" : value;
}

/** Characters of a value in a witness. */
const witnessCharsMax = 2_000;
