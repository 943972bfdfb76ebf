/**
 * `sluice serve`: the firewall as an HTTP host. Checked tools under `/tools`, forwarded upstream; the host's routes under `/sluice`.
 * Never serves a plan that it cannot enforce, and never prints a credential that somebody else has chosen.
 */
import type { Command } from "commander";
import { Hono } from "hono";
import type { Verdict } from "../../decide/verdict.ts";
import { err } from "../../result.ts";
import { createFirewallApp, type FirewallOptions, type Forward, forwardTo } from "../../surfaces/firewall-app.ts";
import type { Enforcer } from "../../surfaces/hono.ts";
import { addConfigOptions, type Settled, settle } from "../config/config.ts";
import { addDrafterOptions, drafterOptions, type DrafterOptions } from "../draft/drafter.ts";
import { openDashboard } from "../server/dashboard.ts";
import { openDrafting } from "../draft/route.ts";
import { createGate } from "../server/gate.ts";
import { openAppDoors } from "../server/host-door.ts";
import { type Ground, openGround } from "../server/ground.ts";
import { InputError } from "../read/input.ts";
import type { Context } from "../context.ts";
import { checkMode, countsLine, made, modeLines, type ObservingOptions, openObserving } from "../observe/observing.ts";
import type { Reloading } from "../server/operations.ts";
import { urlOf } from "../server/runtime.ts";
import { addHostOptions, reloadingOf, type SurfaceOptions, verdictLine } from "../server/surface.ts";
import { plain, type Terminal } from "../show/terminal.ts";

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
  const ground = await openGround(settled, terminal);
  const { plans, policy, store, telling, settings } = ground;
  try {
    const forward: Forward = options.upstream === undefined ? refuseForward : forwardTo(options.upstream, telling.outgoing);
    const onVerdict = (tool: string, verdict: Verdict): void => terminal.say(verdictLine(tool, verdict, terminal));
    const observing = await openObserving(options, terminal);
    const gate = telling.through(createGate({ clock: Date.now, failuresPerMinute: settings.failuresPerMinute }));
    let reload: Reloading["reload"] | undefined;
    const firewall: FirewallOptions = {
      ...(observing === undefined ? {} : { observing: observing.observing, logger: observing.logger }),
      own: ground.own,
      metrics: telling.metrics,
      access: ground.access,
      plans,
      store,
      forward,
      onVerdict,
      onForwardFailed: (tool, error) => terminal.say(failureLine(tool, error, terminal)),
      sql: ground.sql,
      reload: async () => (await reload?.()) ?? err("the process has just begun"),
      isReady: () => !gate.isClosing,
      ...(policy === undefined ? {} : { policy }),
    };
    const drafting = options.draft === true ? await openDrafting(options) : undefined;
    const { agents, host, enforcer } = made(observing !== undefined, () =>
      createFirewallApp(drafting === undefined ? firewall : { ...firewall, drafter: drafting.drafter }),
    );
    telling.watch(enforcer);
    const reloading = reloadingOf(settled, { command, firewall: enforcer, ground });
    reload = reloading.reload;
    const { loaded } = reloading;
    const dashboard = await openDashboard({ ground, enforcer, loaded, observing: options, terminal });
    host.route("/", dashboard.app);
    // Whoever opens the printed address in a browser wants the pages.
    host.get("/", (c) => c.redirect("/dashboard", 303));
    const app = new Hono();
    app.route("/", agents);
    const doors = await openAppDoors({ host, gate, options }, app);
    const url = urlOf(options.host, doors.server.port);
    announce(url, { options, ground, enforcer, terminal, host: doors.hostUrl(url) });
    const isWhole = await ground.untilAsked({
      gate,
      work: enforcer.work,
      reloading,
      closers: [(left) => doors.close(left), () => drafting?.close(), () => enforcer.observer?.close(), dashboard.close],
    });
    if (enforcer.observer !== undefined) terminal.say(countsLine(enforcer.observer));
    await observing?.close();
    return isWhole;
  } finally {
    await ground.close();
  }
}

interface Announced {
  readonly options: Options;
  readonly ground: Ground;
  readonly enforcer: Enforcer;
  readonly terminal: Terminal;
  /** Where the host's routes are. */
  readonly host: string;
}

function announce(url: string, { options, ground, enforcer, terminal, host }: Announced): void {
  const { say, paint } = terminal;
  say(`${paint.bold("sluice")} ${url}  tools: POST /tools/…  host: ${host === url ? "" : host}/sluice/sessions, /sluice/plans`);
  if (enforcer.observer !== undefined) for (const line of modeLines(enforcer.observer, terminal)) say(line);
  ground.announce(host, undefined);
  if (options.draft === true) say(`drafts: POST ${host}/sluice/draft`);
  if (options.upstream === undefined) say("no --upstream: an allowed call is answered with UPSTREAM_FAILED");
}

async function refuseForward(): Promise<never> {
  throw new TypeError("there is no --upstream");
}

/** An allowed call that did not reach its tool, on a line. `fetch` names the fault of the network in the cause. */
function failureLine(tool: string, error: unknown, { paint }: Terminal): string {
  const { cause, message } = error instanceof Error ? error : new Error(String(error));
  const code = typeof cause === "object" && cause !== null && "code" in cause ? ` (${String(cause.code)})` : "";
  return `${paint.red("fail ")} ${tool} UPSTREAM_FAILED: ${plain(message)}${code}`;
}

function readUpstream(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "")
    throw new InputError("--upstream: an http or https URL without query is needed, such as http://127.0.0.1:9000");
  return url;
}
