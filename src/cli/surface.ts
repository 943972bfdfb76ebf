/**
 * What the commands that start a surface share: plans, policies, a store, the firewall over them, the host's routes, and the host's own session.
 * Never serves a plan that it cannot enforce, and never prints a credential that somebody else has chosen.
 */
import type { Command } from "commander";
import { Hono } from "hono";
import type { Verdict } from "../decide/verdict.ts";
import type { JsonObject } from "../json/value.ts";
import { holdTo } from "../plan/freeze-policy.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import type { SigningKey } from "../plan/sign.ts";
import type { Policy } from "../policy/policy.ts";
import type { Logger } from "../ports.ts";
import { ConfigError } from "../result.ts";
import type { Guard } from "../engine.ts";
import { approvalWebhook } from "../surfaces/approval-webhook.ts";
import {
  amendmentRoutes,
  createFirewall,
  type Firewall,
  hostRoutes,
  type OwnEnforcement,
  type Prepared,
} from "../surfaces/hono.ts";
import type { Opened } from "../surfaces/enforce.ts";
import { adminToken, type Applied, applied, approversOf, type OperatedOptions, webhookSecret } from "./config/applied.ts";
import { addConfigOptions, type Configured, type Settled, settle } from "./config/config.ts";
import { openAuditedStore } from "./auditing.ts";
import { createGate, type Gate } from "./gate.ts";
import { addFile, configured, InputError, readParams, readPolicyFiles, readValue, refuseFindings } from "./input.ts";
import { oneAtATime, type Reloading } from "./operations.ts";
import { readFrozen } from "./plan-file.ts";
import { readPort } from "./port.ts";
import { parsersFor } from "./sql-parsers.ts";
import { readStoreArgument } from "./store-url.ts";
import { openTelling, readOtlp } from "./telemetry.ts";
import { plain, type Terminal } from "./terminal.ts";

/** Options of every command that starts a surface. */
export interface SurfaceOptions extends OperatedOptions {
  readonly plan?: readonly string[];
  readonly params?: string;
  readonly principal?: string;
  readonly port: number;
  readonly host: string;
  readonly policy?: readonly string[];
  readonly grants?: true;
  readonly approvalWait?: number;
  readonly approvalWebhook?: string;
  readonly receiptKey?: string;
  readonly otlp?: string;
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
    .option(
      "--store <store>",
      "`memory`, a file (SQLite), redis[s]://… or postgres://… (or in SLUICE_STORE)",
      readStoreArgument,
      "sluice.db",
    )
    .option("--audit <log>", "keep an audit log in this file (SQLite), or in this folder, if its name ends in / or .jsonl")
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
  readonly plans: readonly FrozenPlan[];
  /** The host's routes under `/sluice`, and the agents' amendments under `/amendments`. */
  readonly app: Hono;
  /** The session that `--principal` asked for. */
  readonly session: Opened | undefined;
  readonly gate: Gate;
  readonly reloading: Reloading;
  readonly applied: Applied;
  /** Says what everybody who starts a surface wants to know, once it listens. */
  announce(url: string): void;
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
  const { say, paint } = terminal;
  if (options.plan === undefined || options.plan.length === 0)
    throw new InputError("--plan: name a frozen plan, here, in SLUICE_PLANS, or as `plans` in the file of --config");
  const { plans, policy } = await readPlans(options.plan, options.policy);
  const params = await readParams(options.params);
  checkSession(options.principal, { params, plans });
  const { admin, isMade } = adminToken(settled);
  const approvers = approversOf(settled);
  const settings = applied(settled);
  const sql = await parsersFor(plans, policy);
  const own = { ...settings.own, ...(await approvalOptions(settled)) };
  const telling = await openTelling(options.otlp, terminal);
  const { store, note, close } = await openAuditedStore(settings, { terminal, plans });
  try {
    const inner = createFirewall({
      ...own,
      plans,
      store,
      sql,
      logger: loggerFor(terminal),
      telemetry: telling.telemetry,
      ...(serving.accepts === undefined ? {} : { accepts: serving.accepts }),
      ...(policy === undefined ? {} : { policy }),
    });
    const enforcer = saying(inner, terminal);
    const session = options.principal === undefined ? undefined : await openOne(enforcer, options.principal, params ?? {});
    const { staysOpen } = serving;
    telling.watch(enforcer);
    const door = createGate({
      clock: enforcer.clock,
      failuresPerMinute: settings.failuresPerMinute,
      ...(staysOpen === undefined ? {} : { staysOpen }),
    });
    const gate = telling.through(door);
    const reloading = reloadingOf(settled, { command, firewall: enforcer, serving, note });
    const app = hostApp({
      enforcer,
      credentials: { admin, approvers },
      reload: reloading.reload,
      isReady: () => !gate.isClosing,
      metrics: telling.metrics,
    });
    const announce = (url: string): void => {
      for (const { plan, digest } of plans) say(paint.dim(`plan ${plan.name} ${digest}`));
      if (Object.keys(approvers).length > 0) say(`people approve calls at ${url}/sluice/approvals`);
      if (isMade && session === undefined) say(`SLUICE_ADMIN_TOKEN was not set; for this run it is ${admin}`);
      if (session !== undefined)
        say(`session ${session.session} for ${plain(options.principal ?? "")}; its token is ${session.token}`);
    };
    const end = (): Promise<void> => close().finally(telling.close);
    return { enforcer, plans, app, session, gate, reloading, applied: settings, announce, close: end };
  } catch (error) {
    await close();
    // What cannot be enforced as it was given is a person's to mend.
    throw error instanceof ConfigError ? new InputError(error.message) : error;
  }
}

