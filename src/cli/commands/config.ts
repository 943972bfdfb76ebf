/**
 * `sluice config check|show`: whether a configuration can be used, and what holds in the end for a command.
 * Never prints a secret: of each it says only where it comes from.
 */
import { Command } from "commander";
import type { Finding } from "../../plan/finding.ts";
import { suggestion } from "../../plan/schema-issue.ts";
import type { Json, JsonObject } from "../../json/value.ts";
import { readRetention } from "../../stores/retention.ts";
import { adminToken } from "../config/admin-token.ts";
import { applied, approversOf, type OperatedOptions } from "../config/applied.ts";
import { type Configured, findingLine, readConfig, readConfigFile, type Settled, settleOver } from "../config/config.ts";
import { type ConfiguredCommand, otherVariables, secretVariables, settings } from "../config/settings.ts";
import { InputError } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";
import { storeName } from "../read/store-url.ts";
import { readPlans } from "../server/ground.ts";
import { plain } from "../show/terminal.ts";
import { yamlText } from "../show/yaml-text.ts";

/** Adds `config check FILE` and `config show [COMMAND]`. */
export function addConfig(program: Command, context: Context): void {
  const config = program.command("config").description("try a configuration file, or print what holds in the end");
  config
    .command("check")
    .description("everything that is wrong with a file, its plans, its policies and its secrets; exit 1 if anything is")
    .argument("<file>", "the configuration, JSON or YAML")
    .option("--json", "print the findings as JSON")
    .action(async (file: string, { json }: { readonly json?: true }) => check(file, { ...context, isJson: json === true }));
  config
    .command("show")
    .description("what holds for a command, of its defaults, the file and the environment; secrets by their place only")
    .argument("<command>", `one of ${Object.keys(adders).join(", ")}`)
    .option("--config <file>", "the configuration")
    .option("--json", "print it as JSON")
    .action(async (name: string, options: { readonly config?: string; readonly json?: true }) => show(name, options, context));
}

const adders: { readonly [C in ConfiguredCommand]: () => Promise<(program: Command, context: Context) => void> } = {
  serve: async () => (await import("./serve.ts")).addServe,
  gateway: async () => (await import("./gateway.ts")).addGateway,
  proxy: async () => (await import("./proxy.ts")).addProxy,
  "model-proxy": async () => (await import("./model-proxy.ts")).addModelProxy,
  mcp: async () => (await import("./mcp.ts")).addMcp,
};

async function check(file: string, { terminal, exit, isJson }: Context & { readonly isJson: boolean }): Promise<void> {
  const read = await readConfigFile(file);
  const warnings: string[] = [];
  const findings: (Finding | { readonly message: string })[] = read.ok ? await deepFindings(file, warnings) : [...read.error];
  if (findings.length > 0) exit(1);
  for (const line of [...warnings, ...unknownVariables(process.env, read.ok ? read.value : {})]) terminal.say(line);
  if (isJson) return terminal.write(`${jsonText({ findings } as unknown as Json, 2)}\n`);
  for (const finding of findings) terminal.write(`${"code" in finding ? findingLine(file, finding) : plain(finding.message)}\n`);
  if (findings.length === 0) terminal.write(`${plain(file)}: it can be used\n`);
}

/** What only shows when the file's secrets, plans and policies are read; each by itself, so that one does not hide another. */
async function deepFindings(file: string, warnings: string[]): Promise<{ readonly message: string }[]> {
  const found: { readonly message: string }[] = [];
  const configured = await readConfig(file, { env: process.env, warn: (line) => void warnings.push(line) });
  const { config } = configured;
  const retention = config.retention === undefined ? undefined : readRetention(config.retention);
  if (retention?.ok === false)
    for (const { pointer, message } of retention.error) found.push({ message: `${file}: /retention${pointer}: ${message}` });
  const settled = settleOver<SettledOptions>(await parsed("serve"), configured);
  const tries: readonly (() => unknown)[] = [
    () => adminToken(configured),
    () => approversOf(configured),
    ...(retention?.ok === false ? [] : [() => applied(settled)]),
    () => readPlans(settled.options.plan ?? [], settled.options.policy),
  ];
  for (const attempt of tries) {
    try {
      await attempt();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      found.push({ message: error.message });
    }
  }
  return found;
}

