/**
 * Which data flowed from where to whom: each allowed call against what its session had read before, by what the plan can let flow.
 * Pure; bounded. Says at worst: that data may have gone along is said of every call where the plan does not exclude it.
 */
import { isObject } from "../../json/value.ts";
import type { AuditRecord } from "../record.ts";
import type { Row } from "./form.ts";
import type { Inflow, NodeFacts } from "./plan-facts.ts";
import { addTo, type Point, type Proof, proofOf } from "./proof.ts";
import type { Results, SessionSeen } from "./session-seen.ts";
import { textsIn } from "./facts.ts";
import { byText, type Groups, openGroups, type Rows, type Taken, within } from "./tally.ts";

interface FlowGroup {
  readonly plan: string;
  readonly sink: NodeFacts;
  readonly inflow: Inflow;
  readonly source: NodeFacts | undefined;
  readonly args: Set<string>;
  /** Labels that may have gone along, those of resources and of earlier sessions besides. */
  readonly labels: Set<string>;
  assumed: number;
  readonly proof: Proof;
  readonly sources: Proof;
}

/** Data that came to one call, as far as the plan lets it and the session had it. */
export interface Arrived {
  readonly args: readonly string[];
  readonly labels: readonly string[];
}

/** Counts flows. */
export interface FlowTally {
  /** Takes an allowed call of the period; what came to it. */
  take(taken: Taken): readonly Arrived[];
  rows(world: Rows): readonly Row<"flows">[];
  /** Calls whose sources were taken to be the plan's worst case. */
  readonly assumed: () => number;
}

/** Opens one. */
export function openFlowTally(): FlowTally {
  const groups: Groups<FlowGroup> = openGroups();
  let assumed = 0;
  return {
    take: ({ record, plan, node, session }) => {
      if (plan === undefined || node === undefined) return [];
      const found: Arrived[] = [];
      for (const inflow of node.inflows) {
        const source = typeof inflow.from === "object" ? inflow.from.node : inflow.from;
        const had = whatWasThere(inflow, session);
        if (had === undefined) continue;
        const arrived = arrivedAt({ record, declared: plan.declared }, inflow, [...new Set([...inflow.labels, ...had.brought])]);
        if (arrived === undefined) continue;
        found.push(arrived);
        const key = `${plan.digest}\n${node.name}\n${source}\n${inflow.way}`;
        const group = groups.of(key, () => ({
          plan: plan.digest,
          sink: node,
          inflow,
          source: typeof inflow.from === "object" ? plan.nodes.get(inflow.from.node) : undefined,
          args: new Set<string>(),
          labels: new Set<string>(),
          assumed: 0,
          proof: proofOf(),
          sources: proofOf(),
        }));
        if (group === undefined) continue;
        addTo(group.proof, record);
        for (const arg of arrived.args) group.args.add(arg);
        for (const label of arrived.labels) group.labels.add(label);
        if (had.isAssumed) group.assumed += 1;
        countSources(group, key, had, session);
      }
      if (session?.opened === undefined && node.inflows.length > 0) assumed += 1;
      return found;
    },
    rows: (world) => {
      const all = groups.values().map((group) => rowOf(group, world));
      all.sort((a, b) => weight(b) - weight(a) || byText(a.planName, b.planName) || byText(a.to.node, b.to.node));
      return within(all, "flows", world, groups.lost());
    },
    assumed: () => assumed,
  };
}

interface Had {
  readonly results: Results | undefined;
  readonly point: Point | undefined;
  readonly brought: Iterable<string>;
  readonly isAssumed: boolean;
}

/** What of a source the session had; `undefined`: nothing, so that nothing flowed. */
function whatWasThere({ from }: Inflow, session: SessionSeen | undefined): Had | undefined {
  const isAssumed = session?.opened === undefined;
  if (from === "person") return { results: undefined, point: session?.opened, brought: [], isAssumed };
  if (from === "conversation") {
    const brought = session?.context ?? [];
    return brought.length === 0 ? undefined : { results: undefined, point: session?.opened, brought, isAssumed: false };
  }
  const results = session?.results.get(from.node);
  if (results === undefined) return isAssumed ? { results, point: undefined, brought: [], isAssumed } : undefined;
  return { results, point: undefined, brought: results.brought, isAssumed: false };
}

/**
 * What of an inflow came to one call: what its record says that its arguments carried, where it says so and could say it; else all that the plan
 * lets through. `undefined`: nothing.
 */
function arrivedAt(
  { record, declared }: { readonly record: AuditRecord; readonly declared: ReadonlySet<string> },
  { args, isCleaned }: Inflow,
  labels: readonly string[],
): Arrived | undefined {
  const { carried } = record.facts;
  if (!isObject(carried)) return { args, labels };
  const carries = (arg: string, label: string): boolean => textsIn(carried[arg]).includes(label);
  // A record names declared labels alone: of what nobody declared, and of what was taken away before, it says nothing.
  const isSilent = isCleaned || labels.some((label) => !declared.has(label));
  if (isSilent)
    return { args, labels: labels.filter((label) => !declared.has(label) || args.some((arg) => carries(arg, label))) };
  const found = args.filter((arg) => labels.some((label) => carries(arg, label)));
  return found.length === 0
    ? undefined
    : { args: found, labels: labels.filter((label) => found.some((arg) => carries(arg, label))) };
}

/** Counts the records of the source that this group has not counted yet. */
function countSources({ sources }: FlowGroup, key: string, { results, point }: Had, session: SessionSeen | undefined): void {
  if (session === undefined) return;
  const before = session.counted.get(key) ?? 0;
  const now = results?.count ?? (point === undefined ? 0 : 1);
  if (now === before) return;
  session.counted.set(key, now);
  const points = results?.recent ?? (point === undefined ? [] : [point]);
  const fresh = points.slice(-(now - before));
  for (const each of fresh) addTo(sources, each);
  // Those between that are not remembered are counted, and found by the filter.
  sources.count += now - before - fresh.length;
}

function rowOf({ plan, sink, inflow, source, args, labels, assumed, proof, sources }: FlowGroup, world: Rows): Row<"flows"> {
  const { citing, declared, planName } = world;
  const name = planName(plan);
  const kind = typeof inflow.from === "object" ? "tool" : inflow.from;
  // What data came from may be older than the period.
  const ofSource = source === undefined ? { kind: "open", plan } : { kind: ["settle", "error"], plan, node: source.name };
  return {
    plan,
    planName: name,
    from: {
      kind,
      ...(source === undefined ? {} : { node: source.name, tool: source.tool }),
      categories: declared.categories(labels),
    },
    to: { node: sink.name, arguments: [...args].sort(), recipient: declared.recipient(sink) },
    way: inflow.way,
    purpose: declared.purpose(name, sink.tool),
    isCleaned: inflow.isCleaned,
    assumed,
    ...citing.span(proof, { kind: ["allow", "release"], plan, node: sink.name }),
    sources: citing.cite(sources, { ...ofSource, since: undefined }),
  };
}

/** What a reader looks for first: personal data, then what nobody declared, then what is declared not to be personal. */
function weight({ from, to }: Row<"flows">): number {
  const worth = from.categories.map(({ isPersonal, isSpecial }) =>
    isSpecial ? 4 : isPersonal === true ? 3 : isPersonal === null ? 1 : 0,
  );
  return 10 * Math.max(0, ...worth) + (to.recipient.effects.some((effect) => effect !== "read") ? 5 : 0);
}
