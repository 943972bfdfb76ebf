/**
 * An OpenAPI document (3.0, 3.1, 3.2) → a catalogue file: one tool for each operation.
 * Pure. Never fetches anything: a reference out of the document is an error. Never reads Swagger 2.
 */
import { isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { nameCharsMax } from "../../limits.ts";
import { sha256Hex } from "../../plan/digest.ts";
import type { Finding } from "../../plan/finding.ts";
import { slugOf } from "../../plan/names.ts";
import { err, type Result } from "../../result.ts";
import { isName } from "../declared.ts";
import { openReport, type Place, quote, type Report } from "../report.ts";
import { sluiceMember } from "./facts.ts";
import { entryOf, finish, isReadable, type MadeCatalogue } from "./made.ts";
import { argumentsOf, type OperationSource } from "./openapi-arguments.ts";
import { httpMember } from "../http.ts";
import {
  documentForm,
  type OpenApiDocument,
  type Operation,
  operationForm,
  type PathItem,
  pathItemForm,
  readForm,
} from "./openapi-form.ts";
import { requestFacts, sayLighter } from "./openapi-facts.ts";
import { outputSchemaOf } from "./openapi-responses.ts";
import { credentialsOf } from "./openapi-security.ts";
import { serverUrls } from "./openapi-servers.ts";
import { follow } from "./references.ts";

/** How a document is read. */
export interface OpenApiOptions {
  /** The server's name in plans. Default: made of the document's title. */
  readonly server?: string;
  /** The operations that become tools: names as in the catalogue, `GET /pets`, either with `*` for any characters. Default: all. */
  readonly operations?: readonly string[];
  /** Where the document comes from: what relative addresses of its servers are relative to. */
  readonly url?: string;
  /** More of the server's identity; plans are void when it changes. */
  readonly identity?: JsonObject;
}

/** An operation with its name. */
interface Named {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly isNamed: boolean;
  readonly operation: Operation;
  readonly item: PathItem;
  readonly place: Place;
  readonly itemPlace: Place;
}

const methods: readonly string[] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/**
 * A catalogue from an OpenAPI document. Parameters and the members of a body become the arguments; `_meta["sluice/http"]` says how they become
 * a request again (`method`, `path`, `servers`, `in`, `contentType`, …). Secrets are no arguments. Errors: `CATALOGUE_SOURCE`,
 * `CATALOGUE_REFERENCE`, `CATALOGUE_TOO_LARGE`, and those of `readCatalogue`.
 *
 * @example
 * const made = catalogueFromOpenApi(document, { server: "petstore", operations: ["GET *"] });
 */
export function catalogueFromOpenApi(document: Json, options: OpenApiOptions = {}): Result<MadeCatalogue, readonly Finding[]> {
  const report = openReport();
  if (options.server !== undefined && !isName(options.server))
    report.error([], "the server's name has letters, digits, `_`, `.` and `-` only", "CATALOGUE_NAME");
  if (!isReadable(document, report, "the document") || !isReadable(options.identity ?? {}, report, "the identity"))
    return err(report.findings);
  const version = versionOf(document, report);
  const read = version === undefined ? undefined : readForm(documentForm, document, { place: [], report });
  if (version === undefined || read === undefined) return err(report.findings);
  if (Object.keys(read.webhooks ?? {}).length > 0)
    report.inform(["webhooks"], "webhooks are calls to the client and no tools", "CATALOGUE_SKIPPED");
  const server = options.server ?? slugOf(read.info?.title ?? "api");
  const all = operationsOf(read, document, report);
  const chosen = chosenOf(all, options.operations, report);
  const urls = serverUrls(read.servers ?? [], { place: ["servers"], report, url: options.url });
  const context: DocumentContext = {
    document: read,
    root: document,
    report,
    isOld: version === "3.0",
    server,
    url: options.url,
    urls,
  };
  const tools = chosen.flatMap((operation): readonly JsonObject[] => {
    const tool = toolOf(operation, context);
    return tool === undefined ? [] : [tool];
  });
  const identity = { openapi: version, urls: [...urls], ...options.identity, name: server };
  return finish(identity, tools, report);
}

/** `3.0`, `3.1` or `3.2`. Anything else is refused by name. */
function versionOf(document: Json, report: Report): "3.0" | "3.1" | "3.2" | undefined {
  const given = member(document, "openapi");
  if (typeof given === "string") {
    const version = (["3.0", "3.1", "3.2"] as const).find((each) => given === each || given.startsWith(`${each}.`));
    if (version === undefined) report.error(["openapi"], "OpenAPI 3.0, 3.1 and 3.2 are read", "CATALOGUE_SOURCE");
    return version;
  }
  if (member(document, "swagger") !== undefined)
    report.error(["swagger"], "this is Swagger 2: convert it to OpenAPI 3 first", "CATALOGUE_SOURCE");
  else report.error([], 'expected an OpenAPI document, with a member `openapi` such as "3.1.0"', "CATALOGUE_SOURCE");
  return undefined;
}

/** Every operation of the document, in its order, with the name of its tool. */
function operationsOf(document: OpenApiDocument, root: Json, report: Report): readonly Named[] {
  const found: Omit<Named, "name" | "isNamed">[] = [];
  for (const [path, given] of Object.entries(document.paths ?? {})) {
    if (!path.startsWith("/")) continue;
    const target = follow(given, ["paths", path], { root, report });
    const item = target === undefined ? undefined : readForm(pathItemForm, target.value, { place: target.place, report });
    if (target === undefined || item === undefined) continue;
    const own = methods.flatMap((method) => {
      const value = member(target.value, method);
      return value === undefined ? [] : [{ method: method.toUpperCase(), value, place: [...target.place, method] }];
    });
    const others = Object.entries(item.additionalOperations ?? {}).map(([method, value]) => ({
      method,
      value,
      place: [...target.place, "additionalOperations", method],
    }));
    if (!isRequestPath(path)) {
      report.error(
        ["paths", path],
        "a path has no `.` or `..` segments, backslashes, blanks or control characters",
        "CATALOGUE_SOURCE",
      );
      continue;
    }
    for (const { method, value, place } of [...own, ...others]) {
      if (!isMethod(method) || (place.includes("additionalOperations") && methods.includes(method.toLowerCase()))) {
        report.error(
          place,
          "must be a method of its own (RFC 9110 §9.1), and none that a path item has a member for",
          "CATALOGUE_SOURCE",
        );
        continue;
      }
      const operation = readForm(operationForm, value, { place, report });
      if (operation !== undefined) found.push({ method, path, operation, item, place, itemPlace: target.place });
    }
  }
  return named(found, report);
}

/** A token of RFC 9110 §5.6.2. */
function isMethod(method: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}$/.test(method);
}

