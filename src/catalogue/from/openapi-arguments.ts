/**
 * The parameters and the body of an OpenAPI operation → the arguments of one tool, and where each of them goes in the request.
 * Pure. Never lets two values of a request share one argument, and never makes a secret an argument.
 */
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { freshName } from "../../plan/names.ts";
import type { Place, Report } from "../report.ts";
import { quote } from "../report.ts";
import {
  bodyForm,
  type Content,
  type Operation,
  type Parameter,
  parameterForm,
  type PathItem,
  readForm,
} from "./openapi-form.ts";
import { type Credential, isCredential } from "./openapi-security.ts";
import { follow } from "./references.ts";
import { openBundle, type SchemaBundle } from "./schema-copy.ts";

/** Where an argument goes in the request. */
export type Where = "path" | "query" | "header" | "cookie" | "body";

/** The arguments of a tool, and how they become a request. */
export interface HttpArguments {
  readonly inputSchema: JsonObject;
  readonly in: { readonly [arg: string]: Where };
  /** Names in the request of the arguments that are called otherwise there. */
  readonly names: { readonly [arg: string]: string };
  /** How lists and objects are written, where a parameter says so (3.1.1 §4.8.12.2). */
  readonly styles: { readonly [arg: string]: JsonObject };
  readonly contentType?: string;
  /** The argument that is the whole body. Absent: the arguments `in` the body are its members. */
  readonly body?: string;
}

/** An operation, and what its parts are read with. */
export interface OperationSource {
  readonly operation: Operation;
  readonly item: PathItem;
  readonly path: string;
  /** Where the operation stands. */
  readonly place: Place;
  readonly itemPlace: Place;
  readonly root: Json;
  readonly report: Report;
  readonly isOld: boolean;
  readonly credentials: readonly Credential[];
}

interface Draft {
  readonly properties: [string, Json][];
  readonly required: string[];
  readonly in: [string, Where][];
  readonly names: [string, string][];
  readonly styles: [string, JsonObject][];
  readonly taken: Set<string>;
}

/** What the engine takes out of the arguments of every call: no operation's own argument may be called so. */
const ownNames: readonly string[] = ["sluice_node"];

/** The arguments of an operation; `undefined` if it has a part that no argument can stand for, and then the report says why. */
export function argumentsOf(source: OperationSource): HttpArguments | undefined {
  const { root, report, isOld, place } = source;
  const bundle = openBundle({ root, report, isOld, direction: "request" });
  const draft: Draft = { properties: [], required: [], in: [], names: [], styles: [], taken: new Set(ownNames) };
  const parameters = parametersOf(source);
  if (parameters === undefined) return undefined;
  for (const parameter of parameters) addParameter(draft, parameter, bundle);
  addPathNames(draft, source);
  const body = addBody(draft, source, bundle);
  if (body === undefined) return undefined;
  const definitions = bundle.definitions();
  if (bundle.isCut())
    report.warn(place, "schemas of the request were too large: their farthest parts admit anything", "CATALOGUE_SKIPPED");
  const inputSchema: JsonObject = {
    type: "object",
    properties: Object.fromEntries(draft.properties),
    ...(draft.required.length === 0 ? {} : { required: draft.required }),
    additionalProperties: false,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }),
  };
  const [ins, names, styles] = [draft.in, draft.names, draft.styles].map((each) => Object.fromEntries<Json>(each));
  return {
    inputSchema,
    in: ins as HttpArguments["in"],
    names: names as HttpArguments["names"],
    styles: styles as HttpArguments["styles"],
    ...body,
  };
}

interface Placed {
  readonly parameter: Parameter;
  readonly place: Place;
}

/** 3.1.1 §4.8.12.2: headers that the message itself has; parameters of these names are ignored. */
const ownHeaders: ReadonlySet<string> = new Set(["accept", "content-type", "authorization"]);

