/**
 * What the commands that start a surface share: plans, policies, a store, the firewall over them, the host's routes, and the host's own session.
 * Never serves a plan that it cannot enforce, and never prints a credential that somebody else has chosen.
 */
import type { Command } from "commander";
import { Hono } from "hono";
import { loadedFacts } from "../../audit/config-facts.ts";
import type { Verdict } from "../../decide/verdict.ts";
import type { JsonObject } from "../../json/value.ts";
import type { SqlParser } from "../../constraints/sql.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Logger } from "../../ports.ts";
import { ConfigError } from "../../result.ts";
import type { Guard } from "../../engine.ts";
import { amendmentRoutes, createFirewall, type Firewall, hostRoutes, type Loaded, type Prepared } from "../../surfaces/hono.ts";
import type { Opened } from "../../surfaces/enforce.ts";
import { addConfigOptions, type Settled, settle } from "../config/config.ts";
import { addFile, configured, InputError, readParams } from "../read/input.ts";
import { readPort } from "../read/port.ts";
import { parsersFor } from "../read/sql-parsers.ts";
import { logPlace, readStoreArgument } from "../read/store-url.ts";
import { plain, type Terminal } from "../show/terminal.ts";
import { createGate, type Gate } from "./gate.ts";
import { openDashboard } from "./dashboard.ts";
import { type Ground, type GroundOptions, openGround, readPlans } from "./ground.ts";
import { oneAtATime, type Operated, type Reloading } from "./operations.ts";
import { readOtlp } from "./telemetry.ts";

/** Options of every command that starts a surface. */
export interface SurfaceOptions extends GroundOptions {
  readonly params?: string;
  readonly principal?: string;
  readonly port: number;
  readonly host: string;
}

/** Adds the options; `port` is the default. */
export function addSurfaceOptions(command: Command, port: number): Command {
  return addConfigOptions(addHostOptions(command, port))
    .option("--plan <file...>", "frozen plans; at least one")
    .option("--principal <name>", "open a session for this principal at the start, and print its token")
    .option("--params <json>", "parameters of that session: a JSON object, or @FILE");
}

/** Adds the options of every command that listens. */
export function addHostOptions(command: Command, port: number): Command {
  return command
    .option("--port <number>", "port (0: any free one)", readPort, port)
    .option("--host <address>", "address of this machine", "127.0.0.1")
    .option("--admin-port <number>", "serve the host's routes and the dashboard on a port of their own", readPort)
    .option("--admin-host <address>", "address of that port; default 127.0.0.1")
    .option("--admin-name <name>", "a name that people call this server by, besides this machine's and addresses", addFile)
    .option("--public-url <url>", "what people call it by, where TLS ends before this server: https://sluice.example")
    .option(
      "--store <store>",
      "`memory`, a file (SQLite), redis[s]://… or postgres://… (or in SLUICE_STORE)",
      readStoreArgument,
      "sluice.db",
    )
    .option("--audit <log>", `keep an audit log: ${logPlace} (or in SLUICE_AUDIT)`)
    .option("--audit-stream <url>", "send its records to NATS JetStream: nats://… or tls://… (or in SLUICE_AUDIT_STREAM)")
    .option("--policy <file>", "policies that hold besides those of the plans; the stricter of each", addFile)
    .option("--grants", "a principal needs a grant for a plan (`sluice grant`)")
    .option("--approval-wait <seconds>", "keep a call that needs approval so long before it is answered", readWait)
    .option(
      "--approval-webhook <url>",
      "tell this address of calls and amendments that wait for a human; SLUICE_WEBHOOK_SECRET signs it",
    )
    .option("--otlp <url>", "send traces, metrics and logs to a collector of OpenTelemetry (OTLP over HTTP)", readOtlp)
    .option("--receipt-key <file>", "sign receipts of labels for other agents with this private Ed25519 key (JWK)");
}

/** A firewall that a command has opened. */
export interface Surface {
  readonly enforcer: Firewall;
  /** For agents: amendments under `/amendments`. */
  readonly agents: Hono;
  /** For the host and for people: `/sluice`. */
  readonly host: Hono;
  /** The session that `--principal` asked for. */
  readonly session: Opened | undefined;
  readonly gate: Gate;
  /** What it was opened with. */
  readonly ground: Ground;
  /** Says what everybody who starts a surface wants to know, once the host's routes are at `url`. */
  announce(url: string): void;
  /** Runs until the process is asked to end, and ends it; see `operate`. */
  untilAsked(own: Pick<Operated, "closers"> & Partial<Pick<Operated, "drain">>): Promise<boolean>;
  /** Closes the store, and sends what telemetry is left. */
  close(): Promise<void>;
}

