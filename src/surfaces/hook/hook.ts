/**
 * A coding agent's hook: reads the event, asks the enforcement point, answers in the agent's own words. For `sluice hook`.
 * Web standards only. Never lets a call go ahead that was not checked, nor one whose result could be seen before its label is committed.
 */
import type { Code } from "../../codes.ts";
import { denialOf } from "../../decide/verdict.ts";
import { readJson } from "../../json/read.ts";
import { isObject, type Json, type JsonObject, jsonEqual } from "../../json/value.ts";
import { canonicalJson } from "../../json/canonical.ts";
import type { CompiledPlan } from "../../plan/compile/compiled.ts";
import { bareName, serverName } from "../../plan/tool-name.ts";
import { joinValues, type LabelValue } from "../../taint/label.ts";
import type { Allowance, Denial, Enforcer, Permit, PlanInForce } from "../enforce.ts";
import { denialText } from "../wire.ts";
import { claude, codex } from "./claude.ts";
import { copilot } from "./copilot.ts";
import { cursor } from "./cursor.ts";
import type { AfterEvent, BeforeEvent, HookAnswer, HookEvent, HookFormat, HookTool } from "./event.ts";
import { silence } from "./event.ts";
import { gemini } from "./gemini.ts";
import { findRuns, keepRun } from "./runs.ts";

export type { HookAnswer } from "./event.ts";

/** The formats by name. */
export const hookFormats: { readonly [name: string]: HookFormat } = { claude, codex, cursor, gemini, copilot };

/** An event, and how to answer it. */
export interface ReadHook {
  readonly format: HookFormat;
  readonly event: HookEvent;
}

/**
 * Reads what an agent wrote to its hook. `format`: whose it is; else the agent is known by the fields that only it sends. `session` stands in for
 * an agent that names none. `undefined`: it is nothing that an agent is documented to send, which must block.
 */
export function readHook(
  text: string,
  { format, session }: { readonly format?: string | undefined; readonly session?: string | undefined } = {},
): ReadHook | undefined {
  const read = readJson(text);
  if (!read.ok || !isObject(read.value)) return undefined;
  const input: JsonObject = session === undefined ? read.value : { session_id: session, sessionId: session, ...read.value };
  const owner = format === undefined ? ownerOf(input) : Object.hasOwn(hookFormats, format) ? hookFormats[format] : undefined;
  const event = owner?.read(input);
  return owner === undefined || event === undefined ? undefined : { format: owner, event };
}

/** The one agent whose input it certainly is. */
function ownerOf(input: JsonObject): HookFormat | undefined {
  const owners = Object.values(hookFormats).filter((one) => one.owns(input));
  return owners.length === 1 ? owners[0] : undefined;
}

/** What blocks in every agent: for what cannot be read, and for faults. The text is constant. */
export function blocked(code: Code): HookAnswer {
  return { stderr: reasonOf(denialOf(code)), exit: 2 };
}

/** Who asks. */
export interface HookCaller {
  readonly enforcer: Enforcer;
  /** Token of the Sluice session of the agent's session. */
  readonly token: string;
  /** Whether the agent asks its own user about calls that the plan allows. */
  readonly asks?: boolean;
}

/** Answers an event. Rejects never. */
export async function answerHook(caller: HookCaller, { format, event }: ReadHook): Promise<HookAnswer> {
  try {
    if (event.kind === "other") return silence;
    return event.kind === "before" ? await before(caller, format, event) : await after(caller, format, event);
  } catch {
    return blocked("INTERNAL");
  }
}

async function before(
  { enforcer, token, asks = false }: HookCaller,
  format: HookFormat,
  event: BeforeEvent,
): Promise<HookAnswer> {
  const refuse = (denial: Denial): HookAnswer => format.deny(event, reasonOf(denial));
  const standing = await enforcer.plan(token);
  if (!standing.ok) return refuse(standing.error);
  const { plan } = standing.value.guard.program;
  const tool = toolNamed(plan, format, event.tool) ?? `${format.server}/${event.tool.name}`;
  const nodes = plan.byTool.get(tool) ?? [];
  // What the agent would show all of must not be called where the plan hides a part: nothing could take it back.
  if (!event.hides && nodes.some(({ show }) => show !== "all"))
    return refuse(await enforcer.refuse(token, { tool, code: "CONFIG_INVALID" }));
  const checked = await enforcer.check(token, { tool, args: event.args });
  if (!checked.allow) return refuse(checked.verdict);
  const { permit, verdict } = checked;
  const code = await prepare({ enforcer, token, standing: standing.value }, event, { permit, verdict });
  if (code !== undefined) {
    await enforcer.fail(permit, code);
    return refuse(denialOf(code));
  }
  return format.allow(event, { args: event.substitutes === "no" ? undefined : permit.args, asks });
}

