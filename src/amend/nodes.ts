/**
 * Compares a node of one plan with the node of the same name in another: its tool, arguments, order, runs, loop, guard and disclosure.
 * Pure. What has no comparison of its own must be the same on both sides.
 */
import { canonicalJson } from "../json/canonical.ts";
import type { Json, JsonObject } from "../json/value.ts";
import { jsonEqual } from "../json/value.ts";
import type { CompiledNode } from "../plan/compile/compiled.ts";
import type { ArgRule, PlanNode } from "../plan/plan.ts";
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
import { compareConstraints } from "./constraints.ts";
import { type NamedRead, predecessorsOf, readsOfNode, verdictReadsOf } from "./reads.ts";
import { compareRules } from "./rules.ts";

/** One node on both sides. */
interface NodePair {
  readonly before: { readonly spec: PlanNode; readonly node: CompiledNode };
  readonly after: { readonly spec: PlanNode; readonly node: CompiledNode };
}

/** Compares the nodes `name` of both plans and reports every difference. */
export function compareNodes(comparison: Comparison, name: string, pair: NodePair): void {
  const place: Place = { node: name, before: ["nodes", name], after: ["nodes", name] };
  const { before, after } = pair;
  if (before.spec.tool !== after.spec.tool || before.spec.let !== after.spec.let)
    return void reportAt(comparison, place, {
      relation: "incomparable",
      sentence: "the node does something else",
      ...(after.spec.tool === undefined ? {} : { witness: { node: name, tool: after.spec.tool } }),
    });
  compareArgs(comparison, pair, place);
  compareReads(comparison, pair, place);
  compareRuns(comparison, pair, place);
  compareConditions(comparison, pair, place);
  compareLabels(comparison, pair, place);
  compareShow(comparison, pair, place);
  compareResources(comparison, pair, place);
  compareConstraints(comparison, { before: before.spec.constraints ?? {}, after: after.spec.constraints ?? {} }, place);
  compareAdded(comparison, pair, place);
  compareRest(comparison, pair, place);
}

/** Constraints that a policy added: each on its own, so that one more is narrower. */
function compareAdded(comparison: Comparison, { before, after }: NodePair, place: Place): void {
  const keys = (spec: PlanNode): readonly string[] => (spec.within ?? []).map((each) => canonicalJson(each as unknown as Json));
  const [old, next] = [keys(before.spec), keys(after.spec)];
  const relation = relationOf(
    old.every((key) => next.includes(key)),
    next.every((key) => old.includes(key)),
  );
  if (relation === "same") return;
  // Where a human approves each call, the choices in it are the human's.
  const isApproved = after.spec.within?.some((each) => each.approve !== undefined) === true;
  reportAt(comparison, stepTo(place, "within"), {
    relation: isApproved ? loweringLabels(comparison, relation) : relation,
    sentence: "the constraints of policies are others",
  });
}

function compareArgs(comparison: Comparison, { before, after }: NodePair, place: Place): void {
  const [old, next] = [before.spec.args ?? {}, after.spec.args ?? {}];
  for (const name of new Set([...Object.keys(old), ...Object.keys(next)])) {
    const at = { ...stepTo(place, "args", name), argument: name };
    const [from, to] = [old[name], next[name]];
    if (from === undefined)
      reportAt(
        comparison,
        { ...at, before: undefined },
        { relation: "wider", sentence: "one more argument may be sent", witness: { node: place.node ?? "", argument: name } },
      );
    else if (to === undefined)
      reportAt(comparison, { ...at, after: undefined }, { relation: "incomparable", sentence: "the argument is no longer sent" });
    else compareRules(comparison, { before: from as ArgRule, after: to as ArgRule }, at);
  }
}

/** Where the same text reads other things, or what it reads has another label. */
function compareReads(comparison: Comparison, { before, after }: NodePair, place: Place): void {
  const [old, next] = [readsOfNode(comparison.before, before.node), readsOfNode(comparison.after, after.node)];
  for (const part of new Set([...Object.keys(old), ...Object.keys(next)])) {
    // What is on one side only, or was changed as a text, is reported where the texts are compared.
    if (!jsonEqual(textAt(before.spec, part), textAt(after.spec, part))) continue;
    const [from, to] = [old[part] ?? [], next[part] ?? []];
    const at = stepTo(place, ...part.split("/"));
    if (!jsonEqual(keysOf(from), keysOf(to))) {
      reportAt(comparison, at, { relation: "incomparable", sentence: "the same text reads other data" });
      continue;
    }
    const isRaised = to.some((read, i) => read.isVariable && from[i]?.isVariable === false);
    const isLowered = to.some((read, i) => !read.isVariable && from[i]?.isVariable === true);
    if (isRaised)
      reportAt(comparison, at, {
        relation: raisingLabels(comparison, "same"),
        sentence: "what it reads is the agent's choice now",
      });
    if (isLowered) {
      const relation = loweringLabels(comparison, "same");
      if (relation !== "same") reportAt(comparison, at, { relation, sentence: "what it reads is no longer the agent's choice" });
    }
  }
}

