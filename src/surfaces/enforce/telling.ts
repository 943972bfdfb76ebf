/**
 * Tells telemetry what an enforcement point does: each check, result, session and answer of the store.
 * Never delays or fails what it tells of, and tells no name that the session's plan has not.
 */
import type { Code } from "../../codes.ts";
import { declaredNames } from "../../decide/carried.ts";
import { qualifiedName } from "../../plan/tool-name.ts";
import type { Result } from "../../result.ts";
import { eachMethod } from "../../stores/each-method.ts";
import type { Store } from "../../stores/store.ts";
import { type CheckTold, type Telemetry, tellSafely, type Told } from "../../telemetry/telemetry.ts";
import { type Credential, isTokenOf, readToken } from "../credential.ts";
import type { Live, LiveSessions } from "./session/live.ts";
import type { Checked, Denial, RunName, Settled } from "./permit.ts";
import type { Opened, OpenFailure } from "./session/session.ts";

/** Does what it is given, and tells how it came out. Without telemetry it only does it. */
export interface Telling {
  /** `job` does not reject: a fault of ours is a denial, and told as one. */
  check(who: Caller, job: () => Promise<Checked>): Promise<Checked>;
  /** A denial that no check made; `undefined`: there is none. */
  refuse<T extends Denial | undefined>(who: Caller, job: () => Promise<T>): Promise<T>;
  settle(run: RunName, job: () => Promise<Settled>): Promise<Settled>;
  open(job: () => Promise<Result<Opened, OpenFailure>>): Promise<Result<Opened, OpenFailure>>;
  close(session: string, job: () => Promise<Result<undefined, Code>>): Promise<Result<undefined, Code>>;
}

/** Who calls, and the tool as the agent called it. */
export interface Caller {
  readonly token: Credential;
  readonly tool?: string;
}

/** Makes it. `peek`: the sessions that this process knows. */
export function createTelling(telemetry: Telemetry | undefined, peek: LiveSessions["peek"]): Telling {
  if (telemetry === undefined) return silent;
  const denied = (who: Caller, since: number, { code, facts }: Pick<Denial, "code" | "facts">): void =>
    tell(telemetry, () => {
      const { about, live } = aboutOf(peek, who);
      return {
        ...about,
        kind: "check",
        verdict: code === "CALL_NEEDS_APPROVAL" ? "hold" : "deny",
        code,
        ...(facts.node === undefined ? {} : { node: facts.node }),
        labels: () => declaredOf(live, facts.labels?.sources ?? []),
        seconds: secondsSince(since),
      };
    });
  return {
    check: async (who, job) => {
      const since = performance.now();
      const checked = await job();
      if (checked.allow) tell(telemetry, () => allowedOf(aboutOf(peek, who), checked, since));
      else denied(who, since, checked.verdict);
      return checked;
    },
    refuse: async (who, job) => {
      const since = performance.now();
      const verdict = await job();
      if (verdict !== undefined) denied(who, since, verdict);
      return verdict;
    },
    settle: async ({ session, run }, job) => {
      const since = performance.now();
      const settled = await job();
      tell(telemetry, () => ({ kind: "settle", session, run, ...outcomeOf(settled), seconds: secondsSince(since) }));
      return settled;
    },
    open: async (job) => {
      const opened = await job();
      tell(telemetry, () =>
        opened.ok
          ? { kind: "session", event: "opened", session: opened.value.session, plan: opened.value.plan }
          : { kind: "session", event: "refused", code: opened.error.code },
      );
      return opened;
    },
    close: async (session, job) => {
      const closed = await job();
      if (closed.ok) tell(telemetry, () => ({ kind: "session", event: "closed", session }));
      return closed;
    },
  };
}

const silent: Telling = {
  check: (_, job) => job(),
  refuse: (_, job) => job(),
  settle: (_, job) => job(),
  open: (job) => job(),
  close: (_, job) => job(),
};

/** A store whose every answer is told. */
export function toldStore(store: Store, telemetry: Telemetry | undefined): Store {
  if (telemetry === undefined) return store;
  return eachMethod(store, (name, method) => async (...args) => {
    const since = performance.now();
    const answer = await method(...args);
    const failure = answer.ok ? {} : { failure: answer.error.kind };
    tell(telemetry, () => ({ kind: "store", method: name, ...failure, seconds: secondsSince(since) }));
    return answer;
  });
}

function tell(telemetry: Telemetry, make: () => Told): void {
  try {
    tellSafely(telemetry, make());
  } catch {
    // What cannot be said changes nothing.
  }
}

function secondsSince(since: number): number {
  return Math.max(0, (performance.now() - since) / 1_000);
}

type About = Pick<CheckTold, "session" | "plan" | "tool">;

/** Whom a call is of. SECURITY: whoever has not the session's secret is in no session, and what a plan does not name is no name. */
function aboutOf(peek: LiveSessions["peek"], { token, tool }: Caller): { readonly about: About; readonly live?: Live } {
  const read = readToken(token);
  const live = read === undefined ? undefined : peek(read.session);
  if (read === undefined || live === undefined || !isTokenOf(live.header.tokenDigest, read)) return { about: {} };
  const { byTool } = live.guard.program.plan;
  const name = tool === undefined ? undefined : qualifiedName(tool, [...byTool.keys()]);
  const known = name !== undefined && byTool.has(name) ? { tool: name } : {};
  return { about: { session: read.session, plan: live.guard.digest, ...known }, live };
}

function allowedOf(
  { about, live }: ReturnType<typeof aboutOf>,
  { verdict, permit }: Extract<Checked, { readonly allow: true }>,
  since: number,
): Told {
  return {
    ...about,
    kind: "check",
    verdict: "allow",
    session: permit.session,
    tool: permit.tool,
    node: verdict.node,
    run: verdict.run,
    labels: () =>
      declaredOf(
        live,
        Object.values(verdict.labels).flatMap(({ sources }) => sources),
      ),
    seconds: secondsSince(since),
  };
}

function declaredOf(live: Live | undefined, names: readonly string[]): readonly string[] {
  return live === undefined ? [] : declaredNames(live.guard.program, names);
}

function outcomeOf(settled: Settled): { readonly outcome: "delivered" | "error" | "refused"; readonly code?: Code } {
  if (!settled.ok) return { outcome: "refused", code: settled.verdict.code };
  return { outcome: settled.isError ? "error" : "delivered" };
}
