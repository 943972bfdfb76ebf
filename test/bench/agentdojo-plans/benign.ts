/**
 * Plays the benign run of a task against its plan, with recorded results: each call as typed, then with what the plan fills in left out;
 * held calls are approved. Never executes anything.
 */
import { groundTruth } from "../../../bench/agentdojo/plans/answers.ts";
import type { UserTask } from "../../../bench/agentdojo/data.ts";
import type { PlannedTask, ScriptedCall } from "../../../bench/agentdojo/kinds.ts";
import { createGuard, type Session } from "../../../src/engine.ts";
import type { Json } from "../../../src/json/value.ts";
import type { FrozenPlan } from "../../../src/plan/plan.ts";
import { qualifiedName } from "../../../src/plan/tool-name.ts";
import { isAgentGiven } from "../../../src/plan/walk.ts";
import { isErrorResult } from "../../../src/trace.ts";

/** What became of a benign run. */
export interface Benign {
  /** Calls that were denied however they were made. */
  readonly denied: readonly string[];
  /** Calls that a human approved. */
  readonly approved: number;
}

/** Plays the calls of a task; those after the first of an amended plan are for the amendment, and not played. */
export function playBenign(planned: PlannedTask, task: UserTask): Benign {
  const { frozen, params, script, isAmended = false } = planned;
  const guard = createGuard(frozen, { clock: () => 0 });
  if (!guard.ok) throw new Error(guard.error[0]?.message);
  const opened = guard.value.session({ id: "benign", key: "0".repeat(32), params });
  if (!opened.ok) throw new Error(opened.error.message);
  const denied: string[] = [];
  let approved = 0;
  const calls = script ?? groundTruth(task).map(({ tool, args }) => ({ tool, args }));
  for (const call of isAmended ? calls.slice(0, 1) : calls) {
    const codes: string[] = [];
    let run: number | undefined;
    for (const way of waysOf(frozen, call)) {
      const asked = ask(opened.value, way);
      run = asked.run;
      if (asked.isHeld) approved += 1;
      if (run !== undefined) break;
      codes.push(asked.code);
    }
    const value = resultOf(task, call);
    if (run === undefined) denied.push(`${call.tool}: ${codes.join(", ")}`);
    else opened.value.record(run, isErrorResult(value) ? { error: value } : { value });
  }
  return { denied, approved };
}

/** A call as typed, then as each node of its tool would fill it in. */
function waysOf({ plan, tools }: FrozenPlan, { tool, args }: ScriptedCall): readonly ScriptedCall[] {
  const name = qualifiedName(tool, Object.keys(tools));
  const nodes = Object.entries(plan.nodes).filter(([, node]) => node.tool === name);
  const omitted = nodes.map(([node, { args: rules = {} }]) => {
    const kept = Object.entries(args).filter(([arg]) => rules[arg] === undefined || isAgentGiven(rules[arg]));
    return { tool: name, args: Object.fromEntries(nodes.length > 1 ? [...kept, ["sluice_node", node]] : kept) };
  });
  return [{ tool: name, args }, ...omitted];
}

interface Asked {
  readonly run?: number;
  readonly isHeld: boolean;
  readonly code: string;
}

function ask(session: Session, call: ScriptedCall): Asked {
  const verdict = session.check(call);
  if (verdict.decision === "allow") return { run: verdict.run, isHeld: false, code: "" };
  const hold = verdict.code === "CALL_NEEDS_APPROVAL" ? session.holds().at(-1) : undefined;
  if (hold === undefined)
    return { isHeld: false, code: `${verdict.code} ${verdict.facts.node ?? ""} ${verdict.facts.argument ?? ""}` };
  session.approve(hold.id, { by: "human", decision: "approve" });
  const released = session.release(hold.id);
  return released.decision === "allow" ? { run: released.run, isHeld: true, code: "" } : { isHeld: true, code: released.code };
}

function resultOf(task: UserTask, { tool, args }: ScriptedCall): Json {
  const { events } = task.trace;
  const call = events.find(
    (event) => event.type === "call" && event.tool === tool && JSON.stringify(event.args) === JSON.stringify(args),
  );
  const result = events.find((event) => event.type === "result" && event.id === (call?.type === "call" ? call.id : ""));
  return result?.type === "result" ? result.value : null;
}
