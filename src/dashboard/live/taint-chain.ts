/**
 * Follows a denial back to the first source, from agent to agent: a receipt leads to the session that it was issued in, and so on.
 * Never shows a value and never decides; what cannot be found is told as the receipts themselves tell it.
 */
import { readRecord } from "../../audit/record.ts";
import type { Code } from "../../codes.ts";
import { type ChainLink, trailOf } from "../../decide/chain.ts";
import type { CompiledNode } from "../../plan/compile/compiled.ts";
import { findIssued, type IssuedReceipt } from "../../receipts/issued.ts";
import { isArray, isObject, type Json, member } from "../../json/value.ts";
import { err, ok, type Result } from "../../result.ts";
import type { Entry } from "../../stores/store.ts";
import type { AuditAccess } from "../record/access.ts";
import {
  type Arrival,
  madeOf,
  type Moment,
  type Part,
  earlierPart,
  partOf,
  type TaintAgent,
  type TaintEdge,
  type TaintGraph,
  type TaintNode,
  toldPart,
} from "../graph/taint.ts";
import { type ReadSession, readSession, type SessionWorld } from "./read-session.ts";

/** What a chain is followed with. */
export interface ChainWorld extends SessionWorld {
  /** Where receipts of other stores may be found. */
  readonly audit?: AuditAccess | undefined;
}

/** Sessions that one chain is followed through, and boxes of its picture. */
const sessionsMax = 24;
const nodesMax = 120;

/** The links of a chain as facts keep it; what is none is left out. */
export function linksOf(chain: Json | undefined): readonly ChainLink[] {
  if (!isArray(chain)) return [];
  return chain.flatMap((link) => {
    const { kind, labels } = isObject(link) ? link : {};
    const isKind = kind === "result" || kind === "receipt" || kind === "context" || kind === "argument";
    return isKind && isArray(labels) && labels.every((name) => typeof name === "string") ? [link as unknown as ChainLink] : [];
  });
}

/**
 * The graph of a denial: `event` is its number in the session. Empty, where nothing untrusted was read before it. Errors: as of reading the session;
 * `CALL_MALFORMED`: there is no denial of this number.
 */
export async function taintChain(
  world: ChainWorld,
  { session, event }: { readonly session: ReadSession; readonly event: number },
): Promise<Result<TaintGraph, Code>> {
  const entry: Entry | undefined = session.entries[event];
  if (entry?.event.type !== "deny") return err("CALL_MALFORMED");
  const { facts = {}, event: denial } = entry;
  const links = linksOf(facts.chain);
  const folded = session.foldTo(event);
  const sink = links.at(-1);
  if (sink?.kind !== "argument") return ok({ agents: [], nodes: [], edges: [] });
  const agent = agentOf(session, folded?.frozen.plan.name);
  const labels = [...sink.labels].sort();
  const end: TaintNode = {
    id: "sink",
    kind: "sink",
    agent: agent.id,
    tool: sink.tool ?? denial.tool,
    labels,
    ...(denial.node === undefined ? {} : { node: denial.node }),
    ...(sink.argument === undefined ? {} : { argument: sink.argument }),
  };
  const graph: Growing = {
    agents: new Map([[agent.id, agent]]),
    nodes: [end],
    edges: [],
    sessions: new Set([session.header.id]),
  };
  if (folded === undefined) {
    grow(graph, toldFlat(links.slice(0, -1), agent.id));
    return ok(whole(graph));
  }
  const moment: Moment = { ...folded, at: denial.at };
  const node = folded.program.plan.byName.get(denial.node ?? "");
  const part = partOf(moment, links.slice(0, -1), agent.id, { to: end.id, labels, ...madeOf(moment, node, sink.argument) });
  grow(graph, part);
  await addEarlier(world, graph, { session, part, before: denial.at });
  const isAnyLabel = denial.code === "FLOW_AUDIENCE_DENIED";
  await follow(
    world,
    graph,
    part.arrivals.map((arrival) => ({ arrival, before: denial.at, isAnyLabel })),
  );
  return ok(whole(graph));
}

interface Growing {
  readonly agents: Map<string, TaintAgent>;
  readonly nodes: TaintNode[];
  readonly edges: TaintEdge[];
  readonly sessions: Set<string>;
}

interface Open {
  readonly arrival: Arrival;
  /** Milliseconds since the epoch. */
  readonly before: number;
  readonly isAnyLabel: boolean;
}

function agentOf({ header }: ReadSession, name: string | undefined): TaintAgent {
  const { id, plan } = header;
  return { id: `session ${id}`, name: name ?? plan, session: id, plan, isHere: true };
}

/** Adds what is not there yet. */
function grow({ nodes, edges }: Growing, part: Pick<Part, "nodes" | "edges">): void {
  const known = new Set(nodes.map(({ id }) => id));
  for (const node of part.nodes) if (!known.has(node.id)) nodes.push(node);
  edges.push(...part.edges);
}

