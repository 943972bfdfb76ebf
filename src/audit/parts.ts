/**
 * What a record says of a line of the journal, and what of it is kept apart: one table, read by who writes the log and by who verifies it.
 * Pure. What is not named here is kept apart: a new member of an event is never in a record by accident.
 */
import type { SessionEvent } from "../decide/state.ts";
import { isArray, isObject, type Json, type JsonObject, member, withoutMember } from "../json/value.ts";
import type { Entry } from "../stores/store.ts";
import { type AuditKind, noteKinds } from "./record.ts";

/** A line of the journal in parts. */
export interface Parts {
  readonly kind: AuditKind;
  readonly at: number;
  readonly node?: string;
  readonly tool?: string;
  readonly code?: string;
  readonly facts: JsonObject;
  /** What is kept apart, by name. */
  readonly values: { readonly [name: string]: Json };
}

/** What is known of a run from the allow that began it. */
export interface RunFacts {
  readonly node: string;
  readonly tool?: string;
}

/** Names of the members of `source` that are there. */
function pick(source: object, names: readonly string[]): JsonObject {
  const given = source as { readonly [name: string]: Json | undefined };
  const kept: { [name: string]: Json } = {};
  for (const name of names) {
    const value = given[name];
    if (Object.hasOwn(source, name) && value !== undefined) kept[name] = value;
  }
  return kept;
}

/** Labels by name. Readers may be people: only whether there are any is told. */
function labelFacts(label: Json | undefined): JsonObject {
  const sources = member(label, "sources");
  return sources === undefined ? {} : { labels: sources, ...(member(label, "readers") === null ? {} : { isRestricted: true }) };
}

/** Labels that a receipt has brought. */
function raisedFacts(raised: Json | undefined): JsonObject {
  const sources = member(raised, "sources");
  return sources === undefined ? {} : { raised: sources };
}

/** Labels of what an allowed call carried: of each argument, and of all of them. */
function carriedFacts({ labels, labelCount }: JsonObject): JsonObject {
  if (typeof labelCount === "number") return { labelCount };
  if (!isObject(labels)) return {};
  return {
    labels: [...new Set(Object.values(labels).flatMap((names) => (isArray(names) ? names : [])))].sort(),
    carried: labels,
  };
}

/** The name of an argument, without the place in it, whose names may be data. */
function argumentFacts(argument: Json | undefined): JsonObject {
  return typeof argument === "string" ? { argument: argument.split("/")[0] ?? "" } : {};
}

const linkNames = ["kind", "tool", "node", "run", "labels", "issuer", "key", "receipt", "status"];

function chainFacts(chain: Json | undefined): JsonObject {
  if (!isArray(chain) || chain.length === 0) return {};
  return {
    chain: chain.map((link) => ({ ...pick(isObject(link) ? link : {}, linkNames), ...argumentFacts(member(link, "argument")) })),
  };
}

/** A name of a tool that a plan can have: nothing that an agent made up where no plan knows it. */
function toolOf(code: string | undefined, tool: Json | undefined): { readonly tool?: string } {
  const isKnown = code !== "CALL_NOT_IN_PLAN" && typeof tool === "string" && /^[\w./-]{1,260}$/.test(tool);
  return isKnown ? { tool } : {};
}

