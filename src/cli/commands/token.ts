/**
 * `sluice token`: people and programs that may look, approve or administer; made, listed and revoked in the store itself.
 * Never shows a token but when it is made, alone on standard output, and never makes a store where there was none.
 */
import { userInfo } from "node:os";
import type { Command } from "commander";
import { isRole, roles } from "../../access/identity.ts";
import { makeLoginCode } from "../../access/login-codes.ts";
import {
  type Noting,
  createTokens,
  holds,
  type TokenInfo,
  type TokenProblem,
  type Tokens,
  tokenDaysDefault,
} from "../../access/tokens.ts";
import type { Json, JsonObject } from "../../json/value.ts";
import type { Result } from "../../result.ts";
import type { Store } from "../../stores/store.ts";
import { systemRandom } from "../../surfaces/random.ts";
import { InputError } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";
import { existingStore, openStore, withStore } from "../read/store-url.ts";
import { type Cell, type Column, headLine, rowLine, widthsOf } from "../show/table.ts";
import type { Terminal } from "../show/terminal.ts";

interface Options {
  readonly store?: string;
  readonly json?: true;
}

interface NewOptions extends Options {
  readonly name: string;
  readonly role: string;
  readonly days: number;
}

interface LoginOptions extends Options {
  readonly token?: string;
  readonly url: string;
}

/** Adds `token new|list|revoke|login-url`. */
export function addToken(program: Command, { terminal }: Context): void {
  const token = program
    .command("token")
    .description("who may look, approve or administer at the host's routes and the dashboard");
  const add = (name: string, about: string): Command =>
    withStore(token.command(name).description(about)).option("--json", "print JSON");
  add("new", "make one and print it, once")
    .requiredOption("--name <name>", "whose it is, as the audit log and approvals say it")
    .requiredOption("--role <role>", roles.join(", "))
    .option("--days <days>", "how long it holds", readDays, tokenDaysDefault)
    .action((options: NewOptions) => make(options, terminal));
  add("list", "all, with who made them, how long they hold and when they were last used").action((options: Options) =>
    list(options, terminal),
  );
  add("revoke", "end one; running hosts refuse it within a second")
    .argument("<id>", "as `list` shows it")
    .action((id: string, options: Options) => revoke(id, options, terminal));
  add("login-url", "print an address that logs a browser in, once, within five minutes")
    .option("--token <id>", "as whom: the id of a token; default: the host itself")
    .option("--url <url>", "where the dashboard is", "http://127.0.0.1:8787/dashboard")
    .action((options: LoginOptions) => loginUrl(options, terminal));
}

function readDays(text: string): number {
  if (!/^[0-9]{1,4}$/.test(text)) throw new InputError("--days: a whole number is needed");
  return Number(text);
}

async function make({ name, role, days, ...options }: NewOptions, terminal: Terminal): Promise<void> {
  if (!isRole(role)) throw new InputError(`--role: one of ${roles.join(", ")} is needed`);
  const { token, info } = await through(options, async ({ tokens, note, by }) => {
    const noting = noted(() => note({ type: "grant", act: "token-made", name, role, days }));
    return answerOf(await tokens.make({ name, role, days, by }, noting));
  });
  if (options.json) return terminal.write(`${jsonText({ ...shown(info), token })}\n`);
  terminal.say(`${info.role} ${info.name}, token ${info.id}, until ${dayOf(info.expiresAt)}; it is shown only now:`);
  terminal.write(`${token}\n`);
}

/** A note that was made when it answers. */
function noted(note: () => Promise<void>): Noting {
  return async () => {
    await note();
    return true;
  };
}

async function list(options: Options, { write, paint }: Terminal): Promise<void> {
  const all = await through(options, async ({ tokens }) => answerOf(await tokens.list()));
  if (options.json) return write(`${jsonText({ tokens: all.map(shown) })}\n`);
  if (all.length === 0) return write("there are no tokens; `sluice token new` makes one\n");
  const columns: readonly Column[] = ["id", "name", "role", "state", "last used", "made by"].map((title) => ({ title }));
  const rows = all.map((info): readonly Cell[] => {
    const used = info.usedAt === undefined ? "never" : dayOf(info.usedAt);
    return [info.id, info.name, info.role, stateOf(info), used, info.createdBy].map((text) => ({ text }));
  });
  const widths = widthsOf(columns, rows);
  write(`${[headLine(columns, widths, paint.bold), ...rows.map((row) => rowLine(columns, widths, row))].join("\n")}\n`);
}

