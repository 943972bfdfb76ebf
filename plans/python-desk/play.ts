/**
 * Plays an example on the terminal: the desk, Sluice in front of it, and the agent twice, with an honest ticket and with one that
 * hijacks it. Never sends a mail.
 */
import { fileURLToPath } from "node:url";
import { type Environment, runAgent, type Turn } from "./agent.ts";
import { type Desk, openDesk } from "./desk.ts";
import { openWorkshop, type Running, type Workshop } from "./operator.ts";

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** What stands between the agent and the desk. */
export interface Stage {
  readonly desk: Desk;
  readonly sluice: Running;
  /** Runs an agent on a ticket in a session of its own. */
  run(agent: string, ticket: number): Promise<readonly Turn[]>;
  close(): Promise<void>;
}

/** Opens the desk with `sluice gateway` in front of its two MCP servers. */
export function openGateway(environment: Environment): Promise<Stage> {
  return openStage(environment, "/mcp", async (desk, workshop) => {
    const plan = await workshop.freeze(here("plan.yaml"), here("catalogue.json"));
    const upstreams = ["desk", "mail"].flatMap((name) => ["--upstream", `${name}=${desk.url}/${name}/mcp`]);
    return workshop.start(["gateway", "--plan", plan, ...upstreams]);
  });
}

async function openStage(
  environment: Environment,
  path: string,
  begin: (desk: Desk, workshop: Workshop) => Promise<Running>,
): Promise<Stage> {
  const [desk, workshop] = [await openDesk(), openWorkshop()];
  const end = async (): Promise<void> => {
    workshop.close();
    await desk.close();
  };
  try {
    const sluice = await begin(desk, workshop);
    return {
      desk,
      sluice,
      run: async (agent, ticket) => {
        const token = await sluice.open("answer-ticket", { ticket });
        return runAgent(agent, `Answer ticket ${ticket}`, {
          environment,
          env: { SLUICE_URL: `${sluice.url}${path}`, SLUICE_TOKEN: token },
        });
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

/** Plays an agent behind the MCP gateway. */
export async function playMcp(agent: string, environment: Environment): Promise<void> {
  await play(agent, await openGateway(environment));
}

async function play(agent: string, stage: Stage): Promise<void> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  try {
    for (const ticket of [1, 2]) {
      print(`Ticket ${ticket}${ticket === 2 ? ", which hijacks the agent" : ""}`);
      for (const { kind, text } of await stage.run(agent, ticket)) print(`  ${kind.padEnd(4)} ${text}`);
    }
    print("Sent");
    for (const { to, subject } of stage.desk.outbox) print(`  to ${to}: ${subject}`);
  } finally {
    await stage.close();
  }
}
