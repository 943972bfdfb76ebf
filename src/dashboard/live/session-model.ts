/**
 * A session as its page shows it: header, the run on its plan, its events in words, and one denial with all that is known of it.
 * Never with a value of a call, a result or a parameter, and never with a secret of the session.
 */
import { type Code, CODES } from "../../codes.ts";
import { remediesOf } from "../../decide/verdict.ts";
import { member } from "../../json/value.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Entry } from "../../stores/store.ts";
import type { TaintGraph } from "../graph/taint.ts";
import type { NodeRun } from "../graph/plan-graph.ts";
import { runOnPlan } from "../graph/run.ts";
import type { Folded, ReadSession } from "./read-session.ts";
import { sessionHref } from "./pieces.ts";
import { type SeenVerdict, verdictOf } from "./sessions.ts";

/** One event, in short. */
export interface EventLine {
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `allow`, `deny` and `hold` are verdicts; else the type of the event. */
  readonly kind: "allow" | "deny" | "hold" | "settle" | "error" | Exclude<Entry["event"]["type"], "allow" | "deny" | "settle">;
  readonly node?: string;
  readonly tool?: string;
  readonly run?: number;
  readonly code?: Code;
  readonly labels: readonly string[];
  /** The person who decided. */
  readonly by?: string;
  /** Id of the held call. */
  readonly hold?: string;
  /** Digest of the plan that it goes on under. */
  readonly plan?: string;
  readonly decision?: "approve" | "deny";
}

/** A denial with what is known of it. */
export interface DenialModel {
  readonly number: number;
  readonly at: number;
  readonly code: Code;
  readonly text: string;
  readonly tool?: string;
  readonly node?: string;
  readonly argument?: string;
  /** Id of the flow rule. */
  readonly rule?: string;
  readonly labels: readonly string[];
  /** What could be done, as codes say it. */
  readonly remedies: readonly string[];
  readonly chain: TaintGraph;
}

/** What a session's page shows beside one denial. */
export interface SessionModel {
  readonly session: string;
  /** The plan that it runs under now, and the one that it was opened with. */
  readonly plan: { readonly digest: string; readonly name?: string; readonly opened: string };
  readonly principal: string;
  readonly conversation: string;
  readonly openedAt: number;
  readonly expiresAt: number;
  readonly state: "open" | "closed" | "expired" | "revoked";
  readonly revoked?: string;
  readonly counts: { readonly allowed: number; readonly denied: number; readonly held: number; readonly inFlight: number };
  /** What the agent has read, as far as this session knows. */
  readonly context: readonly string[];
  /** The plan as it is drawn, and the run by node; absent: the plan is not here. */
  readonly drawn?: { readonly digest: string; readonly plan: Plan };
  readonly nodes: { readonly [name: string]: NodeRun };
  /** Names of the agents that a message of the session came from, by the receipts that it was opened with. */
  readonly from: readonly string[];
}

/** The header, the counts and the run. */
export function sessionModel(session: ReadSession, now: number): SessionModel {
  const { header, events, revoked } = session;
  const folded = session.foldTo(events.length);
  const isClosed = events.some(({ type }) => type === "close");
  const state = isClosed ? "closed" : revoked !== undefined ? "revoked" : header.expiresAt <= now ? "expired" : "open";
  const kinds = session.entries.map((entry) => verdictOf(entry, { session: header.id, number: 0 })?.verdict);
  const count = (verdict: SeenVerdict["verdict"]): number => kinds.filter((each) => each === verdict).length;
  const amended = events.findLast((event) => event.type === "amend");
  const opening = events[0];
  const received = opening?.type === "open" ? (opening.received ?? []) : [];
  return {
    session: header.id,
    plan: {
      digest: amended?.type === "amend" ? amended.plan : header.plan,
      opened: header.plan,
      ...(folded === undefined ? {} : { name: folded.frozen.plan.name }),
    },
    principal: header.principal,
    conversation: header.conversation,
    openedAt: header.openedAt,
    expiresAt: header.expiresAt,
    state,
    ...(revoked === undefined ? {} : { revoked }),
    counts: { allowed: count("allow"), denied: count("deny"), held: count("hold"), inFlight: inFlight(folded, now) },
    context: folded === undefined ? [] : folded.program.labels.toValue(folded.state.context).sources,
    ...(folded === undefined ? {} : { drawn: { digest: folded.frozen.digest, plan: folded.frozen.plan } }),
    nodes: folded === undefined ? {} : nodesOf(session, folded, now),
    // Of what a receipt tells, only who signed it is who sent the message.
    // Of what a receipt tells, only who signed it is who sent the message.
    from: [...new Set(received.flatMap(({ links }) => links.at(-1)?.issuer ?? []))],
  };
}

