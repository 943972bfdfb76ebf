/**
 * The taint chain of a denial as a graph: from the sources, through results, receipts and what agents had read, to the argument.
 * Pure. Explains what the engine has recorded and decides nothing; names of tools, nodes and labels, never a value.
 */
import type { ChainLink } from "../../decide/chain.ts";
import { labelOfPart } from "../../decide/fill.ts";
import type { Program } from "../../decide/program.ts";
import type { Inbound } from "../../decide/received.ts";
import { openScope } from "../../decide/rows.ts";
import type { Run, SessionState } from "../../decide/state.ts";
import { bottom, join } from "../../taint/label.ts";
import type { CompiledNode, CompiledRule } from "../../plan/compile/compiled.ts";

/** One thing that data was in. */
export interface TaintNode {
  /** Unique in the graph. */
  readonly id: string;
  /**
   * `result` of a tool; `context`: what an agent had read; `call`: what was sent to another agent; `receipt`: what that agent was given as proof;
   * `sink`: where it may not go.
   */
  readonly kind: "result" | "context" | "call" | "receipt" | "sink";
  /** Id of the agent that it belongs to. */
  readonly agent: string;
  /** Qualified name of the tool, of a result or the sink. */
  readonly tool?: string;
  readonly node?: string;
  readonly run?: number;
  /** Of the sink: the argument. */
  readonly argument?: string;
  readonly labels: readonly string[];
  readonly receipt?: string;
  /** What was found of a receipt. */
  readonly status?: string;
  /** Of a receipt: the number of its issue in the audit log, where only that knows it. */
  readonly record?: number;
}

/** That data went on. */
export interface TaintEdge {
  readonly from: string;
  readonly to: string;
  /** Names of the labels that it carried, sorted. */
  readonly labels: readonly string[];
}

/** An agent: a session that this store or the audit log knows, or one of which only a receipt tells. */
export interface TaintAgent {
  readonly id: string;
  /** Name of its plan, or what the policy calls the issuer. */
  readonly name: string;
  readonly session?: string;
  /** Digest of its plan. */
  readonly plan?: string;
  /** Whether the session is in the store, so that it can be looked at. */
  readonly isHere: boolean;
}

/** A chain as a graph. Edges go from sources to the sink. */
export interface TaintGraph {
  readonly agents: readonly TaintAgent[];
  readonly nodes: readonly TaintNode[];
  readonly edges: readonly TaintEdge[];
}

