/**
 * What is tried around a session: calls announced as a batch, a second session of the same conversation, parameters that the agent fills in.
 * Pure and deterministic. A trace has neither batches nor sessions, so no line comes of it.
 */
import type { Verdict } from "../decide/verdict.ts";
import type { Guard, Session } from "../engine.ts";
import type { CompiledNode, CompiledRule } from "../plan/compile/compiled.ts";
import type { LabelValue } from "../taint/label.ts";
import { sessionOfDrive } from "../simulate/play.ts";
import type { TraceCall, TraceEvent } from "../trace.ts";
import type { Technique } from "./attempt.ts";
import type { Refused } from "./off-plan.ts";
import { type BaseRun, sessionAt } from "./run.ts";

/** Calls that are announced together. */
const batchMax = 16;

/**
 * Announces what is left of a run in one batch, from each of its calls on: what the agent gives in one of the calls must carry what the results of all
 * of them may bring.
 */
export function batches(guard: Guard, base: BaseRun): readonly Refused[] {
  return base.events.flatMap((event, at): readonly Refused[] => {
    if (event.type !== "call") return [];
    const calls = callsOf(base.events.slice(at)).slice(0, batchMax);
    if (calls.length < 2) return [];
    const session = guard.resume(base.before[at] ?? []);
    const brought = new Set([
      ...session.context().sources,
      ...calls.flatMap(({ tool }) => (guard.program.plan.byTool.get(tool) ?? []).flatMap(({ labels }) => labels)),
    ]);
    const verdicts = session.checkBatch(calls.map(({ tool, args }) => ({ tool, args })));
    return verdicts.flatMap((verdict) => judged(guard, { technique: "batch", verdict, brought, what: "in a batch" }));
  });
}

/** Makes the calls of a run once more in a session of the same conversation: what the agent gives there carries what it read in the first. */
export function nextSessions(guard: Guard, base: BaseRun): readonly Refused[] {
  const context = sessionAt(guard, base, base.events.length).context();
  return played(guard, base, { technique: "next session", context, agentParams: [], what: "in the next session" });
}

/** Lets the agent fill in the parameters after it has read all that the run reads: they carry it from then on. */
export function agentParameters(guard: Guard, base: BaseRun): readonly Refused[] {
  const agentParams = Object.keys(base.params);
  if (agentParams.length === 0) return [];
  const context = sessionAt(guard, base, base.events.length).context();
  return played(guard, base, { technique: "agent's parameter", context, agentParams, what: "with the agent's parameters" });
}

interface Opening {
  readonly technique: Technique;
  readonly context: LabelValue;
  readonly agentParams: readonly string[];
  readonly what: string;
}

/** Plays a run again in a session that begins with a context. */
function played(guard: Guard, base: BaseRun, { technique, context, agentParams, what }: Opening): readonly Refused[] {
  const opened = guard.session({ ...sessionOfDrive, id: "next", params: base.params, context, agentParams });
  if (!opened.ok) return [{ technique, code: opened.error.code, what }];
  const session = opened.value;
  const runs = new Map<string, number>();
  return base.events.flatMap((event): readonly Refused[] => {
    if (event.type === "result") {
      settle(session, runs.get(event.id), event);
      return [];
    }
    const verdict = session.check({ tool: event.tool, args: event.args });
    if (verdict.decision === "allow") runs.set(event.id, verdict.run);
    return judged(guard, { technique, verdict, brought: new Set(context.sources), what, agentParams });
  });
}

function settle(session: Session, run: number | undefined, { value }: TraceEvent & { readonly type: "result" }): void {
  if (run !== undefined) session.record(run, { value });
}

function callsOf(events: readonly TraceEvent[]): readonly TraceCall[] {
  return events.filter((event) => event.type === "call");
}

interface Judged {
  readonly technique: Technique;
  readonly verdict: Verdict;
  /** Sources that everything of the agent's must carry. */
  readonly brought: ReadonlySet<string>;
  readonly what: string;
  readonly agentParams?: readonly string[];
}

/** A denied call; an allowed one with what the agent gave and what lacks a label, which is a fault; nothing else is a try. */
function judged(guard: Guard, { technique, verdict, brought, what, agentParams = [] }: Judged): readonly Refused[] {
  if (verdict.decision === "deny") return [{ technique, code: verdict.code, what }];
  const node = guard.program.plan.byName.get(verdict.node);
  const given = node === undefined ? [] : node.args.filter(({ rule }) => isAgents(rule, agentParams));
  const clean = given.find(({ name }) => {
    const sources = verdict.labels[name]?.sources;
    return sources !== undefined && [...brought].some((source) => !sources.includes(source));
  });
  return clean === undefined || node === undefined
    ? []
    : [{ technique, code: undefined, what: `${nameOf(node, clean.name)} ${what}` }];
}

function nameOf({ name }: CompiledNode, argument: string): string {
  return `${name}.${argument}`;
}

/** Whether a value is the agent's as it stands: chosen, written, picked, or a parameter that it filled in, and not endorsed. */
function isAgents(rule: CompiledRule, agentParams: readonly string[]): boolean {
  if (rule.endorse !== undefined) return false;
  if (rule.kind === "choose" || rule.kind === "write") return true;
  return rule.kind === "param" && agentParams.includes(rule.name);
}
