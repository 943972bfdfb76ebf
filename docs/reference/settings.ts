/**
 * The reference of all settings, in Markdown: the configuration file by its form, the variables of the environment, the variables of a Worker.
 * Reads the tables of the source; a member without a sentence is an error, and so is a sentence without a member.
 */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { configJsonSchema } from "../../src/cli/config/form.ts";
import { otherVariables, type Setting, settings } from "../../src/cli/config/settings.ts";
import { createProgram, named } from "../../src/cli/program.ts";
import type { Terminal } from "../../src/cli/show/terminal.ts";
import { isArray, isObject, type Json, type JsonObject } from "../../src/json/value.ts";
import { table } from "./codes.ts";
import { kindOf } from "./plan-schema.ts";
import { placeTexts, settingDefaults, settingTexts } from "./setting-texts.ts";

/** Commands that take the file, in the order of the reference. */
const commandNames = ["serve", "gateway", "proxy", "model-proxy", "mcp"] as const;
/** Parts of the file that only some commands read and that no option shows to be theirs. */
const readers: Readonly<Record<string, readonly string[]>> = {
  access: ["serve", "gateway", "proxy", "model-proxy"],
  serve: ["serve"],
  gateway: ["gateway"],
  proxy: ["proxy"],
  modelProxy: ["model-proxy"],
  mcp: ["mcp"],
  servers: ["gateway"],
};

interface Member {
  readonly path: string;
  readonly schema: JsonObject;
}

/** A command, and its options by the names that the table of settings has. */
type Commands = ReadonlyMap<string, Command>;

async function configuredCommands(): Promise<Commands> {
  const terminal = { write: () => {}, say: () => {} } as unknown as Terminal;
  const program = createProgram({ terminal, exit: () => {} }, await named([]));
  return new Map(
    commandNames.map((name) => {
      const command = program.commands.find((each) => each.name() === name);
      if (command === undefined) throw new Error(`there is no command ${name}`);
      return [name, command];
    }),
  );
}

/** Every member of the file that holds a value, with the place of each; a name that the operator chooses is `NAME`. */
function membersOf(schema: JsonObject, path: string, definitions: JsonObject): readonly Member[] {
  const { $ref, properties, additionalProperties: named, items, anyOf } = schema;
  if (typeof $ref === "string") {
    const name = $ref.slice("#/$defs/".length);
    const definition = definitions[name];
    if (!isObject(definition)) throw new Error(`no definition ${name}`);
    return name === "Secret" ? [{ path, schema }] : membersOf(definition, path, definitions);
  }
  if (isObject(properties))
    return Object.entries(properties).flatMap(([name, member]) =>
      isObject(member) ? membersOf(member, path === "" ? name : `${path}.${name}`, definitions) : [],
    );
  if (isObject(named) && Object.keys(named).length > 0) return membersOf(named, `${path}.NAME`, definitions);
  const inner = [items, ...(isArray(anyOf) ? anyOf : [])].flatMap((each) =>
    isObject(each) && isObject(each.properties) ? membersOf(each, path, definitions) : [],
  );
  return [{ path, schema }, ...inner];
}

/** Settings that have an option, for one place of the file. */
function settingAt(path: string): Setting | undefined {
  return settings.find(({ at }) => at.join(".") === path);
}

interface Option {
  readonly command: string;
  readonly flags: string;
  readonly text: string;
  readonly byDefault: unknown;
}

function optionsOf({ option, only }: Setting, commands: Commands): readonly Option[] {
  return [...commands].flatMap(([name, command]) => {
    const found = command.options.find((each) => each.attributeName() === option);
    if (found === undefined || (only !== undefined && !only.some((each) => each === name))) return [];
    return [{ command: name, flags: found.long ?? found.flags, text: found.description, byDefault: found.defaultValue }];
  });
}

/** What holds by default, and for which commands, where they differ. */
function defaultOf(path: string, options: readonly Option[]): string {
  const said = settingDefaults[path];
  const byOption = new Map<string, string[]>();
  for (const { byDefault, command } of options)
    if (byDefault !== undefined) byOption.set(String(byDefault), [...(byOption.get(String(byDefault)) ?? []), command]);
  if (said !== undefined && byOption.size > 0) throw new Error(`two defaults of ${path}`);
  if (said !== undefined) return said;
  if (byOption.size === 1) return `\`${[...byOption.keys()][0]}\``;
  return [...byOption].map(([value, names]) => `\`${value}\` (${names.join(", ")})`).join(", ");
}

function whoReads(path: string, options: readonly Option[]): string {
  const [part = ""] = path.split(".");
  const names = options.length > 0 ? options.map(({ command }) => command) : readers[part];
  return names === undefined || names.length === commandNames.length ? "all" : names.join(", ");
}

function textOf(path: string, options: readonly Option[]): string {
  const own = settingTexts[path] ?? (/\.(?:env|file)$/.test(path) ? placeTexts[path.split(".").at(-1) ?? ""] : undefined);
  const [first] = options;
  if (own === undefined && first === undefined) throw new Error(`no sentence for ${path}`);
  return cell(own ?? sentence(first?.text ?? ""));
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}

function cell(text: string): string {
  return text.replace(/\s+/g, " ").replaceAll("|", "\\|");
}

/** The place that the setting of a store has on a command line, which its table leaves to `SLUICE_STORE`. */
const storeSetting: Setting = { option: "store", at: ["store"], of: () => undefined, env: "SLUICE_STORE" };

