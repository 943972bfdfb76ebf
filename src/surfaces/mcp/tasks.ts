/**
 * Tasks (MCP 2025-11-25): calls that are answered at once and asked after. They are the gateway's own, over servers that need know nothing of them.
 * Never tells of a task to another session than its own, nor a result before it is settled: a task changes when an answer comes, not what it may say.
 */
import { isObject, type JsonObject, member } from "../../json/value.ts";
import { mcpInFlightMax, mcpLanesMax } from "../../limits.ts";
import type { Clock, Random } from "../../ports.ts";
import { hexOf } from "../../plan/digest.ts";
import type { Ask } from "./calls.ts";
import { type RpcOutcome, rpcCodes } from "./jsonrpc.ts";
import { type Bounded, bounded } from "./lane.ts";

interface Task {
  readonly id: string;
  readonly createdAt: number;
  readonly ttl: number;
  readonly controller: AbortController;
  readonly answer: Promise<RpcOutcome>;
  status: "working" | "completed" | "failed" | "cancelled";
  changedAt: number;
}

/** The tasks of a gateway. */
export interface Tasks {
  /** Each session's, by ids: what one session begins makes no other one's be forgotten. */
  readonly known: Bounded<Bounded<Task>>;
  readonly clock: Clock;
  readonly random: Random;
}

/** Milliseconds that a task is kept unless its client asks for less. */
const ttlMax = 3_600_000;
/** Milliseconds after which a client may ask again. */
const pollMs = 500;

/** No tasks yet. */
export function createTasks(clock: Clock, random: Random): Tasks {
  return { known: bounded(mcpLanesMax), clock, random };
}

/** The tasks of a session. A session that asks is the last to be forgotten. */
function tasksOf({ known }: Tasks, session: string): Bounded<Task> {
  const own = known.get(session) ?? bounded<Task>();
  known.set(session, own);
  return own;
}

/** Begins a call and answers with its task. */
export function callAsTask(
  tasks: Tasks,
  ask: Ask,
  { task, call }: { readonly task: JsonObject; readonly call: (later: Ask) => Promise<RpcOutcome> },
): RpcOutcome {
  const now = tasks.clock();
  const { session } = ask.plan;
  const own = tasksOf(tasks, session);
  const working = [...own.values()].filter(({ status }) => status === "working");
  if (working.length >= mcpInFlightMax) return { ok: false, error: { code: rpcCodes.invalidRequest, message: "too many tasks" } };
  const asked = member(task, "ttl");
  const ttl = typeof asked === "number" && asked > 0 ? Math.min(Math.floor(asked), ttlMax) : ttlMax;
  const controller = new AbortController();
  // The request is answered at once; what it has begun goes on until it is cancelled.
  const answer = call({ ...ask, signal: controller.signal });
  const id = hexOf(tasks.random(16));
  const made: Task = { id, createdAt: now, ttl, controller, answer, status: "working", changedAt: now };
  own.set(id, made);
  const settle = (outcome: RpcOutcome | undefined): void => {
    if (made.status !== "working") return;
    const isError = outcome === undefined || !outcome.ok || member(outcome.result, "isError") === true;
    made.status = isError ? "failed" : "completed";
    made.changedAt = tasks.clock();
  };
  answer.then(settle, () => settle(undefined));
  return { ok: true, result: { task: shown(made) } };
}

/** Answers `tasks/get`, `tasks/list`, `tasks/cancel` and `tasks/result`. */
export async function answerTask(tasks: Tasks, ask: Ask): Promise<RpcOutcome> {
  const own = tasksOf(tasks, ask.plan.session);
  if (ask.method === "tasks/list") {
    const kept = [...own.values()].filter((task) => isKept(tasks, own, task));
    return { ok: true, result: { tasks: kept.map(shown) } };
  }
  const id = member(ask.params, "taskId");
  const task = typeof id === "string" ? own.get(id) : undefined;
  if (task === undefined || !isKept(tasks, own, task))
    return { ok: false, error: { code: rpcCodes.invalidParams, message: "no such task" } };
  if (ask.method === "tasks/cancel") {
    if (task.status !== "working") return { ok: false, error: { code: rpcCodes.invalidParams, message: "the task has ended" } };
    task.status = "cancelled";
    task.changedAt = tasks.clock();
    task.controller.abort();
    return { ok: true, result: shown(task) };
  }
  if (ask.method === "tasks/get") return { ok: true, result: shown(task) };
  const outcome = await task.answer;
  // A cancelled task has no result to give.
  if (task.status === "cancelled")
    return { ok: false, error: { code: rpcCodes.invalidParams, message: "the task was cancelled" } };
  if (!outcome.ok) return outcome;
  const meta = member(outcome.result, "_meta");
  const related = { "io.modelcontextprotocol/related-task": { taskId: task.id } };
  return { ok: true, result: { ...outcome.result, _meta: { ...(isObject(meta) ? meta : {}), ...related } } };
}

function isKept({ clock }: Tasks, own: Bounded<Task>, task: Task): boolean {
  if (task.status !== "working" && clock() > task.createdAt + task.ttl) own.delete(task.id);
  return own.get(task.id) !== undefined;
}

function shown({ id, status, createdAt, changedAt, ttl }: Task): JsonObject {
  return { taskId: id, status, createdAt: iso(createdAt), lastUpdatedAt: iso(changedAt), ttl, pollInterval: pollMs };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
