/**
 * Compares what two plans say outside of their nodes: expiry, parameters, labels, limits, flow rules, tools, and the hosts of their constants.
 * Pure. What has no comparison of its own must be the same on both sides.
 */
import { type Json, type JsonObject, jsonEqual } from "../json/value.ts";
import { builtInLabels, unknownName } from "../plan/built-in-labels.ts";
import type { CompiledRule } from "../plan/compile/compiled.ts";
import { constraintOf } from "../plan/param.ts";
import type { FlowRule, LabelSpec, ParamSpec } from "../plan/plan.ts";
import { classify, rulesOf } from "../plan/walk.ts";
import {
  type Comparison,
  loweringLabels,
  type Place,
  raisingLabels,
  type Relation,
  relationOf,
  reportAt,
  type Side,
} from "./change.ts";
import { includedIn } from "./included.ts";

/** Compares everything but nodes and reports every difference. */
export function comparePlanParts(comparison: Comparison): void {
  compareBounds(comparison);
  compareParams(comparison);
  compareLabels(comparison);
  compareFlows(comparison);
  compareTools(comparison);
  compareHosts(comparison);
  compareRest(comparison);
}

function at(...steps: readonly (string | number)[]): Place {
  return { before: steps, after: steps };
}

/** `notAfter` and `limits`: each a number of which less is narrower. */
function compareBounds(comparison: Comparison): void {
  const [old, next] = [comparison.before.compiled, comparison.after.compiled];
  const bounds: readonly (readonly [Place, string, number, number])[] = [
    [at("notAfter"), "the instant after which nothing is allowed", old.notAfter, next.notAfter],
    [at("limits", "calls"), "the number of calls", old.limits.calls, next.limits.calls],
    [at("limits", "seconds"), "the seconds of a session", old.limits.seconds, next.limits.seconds],
    [at("limits", "maxBytes"), "the bytes of a call", old.limits.maxBytes, next.limits.maxBytes],
  ];
  for (const [place, words, before, after] of bounds) {
    if (before === after) continue;
    reportAt(comparison, place, {
      relation: after < before ? "narrower" : "wider",
      sentence: `${words} ${after < before ? "went down" : "went up"}`,
      ...(after > before ? { witness: { over: Number.isFinite(before) ? before : null } } : {}),
    });
  }
}

/** What a session may be opened with. A default is a value of the plan's author. */
function compareParams(comparison: Comparison): void {
  const [old, next] = [comparison.before.frozen.plan.params ?? {}, comparison.after.frozen.plan.params ?? {}];
  for (const name of new Set([...Object.keys(old), ...Object.keys(next)])) {
    const [from, to] = [old[name], next[name]];
    if (from !== undefined && to !== undefined) {
      compareParam(comparison, { from, to }, at("params", name));
      continue;
    }
    const sentence = `the parameter \`${name}\` is ${from === undefined ? "new" : "gone"}`;
    reportAt(comparison, at("params", name), { relation: "incomparable", sentence });
  }
}

function compareParam(
  comparison: Comparison,
  { from, to }: { readonly from: ParamSpec; readonly to: ParamSpec },
  place: Place,
): void {
  const [old, next, before, after] = [from.default, to.default, constraintOf(from), constraintOf(to)];
  if (!jsonEqual(from.read, to.read))
    reportAt(comparison, place, { relation: "incomparable", sentence: "it is read another way" });
  if (!jsonEqual(old, next))
    reportAt(comparison, place, {
      relation: next === undefined ? "narrower" : old === undefined ? "wider" : "incomparable",
      sentence: next === undefined ? "it has no default any more" : "it has another default",
      ...(next === undefined ? {} : { witness: { value: next } }),
    });
  if (jsonEqual(before, after)) return;
  const narrowing = includedIn(after, before);
  const relation = relationOf(narrowing.kind === "yes", includedIn(before, after).kind === "yes");
  if (relation === "same") return;
  reportAt(comparison, place, {
    relation,
    sentence: relation === "narrower" ? "it may be less" : "it may be what it could not be before",
    ...(narrowing.kind === "no" ? { witness: { value: narrowing.witness } } : {}),
  });
}

