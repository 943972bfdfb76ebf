/**
 * Reads the configuration of a command: defaults < file < environment < command line, each checked before anything starts.
 * Never goes on with a member or a value that it does not know, and never takes a secret from the command line.
 */
import { dirname, isAbsolute, resolve } from "node:path";
import type { Command, Option } from "commander";
import { pointerOf, showPointer } from "../../json/pointer.ts";
import type { Finding } from "../../plan/finding.ts";
import type { Result } from "../../result.ts";
import { isObject, type JsonObject, member } from "../../json/value.ts";
import { InputError, readValue, refuseInput } from "../read/input.ts";
import { plain } from "../show/terminal.ts";
import { type Config, parseConfig } from "./form.ts";
import { secretAt, secretOfEnvironment, type SecretWorld } from "./secret.ts";
import { type ConfiguredCommand, type Setting, settings } from "./settings.ts";

/** A configuration that was read. */
export interface Configured {
  readonly config: Config;
  /** Name of the file; absent: there is none. */
  readonly source: string | undefined;
  readonly world: SecretWorld;
}

/** Where the value of an option comes from. */
export type Origin = "default" | "file" | "environment" | "command line";

/** Options of a command as they hold, and what has no option. */
export interface Settled<Options> extends Configured {
  readonly options: Options;
  /** By the name of the option. */
  readonly origins: ReadonlyMap<string, Origin>;
}

/** What a configuration is read with. */
interface Reading {
  readonly env: SecretWorld["env"];
  readonly warn: (line: string) => void;
}

/** Adds what every command with a configuration has. */
export function addConfigOptions(command: Command): Command {
  return command
    .option(
      "--config <file>",
      "settings in a file (JSON or YAML; `sluice config check` tries it); options given here come before it",
    )
    .option("--watch", "read plans and policies again when their files change (a SIGHUP does it, too)")
    .option("--shutdown <seconds>", "how long calls in flight may take when this is asked to end; default 10", readShutdown)
    .option("--clock-skew <seconds>", "by how much the clocks of the machines behind one store may differ", readSkew);
}

function readShutdown(text: string): number {
  return readCount("--shutdown", text, 600);
}

function readSkew(text: string): number {
  return readCount("--clock-skew", text, 300);
}

function readCount(name: string, text: string, max: number): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > max) throw new InputError(`${name}: a whole number of seconds from 0 to ${max}`);
  return Number(text);
}

/** The options of a command that was parsed, with what the file and the environment add. Exit 2 with the first fault, and how many more there are. */
export async function settle<Options>(command: Command, reading: Reading): Promise<Settled<Options>> {
  const given = command.opts<{ readonly config?: string }>();
  const configured = await readConfig(given.config ?? (reading.env.SLUICE_CONFIG || undefined), reading);
  return settleOver(command, configured);
}

/** The options of a command over a configuration that was read. */
export function settleOver<Options>(command: Command, configured: Configured): Settled<Options> {
  const name = command.name() as ConfiguredCommand;
  const values = new Map<string, unknown>(Object.entries(command.opts()));
  const origins = new Map<string, Origin>();
  for (const option of command.options) {
    const attribute = option.attributeName();
    const isGiven = command.getOptionValueSource(attribute) === "cli";
    if (isGiven) origins.set(attribute, "command line");
    else if (values.get(attribute) !== undefined) origins.set(attribute, "default");
    for (const setting of settings) {
      if (setting.option !== attribute || (setting.only !== undefined && !setting.only.includes(name))) continue;
      if (isGiven && setting.adds !== true) continue;
      take(setting, { option, configured, values, origins, isGiven });
    }
  }
  return { ...configured, options: Object.fromEntries(values) as Options, origins };
}

interface Taking {
  readonly option: Option;
  readonly configured: Configured;
  readonly values: Map<string, unknown>;
  readonly origins: Map<string, Origin>;
  readonly isGiven: boolean;
}

