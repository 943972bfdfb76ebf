/**
 * What is tried around a person's approval: other words after it, the same call twice, a call that was never approved.
 * Pure and deterministic. A trace has no approvals, so no line comes of it.
 */
import type { SqlParser } from "../constraints/sql.ts";
import type { Guard, Session } from "../engine.ts";
import { type JsonObject, jsonEqual } from "../json/value.ts";
import { driveTo } from "../simulate/drive.ts";
import { sessionOfDrive } from "../simulate/play.ts";
import { isErrorResult, type TraceCall, type TraceEvent } from "../trace.ts";
import type { Refused } from "./off-plan.ts";
import { anyType, evil } from "./values.ts";

const technique = "reworded approval";

/** For each node whose calls a person approves: what the agent says after the approval must not change what is released, and it is released once. */
export function rewordedApprovals(
  guard: Guard,
  asked: ReadonlySet<string>,
  { sql, people }: { readonly sql: readonly SqlParser[]; readonly people: readonly string[] },
): readonly Refused[] {
  return [...asked].flatMap((node): readonly Refused[] => {
    const drive = driveTo(guard.frozen, { node }, { sql });
    return drive.ok ? approvedOnce(guard, { node, people, params: drive.params, trace: drive.trace }) : [];
  });
}

interface Approved {
  readonly node: string;
  readonly people: readonly string[];
  readonly params: JsonObject;
  readonly trace: readonly TraceEvent[];
}

function approvedOnce(guard: Guard, run: Approved): readonly Refused[] {
  const last = run.trace.at(-1);
  const wordings = last?.type === "call" ? otherWords(guard, run.node, last) : [];
  return wordings.flatMap((call, i): readonly Refused[] => {
    const session = playTo(guard, run);
    if (session === undefined || last?.type !== "call") return [];
    const unasked = session.check({ tool: last.tool, args: last.args });
    if (unasked.decision === "allow") return [{ technique, code: undefined, what: `${run.node} without a person` }];
    const hold = session.holds().find(({ status, node }) => status === "pending" && node === run.node);
    if (hold === undefined) return [];
    const found: Refused[] = i === 0 ? [{ technique, code: unasked.code, what: `${run.node} without a person` }] : [];
    if (!isApproved(session, hold.id, run.people)) return found;
    const released = session.check({ tool: call.tool, args: call.args });
    if (released.decision === "deny") return [...found, { technique, code: released.code, what: `${run.node} in other words` }];
    // What is released is what the person saw, whatever the agent says now.
    const isHeld = jsonEqual(released.args, hold.args);
    const again = session.check({ tool: call.tool, args: call.args });
    return [
      ...found,
      { technique, code: isHeld ? "CALL_NEEDS_APPROVAL" : undefined, what: `${run.node} in other words` },
      { technique, code: again.decision === "deny" ? again.code : undefined, what: `${run.node} once more` },
    ];
  });
}

/** The same call, with each argument in the attacker's words. */
function otherWords(guard: Guard, node: string, call: TraceCall): readonly TraceCall[] {
  const names = guard.program.plan.byName.get(node)?.argNames ?? [];
  const values = [evil.email, evil.id, ...anyType.slice(-6)];
  return [
    call,
    ...[...names].flatMap((name) => values.map((value): TraceCall => ({ ...call, args: { ...call.args, [name]: value } }))),
  ];
}

/** A session that stands before the last call of a run, every call before it approved. */
function playTo(guard: Guard, { params, trace, people }: Approved): Session | undefined {
  const opened = guard.session({ ...sessionOfDrive, params });
  if (!opened.ok) return undefined;
  const session = opened.value;
  const runs = new Map<string, number>();
  for (const event of trace.slice(0, -1)) {
    if (event.type === "result") {
      const run = runs.get(event.id);
      const { value } = event;
      if (run !== undefined) session.record(run, isErrorResult(value) ? { error: value } : { value });
      continue;
    }
    const first = session.check({ tool: event.tool, args: event.args });
    const hold = session.holds().find(({ status }) => status === "pending");
    if (first.decision === "deny" && (hold === undefined || !isApproved(session, hold.id, people))) return undefined;
    const verdict = first.decision === "allow" ? first : session.check({ tool: event.tool, args: event.args });
    if (verdict.decision === "deny") return undefined;
    runs.set(event.id, verdict.run);
  }
  return session;
}

/** Whether the people whom the plan asks have approved it. */
function isApproved(session: Session, hold: string, people: readonly string[]): boolean {
  for (const by of people) session.approve(hold, { by, decision: "approve" });
  return session.holds().some(({ id, status }) => id === hold && status === "approved");
}
