/**
 * Changes to what data may go where: hide the source, endorse, declassify, narrow or drop a flow rule.
 * Pure. Only proposes; each is frozen and replayed before anybody sees it.
 */
import type { Json } from "../../json/value.ts";
import { bitsOf } from "../../plan/lint/bits.ts";
import type { FlowRule, PlanNode } from "../../plan/plan.ts";
import { classify, optionsOf } from "../../plan/walk.ts";
import { builtInLabels } from "../../plan/built-in-labels.ts";
import type { Steps } from "../patch.ts";
import { type Edit, type Situation, type Spot, spotOf } from "../situation.ts";

/** Changes that let the labels of the denial into the argument, or keep them from reaching it. */
export function flowEdits(situation: Situation): readonly Edit[] {
  const { code } = situation.call;
  const spot = spotOf(situation);
  const isFlow = code?.startsWith("FLOW_") === true;
  return [
    ...(isFlow ? hideEdits(situation) : []),
    ...shownEdits(situation),
    ...(spot === undefined || !isFlow
      ? []
      : [...endorseEdits(situation, spot), ...declassifyEdits(situation, spot), ...removesEdits(situation, spot)]),
    ...ruleEdits(situation, spot),
  ];
}

/** Keep what tainted the conversation from the agent: then it could not have read it. */
function hideEdits({ plan, call }: Situation): readonly Edit[] {
  const sources = [...new Set(call.chain.flatMap(({ kind, node }) => (kind === "result" && node !== undefined ? [node] : [])))];
  const shownOnes = sources.filter((name) => plan.nodes[name]?.show !== "none");
  const hide = (names: readonly string[]): Edit => ({
    patch: names.map((name) => ({
      op: plan.nodes[name]?.show === undefined ? ("add" as const) : ("replace" as const),
      path: ["nodes", name, "show"],
      value: "none",
    })),
    opens: `nothing: the agent no longer sees what ${names.map((name) => `\`${name}\``).join(", ")} return${names.length === 1 ? "s" : ""}, only handles`,
    bits: 0,
    rank: 0,
    family: "hide",
  });
  const single = shownOnes.map((name) => hide([name]));
  return shownOnes.length > 1 ? [...single, hide(shownOnes)] : single;
}

/** The other way: what is hidden is why a literal cannot be compared. */
function shownEdits({ plan, call, calls }: Situation): readonly Edit[] {
  if (call.code !== "HIDDEN") return [];
  const ran = new Set(calls.flatMap(({ verdict, node }) => (verdict === "allow" && node !== null ? [node] : [])));
  return Object.entries(plan.nodes)
    .filter(([name, node]) => ran.has(name) && node.show !== undefined && node.show !== "all")
    .map(([name]) => ({
      patch: [{ op: "replace", path: ["nodes", name, "show"], value: "all" }],
      opens: `the agent sees all that \`${name}\` returns, and whoever wrote it speaks to the agent`,
      rank: 7,
    }));
}

/** Labels that can be endorsed or declassified: not `unknown`, which nothing removes. */
function culpritsOf({ call }: Situation, spot: Spot): readonly string[] {
  return (call.labels[spot.argument]?.sources ?? []).filter((name) => name !== "unknown" && name !== "user_input");
}

function endorseEdits(situation: Situation, spot: Spot): readonly Edit[] {
  const { plan, frozen } = situation;
  const specs = { ...builtInLabels, ...frozen.labels, ...plan.labels };
  const untrusted = culpritsOf(situation, spot).filter((name) => specs[name]?.integrity !== "trusted");
  const denied = (plan.flows ?? []).find(({ id }) => id === situation.call.rule)?.deny ?? [];
  const from = [...new Set([...untrusted, ...culpritsOf(situation, spot).filter((name) => denied.includes(name))])];
  const { rule } = spot;
  if (from.length === 0 || rule === undefined || optionsOf(rule).endorse !== undefined) return [];
  const value = { from, to: "user_input", why: "say here why this data may be trusted in this argument" };
  const bits = bitsOf(rule);
  const who =
    situation.call.code === "FLOW_CHOICE_UNTRUSTED"
      ? "what untrusted data has told the agent"
      : from.map((name) => `\`${name}\``).join(", ");
  return [
    {
      patch: optionPatch(spot, "endorse", value),
      opens: `${who} may decide \`${spot.title}\` of \`${spot.node}\``,
      ...(bits === undefined ? {} : { bits }),
      rank: 6,
    },
  ];
}