function inFlight(folded: Folded | undefined, now: number): number {
  return folded === undefined ? 0 : [...folded.state.inFlight.values()].filter(({ lease }) => lease > now).length;
}

function nodesOf({ header, events }: ReadSession, { program, state }: Folded, now: number): SessionModel["nodes"] {
  const hrefOf = (event: number): string => sessionHref(header.id, event);
  return Object.fromEntries(runOnPlan({ program, state, events, now, hrefOf }).nodes);
}

/** One event as a line. Runs are named by the allow that began them. */
export function lineOf({ header, nodeOfRun }: ReadSession, entry: Entry, number: number): EventLine {
  const { event } = entry;
  const { at, type } = event;
  const place = { number, at, labels: [] };
  switch (event.type) {
    case "allow":
    case "deny": {
      const verdict = verdictOf(entry, { session: header.id, number });
      const { node, tool, run, code, labels = [], verdict: kind = event.type } = verdict ?? {};
      const named = {
        ...(node === undefined ? {} : { node }),
        ...(tool === undefined ? {} : { tool }),
        ...(run === undefined ? {} : { run }),
        ...(code === undefined ? {} : { code }),
      };
      const hold = event.type === "deny" ? event.hold?.id : event.hold;
      return { ...place, kind, labels, ...named, ...(hold === undefined ? {} : { hold }) };
    }
    case "settle": {
      const name = nodeOfRun.get(event.run);
      const node = name === undefined ? {} : { node: name };
      return { ...place, kind: event.ok ? "settle" : "error", run: event.run, ...node, labels: event.brought?.sources ?? [] };
    }
    case "context":
      return { ...place, kind: type as "context", labels: event.label.sources };
    case "open":
      return { ...place, kind: "open", labels: event.context.sources, plan: event.plan };
    case "approve":
      return { ...place, kind: "approve", by: event.by, hold: event.hold, decision: event.decision };
    case "amend":
      return { ...place, kind: "amend", by: event.by, plan: event.plan };
    case "judge-amend":
      return { ...place, kind: "judge-amend", by: event.by, decision: event.decision };
    case "ask-amend":
      return { ...place, kind: "ask-amend", plan: event.ask.plan };
    case "close":
      return { ...place, kind: "close" };
  }
}

/** What could be done about a denial, in words for the people who run the agent. */
const remedyWords: { readonly [kind in ReturnType<typeof remediesOf>[number]["kind"]]: string } = {
  "omit-argument": "the agent can leave the argument out: the plan fills it in",
  "fix-argument": "the agent can correct the argument",
  "send-handle": "the agent can send the handle that it was given in place of the value",
  "name-node": "the agent can name the node that it means",
  "ask-approval": "a person can release this very call",
  "propose-amendment": "the agent can propose an amendment of the plan, which a person decides on",
  wait: "the agent can try again later",
  "open-session": "the host can open a new session",
  "give-up": "the agent can give the call up",
};

/** A denial, with the graph of its chain; `undefined`: the event is none. */
export function denialModel({ header, entries }: ReadSession, number: number, chain: TaintGraph): DenialModel | undefined {
  const entry = entries[number];
  const verdict = entry === undefined ? undefined : verdictOf(entry, { session: header.id, number });
  if (entry === undefined || verdict?.code === undefined) return undefined;
  const { code, tool, node, labels, at } = verdict;
  const [argument, rule] = [member(entry.facts, "argument"), member(entry.facts, "rule")];
  const isTold = typeof argument === "string" && code !== "ARG_UNEXPECTED";
  return {
    number,
    at,
    code,
    text: Object.hasOwn(CODES, code) ? CODES[code].text : code,
    ...(tool === undefined ? {} : { tool }),
    ...(node === undefined ? {} : { node }),
    ...(isTold ? { argument: argument.split("/")[0] ?? "" } : {}),
    ...(typeof rule === "string" ? { rule } : {}),
    labels,
    remedies: Object.hasOwn(CODES, code) ? remediesOf(code).map(({ kind }) => remedyWords[kind]) : [],
    chain,
  };
}
