/**
 * Held calls, for the reference interpreter: what became of each, by looking through all events again.
 * Never decides whether a call may run.
 */
import type { Code } from "../../src/codes.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json } from "../../src/json/value.ts";
import { holdSecondsDefault, holdsPerSessionMax, openHoldsMax } from "../../src/limits.ts";
import type { SpecHold } from "./session.ts";
import type { View } from "./view.ts";

/** What a human says of a held call. */
export interface SpecApproval {
  readonly hold: string;
  readonly by: string;
  readonly decision: "approve" | "deny";
  readonly at: number;
}

/** A held call, and what became of it. */
interface Known extends SpecHold {
  readonly status: "pending" | "approved" | "denied" | "released" | "void";
}

/** All held calls, oldest first. */
export function holdsOf(view: View): readonly Known[] {
  const { events } = view.session;
  const held = events.flatMap((event, i) =>
    event.kind === "deny" && event.hold !== undefined ? [{ hold: event.hold, after: events.slice(i) }] : [],
  );
  return held.map(({ hold, after }): Known => {
    const amended = after.findIndex((event) => event.kind === "amend");
    const decides = (event: (typeof events)[number]): boolean =>
      (event.kind === "allow" && event.hold === hold.id) ||
      (event.kind === "approve" && event.hold === hold.id && event.decision === "deny");
    // What still waited when the plan was amended waits no more.
    if (amended >= 0 && !after.slice(0, amended).some(decides)) return { ...hold, status: "void" };
    const said = events.flatMap((event) => (event.kind === "approve" && event.hold === hold.id ? [event.decision] : []));
    if (events.some((event) => event.kind === "allow" && event.hold === hold.id)) return { ...hold, status: "released" };
    if (events.some((event) => event.kind === "deny" && event.voids === hold.id)) return { ...hold, status: "void" };
    if (said.includes("deny")) return { ...hold, status: "denied" };
    return { ...hold, status: said.length > 0 ? "approved" : "pending" };
  });
}

/** Why a hold cannot be released now, if it cannot. */
export function releaseRefuses(view: View, id: string): Code | undefined {
  const hold = holdsOf(view).find((one) => one.id === id);
  if (view.session.events.some((event) => event.kind === "close")) return "SESSION_CLOSED";
  if (hold === undefined) return "APPROVAL_UNKNOWN";
  if (hold.status === "denied") return "APPROVAL_DENIED";
  if (hold.status === "released" || hold.status === "void") return "APPROVAL_STALE";
  if (view.now > hold.expires) return "APPROVAL_EXPIRED";
  return hold.status === "pending" ? "CALL_NEEDS_APPROVAL" : undefined;
}

/** The approved holds of nodes, in order of the nodes' names and then of age. */
export function approvedHolds(view: View, names: readonly string[]): readonly SpecHold[] {
  return names.flatMap((name) =>
    holdsOf(view).filter((hold) => hold.node === name && hold.status === "approved" && view.now <= hold.expires),
  );
}

/** The answer to a call that a human must approve: the hold of these bytes that there is, or a new one. */
export function hold(
  view: View,
  call: Pick<SpecHold, "node" | "row" | "sent" | "args" | "given">,
): { readonly code: Code; readonly approval?: string; readonly hold?: SpecHold } {
  const all = holdsOf(view);
  const same = all.filter(
    (one) =>
      one.node === call.node &&
      one.row === call.row &&
      canonicalJson([one.args, (one.given ?? null) as Json]) === canonicalJson([call.args, (call.given ?? null) as Json]),
  );
  const isOpen = (one: Known): boolean => (one.status === "pending" || one.status === "approved") && view.now <= one.expires;
  const answer = same.find((one) => one.status === "denied" || isOpen(one));
  if (answer !== undefined)
    return { code: answer.status === "denied" ? "APPROVAL_DENIED" : "CALL_NEEDS_APPROVAL", approval: answer.id };
  if (all.filter(isOpen).length >= openHoldsMax || all.length >= holdsPerSessionMax) return { code: "CALL_LIMIT" };
  const id = `${view.session.id}.${all.length}`;
  return { code: "CALL_NEEDS_APPROVAL", approval: id, hold: { ...call, id, expires: view.now + holdSecondsDefault * 1000 } };
}

/** Records what a human says; the code says why it is refused. */
export function approve(session: View["session"], said: SpecApproval): Code | "recorded" {
  const view: View = { session, now: said.at };
  const isUnknown = !holdsOf(view).some((one) => one.id === said.hold);
  const refused = isUnknown ? "APPROVAL_UNKNOWN" : releaseRefuses(view, said.hold);
  const isApproved = refused === undefined;
  if (refused !== undefined && refused !== "CALL_NEEDS_APPROVAL") return refused;
  if (said.decision === "approve" && isApproved) return "APPROVAL_STALE";
  const { hold: id, by, decision, at } = said;
  session.events.push({ kind: "approve", hold: id, by, decision, at, joins: { sources: [], readers: "everyone" } });
  return "recorded";
}
