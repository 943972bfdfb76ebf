/**
 * The MCP servers of a command line: `--upstream NAME=URL`, `--upstream NAME=COMMAND …`, or a file of them.
 * Never takes a secret from a file or an argument: they name variables of the environment.
 */
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { ConfigError } from "../../result.ts";
import { httpServer } from "../../surfaces/mcp/upstream-http.ts";
import { stdioServer } from "../../surfaces/mcp/upstream-stdio.ts";
import type { UpstreamServer } from "../../surfaces/mcp/upstream.ts";
import { type Configured, readConfig } from "../config/config.ts";
import { secretAt, type SecretWorld } from "../config/secret.ts";
import { InputError } from "../read/input.ts";
import { startProcess } from "./process.ts";

/** Options that name servers. */
export interface McpServerOptions {
  readonly upstream?: readonly string[];
  readonly config?: string;
  readonly credential?: readonly string[];
  /** The servers of a configuration that was read already, in place of `config`. */
  readonly servers?: Configured;
}

/** Variables that a process of a server gets if they are there: what programs need to run at all. */
const plainVariables = ["HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TEMP", "TMP", "USER", "SystemRoot"];

/** The servers that the options name. Exit 2 for what is unusable. */
export async function readMcpServers(options: McpServerOptions): Promise<readonly UpstreamServer[]> {
  const specs = new Map<string, JsonObject>();
  const add = (name: string, spec: JsonObject): void => {
    if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name))
      throw new InputError("--upstream: a server's name has letters, digits, `_`, `.` and `-` only");
    if (specs.has(name)) throw new InputError(`--upstream: ${name} is named twice`);
    specs.set(name, spec);
  };
  const configured = options.servers ?? (await readConfig(options.config, { env: process.env, warn: () => undefined }));
  const { config, source, world } = configured;
  if (config.servers === undefined && options.config !== undefined)
    throw new InputError(`${options.config}: expected {"servers": {NAME: {"url"} or {"command", "args"}}}`);
  for (const [name, spec] of Object.entries(config.servers ?? {})) add(name, spec as unknown as JsonObject);
  for (const given of options.upstream ?? []) add(...readUpstream(given));
  if (specs.size === 0) throw new InputError("--upstream NAME=URL or NAME=COMMAND, or --config FILE: no server is named");
  const credentials = readCredentials(options.credential ?? [], specs);
  return [...specs].map(([name, spec]) => serverOf(name, spec, { credentials: credentials.get(name) ?? {}, source, world }));
}

