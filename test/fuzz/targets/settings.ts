/**
 * Readers of what operators and browsers give: options, addresses of stores, config files, secrets, command lines, the dashboard's forms and
 * queries. What is refused is refused in one line; a page never repeats what it was sent without escaping it.
 */
import { Writable } from "node:stream";
import { Command, CommanderError } from "commander";
import { Hono } from "hono";
import { createAccess } from "../../../src/access/create-access.ts";
import { openSqliteAuditLog } from "../../../src/audit/sqlite/open.ts";
import { readNatsUrl } from "../../../src/audit/nats/url.ts";
import { addDiff } from "../../../src/cli/commands/diff.ts";
import { addExplain } from "../../../src/cli/commands/explain.ts";
import { addImport } from "../../../src/cli/commands/import.ts";
import { addLint } from "../../../src/cli/commands/lint.ts";
import { addParams } from "../../../src/cli/commands/params.ts";
import { addReplay } from "../../../src/cli/commands/replay.ts";
import { hasPassword } from "../../../src/cli/config/config.ts";
import { parseConfig } from "../../../src/cli/config/form.ts";
import { InputError } from "../../../src/cli/read/input-error.ts";
import { readTime } from "../../../src/cli/read/input.ts";
import { readPort } from "../../../src/cli/read/port.ts";
import { kindOfStore, readStoreArgument, storeName } from "../../../src/cli/read/store-url.ts";
import { readWait } from "../../../src/cli/server/surface.ts";
import { readOtlp } from "../../../src/cli/server/telemetry.ts";
import { openTerminal } from "../../../src/cli/show/terminal.ts";
import type { Context } from "../../../src/cli/context.ts";
import { dashboardRoutes } from "../../../src/dashboard.ts";
import { readPeriod } from "../../../src/observe/mode.ts";
import { ConfigError } from "../../../src/result.ts";
import { readPostgresUrl } from "../../../src/stores/postgres/url.ts";
import { readRedisUrl } from "../../../src/stores/redis/url.ts";
import { readRetention } from "../../../src/stores/retention.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import { createFirewall } from "../../../src/surfaces/options.ts";
import { readSettings } from "../../../src/worker/settings.ts";
import { shop } from "../../surfaces/threats/shop.ts";
import { filesAt } from "../seeds.ts";
import { checkRefusal, joined, must, parts, type Target, resultOf } from "../target.ts";
import { jsonWords, yamlWords } from "../words.ts";
import { urlWords } from "../words-text.ts";
import { documentOf } from "./plan.ts";
import { requestIn } from "./surfaces.ts";

/** What an option's reader may throw: one line for a person. */
function refusesInALine(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof InputError || error instanceof ConfigError || error instanceof CommanderError)) throw error;
    must(/^[^\r\n\0\x1b]{3,2000}$/.test(error.message), `not one line: ${JSON.stringify(error.message)}`);
  }
}

function runOptions(input: string): void {
  for (const read of [
    readPort,
    readTime("--now"),
    readOtlp,
    readWait,
    kindOfStore,
    readStoreArgument,
    readPostgresUrl,
    readRedisUrl,
    readNatsUrl,
  ]) {
    refusesInALine(() => read(input));
  }
  must(!storeName("postgres://u:hunter2@h/d?password=hunter2").includes("hunter2"), "a name of a store holds its password");
  const name = storeName(input);
  must(!/[\r\n\0\x1b]/.test(name), "a name of a store is more than a line");
  hasPassword(input);
}

const settingNames = [
  "SLUICE_ADMIN_TOKEN",
  "SLUICE_APPROVERS",
  "SLUICE_UPSTREAM",
  "SLUICE_GRANTS",
  "SLUICE_APPROVAL_WAIT",
  "SLUICE_POLICY",
  "SLUICE_JOURNAL",
  "SLUICE_CLOCK_SKEW",
];

function runSettings(input: string): void {
  const texts = parts(input, settingNames.length);
  const env = Object.fromEntries(settingNames.flatMap((name, i) => (texts[i] ? [[name, texts[i]]] : [])));
  refusesInALine(() => readSettings(env as never));
}

function runConfig(input: string): void {
  const value = documentOf(input);
  if (value === undefined) return;
  resultOf(parseConfig(value));
  const retention = readRetention(value);
  if (!retention.ok) checkRefusal(retention.error);
  resultOf(readPeriod(value, 0));
}

const adders = { lint: addLint, diff: addDiff, replay: addReplay, explain: addExplain, import: addImport, params: addParams };

/** A command line of the commands that only read: its words are the lines of the input. */
async function runCommandLine(input: string): Promise<void> {
  // `-` waits for standard input, and `--trace` writes a file.
  const isSafe = (word: string): boolean => word !== "-" && !word.includes("\0") && !word.startsWith("--trace");
  const words = input.split("\n").slice(0, 12).filter(isSafe);
  const stream = (): NodeJS.WriteStream => new Writable({ write: (_chunk, _encoding, done) => done() }) as NodeJS.WriteStream;
  const terminal = openTerminal({ stdout: stream() as never, stderr: stream() as never, env: { NO_COLOR: "1" } });
  const context: Context = { terminal, exit: (code) => must(code === 0 || code === 1, `exit code ${code}`) };
  const program = new Command("sluice").exitOverride().allowExcessArguments(false).helpCommand(false);
  program.configureOutput({ writeOut: () => undefined, writeErr: () => undefined, outputError: () => undefined });
  for (const add of Object.values(adders)) add(program, context);
  try {
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof InputError || error instanceof ConfigError || error instanceof CommanderError)) throw error;
  }
}

const admin = "admin-secret-of-the-host";

