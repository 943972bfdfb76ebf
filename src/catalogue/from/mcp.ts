/**
 * What an MCP server answers to `tools/list` → a catalogue file: one page or several, bare or as JSON-RPC messages.
 * Pure. Never takes a server's word about itself: its `sluice` members are left out.
 */
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import type { Finding } from "../../plan/finding.ts";
import { err, type Result } from "../../result.ts";
import { isName } from "../declared.ts";
import { openReport, type Place, type Report } from "../report.ts";
import { sluiceMember } from "./facts.ts";
import { entryOf, finish, isReadable, type MadeCatalogue } from "./made.ts";

/** Whose tools they are. */
export interface McpSource {
  /** The server's name in plans (`server/tool`): ASCII letters, digits, `_`, `.`, `-`. */
  readonly server: string;
  /** What identifies the server: its command, its URL, its `serverInfo`. Plans are void when it changes. Default: `serverInfo` and `instructions`, if the messages hold them. */
  readonly identity?: JsonObject;
}

interface Entry {
  readonly tool: JsonObject;
  readonly place: Place;
}

/** Messages of one listing: a page has some hundred tools. */
const messagesMax = 10_000;

/**
 * A catalogue from the answers of one MCP server: a list of tools, `{"tools": […]}`, one JSON-RPC response, or a list of responses that are
 * the pages of one listing in order (MCP 2025-11-25 §tools, §pagination); other messages in such a list are passed over, but `initialize`
 * names the server. Errors: `CATALOGUE_SOURCE`, and those of `readCatalogue`.
 *
 * @example
 * const made = catalogueFromMcp(answer, { server: "files" });
 * if (made.ok) write(made.value.catalogue);
 */
export function catalogueFromMcp(listing: Json, source: McpSource): Result<MadeCatalogue, readonly Finding[]> {
  const report = openReport();
  if (!isName(source.server)) report.error([], "the server's name has letters, digits, `_`, `.` and `-` only", "CATALOGUE_NAME");
  if (!isReadable(listing, report, "the listing") || !isReadable(source.identity ?? {}, report, "the identity"))
    return err(report.findings);
  const messages = messagesOf(listing);
  if (messages === undefined) {
    report.error(
      [],
      'expected the answer of an MCP server to `tools/list`: `{"tools": [...]}`, or JSON-RPC responses',
      "CATALOGUE_SOURCE",
    );
    return err(report.findings);
  }
  const entries = messages.slice(0, messagesMax).flatMap((message) => toolsOf(message, report));
  if (messages.length > messagesMax) report.error([], `more than ${messagesMax} messages`, "CATALOGUE_TOO_LARGE");
  checkPages(messages, report);
  const identity = { ...(source.identity ?? identityIn(messages)), name: source.server };
  return finish(
    identity,
    entries.map((entry) => importTool(entry, source.server, report)),
    report,
  );
}

/** What an `initialize` among the messages says the server is: its name and version, and what it tells agents. */
function identityIn(messages: readonly Message[]): JsonObject {
  const hello = messages.map(({ value }) => member(value, "result")).find((result) => isObject(member(result, "serverInfo")));
  const [info, instructions] = [member(hello, "serverInfo"), member(hello, "instructions")];
  return {
    ...(isObject(info) ? { serverInfo: info } : {}),
    // Instructions are pinned like descriptions: they reach the same model.
    ...(typeof instructions === "string" ? { instructions } : {}),
  };
}

/** The tools of the JSON-RPC responses of one listing as one list; what is no whole listing of responses comes back as it is. */
export function listedIn(listing: Json): Json {
  const report = openReport();
  const messages = messagesOf(listing);
  if (messages?.some(({ value }) => member(value, "result") !== undefined) !== true || messages.length > messagesMax)
    return listing;
  const tools = messages.flatMap((message) => toolsOf(message, report)).map(({ tool }) => tool);
  checkPages(messages, report);
  return report.findings.length === 0 ? { tools } : listing;
}

interface Message {
  readonly value: Json;
  readonly place: Place;
  /** Where its tools are, if it is no message but a bare list. */
  readonly toolsAt?: Place;
}

/** The messages of a listing; `undefined` if it is none. A bare list of tools is one page. */
function messagesOf(listing: Json): readonly Message[] | undefined {
  const isMessage = (value: Json): boolean =>
    member(value, "tools") !== undefined || member(value, "jsonrpc") !== undefined || member(value, "result") !== undefined;
  if (!isArray(listing)) return isObject(listing) && isMessage(listing) ? [{ value: listing, place: [] }] : undefined;
  if (listing.some(isMessage)) return listing.map((value, i) => ({ value, place: [i] }));
  return listing.every(isObject) ? [{ value: { tools: listing }, place: [], toolsAt: [] }] : undefined;
}

/** Where the page of a message is: itself, or the `result` of a JSON-RPC response. */
function pageOf({ value, place }: Message): { readonly page: Json | undefined; readonly place: Place } {
  const result = member(value, "result");
  return result === undefined ? { page: value, place } : { page: result, place: [...place, "result"] };
}

function toolsOf(message: Message, report: Report): readonly Entry[] {
  const { value, place } = message;
  if (member(value, "method") !== undefined) return [];
  if (member(value, "error") !== undefined) {
    report.error([...place, "error"], "the server answered with an error instead of tools", "CATALOGUE_SOURCE");
    return [];
  }
  const { page, place: at } = pageOf(message);
  const tools = member(page, "tools");
  if (tools === undefined && isObject(page)) return [];
  if (!isArray(tools)) {
    report.error(at, "a page of tools has a list `tools`", "CATALOGUE_SOURCE");
    return [];
  }
  const base = message.toolsAt ?? [...at, "tools"];
  return tools.flatMap((tool, i) => {
    if (isObject(tool)) return [{ tool, place: [...base, i] }];
    report.error([...base, i], "must be an object that describes a tool", "CATALOGUE_SOURCE");
    return [];
  });
}

/** MCP §pagination: every page but the last names the next. */
function checkPages(messages: readonly Message[], report: Report): void {
  const pages = messages.map(pageOf).filter(({ page }) => isArray(member(page, "tools")));
  if (pages.length === 0) report.error([], "no message lists tools", "CATALOGUE_SOURCE");
  for (const [i, { page, place }] of pages.entries()) {
    const cursor = member(page, "nextCursor");
    const goesOn = cursor !== undefined && cursor !== null;
    if (goesOn && i === pages.length - 1)
      report.warn([...place, "nextCursor"], "the listing goes on: tools may be missing", "CATALOGUE_SKIPPED");
    if (!goesOn && i < pages.length - 1)
      report.warn(place, "the listing ends here, and yet another page follows: two listings may be mixed", "CATALOGUE_SKIPPED");
  }
}

function importTool({ tool, place }: Entry, server: string, report: Report): JsonObject {
  const { sluice, server: foreign, ...definition } = tool as { readonly [key: string]: Json };
  if (sluice !== undefined)
    report.warn([...place, "sluice"], "left out: a server's word about itself does not count", "CATALOGUE_IGNORED");
  if (foreign !== undefined) report.warn([...place, "server"], "left out: a tool does not say whose it is", "CATALOGUE_IGNORED");
  return entryOf(definition, server, sluiceMember(definition));
}