/** Whether a path stays below the address of its server, for every reader of addresses. */
function isRequestPath(path: string): boolean {
  return !/[\u0000-\u0020\u007f\\]/.test(path) && !path.split(/[/?#]/).some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment));
}

/** An `operationId` that is used once names its tool; the others are named by method and path, so that the name stays when others come. */
function named(found: readonly Omit<Named, "name" | "isNamed">[], report: Report): readonly Named[] {
  const count = (texts: readonly string[]): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
    return counts;
  };
  const ids = count(found.flatMap(({ operation }) => operation.operationId ?? []));
  const isUsable = (id: string | undefined): id is string =>
    id !== undefined && ids.get(id) === 1 && id.length <= nameCharsMax && /^[\x21-\x7e]+$/.test(id);
  const made = found.map(({ operation, method, path }) =>
    isUsable(operation.operationId) ? operation.operationId : pathName(method, path),
  );
  const uses = count(made);
  return found.map((one, i) => {
    const id = one.operation.operationId;
    const isNamed = isUsable(id);
    const base = made[i] ?? "";
    // Two operations that make one name: each is told apart by a digest of itself, whatever else there is.
    const name = uses.get(base) === 1 ? base : `${base.slice(0, 100)}_${sha256Hex(`${one.method} ${one.path}`).slice(0, 8)}`;
    if (id !== undefined && name !== id)
      report.warn(
        [...one.place, "operationId"],
        `not unique or no name of a tool: the tool is called ${quote(name)}`,
        "CATALOGUE_SKIPPED",
      );
    return { ...one, name, isNamed: isNamed && name === id };
  });
}

/** `GET /pets/{petId}` → `get_pets_petId`. */
function pathName(method: string, path: string): string {
  const words = [method.toLowerCase(), ...path.split(/[^A-Za-z0-9]+/)].filter((word) => word !== "");
  return words.join("_").slice(0, nameCharsMax);
}

function chosenOf(all: readonly Named[], wanted: readonly string[] | undefined, report: Report): readonly Named[] {
  if (wanted === undefined) return all;
  const chosen = new Set<Named>();
  for (const pattern of wanted) {
    const fits = all.filter(({ name, method, path }) => isLike(name, pattern) || isLike(`${method} ${path}`, pattern));
    for (const one of fits) chosen.add(one);
    if (fits.length === 0) report.error(["paths"], `the document has no operation ${quote(pattern)}`, "CATALOGUE_SOURCE");
  }
  return all.filter((one) => chosen.has(one));
}

/** Whether a text is the pattern, in which `*` stands for any characters. Linear for each `*`. */
function isLike(text: string, pattern: string): boolean {
  const [first = "", ...parts] = pattern.split("*");
  const last = parts.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

interface DocumentContext {
  readonly document: OpenApiDocument;
  readonly root: Json;
  readonly report: Report;
  readonly isOld: boolean;
  readonly server: string;
  readonly url: string | undefined;
  /** The addresses of the document's own servers. */
  readonly urls: readonly string[];
}

function toolOf(named: Named, context: DocumentContext): JsonObject | undefined {
  const { operation, item, place, itemPlace, method, path, name } = named;
  const { document, root, report, isOld, server } = context;
  const requirements = operation.security ?? document.security ?? [];
  const securityPlace = operation.security === undefined ? ["security"] : [...place, "security"];
  const credentials = credentialsOf(requirements, document, { root, report, place: securityPlace });
  const source: OperationSource = { operation, item, path, place, itemPlace, root, report, isOld, credentials };
  const args = argumentsOf(source);
  if (args === undefined) return undefined;
  if (isObject(operation.callbacks) && Object.keys(operation.callbacks).length > 0)
    report.inform([...place, "callbacks"], "callbacks are calls to the client and no tools", "CATALOGUE_SKIPPED");
  const outputSchema = outputSchemaOf(source);
  const http: JsonObject = {
    method,
    path,
    servers: [...urlsOf(named, context)],
    in: args.in,
    ...(args.contentType === undefined ? {} : { contentType: args.contentType }),
    ...(args.body === undefined ? {} : { body: args.body }),
    ...(Object.keys(args.names).length === 0 ? {} : { names: args.names }),
    ...(Object.keys(args.styles).length === 0 ? {} : { styles: args.styles }),
    ...(credentials.length === 0 ? {} : { credentials: credentials.map((each) => ({ ...each })) }),
    ...(operation.deprecated === true ? { deprecated: true } : {}),
  };
  const description = operation.description ?? operation.summary ?? item.description ?? item.summary;
  const summary = operation.summary ?? item.summary;
  const title = summary === description ? undefined : summary;
  const definition: JsonObject = {
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    inputSchema: args.inputSchema,
    ...(outputSchema === undefined ? {} : { outputSchema }),
    _meta: { [httpMember]: http },
  };
  return entryOf(definition, server, factsOf(definition, named, report));
}

function urlsOf({ operation, item, place, itemPlace }: Named, { report, url, urls }: DocumentContext): readonly string[] {
  if (operation.servers !== undefined) return serverUrls(operation.servers, { place: [...place, "servers"], report, url });
  if (item.servers !== undefined) return serverUrls(item.servers, { place: [...itemPlace, "servers"], report, url });
  return urls;
}

function factsOf(definition: JsonObject, { operation, method, path, isNamed, name, place }: Named, report: Report): JsonObject {
  const declared = operation["x-sluice"];
  if (declared !== undefined)
    report.inform(
      [...place, "x-sluice"],
      "taken over: who wrote the document says what the operation does",
      "CATALOGUE_DECLARED",
    );
  const facts = requestFacts(definition, { method, path, name: isNamed ? name : undefined });
  if (declared === undefined) return sluiceMember(definition, facts);
  sayLighter(declared, sluiceMember(definition, facts), { place: [...place, "x-sluice"], report });
  return sluiceMember(definition, { ...facts, declared });
}
