/**
 * What the commands that start a surface share: plans, policies, a store, the firewall over them, the host's routes, and the host's own session.
 * Never serves a plan that it cannot enforce, and never prints a credential that somebody else has chosen.
 */
import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import { Hono } from "hono";
import type { Verdict } from "../decide/verdict.ts";
import type { JsonObject } from "../json/value.ts";
import { thawPlan } from "../plan/freeze.ts";
import { holdTo } from "../plan/freeze-policy.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import type { SigningKey } from "../plan/sign.ts";
import type { Policy } from "../policy/policy.ts";
import type { Logger } from "../ports.ts";
import { ConfigError } from "../result.ts";
import { amendmentRoutes, createFirewall, type Enforcer, hostRoutes } from "../surfaces/hono.ts";
import type { Opened } from "../surfaces/enforce.ts";
import { addFile, InputError, readParams, readPolicyFiles, readValue, refuseFindings, refuseInput } from "./input.ts";
import { isFrozenFile } from "./plan-file.ts";
import { readPort } from "./port.ts";
import { parsersFor } from "./sql-parsers.ts";
import { openStore, readStoreArgument } from "./store-url.ts";
import { plain, type Terminal } from "./terminal.ts";

/** Options of every command that starts a surface. */
export interface SurfaceOptions {
  readonly plan: readonly string[];
  readonly params?: string;
  readonly principal?: string;
  readonly port: number;
  readonly host: string;
  readonly store: string;
  readonly policy?: readonly string[];
  readonly grants?: true;
  readonly approvalWait?: number;
  readonly receiptKey?: string;
}

/** Adds the options; `port` is the default. */
export function addSurfaceOptions(command: Command, port: number): Command {
  return command
    .requiredOption("--plan <file...>", "frozen plans")
    .option("--principal <name>", "open a session for this principal at the start, and print its token")
    .option("--params <json>", "parameters of that session: a JSON object, or @FILE")
    .option("--port <number>", "port (0: any free one)", readPort, port)
    .option("--host <address>", "address of this machine", "127.0.0.1")
    .option(
      "--store <store>",
      "`memory`, a file (SQLite), redis[s]://… or postgres://… (or in SLUICE_STORE)",
      readStoreArgument,
      "sluice.db",
    )
    .option("--policy <file>", "policies that hold besides those of the plans; the stricter of each", addFile)
    .option("--grants", "a principal needs a grant for a plan (`sluice grant`)")
    .option("--approval-wait <seconds>", "keep a call that needs approval so long before it is answered", readWait)
    .option("--receipt-key <file>", "sign receipts of labels for other agents with this private Ed25519 key (JWK)");
}

/** A firewall that a command has opened. */
export interface Surface {
  readonly enforcer: Enforcer;
  readonly plans: readonly FrozenPlan[];
  /** The host's routes under `/sluice`, and the agents' amendments under `/amendments`. */
  readonly app: Hono;
  /** The session that `--principal` asked for. */
  readonly session: Opened | undefined;
  /** Says what everybody who starts a surface wants to know, once it listens. */
  announce(url: string): void;
  /** Closes the store. */
  close(): Promise<void>;
}

/** Reads what the options name and opens the firewall. Exit 2 for what is unusable. */
export async function openSurface(options: SurfaceOptions, terminal: Terminal): Promise<Surface> {
  const { say, paint } = terminal;
  const { plans, policy } = await readPlans(options.plan, options.policy);
  const params = await readParams(options.params);
  if (options.principal === undefined && params !== undefined)
    throw new InputError("--params: they are the parameters of the session that --principal opens");
  if (options.principal !== undefined && plans.length !== 1)
    throw new InputError("--principal: a session at the start needs one --plan, not several");
  const { admin, isMade } = adminToken();
  const sql = await parsersFor(plans, policy);
  const receiptKey =
    options.receiptKey === undefined ? undefined : ((await readValue(options.receiptKey)) as unknown as SigningKey);
  const { store, close } = await openStore(options.store);
  try {
    const inner = createFirewall({
      plans,
      store,
      sql,
      logger: loggerFor(terminal),
      grants: options.grants === true ? "required" : "none",
      ...(options.approvalWait === undefined ? {} : { approvalWaitSeconds: options.approvalWait }),
      ...(policy === undefined ? {} : { policy }),
      ...(receiptKey === undefined ? {} : { receipts: { key: receiptKey } }),
    });
    const enforcer = saying(inner, terminal);
    const session = options.principal === undefined ? undefined : await openOne(enforcer, options.principal, params ?? {});
    const app = new Hono();
    app.route("/amendments", amendmentRoutes({ enforcer }));
    app.route(
      "/sluice",
      hostRoutes({ enforcer, credentials: { admin, approvers: readApprovers(process.env.SLUICE_APPROVERS ?? "") } }),
    );
    const announce = (url: string): void => {
      for (const { plan, digest } of plans) say(paint.dim(`plan ${plan.name} ${digest}`));
      if (process.env.SLUICE_APPROVERS) say(`people approve calls at ${url}/sluice/approvals`);
      if (isMade && session === undefined) say(`SLUICE_ADMIN_TOKEN was not set; for this run it is ${admin}`);
      if (session !== undefined)
        say(`session ${session.session} for ${plain(options.principal ?? "")}; its token is ${session.token}`);
    };
    return { enforcer, plans, app, session, announce, close };
  } catch (error) {
    await close();
    // What cannot be enforced as it was given is a person's to mend.
    throw error instanceof ConfigError ? new InputError(error.message) : error;
  }
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

async function readFrozen(source: string): Promise<FrozenPlan> {
  const value = await readValue(source);
  if (!isFrozenFile(value)) refuseInput(source, "this is a draft: `sluice freeze` makes the frozen plan that can be served");
  const thawed = thawPlan(value);
  return thawed.ok ? thawed.value : refuseFindings(source, thawed.error);
}

/** The host's credential: of the environment, or made for this run. */
export function adminToken(): { readonly admin: string; readonly isMade: boolean } {
  const given = process.env.SLUICE_ADMIN_TOKEN;
  if (given === undefined || given === "") return { admin: randomBytes(24).toString("base64url"), isMade: true };
  if (!/^[\x21-\x7e]{16,512}$/.test(given))
    throw new InputError("SLUICE_ADMIN_TOKEN: 16 to 512 printable ASCII characters without spaces are needed");
  return { admin: given, isMade: false };
}

/** `NAME=SECRET,…`: a name without a secret, or twice, stops the start. */
export function readApprovers(text: string): { readonly [name: string]: string } {
  const approvers = new Map<string, string>();
  for (const part of text.split(",").filter((one) => one !== "")) {
    const [, name, secret] = /^([A-Za-z0-9_.-]{1,128})=([\x21-\x7e]{16,512})$/.exec(part) ?? [];
    if (name === undefined || secret === undefined || approvers.has(name))
      throw new InputError(
        "SLUICE_APPROVERS: NAME=SECRET,… with each name once and secrets of 16 printable ASCII characters or more",
      );
    approvers.set(name, secret);
  }
  return Object.fromEntries(approvers);
}

/** The seconds of `--approval-wait`. */
export function readWait(text: string): number {
  const seconds = Number(text);
  if (!(Number.isInteger(seconds) && seconds >= 1 && seconds <= 3_600))
    throw new InputError("--approval-wait: a whole number of seconds from 1 to 3600 is needed");
  return seconds;
}

async function openOne(enforcer: Enforcer, principal: string, params: JsonObject): Promise<Opened> {
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
function saying(inner: Enforcer, terminal: Terminal): Enforcer {
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
