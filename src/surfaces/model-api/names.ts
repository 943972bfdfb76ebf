/**
 * Which tool of the plan a client means by the name that it offers to its model.
 * Pure. Never lets two names stand for one tool, nor one name for two.
 */
import type { CompiledPlan } from "../../plan/compile/compiled.ts";
import { bareName, serverName } from "../../plan/tool-name.ts";
import { err, ok, type Result } from "../../result.ts";
import { type AgentTool, agentTools } from "../agent-tools.ts";
import { plainName } from "../tool-spelling.ts";

/** Tools of the plan by the names that the client offers; what the plan does not have is not in it. */
export type Names = ReadonlyMap<string, AgentTool>;

/**
 * Finds the tools of the offered names: the qualified name, the bare one, or a spelling that clients make of both (`server__tool`,
 * `mcp__server__tool`, `server_tool`, `server-tool`, `server.tool`), with `_` for characters that APIs do not take. A name that could mean two
 * tools means none. Error: the name that is offered twice, or that means a tool which another name means already.
 */
export function namesOf(offered: readonly string[], plan: CompiledPlan): Result<Names, string> {
  const spelled = known.get(plan) ?? spellings(agentTools(plan));
  known.set(plan, spelled);
  const names = new Map<string, AgentTool>();
  const seen = new Set<string>();
  const meant = new Set<string>();
  for (const name of offered) {
    if (seen.has(name)) return err(name);
    seen.add(name);
    const tool = spelled.get(name);
    if (tool === undefined) continue;
    if (meant.has(tool.tool)) return err(name);
    meant.add(tool.tool);
    names.set(name, tool);
  }
  return ok(names);
}

/** The names of each plan, made once: every request asks for them. */
const known = new WeakMap<CompiledPlan, ReadonlyMap<string, AgentTool | undefined>>();

function spellings(tools: readonly AgentTool[]): ReadonlyMap<string, AgentTool | undefined> {
  const spelled = new Map<string, AgentTool | undefined>();
  for (const tool of tools) {
    const [server, bare] = [serverName(tool.tool), bareName(tool.tool)];
    const plain = [
      tool.tool,
      bare,
      ...["__", "_", "-", "."].map((between) => `${server}${between}${bare}`),
      `mcp__${server}__${bare}`,
    ];
    for (const name of new Set(plain.flatMap((one) => [one, plainName(one)])))
      spelled.set(name, spelled.has(name) ? undefined : tool);
  }
  return spelled;
}
