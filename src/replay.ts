/**
 * Replays a recorded run against a frozen plan: which of its calls the engine would have allowed.
 * Pure; never executes anything. The result of a denied call is ignored, since the agent would not have had it.
 */
import type { Code } from "./codes.ts";
import type { SqlParser } from "./constraints/sql.ts";
import type { ChainLink } from "./decide/chain.ts";
import { fill } from "./decide/fill.ts";
import { openScope, rowsOf } from "./decide/rows.ts";
import { createGuard, type Guard, type Session } from "./engine.ts";
import { type Json, jsonEqual, type JsonObject } from "./json/value.ts";
import { isErrorResult, type Trace } from "./trace.ts";
import type { Finding } from "./plan/finding.ts";
import type { FrozenPlan } from "./plan/plan.ts";
import { qualifiedName } from "./plan/tool-name.ts";
import { err, ok, type Result } from "./result.ts";

/** What became of one call of the trace. */
export interface ReplayedCall {
  /** Its place among the calls of the trace, from 0. */
  readonly i: number;
  readonly verdict: "allow" | "deny";
  /** Why it was denied; `null` for an allowed call. */
  readonly code: Code | null;
  /** The node that it ran as, or that came closest; `null` if there is none. */
  readonly node: string | null;
  /** The taint chain of a data-flow denial, from source to sink; else empty. */
  readonly chain: readonly ChainLink[];
  /** The argument that did not fit, where it was one. */
  readonly argument?: string;
}

/** How a trace is replayed. */
export interface ReplayOptions {
  /** Parameters of the session; the plan's defaults fill the rest. */
  readonly params?: JsonObject;
  /** Parsers of the dialects of SQL that the plan names. */
  readonly sql?: readonly SqlParser[];
}

/**
 * Replays `trace` in a session of its own. A literal that equals what the plan fills in counts as omitted, also where the value is
 * hidden from the agent (a recorded agent saw everything). Errors: findings of a plan that cannot be enforced, `SESSION_PARAMS`.
 */
export function replayTrace(
  frozen: FrozenPlan,
  trace: Trace,
  options: ReplayOptions = {},
): Result<readonly ReplayedCall[], readonly Finding[]> {
  const guard = createGuard(frozen, { clock: () => 0, ...(options.sql === undefined ? {} : { sql: options.sql }) });
  if (!guard.ok) return guard;
  const opened = guard.value.session({
    id: "replay",
    key: "0".repeat(32),
    ...(options.params === undefined ? {} : { params: options.params }),
  });
  if (!opened.ok) {
    const { code, pointer, message } = opened.error;
    return err([{ code, severity: "error", pointer, message }]);
  }
  const replayer = openReplayer(guard.value, opened.value);
  const calls: ReplayedCall[] = [];
  for (const event of trace.events) {
    if (event.type === "result") replayer.result(event.id, event.value);
    else calls.push({ i: calls.length, ...replayer.call(event.id, event) });
  }
  return ok(calls);
}

/** A session that is told what happened, call by call, and says what it would have allowed. */
export interface Replayer {
  /** The verdict on a call that is, or was, made anyway. `id`: by which its result is told. */
  call(id: string, call: { readonly tool: string; readonly args: JsonObject }): Omit<ReplayedCall, "i">;
  /** Takes the result of a call; that of a denied call is ignored. */
  result(id: string, value: Json): void;
}

/** Tells a session of `guard` what happened elsewhere. A denied call changes nothing of it but that it was denied. */
export function openReplayer(guard: Guard, session: Session): Replayer {
  const runs = new Map<string, number>();
  return {
    call: (id, attempt) => {
      const tool = qualify(guard.frozen, attempt.tool);
      const args = withoutHidden(guard, session, { tool, args: attempt.args });
      const verdict = session.check({ tool, args });
      if (verdict.decision === "allow") {
        runs.set(id, verdict.run);
        return { verdict: "allow", code: null, node: verdict.node, chain: [] };
      }
      const { code, facts, chain } = verdict;
      const argument = facts.argument === undefined ? {} : { argument: facts.argument };
      return { verdict: "deny", code, node: facts.node ?? null, chain, ...argument };
    },
    result: (id, value) => {
      const run = runs.get(id);
      if (run === undefined) return;
      runs.delete(id);
      session.record(run, isErrorResult(value) ? { error: value } : { value });
    },
  };
}

/** The plan's tool of that name, or the only one with that bare name; an unknown tool stays as it is and is denied. */
function qualify(frozen: FrozenPlan, name: string): string {
  return qualifiedName(name, Object.keys(frozen.tools));
}

/** Leaves out arguments that repeat a hidden value: the engine tells nobody whether such a literal is right. */
function withoutHidden(
  { program }: Guard,
  session: Session,
  call: { readonly tool: string; readonly args: JsonObject },
): JsonObject {
  const { state } = session;
  const scope = openScope(program, state, 0);
  const kept: Record<string, JsonObject[string]> = { ...call.args };
  for (const node of program.plan.byTool.get(call.tool) ?? []) {
    const hidden = node.args.filter(({ name, rule }) => rule.isHidden && rule.isFilled && Object.hasOwn(call.args, name));
    if (hidden.length === 0) continue;
    const { each } = node;
    const rows = each === undefined ? [undefined] : (rowsOf(scope, node) ?? []);
    for (const { name, rule } of hidden) {
      const isRepeated = rows.some((row) => {
        const filled = fill({ ...scope, row: row === undefined || each === undefined ? undefined : { each, row } }, rule);
        return filled.kind === "value" && jsonEqual(filled.value, call.args[name]);
      });
      if (isRepeated) delete kept[name];
    }
  }
  return kept;
}
