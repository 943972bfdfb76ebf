/**
 * `sluice ready`: asks a running Sluice whether it takes calls, for health checks where nothing else is installed.
 * Never sends a credential, never follows an answer elsewhere, and never waits longer than it is told.
 */
import type { Command } from "commander";
import { InputError } from "../read/input.ts";
import type { Context } from "../context.ts";

interface Options {
  readonly url?: string;
  readonly seconds: number;
}

const portDefault = "8787";
const secondsDefault = 3;

/** Adds `ready [--url URL]`. Exit 0 if it is ready, 1 if it is not or does not answer. */
export function addReady(program: Command, { terminal, exit }: Context): void {
  program
    .command("ready")
    .description("ask a running Sluice whether it takes calls: exit 0 if it does, 1 if not")
    .option("--url <url>", "its address; default http://127.0.0.1 and the port of SLUICE_PORT, or 8787")
    .option("--seconds <number>", "how long to wait for the answer", readSeconds, secondsDefault)
    .action(async ({ url, seconds }: Options) => {
      const asked = readUrl(url ?? `http://127.0.0.1:${process.env.SLUICE_PORT || portDefault}`);
      const said = await ask(asked, seconds);
      terminal.say(
        said === 200 ? "ready" : `not ready: ${said === undefined ? "no answer" : `status ${said}`} from ${asked.origin}`,
      );
      exit(said === 200 ? 0 : 1);
    });
}

async function ask(url: URL, seconds: number): Promise<number | undefined> {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(seconds * 1_000) });
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined;
  }
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    throw new InputError("--url: an http or https URL without credentials is needed, such as http://127.0.0.1:8787");
  return new URL("/sluice/ready", url);
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0.1 && seconds <= 60)) throw new InputError("--seconds: a number from 0.1 to 60 is needed");
  return seconds;
}
