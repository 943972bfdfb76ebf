/**
 * Changes to a node's constraints by effect, its rate, its budgets and its approval.
 * Pure. Only proposes; each is frozen and replayed before anybody sees it.
 */
import { isArray, isObject, type Json } from "../../json/value.ts";
import { readHost } from "../../lang/host.ts";
import type { Budget, PlanNode } from "../../plan/plan.ts";
import type { Steps } from "../patch.ts";
import { type Edit, nodeOf, shown, type Situation, spotOf } from "../situation.ts";
import { runsOf } from "./node.ts";

/** Changes to the constraints of the node that came closest. */
export function constraintEdits(situation: Situation): readonly Edit[] {
  const found = nodeOf(situation);
  if (found?.node.constraints === undefined) return [];
  const at: Steps = ["nodes", found.name, "constraints"];
  return [
    ...effectEdits(situation, found.node, at),
    ...rateEdits(situation, found, at),
    ...budgetEdits(situation, found, at),
    ...approvalEdits(found, at),
  ];
}

function effectEdits(situation: Situation, { constraints }: PlanNode, at: Steps): readonly Edit[] {
  const spot = spotOf(situation);
  const texts = spot?.sent === undefined ? [] : textsOf(spot.sent);
  if (spot === undefined || texts.length === 0) return [];
  const edits: Edit[] = [];
  const hosts = [
    ...new Set(
      texts.flatMap((text) => {
        const host = readHost(text);
        return host.ok ? [host.value.host] : [];
      }),
    ),
  ].filter((host) => constraints?.hosts?.includes(host) === false);
  if (constraints?.hosts !== undefined && hosts.length > 0)
    edits.push({
      patch: [{ op: "replace", path: [...at, "hosts"], value: [...constraints.hosts, ...hosts] }],
      opens: `\`${spot.node}\` may also reach ${hosts.map((host) => `\`${host}\``).join(", ")}`,
      rank: 5,
    });
  if (constraints?.paths !== undefined)
    edits.push({
      patch: [{ op: "replace", path: [...at, "paths"], value: [...constraints.paths, ...texts] }],
      opens: `\`${spot.node}\` may also touch ${texts.map((text) => shown(text)).join(", ")} and what lies below`,
      rank: 5,
    });
  for (const kind of ["emails", "domains"] as const) {
    const list = constraints?.[kind];
    const added = texts.map((text) => (kind === "emails" ? text : text.slice(text.lastIndexOf("@") + 1)));
    if (list !== undefined)
      edits.push({
        patch: [{ op: "replace", path: [...at, kind], value: [...list, ...added] }],
        opens: `\`${spot.node}\` may also write to ${added.map((text) => shown(text)).join(", ")}`,
        rank: kind === "emails" ? 4 : 6,
      });
  }
  if (constraints?.argv !== undefined)
    edits.push({
      patch: [{ op: "remove", path: [...at, "argv"] }],
      opens: `\`${spot.node}\` may run any command that its argument allows`,
      rank: 9,
    });
  if (constraints?.sql !== undefined)
    edits.push({
      patch: [{ op: "remove", path: [...at, "sql"] }],
      opens: `\`${spot.node}\` may run any SQL that its argument allows`,
      rank: 9,
    });
  return edits;
}

function textsOf(value: Json): readonly string[] {
  if (typeof value === "string") return [value];
  if (isArray(value)) return value.flatMap(textsOf);
  return isObject(value) ? Object.values(value).flatMap(textsOf) : [];
}

function rateEdits(
  situation: Situation,
  { name, node }: { readonly name: string; readonly node: PlanNode },
  at: Steps,
): readonly Edit[] {
  const rate = node.constraints?.rate;
  if (rate === undefined || situation.call.code !== "CALL_RATE") return [];
  const calls = runsOf(situation, name).length + 1;
  return [
    {
      patch: [{ op: "replace", path: [...at, "rate", "calls"], value: calls }],
      opens: `\`${name}\` may be called ${calls} times a ${rate.per}`,
      rank: 3,
    },
  ];
}

function budgetEdits(
  situation: Situation,
  { name, node }: { readonly name: string; readonly node: PlanNode },
  at: Steps,
): readonly Edit[] {
  const budget = node.constraints?.budget;
  if (budget === undefined || (situation.call.code !== "CALL_BUDGET" && situation.call.code !== "HIDDEN")) return [];
  const one = (each: Budget, path: Steps): readonly Edit[] => {
    const spent = runsOf(situation, name).reduce((sum, call) => sum + amountOf(call.final, each), 0);
    const asked = amountOf(situation.call.sent, each);
    // What the plan fills in is not known for a denied call; then the budget is raised in steps.
    const wanted = [spent + asked, ...[1.25, 1.5, 2, 4, 10].map((factor) => each.max * factor)].filter((max) => max > each.max);
    return wanted.map((max) => ({
      patch: [{ op: "replace", path: [...path, "max"], value: max }],
      opens: `${each.sum === undefined ? `up to ${max} runs of` : `\`${each.sum}\` may add up to ${max} over all runs of`} \`${name}\`${each.per === undefined ? "" : ` a ${each.per}`}, instead of ${each.max}`,
      rank: 5,
      family: path.join("/"),
    }));
  };
  return isArray(budget as unknown as Json)
    ? (budget as readonly Budget[]).flatMap((each, i) => one(each, [...at, "budget", i]))
    : one(budget as Budget, [...at, "budget"]);
}

function amountOf(args: { readonly [name: string]: Json } | undefined, { sum }: Budget): number {
  if (sum === undefined) return 1;
  const value = args?.[sum];
  return typeof value === "number" ? value : 0;
}

function approvalEdits({ name, node }: { readonly name: string; readonly node: PlanNode }, at: Steps): readonly Edit[] {
  if (node.constraints?.approve === undefined) return [];
  return [{ patch: [{ op: "remove", path: [...at, "approve"] }], opens: `\`${name}\` runs without a human's approval`, rank: 8 }];
}