/** A graph without edges to what was not drawn any more. */
function whole({ agents, nodes, edges }: Growing): TaintGraph {
  const drawn = nodes.slice(0, nodesMax);
  const ids = new Set(drawn.map(({ id }) => id));
  const used = new Set(drawn.map(({ agent }) => agent));
  return {
    agents: [...agents.values()].filter(({ id }) => used.has(id)),
    nodes: drawn,
    edges: edges.filter(({ from, to }) => ids.has(from) && ids.has(to)),
  };
}

/** Follows receipts, breadth first: the nearest agents are there even where the rest is too much. */
async function follow(world: ChainWorld, graph: Growing, open: Open[]): Promise<void> {
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { arrival, before, isAnyLabel } = next;
    if (graph.nodes.length >= nodesMax) return;
    const { receipt, status } = arrival.links.at(-1) ?? {};
    // What did not hold was issued by nobody, whatever it says.
    const isFollowed = receipt !== undefined && status === "admitted" && graph.sessions.size < sessionsMax;
    const found = isFollowed ? await issuedPart(world, graph, { receipt, id: arrival.id, before, isAnyLabel }) : undefined;
    if (found === undefined) {
      const told = toldPart(arrival);
      for (const agent of told.agents) if (!graph.agents.has(agent.id)) graph.agents.set(agent.id, agent);
      grow(graph, told);
      if (isFollowed) await markRecord(world.audit, graph, { receipt, id: arrival.id, links: arrival.links });
      continue;
    }
    grow(graph, found.part);
    await addEarlier(world, graph, { session: found.session, part: found.part, before: found.at });
    open.push(...found.part.arrivals.map((each) => ({ arrival: each, before: found.at, isAnyLabel })));
  }
}

/** What the session that issued a receipt adds; `undefined`: it is not in this store. */
async function issuedPart(
  world: ChainWorld,
  graph: Growing,
  {
    receipt,
    id,
    before,
    isAnyLabel,
  }: { readonly receipt: string; readonly id: string; readonly before: number; readonly isAnyLabel: boolean },
): Promise<{ readonly part: Part; readonly at: number; readonly session: ReadSession } | undefined> {
  const issued = await findIssued(world.store, receipt, before);
  if (issued === undefined) return undefined;
  const session = await readSession(world, issued.session);
  const folded = session.ok ? session.value.foldTo(issued.version) : undefined;
  if (!session.ok || folded === undefined) return undefined;
  const agent = agentOf(session.value, folded.frozen.plan.name);
  graph.agents.set(agent.id, agent);
  graph.sessions.add(issued.session);
  const moment: Moment = { ...folded, at: issued.at };
  // The call that the receipt was signed for stands between what it was made of and the receipt.
  const call = callNode(moment, issued, agent.id);
  const { into, links } = sentBy(moment, issued, { to: call.id, isAnyLabel });
  const part = partOf(moment, links, agent.id, into);
  const sent = { from: call.id, to: id, labels: [...call.labels].sort() };
  return { part: { ...part, nodes: [call, ...part.nodes], edges: [sent, ...part.edges] }, at: issued.at, session: session.value };
}

function callNode({ program, state, at }: Moment, { receipt, run: number }: IssuedReceipt, agent: string): TaintNode {
  const run = number === undefined ? undefined : state.runs[number];
  const node = run === undefined ? undefined : (program.plan.nodes[run.node] as CompiledNode);
  const labels = node === undefined ? program.labels.toValue(state.context).sources : madeOf({ program, state, at }, node).made;
  const named = node === undefined ? {} : { tool: node.tool?.name ?? "", node: node.name };
  return { id: `sent ${receipt}`, kind: "call", agent, labels, ...named, ...(run === undefined ? {} : { run: run.number }) };
}

/** Sessions of one conversation that are looked at, and those of the store among which they are looked for. */
const conversationMax = 6;
const listedMax = 300;

/** What an agent had read in earlier sessions of its conversation: the newest of them that brought it. */
async function addEarlier(
  world: ChainWorld,
  graph: Growing,
  { session, part, before }: { readonly session: ReadSession; readonly part: Part; readonly before: number },
): Promise<void> {
  const { earlier } = part;
  if (earlier === undefined || graph.sessions.size >= sessionsMax) return;
  const { id, conversation } = session.header;
  const listed = await world.store.list(listedMax);
  const others = (listed.ok ? listed.value : [])
    .filter(({ header }) => header.conversation === conversation && header.id !== id && header.openedAt <= before)
    .slice(0, conversationMax);
  let missing = earlier.labels;
  for (const { header } of others) {
    if (missing.length === 0) return;
    const read = await readSession(world, header.id);
    if (!read.ok) continue;
    const version = read.value.events.filter(({ at }) => at <= before).length;
    const folded = read.value.foldTo(version);
    if (folded === undefined) continue;
    const agent = agentOf(read.value, folded.frozen.plan.name);
    const found = earlierPart({ ...folded, at: before }, agent.id, { id: earlier.id, labels: missing });
    if (found.nodes.length === 0) continue;
    graph.agents.set(agent.id, agent);
    grow(graph, found);
    const brought = new Set(found.nodes.flatMap(({ labels }) => labels));
    missing = missing.filter((name) => !brought.has(name));
  }
}

