/**
 * Changes to the rule of one argument: a fixed value, a wider choice, a pick, an optional argument, other hosts in a text.
 * Pure. Only proposes; each is frozen and replayed before anybody sees it.
 */
import { isArray, isObject, type Json, jsonEqual, type JsonObject, member } from "../../json/value.ts";
import { linksIn } from "../../lang/host.ts";
import { compileMatch } from "../../lang/match.ts";
import { bitsOf } from "../../plan/lint/bits.ts";
import type { ArgRule, WriteSpec } from "../../plan/plan.ts";
import { classify, classOf, optionsOf } from "../../plan/walk.ts";
import { constantRule, type Edit, shown, type Situation, type Spot, spotOf } from "../situation.ts";

/** Characters of a text that the agent may write, at least: a limit of exactly what was sent would be hit by the next text. */
const writeCharsMin = 200;

/** Changes to the rule that the call broke. */
export function argumentEdits(situation: Situation): readonly Edit[] {
  const spot = spotOf(situation);
  if (spot === undefined) return [];
  const { rule, sent } = spot;
  if (rule === undefined) return sent === undefined ? [] : newRules(spot, sent);
  return [
    ...(sent === undefined
      ? []
      : [
          fixed(spot, sent),
          ...asked(situation, spot, sent),
          ...widened(spot, rule, sent),
          ...chosen(spot, rule, sent),
          ...written(spot, rule, sent),
        ]),
    ...picked(spot, rule),
    ...left(spot, rule),
  ];
}

function replaced({ path }: Spot, value: Json): Edit["patch"] {
  return [{ op: "replace", path, value }];
}

function titleOf({ title, node }: Spot): string {
  return `\`${title}\` of \`${node}\``;
}

/** Options of the old rule that a new one keeps. `match` goes: the value that was sent may be what it refuses. */
function kept(rule: ArgRule | undefined): JsonObject {
  const { optional } = rule === undefined ? {} : optionsOf(rule);
  return optional === undefined ? {} : { optional };
}

function fixed(spot: Spot, sent: Json): Edit {
  const options = kept(spot.rule);
  const value = Object.keys(options).length === 0 ? constantRule(sent) : { const: sent, ...options };
  const from = spot.rule === undefined ? undefined : sourceOf(spot.rule);
  const instead = from === undefined ? "" : `, and no longer ${from}`;
  return {
    patch: replaced(spot, value),
    opens: `${titleOf(spot)} is always ${shown(sent)}${instead}`,
    bits: 0,
    rank: from === undefined ? 2 : 4,
  };
}

/** Where the plan takes a value from, as the end of a sentence. */
function sourceOf(rule: ArgRule): string | undefined {
  const classed = classify(rule);
  switch (classed.kind) {
    case "from":
      return `what \`${classed.rule.from}\` selects`;
    case "item":
      return `\`${classed.rule.item}\` of the row`;
    case "expr":
      return "what the plan computes";
    case "param":
      return `the parameter \`${classed.rule.param}\``;
    case "template":
      return "what the template makes";
    default:
      return undefined;
  }
}

/** The host gives another parameter: the plan stays as it is. */
function asked({ params }: Situation, spot: Spot, sent: Json): readonly Edit[] {
  const classed = classify(spot.rule as ArgRule);
  if (classed.kind !== "param") return [];
  const name = classed.rule.param;
  return [
    {
      patch: [],
      params: { ...params, [name]: sent },
      opens: `nothing in the plan: the host opens the session with \`${name}\` = ${shown(sent)}`,
      bits: 0,
      rank: 1,
    },
  ];
}

