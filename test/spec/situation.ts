/**
 * A small session that is written down: nodes, what happens, and what is said of each step; played on the engine and the reference interpreter.
 * Never decides who is right: both must say what is written.
 */
import { expect } from "vitest";
import type { Json, JsonObject } from "../../src/json/value.ts";
import type { FlowRule, FrozenPlan, FrozenTool, PlanNode, ToolFacts } from "../../src/plan/plan.ts";
import { openPair } from "./compare.ts";
import { startsAt } from "./generate-plan.ts";
import type { TraceStep } from "./generate-trace.ts";
import type { SpecGiven, SpecReceived } from "./session.ts";

const facts = (more: Partial<ToolFacts>): ToolFacts => ({ effects: ["read"], roles: {}, inferred: [], ...more });
const toolFacts: { readonly [name: string]: ToolFacts } = {
  "in/ext": facts({ labels: ["ext"] }),
  "in/own": facts({ labels: ["risk"] }),
  "in/hr": facts({ labels: ["hr"] }),
  "out/send": facts({ effects: ["message"], labels: [], roles: { to: "target", body: "content" }, audience: { arg: "to" } }),
  "out/put": facts({ effects: ["write"], labels: [], roles: { to: "target", body: "content" } }),
};

/** `[tool, args]` calls at once; with a node or labels beside the arguments in a third place. */
export type Move =
  | readonly [string, JsonObject]
  | readonly [string, JsonObject, { readonly node?: string; readonly labels?: SpecGiven }]
  | { readonly run: number; readonly value: Json; readonly received?: SpecReceived }
  | { readonly run: number; readonly error: Json }
  | { readonly approve: string; readonly no?: true };

/** A small session, as it is written down. */
export interface Situation {
  readonly nodes: { readonly [name: string]: PlanNode };
  readonly params?: JsonObject;
  readonly agentParams?: readonly string[];
  readonly flows?: readonly FlowRule[];
  /** What happens, each with what is said of it. */
  readonly moves: readonly (readonly [Move, string])[];
}

function frozenOf({ nodes, flows = [] }: Situation): FrozenPlan {
  const used = Object.values(nodes).flatMap(({ tool }) => (tool === undefined ? [] : [tool]));
  const tools = used.map((name): [string, FrozenTool] => [
    name,
    { name, definition: { name, inputSchema: { type: "object" } }, facts: toolFacts[name] as ToolFacts },
  ]);
  return {
    kind: "sluice.frozen-plan",
    version: 1,
    digest: `sha256:${"0".repeat(64)}`,
    plan: {
      sluice: 1,
      name: "situation",
      params: { p: { type: "string", default: "u1" }, none: { type: "string" } },
      nodes,
      ...(flows.length === 0 ? {} : { flows }),
    },
    tools: Object.fromEntries(tools),
    servers: Object.fromEntries(used.map((name) => [name.split("/")[0] as string, null])),
    labels: {
      ext: { integrity: "untrusted" },
      risk: { integrity: "trusted" },
      hr: { integrity: "trusted", readers: ["alice", "bob"] },
    },
  };
}

function stepOf(move: Move): TraceStep {
  const at = startsAt;
  if ("approve" in move) {
    const decision = move.no === undefined ? "approve" : "deny";
    return { kind: "approve", approval: { hold: move.approve, by: "ana", decision, at } };
  }
  if ("run" in move) return { kind: "settle", result: { ...move, at } };
  const [tool, args, beside] = move;
  return { kind: "call", call: { tool, args, ...beside, at } };
}

/** A node that reads from outside. */
export const ext = { tool: "in/ext", args: {} } as const;
/** A node that reads what is trusted. */
export const own = { tool: "in/own", args: {} } as const;
/** A node that writes. */
export const put = (args: PlanNode["args"], more: Partial<PlanNode> = {}): PlanNode =>
  ({ tool: "out/put", args, ...more }) as PlanNode;
/** A text of the agent. */
export const write = { write: {} } as const;
/** A result, taken. */
export const settled = (run: number, value: Json): readonly [Move, string] => [{ run, value }, "settled"];
/** A call that is allowed. */
export const allowed = (tool: string, args: JsonObject = {}): readonly [Move, string] => [[tool, args], "allow"];
/** A call that is not, and why. */
export const refused = (tool: string, args: JsonObject, code: string): readonly [Move, string] => [[tool, args], code];
/** Nothing from outside goes out. */
export const untrusted: FlowRule = { id: "no-ext", deny: ["ext"], to: "out/*" };

/** Plays it on both sides: what is said of each step is what is written, and the same on both, with arguments, labels and context. */
export function play(situation: Situation): void {
  const { params = { none: "x" }, agentParams = [], moves } = situation;
  const pair = openPair({ frozen: frozenOf(situation), params: { p: "u1", ...params }, agentParams });
  if (!("step" in pair)) throw new Error(pair.join("\n"));
  const said = moves.map(([move]) => pair.step(stepOf(move)));
  expect(said.map(({ outcome }) => outcome)).toEqual(moves.map(([, expected]) => expected));
  for (const { engine, spec } of said) expect(engine).toBe(spec);
}
