/**
 * The way of a tool call in an agent SDK: check → run the tool with the final arguments → record → what the agent may see.
 * One file for all SDKs; decides nothing itself. Never runs a tool without a permit, and shows nothing whose label is not committed.
 */
import type { ToolResult } from "../../decide/observe.ts";
import { isWellFormed } from "../../json/read-error.ts";
import { strictCopy } from "../../json/strict.ts";
import type { Json, JsonObject } from "../../json/value.ts";
import { thrownCharsMax } from "../../limits.ts";
import { ConfigError } from "../../result.ts";
import { type AgentTool, agentTools } from "../agent-tools.ts";
import type { Checked, Enforcer, Permit, Settled } from "../enforce.ts";
import { toolSpelled } from "../tool-spelling.ts";
import { denialBody } from "../wire.ts";
import { finalOf, jsonOf, plainOf } from "./values.ts";

/** What tools are guarded with. */
export interface GuardOptions {
  /** What `createFirewall` returned. */
  readonly firewall: Enforcer;
  /** What `firewall.open` returned for this agent: the session's token, and the digest of its plan. */
  readonly session: { readonly token: string; readonly plan: string };
  /** The plan's name (`server/tool`) of a tool of the SDK. Default: the one tool of the plan that has this name or a client's spelling of it. */
  readonly toolName?: (name: string) => string;
}

/** A call as an SDK hands it over. */
export interface GateCall {
  /** Qualified name. */
  readonly tool: string;
  readonly args: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Qualified names of the tools of all calls of one step, where the SDK tells them; else those count that are made at the same time. */
  readonly batch?: readonly string[] | undefined;
  /** Whether what a tool throws is the SDK's way to pause an agent, and not an answer. */
  readonly isPause?: (thrown: unknown) => boolean;
}

/** What came of a call. */
export type Outcome =
  /** `isWhole`: the agent sees the result as the tool gave it. */
  | { readonly kind: "result"; readonly value: Json; readonly isWhole: boolean }
  /** The tool's error, as the agent may see it. */
  | { readonly kind: "error"; readonly value: Json }
  | { readonly kind: "denied"; readonly denial: JsonObject };

/** What a tool of an SDK returns for an outcome; an error is thrown, since SDKs tell the model of it by the exception's message. */
export function outputOf(outcome: Outcome): unknown {
  if (outcome.kind === "denied") return outcome.denial;
  if (outcome.kind === "result") return plainOf(outcome.value);
  throw new Error(typeof outcome.value === "string" ? outcome.value : JSON.stringify(plainOf(outcome.value)));
}

/** Guards the tools of one session. */
export interface Gate {
  /** The tool of the plan that a tool of the SDK is, as the agent sees it; `undefined`: the plan has none. */
  toolOf(name: string): AgentTool | undefined;
  /**
   * The whole path of a call. `execute` gets a permit with the final arguments, once. Rejects only with the reason of an aborted `signal`,
   * or with what pauses the agent.
   */
  run(call: GateCall, execute: (permit: Permit) => unknown): Promise<Outcome>;
}

/** Thrown by `execute` for arguments that the tool's own schema does not take. Its text is constant, since the arguments may be hidden. */
export class ArgumentsError extends Error {
  constructor() {
    super("the tool does not take these arguments");
  }
}

/** Makes a gate. Throws `ConfigError` if the options are wrong, at set-up only. */
export function createGate(options: GuardOptions): Gate {
  const { firewall, session, toolName } = readOptions(options);
  const guard = firewall.guards.get(session.plan);
  if (guard === undefined) throw new ConfigError("`session.plan` must be the digest of a plan of the firewall");
  const tools = new Map(agentTools(guard.program.plan).map((tool) => [tool.tool, tool]));
  const known = [...tools.keys()];
  const gather = createGatherer(firewall, session.token);
  return {
    toolOf: (name) => tools.get(toolName?.(name) ?? toolSpelled(name, known) ?? ""),
    run: async (call, execute) => {
      const { signal } = call;
      signal?.throwIfAborted();
      const { checked, done } = await gather(call);
      try {
        if (!checked.allow) return { kind: "denied", denial: denialBody(checked.verdict) };
        return await runPermitted(firewall, checked.permit, { call, execute });
      } finally {
        done();
      }
    },
  };
}

