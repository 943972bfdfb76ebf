/**
 * `sluice serve`: the firewall as an HTTP host. Checked tools under `/tools`, forwarded upstream; the host's routes under `/sluice`.
 * Never serves a plan that it cannot enforce, and never prints a credential that somebody else has chosen.
 */
import type { Command } from "commander";
import type { Verdict } from "../../decide/verdict.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import type { Policy } from "../../policy/policy.ts";
import { createFirewallApp, type FirewallOptions, type Forward, forwardTo } from "../../surfaces/firewall-app.ts";
import { addFile, InputError } from "../input.ts";
import { addDrafterOptions, drafterOptions, type DrafterOptions } from "../drafter.ts";
import { openDrafting } from "../drafting.ts";
import type { Context } from "../main.ts";
import { checkMode, countsLine, made, modeLines, type ObservingOptions, openObserving } from "../observing.ts";
import { readPort } from "../port.ts";
import { listen, untilAsked } from "../runtime.ts";
import { approvalWebhook } from "../../surfaces/approval-webhook.ts";
import { parsersFor } from "../sql-parsers.ts";
import { openStore, readStoreArgument } from "../store-url.ts";
import { adminToken, readApprovers, readPlans, readWait, verdictLine } from "../surface.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends ObservingOptions, DrafterOptions {
  readonly draft?: true;
  readonly port: number;
  readonly host: string;
  readonly store: string;
  readonly grants?: true;
  readonly approvalWait?: number;
  readonly approvalWebhook?: string;
  readonly policy?: readonly string[];
}

const portDefault = 8787;

/** Adds `serve --plan FILE…`. Ends with exit 0 when it is asked to (SIGINT, SIGTERM). */
export function addServe(program: Command, { terminal }: Context): void {
  const command = program
    .command("serve")
    .description(
      "enforce frozen plans over HTTP; SLUICE_ADMIN_TOKEN is the host's credential, SLUICE_APPROVERS those of people: NAME=SECRET,…",
    )
    .option("--plan <file...>", "frozen plans; at least one, but with --observe")
    .option("--port <number>", "port (0: any free one)", readPort, portDefault)
    .option("--host <address>", "address of this machine", "127.0.0.1")
    .option(
      "--store <store>",
      "`memory`, a file (SQLite), redis[s]://… or postgres://… (or in SLUICE_STORE)",
      readStoreArgument,
      "sluice.db",
    )
    .option("--policy <file>", "policies that hold besides those of the plans; the stricter of each", addFile)
    .option("--upstream <url>", "where the tools are: POST URL/server/tool", readUpstream)
    .option("--grants", "a principal needs a grant for a plan (`sluice grant`)")
    .option("--approval-wait <seconds>", "keep a call that needs approval so long before it is answered", readWait)
    .option(
      "--approval-webhook <url>",
      "tell this address of calls and amendments that wait for a human; SLUICE_WEBHOOK_SECRET signs it",
    )
    .option("--observe <reason>", "enforce NOTHING: calls go ahead as they came and are recorded; with --until and --record")
    .option("--until <time>", "when observing ends and everything is enforced: RFC 3339, at most 92 days ahead")
    .option("--record <folder>", "where recordings go, a file for each run")
    .option("--record-policy <file>", "what recordings keep of values: keep, digest or redact, by tool, place, label and role")
    .option("--catalog <file>", "the catalogue of the tools, for --draft, and for a record policy that names labels and roles")
    .option("--run-header <name>", "header that names the run of a request without a session; default Sluice-Run")
    .option("--draft", "draft plans of tasks at POST /sluice/draft, for the host's credential; with the options below");
  addDrafterOptions(command).action(async (options: Options) => {
    checkMode(options);
    checkDrafting(options);
    const { plans, policy } = await readPlans(options.plan ?? [], options.policy);
    await serve(plans, policy, { options, terminal });
  });
}