/** The agent chooses: between the old value and the new one, or any value of the type. */
function chosen(spot: Spot, rule: ArgRule, sent: Json): readonly Edit[] {
  const classed = classify(rule);
  const edits: Edit[] = [];
  if (classed.kind === "const" && !jsonEqual(classed.rule.const, sent)) {
    const choose = { choose: { enum: [classed.rule.const, sent] }, ...kept(rule) };
    edits.push({
      patch: replaced(spot, choose),
      opens: `the agent chooses ${titleOf(spot)}: ${shown(classed.rule.const)} or ${shown(sent)}`,
      bits: 1,
      rank: 3,
    });
  }
  const whole = anyOf(sent);
  if (whole !== undefined && classed.kind !== "choose" && classed.kind !== "write" && spot.role !== "content")
    edits.push({
      patch: replaced(spot, { choose: whole, ...kept(rule) }),
      opens: `the agent chooses ${titleOf(spot)}: any ${String(whole.type)}`,
      rank: 7,
    });
  return edits;
}

/** The constraint that takes any value of the type of this one. */
function anyOf(value: Json): JsonObject | undefined {
  if (typeof value === "string") return { type: "string", maxLength: Math.max(writeCharsMin, value.length) };
  if (typeof value === "boolean") return { type: "boolean" };
  return typeof value === "number" || typeof value === "bigint" ? { type: "number" } : undefined;
}

/** A constraint (`choose` or `match`) without what refuses the value. */
function widened(spot: Spot, rule: ArgRule, sent: Json): readonly Edit[] {
  const classed = classify(rule);
  const { match } = optionsOf(rule);
  return [
    ...(classed.kind === "choose" ? widenAt(spot, { key: "choose", spec: classed.rule.choose, sent }) : []),
    ...(match === undefined ? [] : widenAt(spot, { key: "match", spec: match, sent })),
  ];
}

function widenAt(
  spot: Spot,
  { key, spec, sent }: { readonly key: "choose" | "match"; readonly spec: JsonObject; readonly sent: Json },
): readonly Edit[] {
  const wider = widen(spec, sent);
  if (wider === undefined) return [];
  const path = [...spot.path, key];
  const rule = { ...(spot.rule as unknown as JsonObject), [key]: wider.spec } as unknown as ArgRule;
  const bits = bitsOf(rule);
  return [
    {
      patch: [{ op: "replace", path, value: wider.spec }],
      opens: `${titleOf(spot)} may also be ${wider.also}`,
      ...(bits === undefined ? {} : { bits }),
      rank: wider.rank,
    },
  ];
}

interface Wider {
  readonly spec: JsonObject;
  readonly also: string;
  readonly rank: number;
}

/** A constraint that the value satisfies, changed in no more than what refused it; several keywords one after the other. */
function widen(spec: JsonObject, sent: Json): Wider | undefined {
  let now = spec;
  let rank = 3;
  const also: string[] = [];
  for (const _ of Object.keys(spec)) {
    const match = compileMatch(now);
    const failure = match.ok ? match.value.check(sent) : undefined;
    if (failure === undefined) break;
    if (failure.pointer !== "") return undefined;
    const step = widenKeyword(now, failure.keyword, sent);
    now = step.spec;
    also.push(step.also);
    rank = Math.max(rank, step.rank);
  }
  return also.length === 0 ? undefined : { spec: now, also: [...new Set(also)].join(", "), rank };
}

function widenKeyword(spec: JsonObject, keyword: string, sent: Json): Wider {
  const values = member(spec, "enum");
  if (keyword === "enum" && isArray(values)) return { spec: { ...spec, enum: [...values, sent] }, also: shown(sent), rank: 3 };
  const { [keyword]: old, ...others } = spec;
  if (keyword === "const") return { spec: { ...others, enum: [old as Json, sent] }, also: shown(sent), rank: 3 };
  const size = sizeFor(keyword, sent);
  if (size !== undefined)
    return { spec: { ...spec, [keyword]: size }, also: `anything with \`${keyword}\` ${size} instead of ${shown(old)}`, rank: 5 };
  return { spec: others, also: `what \`${keyword}\` refused`, rank: 7 };
}

/** What a keyword must be for the value to pass, where it is a number. */
function sizeFor(keyword: string, sent: Json): Json | undefined {
  if (keyword === "minimum" || keyword === "maximum")
    return typeof sent === "number" || typeof sent === "bigint" ? sent : undefined;
  if (keyword === "minLength" || keyword === "maxLength") return typeof sent === "string" ? [...sent].length : undefined;
  if (keyword === "minItems" || keyword === "maxItems") return isArray(sent) ? sent.length : undefined;
  return undefined;
}