function specOf({ compiled }: Side, name: string): LabelSpec {
  if (name !== unknownName && Object.hasOwn(compiled.labels, name)) return compiled.labels[name] as LabelSpec;
  return (Object.hasOwn(builtInLabels, name) ? builtInLabels[name] : undefined) ?? { integrity: "untrusted" };
}

/** What the labels mean that the new plan knows: data with any other is untrusted, and keeps the readers that it came with. */
function compareLabels(comparison: Comparison): void {
  const { before, after } = comparison;
  const names = new Set([
    ...Object.keys(after.compiled.labels),
    ...after.compiled.nodes.flatMap((node) => node.labels),
    ...Object.keys(builtInLabels),
  ]);
  for (const name of names) {
    const [old, next] = [specOf(before, name), specOf(after, name)];
    const place = at("labels", name);
    if (old.integrity !== next.integrity)
      reportAt(comparison, place, {
        relation: next.integrity === "untrusted" ? raisingLabels(comparison, "same") : "wider",
        sentence: `data labelled \`${name}\` is ${next.integrity} now`,
        ...(next.integrity === "trusted" ? { witness: { label: name } } : {}),
      });
    const isKept = (from: LabelSpec, to: LabelSpec): boolean =>
      from.readers === undefined || (to.readers?.every((reader) => from.readers?.includes(reader)) ?? false);
    const relation = relationOf(isKept(old, next), isKept(next, old));
    if (relation === "same") continue;
    reportAt(comparison, place, {
      relation: relation === "narrower" ? raisingLabels(comparison, "same") : relation,
      sentence: relation === "narrower" ? `fewer may read \`${name}\`` : `others may read \`${name}\``,
      ...(relation === "narrower" ? {} : { witness: { label: name, readers: next.readers ? [...next.readers] : null } }),
    });
  }
}

function compareFlows(comparison: Comparison): void {
  const byId = (rules: readonly FlowRule[] | undefined): ReadonlyMap<string, { readonly rule: FlowRule; readonly i: number }> =>
    new Map((rules ?? []).map((rule, i) => [rule.id, { rule, i }]));
  const [old, next] = [byId(comparison.before.frozen.plan.flows), byId(comparison.after.frozen.plan.flows)];
  for (const [id, { rule, i }] of old) {
    const other = next.get(id);
    const relation = other === undefined ? "wider" : relationOf(isDeniedBy(rule, other.rule), isDeniedBy(other.rule, rule));
    if (relation === "same") continue;
    reportAt(
      comparison,
      { before: ["flows", i], after: other && ["flows", other.i] },
      {
        relation,
        sentence:
          other === undefined
            ? `the flow rule \`${id}\` is gone`
            : `the flow rule \`${id}\` denies ${relation === "narrower" ? "more" : "other flows"}`,
        ...(relation === "narrower"
          ? {}
          : { witness: { labels: [...rule.deny], to: typeof rule.to === "string" ? rule.to : [...rule.to] } }),
      },
    );
  }
  for (const [id, { rule, i }] of next)
    if (!old.has(id))
      reportAt(
        comparison,
        { before: undefined, after: ["flows", i] },
        {
          // Where a human approves each call, the choices in it are the human's.
          relation: rule.approve === undefined ? "narrower" : loweringLabels(comparison, "narrower"),
          sentence: `the flow rule \`${id}\` is new`,
        },
      );
}

/** Whether all that one rule denies is denied by another. */
function isDeniedBy(rule: FlowRule, other: FlowRule): boolean {
  const list = (names: string | readonly string[]): readonly string[] => (typeof names === "string" ? [names] : names);
  const isAll = (names: readonly string[], others: readonly string[]): boolean => names.every((name) => others.includes(name));
  const isArgKept = other.args === undefined || (rule.args !== undefined && isAll(rule.args, other.args));
  const areRolesKept =
    jsonEqual(sorted(rule.roles), sorted(other.roles)) || (rule.roles !== undefined && isAll(rule.roles, other.roles ?? []));
  // To wait for a human is less than to be denied.
  if (other.approve !== undefined && rule.approve === undefined) return false;
  return isAll(rule.deny, other.deny) && isAll(list(rule.to), list(other.to)) && isArgKept && areRolesKept;
}