function readUpstream(given: string): readonly [string, JsonObject] {
  const [, name, rest] = /^([^=\s]+)=(\S.*)$/s.exec(given) ?? [];
  if (name === undefined || rest === undefined)
    throw new InputError("--upstream: NAME=URL or NAME=COMMAND is needed, such as files=https://files.example/mcp");
  if (/^https?:\/\//.test(rest)) return [name, { url: rest }];
  if (/["'`$\\]/.test(rest)) throw new InputError("--upstream: a command is words without quotes here; --config takes any");
  const [command = "", ...args] = rest.split(/\s+/).filter((word) => word !== "");
  return [name, { command, args }];
}

/** `NAME=bearer:VARIABLE` or `NAME=header:HEADER:VARIABLE`, by server. */
function readCredentials(
  given: readonly string[],
  specs: ReadonlyMap<string, JsonObject>,
): ReadonlyMap<string, { readonly [header: string]: string }> {
  const found = new Map<string, { readonly [header: string]: string }>();
  for (const each of given) {
    const [, name = "", kind, header, variable = ""] =
      /^([A-Za-z0-9_.-]+)=(?:(bearer)|header:([A-Za-z0-9-]+)):([A-Za-z_][A-Za-z0-9_]*)$/.exec(each) ?? [];
    if (member(specs.get(name), "url") === undefined)
      throw new InputError("--credential: SERVER=bearer:VARIABLE or SERVER=header:NAME:VARIABLE, for a server with a URL");
    const secret = environment(variable, "--credential");
    found.set(name, {
      ...found.get(name),
      ...(kind === "bearer" ? { authorization: `Bearer ${secret}` } : { [(header ?? "").toLowerCase()]: secret }),
    });
  }
  return found;
}

function environment(variable: string, place: string): string {
  const value = process.env[variable];
  if (value === undefined || value === "") throw new InputError(`${place}: the environment has no ${variable}`);
  return value;
}

interface ServerWorld {
  readonly credentials: { readonly [header: string]: string };
  readonly source: string | undefined;
  readonly world: SecretWorld;
}

function serverOf(name: string, spec: JsonObject, { credentials, source, world }: ServerWorld): UpstreamServer {
  const place = `server ${name}`;
  const url = member(spec, "url");
  const command = member(spec, "command");
  if ((url === undefined) === (command === undefined)) throw new InputError(`${place}: either \`url\` or \`command\` is needed`);
  if (typeof url === "string") {
    const era = eraOf(member(spec, "era"), place);
    const headers = { ...headersOf(member(spec, "headers"), `${source ?? ""}: /servers/${name}/headers`, world), ...credentials };
    try {
      return httpServer({ name, url, headers, era });
    } catch (error) {
      if (error instanceof ConfigError) throw new InputError(`${place}: ${error.message}`);
      throw error;
    }
  }
  const args = member(spec, "args") ?? [];
  if (typeof command !== "string" || command === "" || !isArray(args) || !args.every((arg) => typeof arg === "string"))
    throw new InputError(`${place}: \`command\` must be a program and \`args\` a list of texts`);
  const env = childEnvironment(member(spec, "env"), place);
  return stdioServer({ name, start: () => startProcess({ command, args: args as readonly string[], env }) });
}

function eraOf(value: Json | undefined, place: string): "auto" | "session" | "stateless" | "sse" {
  if (value === undefined) return "auto";
  if (value === "auto" || value === "session" || value === "stateless" || value === "sse") return value;
  throw new InputError(`${place}: \`era\` must be auto, session, stateless or sse`);
}

/** Headers of a file: a secret is `{"env": VARIABLE}` or `{"file": PATH}`, with what stands before it as `prefix`. */
function headersOf(value: Json | undefined, place: string, world: SecretWorld): { readonly [name: string]: string } {
  if (value === undefined) return {};
  if (!isObject(value)) throw new InputError(`${place}: \`headers\` must be an object`);
  return Object.fromEntries(
    Object.entries(value).map(([name, given]) => {
      if (typeof given === "string") return [name.toLowerCase(), given];
      const [env, file, prefix] = ["env", "file", "prefix"].map((each) => member(given, each));
      const secret = secretAt(
        { ...(typeof env === "string" ? { env } : {}), ...(typeof file === "string" ? { file } : {}) },
        `${place}/${name.slice(0, 40)}`,
        world,
      );
      return [name.toLowerCase(), (typeof prefix === "string" ? prefix : "") + secret];
    }),
  );
}

/** What the process of a server gets of our environment: what every program needs, and the variables that the operator names. */
function childEnvironment(value: Json | undefined, place: string): { readonly [name: string]: string } {
  const own = Object.fromEntries(
    plainVariables.flatMap((name) => {
      const there = process.env[name];
      return there === undefined ? [] : [[name, there] as const];
    }),
  );
  if (value === undefined) return own;
  // A list: variables to hand on. An object: values, which are no secrets since they stand in a file.
  if (isArray(value) && value.every((name) => typeof name === "string"))
    return { ...own, ...Object.fromEntries(value.map((name) => [name, environment(name, place)])) };
  if (isObject(value) && Object.values(value).every((text) => typeof text === "string"))
    return { ...own, ...(value as { readonly [name: string]: string }) };
  throw new InputError(`${place}: \`env\` must be a list of variables to hand on, or an object of texts`);
}
