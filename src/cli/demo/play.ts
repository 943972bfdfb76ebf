/**
 * Plays recorded runs over HTTP through the firewall: a session for each, a request for each call, as an agent would send them.
 * Never decides anything itself: what it shows is what the firewall answered and recorded.
 */
import type { ChainLink } from "../../decide/chain.ts";
import type { Verdict } from "../../decide/verdict.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { readJson } from "../../json/read.ts";
import { type Json, member } from "../../json/value.ts";
import { assert } from "../../result.ts";
import type { Run } from "./example.ts";

/** What the firewall did with one call. */
export interface Outcome {
  readonly tool: string;
  readonly verdict: "allow" | "deny";
  readonly code: string | null;
  /** Sources of the call's arguments; of a data-flow denial those of the argument that was refused. */
  readonly labels: readonly string[];
  readonly chain: readonly ChainLink[];
  /** Milliseconds from the request to the whole response, the tool's own work included. */
  readonly ms: number;
  readonly isExpected: boolean;
}

/** Where runs are played, and what lies behind. */
export interface Stage {
  /** The firewall's address, without a slash at its end. */
  readonly url: string;
  readonly admin: string;
  /** Takes the verdict on the last call, with the facts that no agent is told. */
  readonly takeVerdict: () => Verdict | undefined;
  /** Tells the tool server what the trace says that the next call returns; `undefined` if it says nothing. */
  readonly prepare: (answer: Json | undefined) => void;
}

/** Opens a session over HTTP, as the host does; returns its id and the agent's token. */
export async function openSession(
  stage: Pick<Stage, "url" | "admin">,
  body: Json,
): Promise<{ readonly session: string; readonly token: string }> {
  const answer = await post(`${stage.url}/sluice/sessions`, { authorization: `Bearer ${stage.admin}` }, body);
  const [session, token] = [member(answer.body, "session"), member(answer.body, "token")];
  assert(typeof session === "string" && typeof token === "string", `a session was refused with status ${answer.status}`);
  return { session, token };
}

/** Plays one run. */
export async function playRun(stage: Stage, plan: string, run: Run): Promise<readonly Outcome[]> {
  const { session, token } = await openSession(stage, { plan, principal: "demo", params: run.params });
  const results = new Map(
    run.trace.events.flatMap((event) => (event.type === "result" ? [[event.id, event.value] as const] : [])),
  );
  const outcomes: Outcome[] = [];
  for (const event of run.trace.events) {
    if (event.type !== "call") continue;
    stage.prepare(results.get(event.id));
    const started = performance.now();
    const answer = await post(`${stage.url}/tools/${event.tool}`, { "sluice-session": token }, event.args);
    const ms = performance.now() - started;
    const code = answer.isProblem ? String(member(answer.body, "code")) : null;
    const decided = stage.takeVerdict();
    const expected = run.expected[outcomes.length];
    const verdict = code === null ? "allow" : "deny";
    const isExpected = expected?.verdict === verdict && expected.code === code;
    const chain = decided?.decision === "deny" ? decided.chain : [];
    outcomes.push({ tool: event.tool, verdict, code, labels: labelsOf(decided), chain, ms, isExpected });
  }
  await post(`${stage.url}/sluice/sessions/${session}/close`, { authorization: `Bearer ${stage.admin}` }, {});
  return outcomes;
}

interface Answer {
  readonly status: number;
  readonly isProblem: boolean;
  readonly body: Json;
}

async function post(url: string, headers: Readonly<Record<string, string>>, body: Json): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: canonicalJson(body),
  });
  const read = readJson(await response.text());
  const isProblem = response.headers.get("content-type") === "application/problem+json";
  return { status: response.status, isProblem, body: read.ok ? read.value : null };
}

/** The names of the labels of a verdict: of all arguments, or of the one that was refused. */
function labelsOf(verdict: Verdict | undefined): readonly string[] {
  if (verdict === undefined) return [];
  const labels = verdict.decision === "allow" ? Object.values(verdict.labels) : [verdict.facts.labels];
  return [...new Set(labels.flatMap((label) => label?.sources ?? []))].sort();
}
