/**
 * The smallest changes of a plan that would allow a denied call, worked out from what the store keeps of the session.
 * Never while something else is worked out, never in one piece: each candidate is tried by itself, so that calls are decided meanwhile.
 */
import { explainInSteps } from "../../explain/explain.ts";
import type { Patch } from "../../explain/patch.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { pointerOf } from "../../json/pointer.ts";
import { readJson } from "../../json/read.ts";
import { isObject, member } from "../../json/value.ts";
import type { SessionEvent } from "../../decide/state.ts";
import type { Trace, TraceEvent } from "../../trace.ts";
import type { Entry } from "../../stores/store.ts";
import type { DashboardWorld } from "../dashboard.ts";
import { breathe } from "../record/paced.ts";
import type { ReadSession } from "./read-session.ts";

/** The changes, or why there are none. */
export interface ChangesModel {
  readonly changes: readonly { readonly opens: readonly string[]; readonly bits?: number; readonly patch: string }[];
  /** Why they cannot be worked out; absent: they were, and there may be none. */
  readonly why?: string;
}

/** Calls of one session that are replayed for each candidate. */
const callsMax = 60;
/** Milliseconds after which it is given up. */
const timeMax = 20_000;

let isBusy = false;

/** Works out the changes for one denial. */
export async function changesOf(
  world: Pick<DashboardWorld, "clock" | "catalogue" | "loaded">,
  { session, event }: { readonly session: ReadSession; readonly event: number },
): Promise<ChangesModel> {
  const none = (why: string): ChangesModel => ({ changes: [], why });
  const folded = session.foldTo(event);
  const opening = session.events[0];
  const denial = session.events[event];
  if (folded === undefined || opening?.type !== "open" || denial?.type !== "deny")
    return none("The plan of this session is not here, so that no change of it can be tried.");
  if (session.events.slice(0, event).some(({ type }) => type === "amend"))
    return none("The session's plan was amended on the way; changes are worked out for runs under one plan.");
  const trace = traceOf(session.entries.slice(0, event + 1));
  if (typeof trace === "string") return none(trace);
  if (isBusy) return none("Other changes are being worked out; try again in a moment.");
  isBusy = true;
  try {
    const since = world.clock();
    const steps = explainInSteps(folded.frozen, trace.trace, {
      call: trace.calls - 1,
      params: opening.params,
      catalogue: world.catalogue?.(),
      sql: world.loaded?.().sql ?? [],
    });
    for (;;) {
      const step = steps.next();
      if (step.done === true) return resultOf(step.value, denial);
      if (world.clock() - since > timeMax) return none("Trying the candidates took too long.");
      await breathe();
    }
  } finally {
    isBusy = false;
  }
}

type Explained = ReturnType<typeof explainInSteps> extends Generator<unknown, infer R> ? R : never;

function resultOf(explained: Explained, denial: SessionEvent & { readonly type: "deny" }): ChangesModel {
  if (!explained.ok) return { changes: [], why: "The run cannot be replayed from what the store keeps of it." };
  const { verdict, code, changes } = explained.value;
  if (verdict === "allow" || code !== denial.code)
    return {
      changes: [],
      why: "Replayed by itself the call is not denied for this reason: it rests on data of other agents, other sessions, people's decisions or time, which no change of this plan makes good.",
    };
  return {
    changes: changes.map(({ opens, bits, patch }) => ({
      opens,
      patch: patchText(patch),
      ...(bits === undefined ? {} : { bits }),
    })),
  };
}

/** A patch, one line for each operation: what is done, the JSON pointer into the plan, and the value. */
function patchText(patch: Patch): string {
  return patch
    .map(({ op, path, ...rest }) => `${op} ${pointerOf(path)}${"value" in rest ? ` ${canonicalJson(rest.value)}` : ""}`)
    .join("\n");
}

/** The run as a trace; a text: why it is none. */
function traceOf(entries: readonly Entry[]): { readonly trace: Trace; readonly calls: number } | string {
  const events: TraceEvent[] = [];
  let calls = 0;
  for (const { event, facts } of entries) {
    if (event.type === "allow" || event.type === "deny") {
      const call = member(facts, "call");
      const text = member(call, "args");
      const tool = member(call, "tool");
      const args = typeof text === "string" ? readJson(text) : undefined;
      // Denied calls before it change nothing of what the plan allows.
      if (event.type === "deny" && (calls > callsMax || event !== entries.at(-1)?.event)) continue;
      if (typeof tool !== "string" || args?.ok !== true || !isObject(args.value))
        return "What the agent sent is not kept. It is where the process keeps an audit log (--audit), which records calls.";
      calls += 1;
      if (calls > callsMax) return `The session has more than ${callsMax} calls: too many to replay for each candidate.`;
      events.push({ type: "call", id: event.type === "allow" ? `run ${event.run}` : "denied", tool, args: args.value });
    } else if (event.type === "settle")
      events.push({ type: "result", id: `run ${event.run}`, value: event.ok ? (event.value ?? null) : { error: null } });
  }
  return { trace: { events }, calls };
}
