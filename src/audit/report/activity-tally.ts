/**
 * Records of processing: what was done under each plan, with whose data, of which kinds, and who received it; and the disclosures of one person.
 * Pure; bounded. A tool that only reads, and that no mapping names, is a source and no recipient.
 */
import { reportPeopleMax, reportRowsMax } from "./bounds.ts";
import type { AuditRecord } from "../record.ts";
import type { Declared } from "./declared.ts";
import type { Arrived } from "./flow-tally.ts";
import type { Row } from "./form.ts";
import type { NodeFacts, PlanFacts } from "./plan-facts.ts";
import { addTo, type Proof, proofOf, timeText } from "./proof.ts";
import { byText, type Groups, openGroups, type Rows, type Taken, within } from "./tally.ts";

interface Activity {
  readonly plan: PlanFacts;
  sessions: number;
  calls: number;
  readonly people: Set<string>;
  readonly labels: Set<string>;
  readonly recipients: Map<string, NodeFacts>;
  readonly nodes: Set<string>;
  readonly proof: Proof;
}

interface Disclosure {
  readonly record: Pick<AuditRecord, "seq" | "at" | "session" | "kind">;
  readonly plan: PlanFacts;
  readonly node: NodeFacts;
  readonly labels: ReadonlySet<string>;
  readonly args: ReadonlySet<string>;
  readonly by: readonly string[];
}

/** Counts what was done under each plan. */
export interface ActivityTally {
  /** Takes a record of the period that has a plan. `arrived`: what came to an allowed call; `by`: who approved this very call. */
  take(taken: Taken, call?: { readonly arrived: readonly Arrived[]; readonly by: readonly string[] }): void;
  rows(world: Rows): readonly Row<"activities">[];
  disclosures(world: Rows): readonly Row<"disclosures">[];
  /** Calls of the one person that went to what the mapping declares internal. */
  readonly internal: () => number;
}

/** Opens one. `ofOne`: whether disclosures are told one by one. */
export function openActivityTally(declared: Declared, ofOne: boolean): ActivityTally {
  const groups: Groups<Activity> = openGroups();
  const disclosures: Disclosure[] = [];
  let lost = 0;
  let internal = 0;
  let people = 0;
  const meet = (activity: Activity, principal: string): void => {
    if (people >= reportPeopleMax || activity.people.has(principal)) return;
    activity.people.add(principal);
    people += 1;
  };
  return {
    take: ({ record, plan, node }, call) => {
      const group = plan === undefined ? undefined : groups.of(plan.digest, () => openActivity(plan));
      if (plan === undefined || group === undefined) return;
      if (record.principal !== undefined) meet(group, record.principal);
      if (record.kind === "open") group.sessions += 1;
      addTo(group.proof, record);
      if (call === undefined || node === undefined) return;
      group.calls += 1;
      group.nodes.add(node.name);
      for (const label of node.labels) group.labels.add(label);
      if (call.arrived.length === 0 || !declared.isRecipient(node)) return;
      group.recipients.set(node.name, node);
      if (!ofOne) return;
      // What stays with the organisation itself is a use, and no disclosure.
      if (declared.recipient(node).kind === "internal") internal += 1;
      else if (disclosures.length >= reportRowsMax) lost += 1;
      else disclosures.push(disclosureOf({ record, plan, node, by: call.by }, call.arrived));
    },
    rows: (world) => {
      const rows = groups.values().map((group) => rowOf(group, world, people >= reportPeopleMax));
      rows.sort((a, b) => byText(a.planName, b.planName) || byText(a.first, b.first));
      return within(rows, "activities", world, groups.lost());
    },
    internal: () => internal,
    disclosures: (world) =>
      within(
        disclosures.map((each) => disclosureRow(each, world)),
        "disclosures",
        world,
        lost,
      ),
  };
}

function openActivity(plan: PlanFacts): Activity {
  const sets = { people: new Set<string>(), labels: new Set<string>(), nodes: new Set<string>() };
  return { plan, sessions: 0, calls: 0, ...sets, recipients: new Map(), proof: proofOf() };
}

function rowOf(activity: Activity, { citing, declared }: Rows, isFull: boolean): Row<"activities"> {
  const { plan, sessions, calls, people, labels, recipients, nodes, proof } = activity;
  const used = [...plan.nodes.values()].filter(({ name }) => nodes.has(name));
  const measures = new Set(used.flatMap(({ safeguards }) => safeguards.map(({ what }) => what)));
  return {
    plan: plan.digest,
    planName: plan.name,
    task: plan.task ?? null,
    purpose: declared.purpose(plan.name),
    basis: declared.basis(plan.name),
    retention: declared.retention(
      plan.name,
      used.map(({ tool }) => tool),
    ),
    sessions,
    people: { count: people.size, isAtLeast: isFull },
    calls,
    categories: declared.categories(labels),
    recipients: onePerTool([...recipients.values()]).map(declared.recipient),
    measures: [...measures].sort(),
    ...citing.span(proof, { plan: plan.digest }),
  };
}

/** One node for each tool: a recipient is named once. */
function onePerTool(nodes: readonly NodeFacts[]): readonly NodeFacts[] {
  const byTool = new Map<string, NodeFacts>();
  for (const node of nodes) {
    const known = byTool.get(node.tool);
    byTool.set(node.tool, known === undefined ? node : { ...known, hosts: [...new Set([...known.hosts, ...node.hosts])].sort() });
  }
  return [...byTool.values()].sort((a, b) => byText(a.tool, b.tool));
}

function disclosureOf(
  {
    record,
    plan,
    node,
    by,
  }: { readonly record: AuditRecord; readonly plan: PlanFacts; readonly node: NodeFacts; readonly by: readonly string[] },
  arrived: readonly Arrived[],
): Disclosure {
  const { seq, at, session, kind } = record;
  return {
    record: { seq, at, kind, ...(session === undefined ? {} : { session }) },
    plan,
    node,
    labels: new Set(arrived.flatMap(({ labels }) => labels)),
    args: new Set(arrived.flatMap(({ args: sent }) => sent)),
    by,
  };
}

function disclosureRow({ record, plan, node, labels, args, by }: Disclosure, world: Rows): Row<"disclosures"> {
  const { citing, declared, approvers } = world;
  return {
    at: timeText(record.at),
    plan: plan.digest,
    planName: plan.name,
    session: record.session ?? "",
    node: node.name,
    recipient: declared.recipient(node),
    categories: declared.categories(labels),
    what: [...args].sort(),
    purpose: declared.purpose(plan.name, node.tool),
    approvedBy: by.length > 0 ? by : approvers(plan.digest),
    cites: citing.cite(proofOf(record)),
  };
}