/** A session as it stood when something of it was sent or denied. */
export interface Moment {
  readonly program: Program;
  readonly state: SessionState;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What data of a session went into. */
export interface Into {
  /** Id of the node that it goes to: the sink, or a receipt. */
  readonly to: string;
  /** Names of labels on the edges that lead there. */
  readonly labels: readonly string[];
  /** Runs whose results it was made of, as far as they are known. */
  readonly runs: readonly Run[];
  /** Names of parameters that it was made of. */
  readonly params: ReadonlySet<string>;
  /** Whether the agent had a say in it. */
  readonly isContext: boolean;
}

/** A receipt that came in: where its story can go on. */
export interface Arrival {
  /** Id of its node. */
  readonly id: string;
  /** What was told of it, the receipt itself last. */
  readonly links: readonly ChainLink[];
}

/** What an agent had read before its session began: in earlier sessions of the same conversation. */
export interface Earlier {
  /** Id of the node of what it had read. */
  readonly id: string;
  /** Names of the labels that this session itself did not bring, sorted. */
  readonly labels: readonly string[];
}

/** What one session adds to a graph. */
export interface Part {
  readonly nodes: readonly TaintNode[];
  readonly edges: readonly TaintEdge[];
  readonly arrivals: readonly Arrival[];
  readonly earlier?: Earlier;
}

/** What arguments of a node were made of, with the names of their labels. `argument`: only this one (a name, or a place in it). */
export function madeOf(
  { program, state, at }: Moment,
  node: CompiledNode | undefined,
  argument?: string,
): Pick<Into, "runs" | "params" | "isContext"> & { readonly made: readonly string[] } {
  const name = argument?.split("/")[0];
  const args = (node?.args ?? []).filter((arg) => name === undefined || arg.name === name);
  const params = new Set<string>();
  const runs = new Set<Run>();
  // An argument that the plan does not mention is the agent's own.
  let isContext = args.length === 0;
  let label = bottom;
  for (const { rule } of args) {
    paramsOf(rule, params);
    try {
      const part = labelOfPart({ ...openScope(program, state, at), row: undefined }, rule);
      for (const run of part.runs) runs.add(run);
      isContext ||= part.isContext;
      label = join(label, part.isContext ? join(part.label, state.context) : part.label);
    } catch {
      // What cannot be worked out again without the row of its loop: the chain says which results were in it.
    }
  }
  return { runs: [...runs], params, isContext, made: program.labels.toValue(label).sources };
}

/** Names of the parameters that a rule reads. */
function paramsOf(rule: CompiledRule, found: Set<string>): void {
  if (rule.kind === "param") found.add(rule.name);
  if (rule.kind === "expr") for (const name of rule.code.params) found.add(name);
  if (rule.kind === "template") for (const hole of rule.holes) paramsOf(hole.rule, found);
  if (rule.kind === "object") for (const inner of rule.members) paramsOf(inner.rule, found);
  if (rule.kind === "list") for (const inner of rule.elements) paramsOf(inner, found);
}

/**
 * The part of one session: the links of its chain (`decide/chain.ts`) as nodes, and between them what went into what. Links that other agents
 * told of are left to their receipts.
 */
export function partOf({ program, state }: Moment, links: readonly ChainLink[], agent: string, into: Into): Part {
  const own = links.filter(({ key, kind }) => key === undefined && kind !== "receipt");
  const namesOf = (run: Run): readonly string[] => program.labels.toValue(run.base).sources;
  const runs = own.flatMap(({ kind, run }) => (kind === "result" && run !== undefined ? (state.runs[run] ?? []) : []));
  const isIn = new Set(runs.map(({ number }) => number));
  const hasContext = own.some(({ kind }) => kind === "context");
  const idOf = (number: number): string => `${agent} run ${number}`;
  const contextId = `${agent} context`;
  const nodes: TaintNode[] = runs.map((run) => {
    const { name, tool } = program.plan.nodes[run.node] as CompiledNode;
    return {
      id: idOf(run.number),
      kind: "result",
      agent,
      tool: tool?.name ?? "",
      node: name,
      run: run.number,
      labels: namesOf(run),
    };
  });
  const contextNames = own.find(({ kind }) => kind === "context")?.labels ?? [];
  if (hasContext) nodes.push({ id: contextId, kind: "context", agent, labels: contextNames });
  const edges: TaintEdge[] = [];
  const goes = (from: string, to: string, labels: readonly string[]): void =>
    void edges.push({ from, to, labels: [...labels].sort() });
  const direct = new Set(into.runs.map(({ number }) => number));
  const delivered = new Set(state.delivered.map(({ run }) => run));
  const goesOn = new Set<number>();
  for (const run of runs)
    for (const { run: origin } of run.origins)
      if (isIn.has(origin) && !edges.some(({ from, to }) => from === idOf(origin) && to === idOf(run.number))) {
        goesOn.add(origin);
        goes(idOf(origin), idOf(run.number), namesOf(state.runs[origin] as Run));
      }
  for (const run of runs) {
    const isDirect = direct.has(run.number);
    const isRead = hasContext && (delivered.has(run.number) || !(isDirect || goesOn.has(run.number)));
    if (isRead) goes(idOf(run.number), contextId, namesOf(run));
    if (isDirect || !(isRead || goesOn.has(run.number))) goes(idOf(run.number), into.to, namesOf(run));
  }
  if (hasContext) goes(contextId, into.to, into.isContext ? contextNames : into.labels);
  const arrivals = [...inboundParts({ state, links, agent, into, contextId: hasContext ? contextId : undefined }, goes)];
  for (const run of runs) {
    const arrival = arrivalOf(run.links ?? [], `${agent} run ${run.number}`, agent);
    if (arrival === undefined) continue;
    arrivals.push(arrival);
    goes(arrival.id, idOf(run.number), arrival.links.at(-1)?.labels ?? []);
  }
  const missing = hasContext ? notBrought({ program, state }, contextNames) : [];
  return {
    nodes: [...nodes, ...arrivals.map((arrival) => receiptNode(arrival, agent))],
    edges,
    arrivals,
    ...(missing.length === 0 ? {} : { earlier: { id: contextId, labels: missing } }),
  };
}

/** Untrusted names among those of a context that neither a result nor a message of this session has brought. */
function notBrought({ program, state }: Pick<Moment, "program" | "state">, names: readonly string[]): readonly string[] {
  const brought = new Set([
    ...state.delivered.flatMap(({ label }) => program.labels.toValue(label).sources),
    ...state.inbound.flatMap(({ label, context }) => [label, context].flatMap((each) => program.labels.toValue(each).sources)),
  ]);
  return names.filter((name) => !brought.has(name) && !program.labels.isTrusted(name)).sort();
}

/** The results by which an earlier session of a conversation has brought labels into what the agent has read. */
export function earlierPart({ program, state }: Moment, agent: string, { id, labels }: Earlier): Part {
  const runs = state.delivered.flatMap(({ run: number, label }) => {
    const run = state.runs[number];
    const sources = program.labels.toValue(label).sources;
    return run !== undefined && sources.some((name) => labels.includes(name)) ? [{ run, sources }] : [];
  });
  return {
    nodes: runs.map(({ run, sources }): TaintNode => {
      const { name, tool } = program.plan.nodes[run.node] as CompiledNode;
      return {
        id: `${agent} run ${run.number}`,
        kind: "result",
        agent,
        tool: tool?.name ?? "",
        node: name,
        run: run.number,
        labels: sources,
      };
    }),
    edges: runs.map(({ run, sources }) => ({ from: `${agent} run ${run.number}`, to: id, labels: [...sources].sort() })),
    arrivals: [],
  };
}

interface InboundIn {
  readonly state: SessionState;
  readonly links: readonly ChainLink[];
  readonly agent: string;
  readonly into: Into;
  readonly contextId: string | undefined;
}

/** Messages of other agents that the session was opened for, as far as the chain names them. */
function inboundParts(
  { state, links, agent, into, contextId }: InboundIn,
  join: (from: string, to: string, labels: readonly string[]) => void,
): readonly Arrival[] {
  return state.inbound.flatMap((inbound, i) => {
    const arrival = arrivalOf(inbound.links, `${agent} message ${i}`, agent);
    const last = arrival?.links.at(-1);
    if (arrival === undefined || last === undefined || !links.some((link) => isSameReceipt(link, last))) return [];
    const isParam = into.params.has("*") || [...inbound.params.keys()].some((name) => into.params.has(name));
    if (contextId !== undefined) join(arrival.id, contextId, namesOfInbound(inbound));
    if (isParam || contextId === undefined) join(arrival.id, into.to, last.labels);
    return [arrival];
  });
}

function namesOfInbound({ links }: Inbound): readonly string[] {
  return links.at(-1)?.labels ?? [];
}

function isSameReceipt(link: ChainLink, other: ChainLink): boolean {
  return link.kind === "receipt" && link.receipt === other.receipt && link.status === other.status && link.key === other.key;
}

/** The receipt at the end of what was told with it. `place` names it where it has no id. */
function arrivalOf(links: readonly ChainLink[], place: string, agent: string): Arrival | undefined {
  const last = links.at(-1);
  if (last?.kind !== "receipt") return undefined;
  const isOne = last.receipt !== undefined && last.status === "admitted";
  return { id: isOne ? `receipt ${last.receipt}` : `${agent} unsigned ${place}`, links };
}

function receiptNode({ id, links }: Arrival, agent: string): TaintNode {
  const { receipt, status, labels = [] } = links.at(-1) ?? {};
  return {
    id,
    kind: "receipt",
    agent,
    labels,
    ...(receipt === undefined ? {} : { receipt }),
    ...(status === undefined ? {} : { status }),
  };
}

/**
 * What a receipt's own chain tells of the agents before, where their sessions are not known here: links of one key belong together, and go into
 * the receipt that this key has signed.
 */
export function toldPart({ id, links }: Arrival): Part & { readonly agents: readonly TaintAgent[] } {
  const agents = new Map<string, TaintAgent>();
  const nodes: TaintNode[] = [];
  const edges: TaintEdge[] = [];
  const last = links.at(-1);
  const agentOf = ({ key = "", issuer }: ChainLink): string => {
    const agent = `key ${key}`;
    if (!agents.has(agent)) agents.set(agent, { id: agent, name: issuer ?? key, isHere: false });
    return agent;
  };
  // Where the links of a key go: its context, if it is told of, and then its receipt.
  const ends = new Map<string, string>();
  for (const link of links)
    if (link.kind === "receipt")
      ends.set(link.key ?? "", link === last ? id : `${id} told ${link.receipt ?? links.indexOf(link)}`);
  const contexts = new Map<string, string>();
  links.forEach((link, i) => {
    if (link.kind === "context") contexts.set(link.key ?? "", `${id} told ${i}`);
  });
  links.slice(0, -1).forEach((link, i) => {
    const { kind, key = "", tool, node, run, labels, receipt, status } = link;
    if (kind === "argument") return;
    // A receipt goes to whoever tells of it, the next key in the list, and stands there; everything else belongs to its own agent.
    const next = links.slice(i + 1).find((other) => other.key !== key) ?? last ?? link;
    const agent = agentOf(kind === "receipt" ? next : link);
    const own = kind === "receipt" ? (ends.get(key) ?? "") : `${id} told ${i}`;
    const named = {
      ...(tool === undefined ? {} : { tool }),
      ...(node === undefined ? {} : { node }),
      ...(run === undefined ? {} : { run }),
    };
    const signed = { ...(receipt === undefined ? {} : { receipt }), ...(status === undefined ? {} : { status }) };
    nodes.push({ id: own, kind, agent, ...named, ...signed, labels });
    const holder = kind === "receipt" ? (next.key ?? "") : key;
    const to = kind === "context" ? (ends.get(key) ?? id) : (contexts.get(holder) ?? ends.get(holder) ?? id);
    if (to !== own) edges.push({ from: own, to, labels: [...labels].sort() });
  });
  if (last !== undefined) agentOf(last);
  return { nodes, edges, arrivals: [], agents: [...agents.values()] };
}