/** Free text: other hosts, more characters. */
function written(spot: Spot, rule: ArgRule, sent: Json): readonly Edit[] {
  const classed = classify(rule);
  if (classed.kind !== "write" || typeof sent !== "string") return [];
  const old: WriteSpec = classed.rule.write;
  const hosts = [...new Set(linksIn(sent).flatMap(({ host }) => (host === "" ? [] : host)))].sort();
  const known = isArray(old.links as Json) ? (old.links as readonly string[]) : [];
  const links = hosts.length === 0 ? {} : { links: [...new Set([...known, ...hosts])] };
  const length = [...sent].length;
  const longer = old.maxLength !== undefined && length > old.maxLength ? { maxLength: length } : {};
  const changes = { ...links, ...longer };
  if (Object.keys(changes).length === 0) return [];
  const says = [
    ...(hosts.length === 0
      ? []
      : [
          `links to ${hosts.map((host) => `\`${host}\``).join(", ")}, to whoever reads ${titleOf(spot)}: data can leave in the link`,
        ]),
    ...("maxLength" in longer ? [`texts of up to ${length} characters in ${titleOf(spot)}`] : []),
  ];
  const value = { ...(old as unknown as JsonObject), ...changes };
  return [
    {
      patch: [{ op: "replace", path: [...spot.path, "write"], value }],
      opens: says.join("; "),
      rank: hosts.length === 0 ? 4 : 6,
    },
  ];
}

/** One of several rows. */
function picked(spot: Spot, rule: ArgRule): readonly Edit[] {
  const kind = classOf(rule);
  if ((kind !== "from" && kind !== "item") || !isObject(rule as Json)) return [];
  const says = {
    first: "the first of several values is taken: whoever puts one before it decides",
    last: "the last of several values is taken: whoever adds one decides",
    agent: "the agent chooses which of the values is taken",
  };
  const now = member(rule as Json, "pick");
  return (["agent", "first", "last"] as const)
    .filter((pick) => pick !== now)
    .map((pick) => ({
      patch: replaced(spot, { ...(rule as unknown as JsonObject), pick }),
      opens: `${titleOf(spot)}: ${says[pick]}`,
      rank: pick === "agent" ? 6 : 5,
    }));
}

/** The argument may be left out. */
function left(spot: Spot, rule: ArgRule): readonly Edit[] {
  if (optionsOf(rule).optional === true || spot.sent !== undefined) return [];
  const base = isObject(rule as Json)
    ? (rule as unknown as JsonObject)
    : isArray(rule as Json)
      ? undefined
      : { const: rule as Json };
  if (base === undefined) return [];
  return [{ patch: replaced(spot, { ...base, optional: true }), opens: `${titleOf(spot)} may be left out`, bits: 1, rank: 3 }];
}

/** A rule for an argument that the plan does not mention. */
function newRules(spot: Spot, sent: Json): readonly Edit[] {
  const { path } = spot;
  const value = { const: sent, optional: true };
  const edits: Edit[] = [
    { patch: [{ op: "add", path, value }], opens: `${titleOf(spot)} may be sent, and is then ${shown(sent)}`, bits: 1, rank: 3 },
  ];
  const whole = anyOf(sent);
  if (spot.role === "content" && typeof sent === "string")
    edits.push({
      patch: [{ op: "add", path, value: { write: { maxLength: Math.max(writeCharsMin, sent.length) }, optional: true } }],
      opens: `the agent writes ${titleOf(spot)}`,
      rank: 5,
    });
  else if (whole !== undefined)
    edits.push({
      patch: [{ op: "add", path, value: { choose: whole, optional: true } }],
      opens: `the agent chooses ${titleOf(spot)}: any ${String(whole.type)}`,
      rank: 7,
    });
  return edits;
}