function hostApp(options: Parameters<typeof hostRoutes>[0] & { readonly enforcer: Firewall }): Hono {
  const app = new Hono();
  app.route("/amendments", amendmentRoutes({ enforcer: options.enforcer }));
  app.route("/sluice", hostRoutes(options));
  return app;
}

/** Exit 2 for options of a session at the start that do not go together. */
function checkSession(
  principal: string | undefined,
  { params, plans }: { readonly params: JsonObject | undefined; readonly plans: readonly FrozenPlan[] },
): void {
  if (principal === undefined && params !== undefined)
    throw new InputError("--params: they are the parameters of the session that --principal opens");
  if (principal !== undefined && plans.length !== 1)
    throw new InputError("--principal: a session at the start needs one --plan, not several");
}

/** What the options say of people and of receipts, as a firewall takes it. Exit 2 for what is unusable. */
export async function approvalOptions(
  settled: Settled<Pick<SurfaceOptions, "grants" | "approvalWait" | "approvalWebhook" | "receiptKey">>,
): Promise<Partial<OwnEnforcement>> {
  const { grants, approvalWait, approvalWebhook: url, receiptKey } = settled.options;
  const tell = url === undefined ? undefined : webhookTo(url, settled);
  const key = receiptKey === undefined ? undefined : ((await readValue(receiptKey)) as unknown as SigningKey);
  return {
    grants: grants === true ? "required" : "none",
    ...(approvalWait === undefined ? {} : { approvalWaitSeconds: approvalWait }),
    ...(tell === undefined ? {} : { onPending: tell, onPendingAmendment: tell }),
    ...(key === undefined ? {} : { receipts: { key } }),
  };
}

function webhookTo(url: string, settled: Configured): ReturnType<typeof approvalWebhook> {
  try {
    return approvalWebhook({ url, secret: webhookSecret(settled) });
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      "--approval-webhook: an https URL without credentials (http to this machine) and 16 characters or more in SLUICE_WEBHOOK_SECRET are needed",
    );
  }
}

/** How plans and policies are read again: as the command line, the environment and the file name them then. */
export function reloadingOf(
  settled: Settled<SurfaceOptions>,
  {
    command,
    firewall,
    serving = {},
    note,
  }: {
    readonly command: Command;
    readonly firewall: Firewall;
    readonly serving?: Serving;
    /** Told what was loaded, for the audit log. */
    readonly note: (facts: JsonObject) => Promise<void>;
  },
): Reloading {
  const { world } = settled;
  const filesOf = ({ source, options: { plan = [], policy = [] } }: Settled<SurfaceOptions>): readonly string[] =>
    [...(source === undefined ? [] : [source]), ...plan, ...policy].filter((path) => path !== "-");
  let files = filesOf(settled);
  const reload = oneAtATime(async () => {
    const next = await settle<SurfaceOptions>(command, world);
    const { plans, policy } = await readPlans(next.options.plan ?? [], next.options.policy);
    const sql = await parsersFor(plans, policy);
    const prepared = await configured(() => firewall.prepare({ plans, sql, ...(policy === undefined ? {} : { policy }) }));
    const putInForce = await configured(() => serving.prepare?.(prepared));
    prepared.commit();
    putInForce?.();
    await note({ what: "reload", plans: plans.map(({ digest }) => digest) });
    files = filesOf(next);
    return plans.map(({ digest }) => digest);
  });
  return { reload, watched: () => (settled.options.watch === true ? files : []) };
}

/** The frozen plans of a command line, held to the policies of today. */
export async function readPlans(
  sources: readonly string[],
  policies: readonly string[] | undefined,
): Promise<{ readonly plans: readonly FrozenPlan[]; readonly policy: Policy | undefined }> {
  const plans: FrozenPlan[] = [];
  for (const source of sources) plans.push(await readFrozen(source));
  const policy = await readPolicyFiles(policies);
  for (const [at, plan] of plans.entries()) {
    const held = holdTo(plan, policy);
    if (!held.ok) refuseFindings(sources[at] ?? "", held.error);
  }
  return { plans, policy };
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
