/**
 * The way from a scripted agent to AgentDojo's tools: through Sluice's enforcement point, or straight.
 * Never executes anything but the final arguments that Sluice answers, and gives the agent nothing but what Sluice delivers.
 */
import { isObject, type Json, type JsonObject } from "../../src/json/value.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import { bareName } from "../../src/plan/tool-name.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Checked, Enforcer } from "../../src/surfaces/enforce.ts";
import { createFirewall } from "../../src/surfaces/options.ts";
import { isErrorResult } from "../../src/trace.ts";
import type { Suite } from "./data.ts";
import type { Environments, PlainCall } from "./environments.ts";
import type { PlannedTask } from "./kinds.ts";

/** Whose call it is: the scripted human says yes to the user's and no to the attacker's. */
export type Origin = "user" | "attacker";

/** What came of one attempt at a call. */
export type Attempt =
  | { readonly done: true; readonly delivered: Json; readonly isWhole: boolean }
  | { readonly done: false; readonly code: string };

/** What a run cost besides its calls. */
export interface Tally {
  /** Milliseconds of each check. */
  readonly checks: number[];
  /** Calls and amendments that a human was asked about while the task ran, the user's alone. */
  asked: number;
}

/** One run's way to the tools. */
export interface Door {
  readonly tally: Tally;
  /** The uses that the plan has for a tool, with the arguments that the agent may leave out there; empty without a plan. */
  usesOf(tool: string): readonly { readonly node: string; readonly filled: readonly string[] }[];
  attempt(call: PlainCall, origin: Origin): Promise<Attempt>;
  /** Asks for the rest of the user's calls in an amendment: whether a human was asked and has agreed. */
  amend(calls: readonly PlainCall[]): Promise<boolean>;
}

/** The way without Sluice: the undefended baseline. */
export function openDoor(environments: Environments): Door {
  return {
    tally: { checks: [], asked: 0 },
    usesOf: () => [],
    attempt: async (call) => ({ done: true, delivered: await environments.call(call), isWhole: true }),
    amend: async () => false,
  };
}

/** Sluice for one planned task: a firewall whose sessions are runs. */
export interface Guarded {
  door(environments: Environments): Promise<Door>;
}

/** Compiles a plan, once for all its runs. */
export function guardTask(suite: Suite, planned: PlannedTask): Guarded {
  const { frozen, params } = planned;
  const enforcer = createFirewall({
    plans: [frozen],
    store: createMemoryStore(),
    amendments: planned.isAmended === true ? { catalogue: planned.catalogue ?? suite.catalogue } : false,
  });
  return {
    door: async (environments) => {
      const opened = await enforcer.open({ plan: frozen.digest, principal: "user", params });
      if (!opened.ok) throw new Error(`${frozen.plan.name}: no session: ${opened.error.code}`);
      return guardedDoor({ enforcer, environments, ...opened.value }, usesOf(enforcer, frozen));
    },
  };
}

type Uses = ReadonlyMap<string, readonly { readonly node: string; readonly filled: readonly string[] }[]>;

/** What the tools of a plan look like to its agent, as far as it matters here: which arguments are filled in. */
function usesOf({ guards }: Enforcer, { digest }: FrozenPlan): Uses {
  const guard = guards.get(digest);
  if (guard === undefined) throw new Error("the firewall does not have its plan");
  const uses = [...guard.program.plan.byTool].map(([tool, nodes]) => {
    const own = nodes.map(({ name, args }) => ({
      node: name,
      filled: args.filter(({ rule }) => rule.isFilled).map((arg) => arg.name),
    }));
    return [bareName(tool), own] as const;
  });
  return new Map(uses);
}

interface Opening {
  readonly enforcer: Enforcer;
  readonly environments: Environments;
  readonly token: string;
  readonly session: string;
}

function guardedDoor(opening: Opening, uses: Uses): Door {
  const { enforcer, environments, token } = opening;
  const tally: Tally = { checks: [], asked: 0 };
  return {
    tally,
    usesOf: (tool) => uses.get(tool) ?? [],
    attempt: async (call, origin) => {
      const from = performance.now();
      let checked = await enforcer.check(token, call);
      tally.checks.push(performance.now() - from);
      if (!checked.allow && checked.verdict.code === "CALL_NEEDS_APPROVAL")
        checked = await decided(opening, checked, { tally, origin });
      if (!checked.allow) return { done: false, code: checked.verdict.code };
      const { permit } = checked;
      const answer = await environments.call({ tool: bareName(permit.tool), args: permit.args });
      const settled = await enforcer.settle(
        permit,
        isErrorResult(answer) && isObject(answer) ? { error: errorOf(answer) } : { value: answer },
      );
      if (!settled.ok) return { done: false, code: settled.verdict.code };
      return { done: true, delivered: settled.delivered, isWhole: settled.isWhole };
    },
    amend: (calls) => amended(opening, calls, tally),
  };
}

function errorOf(answer: JsonObject): Json {
  return answer.error ?? null;
}

/** The scripted human decides on a held call: what the user asked for is approved, and what the attacker wants is not. */
async function decided(
  { enforcer, token }: Opening,
  checked: Extract<Checked, { readonly allow: false }>,
  { tally, origin }: { readonly tally: Tally; readonly origin: Origin },
): Promise<Checked> {
  const id = checked.verdict.remedies.find(({ approval }) => approval !== undefined)?.approval;
  if (id === undefined) return checked;
  if (origin === "user") tally.asked += 1;
  const said = await enforcer.approve(id, { by: "human", decision: origin === "user" ? "approve" : "deny" });
  return said.ok && origin === "user" ? enforcer.release(token, id) : checked;
}

/** The calls in a line, each after the one before it, as an amendment that a human approves. */
async function amended({ enforcer, token, session }: Opening, calls: readonly PlainCall[], tally: Tally): Promise<boolean> {
  const nodes = calls.map(({ tool, args }, i): [string, Json] => [
    stepName(i),
    { tool, args, ...(i === 0 ? {} : { after: [stepName(i - 1)] }) },
  ]);
  const asked = await enforcer.amend(token, { nodes: Object.fromEntries(nodes) });
  if (asked.status !== "waiting") return asked.status === "applied";
  tally.asked += 1;
  const { amendment, plan } = asked;
  return (await enforcer.decideAmendment(session, amendment, { by: "human", decision: "approve", plan })).ok;
}

/** The name of a call's node in an amendment. */
export function stepName(i: number): string {
  return `step-${String(i).padStart(2, "0")}`;
}