function keysOf(reads: readonly NamedRead[]): Json {
  return reads.map(({ key }) => key);
}

function textAt(spec: PlanNode, part: string): Json | undefined {
  const [member, ...rest] = part.split("/");
  if (member !== "args") return (spec as unknown as JsonObject)[member ?? ""];
  return spec.args?.[rest.join("/")] as Json | undefined;
}

/** How often, for which rows, and after which nodes. */
function compareRuns(comparison: Comparison, { before, after }: NodePair, place: Place): void {
  const [old, next] = [before.node, after.node];
  if (old.max !== next.max)
    reportAt(comparison, stepTo(place, "times"), {
      relation: next.max < old.max ? "narrower" : "wider",
      sentence: `it may run ${next.max} ${next.max === 1 ? "time" : "times"}, not ${old.max}`,
      ...(next.max > old.max ? { witness: { node: old.name, runs: old.max + 1 } } : {}),
    });
  if (before.spec.optional !== after.spec.optional && (before.spec.optional ?? false) !== (after.spec.optional ?? false))
    reportAt(comparison, stepTo(place, "optional"), { relation: "incomparable", sentence: "whether it must run is different" });
  else if (old.min !== next.min)
    reportAt(comparison, stepTo(place, "times"), {
      relation: next.min > old.min ? "narrower" : "wider",
      sentence: `it is settled after ${next.min} runs, not ${old.min}`,
      ...(next.min < old.min ? { witness: { node: old.name, settledAfter: next.min } } : {}),
    });
  compareEach(comparison, { before, after }, place);
  const [first, second] = [predecessorsOf(comparison.before, old), predecessorsOf(comparison.after, next)];
  const gone = [...first].filter((name) => !second.has(name));
  const added = [...second].filter((name) => !first.has(name));
  const at = stepTo(place, "after");
  if (gone.length > 0)
    reportAt(comparison, at, {
      relation: "wider",
      sentence: `it need not wait for ${gone.map((name) => `\`${name}\``).join(", ")}`,
      witness: { node: old.name, before: gone },
    });
  if (added.length > 0)
    reportAt(comparison, at, {
      relation: "narrower",
      sentence: `it waits for ${added.map((name) => `\`${name}\``).join(", ")} too`,
    });
}

function compareEach(comparison: Comparison, { before, after }: NodePair, place: Place): void {
  const [old, next] = [before.spec.each, after.spec.each];
  if (jsonEqual(old as Json | undefined, next as Json | undefined)) return;
  const at = stepTo(place, "each");
  const rows = (each: PlanNode["each"]): Json => (typeof each === "object" ? ({ ...each, max: 0 } as Json) : (each ?? null));
  if (typeof old === "object" && typeof next === "object" && jsonEqual(rows(old), rows(next)))
    return void reportAt(comparison, stepTo(at, "max"), {
      relation: next.max < old.max ? "narrower" : "wider",
      sentence: `it may have ${next.max} rows, not ${old.max}`,
      ...(next.max > old.max ? { witness: { node: before.node.name, rows: old.max + 1 } } : {}),
    });
  reportAt(comparison, at, { relation: "incomparable", sentence: "it loops over other rows" });
}

/** Guards and conditions across arguments. */
function compareConditions(comparison: Comparison, { before, after }: NodePair, place: Place): void {
  if (before.spec.when !== after.spec.when) compareGuard(comparison, { before, after }, place);
  const [old, next] = [new Set(before.spec.require ?? []), new Set(after.spec.require ?? [])];
  const gone = [...old].filter((text) => !next.has(text));
  const added = [...next].filter((text) => !old.has(text));
  if (gone.length === 0 && added.length === 0) return;
  const relation = relationOf(gone.length === 0, added.length === 0);
  reportAt(comparison, stepTo(place, "require"), {
    relation,
    sentence: `${added.length} conditions more, ${gone.length} fewer`,
    ...(gone.length > 0 ? { witness: { node: before.node.name, fails: gone } } : {}),
  });
}

function compareGuard(comparison: Comparison, { before, after }: NodePair, place: Place): void {
  const at = stepTo(place, "when");
  if (after.spec.when === undefined)
    return void reportAt(
      comparison,
      { ...at, after: undefined },
      { relation: "wider", sentence: "it runs whatever its guard said", witness: { node: before.node.name, guard: false } },
    );
  // A node whose guard is false is settled, whatever is in flight and however many rows there are, so that what comes after it may start.
  const isFollowed = comparison.before.compiled.nodes.some((node) => node.predecessors.includes(before.node.index));
  const isAdded = before.spec.when === undefined && !isFollowed;
  reportAt(comparison, before.spec.when === undefined ? { ...at, before: undefined } : at, {
    relation: isAdded ? raisingLabels(comparison, "narrower") : "incomparable",
    sentence: isAdded ? "it has a guard now" : "its guard is another one",
  });
}

/** Labels of results, and what verdicts tell. */
function compareLabels(comparison: Comparison, { before, after }: NodePair, place: Place): void {
  reportSets(
    comparison,
    { before: new Set(before.node.labels), after: new Set(after.node.labels) },
    {
      place: stepTo(place, "labels"),
      words: "its results carry",
    },
  );
  const key = (node: CompiledNode): ReadonlySet<string> =>
    new Set(
      node.removes?.regions.flatMap((region) => node.removes?.labels.map((label) => JSON.stringify([region, label])) ?? []),
    );
  // What is removed lowers labels: the other way round.
  reportSets(
    comparison,
    { before: key(after.node), after: key(before.node) },
    {
      place: stepTo(place, "removes"),
      words: "at the paths that it cleans its results carry",
    },
  );
  reportSets(
    comparison,
    { before: verdictReadsOf(comparison.before, before.node), after: verdictReadsOf(comparison.after, after.node) },
    { place, words: "its verdicts tell" },
  );
}

function reportSets(
  comparison: Comparison,
  { before, after }: { readonly before: ReadonlySet<string>; readonly after: ReadonlySet<string> },
  { place, words }: { readonly place: Place; readonly words: string },
): void {
  const isRaised = [...after].some((each) => !before.has(each));
  const isLowered = [...before].some((each) => !after.has(each));
  if (isRaised) reportAt(comparison, place, { relation: raisingLabels(comparison, "same"), sentence: `${words} more labels` });
  if (!isLowered) return;
  const relation: Relation = loweringLabels(comparison, "same");
  if (relation !== "same")
    reportAt(comparison, place, { relation, sentence: `${words} fewer labels`, witness: { node: place.node ?? "" } });
}

/** What the agent is shown. To show less lowers the context label, so it is not less in every respect. */
function compareShow(comparison: Comparison, { before, after }: NodePair, place: Place): void {
  const shown = ({ node, spec }: NodePair["before"]): Json =>
    node.show === "all" || node.show === "none" ? node.show : ([...(spec.show as readonly string[])].sort() as Json);
  const [old, next] = [shown(before), shown(after)];
  if (jsonEqual(old, next)) return;
  const isMore = next === "all" || old === "none";
  reportAt(comparison, stepTo(place, "show"), {
    relation: isMore ? "wider" : "incomparable",
    sentence: isMore ? "the agent sees more of the result" : "the agent sees other parts of the result",
    ...(isMore ? { witness: { node: before.node.name, shown: next } } : {}),
  });
}

/** Which labels a call leaves and brings back follows from all tools of its server that the plan knows. */
function compareResources(comparison: Comparison, { before, after }: NodePair, place: Place): void {
  const [old, next] = [before.node.resources, after.node.resources];
  if (jsonEqual((old ?? null) as unknown as Json, (next ?? null) as unknown as Json)) return;
  reportAt(comparison, place, { relation: "incomparable", sentence: "the labels of its resources come from other tools" });
}

const comparedMembers = new Set([
  "tool",
  "let",
  "description",
  "args",
  "labels",
  "removes",
  "times",
  "each",
  "when",
  "optional",
  "after",
  "require",
  "constraints",
  "show",
  "within",
]);

/** Everything that has no comparison of its own. */
function compareRest(comparison: Comparison, { before, after }: NodePair, place: Place): void {
  const [old, next] = [before.spec as unknown as JsonObject, after.spec as unknown as JsonObject];
  for (const name of new Set([...Object.keys(old), ...Object.keys(next)])) {
    if (comparedMembers.has(name) || jsonEqual(old[name], next[name])) continue;
    reportAt(comparison, stepTo(place, name), { relation: "incomparable", sentence: `\`${name}\` is different` });
  }
}