async function revoke(id: string, options: Options, { write }: Terminal): Promise<void> {
  const info = await through(options, async ({ tokens, note, by }) => {
    const noting = noted(() => note({ type: "revoke", act: "token-revoked", token: id }));
    return answerOf(await tokens.revoke(id, by, noting));
  });
  write(options.json ? `${jsonText(shown(info))}\n` : `${info.role} ${info.name}: token ${info.id} is revoked\n`);
}

async function loginUrl({ token, url, ...options }: LoginOptions, { write, say }: Terminal): Promise<void> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol) || /[?#]/.test(url))
    throw new InputError("--url: the http or https URL of the dashboard is needed, such as http://127.0.0.1:8787/dashboard");
  const code = await through(options, async ({ store, tokens, note }) => {
    if (token !== undefined && answerOf(await tokens.standing(token)) === undefined)
      throw new InputError("--token: there is no such token, or it does not hold any more");
    await note({ type: "admin", act: "login-url-made", ...(token === undefined ? {} : { token }) });
    const made = await makeLoginCode(
      { store, clock: Date.now, random: systemRandom },
      token === undefined ? { host: true } : { token },
    );
    if (!made.ok) throw new InputError("--store: it does not answer");
    return made.value;
  });
  const address = `${url.replace(/\/$/, "")}/login#code=${code}`;
  if (options.json) return write(`${jsonText({ url: address })}\n`);
  say("good for one login, within five minutes:");
  write(`${address}\n`);
}

interface Opened {
  readonly store: Store;
  readonly tokens: Tokens;
  /** Who works here, as notes and tokens say it. */
  readonly by: string;
  /** Notes an act before it is done. Exit 2: the store does not answer, and nothing is done. */
  readonly note: (facts: JsonObject) => Promise<void>;
}

/** Does something in the store that is meant. Exit 2: it ends with its process, or there is none. */
async function through<T>({ store: given }: Options, job: (opened: Opened) => Promise<T>): Promise<T> {
  // With a journal, whether or not a log is kept of it now: what was done here belongs into one that is begun later, too.
  const { store, close } = await openStore(existingStore(given), { journal: true });
  const by = operator();
  try {
    const tokens = createTokens({ store, clock: Date.now, random: systemRandom });
    const note = async (facts: JsonObject): Promise<void> => {
      const noted = await store.note({ ...facts, at: Date.now(), by, credential: "store" });
      if (!noted.ok) throw new InputError("--store: it does not answer");
    };
    return await job({ store, tokens, by, note });
  } finally {
    await close();
  }
}

/** The user of this machine: names of tokens have no colon. */
function operator(): string {
  try {
    return `cli:${userInfo()
      .username.replace(/[^\w.-]/g, "_")
      .slice(0, 64)}`;
  } catch {
    // A container may have no entry for its user.
    return "cli";
  }
}

function answerOf<T>(result: Result<T, TokenProblem>): T {
  if (result.ok) return result.value;
  const { error } = result;
  if (error.kind === "invalid") throw new InputError(`--${error.member}: ${error.message}`);
  if (error.kind === "unknown") throw new InputError("ID: there is no such token; `sluice token list` shows them");
  throw new InputError(error.kind === "full" ? "--store: it has as many tokens as may be" : "--store: it does not answer");
}

function stateOf(info: TokenInfo): string {
  if (info.revokedAt !== undefined) return `revoked ${dayOf(info.revokedAt)} by ${info.revokedBy ?? ""}`;
  return `${holds(info, Date.now()) ? "until" : "expired"} ${dayOf(info.expiresAt)}`;
}

function shown(info: TokenInfo): { readonly [name: string]: Json } {
  const { createdAt, expiresAt, usedAt, revokedAt, ...rest } = info;
  const times = { createdAt, expiresAt, usedAt, revokedAt };
  const texts = Object.entries(times).flatMap(([name, ms]) => (ms === undefined ? [] : [[name, new Date(ms).toISOString()]]));
  return { ...rest, ...Object.fromEntries(texts), isValid: holds(info, Date.now()) };
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
