/**
 * `sluice hook`: what a coding agent's hook runs before and after each tool call. Reads the event on standard input, answers on standard output
 * in the agent's own words. State is in SQLite, one session for each session of the agent.
 * Never ends with another code than 0 or 2: any other is no denial to an agent. What goes wrong is a denial.
 */
import { type Command, InvalidArgumentError } from "commander";
import { hasAuditLog } from "../../audit/marker.ts";
import { canonicalJson } from "../../json/canonical.ts";
import type { JsonObject } from "../../json/value.ts";
import { ConfigError } from "../../result.ts";
import type { SqliteStore } from "../../stores/sqlite.ts";
import { mintSession } from "../../surfaces/credential.ts";
import { answerHook, blocked, type HookAnswer, hookFormats, readHook } from "../../surfaces/hook/hook.ts";
import { createFirewall } from "../../surfaces/options.ts";
import { derivedRandom, hookKey, hookStoreDefault } from "../hook-key.ts";
import { addFile, InputError, readParams, readPolicyFiles, readText } from "../read/input.ts";
import { makeOwnFile } from "../read/own-file.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";
import { readFrozen } from "../read/plan-file.ts";
import { parsersFor } from "../read/sql-parsers.ts";
import { loadSqliteStores } from "../read/sqlite.ts";

interface Options {
  readonly plan?: string;
  readonly catalog?: true;
  readonly params?: string;
  readonly principal: string;
  readonly store?: string;
  readonly format?: string;
  readonly session?: string;
  readonly policy?: readonly string[];
  readonly lease: number;
  readonly ask?: true;
}

/** Seconds that a coding agent's call may take: tests and builds run long, and the agent may ask its user before. */
const leaseDefault = 3_600;

/** Adds `hook --plan FILE`. */
export function addHook(program: Command, { terminal }: Context): void {
  program
    .command("hook")
    .description(
      `decide a coding agent's tool call, as its hook before each call, and record the result, as its hook after it; agents: ${Object.keys(hookFormats).join(", ")}`,
    )
    .option("--plan <file>", "the frozen plan of the agent's sessions")
    .option("--params <json>", "parameters of the sessions: a JSON object, or @FILE")
    .option("--principal <name>", "whom the agent acts for", "user")
    .option("--store <file>", "file of the SQLite store; default: sluice/hook.db in the user's state folder")
    .option("--format <agent>", "whose hook this is; default: known by the input's fields", readFormat)
    .option("--session <name>", "the agent's session, for an agent that does not name it")
    .option("--policy <file>", "policies that hold besides those of the plan; the stricter of each", addFile)
    .option("--lease <seconds>", "how long a call may take before its result counts no more", readLease, leaseDefault)
    .option("--ask", "let the agent ask its user about calls that the plan allows, as it would have")
    .option("--catalog", "print a catalogue of the agent's own tools instead, to plan with; with --format")
    .action(async (options: Options) => {
      if (options.catalog === true) return terminal.write(`${await catalogText(options.format)}\n`);
      const answer = await answered(options);
      if (answer.stdout !== undefined) terminal.write(`${canonicalJson(answer.stdout)}\n`);
      if (answer.exit === 2) throw new InputError(answer.stderr ?? "denied");
      if (answer.stderr !== undefined) terminal.say(answer.stderr);
    });
}

async function catalogText(format: string | undefined): Promise<string> {
  const { agentCatalogue, cataloguedAgents } = await import("../../surfaces/hook/tools.ts");
  const catalogue = agentCatalogue(format ?? "");
  if (catalogue === undefined) throw new InputError(`--catalog: with --format, one of ${cataloguedAgents.join(", ")}`);
  return jsonText(catalogue, 2);
}

function readFormat(text: string): string {
  if (!Object.hasOwn(hookFormats, text)) throw new InvalidArgumentError(`known are ${Object.keys(hookFormats).join(", ")}.`);
  return text;
}

function readLease(text: string): number {
  const seconds = Number(text);
  if (!(Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400))
    throw new InvalidArgumentError("a whole number of seconds from 1 to 86400 is needed.");
  return seconds;
}

/** The answer to what stands on standard input. A fault of ours blocks, and says no more than that there was one. */
async function answered(options: Options): Promise<HookAnswer> {
  try {
    return await decide(options);
  } catch (error) {
    if (error instanceof InputError) throw error;
    return blocked("INTERNAL");
  }
}

async function decide(options: Options): Promise<HookAnswer> {
  if (options.plan === undefined) throw new InputError("--plan: the frozen plan of the agent's sessions is needed");
  const hook = readHook(await readText("-"), options);
  if (hook === undefined) return blocked("CALL_MALFORMED");
  if (hook.event.kind === "other") return { exit: 0 };
  const plan = await readFrozen(options.plan);
  const params = (await readParams(options.params)) ?? {};
  const policy = await readPolicyFiles(options.policy);
  const path = options.store ?? hookStoreDefault();
  const key = hookKey(path);
  // Whoever the agent is, and whatever it calls its session: another plan, principal or agent is another session.
  const { server } = hook.format;
  const name = canonicalJson([plan.digest, options.principal, server, hook.event.session, params]);
  const conversation = mintSession(derivedRandom(key, canonicalJson(["conversation", server, hook.event.session]))).session;
  const { store, isAudited } = await openStore(path);
  try {
    const enforcer = createFirewall({
      plans: [plan],
      store,
      sql: await parsersFor([plan], policy),
      random: derivedRandom(key, name),
      leaseSeconds: options.lease,
      recordCalls: isAudited,
      ...(policy === undefined ? {} : { policy }),
    });
    const { token } = mintSession(derivedRandom(key, name));
    const unknown = await enforcer.admit(token);
    if (unknown?.code === "SESSION_UNKNOWN")
      await openSession(enforcer, { plan: plan.digest, principal: options.principal, conversation, params });
    return await answerHook({ enforcer, token, asks: options.ask === true }, hook);
  } finally {
    store.close();
  }
}

/** Opens the session of this plan for the agent's session; that another hook was faster is as well. */
async function openSession(
  enforcer: ReturnType<typeof createFirewall>,
  session: { readonly plan: string; readonly principal: string; readonly conversation: string; readonly params: JsonObject },
): Promise<void> {
  const opened = await enforcer.open(session);
  if (opened.ok || opened.error.code === "SESSION_CONFLICT") return;
  const { code, pointer, message } = opened.error;
  throw new InputError(
    `no session can be opened: ${code}${pointer === undefined ? "" : ` at ${pointer}`}${message === undefined ? "" : `: ${message}`}`,
  );
}

/** Opens the store; one that has an audit log gets what the hook does into its journal. */
async function openStore(path: string): Promise<{ readonly store: SqliteStore; readonly isAudited: boolean }> {
  const store = await openFile(path, false);
  const audited = await hasAuditLog(store);
  if (audited.ok && !audited.value) return { store, isAudited: false };
  store.close();
  if (!audited.ok) throw new InputError(`--store: ${path}: whether it has an audit log cannot be read`);
  return { store: await openFile(path, true), isAudited: true };
}

async function openFile(path: string, journal: boolean): Promise<SqliteStore> {
  try {
    const { openSqliteStore } = await loadSqliteStores();
    makeOwnFile(path);
    return openSqliteStore(path, { journal });
  } catch (error) {
    if (error instanceof ConfigError) throw new InputError(`--store: ${path}: ${error.message}`);
    throw new InputError(`--store: ${path} cannot be opened as a SQLite file of Sluice`);
  }
}