/** The parts of an event. `run`: what began the run that it settles. */
export function partsOfEvent({ event, facts: said = {} }: Entry, run?: RunFacts): Parts {
  const { at } = event;
  const whole = event as unknown as JsonObject;
  const call = member(said, "call");
  const details = withoutMember(said, "call");
  // What an enforcement point says beside an event: a person's words among it.
  const apart = Object.keys(details).length === 0 ? {} : { details };
  switch (event.type) {
    case "open": {
      const { params, ...rest } = event;
      const facts = {
        params: Object.keys(params).sort(),
        agentParams: event.agentParams,
        ...labelFacts(whole.context),
        ...receivedFacts(whole.received),
      };
      return { kind: "open", at, facts, values: { event: rest as unknown as Json, params } };
    }
    case "allow": {
      const facts = {
        ...pick(event, ["run", "lease", "hold", "receipt"]),
        ...carriedFacts(details),
        ...pick(details, ["downgrades"]),
        ...raisedFacts(whole.raised),
      };
      const values = { event: whole, ...(call === undefined ? {} : { call }), ...apart };
      const kind = event.hold === undefined ? "allow" : "release";
      return { kind, at, node: event.node, ...toolOf(undefined, member(call, "tool")), facts, values };
    }
    case "deny":
      return partsOfDenial(event, said);
    case "settle": {
      const { value, ...rest } = event;
      const facts = { ...pick(event, ["run", "valid"]), ...labelFacts(whole.brought), ...receivedFacts(whole.received) };
      const values = { event: rest as unknown as Json, ...(value === undefined ? {} : { result: value }) };
      return { kind: event.ok ? "settle" : "error", at, ...run, facts, values };
    }
    case "context":
      return { kind: "context", at, facts: labelFacts(whole.label), values: { event: whole } };
    case "ask-amend":
      return { kind: "ask-amend", at, facts: pick(event.ask, ["plan", "parent"]), values: { event: whole } };
    case "amend":
      return { kind: "amend", at, facts: pick(event, ["plan", "parent", "by", "ask"]), values: { event: whole, ...apart } };
    case "judge-amend":
      return { kind: "judge-amend", at, facts: pick(event, ["ask", "by", "decision"]), values: { event: whole, ...apart } };
    case "approve": {
      const kind = event.decision === "approve" ? "approve" : "refuse";
      return { kind, at, facts: pick(event, ["hold", "by"]), values: { event: whole, ...apart } };
    }
    case "close":
      return { kind: "close", at, facts: {}, values: { event: whole } };
  }
}

/** Whose receipt it was that data came with; that none was taken, where it came from another agent all the same. */
function receivedFacts(received: Json | undefined): JsonObject {
  if (received === undefined) return {};
  const each = (one: Json): JsonObject => {
    const from = member(one, "from");
    const params = member(one, "params");
    return {
      ...(isObject(from) ? pick(from, ["key", "receipt"]) : { isUnsigned: true }),
      ...(params === undefined ? {} : { params }),
    };
  };
  return { received: isArray(received) ? received.map(each) : each(received) };
}

function partsOfDenial(event: SessionEvent & { readonly type: "deny" }, said: JsonObject): Parts {
  const { hold, code } = event;
  const call = member(said, "call");
  const details = withoutMember(said, "call");
  const isTold = code !== "ARG_UNEXPECTED";
  const facts = {
    ...(hold === undefined ? {} : { hold: hold.id, people: hold.people, expires: hold.expires }),
    ...pick(event, ["named", "voids"]),
    ...(isTold ? argumentFacts(details.argument) : {}),
    ...pick(details, ["rule"]),
    ...labelFacts(details.labels),
    ...chainFacts(details.chain),
  };
  const values = {
    event: event as unknown as Json,
    ...(call === undefined ? {} : { call }),
    ...(Object.keys(details).length === 0 ? {} : { details }),
  };
  const node = event.node === undefined ? {} : { node: event.node };
  return { kind: hold === undefined ? "deny" : "hold", at: event.at, ...node, ...toolOf(code, event.tool), code, facts, values };
}

/** The entry whose parts the values are; `undefined` if they are of none. */
export function entryOfValues(values: { readonly [name: string]: Json | undefined }): Entry | undefined {
  const { event, params, result, call, details } = values;
  if (!isObject(event)) return undefined;
  const whole = {
    ...event,
    ...(event.type === "open" ? { params: params ?? {} } : {}),
    ...(event.type === "settle" && result !== undefined ? { value: result } : {}),
  } as unknown as SessionEvent;
  const facts = { ...(isObject(details) ? details : {}), ...(call === undefined ? {} : { call }) };
  return { event: whole, ...(Object.keys(facts).length === 0 ? {} : { facts }) };
}

/** The parts of a note: `type` is the kind (else `admin`), `at` its time, the rest facts. `now`: the time of a note that has none. */
export function partsOfNote(note: JsonObject, now: number): Parts {
  const { type, at } = note;
  const kind = noteKinds.find((each) => each === type);
  const facts = withoutMember(kind !== undefined ? withoutMember(note, "type") : note, "at");
  return { kind: kind ?? "admin", at: typeof at === "number" ? at : now, facts, values: {} };
}
