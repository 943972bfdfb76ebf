/**
 * `tools/list` and `tools/call`: the plan's tools under their shown names, and calls of them.
 * Never lists what the plan does not grant, and never calls a tool by another name than was checked.
 */
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { mcpPageTools } from "../../limits.ts";
import type { CompiledPlan } from "../../plan/compile/compiled.ts";
import { bareName, qualifiedName } from "../../plan/tool-name.ts";
import { agentTools } from "../agent-tools.ts";
import type { Enforcer, PlanInForce } from "../enforce.ts";
import type { Ask, Form } from "./calls.ts";
import { perform } from "./calls.ts";
import { type RpcOutcome, rpcCodes } from "./jsonrpc.ts";
import { isMethodTool } from "./methods.ts";
import { type Naming, type ShownNames, showNames } from "./names.ts";
import { claimedLabel, deniedResult, deliveredResult, isCallResult, recordedResult } from "./results.ts";
import { without } from "./route.ts";

/** The tools of a plan as clients see them. */
export interface PlanTools {
  readonly names: ShownNames;
  /** Definitions under their shown names; `outputSchema` only where the agent sees all of the result. */
  readonly listed: readonly JsonObject[];
  /** Qualified names of the tools whose output schema is shown. */
  readonly structured: ReadonlySet<string>;
  readonly qualified: readonly string[];
}

/** Makes the views of plans, each once. */
export function planTools(naming: Naming): (plan: CompiledPlan) => PlanTools {
  const known = new WeakMap<CompiledPlan, PlanTools>();
  return (plan) => {
    const there = known.get(plan);
    if (there !== undefined) return there;
    const tools = agentTools(plan).filter(({ tool }) => !isMethodTool(tool));
    const qualified = tools.map(({ tool }) => tool);
    const names = showNames(qualified, naming);
    const listed = tools.flatMap(({ tool, definition }) => {
      const name = names.shownOf(tool);
      return name === undefined ? [] : [{ ...shownDefinition(definition), name }];
    });
    const structured = new Set(
      tools.flatMap(({ tool, definition }) => ("outputSchema" in shownDefinition(definition) ? [tool] : [])),
    );
    const made = { names, listed, structured, qualified };
    known.set(plan, made);
    return made;
  };
}

/** A definition without what speaks to the gateway and not to an agent. */
function shownDefinition(definition: JsonObject): JsonObject {
  const { inputSchema, outputSchema, ...rest } = without(definition, "execution", "server");
  // Clients take no result but an object for structured content.
  const isObjectSchema = isObject(outputSchema) && member(outputSchema, "type") === "object";
  return {
    ...rest,
    inputSchema: withoutHeaderNames(inputSchema ?? { type: "object" }, 0),
    ...(isObjectSchema ? { outputSchema } : {}),
  };
}

/** Without `x-mcp-header`: the arguments of the agent's call are in its body. Depth is bounded by the reader. */
function withoutHeaderNames(schema: Json, depth: number): Json {
  if (isArray(schema)) return schema.map((each) => withoutHeaderNames(each, depth + 1));
  if (!isObject(schema)) return schema;
  const entries = Object.entries(schema).filter(([key, value]) => key !== "x-mcp-header" || typeof value !== "string");
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutHeaderNames(value, depth + 1)]));
}

/** Answers `tools/list`: a page of the plan's tools. */
export function listTools({ listed }: PlanTools, params: JsonObject): RpcOutcome {
  const cursor = member(params, "cursor");
  const from =
    cursor === undefined ? 0 : typeof cursor === "string" && /^t[0-9]{1,6}$/.test(cursor) ? Number(cursor.slice(1)) : -1;
  if (from < 0 || from > listed.length) return { ok: false, error: { code: rpcCodes.invalidParams, message: "no such cursor" } };
  const next = from + mcpPageTools;
  return {
    ok: true,
    result: { tools: listed.slice(from, next), ...(next < listed.length ? { nextCursor: `t${next}` } : {}) },
  };
}

/** The qualified name of what a client calls `name`, in a plan; a name that the plan does not have stays as it is. */
export function toolNamed({ names, qualified }: PlanTools, name: string): string {
  return names.toolOf(name) ?? qualifiedName(name, qualified);
}

/** Answers `tools/call`. */
export async function callTool(enforcer: Enforcer, ask: Ask, tools: PlanTools): Promise<RpcOutcome> {
  const read = readCall(ask.params);
  if (typeof read === "string") return { ok: false, error: { code: rpcCodes.invalidParams, message: read } };
  const tool = toolNamed(tools, read.name);
  const hasOutputSchema = tools.structured.has(tool);
  // SECURITY: what stands for a method in a plan is no tool that could be called.
  if (isMethodTool(tool)) {
    const denial = await enforcer.refuse(ask.route.token, { tool, code: "CALL_NOT_IN_PLAN" });
    return { ok: true, result: deniedResult(denial, hasOutputSchema) };
  }
  const claimed = claimedLabel(ask.params, ask.plan.header.principal);
  const attempt = {
    tool,
    args: read.args,
    ...(claimed === undefined ? {} : { labels: { "": claimed } }),
    ...(read.approval === undefined ? {} : { approval: read.approval }),
  };
  const performed = await perform(enforcer, ask, { attempt, form: callForm });
  if (performed.kind === "denied") return { ok: true, result: deniedResult(performed.denial, hasOutputSchema) };
  const { outcome, settled } = performed;
  return forEra(deliveredResult(outcome, settled, { hasOutputSchema }), ask);
}

const callForm: Form = {
  method: "tools/call",
  params: ({ tool, args }) => ({ name: bareName(tool), arguments: args }),
  isAnswer: isCallResult,
  record: recordedResult,
};

interface ReadCall {
  readonly name: string;
  readonly args: JsonObject;
  readonly approval?: string;
}

/** The call in the parameters of `tools/call`, or what is wrong with them. */
function readCall(params: JsonObject): ReadCall | string {
  const name = member(params, "name");
  const args = member(params, "arguments") ?? {};
  const approval = member(member(params, "_meta"), "sluice/approval");
  if (typeof name !== "string" || name === "") return "`name` must name a tool";
  if (!isObject(args)) return "`arguments` must be an object";
  // What a server asked of the client is answered through the gateway or not at all.
  if (member(params, "inputResponses") !== undefined || member(params, "requestState") !== undefined)
    return "this gateway asks for no input";
  return { name, args, ...(typeof approval === "string" ? { approval } : {}) };
}

/** Structured content that is no object has a place in the stateless revision alone. */
function forEra(outcome: RpcOutcome, { isStateless }: Ask): RpcOutcome {
  if (!outcome.ok || isStateless) return outcome;
  const structured = member(outcome.result, "structuredContent");
  return structured === undefined || isObject(structured)
    ? outcome
    : { ok: true, result: without(outcome.result, "structuredContent") };
}

/** The tools that the calls of one batch name, for a check of each as if the others had returned. */
export function batchTools(tools: PlanTools, calls: readonly JsonObject[]): readonly string[] {
  return calls.flatMap((params) => {
    const name = member(params, "name");
    return typeof name === "string" ? [toolNamed(tools, name)] : [];
  });
}

/** Nodes of a plan that grant a method of a server. */
export function grantsOf({ guard }: PlanInForce, server: string, grant: string): ReturnType<CompiledPlan["byTool"]["get"]> {
  return guard.program.plan.byTool.get(`${server}/${grant}`);
}
