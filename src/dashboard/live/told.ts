/**
 * What an enforcement point tells, and what a store has kept, as live events.
 * Pure. Never a value: of a session's event only names, numbers, codes and the names of labels come out.
 */
import type { JsonObject } from "../../json/value.ts";
import { isArray, member } from "../../json/value.ts";
import type { Entry } from "../../stores/store.ts";
import type { Told } from "../../telemetry/telemetry.ts";
import type { LiveEvent } from "./event.ts";

/** Names of labels that one event carries. */
const labelsMax = 32;

/** The members that are there. */
function present(members: { readonly [name: string]: JsonObject[string] | undefined }): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JsonObject;
}

/** The events of what telemetry is told at `at` (milliseconds since the epoch); answers of the store are none. */
export function eventsOfTold(told: Told, at: number): readonly LiveEvent[] {
  if (told.kind === "check") {
    const { session, plan, tool, node, run, verdict, code, seconds } = told;
    const labels = told.labels().slice(0, labelsMax);
    const data = present({ at, session, plan, tool, node, run, verdict, code, labels, seconds });
    const held: readonly LiveEvent[] =
      verdict === "hold" ? [{ topic: "approval", data: present({ at, session, node, what: "hold" }) }] : [];
    return [{ topic: "verdict", data }, ...held];
  }
  if (told.kind === "settle") {
    const { session, run, outcome, code } = told;
    return [{ topic: "session", data: present({ at, session, run, what: outcome, code }) }];
  }
  if (told.kind === "session") {
    const { session, plan, event, code } = told;
    return [{ topic: "session", data: present({ at, session, plan, what: event, code }) }];
  }
  return [];
}

/** Where an event of a session stands. */
export interface EventPlace {
  readonly session: string;
  /** Its number in the session, from 0. */
  readonly number: number;
  /** Digest of the plan that the session was opened with. */
  readonly plan: string;
}

/** What this process has told already when it happened. */
const toldByTelemetry: readonly Entry["event"]["type"][] = ["open", "allow", "deny", "settle", "close"];

/** Whether telemetry of the process that made an event has told of it. */
export function isTold({ event }: Entry): boolean {
  return toldByTelemetry.includes(event.type);
}

/** The live events of an event that a store has kept. */
export function eventsOfEntry({ event, facts = {} }: Entry, place: EventPlace): readonly LiveEvent[] {
  const { at } = event;
  const { session, number, plan } = place;
  const session_ = (what: string, more: JsonObject = {}): readonly LiveEvent[] => [
    { topic: "session", data: present({ at, session, number, plan, what, ...more }) },
  ];
  switch (event.type) {
    case "open":
      return session_("opened");
    case "close":
      return session_("closed");
    case "allow": {
      const tool = member(member(facts, "call"), "tool");
      const data = present({ at, session, number, plan, tool, node: event.node, run: event.run, verdict: "allow" });
      return [{ topic: "verdict", data }];
    }
    case "deny": {
      const isHold = event.hold !== undefined;
      const sources = member(member(facts, "labels"), "sources");
      const labels = isArray(sources) ? sources.slice(0, labelsMax) : undefined;
      const { tool, node, code } = event;
      // A tool that no plan has is the agent's own word.
      const known = code === "CALL_NOT_IN_PLAN" ? {} : { tool };
      const verdict = isHold ? "hold" : "deny";
      const data = present({ at, session, number, plan, ...known, node, verdict, code, labels });
      const held: readonly LiveEvent[] = isHold
        ? [{ topic: "approval", data: present({ at, session, node, what: "hold" }) }]
        : [];
      return [{ topic: "verdict", data }, ...held];
    }
    case "settle":
      return session_(event.ok ? "delivered" : "error", { run: event.run });
    case "context":
      return session_("context");
    case "approve":
      return [{ topic: "approval", data: present({ at, session, number, what: event.decision, by: event.by }) }];
    case "ask-amend":
    case "amend":
    case "judge-amend":
      return [{ topic: "amendment", data: present({ at, session, number, what: event.type }) }];
  }
}