function readOptions(options: GuardOptions): GuardOptions {
  const { firewall, session } = options ?? {};
  if (typeof firewall?.check !== "function") throw new ConfigError("`firewall` must be what `createFirewall` returns");
  if (typeof session?.token !== "string" || typeof session.plan !== "string")
    throw new ConfigError("`session` must be what `firewall.open` returned: its `token` and `plan`");
  return options;
}

async function runPermitted(
  firewall: Enforcer,
  permit: Permit,
  { call, execute }: { readonly call: GateCall; readonly execute: (permit: Permit) => unknown },
): Promise<Outcome> {
  const { signal, isPause } = call;
  let result: ToolResult;
  try {
    signal?.throwIfAborted();
    const value = jsonOf(await finalOf(await execute(permit)));
    if (value === undefined) return outcomeOf(await firewall.fail(permit, "RESULT_MALFORMED"));
    result = { value };
  } catch (thrown) {
    // Whoever stopped the agent waits for no result, but what may have been done is spent.
    if (signal?.aborted === true || isPause?.(thrown) === true) {
      await firewall.fail(permit, "UPSTREAM_FAILED");
      throw thrown;
    }
    result = { error: textOf(thrown) };
  }
  return outcomeOf(await firewall.settle(permit, result));
}

function outcomeOf(settled: Settled): Outcome {
  if (!settled.ok) return { kind: "denied", denial: denialBody(settled.verdict) };
  const { delivered, isError, isWhole } = settled;
  return isError ? { kind: "error", value: delivered } : { kind: "result", value: delivered, isWhole };
}

/** What an exception says: SDKs show it to the model, so it is the tool's answer, and carries its label. */
function textOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : typeof thrown === "string" ? thrown : "";
  return isWellFormed(text) ? text.slice(0, thrownCharsMax) : "";
}

/** The tools of calls made at once, as the SDK tells them and as they are seen to be; a tool that is called twice at once counts twice. */
function batchOf(told: readonly string[], seen: readonly string[]): readonly string[] {
  if (told.length < 2 && seen.length < 2) return [];
  const names = [...new Set([...told, ...seen])];
  return names.length === 1 ? [...names, ...names] : names;
}

interface Gathered {
  readonly checked: Checked;
  /** To be called when the call has come to its end. */
  readonly done: () => void;
}

interface Waiting {
  readonly call: GateCall;
  /** A copy, taken when the call came: nobody changes it while it waits. */
  readonly args: Json;
  readonly resolve: (checked: Promise<Checked>) => void;
}

/**
 * Gathers the calls that an SDK makes at once. SDKs do not tell a tool which others the model has called with it, but start them in one turn
 * of the event loop; what is still in flight when a call comes belongs to it as well.
 */
function createGatherer(firewall: Enforcer, token: string): (call: GateCall) => Promise<Gathered> {
  const inFlight = new Map<symbol, string>();
  let waiting: Waiting[] = [];
  const flush = (): void => {
    const calls = waiting;
    waiting = [];
    const atOnce = [...inFlight.values()];
    let before: Promise<unknown> = Promise.resolve();
    for (const { call, args, resolve } of calls) {
      const batch = batchOf(call.batch ?? [], atOnce);
      const checked = before.then(() => firewall.check(token, { tool: call.tool, args }, { batch }));
      before = checked.catch(() => undefined);
      resolve(checked);
    }
  };
  return async (call) => {
    const key = Symbol();
    inFlight.set(key, call.tool);
    const done = (): void => void inFlight.delete(key);
    try {
      const checked = await new Promise<Checked>((resolve) => {
        waiting.push({ call, args: strictCopy(call.args) ?? null, resolve });
        if (waiting.length === 1) setTimeout(flush, 0);
      });
      return { checked, done };
    } catch (error) {
      done();
      throw error;
    }
  };
}