/** What a command knows of what it serves. */
export interface Serving {
  /** Why a plan cannot be served by this command, if it cannot. */
  readonly accepts?: (guard: Guard) => string | undefined;
  /** Paths that are served to the end; see `createGate`. */
  readonly staysOpen?: (path: string) => boolean;
  /** Makes ready what goes with other plans; what it returns puts it in force. Throws `ConfigError`. */
  readonly prepare?: (prepared: Prepared) => () => void;
}

/** Reads what the options name and opens the firewall. Exit 2 for what is unusable. */
export async function openSurface(
  settled: Settled<SurfaceOptions>,
  terminal: Terminal,
  { command, serving = {} }: { readonly command: Command; readonly serving?: Serving },
): Promise<Surface> {
  const { options } = settled;
  if (options.plan === undefined || options.plan.length === 0)
    throw new InputError("--plan: name a frozen plan, here, in SLUICE_PLANS, or as `plans` in the file of --config");
  const params = await readParams(options.params);
  checkSession(options.principal, { params, plans: options.plan });
  const ground = await openGround(settled, terminal);
  const { plans, policy, store, telling, settings } = ground;
  try {
    const inner = createFirewall({
      ...ground.own,
      plans,
      store,
      sql: ground.sql,
      logger: loggerFor(terminal),
      ...(serving.accepts === undefined ? {} : { accepts: serving.accepts }),
      ...(policy === undefined ? {} : { policy }),
    });
    const enforcer = withServing(saying(inner, terminal), serving);
    const session = options.principal === undefined ? undefined : await openOne(enforcer, options.principal, params ?? {});
    const { staysOpen } = serving;
    telling.watch(enforcer);
    const door = createGate({
      clock: enforcer.clock,
      failuresPerMinute: settings.failuresPerMinute,
      ...(staysOpen === undefined ? {} : { staysOpen }),
    });
    const gate = telling.through(door);
    const reloading = reloadingOf(settled, { command, firewall: enforcer, ground });
    const agents = new Hono();
    agents.route("/amendments", amendmentRoutes({ enforcer }));
    const host = new Hono();
    const isReady = (): boolean => !gate.isClosing;
    const { reload } = reloading;
    host.route("/sluice", hostRoutes({ enforcer, access: ground.access, reload, isReady, metrics: telling.metrics }));
    const dashboard = await openDashboard({ ground, enforcer, loaded: reloading.loaded, terminal });
    host.route("/", dashboard.app);
    const announce = (url: string): void => {
      ground.announce(url, session);
      if (session !== undefined)
        terminal.say(`session ${session.session} for ${plain(options.principal ?? "")}; its token is ${session.token}`);
    };
    const untilAsked: Surface["untilAsked"] = ({ closers, ...own }) =>
      ground.untilAsked({ ...own, gate, reloading, work: enforcer.work, closers: [...closers, dashboard.close] });
    return { enforcer, agents, host, session, gate, ground, announce, untilAsked, close: ground.close };
  } catch (error) {
    await ground.close();
    // What cannot be enforced as it was given is a person's to mend.
    throw error instanceof ConfigError ? new InputError(error.message) : error;
  }
}

/** Exit 2 for options of a session at the start that do not go together. */
function checkSession(
  principal: string | undefined,
  { params, plans }: { readonly params: JsonObject | undefined; readonly plans: readonly string[] },
): void {
  if (principal === undefined && params !== undefined)
    throw new InputError("--params: they are the parameters of the session that --principal opens");
  if (principal !== undefined && plans.length !== 1)
    throw new InputError("--principal: a session at the start needs one --plan, not several");
}