/** All that must stand before an allowed call may go ahead; the code of what does not. */
async function prepare(
  { enforcer, token, standing }: { readonly enforcer: Enforcer; readonly token: string; readonly standing: PlanInForce },
  event: BeforeEvent,
  { permit, verdict }: { readonly permit: Permit; readonly verdict: Allowance },
): Promise<Code | undefined> {
  const { args } = permit;
  if (event.substitutes === "no" && !jsonEqual(args, event.args)) return "ARG_MISSING";
  if (event.substitutes === "over" && Object.keys(event.args).some((name) => !Object.hasOwn(args, name))) return "ARG_UNEXPECTED";
  const { session } = standing;
  const name = { session, tool: permit.tool, call: event.call, args: [event.args, args] };
  if (!(await keepRun(enforcer.store, name, permit))) return "STORE_UNAVAILABLE";
  // Agents go on when a hook fails after the call. So the label of the result is in the context before the call is made.
  const label = resultLabel(standing, verdict);
  const denied = label === undefined ? undefined : await enforcer.disclose(token, label);
  return denied?.code;
}

/** What the result of a call may carry: the labels of its tool and of its arguments. `undefined`: the agent is shown nothing of it. */
function resultLabel({ guard }: PlanInForce, { node: name, labels }: Allowance): LabelValue | undefined {
  const { plan, toolLabels, labels: space } = guard.program;
  const node = plan.byName.get(name);
  const own = node === undefined ? undefined : toolLabels[node.index];
  if (node?.show === "none") return undefined;
  const all = Object.values(labels);
  return all.reduce(joinValues, own === undefined ? { sources: ["unknown"], readers: null } : space.toValue(own));
}

async function after({ enforcer, token }: HookCaller, format: HookFormat, event: AfterEvent): Promise<HookAnswer> {
  const standing = await enforcer.plan(token);
  if (!standing.ok) return withheld(format, event, standing.error);
  const { session, guard } = standing.value;
  const { plan } = guard.program;
  const tool = toolNamed(plan, format, event.tool) ?? `${format.server}/${event.tool.name}`;
  const isWhole = (plan.byTool.get(tool) ?? []).every(({ show }) => show === "all");
  const runs = await findRuns(enforcer.store, { session, tool, call: event.call, args: [event.args] });
  if (runs === undefined) return withheld(format, event, denialOf("STORE_UNAVAILABLE"));
  for (const run of runs) {
    // A call that has a name is the same call, if its hook is asked twice; others with the same arguments are other calls.
    const settled = await (event.call === undefined
      ? enforcer.settle({ session, run }, event.result)
      : enforcer.settleAgain({ session, run }, event.result));
    if (settled.ok) return settled.isWhole ? silence : format.replace(event, deliveredText(settled.delivered));
    if (settled.verdict.code === "RUN_SETTLED") continue;
    // An error of ours was recorded with the tool's label; what the agent sees of it anyway, it may see.
    return isWhole && settled.verdict.code !== "STORE_UNAVAILABLE" ? silence : withheld(format, event, settled.verdict);
  }
  // Nobody allowed this call, or its time was over: what it brought may be anything.
  const denied = await enforcer.disclose(token, { sources: ["unknown"], readers: null });
  return denied === undefined && isWhole ? silence : withheld(format, event, denied ?? denialOf("RUN_UNKNOWN"));
}

/** What the agent is told where its own result may not be shown. Where it cannot be taken back, the agent's hook fails, and says so. */
function withheld(format: HookFormat, event: AfterEvent, denial: Denial): HookAnswer {
  return { ...format.replace(event, denialText(denial)), stderr: reasonOf(denial) };
}

function deliveredText(delivered: Json): string {
  return typeof delivered === "string" ? delivered : canonicalJson(delivered);
}

/** A denial as one line for a model: the code, its constant text, and what can be done. */
function reasonOf({ code, text, remedies }: Denial): string {
  const advice = remedies.map(({ kind, argument, approval }) =>
    [kind, argument, approval].filter((part) => part !== undefined).join(" "),
  );
  return `Sluice denies this call: ${code}: ${text}${advice.length === 0 ? "" : ` (${advice.join("; ")})`}`;
}

/**
 * The qualified name of the tool of a plan that an agent's tool is: one of its own stands under the agent's server, one of an MCP server is
 * written as the agent spells it. `undefined`: the plan has none, or two could be meant (ANCHORS D, threat 17).
 */
function toolNamed(plan: CompiledPlan, { server, spell }: HookFormat, { name, of }: HookTool): string | undefined {
  if (of !== undefined) return plan.byTool.has(`${of.server}/${of.tool}`) ? `${of.server}/${of.tool}` : undefined;
  const fitting = [...plan.byTool.keys()].filter((tool) => {
    const from = serverName(tool);
    return from === server ? bareName(tool) === name : spell(from, bareName(tool)).includes(name);
  });
  return fitting.length === 1 ? fitting[0] : undefined;
}
