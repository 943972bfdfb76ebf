/**
 * How agents act: straight on the tools, or through their Sluice, and by its MCP gateway where the tool is an agent that speaks MCP.
 * Never forwards anything but what was permitted, and never tells an agent more of a denial than its code.
 */
import { isObject, type Json, type JsonObject, member } from "../../src/json/value.ts";
import type { Enforcer, Permit } from "../../src/surfaces/enforce.ts";
import type { Called, Hands } from "./agent.ts";
import type { Net, Served } from "./net.ts";
import type { Agent, Answered, Sent, Tool } from "./scenario.ts";
import { deliver } from "./wire.ts";

/** A session of it. */
export interface Session {
  readonly served: Served;
  readonly token: string;
  readonly session: string;
}

/** Milliseconds that a call takes in the simulated world. */
const callMs = 50;

/** Hands without a Sluice: whatever the agent wants, happens. */
export function bareHands(net: Net, agent: string): Hands {
  return {
    call: async (tool, args, wish) => {
      const done = await attempt(async () => (await execute(net, { agent, tool, args })).value);
      net.calls.push({ agent, tool, wish, ...(done.ok ? {} : { code: done.code }) });
      return done;
    },
  };
}

/** Hands behind a Sluice. An agent whose argument was refused leaves to Sluice what the plan fills in, once. */
export function guardedHands(net: Net, agent: string, session: Session): Hands {
  const { host } = session.served;
  const once = (tool: string, args: JsonObject): Promise<Called> => {
    if (net.prepared.scenario.tools[tool]?.peer?.by === "mcp") return byGateway(tool, args, session);
    return host === undefined ? byEnforcer(net, agent, { tool, args, session }) : host.call(session.token, tool, args);
  };
  return {
    call: async (tool, args, wish) => {
      const done = await once(tool, args);
      net.calls.push({ agent, tool, wish, ...(done.ok ? {} : { code: done.code }) });
      const open = net.prepared.open.get(`${agent} ${tool}`);
      const left = Object.fromEntries(Object.entries(args).filter(([name]) => open?.has(name) === true));
      const isWorth = !done.ok && wish === "own" && Object.keys(left).length < Object.keys(args).length && open !== undefined;
      if (!isWorth || !/^(?:ARG_|HIDDEN)/.test(done.code)) return done;
      return once(tool, left);
    },
  };
}

async function byEnforcer(
  net: Net,
  agent: string,
  {
    tool,
    args,
    session: { served, token, session },
  }: { readonly tool: string; readonly args: JsonObject; readonly session: Session },
): Promise<Called> {
  const { enforcer } = served;
  let checked = await enforcer.check(token, { tool, args });
  if (!checked.allow && checked.verdict.code === "CALL_NEEDS_APPROVAL") {
    const id = await askHuman(net, enforcer, session);
    if (id !== undefined) checked = await enforcer.release(token, id);
  }
  if (!checked.allow) return { ok: false, code: checked.verdict.code };
  const { permit } = checked;
  try {
    const answer = await execute(net, { agent, tool: permit.tool, args: permit.args, permit });
    const settled = await enforcer.settle(permit, { value: answer.value }, { receipt: answer.receipt });
    return settled.ok ? { ok: true, value: settled.delivered } : { ok: false, code: settled.verdict.code };
  } catch {
    const failed = await enforcer.fail(permit, "UPSTREAM_FAILED");
    return { ok: false, code: failed.ok ? "UPSTREAM_FAILED" : failed.verdict.code };
  }
}

/** The approval of the session's waiting call, if a person who was asked wants it. */
async function askHuman({ tally, options, prepared }: Net, enforcer: Enforcer, session: string): Promise<string | undefined> {
  const waiting = await enforcer.approvals();
  const approval = waiting.ok ? waiting.value.findLast((one) => one.session === session) : undefined;
  if (approval === undefined) return undefined;
  tally.confirmations++;
  const isWanted = options.human === "yes" || prepared.scenario.isWanted?.(approval) === true;
  const said = await enforcer.approve(approval.id, {
    by: "ann",
    decision: isWanted ? "approve" : "deny",
    digest: approval.digest,
  });
  return said.ok && isWanted ? approval.id : undefined;
}

/** Calls a tool as a client of the gateway. */
async function byGateway(tool: string, args: JsonObject, { served, token }: Session): Promise<Called> {
  const relay = served.gateway?.relay();
  if (relay === undefined) return { ok: false, code: "CALL_NOT_IN_PLAN" };
  const ask = async (id: number, method: string, params: JsonObject): Promise<Json> => {
    const answer = await relay.receive(
      { jsonrpc: "2.0", id, method, params },
      { token, signal: new AbortController().signal, send: () => undefined },
    );
    return (member(answer as Json, "result") ?? null) as Json;
  };
  const clientInfo = { name: "agent", version: "1" };
  await ask(1, "initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo });
  const result = await ask(2, "tools/call", { name: tool.replace("/", "__"), arguments: args });
  await relay.close();
  const code = member(member(member(result, "_meta"), "sluice/denial"), "code");
  if (typeof code === "string" || !isObject(result)) return { ok: false, code: String(code ?? "CALL_NOT_IN_PLAN") };
  return { ok: true, value: member(result, "structuredContent") ?? null };
}

/** Lets a tool run, or sends its agent a message. */
async function execute(
  net: Net,
  {
    agent,
    tool,
    args,
    permit,
  }: { readonly agent: string; readonly tool: string; readonly args: JsonObject; readonly permit?: Permit },
): Promise<Answered> {
  const { tools, agents } = net.prepared.scenario;
  const spec = tools[tool];
  if (spec === undefined || !isGiven(agents[agent], tool)) throw new Error(`${agent} has no tool \`${tool}\``);
  net.world.now += callMs;
  const { peer } = spec;
  if (peer === undefined) return { value: answered(net, tool, spec, args) };
  const sent: Sent = { from: agent, to: peer.agent, value: args, receipt: permit?.receipt };
  const answer = await net.pass(sent, (one) =>
    deliver(one, net.receiverOf(one.to), { by: peer.by, ...(permit === undefined ? {} : { permit }) }),
  );
  return net.options.attack?.tamperAnswer?.(sent, answer) ?? answer;
}

/** Runs a tool for an agent behind a host, which may call no other agent. */
export async function runTool(
  net: Net,
  call: { readonly agent: string; readonly tool: string; readonly args: JsonObject },
): Promise<Json> {
  return (await execute(net, call)).value;
}

/** Whether an agent has a tool at all: without Sluice, too, no agent has all tools of the others. */
function isGiven(agent: Agent | undefined, tool: string): boolean {
  return agent?.tools?.includes(tool) ?? Object.values(agent?.plan?.nodes ?? {}).some((node) => node.tool === tool);
}

function answered(net: Net, tool: string, spec: Tool, args: JsonObject): Json {
  const value = spec.run?.(args, net.world) ?? null;
  return net.options.attack?.poison?.[tool]?.(value) ?? value;
}

async function attempt(act: () => Promise<Json>): Promise<Called> {
  try {
    return { ok: true, value: await act() };
  } catch {
    return { ok: false, code: "FAILED" };
  }
}