function rowOf({ path, schema }: Member, commands: Commands): readonly string[] {
  const setting = path === "store" ? storeSetting : settingAt(path);
  const options = setting === undefined ? [] : optionsOf(setting, commands);
  const said = [...new Set(options.map(({ flags }) => flags)), setting?.env].filter((each) => each !== undefined);
  return [
    `\`${path}\``,
    textOf(path, options),
    cell(kindOf(schema)),
    defaultOf(path, options),
    said.map((each) => `\`${each}\``).join(", "),
    whoReads(path, options),
  ];
}

function fileTables(members: readonly Member[], commands: Commands): string {
  const parts = new Map<string, readonly Member[]>();
  for (const member of members) {
    const part = member.path.includes(".") ? member.path.slice(0, member.path.indexOf(".")) : "";
    parts.set(part, [...(parts.get(part) ?? []), member]);
  }
  const head = ["member", "meaning", "value", "default", "also", "commands"];
  return [...parts]
    .sort(([a], [b]) => Number(a !== "") - Number(b !== ""))
    .map(([part, of]) => {
      const rows = of.map((member) => rowOf(member, commands));
      return `### ${part === "" ? "At the top" : `\`${part}\``}\n\n${table(head, rows)}\n`;
    })
    .join("\n");
}

/** The members of an interface of the source with their doc comments. */
function documented(source: string, name: string): readonly (readonly [string, string])[] {
  const text = readFileSync(new URL(`../../${source}`, import.meta.url), "utf8");
  const [, body] = new RegExp(`export interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)\\n\\}`).exec(text) ?? [];
  const found = [...(body ?? "").matchAll(/\/\*\* ([\s\S]*?) \*\/\n\s*readonly (\w+)/g)];
  if (found.length === 0) throw new Error(`${source}: no members of ${name}`);
  return found.map(([, comment = "", member = ""]) => [member, comment] as const);
}

/** Variables of other programs' conventions, with what Sluice does with them. */
const conventions = [
  [
    "NO_COLOR, TERM",
    "No colours where `NO_COLOR` says anything or `TERM` is `dumb`; none either where nobody sits at a terminal.",
  ],
  ["OTEL_SERVICE_NAME", "The service's name in traces, metrics and logs; default `sluice`."],
  ["OTEL_EXPORTER_OTLP_HEADERS", "Headers of the export, such as a collector's key: read by OpenTelemetry's exporters."],
  ["XDG_STATE_HOME", "Where `sluice hook` keeps its store if nobody says; default `~/.local/state`."],
  ["XDG_CACHE_HOME", "Where Node keeps what it compiled of Sluice; default `~/.cache`."],
] as const;

/** The variables that settings and other readers have, in order. */
function variableRows(commands: Commands): readonly (readonly string[])[] {
  const ofSettings = settings.flatMap((setting) => {
    const others = otherVariables.some(({ name }) => name === setting.env);
    if (setting.env === undefined || others) return [];
    const options = optionsOf(setting, commands);
    return [[setting.env, `What \`${options[0]?.flags ?? ""}\` says (\`${setting.at.join(".")}\` in the file).`] as const];
  });
  const merged = new Map<string, string>();
  for (const [name, text] of ofSettings)
    merged.set(name, [merged.get(name), text].filter((each) => each !== undefined).join(" "));
  return [
    ...otherVariables.map(({ name, takesFile, meaning }) => [`\`${name}\``, takesFile === true ? "yes" : "", cell(meaning)]),
    ...[...merged].map(([name, text]) => [`\`${name}\``, "", cell(text)]),
    ...conventions.map(([name, text]) => [
      name
        .split(", ")
        .map((each) => `\`${each}\``)
        .join(", "),
      "",
      text,
    ]),
  ];
}

/** All settings. */
export async function settingsReference(): Promise<string> {
  const commands = await configuredCommands();
  const schema = configJsonSchema();
  const definitions: Json = schema.$defs ?? {};
  const members = membersOf(schema, "", isObject(definitions) ? definitions : {});
  const paths = new Set(members.map(({ path }) => path));
  const left = [...Object.keys(settingTexts), ...Object.keys(settingDefaults)].filter((path) => !paths.has(path));
  if (left.length > 0) throw new Error(`no member for ${left.join(", ")}`);
  const worker = [
    ...documented("src/worker/settings.ts", "WorkerEnv"),
    ...documented("src/stores/cloudflare/bindings.ts", "CloudflareBindings").map(
      ([name, text]) => [name, `Binding. ${text}`] as const,
    ),
  ];
  return `## The configuration file

${fileTables(members, commands)}
A \`Secret\` is \`{"env": NAME}\` (${lower(placeTexts.env)}) or \`{"file": PATH}\` (${lower(placeTexts.file)}).

## Variables of the environment

With \`_FILE\` behind the names that say so, the variable names a file with the value. Variables that the operator names (\`--key-env\`,
\`--credential\`, \`{"env": NAME}\`) are read besides.

${table(["variable", "`_FILE`", "meaning"], variableRows(commands))}

## A Worker

Bindings, variables and secrets of \`sluice/worker\`, in \`wrangler.jsonc\` or by \`wrangler secret put\`.

${table(
  ["name", "meaning"],
  worker.map(([name, text]) => [`\`${name}\``, cell(text)]),
)}
`;
}

function lower(text = ""): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1).replace(/\.$/, "")}`;
}
