/**
 * Stage 7 of the reference interpreter: sizes, hosts, paths, rates, budgets, approval.
 * Never looks at a label.
 */
import type { Code } from "../../src/codes.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import type { Budget, PlanNode, Role, Window } from "../../src/plan/plan.ts";
import { isConstant, rolesIn } from "./arguments.ts";
import type { Argument, Checked } from "./flows.ts";
import { commandHolds, constraintHolds } from "./effects.ts";
import { bytesOf } from "./lang.ts";
import { type Run, runsOf, type View } from "./view.ts";

const windowMs: { readonly [W in Window]: number } = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Why a constraint of the node forbids the call, if one does. */
export function constraintRefuses(view: View, call: Checked & { readonly name: string }): Code | undefined {
  const { maxBytes, rate, budget } = call.node.constraints ?? {};
  if (maxBytes !== undefined && bytesOf(canonicalJson(call.args)) > maxBytes) return "CALL_TOO_LARGE";
  // What says where the tool acts: targets and commands or, where a node has neither, the selectors that are no constants.
  const isActing = ({ roles }: { readonly roles: readonly Role[] }): boolean =>
    roles.includes("target") || roles.includes("command");
  const { args: rules = {} } = call.node;
  const { roles } = call.tool.facts;
  const hasActing = Object.entries(rules).some(([name, rule]) => isActing({ roles: rolesIn(rule, { name, roles }) }));
  const steers = (part: Argument): boolean =>
    isActing(part) || (!hasActing && part.roles.includes("selector") && !isConstant(part.rule));
  const { constraints = {} } = call.node;
  const roleOf = (name: string): Role => roles[name] ?? "target";
  const hasCommand = Object.keys(rules).some((name) => roleOf(name) === "command");
  const isRun = constraints.sql !== undefined || constraints.argv !== undefined;
  const isNetwork = call.tool.facts.effects.includes("network");
  for (const part of call.parts.filter(({ name }) => Object.hasOwn(call.args, name))) {
    const value = call.args[part.name] as Json;
    const isCommand = isRun && steers(part) && (roleOf(part.name) === "command" || !hasCommand);
    const holds = isCommand
      ? commandHolds(constraints, value)
      : constraintHolds(constraints, value, { steers: steers(part), isNetwork });
    if (!holds) return "ARG_CONSTRAINT";
  }
  const since = (per: Window | undefined, name = call.name): readonly Run[] =>
    runsOf(view, name).filter((run) => per === undefined || run.at > view.now - windowMs[per]);
  if (rate !== undefined && since(rate.per).length >= rate.calls) return "CALL_RATE";
  const spenders = (one: Budget): readonly string[] =>
    one.id === undefined
      ? [call.name]
      : Object.keys(view.session.frozen.plan.nodes).filter((name) =>
          budgetsOf(view.session.frozen.plan.nodes[name]).some(({ id }) => id === one.id),
        );
  const spent = (one: Budget): readonly Run[] =>
    spenders(one).flatMap((name) => {
      const isIdempotent = view.session.frozen.plan.nodes[name]?.constraints?.idempotent === true;
      return since(one.per, name).filter((run) => !(isIdempotent && run.state === "error" && run.settled !== undefined));
    });
  if ([budget ?? []].flat().some((one) => exceeds(one, { args: call.args, spent: spent(one) }))) return "CALL_BUDGET";
  return undefined;
}

function budgetsOf(node: PlanNode | undefined): readonly Budget[] {
  return [node?.constraints?.budget ?? []].flat() as readonly Budget[];
}

/** Whether one more run breaks a budget. Runs in flight are reserved; an error releases only under `idempotent`, a lease that ended never. */
function exceeds(budget: Budget, { args: last, spent }: { readonly args: JsonObject; readonly spent: readonly Run[] }): boolean {
  const cost = (args: JsonObject): Json => (budget.sum === undefined ? 1 : (args[budget.sum] ?? null));
  const costs = [...spent.map((run) => cost(run.args)), cost(last)].map((one) =>
    typeof one === "number" || typeof one === "bigint" ? Number(one) : -1,
  );
  // Other scopes are counted by the store.
  const isOwn = (budget.scope ?? "session") === "session";
  return costs.some((one) => one < 0) || (isOwn && costs.reduce((sum, one) => sum + one, 0) > budget.max);
}