/** What was in what a receipt was signed for, and where it came from. */
function sentBy(
  moment: Moment,
  { run: number, purpose }: IssuedReceipt,
  { to, isAnyLabel }: { readonly to: string; readonly isAnyLabel: boolean },
): { readonly into: Parameters<typeof partOf>[3]; readonly links: readonly ChainLink[] } {
  const { program, state } = moment;
  const run = number === undefined ? undefined : state.runs[number];
  const node = run === undefined ? undefined : (program.plan.nodes[run.node] as CompiledNode);
  const isAnswer = purpose === "response" || run === undefined;
  // The run that is signed for is the last of the state: what its arguments were made of was there before it.
  const made = isAnswer
    ? { runs: [], params: new Set<string>(), isContext: true, made: program.labels.toValue(state.context).sources }
    : madeOf(moment, node);
  const runs =
    run === undefined
      ? []
      : [...new Set(run.origins.map(({ run: origin }) => origin))].flatMap((origin) => state.runs[origin] ?? []);
  const label = run === undefined ? state.context : program.labels.join(run.base, state.context);
  const links = trailOf(program, state, { label, isAnyLabel, runs, isContext: made.isContext });
  return { into: { to, labels: made.made, ...made, runs }, links };
}

/** Records of the audit log that are looked through for one receipt. */
const recordsMax = 20_000;
const pageMax = 1_000;

/** Says which record of the audit log tells of the issue of a receipt, and of which session. */
async function markRecord(
  audit: AuditAccess | undefined,
  graph: Growing,
  { receipt, id, links }: { readonly receipt: string; readonly id: string; readonly links: readonly ChainLink[] },
): Promise<void> {
  const found = audit === undefined ? undefined : await issueRecord(audit, receipt);
  if (found === undefined) return;
  const at = graph.nodes.findIndex((node) => node.id === id);
  const node = graph.nodes[at];
  if (node !== undefined) graph.nodes[at] = { ...node, record: found.seq };
  const agentId = `key ${links.at(-1)?.key ?? ""}`;
  const agent = graph.agents.get(agentId);
  if (agent === undefined || found.session === undefined) return;
  graph.agents.set(agentId, { ...agent, session: found.session, ...(found.plan === undefined ? {} : { plan: found.plan }) });
}

interface Issue {
  readonly seq: number;
  readonly session?: string | undefined;
  readonly plan?: string | undefined;
}

/** The record of the call, or the note, for which a receipt was signed: the newest records first. */
async function issueRecord({ log }: AuditAccess, receipt: string): Promise<Issue | undefined> {
  const head = await log.head();
  if (!head.ok) return undefined;
  const least = Math.max(0, head.value.size - recordsMax);
  for (let until = head.value.size; until > least; until -= pageMax) {
    const from = Math.max(least, until - pageMax);
    const texts = await log.read(from, until - from);
    if (!texts.ok) return undefined;
    // A text without the id is not read: an id is 128 random bits.
    for (const text of texts.value.toReversed()) {
      const record = text.includes(receipt) ? readRecord(text) : undefined;
      const isIssue = record?.kind === "allow" || record?.kind === "release" || record?.kind === "receipt";
      const isOther = member(record?.facts, "what") === "accepted";
      if (record !== undefined && isIssue && !isOther && member(record.facts, "receipt") === receipt)
        return { seq: record.seq, session: record.session, plan: record.plan };
    }
  }
  return undefined;
}

/** A chain whose plan is not here: its links in their order, each into the next. */
function toldFlat(links: readonly ChainLink[], agent: string): Pick<Part, "nodes" | "edges"> {
  const nodes = links.map(
    ({ kind, tool, node, run, labels, receipt, status }, i): TaintNode => ({
      id: `${agent} link ${i}`,
      kind: kind === "argument" ? "result" : kind,
      agent,
      labels,
      ...(tool === undefined ? {} : { tool }),
      ...(node === undefined ? {} : { node }),
      ...(run === undefined ? {} : { run }),
      ...(receipt === undefined ? {} : { receipt }),
      ...(status === undefined ? {} : { status }),
    }),
  );
  const ids = [...nodes.map(({ id }) => id), "sink"];
  return { nodes, edges: nodes.map(({ id, labels }, i) => ({ from: id, to: ids[i + 1] ?? "sink", labels: [...labels].sort() })) };
}