function declassifyEdits(situation: Situation, spot: Spot): readonly Edit[] {
  const { call, frozen } = situation;
  if (call.code !== "FLOW_AUDIENCE_DENIED" || spot.rule === undefined) return [];
  const audience = frozen.tools[call.tool]?.facts.audience;
  const to = Array.isArray(audience) ? [...(audience as readonly string[])] : "public";
  const from = [...culpritsOf(situation, spot)];
  const value = { from, to: to as Json, why: "say here why these readers may see it" };
  const readers = to === "public" ? "everyone" : `\`${(to as readonly string[]).join("`, `")}\``;
  const bits = bitsOf(spot.rule);
  const edit: Edit = {
    patch: optionPatch(spot, "declassify", value),
    opens: `${readers} may see ${from.map((name) => `\`${name}\``).join(", ")} in \`${spot.title}\` of \`${spot.node}\``,
    ...(bits === undefined ? {} : { bits }),
    rank: 6,
  };
  return from.length === 0 ? [] : [edit];
}

/** A scalar rule becomes `const`, so that it can carry the option. */
function optionPatch({ path, rule }: Spot, option: "endorse" | "declassify", value: Json): Edit["patch"] {
  const classed = rule === undefined ? undefined : classify(rule);
  if (classed === undefined || classed.kind === "list") return [];
  return [{ op: "replace", path, value: { ...(classed.rule as unknown as { readonly [key: string]: Json }), [option]: value } }];
}

/** A node on the way that checks: its output, bounded by its schema, loses the label. */
function removesEdits(situation: Situation, spot: Spot): readonly Edit[] {
  const { plan, call } = situation;
  const classed = spot.rule === undefined ? undefined : classify(spot.rule);
  if (classed?.kind !== "from") return [];
  const [name = "", ...path] = classed.rule.from.split("$");
  const node: PlanNode | undefined = plan.nodes[name];
  if (node === undefined || node.removes !== undefined || call.code !== "FLOW_SINK_DENIED") return [];
  const labels = [...culpritsOf(situation, spot)];
  const value = { labels, paths: [`$${path.join("$")}`] };
  return [
    {
      patch: [{ op: "add", path: ["nodes", name, "removes"], value }],
      opens: `what \`${name}\` returns there counts as checked: it may be any value that its schema allows`,
      rank: 5,
    },
  ];
}

function ruleEdits({ plan, call }: Situation, spot: Spot | undefined): readonly Edit[] {
  const index = (plan.flows ?? []).findIndex(({ id }) => id === call.rule);
  const rule: FlowRule | undefined = plan.flows?.[index];
  if (rule === undefined || call.rule === undefined) return [];
  const at: Steps = ["flows", index];
  const where = `of the rule \`${rule.id}\``;
  const edits: Edit[] = [];
  const others = (rule.args ?? argumentsOf(plan.nodes[call.node ?? ""])).filter((name) => name !== spot?.argument);
  if (spot !== undefined && others.length > 0) {
    const op = rule.args === undefined ? "add" : "replace";
    edits.push({
      patch: [{ op, path: [...at, "args"], value: others }],
      opens: `\`${spot.argument}\` is no longer among the arguments ${where}, on any tool of \`${toOf(rule)}\``,
      rank: 7,
    });
  }
  edits.push({
    patch: [{ op: "remove", path: at }],
    opens: `data of ${rule.deny.map((name) => `\`${name}\``).join(", ")} may reach every argument of \`${toOf(rule)}\`: the rule \`${rule.id}\` is gone`,
    rank: 9,
  });
  return edits;
}

function toOf({ to }: FlowRule): string {
  return typeof to === "string" ? to : to.join("`, `");
}

function argumentsOf(node: PlanNode | undefined): readonly string[] {
  return Object.keys(node?.args ?? {});
}