/** What a dashboard answers is HTML in which nothing that was sent stands unescaped. */
async function runDashboard(input: string): Promise<void> {
  const store = createMemoryStore({ journal: true });
  const clock = (): number => 1_800_000_000_000;
  const random = (count: number): Uint8Array => new Uint8Array(count).fill(5);
  const firewall = createFirewall({ plans: [shop], store, clock });
  const access = createAccess({ store, clock, random: random as never, admin });
  const log = openSqliteAuditLog(":memory:");
  const app = new Hono().route(
    "/console",
    dashboardRoutes({ enforcer: firewall, access, loaded: () => ({}), audit: { log, keys: [] } }),
  );
  for (const text of input.split("\n%%\n").slice(0, 2)) {
    const request = requestIn(text, admin);
    if (!request) continue;
    const response = await app.fetch(request);
    must(response.status !== 500, "a fault of ours");
    if (response.headers.get("content-type")?.startsWith("text/event-stream")) await response.body?.cancel();
    else must(!(await response.text()).includes("<x-fuzz"), "what was sent stands in the page as it is");
  }
  await log.close();
}

const asked = (path: string): string =>
  `GET /console${path}\nhost: localhost:8787\naccept: text/html\nauthorization: Bearer TOKEN\n\n`;
const posted = (path: string, body: string): string =>
  `POST /console${path}\nhost: localhost:8787\naccept: text/html\nauthorization: Bearer TOKEN\norigin: http://localhost:8787\nsec-fetch-site: same-origin\ncontent-type: application/x-www-form-urlencoded\n\n${body}`;

/** What operators give. */
export const settingTargets: readonly Target[] = [
  {
    name: "options",
    seeds: [
      "8787",
      "2026-11-25T09:30:00Z",
      "http://127.0.0.1:4318",
      "30",
      "redis://u@h:1/0?prefix=x",
      "postgres://u:p@h:5432/d?sslmode=require&schema=s",
      "nats://h:4222",
      "rediss://:p@[::1]/1",
      // A scheme was shown whole, however long (found here).
      `postg${"res".repeat(900)}://h`,
      "data.sqlite",
    ],
    dictionary: [
      ...urlWords,
      "redis://",
      "rediss://",
      "postgres://",
      "postgresql://",
      "nats://",
      "tls://",
      "?sslmode=",
      "&schema=",
      "memory",
    ],
    run: runOptions,
  },
  {
    name: "worker-settings",
    seeds: [
      joined(
        "admin-secret-of-the-host",
        "eve=secret-of-eve-alone,joe=secret-of-joe-alone",
        "https://tools.example",
        "required",
        "30",
        '{"sluicePolicy":1,"name":"p"}',
        "on",
        "2",
      ),
    ],
    dictionary: [...urlWords, ...jsonWords, "=", ",", "required", "on", "\n%%\n"],
    run: runSettings,
  },
  {
    name: "config",
    seeds: [
      ...filesAt(["test/cli/**/*.config.yaml", "src/deploy/**/*.yaml"], 6_000),
      "sluice: 1\nport: 8787\nstore: data.sqlite\nplans: [a.json]\nadmin: { env: ADMIN }\nretention: { sessions: 30d, receipts: 12h }\nhosts: [a.example]\noidc: { issuer: https://i.example, audience: sluice, roles: { viewer: [a] } }\n",
      '{"sessions":"30d","receipts":"12h"}',
      '{"until":"2031-01-01T00:00:00Z"}',
    ],
    dictionary: [...yamlWords, ...urlWords, "port:", "store:", "plans:", "admin:", "env:", "file:", "30d", "12h", "never"],
    run: runConfig,
  },
  {
    name: "command-line",
    seeds: [
      "lint\nplans/support/plan.yaml\n--catalog\nplans/support/catalogue.json\n--json",
      "replay\nplans/support/plan.yaml\nplans/support/benign.jsonl",
      "explain\nx\n--call\n3",
      "import\n--from\nopenai\ntest/intent/formats/openai/chat-message.json",
      "diff\na\nb",
      'params\nplans/support/plan.yaml\n--params\n{"a":1}',
    ],
    dictionary: [
      "--json",
      "--help",
      "--catalog",
      "--params",
      "--policy",
      "--call",
      "--from",
      "python",
      "--",
      "-",
      "--x=y",
      "=",
      "lint",
      "replay",
      "\n",
      "plans/support/plan.yaml",
      "/dev/null",
      "\u001b[31m",
      "starter:github",
    ],
    lengthMax: 600,
    notLinear: "a file of the project is read and linted, whatever the words",
    run: runCommandLine,
  },
  {
    name: "dashboard",
    seeds: [
      asked("/"),
      asked("/plans"),
      asked("/live?principal=<x-fuzz>&q=%22%3E"),
      asked("/audit?from=2031-01-01&kind=deny&q=<x-fuzz>&after=1"),
      asked("/approvals"),
      asked("/sessions/s_x"),
      asked("/reports?from=x"),
      asked("/signals"),
      asked("/drafts"),
      posted("/login", `credential=${admin}&next=/console/plans`),
      posted("/drafts", "name=a&plan=%7B%7D&csrf=x"),
      posted("/theme", "theme=dark"),
    ],
    dictionary: [
      ...urlWords,
      "<x-fuzz>",
      "%3Cx-fuzz%3E",
      "&csrf=",
      "?",
      "=",
      "&",
      "GET ",
      "POST ",
      "/plans",
      "/live",
      "/audit",
      "/access",
      "/compare",
      "/subjects",
      "accept: text/event-stream",
      "cookie: sluice-8787=x",
    ],
    lengthMax: 2_000,
    notLinear: "a page is made of what is stored, not of the request",
    run: runDashboard,
  },
];