/** Takes one setting from the environment or the file, in the option's own words. */
function take(setting: Setting, { option, configured, values, origins, isGiven }: Taking): void {
  const found = fromEnvironment(setting, option, configured) ?? fromFile(setting, option, configured);
  const added = setting.adds === true ? bothOf(setting, option, configured) : found;
  if (added === undefined) return;
  if (setting.adds === true && isGiven)
    return void values.set(setting.option, [
      ...new Set([...((values.get(setting.option) ?? []) as readonly string[]), ...(added.value as readonly string[])]),
    ]);
  if (added.value === undefined) values.delete(setting.option);
  else values.set(setting.option, added.value);
  origins.set(setting.option, added.origin);
}

interface Taken {
  readonly value: unknown;
  readonly origin: Origin;
}

function bothOf(setting: Setting, option: Option, configured: Configured): Taken | undefined {
  const parts = [fromFile(setting, option, configured), fromEnvironment(setting, option, configured)].filter(
    (part) => part !== undefined,
  );
  const last = parts.at(-1);
  return last === undefined
    ? undefined
    : { origin: last.origin, value: parts.flatMap(({ value }) => value as readonly string[]) };
}

function fromEnvironment(setting: Setting, option: Option, { world }: Configured): Taken | undefined {
  const name = setting.env;
  const text = name === undefined ? undefined : world.env[name];
  if (name === undefined || text === undefined || text === "") return undefined;
  const value = setting.kind === "paths" ? text.split(",").filter((part) => part !== "") : text;
  return { origin: "environment", value: named(name, () => asGiven(option, value)) };
}

function fromFile(setting: Setting, option: Option, { config, source, world }: Configured): Taken | undefined {
  const given = setting.of(config);
  if (given === undefined) return undefined;
  const based = (path: string): string => (isAbsolute(path) || path.includes("://") ? path : resolve(world.folder, path));
  const list = (parts: readonly string[]): readonly string[] =>
    setting.kind === "paths" ? parts.map((part) => basedPart(part, based)) : parts;
  const value =
    typeof given === "string"
      ? setting.kind === "path"
        ? based(given)
        : given
      : typeof given === "boolean"
        ? given
        : list(given);
  return { origin: "file", value: named(`${source ?? ""}: ${pointerOf(setting.at)}`, () => asGiven(option, value)) };
}

/** `server=file` is a path with a name before it. */
function basedPart(part: string, based: (path: string) => string): string {
  const [, name, file] = /^([A-Za-z0-9_.-]+)=(.+)$/s.exec(part) ?? [];
  return name === undefined || file === undefined ? based(part) : `${name}=${based(file)}`;
}

/** A value as the option's own reader makes it of the words of a command line. */
function asGiven(option: Option, value: string | readonly string[] | boolean): unknown {
  if (option.isBoolean()) return flagOf(value);
  const parse = option.parseArg as ((text: string, before: unknown) => unknown) | undefined;
  if (typeof value === "boolean") throw new InputError("a text is needed");
  if (typeof value === "string") {
    if (option.variadic) return [value];
    return parse === undefined ? value : parse(value, undefined);
  }
  if (parse === undefined) return option.variadic ? value : only(value);
  return value.reduce<unknown>((before, text) => parse(text, before), undefined);
}

/** One option's value, where the file has a list for commands that take several. */
function only(values: readonly string[]): string {
  const [one, ...others] = values;
  if (one === undefined || others.length > 0) throw new InputError("this command takes one, and not several");
  return one;
}

function flagOf(value: string | readonly string[] | boolean): true | undefined {
  if (value === true || value === "true" || value === "1" || value === "required") return true;
  if (value === false || value === "false" || value === "0" || value === "none") return undefined;
  throw new InputError("true or false is needed");
}

/** Says in which place of the configuration a value stands that an option's own reader refuses. */
function named<T>(place: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof Error) throw new InputError(plain(`${place}: ${error.message}`));
    throw error;
  }
}

