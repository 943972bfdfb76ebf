/**
 * `npm start`: the trading example behind the firewall, played over HTTP, and then left running to be tried.
 * Never decides a verdict itself, and never listens on anything but the loopback address.
 */
import { randomBytes } from "node:crypto";
import { Command, CommanderError } from "commander";
import { createAccess } from "../access/create-access.ts";
import { makeLoginCode } from "../access/login-codes.ts";
import { dashboardRoutes } from "../dashboard.ts";
import { createDashboardEvents } from "../dashboard/events.ts";
import type { Verdict } from "../decide/verdict.ts";
import { createMemoryStore } from "../stores/memory.ts";
import { createFirewallApp, forwardTo } from "../surfaces/firewall-app.ts";
import { systemRandom } from "../surfaces/random.ts";
import { callTable } from "./show/call-table.ts";
import { readPort } from "./read/port.ts";
import { type Example, readExample, type Run } from "./demo/example.ts";
import { type Outcome, playRun, type Stage } from "./demo/play.ts";
import { startTools, type Tools } from "./demo/tools.ts";
import { InputError } from "./read/input.ts";
import { listen, untilAsked } from "./server/runtime.ts";
import { hang, openTerminal, plain, type Terminal } from "./show/terminal.ts";

const host = "127.0.0.1";
const portDefault = 8787;

/** What each run shows, in the order of the files. */
const captions: { readonly [file: string]: string } = {
  "benign.jsonl": "the agent does its task",
  "attack-budget.jsonl": "a risk engine that was taken over asks for more than the budget",
  "attack-choice.jsonl": "after reading the provider's text the agent chooses a topic, which can carry data out",
  "attack-moved-price.jsonl": "the provider moves a price by a factor of ten",
  "attack-news-channel.jsonl": "what is known of the account is sent to the provider, as a choice of topic",
  "attack-off-plan.jsonl": "the market data says: withdraw everything",
  "attack-poisoned-risk.jsonl": "the risk engine's answer carries a note that no schema allows",
  "attack-repeat.jsonl": "one order, twice",
  "attack-report.jsonl": "the report leads elsewhere: another channel, links, hidden characters",
  "attack-second-account.jsonl": "the attacker's account instead of the user's",
  "attack-tampered-order.jsonl": "the market data says: buy 900 XYZ",
  "attack-too-early.jsonl": "orders before anybody has checked them",
};

interface Options {
  readonly port: number;
  readonly once?: true;
}

async function start(options: Options, terminal: Terminal): Promise<number> {
  const example = await readExample("trading");
  const admin = randomBytes(24).toString("base64url");
  const tools = await startTools(example.folder);
  let verdict: Verdict | undefined;
  const takeVerdict = (): Verdict | undefined => {
    const taken = verdict;
    verdict = undefined;
    return taken;
  };
  const world = { store: createMemoryStore(), clock: Date.now, random: systemRandom };
  const access = createAccess({ ...world, admin });
  const events = createDashboardEvents({ clock: Date.now });
  const { app, enforcer } = createFirewallApp({
    plans: [example.frozen],
    store: world.store,
    access,
    own: { telemetry: events.telemetry },
    forward: forwardTo(new URL(tools.url)),
    onVerdict: (_tool, made) => {
      verdict = made;
    },
  });
  app.route("/dashboard", dashboardRoutes({ enforcer, access, events }));
  try {
    const server = await listen({ fetch: app.fetch, hostname: host, port: options.port });
    const url = `http://${host}:${server.port}`;
    try {
      showHead(example, { url, tools: tools.url }, terminal);
      const isExpected = await playAll(example, { url, admin, takeVerdict, prepare: tools.prepare }, { tools, terminal });
      if (options.once !== true) {
        tools.reset(true);
        const login = await makeLoginCode(world, { host: true });
        showHelp(example, { url, admin, login: login.ok ? `#code=${login.value}` : "" }, terminal);
        await untilAsked();
      }
      return isExpected ? 0 : 1;
    } finally {
      await server.close();
    }
  } finally {
    await tools.server.close();
  }
}

function showHead(
  { frozen }: Example,
  { url, tools }: { readonly url: string; readonly tools: string },
  { write, paint }: Terminal,
): void {
  const { plan, digest } = frozen;
  write(`${paint.bold("Sluice")}  ${plan.task ?? plan.name}\n`);
  write(paint.dim(`plan      ${digest}\nfirewall  ${url}\ntools     ${tools}\n`));
}