/** How plans and policies are read again: as the command line, the environment and the file name them then. */
export function reloadingOf(
  settled: Settled<SurfaceOptions>,
  {
    command,
    firewall,
    ground,
  }: {
    readonly command: Command;
    readonly firewall: Firewall;
    /** What it was opened with, and who is told what was loaded, for the audit log. */
    readonly ground: Pick<Ground, "policy" | "sql" | "note">;
  },
): Reloading & { readonly loaded: () => Omit<Loaded, "plans"> } {
  const { world } = settled;
  const { note } = ground;
  let loaded = inForce(ground.policy, ground.sql);
  const filesOf = ({ source, options: { plan = [], policy = [] } }: Settled<SurfaceOptions>): readonly string[] =>
    [...(source === undefined ? [] : [source]), ...plan, ...policy].filter((path) => path !== "-");
  let files = filesOf(settled);
  const load = async (): Promise<readonly string[]> => {
    const now = await settle<SurfaceOptions>(command, world);
    const { plans, policy } = await readPlans(now.options.plan ?? [], now.options.policy);
    const sql = await parsersFor(plans, policy);
    const next = inForce(policy, sql);
    const prepared = await configured(() => firewall.prepare({ plans, ...next }));
    const before = [...firewall.guards.values()].map(({ digest }) => digest);
    prepared.commit();
    loaded = next;
    const digests = plans.map(({ digest }) => digest);
    const unloaded = before.filter((digest) => !digests.includes(digest));
    await note({ what: "reload", ...loadedFacts(plans, policy), unloaded });
    files = filesOf(now);
    return digests;
  };
  const reload = oneAtATime(async () => {
    try {
      return await load();
    } catch (error) {
      await note({ what: "reload-refused" });
      throw error;
    }
  });
  return { reload, watched: () => (settled.options.watch === true ? files : []), loaded: () => loaded };
}

/** What is in force besides plans. */
function inForce(policy: Policy | undefined, sql: readonly SqlParser[]): Omit<Loaded, "plans"> {
  return { sql, ...(policy === undefined ? {} : { policy }) };
}

/** A firewall that puts nothing in force without what its command makes of it. */
function withServing(firewall: Firewall, { prepare }: Serving): Firewall {
  if (prepare === undefined) return firewall;
  return {
    ...firewall,
    prepare: (next) => {
      const prepared = firewall.prepare(next);
      const putInForce = prepare(prepared);
      return {
        ...prepared,
        commit: () => {
          prepared.commit();
          putInForce();
        },
      };
    },
  };
}

/** The seconds of `--approval-wait`. */
export function readWait(text: string): number {
  const seconds = Number(text);
  if (!(Number.isInteger(seconds) && seconds >= 1 && seconds <= 3_600))
    throw new InputError("--approval-wait: a whole number of seconds from 1 to 3600 is needed");
  return seconds;
}

async function openOne(enforcer: Firewall, principal: string, params: JsonObject): Promise<Opened> {
  const [guard] = enforcer.guards.values();
  const opened = await enforcer.open({ plan: guard?.digest ?? "", principal, params });
  if (opened.ok) return opened.value;
  const { code, pointer, message } = opened.error;
  throw new InputError(
    `--params: the session cannot be opened: ${message ?? code}${pointer === undefined ? "" : ` at ${pointer}`} (${code})`,
  );
}

/** One line for each verdict: names and codes, never a value. */
export function verdictLine(tool: string, verdict: Verdict, { paint }: Terminal): string {
  // A name that no plan has is the agent's own word: it is shown as a JSON string.
  const name = /^[\w./-]{1,128}$/.test(tool) ? tool : JSON.stringify(tool.slice(0, 128));
  return verdict.decision === "allow"
    ? `${paint.green("allow")} ${name} as ${verdict.node}`
    : `${paint.red("deny ")} ${name} ${verdict.code}${verdict.facts.node === undefined ? "" : ` at ${verdict.facts.node}`}`;
}

/** An enforcer that says each verdict. */
function saying(inner: Firewall, terminal: Terminal): Firewall {
  return {
    ...inner,
    check: async (token, call, options) => {
      const checked = await inner.check(token, call, options);
      terminal.say(verdictLine(call.tool, checked.verdict, terminal));
      return checked;
    },
    checkBatch: async (token, calls) => {
      const checked = await inner.checkBatch(token, calls);
      for (const [at, { verdict }] of checked.entries()) terminal.say(verdictLine(calls[at]?.tool ?? "", verdict, terminal));
      return checked;
    },
  };
}

/** Events of the surfaces, a line each: their facts are names and codes. */
function loggerFor({ say, paint }: Terminal): Logger {
  const line = (event: string, facts: Readonly<Record<string, unknown>>): string =>
    plain([event, ...Object.entries(facts).map(([name, fact]) => `${name}=${String(fact).slice(0, 128)}`)].join(" "));
  return {
    info: (event, facts) => say(paint.dim(line(event, facts))),
    error: (event, facts) => say(paint.red(line(event, facts))),
  };
}