function sorted(names: readonly string[] | undefined): Json | undefined {
  return names === undefined ? undefined : [...names].sort();
}

/** Tools of both plans: a changed definition, or another word on what the tool does, may mean anything. */
function compareTools(comparison: Comparison): void {
  const [old, next] = [comparison.before.frozen, comparison.after.frozen];
  for (const name of Object.keys(next.tools)) {
    if (!Object.hasOwn(old.tools, name)) continue;
    if (!jsonEqual(old.tools[name] as unknown as Json, next.tools[name] as unknown as Json))
      report(comparison, ["tools", name], `the definition of the tool \`${name}\` is another one`);
  }
  for (const name of Object.keys(next.servers))
    if (Object.hasOwn(old.servers, name) && !jsonEqual(old.servers[name], next.servers[name]))
      report(comparison, ["servers", name], `the identity of the server \`${name}\` is another one`);
}

function report({ report: say }: Comparison, steps: readonly string[], sentence: string): void {
  // Beside the plan, not in it.
  const pointer = `/../${steps.map((step) => step.replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}`;
  say({ relation: "incomparable", before: pointer, after: pointer, sentence });
}

/** The hosts of a plan's constants, which `links: "plan"` lets the agent's texts link to. */
function compareHosts(comparison: Comparison): void {
  const { before, after } = comparison;
  const isLinking = Object.entries(after.frozen.plan.nodes).some(([name, node]) =>
    rulesOf(name, node).some(({ rule }) => {
      const classed = classify(rule);
      return classed.kind === "write" && (classed.rule.write.links ?? "plan") === "plan";
    }),
  );
  if (!isLinking) return;
  const added = after.compiled.hosts.filter((host) => !before.compiled.hosts.includes(host));
  if (added.length > 0)
    reportAt(comparison, at("nodes"), {
      relation: "wider",
      sentence: "new constants hold hosts that the agent's texts may link to",
      witness: { links: added },
    });
}

const comparedMembers = new Set([
  "sluice",
  "name",
  "task",
  "description",
  "notAfter",
  "params",
  "labels",
  "limits",
  "nodes",
  "flows",
]);

/** Members of a plan or of its frozen form that have no comparison of their own. */
function compareRest(comparison: Comparison): void {
  const [old, next] = [comparison.before.frozen, comparison.after.frozen];
  compareMembers(comparison, { before: old.plan, after: next.plan }, comparedMembers);
  const own = new Set(["kind", "version", "digest", "plan", "tools", "servers", "labels", "signature"]);
  compareMembers(comparison, { before: old, after: next }, own);
}

function compareMembers(
  comparison: Comparison,
  { before, after }: { readonly before: object; readonly after: object },
  known: ReadonlySet<string>,
): void {
  const [old, next] = [before as JsonObject, after as JsonObject];
  for (const name of new Set([...Object.keys(old), ...Object.keys(next)])) {
    if (known.has(name) || jsonEqual(old[name], next[name])) continue;
    const relation: Relation = "incomparable";
    reportAt(comparison, at(name), { relation, sentence: `\`${name}\` is different` });
  }
}

/** Whether a denial of a plan may rest on a label: else labels may be anything. */
export function doLabelsMatter({ frozen, compiled }: Side): boolean {
  return (
    compiled.flows.length > 0 ||
    Object.hasOwn(frozen, "policy") ||
    Object.values(frozen.tools).some(
      ({ facts }) =>
        facts.audience !== undefined ||
        facts.resource !== undefined ||
        facts.effects.includes("network") ||
        facts.effects.includes("message"),
    ) ||
    compiled.nodes.some((node) => node.args.some(({ rule, roles }) => isChosen(rule) && roles.some((role) => role !== "content")))
  );
}

function isChosen(rule: CompiledRule): boolean {
  if (rule.kind === "object") return rule.members.some((part) => isChosen(part.rule));
  if (rule.kind === "list") return rule.elements.some(isChosen);
  return rule.kind === "choose" || ((rule.kind === "from" || rule.kind === "item") && rule.pick === "agent");
}