interface SettledOptions extends OperatedOptions {
  readonly plan?: readonly string[];
  readonly policy?: readonly string[];
}

/** Variables that look like ours and are not: a secret that is misspelt would be made anew at every start. */
function unknownVariables(env: Configured["world"]["env"], config: unknown): readonly string[] {
  const secrets = secretVariables.flatMap((name) => [name, `${name}_FILE`]);
  const others = otherVariables.map(({ name }) => name);
  const known = new Set([...settings.flatMap((setting) => setting.env ?? []), ...secrets, ...others]);
  const named = jsonText(config as Json);
  return Object.keys(env)
    .filter((name) => name.startsWith("SLUICE_") && !known.has(name) && !named.includes(`"${name}"`))
    .map((name) => `${plain(name)}: no variable that is read here${suggestion(name, known)}`);
}

/** A command as it is when nothing is said on its command line. */
async function parsed(name: ConfiguredCommand): Promise<Command> {
  const scratch = new Command("sluice");
  const add = await adders[name]();
  add(scratch, { terminal: { write: () => undefined, say: () => undefined } as never, exit: () => undefined });
  return scratch.commands[0] as Command;
}

async function show(
  name: string,
  { config: file, json }: { readonly config?: string; readonly json?: true },
  { terminal }: Context,
): Promise<void> {
  if (!Object.hasOwn(adders, name)) throw new InputError(`config show: one of ${Object.keys(adders).join(", ")} is needed`);
  const source = file ?? (process.env.SLUICE_CONFIG || undefined);
  const configured = await readConfig(source, { env: process.env, warn: terminal.say });
  const settled = settleOver<OperatedOptions>(await parsed(name as ConfiguredCommand), configured);
  const shown = shownSettings(settled);
  terminal.write(json === true ? `${jsonText(shown, 2)}\n` : yamlText(shown));
}

function storeOrigin({ world, config }: Configured): string {
  if ((world.env.SLUICE_STORE ?? "") !== "" || (world.env.SLUICE_STORE_FILE ?? "") !== "") return "environment";
  return config.store === undefined ? "default" : "file";
}

/** Each option with its value and where that comes from; secrets by their place; the rest of the file as it is, since it holds none. */
function shownSettings(settled: Settled<OperatedOptions>): JsonObject {
  const { config, options, origins, source, world } = settled;
  const store = applied(settled).store;
  const values = Object.entries(options as unknown as { readonly [name: string]: unknown }).filter(
    ([, value]) => value !== undefined,
  );
  const listed = values.map(([name, value]): readonly [string, Json] => [
    name,
    {
      value: name === "store" ? storeName(store) : value instanceof URL ? storeName(value.href) : (value as Json),
      from: name === "store" ? storeOrigin(settled) : (origins.get(name) ?? "default"),
    },
  ]);
  const secrets = secretVariables.flatMap((name): readonly (readonly [string, Json])[] => {
    if ((world.env[name] ?? "") !== "") return [[name, "the environment"]];
    const path = world.env[`${name}_FILE`] ?? "";
    return path === "" ? [] : [[name, `the file ${path}`]];
  });
  const { limits, servers, secrets: places, proxy, retention, sessions, reload } = config;
  const upstreams = proxy?.upstreams;
  const rest = { limits, servers, secrets: places, upstreams, retention, sessions, reload };
  return {
    ...(source === undefined ? {} : { file: source }),
    options: Object.fromEntries(listed),
    ...(secrets.length === 0 ? {} : { environment: Object.fromEntries(secrets) }),
    ...(Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as unknown as JsonObject),
  };
}
