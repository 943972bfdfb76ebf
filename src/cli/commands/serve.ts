/**
 * `sluice serve`: the firewall as an HTTP host. Checked tools under `/tools`, forwarded upstream; the host's routes under `/sluice`.
 * Never serves a plan that it cannot enforce, and never prints a credential that somebody else has chosen.
 */
import type { Command } from "commander";
import type { Verdict } from "../../decide/verdict.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import { err } from "../../result.ts";
import { createFirewallApp, type FirewallOptions, type Forward, forwardTo } from "../../surfaces/firewall-app.ts";
import type { Enforcer } from "../../surfaces/hono.ts";
import { adminToken, applied, approversOf } from "../config/applied.ts";
import { addConfigOptions, type Settled, settle } from "../config/config.ts";
import { openAuditedStore } from "../auditing.ts";
import { addDrafterOptions, drafterOptions, type DrafterOptions } from "../drafter.ts";
import { openDrafting } from "../drafting.ts";
import { createGate } from "../gate.ts";
import { InputError } from "../input.ts";
import type { Context } from "../main.ts";
import { checkMode, countsLine, made, modeLines, type ObservingOptions, openObserving } from "../observing.ts";
import { operate, type Reloading } from "../operations.ts";
import { listen, urlOf } from "../runtime.ts";
import { parsersFor } from "../sql-parsers.ts";
import { openTelling } from "../telemetry.ts";
import { addHostOptions, approvalOptions, readPlans, reloadingOf, type SurfaceOptions, verdictLine } from "../surface.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends ObservingOptions, DrafterOptions, Omit<SurfaceOptions, "plan" | "principal" | "params"> {
  readonly plan?: readonly string[];
  readonly draft?: true;
}

const portDefault = 8787;

/** Adds `serve --plan FILE…`. Ends when it is asked to (SIGINT, SIGTERM): with exit 0, or 1 if calls were still in flight after the grace. */
export function addServe(program: Command, { terminal, exit }: Context): void {
  const command = program
    .command("serve")
    .description(
      "enforce frozen plans over HTTP; SLUICE_ADMIN_TOKEN is the host's credential, SLUICE_APPROVERS those of people: NAME=SECRET,…",
    );
  addConfigOptions(addHostOptions(command, portDefault))
    .option("--plan <file...>", "frozen plans; at least one, but with --observe")
    .option("--upstream <url>", "where the tools are: POST URL/server/tool", readUpstream)
    .option("--observe <reason>", "enforce NOTHING: calls go ahead as they came and are recorded; with --until and --record")
    .option("--until <time>", "when observing ends and everything is enforced: RFC 3339, at most 92 days ahead")
    .option("--record <folder>", "where recordings go, a file for each run")
    .option("--record-policy <file>", "what recordings keep of values: keep, digest or redact, by tool, place, label and role")
    .option("--catalog <file>", "the catalogue of the tools, for --draft, and for a record policy that names labels and roles")
    .option("--run-header <name>", "header that names the run of a request without a session; default Sluice-Run")
    .option("--draft", "draft plans of tasks at POST /sluice/draft, for the host's credential; with the options below");
  addDrafterOptions(command).action(async () => {
    const settled = await settle<Options>(command, { env: process.env, warn: terminal.say });
    checkMode(settled.options);
    checkDrafting(settled.options);
    if (!(await serve(settled, { command, terminal }))) exit(1);
  });
}

/** Exit 2 for options of drafting where nothing is drafted. */
function checkDrafting(options: Options): void {
  const named = options.draft === true ? undefined : drafterOptions.find((name) => options[name] !== undefined);
  if (named !== undefined) throw new InputError(`--${named.replace("E", "-e")}: it goes with --draft`);
}

/** Serves until the end. `false`: calls were still in flight then. */
async function serve(
  settled: Settled<Options>,
  { command, terminal }: { readonly command: Command; readonly terminal: Terminal },
): Promise<boolean> {
  const { options } = settled;
  const { say } = terminal;
  const { plans, policy } = await readPlans(options.plan ?? [], options.policy);
  const { admin, isMade } = adminToken(settled);
  const approvers = approversOf(settled);
  const settings = applied(settled);
  const sql = await parsersFor(plans, policy);
  const telling = await openTelling(options.otlp, terminal);
  const { store, note, close } = await openAuditedStore(settings, { terminal, plans });
  try {
    const forward: Forward = options.upstream === undefined ? refuseForward : forwardTo(options.upstream, telling.outgoing);
    const onVerdict = (tool: string, verdict: Verdict): void => say(verdictLine(tool, verdict, terminal));
    const observing = await openObserving(options, terminal);
    const gate = telling.through(createGate({ clock: Date.now, failuresPerMinute: settings.failuresPerMinute }));
    let reload: Reloading["reload"] | undefined;
    const firewall: FirewallOptions = {
      ...(observing === undefined ? {} : { observing: observing.observing, logger: observing.logger }),
      own: { ...settings.own, ...(await approvalOptions(settled)), telemetry: telling.telemetry },
      metrics: telling.metrics,
      approvers,
      plans,
      store,
      admin,
      forward,
      onVerdict,
      sql,
      reload: async () => (await reload?.()) ?? err("the process has just begun"),
      isReady: () => !gate.isClosing,
      ...(policy === undefined ? {} : { policy }),
    };
    const drafting = options.draft === true ? await openDrafting(options) : undefined;
    const { app, enforcer } = made(observing !== undefined, () =>
      createFirewallApp(drafting === undefined ? firewall : { ...firewall, drafter: drafting.drafter }),
    );
    telling.watch(enforcer);
    const reloading = reloadingOf(settled, { command, firewall: enforcer, note });
    reload = reloading.reload;
    const server = await listen({
      fetch: (request, address) => gate.serve(request, app.fetch, address),
      hostname: options.host,
      port: options.port,
    });
    announce(urlOf(options.host, server.port), {
      options,
      plans,
      admin: isMade ? admin : undefined,
      approvers,
      enforcer,
      terminal,
    });
    const isWhole = await operate({
      terminal,
      gate,
      work: enforcer.work,
      graceMs: settings.graceMs,
      reloading,
      sweeping: { store, retention: settings.retention },
      closers: [(left) => server.close(left), () => drafting?.close(), () => enforcer.observer?.close()],
    });
    if (enforcer.observer !== undefined) say(countsLine(enforcer.observer));
    await observing?.close();
    return isWhole;
  } finally {
    await close().finally(telling.close);
  }
}

interface Announced {
  readonly options: Options;
  readonly plans: readonly FrozenPlan[];
  /** The credential, if it was made for this run. */
  readonly admin: string | undefined;
  readonly approvers: { readonly [name: string]: string };
  readonly enforcer: Enforcer;
  readonly terminal: Terminal;
}

function announce(url: string, { options, plans, admin, approvers, enforcer, terminal }: Announced): void {
  const { say, paint } = terminal;
  say(`${paint.bold("sluice")} ${url}  tools: POST /tools/…  host: /sluice/sessions, /sluice/plans`);
  for (const { plan, digest } of plans) say(paint.dim(`plan ${plan.name} ${digest}`));
  if (enforcer.observer !== undefined) for (const line of modeLines(enforcer.observer, terminal)) say(line);
  if (Object.keys(approvers).length > 0) say(`people approve calls at ${url}/sluice/approvals`);
  if (admin !== undefined) say(`SLUICE_ADMIN_TOKEN was not set; for this run it is ${admin}`);
  if (options.draft === true) say(`drafts: POST ${url}/sluice/draft`);
  if (options.upstream === undefined) say("no --upstream: an allowed call is answered with UPSTREAM_FAILED");
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