/** Exit 2 for options of drafting where nothing is drafted. */
function checkDrafting(options: Options): void {
  const named = options.draft === true ? undefined : drafterOptions.find((name) => options[name] !== undefined);
  if (named !== undefined) throw new InputError(`--${named.replace("E", "-e")}: it goes with --draft`);
}

async function serve(
  plans: readonly FrozenPlan[],
  policy: Policy | undefined,
  { options, terminal }: { readonly options: Options; readonly terminal: Terminal },
): Promise<void> {
  const { say, paint } = terminal;
  const { admin, isMade } = adminToken();
  const sql = await parsersFor(plans, policy);
  const { store, close } = await openStore(options.store);
  try {
    const forward: Forward = options.upstream === undefined ? refuseForward : forwardTo(options.upstream);
    const onVerdict = (tool: string, verdict: Verdict): void => say(verdictLine(tool, verdict, terminal));
    const observing = await openObserving(options, terminal);
    const firewall: FirewallOptions = {
      ...approvalOptions(options),
      ...(observing === undefined ? {} : { observing: observing.observing, logger: observing.logger }),
      plans,
      store,
      admin,
      forward,
      onVerdict,
      sql,
      ...(policy === undefined ? {} : { policy }),
    };
    const drafting = options.draft === true ? await openDrafting(options) : undefined;
    const { app, enforcer } = made(observing !== undefined, () =>
      createFirewallApp(drafting === undefined ? firewall : { ...firewall, drafter: drafting.drafter }),
    );
    const server = await listen({ fetch: app.fetch, hostname: options.host, port: options.port });
    const host = options.host.includes(":") ? `[${options.host}]` : options.host;
    say(`${paint.bold("sluice")} http://${host}:${server.port}  tools: POST /tools/…  host: /sluice/sessions, /sluice/plans`);
    for (const { plan, digest } of plans) say(paint.dim(`plan ${plan.name} ${digest}`));
    if (enforcer.observer !== undefined) for (const line of modeLines(enforcer.observer, terminal)) say(line);
    if (process.env.SLUICE_APPROVERS) say(`people approve calls at http://${host}:${server.port}/sluice/approvals`);
    if (isMade) say(`SLUICE_ADMIN_TOKEN was not set; for this run it is ${admin}`);
    if (drafting !== undefined) say(`drafts: POST http://${host}:${server.port}/sluice/draft`);
    if (options.upstream === undefined) say("no --upstream: an allowed call is answered with UPSTREAM_FAILED");
    await untilAsked();
    say("closing: open calls may end");
    await server.close();
    await drafting?.close();
    await enforcer.observer?.close();
    if (enforcer.observer !== undefined) say(countsLine(enforcer.observer));
    await observing?.close();
  } finally {
    await close();
  }
}

function approvalOptions({
  grants,
  approvalWait,
  approvalWebhook: url,
}: Options): Pick<FirewallOptions, "approvers" | "grants" | "approvalWaitSeconds" | "onPending" | "onPendingAmendment"> {
  const tell = url === undefined ? undefined : webhookTo(url);
  const approvers = readApprovers(process.env.SLUICE_APPROVERS ?? "");
  return {
    approvers,
    grants: grants === true ? "required" : "none",
    ...(approvalWait === undefined ? {} : { approvalWaitSeconds: approvalWait }),
    ...(tell === undefined ? {} : { onPending: tell, onPendingAmendment: tell }),
  };
}

function webhookTo(url: string): ReturnType<typeof approvalWebhook> {
  try {
    return approvalWebhook({ url, secret: process.env.SLUICE_WEBHOOK_SECRET ?? "" });
  } catch {
    throw new InputError(
      "--approval-webhook: an https URL without credentials (http to this machine) and 16 characters or more in SLUICE_WEBHOOK_SECRET are needed",
    );
  }
}

async function refuseForward(): Promise<never> {
  throw new TypeError("no upstream");
}

function readUpstream(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "")
    throw new InputError("--upstream: an http or https URL without query is needed, such as http://127.0.0.1:9000");
  return url;
}