/** The parameters of the operation and of its path, the operation's own first; without secrets. */
function parametersOf(source: OperationSource): readonly Placed[] | undefined {
  const { operation, item, place, itemPlace, root, report, credentials } = source;
  const found = new Map<string, Placed>();
  const lists: readonly (readonly [readonly JsonObject[], Place])[] = [
    [operation.parameters ?? [], [...place, "parameters"]],
    [item.parameters ?? [], [...itemPlace, "parameters"]],
  ];
  for (const [list, at] of lists)
    for (const [i, given] of list.entries()) {
      const target = follow(given, [...at, i], { root, report });
      const parameter = target === undefined ? undefined : readForm(parameterForm, target.value, { place: target.place, report });
      if (target === undefined || parameter === undefined) continue;
      const key = `${parameter.in} ${parameter.name}`;
      if (found.has(key)) continue;
      if (parameter.in === "querystring") {
        report.warn(target.place, "the operation is left out: its whole query is one parameter", "CATALOGUE_SKIPPED");
        return undefined;
      }
      if (!isWhere(parameter.in)) {
        report.error([...target.place, "in"], "must be `path`, `query`, `header` or `cookie`", "CATALOGUE_SOURCE");
        continue;
      }
      const isOwnHeader = parameter.in === "header" && ownHeaders.has(parameter.name.toLowerCase());
      if (isCredential(parameter, credentials))
        report.inform(
          target.place,
          `${quote(parameter.name)} is a secret of the security scheme and no argument`,
          "CATALOGUE_CREDENTIAL",
        );
      else if (!isOwnHeader) found.set(key, { parameter, place: target.place });
    }
  return [...found.values()];
}

function isWhere(text: string): text is Exclude<Where, "body"> {
  return text === "path" || text === "query" || text === "header" || text === "cookie";
}

function addParameter(draft: Draft, { parameter, place }: Placed, bundle: SchemaBundle): void {
  const { name, in: where, description, required, schema, content, style, explode, deprecated } = parameter;
  if (!isWhere(where)) return;
  const arg = argumentNamed(draft, name, where);
  const [type, media] = Object.entries(content ?? {})[0] ?? [];
  const given = schema ?? media?.schema ?? {};
  const at = schema === undefined && type !== undefined ? [...place, "content", type, "schema"] : [...place, "schema"];
  const copied = bundle.copy(given, at);
  const described = {
    ...(typeof copied === "boolean" ? {} : copied),
    ...(description === undefined ? {} : { description }),
    ...(deprecated === true ? { deprecated } : {}),
  };
  draft.properties.push([arg, described]);
  if (required === true || where === "path") draft.required.push(arg);
  draft.in.push([arg, where]);
  const written = {
    ...(style === undefined ? {} : { style }),
    ...(explode === undefined ? {} : { explode }),
    ...(type === undefined ? {} : { contentType: type }),
  };
  if (Object.keys(written).length > 0) draft.styles.push([arg, written]);
}

/** The argument's name: as in the request; with the place behind it (`id_query`) where another argument has it already. */
function argumentNamed(draft: Draft, name: string, where: Where): string {
  const arg = draft.taken.has(name) ? freshName(`${name}_${where}`, draft.taken) : freshName(name, draft.taken);
  if (arg !== name) draft.names.push([arg, name]);
  return arg;
}

/** Every name in the braces of a path is an argument, also where the document forgot to declare it. */
function addPathNames(draft: Draft, { path, place, report }: OperationSource): void {
  const inPath = new Set(draft.in.flatMap(([arg, where]) => (where === "path" ? [arg] : [])));
  const wire = new Map(draft.names);
  const declared = new Set([...inPath].map((arg) => wire.get(arg) ?? arg));
  for (const [, name = ""] of path.matchAll(/\{([^{}]+)\}/g)) {
    if (declared.has(name)) continue;
    declared.add(name);
    report.warn(place, `no parameter declares ${quote(name)} of the path: it is taken for text`, "CATALOGUE_SKIPPED");
    const arg = argumentNamed(draft, name, "path");
    draft.properties.push([arg, { type: "string" }]);
    draft.required.push(arg);
    draft.in.push([arg, "path"]);
  }
}

type Body = { readonly contentType?: string; readonly body?: string };

