/**
 * Takes what an agent asks for: the plan that the session could go on under by itself, or the one that a human would have to approve.
 * Pure. No I/O, no clock. Tools that the plan has keep the definitions that they were frozen with, whatever a catalogue says now.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import { type Json, jsonEqual } from "../json/value.ts";
import type { CompiledPlan } from "../plan/compile/compiled.ts";
import type { Finding } from "../plan/finding.ts";
import { freezePlan } from "../plan/freeze.ts";
import { catalogueOf } from "../plan/freeze-resolve.ts";
import type { FrozenPlan, Plan, PlanNode } from "../plan/plan.ts";
import { withEnvelope } from "../plan/envelope.ts";
import { parsePlan } from "../plan/schema.ts";
import { optionsOf, rulesOf } from "../plan/walk.ts";
import { policyOf } from "../policy/frozen.ts";
import { err, ok, type Result } from "../result.ts";
import { amendedPlan, withGivenConstants } from "./given.ts";
import { grantOf, runsLeft, type Spending } from "./granted.ts";

/** What an amendment is read against. */
export interface AmendmentGround {
  /** The plan of the session, as it was frozen. */
  readonly frozen: FrozenPlan;
  /** The same as it is enforced. */
  readonly compiled: CompiledPlan;
  /** Tools that amendments may add, as the operator pins them; without it, those of the plan. */
  readonly catalogue?: Catalogue | undefined;
  /** Runs that amendments have spent of an entry of the envelope. */
  spentOf(entry: number): number;
}

/** An amendment, read. */
export interface Proposal {
  /** The plan as the session could go on under it by itself: what the agent wrote is its choice. */
  readonly own: FrozenPlan;
  /** Nodes that the envelope grants. */
  readonly granted: ReadonlySet<string>;
  readonly spent: readonly Spending[];
  /** Whether descriptions of labels, rules or entries are others, or a reason for an endorsement is one that the plan does not give. */
  readonly isReworded: boolean;
  /** The plan as a human would approve it: the values that the agent wrote are constants then. */
  readonly approved: FrozenPlan;
}

/** Why it cannot be read, with the findings of freezing; their messages quote the plan and are for the operator. */
export interface ProposalFailure {
  readonly code: "AMEND_MALFORMED" | "AMEND_INVALID";
  readonly findings: readonly Finding[];
}

/** Reads an amendment: members of a plan, nodes merged by name. See "Amendments" in `src/README.md`. */
export function proposeAmendment(ground: AmendmentGround, draft: Json): Result<Proposal, ProposalFailure> {
  const merged = amendedPlan(ground.frozen.plan, draft);
  if (!merged.ok) return err({ code: merged.error, findings: [] });
  const parsed = parsePlan(merged.value);
  if (!parsed.ok) return err({ code: "AMEND_INVALID", findings: parsed.error });
  const { own, granted, spent } = ownPlan(ground, parsed.value);
  const catalogue = pinnedCatalogue(ground);
  const policy = policyOf(ground.frozen);
  const options = policy === undefined ? {} : { policy };
  const frozen = freezePlan(own, catalogue, options);
  if (!frozen.ok) return err({ code: "AMEND_INVALID", findings: frozen.error });
  const approved = freezePlan(parsed.value, catalogue, options);
  if (!approved.ok) return err({ code: "AMEND_INVALID", findings: approved.error });
  const reasons = reasonsIn(ground.frozen.plan);
  const isReworded =
    !jsonEqual(wordsOf(ground.frozen.plan), wordsOf(frozen.value.plan)) ||
    [...reasonsIn(frozen.value.plan)].some((reason) => !reasons.has(reason));
  return ok({ own: frozen.value, granted, spent, isReworded, approved: approved.value });
}

/** What people read of the parts of a plan that no comparison looks at. Nodes keep their words in {@link ownPlan}. */
function wordsOf({ labels = {}, flows = [], envelope = [] }: Plan): Json {
  const named = [...Object.entries(labels), ...flows.map((flow) => [flow.id, flow] as const), ...Object.entries(envelope)];
  return named.flatMap(([name, { description }]) => (description === undefined ? [] : [[name, description]]));
}

/** What people gave as reasons for endorsing and declassifying, anywhere in a plan. */
function reasonsIn(plan: Plan): ReadonlySet<string> {
  const nodes = Object.entries(withEnvelope(plan).plan.nodes);
  const options = nodes.flatMap(([name, node]) => rulesOf(name, node).map(({ rule }) => optionsOf(rule)));
  return new Set(options.flatMap(({ endorse, declassify }) => [endorse, declassify].flatMap((each) => each?.why ?? [])));
}

/** The plan with the agent's constants as its choices, but for those that the envelope holds. */
function ownPlan(ground: AmendmentGround, plan: Plan): { own: Plan; granted: ReadonlySet<string>; spent: readonly Spending[] } {
  const old = ground.frozen.plan.nodes;
  const left = [...runsLeft(ground.compiled, ground.spentOf)];
  const granted = new Set<string>();
  const spent: Spending[] = [];
  const nodes = Object.entries(plan.nodes).map(([name, node]): [string, PlanNode] => {
    const before = Object.hasOwn(old, name) ? old[name] : undefined;
    if (before !== undefined && jsonEqual(node as unknown as Json, before as unknown as Json)) return [name, node];
    const grant = before === undefined ? grantFor(ground, node, left) : undefined;
    if (grant === undefined) return [name, withWords(withGivenConstants(node, before), before)];
    left[grant.entry] = (left[grant.entry] ?? 0) - grant.runs;
    granted.add(name);
    spent.push({ entry: grant.entry, runs: grant.runs });
    return [name, withWords(grant.node, undefined)];
  });
  return { own: { ...plan, nodes: Object.fromEntries(nodes) }, granted, spent };
}

/** A node with the description that people gave it: what an agent writes there nobody has read. */
function withWords({ description: _, ...node }: PlanNode, before: PlanNode | undefined): PlanNode {
  return before?.description === undefined ? node : { ...node, description: before.description };
}

function grantFor(ground: AmendmentGround, node: PlanNode, left: readonly number[]): ReturnType<typeof grantOf> {
  if (node.tool === undefined) return undefined;
  const tool = pinnedCatalogue(ground).resolve(node.tool);
  return tool.ok ? grantOf(ground.compiled, { tool: tool.value.name, node }, left) : undefined;
}

/** SECURITY: the plan's own tools first, as they were pinned; a later definition of the same name is never taken. */
function pinnedCatalogue({ frozen, catalogue }: AmendmentGround): Catalogue {
  const own = catalogueOf(frozen);
  if (catalogue === undefined) return own;
  return {
    tools: new Map([...catalogue.tools, ...own.tools]),
    servers: new Map([...catalogue.servers, ...own.servers]),
    labels: { ...catalogue.labels, ...own.labels },
    findings: [],
    resolve: (name, place) => {
      const pinned = own.resolve(name, place);
      if (pinned.ok) return pinned;
      const found = catalogue.resolve(name, place);
      // Also by its bare name a tool is the one that was pinned.
      return found.ok && own.tools.has(found.value.name) ? own.resolve(found.value.name, place) : found;
    },
  };
}
