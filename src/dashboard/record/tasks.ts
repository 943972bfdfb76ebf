/**
 * Work that takes longer than a request: begun by one, looked at by others, one of a kind at a time.
 * Never in the way of a call (its steps are short), and never remembered beyond the process.
 */
import { tasksKeptMax, taskWaitMs } from "./bounds.ts";
import { hexOf } from "../../plan/digest.ts";
import type { Clock, Random } from "../../ports.ts";

/** How far a task is: records read, of how many. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** A task, as it stands. */
export interface Task<T = unknown> {
  readonly id: string;
  /** What it does, and for what: one of these runs at a time. */
  readonly kind: string;
  /** Who began it. */
  readonly by: string;
  /** Milliseconds since the epoch; `ended` is absent while it runs. */
  readonly started: number;
  readonly ended?: number;
  readonly state: "running" | "done" | "failed" | "stopped";
  readonly progress: Progress;
  /** What it found, once it is done. */
  readonly value?: T;
  /** Why it failed: a word of ours. */
  readonly why?: string;
}

/** What a task works with. */
export interface TaskWork {
  readonly signal: AbortSignal;
  tell(progress: Progress): void;
}

/** A task that failed for a reason that people are told. */
export class TaskFailure extends Error {
  override readonly name = "TaskFailure";
}

/** The tasks of a process. */
export interface Tasks {
  /** Begins a task, or finds the one of this kind that runs. */
  begin<T>(named: { readonly kind: string; readonly by: string }, job: (work: TaskWork) => Promise<T>): Task<T>;
  find(id: string): Task | undefined;
  /** The newest task of a kind. */
  newest(kind: string): Task | undefined;
  /** All that are remembered, newest first. */
  list(): readonly Task[];
  stop(id: string): void;
  /** Forgets a task that has ended, and what it found. */
  forget(id: string): void;
  /** The task once it has ended, or as it is after a while: what is quick is shown at once. */
  after(id: string, ms?: number): Promise<Task | undefined>;
}

/** Makes the tasks of a process. */
export function createTasks({ clock, random }: { readonly clock: Clock; readonly random: Random }): Tasks {
  const tasks = new Map<string, Task>();
  const stops = new Map<string, AbortController>();
  const ends = new Map<string, Promise<void>>();
  const change = (id: string, next: Partial<Task>): void => {
    const task = tasks.get(id);
    if (task !== undefined) tasks.set(id, { ...task, ...next });
  };
  const forgetOld = (): void => {
    for (const [id, { state }] of tasks) {
      if (tasks.size <= tasksKeptMax) return;
      if (state !== "running") tasks.delete(id);
    }
  };
  const newest = (kind: string): Task | undefined => [...tasks.values()].findLast((task) => task.kind === kind);
  return {
    begin: <T>({ kind, by }: { readonly kind: string; readonly by: string }, job: (work: TaskWork) => Promise<T>): Task<T> => {
      const running = newest(kind);
      if (running?.state === "running") return running as Task<T>;
      const id = hexOf(random(9));
      const stop = new AbortController();
      const task: Task<T> = { id, kind, by, started: clock(), state: "running", progress: { done: 0, total: 0 } };
      tasks.set(id, task);
      stops.set(id, stop);
      forgetOld();
      const end = (next: Partial<Task>): void => {
        change(id, { ...next, ended: clock() });
        stops.delete(id);
        ends.delete(id);
      };
      const tell = (progress: Progress): void => change(id, { progress });
      // Begun after the answer: nothing of it runs in the request.
      const ended = Promise.resolve()
        .then(() => job({ signal: stop.signal, tell }))
        .then(
          (value) => end(stop.signal.aborted ? { state: "stopped" } : { state: "done", value }),
          (error: unknown) =>
            end(
              stop.signal.aborted
                ? { state: "stopped" }
                : { state: "failed", why: error instanceof TaskFailure ? error.message : "a fault of ours" },
            ),
        );
      ends.set(id, ended);
      return task;
    },
    find: (id) => tasks.get(id),
    newest,
    list: () => [...tasks.values()].reverse(),
    stop: (id) => stops.get(id)?.abort(),
    forget: (id) => void (tasks.get(id)?.state !== "running" && tasks.delete(id)),
    after: async (id, ms = taskWaitMs) => {
      const ended = ends.get(id);
      if (ended === undefined) return tasks.get(id);
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms);
      });
      await Promise.race([ended, late]);
      clearTimeout(timer);
      return tasks.get(id);
    },
  };
}
