/**
 * `sluice mcp -- COMMAND…`: one MCP server over standard input and output, wrapped for a client that starts its servers itself.
 * Never starts a server without a plan unless it says aloud that nothing is enforced, and never writes anything but messages to its output.
 */
import { userInfo } from "node:os";
import type { Command } from "commander";
import type { FrozenPlan } from "../../plan/plan.ts";
import { createGateway } from "../../surfaces/mcp/gateway.ts";
import { serveStdio } from "../../surfaces/mcp/stdio.ts";
import { stdioServer } from "../../surfaces/mcp/upstream-stdio.ts";
import type { OperatedOptions } from "../config/applied.ts";
import { logPlace } from "../read/store-url.ts";
import { addConfigOptions, type Settled, settle } from "../config/config.ts";
import { addFile, InputError } from "../read/input.ts";
import type { Context } from "../context.ts";
import { addObservingOptions, observeStdio, type StdioObservingOptions } from "../mcp/observe.ts";
import { startProcess } from "../mcp/process.ts";
import { untilQuiet } from "../server/operations.ts";
import { openSurface, readWait, type SurfaceOptions } from "../server/surface.ts";
import { readStoreArgument } from "../read/store-url.ts";
import { readOtlp } from "../server/telemetry.ts";
import { plain, type Terminal } from "../show/terminal.ts";

interface Options extends StdioObservingOptions, OperatedOptions {
  readonly plan?: string;
  readonly params?: string;
  readonly principal?: string;
  readonly server?: string;
  readonly policy?: readonly string[];
  readonly otlp?: string;
  readonly grants?: true;
  readonly approvalWait?: number;
}

/** Adds `mcp --plan FILE -- COMMAND…`. Ends as the server does, or with exit 0 when the client is done. */
export function addMcp(program: Command, { terminal, exit }: Context): void {
  const command = program
    .command("mcp")
    .description("enforce a frozen plan on one MCP server over standard input and output: put it before the server's command")
    .argument("<command...>", "the server's command, after --")
    .option("--plan <file>", "the frozen plan; whoever starts this command opens a session of it")
    .option("--params <json>", "parameters of the session: a JSON object, or @FILE")
    .option("--principal <name>", "whom the session acts for; default: the user's name on this machine")
    .option("--server <name>", "what plans call the server; default: the only server that the plan names")
    .option(
      "--store <store>",
      "`memory`, a file (SQLite), redis[s]://… or postgres://… (or in SLUICE_STORE)",
      readStoreArgument,
      "memory",
    )
    .option("--audit <log>", `keep an audit log: ${logPlace} (or in SLUICE_AUDIT)`)
    .option("--audit-stream <url>", "send its records to NATS JetStream: nats://… or tls://… (or in SLUICE_AUDIT_STREAM)")
    .option("--otlp <url>", "send traces, metrics and logs to a collector of OpenTelemetry (OTLP over HTTP)", readOtlp)
    .option("--policy <file>", "policies that hold besides that of the plan; the stricter of each", addFile)
    .option("--grants", "a principal needs a grant for a plan (`sluice grant`)")
    .option("--approval-wait <seconds>", "keep a call that needs approval so long before it is answered", readWait);
  addObservingOptions(addConfigOptions(command)).action(async (words: readonly string[]) => {
    const [name = "", ...args] = words;
    const settled = await settle<Options>(command, { env: process.env, warn: terminal.say });
    const { options } = settled;
    const child: Child = { command: name, args, env: ownEnvironment() };
    const code =
      options.plan === undefined
        ? await observeStdio(child, options, terminal)
        : await wrap(child, settled, { command, terminal });
    exit(code);
  });
}

interface Child {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What the server gets of our environment: what its client has set for it, without what is Sluice's own. */
function ownEnvironment(): Readonly<Record<string, string>> {
  const given = Object.entries(process.env).filter(([name, value]) => value !== undefined && !name.startsWith("SLUICE_"));
  return Object.fromEntries(given) as Record<string, string>;
}

/** Serves the client until it is done; the exit code of a server that has ended before. */
async function wrap(
  child: Child,
  settled: Settled<Options>,
  { command, terminal }: { readonly command: Command; readonly terminal: Terminal },
): Promise<number> {
  const surface = await openSurface({ ...settled, options: surfaceOptions(settled.options) }, terminal, { command });
  const ended = new AbortController();
  let code = 0;
  let isEnding = false;
  const start = async (): ReturnType<typeof startProcess> => {
    let isClosing = false;
    const onExit = (exit: { readonly code: number | null }): void => {
      // Its output may end before itself, and is closed then; an exit code of its own is still its own end.
      if (isEnding || (isClosing && (exit.code ?? 0) === 0)) return;
      // A server that ends by itself ends what wraps it, as its client expects.
      code = exit.code ?? 3;
      ended.abort();
    };
    try {
      const running = await startProcess({ ...child, onExit });
      return {
        ...running,
        close: () => {
          isClosing = true;
          return running.close();
        },
      };
    } catch (error) {
      terminal.say(`sluice mcp: ${plain(child.command)} cannot be started`);
      code = 2;
      ended.abort();
      throw error;
    }
  };
  try {
    const [frozen] = surface.ground.plans;
    const server = stdioServer({ name: serverOf(frozen, settled.options.server), start });
    const { enforcer, session, ground } = surface;
    // The server may keep what it has learnt of its client for as long as the client is there.
    const gateway = createGateway({ enforcer, servers: [server], names: "bare", idleSeconds: Number.POSITIVE_INFINITY });
    const end = async (): Promise<void> => {
      enforcer.work.drain();
      await untilQuiet(() => enforcer.work.outstanding, ground.settings.graceMs);
      ended.abort();
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => void end());
    const write = (line: string): void => void process.stdout.write(line);
    process.stdout.on("error", () => ended.abort());
    await serveStdio({
      relay: gateway.relay(),
      token: session?.token ?? "",
      input: process.stdin,
      write,
      signal: ended.signal,
    });
    isEnding = true;
    await gateway.close();
    process.stdin.destroy();
    return code;
  } finally {
    await surface.close();
  }
}

/** The options of a surface that nobody listens at, with a session from the start. */
function surfaceOptions({ plan = "", principal = userInfo().username, server: _, observe, ...others }: Options): SurfaceOptions {
  if (observe !== undefined) throw new InputError("--observe: a plan is enforced, or calls are observed, not both");
  return { ...others, plan: [plan], principal, port: 0, host: "" };
}

/** The name of the server that a plan speaks of. */
function serverOf(plan: FrozenPlan | undefined, named: string | undefined): string {
  const servers = Object.keys(plan?.servers ?? {});
  if (named !== undefined) {
    if (servers.some((server) => server !== named))
      throw new InputError(
        `--server: the plan has tools of other servers than ${plain(named)}: ${servers.map(plain).join(", ")}`,
      );
    return named;
  }
  const [only, ...others] = servers;
  if (only === undefined || others.length > 0)
    throw new InputError(
      `--plan: one server is wrapped, the plan has tools of ${servers.map(plain).join(", ") || "none"}: use sluice gateway`,
    );
  return only;
}
