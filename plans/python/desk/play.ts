/**
 * Plays an example on the terminal: the desk, Sluice in front of it, and the agent twice, with an honest ticket and with one that
 * hijacks it. Never sends a mail.
 */
import type { Environment, Turn } from "./agent.ts";
import { openGateway, openModelProxy, openProxy, type Stage } from "./stage.ts";

const stages = { gateway: openGateway, "model-proxy": openModelProxy, proxy: openProxy };

/** Plays `plans/python/AGENT/agent.py` behind a surface. */
export async function play(
  agent: string,
  { surface, environment = "agents" }: { readonly surface: keyof typeof stages; readonly environment?: Environment },
): Promise<void> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const stage: Stage = await stages[surface]();
  try {
    for (const ticket of [1, 2]) {
      print(`Ticket ${ticket}${ticket === 2 ? ", which hijacks the model" : ""}`);
      const { agent: seen, model } = await stage.run(agent, ticket, { environment });
      const turns: readonly Turn[] = model.length > 0 ? model : seen;
      for (const { kind, text } of turns) print(`  ${kind.padEnd(4)} ${text}`);
    }
    print("What was sent");
    for (const { to, subject } of stage.desk.outbox) print(`  to ${to}: ${subject}`);
  } finally {
    await stage.close();
  }
}
