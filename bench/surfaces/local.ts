/**
 * Surfaces without a network: `sluice mcp` over standard input and output, `sluice hook` from start to end, adapters of SDKs in process.
 * Never counts an answer that is not the one that the tool gives.
 */
import { join } from "node:path";
import { tool as agentTool } from "@openai/agents";
import { tool as chainTool } from "@langchain/core/tools";
import { createTool } from "@mastra/core/tools";
import { generateText, isStepCount, jsonSchema, tool as aiTool, type ToolSet } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { z } from "zod";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { guarded as guardedAi } from "../../src/surfaces/adapters/ai-sdk.ts";
import { guarded as guardedChain } from "../../src/surfaces/adapters/langchain.ts";
import { guarded as guardedMastra } from "../../src/surfaces/adapters/mastra.ts";
import { guarded as guardedAgents } from "../../src/surfaces/adapters/openai-agents.ts";
import { createFirewall } from "../../src/surfaces/options.ts";
import type { Contender } from "./measure.ts";
import { cpuMsOf, pathOf, runOnce, sluiceArgs, startLines } from "./process.ts";
import { answer, args, mark, rpc } from "./shop.ts";

function right(text: string | undefined): void {
  if (text?.includes(mark) !== true) throw new Error(`answered ${String(text).slice(0, 400)}`);
}

/** `sluice mcp`. */
export async function stdioContenders(plan: string): Promise<readonly Contender[]> {
  const server = [process.execPath, pathOf("upstream.ts"), "stdio"] as const;
  const wrapped = [...sluiceArgs, "mcp", "--plan", plan, "--principal", "ada", "--", ...server];
  const ways = {
    direct: startLines(server[0], server.slice(1)),
    again: startLines(server[0], server.slice(1)),
    relay: startLines(process.execPath, [pathOf("relay.ts"), "stdio", ...server]),
    reader: startLines(process.execPath, [pathOf("reader.ts"), "stdio", ...server]),
    sluice: startLines(process.execPath, wrapped),
  };
  const hello = rpc(0, "initialize", {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "b", version: "1" },
  });
  for (const way of Object.values(ways)) await way.ask(JSON.stringify(hello));
  let count = 0;
  return Object.entries(ways).map(([name, way]) => ({
    name: name as keyof typeof ways,
    ...(name === "direct" || name === "again" ? {} : { cpuMs: () => cpuMsOf(way.pid) }),
    call: async () => right(await way.ask(JSON.stringify(rpc(++count, "tools/call", { name: "order", arguments: args })))),
  }));
}

/** `sluice hook` before a call, by one of its programs. Directly: a hook that starts, reads its input and says nothing. */
export function hookContenders(plan: string, folder: string, program: readonly string[]): readonly Contender[] {
  const input = (id: number): string =>
    JSON.stringify({
      session_id: "b",
      transcript_path: "/t",
      cwd: "/r",
      hook_event_name: "PreToolUse",
      tool_name: "mcp__shop__order",
      tool_input: args,
      tool_use_id: `t${id}`,
    });
  let count = 0;
  const nothing = async (): Promise<void> => void (await runOnce(["-e", "process.stdin.resume()"], input(++count)));
  const own = ["--no-warnings", ...program, "hook", "--plan", plan, "--store", join(folder, "hook.db")];
  return [
    { name: "direct", call: nothing },
    { name: "again", call: nothing },
    {
      name: "sluice",
      call: async () => {
        const printed = await runOnce(own, input(++count), { NODE_COMPILE_CACHE: join(folder, "compiled") });
        if (!printed.includes('"allow"')) throw new Error(`the hook answered ${printed.slice(0, 400)}`);
      },
    },
  ];
}

/** A whole run of the AI SDK: a scripted model calls the tool and then speaks. */
async function runAgent(tools: Readonly<Record<string, unknown>>): Promise<unknown> {
  const usage = {
    inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: 1, text: 1, reasoning: undefined },
  };
  let turn = 0;
  const model = new MockLanguageModelV4({
    doGenerate: async () => {
      const isCall = turn++ === 0;
      const call = { type: "tool-call" as const, toolCallId: "t", toolName: "order", input: JSON.stringify(args) };
      const content = isCall ? [call] : [{ type: "text" as const, text: "done" }];
      return { content, finishReason: { unified: isCall ? "tool-calls" : "stop", raw: undefined }, usage, warnings: [] };
    },
  });
  const { steps } = await generateText({
    model,
    prompt: "Order it.",
    tools: tools as ToolSet,
    stopWhen: isStepCount(3),
    telemetry: { isEnabled: false },
  });
  return steps.map(({ toolResults }) => toolResults);
}

/** The adapters: one call of a tool, as the SDK makes it. */
export async function adapterContenders(
  plan: FrozenPlan,
): Promise<readonly { readonly name: string; readonly contenders: readonly Contender[] }[]> {
  const firewall = createFirewall({ plans: [plan], store: createMemoryStore() });
  const opened = await firewall.open({ plan: plan.digest, principal: "ada" });
  if (!opened.ok) throw new Error(opened.error.code);
  const options = { firewall, session: opened.value };
  const schema = z.object({ amount: z.number(), symbol: z.string(), text: z.string() });
  const execute = async (): Promise<typeof answer> => answer;
  const description = "Orders";
  const text = JSON.stringify(args);
  const ai = { order: aiTool({ inputSchema: jsonSchema({ type: "object" }), execute }) };
  const chain = chainTool(execute, { name: "order", description, schema });
  const agents = agentTool({ name: "order", description, parameters: schema, execute });
  const mastra = { order: createTool({ id: "order", description, inputSchema: schema, execute }) };
  // biome-ignore lint/suspicious/noExplicitAny: each SDK's tool is called as the SDK calls it
  type Any = any;
  const ways: readonly (readonly [string, Any, Any, (tool: Any) => Promise<unknown>])[] = [
    [
      "adapter: AI SDK, the tool alone",
      ai.order,
      guardedAi(ai, options).order,
      (tool) => tool.execute(args, { toolCallId: "t", messages: [] }),
    ],
    ["adapter: AI SDK, a whole run", ai, guardedAi(ai, options), (tools) => runAgent(tools)],
    [
      "adapter: LangChain, the tool alone",
      chain,
      guardedChain([chain], options)[0],
      (tool) => tool.invoke({ id: "t", name: "order", args, type: "tool_call" }),
    ],
    [
      "adapter: OpenAI Agents, the tool alone",
      agents,
      guardedAgents([agents], options)[0],
      (tool) => tool.invoke({ context: {} }, text),
    ],
    ["adapter: Mastra, the tool alone", mastra.order, guardedMastra(mastra, options).order, (tool) => tool.execute(args, {})],
  ];
  return ways.map(([name, bare, guarded, call]) => {
    const of = (tool: Any) => async (): Promise<void> => right(JSON.stringify(await call(tool)));
    return {
      name,
      contenders: [
        { name: "direct", call: of(bare) },
        { name: "again", call: of(bare) },
        { name: "sluice", call: of(guarded) },
      ],
    };
  });
}
