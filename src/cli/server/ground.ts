/**
 * What every command that listens stands on: plans and policies, credentials, settings, telemetry, and the store with its audit log.
 * Never opens a store before all that is written has been read, and never leaves one open when something of it is unusable.
 */
import type { SqlParser } from "../../constraints/sql.ts";
import { holdTo } from "../../plan/freeze-policy.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import type { SigningKey } from "../../plan/sign.ts";
import type { Policy } from "../../policy/policy.ts";
import { approvalWebhook } from "../../surfaces/approval-webhook.ts";
import type { OwnEnforcement } from "../../surfaces/hono.ts";
import type { Access } from "../../access/access.ts";
import { createAccess } from "../../access/create-access.ts";
import { makeLoginCode } from "../../access/login-codes.ts";
import { isLoopback } from "../../access/names.ts";
import { systemRandom } from "../../surfaces/random.ts";
import { createDashboardEvents, type DashboardEvents } from "../../dashboard/events.ts";
import { toEach } from "../../telemetry/telemetry.ts";
import { type AuditedStore, openAuditedStore } from "../audit/auditing.ts";
import { type AccessSettings, accessSettings } from "../config/access.ts";
import { type AdminToken, adminToken } from "../config/admin-token.ts";
import { type Applied, applied, approversOf, type OperatedOptions, webhookSecret } from "../config/applied.ts";
import type { Configured, Settled } from "../config/config.ts";
import { configured, InputError, readPolicyFiles, readValue, refuseFindings } from "../read/input.ts";
import { readFrozen } from "../read/plan-file.ts";
import { parsersFor } from "../read/sql-parsers.ts";
import { plain, type Terminal } from "../show/terminal.ts";
import { operate, type Operated } from "./operations.ts";
import { openTelling, type Telling } from "./telemetry.ts";

/** Options that say what it is. */
export interface GroundOptions extends OperatedOptions, AccessSettings {
  readonly plan?: readonly string[];
  readonly policy?: readonly string[];
  readonly grants?: true;
  readonly approvalWait?: number;
  readonly approvalWebhook?: string;
  readonly receiptKey?: string;
  readonly otlp?: string;
}

/** What a command that listens stands on. */
export interface Ground extends AuditedStore {
  readonly plans: readonly FrozenPlan[];
  readonly policy: Policy | undefined;
  /** Parsers of the dialects of SQL that plans and policy name. */
  readonly sql: readonly SqlParser[];
  /** Who may look, decide and change: for the host's routes and the dashboard. */
  readonly access: Access;
  readonly settings: Applied;
  /** Times, limits, approvals, receipts and telemetry of the firewall. */
  readonly own: Partial<OwnEnforcement>;
  readonly telling: Telling;
  /** What the dashboard is told. */
  readonly events: DashboardEvents;
  /** Says what is enforced and who decides, once the host's routes are at `url`. `session`: a session was opened, whose token is said instead of the host's. */
  announce(url: string, session: object | undefined): void;
  /** Runs until the process is asked to end, and ends it; see `operate`. */
  untilAsked(own: Omit<Operated, "terminal" | "graceMs" | "sweeping">): Promise<boolean>;
}

/** Opens it. Exit 2 for what is unusable. */
export async function openGround(settled: Settled<GroundOptions>, terminal: Terminal): Promise<Ground> {
  const { options } = settled;
  const { say, paint } = terminal;
  const { plans, policy } = await readPlans(options.plan ?? [], options.policy);
  const approvers = approversOf(settled);
  const settings = applied(settled);
  const allowed = accessSettings(settled);
  const sql = await parsersFor(plans, policy);
  const approvals = await approvalOptions(settled);
  const telling = await openTelling(options.otlp, terminal);
  const { store, isAudited, audit, note, close } = await openAuditedStore(settings, { terminal, plans, policy });
  // Only now: a start that fails leaves no credential behind.
  const token = await orClose(close, () => adminToken(settled, options.host ? settings.store : undefined));
  const made = { store, clock: Date.now, random: systemRandom, admin: token.admin, approvers, ...allowed };
  const access = await orClose(close, () => configured(() => createAccess(made)));
  const events = createDashboardEvents({ clock: Date.now });
  return {
    ...{ plans, policy, sql, access, settings, telling, events, store, note },
    ...(audit === undefined ? {} : { audit }),
    isAudited,
    own: { ...settings.own, ...approvals, recordCalls: isAudited, telemetry: toEach([telling.telemetry, events.telemetry]) },
    announce: (url, session) => {
      for (const { plan, digest } of plans) say(paint.dim(`plan ${plan.name} ${digest}`));
      if (Object.keys(approvers).length > 0) say(`people approve calls at ${url}/sluice/approvals`);
      const { host, publicUrl } = options;
      if (publicUrl === undefined && host !== undefined && !isLoopback(host.includes(":") ? `[${host}]` : host))
        say(paint.yellow("credentials go in the open unless TLS ends before this server: say its address with --public-url"));
      const line = tokenLine(token, session !== undefined);
      if (line !== undefined) say(line);
      say(`dashboard: ${url}/dashboard`);
      // Where nobody sits at the terminal what is said goes to a log, which is no place for it.
      if (process.stderr.isTTY === true) void sayLogin(url, { code: () => makeLoginCode(made, { host: true }), say });
    },
    untilAsked: (running) => {
      const { graceMs, retention } = settings;
      return operate({ ...running, terminal, graceMs, sweeping: { store, retention } });
    },
    close: () => close().finally(telling.close),
  };
}

/** Says the address that logs a person in at the dashboard, once. */
async function sayLogin(
  url: string,
  { code, say }: { readonly code: () => ReturnType<typeof makeLoginCode>; readonly say: Terminal["say"] },
): Promise<void> {
  const made = await code();
  if (made.ok) say(`log in within five minutes: ${url}/dashboard/login#code=${made.value}`);
}

/** Makes something, or closes what is open. */
async function orClose<T>(close: () => Promise<void>, make: () => T | Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a person must know of the host's credential: its text once, when it is made. */
function tokenLine({ admin, from, path = "" }: AdminToken, hasSession: boolean): string | undefined {
  const kept = `it is in ${plain(path)}, for this user alone`;
  if (from === "kept") return `SLUICE_ADMIN_TOKEN was not set; ${kept}`;
  if (from === "made")
    return hasSession ? `SLUICE_ADMIN_TOKEN was not set; ${kept}` : `SLUICE_ADMIN_TOKEN was not set; it is ${admin}, and ${kept}`;
  return from === "given" || hasSession ? undefined : `SLUICE_ADMIN_TOKEN was not set; for this run it is ${admin}`;
}

/** What the options say of people and of receipts, as a firewall takes it. Exit 2 for what is unusable. */
async function approvalOptions(settled: Settled<GroundOptions>): Promise<Partial<OwnEnforcement>> {
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
