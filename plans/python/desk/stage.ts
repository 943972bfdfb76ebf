/**
 * The desk with Sluice in front of it, one function for each surface, and agents that work there.
 * Never opens two agents' runs in one session.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Environment, openProvider, runAgent, type Turn } from "./agent.ts";
import { type Desk, openDesk } from "./desk.ts";
import { openWorkshop, type Running, type Workshop } from "./operator.ts";

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** What stands between an agent and the desk. */
export interface Stage {
  readonly desk: Desk;
  readonly sluice: Running;
  /** Runs an agent on a ticket in a session of its own. `args`: what it takes besides the task. */
  run(
    agent: string,
    ticket: number,
    options: { readonly environment: Environment; readonly args?: readonly string[] },
  ): Promise<{ readonly agent: readonly Turn[]; readonly model: readonly Turn[] }>;
  close(): Promise<void>;
}

/** How a surface is started, and what its agents are told. */
interface Setting {
  begin(desk: Desk, workshop: Workshop): Promise<Running>;
  env(sluice: Running, desk: Desk): { readonly [name: string]: string };
  /** What a model behind the surface saw and did since the last time. */
  model?(): readonly Turn[];
  end?(): void;
}

/** `sluice gateway` in front of the desk's two MCP servers. */
export function openGateway(): Promise<Stage> {
  return openStage({
    begin: async (desk, workshop) => {
      const plan = await workshop.freeze(here("plan.yaml"), here("catalogue.json"));
      const upstreams = ["desk", "mail"].flatMap((name) => ["--upstream", `${name}=${desk.url}/${name}/mcp`]);
      return workshop.start(["gateway", "--plan", plan, ...upstreams]);
    },
    env: (sluice) => ({ SLUICE_URL: `${sluice.url}/mcp` }),
  });
}

/** `sluice model-proxy` in front of a scripted provider; the agent calls the desk's HTTP API itself. */
export async function openModelProxy(): Promise<Stage> {
  const provider = await openProvider();
  return openStage({
    begin: async (_, workshop) => {
      const plan = await workshop.freeze(here("plan.yaml"), here("catalogue.json"));
      return workshop.start(["model-proxy", "--plan", plan, "--upstream", provider.url]);
    },
    env: (sluice, desk) => ({ SLUICE_URL: sluice.url, DESK_URL: `${desk.url}/api` }),
    model: () => provider.turns(),
    end: () => provider.close(),
  });
}

/** The desk's key, which only Sluice has. */
export const deskKey = "desk-key-that-no-agent-sees";

/** `sluice proxy` in front of the desk's HTTP API. */
export function openProxy(): Promise<Stage> {
  return openStage({
    begin: async (desk, workshop) => {
      const catalogue = join(workshop.folder, "catalogue.json");
      await workshop.run(["catalog", "from", here("openapi.yaml"), "--from", "openapi", "-o", catalogue]);
      const plan = await workshop.freeze(here("plan.yaml"), catalogue);
      const upstream = ["--upstream", `desk=${desk.url}/api`, "--credential", "desk=header:X-Api-Key:DESK_KEY"];
      return workshop.start(["proxy", "--plan", plan, ...upstream], { DESK_KEY: deskKey });
    },
    env: (sluice) => ({ SLUICE_URL: `${sluice.url}/desk` }),
  });
}

async function openStage(setting: Setting): Promise<Stage> {
  const [desk, workshop] = [await openDesk(), openWorkshop()];
  const end = async (): Promise<void> => {
    setting.end?.();
    workshop.close();
    await desk.close();
  };
  try {
    const sluice = await setting.begin(desk, workshop);
    return {
      desk,
      sluice,
      run: async (agent, ticket, { environment, args = [] }) => {
        const token = await sluice.open("answer-ticket", { ticket });
        const env = { ...setting.env(sluice, desk), SLUICE_TOKEN: token };
        const turns = await runAgent(agent, [`Answer ticket ${ticket}`, ...args], { environment, env });
        return { agent: turns, model: setting.model?.() ?? [] };
      },
      close: async () => {
        await sluice.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}
