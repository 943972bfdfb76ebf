/**
 * Tool objects of a program → a catalogue file: AI SDK, LangChain, OpenAI (chat, responses and agents), Anthropic, Mastra, MCP.
 * Pure. Knows them by their shape, so that none of these packages is needed. Never calls a tool.
 */
import { isArray, isObject, type Json, type JsonObject } from "../../json/value.ts";
import { catalogueToolsMax } from "../../limits.ts";
import { checkJson } from "../../plan/schema-check.ts";
import type { Finding } from "../../plan/finding.ts";
import { err, type Result } from "../../result.ts";
import { isName } from "../declared.ts";
import { openReport, type Place, type Report } from "../report.ts";
import { sluiceMember } from "./facts.ts";
import { entryOf, finish, isReadable, type MadeCatalogue } from "./made.ts";
import { hasMember, read } from "./object-members.ts";
import { jsonSchemaOf, type Side } from "./tools-schema.ts";

/** Whose tools they are. */
export interface ToolsSource {
  /** The name in plans of the program that runs them (`server/tool`). Default: `local`. */
  readonly server?: string;
  /** What identifies it; plans are void when it changes. */
  readonly identity?: JsonObject;
}

/**
 * A catalogue from tools in memory: a list, or an object by name as the AI SDK has them. A `sluice` member of a tool is the operator's word and is
 * taken over. Errors: `CATALOGUE_SOURCE` (no tool, no name, a schema without JSON Schema), and those of `readCatalogue`.
 *
 * @example
 * const made = catalogueFromTools({ search: tool({ description, inputSchema: z.object({ query: z.string() }) }) });
 */
export function catalogueFromTools(tools: unknown, source: ToolsSource = {}): Result<MadeCatalogue, readonly Finding[]> {
  const report = openReport();
  const { server = "local", identity = {} } = source;
  if (!isName(server)) report.error([], "the server's name has letters, digits, `_`, `.` and `-` only", "CATALOGUE_NAME");
  if (!isReadable(identity, report, "the identity")) return err(report.findings);
  const given = entriesOf(tools);
  if (given === undefined || given.length > catalogueToolsMax) {
    if (given === undefined) report.error([], "expected a list of tools, or an object of tools by name", "CATALOGUE_SOURCE");
    else report.error([], `more than ${catalogueToolsMax} tools`, "CATALOGUE_TOO_LARGE");
    return err(report.findings);
  }
  const made = given.flatMap((entry): readonly JsonObject[] => {
    const tool = toolOf(entry, server, report);
    return tool === undefined ? [] : [tool];
  });
  return finish({ ...identity, name: server }, made, report);
}

interface Entry {
  readonly value: unknown;
  readonly place: Place;
  /** The name under which the tool stands in an object. */
  readonly key?: string;
}

function entriesOf(tools: unknown): readonly Entry[] | undefined {
  if (Array.isArray(tools)) return tools.map((value: unknown, i) => ({ value, place: [i] }));
  if (typeof tools !== "object" || tools === null) return undefined;
  return Object.keys(tools).map((key) => ({ value: read(tools, key), place: [key], key }));
}

const inputNames = ["inputSchema", "parameters", "schema", "input_schema"] as const;
const outputNames = ["outputSchema", "returns", "output_schema"] as const;

function toolOf({ value, place, key }: Entry, server: string, report: Report): JsonObject | undefined {
  if (typeof value !== "object" || value === null) {
    report.error(place, "must be a tool", "CATALOGUE_SOURCE");
    return undefined;
  }
  // OpenAI's chat completions wrap a function.
  const inner = hasMember(value, "function") ? read(value, "function") : undefined;
  const tool = typeof inner === "object" && inner !== null ? inner : value;
  const name = key ?? [read(tool, "name"), read(tool, "id")].find((text) => typeof text === "string" && text !== "");
  if (typeof name !== "string") {
    const isHosted = typeof read(tool, "type") === "string";
    if (isHosted) report.warn(place, "left out: the provider runs this tool, its calls do not pass here", "CATALOGUE_SKIPPED");
    else report.error(place, "the tool has no name", "CATALOGUE_SOURCE");
    return undefined;
  }
  const inputSchema = schemaOf(tool, inputNames, { side: "input", place, report });
  const outputSchema = schemaOf(tool, outputNames, { side: "output", place, report });
  if (inputSchema === "wrong" || outputSchema === "wrong") return undefined;
  const isProvided = read(tool, "type") === "provider" || read(tool, "type") === "provider-defined";
  if (inputSchema === undefined && isProvided) {
    report.warn(place, "left out: the provider runs this tool, its calls do not pass here", "CATALOGUE_SKIPPED");
    return undefined;
  }
  const definition: JsonObject = {
    name,
    ...textMember(tool, "title"),
    ...textMember(tool, "description"),
    inputSchema: inputSchema ?? { type: "object" },
    ...(outputSchema === undefined ? {} : { outputSchema }),
    ...annotationsOf(tool),
  };
  const declared = [read(value, "sluice"), read(tool, "sluice")].find((each) => each !== undefined);
  if (declared !== undefined && (checkJson(declared).length > 0 || !isObject(declared as Json))) {
    report.error([...place, "sluice"], "must be an object of facts", "CATALOGUE_SOURCE");
    return undefined;
  }
  return entryOf(
    definition,
    server,
    sluiceMember(definition, declared === undefined ? {} : { declared: declared as JsonObject }),
  );
}

function schemaOf(
  tool: object,
  names: readonly string[],
  { side, place, report }: { readonly side: Side; readonly place: Place; readonly report: Report },
): JsonObject | undefined | "wrong" {
  const name = names.find((each) => hasMember(tool, each) && read(tool, each) !== undefined);
  if (name === undefined) return undefined;
  const schema = jsonSchemaOf(read(tool, name), side);
  if (schema.ok) return schema.value;
  report.error([...place, name], schema.error, "CATALOGUE_SOURCE");
  return "wrong";
}

function textMember(tool: object, name: string): JsonObject {
  const text = read(tool, name);
  return typeof text === "string" && text !== "" ? { [name]: text } : {};
}

/** MCP's hints, where a program's own tools carry them. */
function annotationsOf(tool: object): JsonObject {
  const annotations = read(tool, "annotations") as Json | undefined;
  return typeof annotations === "object" && !isArray(annotations) && checkJson(annotations).length === 0 && isObject(annotations)
    ? { annotations }
    : {};
}