/** Reads a file of settings; none is an empty one. */
export async function readConfig(source: string | undefined, reading: Reading): Promise<Configured> {
  const { env, warn } = reading;
  if (source === undefined) return { config: {}, source, world: { env, warn, folder: process.cwd() } };
  const read = await readConfigFile(source);
  if (!read.ok) return refuseConfig(source, read.error);
  return { config: read.value, source, world: { env, warn, folder: dirname(resolve(source)) } };
}

/** The configuration in a file, or all that is wrong with it. Exit 2 for a file that is no JSON or YAML. */
export async function readConfigFile(source: string): Promise<Result<Config, readonly Finding[]>> {
  const value = await readValue(source);
  const client = clientServers(value);
  return parseConfig(client ?? value);
}

/** A desktop client's own file has its servers as `mcpServers`, beside what is the client's alone. */
function clientServers(value: unknown): JsonObject | undefined {
  if (!isObject(value as JsonObject)) return undefined;
  const servers = member(value as JsonObject, "mcpServers");
  return servers === undefined || Object.keys(value as JsonObject).some((key) => ours.has(key)) ? undefined : { servers };
}

/** Members that say that a file is ours, and no client's. */
const ours: ReadonlySet<string> = new Set(["servers", "plans", "policies", "listen", "store", "gateway"]);

function refuseConfig(source: string, findings: readonly Finding[]): never {
  const [first, ...others] = findings;
  const more = others.length === 0 ? "" : `; and ${others.length} more: \`sluice config check\` lists them`;
  return refuseInput(source, `${first?.message ?? ""} (${first?.code ?? ""})${more}`, { pointer: first?.pointer ?? "" });
}

/** The secret called `variable` in the environment, else where the configuration says, by its name there. Exit 2 if it says a place that has none. */
export function secretOf(variable: string, { config, source, world }: Configured, name: "admin" | "webhook"): string | undefined {
  const given = secretOfEnvironment(variable, world);
  if (given !== undefined) return given;
  const at = config.secrets?.[name];
  return at === undefined ? undefined : secretAt(at, `${source ?? ""}: /secrets/${name}`, world);
}

/** The store as it is named: on the command line, in the environment (`SLUICE_STORE`, `SLUICE_STORE_FILE`), in the file; else the default. `place`: where, for messages. */
export function storeOf(settled: Settled<{ readonly store: string }>): { readonly text: string; readonly place: string } {
  const { config, source, world, options, origins } = settled;
  if (origins.get("store") === "command line") return { text: options.store, place: "--store" };
  const given = secretOfEnvironment("SLUICE_STORE", world);
  if (given !== undefined) return { text: given, place: "SLUICE_STORE" };
  if (config.store === undefined) return { text: options.store, place: "--store" };
  const place = `${source ?? ""}: /store`;
  const text = typeof config.store === "string" ? config.store : secretAt(config.store, place, world);
  const isPath = text !== "memory" && !text.includes("://") && !isAbsolute(text);
  return { text: isPath ? resolve(world.folder, text) : text, place };
}

/**
 * An address as it is named: on the command line, else in the environment (`VARIABLE`, `VARIABLE_FILE`), else in the file. Exit 2: the command
 * line, which every process of a machine can read, has a password.
 */
export function addressOf<Name extends string>(
  { world, options, origins }: Settled<{ readonly [name in Name]?: string }>,
  option: Name,
  variable: string,
): string | undefined {
  const text = options[option];
  if (origins.get(option) !== "command line") return secretOfEnvironment(variable, world) ?? text;
  if (text !== undefined && hasPassword(text))
    throw new InputError(
      `${variable}: every process of this machine can read a command line: give a URL with a password as ${variable}, or in the file that ${variable}_FILE names`,
    );
  return text;
}

/** Whether a text is a URL with a password, or with a credential in the place of a user. */
export function hasPassword(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, searchParams } = new URL(text);
  return password !== "" || searchParams.has("password") || (/^(?:nats|tls):$/.test(protocol) && username !== "");
}

/** A line for each finding: where, what would be right. */
export function findingLine(source: string, { pointer, message, code }: Finding): string {
  return plain(`${source}: ${pointer === "" ? "" : `${showPointer(pointer)}: `}${message} (${code})`);
}