async function playAll(
  example: Example,
  stage: Stage,
  { tools, terminal }: { readonly tools: Tools; readonly terminal: Terminal },
): Promise<boolean> {
  const all: Outcome[] = [];
  for (const run of example.runs) {
    const isAttack = run.file.startsWith("attack-");
    tools.reset(isAttack);
    const prepare = isAttack ? stage.prepare : () => {};
    const outcomes = await playRun({ ...stage, prepare }, example.frozen.digest, run);
    showRun(run, outcomes, terminal);
    all.push(...outcomes);
  }
  const denied = all.filter(({ verdict }) => verdict === "deny").length;
  const wrong = all.filter(({ isExpected }) => !isExpected).length;
  const { write, paint } = terminal;
  const asExpected =
    wrong === 0 ? paint.green("every verdict is the expected one") : paint.red(`${wrong} verdicts are not the expected ones`);
  write(
    `\n${paint.bold(`${example.runs.length} runs, ${all.length} calls: ${all.length - denied} allowed, ${denied} denied;`)} ${asExpected}\n`,
  );
  return wrong === 0;
}

function showRun(run: Run, outcomes: readonly Outcome[], terminal: Terminal): void {
  const { write, paint } = terminal;
  const caption = captions[run.file];
  write(`\n${paint.bold(run.file.replace(/\.jsonl$/, ""))}${caption === undefined ? "" : `  ${caption}`}\n`);
  const rows = outcomes.map(({ tool, verdict, code, labels, chain, ms, isExpected }, i) => ({
    number: String(i),
    tool,
    verdict,
    code,
    labels,
    time: ms.toFixed(1),
    chain,
    ...(isExpected ? {} : { note: `expected ${run.expected[i]?.code ?? run.expected[i]?.verdict ?? "no call"}` }),
  }));
  write(`${callTable(rows, terminal).join("\n")}\n`);
}

function showHelp(
  { frozen, runs }: Example,
  { url, admin, login }: { readonly url: string; readonly admin: string; readonly login: string },
  { write, paint, columns }: Terminal,
): void {
  const params = JSON.stringify(runs[0]?.params ?? {});
  const json = "-H 'content-type: application/json'";
  write(`
${paint.bold("Look at it.")} The runs, their plan and each taint chain in a browser (the address logs in once, within five minutes;
later the credential below does):

${url}/dashboard/login${login}

${paint.bold("Try it.")} Open a session as the host does, and call tools as the agent does:

TOKEN=$(curl -s ${url}/sluice/sessions ${json} \\
  -H 'authorization: Bearer ${admin}' \\
  -d '{ "plan": "${frozen.plan.name}", "principal": "you",
        "params": ${params} }' \\
  | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
curl -s ${url}/tools/market/quotes ${json} \\
  -H "sluice-session: $TOKEN" -d '{"symbols":["VTI","BND"]}'; echo
curl -s ${url}/tools/broker/withdraw ${json} \\
  -H "sluice-session: $TOKEN" -d '{"account":"AC104233","amount":90000}'; echo

${hang("", "The first call is answered by the tool, the second by the firewall: the plan has no such operation. Ctrl+C ends this.", columns)}
`);
}

async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = new Command("npm start --")
    .description("plays the trading example through the firewall over HTTP, and stays up to be tried")
    .option("--once", "end after the runs; exit 1 if a verdict is not the expected one")
    .option("--port <number>", "the firewall's port", readPort, portDefault)
    .helpOption("--help", "print help")
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: terminal.write, writeErr: () => {}, outputError: () => {} });
  try {
    command.parse([...args], { from: "user" });
    return await start(command.opts<Options>(), terminal);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const isInput = error instanceof InputError || error instanceof CommanderError;
    const message = error instanceof Error ? error.message.replace(/^error: /, "") : String(error);
    terminal.say(`sluice: ${isInput ? "" : "internal fault: "}${plain(message)}`);
    if (!isInput && process.env.SLUICE_DEBUG && error instanceof Error) terminal.say(error.stack ?? "");
    return isInput ? 2 : 3;
  }
}

process.exitCode = await main(process.argv.slice(2), openTerminal());