/** The body: its members as arguments where it is a plain object and no name is taken, else one argument. */
function addBody(draft: Draft, source: OperationSource, bundle: SchemaBundle): Body | undefined {
  const { operation, place, root, report } = source;
  if (operation.requestBody === undefined) return {};
  const target = follow(operation.requestBody, [...place, "requestBody"], { root, report });
  const read = target === undefined ? undefined : readForm(bodyForm, target.value, { place: target.place, report });
  if (target === undefined || read === undefined) return undefined;
  const contentType = preferred(read.content);
  if (contentType === undefined) {
    report.warn(target.place, "the body has no media type and is left out", "CATALOGUE_SKIPPED");
    return {};
  }
  const others = Object.keys(read.content).length - 1;
  if (others > 0) report.inform([...target.place, "content"], `the body is sent as ${quote(contentType)}`, "CATALOGUE_SKIPPED");
  const schema = read.content[contentType]?.schema ?? (isText(contentType) ? { type: "string" } : {});
  const copied = bundle.copy(schema, [...target.place, "content", contentType, "schema"]);
  const members = membersOf(copied);
  const isRequired = read.required === true;
  // A body that may be left out as a whole cannot lend its required members to the call.
  const isMerged =
    members !== undefined &&
    (isRequired || members.required.length === 0) &&
    members.properties.every(([name]) => !draft.taken.has(name));
  if (members !== undefined && isMerged) {
    for (const [name, property] of members.properties) {
      draft.taken.add(name);
      draft.properties.push([name, property]);
      draft.in.push([name, "body"]);
    }
    draft.required.push(...members.required);
    addEncodings(draft, read.content[contentType]?.encoding ?? {});
    return { contentType };
  }
  const arg = freshName("body", draft.taken);
  const description = read.description === undefined ? {} : { description: read.description };
  draft.properties.push([arg, { ...description, ...(typeof copied === "boolean" ? {} : copied) }]);
  draft.in.push([arg, "body"]);
  if (isRequired) draft.required.push(arg);
  return { contentType, body: arg };
}

/** How the members of a form are written (3.1.1 §4.8.15 Encoding Object): as the styles of parameters. */
function addEncodings(draft: Draft, encodings: NonNullable<Content[string]["encoding"]>): void {
  for (const [arg, where] of draft.in) {
    const encoding = where === "body" && Object.hasOwn(encodings, arg) ? encodings[arg] : undefined;
    const { contentType, style, explode } = encoding ?? {};
    const written = {
      ...(style === undefined ? {} : { style }),
      ...(explode === undefined ? {} : { explode }),
      ...(contentType === undefined ? {} : { contentType }),
    };
    if (Object.keys(written).length > 0) draft.styles.push([arg, written]);
  }
}

/** JSON before forms before text before anything else; among equals the first. */
function preferred(content: Content): string | undefined {
  const ranks: readonly RegExp[] = [
    /^application\/json\b/i,
    /^application\/[^;]*\+json\b/i,
    /^application\/x-www-form-urlencoded\b/i,
    /^multipart\/form-data\b/i,
    /^text\//i,
    /./,
  ];
  const types = Object.keys(content);
  return ranks.map((rank) => types.find((type) => rank.test(type))).find((type) => type !== undefined);
}

function isText(contentType: string): boolean {
  return !/json\b|^application\/x-www-form-urlencoded|^multipart\//i.test(contentType);
}

/** Keywords that a schema may have whose members stand for themselves. */
const plainKeywords: ReadonlySet<string> = new Set(
  "type properties required additionalProperties title description deprecated default".split(" "),
);

/** The members of a plain object schema with at least one property; `undefined` where they do not tell the whole. */
function membersOf(
  schema: JsonObject | boolean,
): { readonly properties: readonly (readonly [string, Json])[]; readonly required: readonly string[] } | undefined {
  if (typeof schema === "boolean") return undefined;
  const properties = member(schema, "properties");
  const type = member(schema, "type");
  const more = member(schema, "additionalProperties");
  const isPlain = Object.keys(schema).every((key) => plainKeywords.has(key));
  if (!isPlain || !isObject(properties) || Object.keys(properties).length === 0) return undefined;
  if ((type !== undefined && type !== "object") || (more !== undefined && more !== false)) return undefined;
  const required = member(schema, "required");
  const names = isArray(required) ? required.filter((name) => typeof name === "string") : [];
  // A required member without a schema is one all the same.
  const bare = names.filter((name) => !Object.hasOwn(properties, name)).map((name): readonly [string, Json] => [name, {}]);
  return { properties: [...Object.entries(properties), ...bare], required: names };
}
