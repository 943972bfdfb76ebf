/**
 * What is tried with amendments: drafts that a hijacked agent makes of the plan, each of which lets more through than the plan does.
 * Pure and deterministic. A trace has no amendments, so no line comes of it.
 */
import { proposeAmendment } from "../amend/propose.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Guard } from "../engine.ts";
import { type Json, type JsonObject, isObject, member } from "../json/value.ts";
import type { ArgRule, Plan, PlanNode } from "../plan/plan.ts";
import { classify } from "../plan/walk.ts";
import type { Refused } from "./off-plan.ts";
import type { BaseRun } from "./run.ts";
import { evil } from "./values.ts";

/** Drafts of one plan. */
const draftsMax = 400;
/** Tools that drafts add. */
const toolsMax = 40;

/** Asks for each draft as the agent, after a run: it must be refused or wait for a human, and what the agent wrote must carry what it has read. */
export function widerAmendments(guard: Guard, base: BaseRun, catalogue: Catalogue | undefined): readonly Refused[] {
  const { plan } = guard.program.plan.frozen;
  const found: Refused[] = [];
  for (const { what, draft, isWider } of drafts(plan, catalogue)) {
    if (found.length >= draftsMax) break;
    const ground = { frozen: guard.frozen, compiled: guard.program.plan, catalogue, spentOf: () => 0 };
    const proposal = proposeAmendment(ground, draft);
    if (!proposal.ok) {
      found.push({ technique: "amendment", code: proposal.error.code, what });
      continue;
    }
    const { own, granted } = proposal.value;
    if (granted.size > 0) continue;
    // Where nothing has run yet, every node may still be changed.
    for (const events of [base.before[0], base.before.at(-1)]) {
      const amended = guard.resume(events ?? []).amend(own, { by: "agent" });
      if (!amended.ok) found.push({ technique: "amendment", code: amended.error, what });
      // Else it went through with the agent's values as its choices, and nothing was gained.
      else if (isWider || isLaundered(own.plan, draft)) found.push({ technique: "amendment", code: undefined, what });
    }
  }
  return found;
}

/** Whether a value of the draft became a constant of the plan. */
function isLaundered(plan: Plan, draft: Json): boolean {
  const nodes = member(draft, "nodes");
  return Object.entries(isObject(nodes) ? nodes : {}).some(([name, node]) => {
    const args = member(node, "args");
    const wrote = Object.entries(isObject(args) ? args : {}).filter(([, value]) => value === evil.id);
    return wrote.some(([arg]) => plan.nodes[name]?.args?.[arg] === evil.id);
  });
}

interface Draft {
  readonly what: string;
  readonly draft: Json;
  /** Whether it surely lets more through; else it may be no more than a choice of one. */
  readonly isWider: boolean;
}

function* drafts(plan: Plan, catalogue: Catalogue | undefined): Generator<Draft> {
  const changed = (what: string, name: string, node: PlanNode | JsonObject, isWider = true): Draft => ({
    what: `${name}: ${what}`,
    draft: { nodes: { [name]: node as unknown as Json } },
    isWider,
  });
  for (const [name, node] of Object.entries(plan.nodes)) {
    if (node.tool === undefined) continue;
    yield changed("more runs", name, { ...node, times: { min: 0, max: 1_000 } });
    yield changed("once more under another name", `${name}-again`, node);
    const { approve, ...constraints } = node.constraints ?? {};
    if (approve !== undefined) yield changed("no human asked", name, { ...node, constraints });
    for (const [arg, rule] of Object.entries(node.args ?? {})) {
      const put = (value: ArgRule): PlanNode => ({ ...node, args: { ...node.args, [arg]: value } });
      const isAgents = isGiven(rule);
      yield changed(`another constant as \`${arg}\``, name, put(evil.id), !isAgents);
      if (!isAgents) yield changed(`a choice as \`${arg}\``, name, put({ choose: { type: "string" } }));
      yield changed(`what it has read, endorsed, as \`${arg}\``, name, put(endorsed));
    }
  }
  for (const { id } of plan.flows ?? [])
    yield { what: `without the flow rule ${id}`, draft: { flows: without(plan, id) }, isWider: false };
  for (const tool of [...(catalogue?.tools.keys() ?? [])].slice(0, toolsMax))
    yield changed(`a call of ${tool}`, "added-by-agent", { tool, args: {} });
  yield { what: "an envelope that grants everything", draft: { envelope: [{ tool: "*", times: 100 }] }, isWider: true };
}

/** Whether the agent gives the value, so that one more constant of its own is no more than that. */
function isGiven(rule: ArgRule): boolean {
  const classed = classify(rule);
  if (classed.kind === "from" || classed.kind === "item") return classed.rule.pick === "agent";
  return classed.kind === "choose" || classed.kind === "write";
}

const endorsed: ArgRule = {
  choose: { enum: [evil.id, evil.email] },
  endorse: { from: ["external_api", "database_record"], to: "user_input", why: "it is fine" },
};

function without({ flows = [] }: Plan, id: string): Json {
  return flows.filter((flow) => flow.id !== id) as unknown as Json;
}
