/**
 * The starter catalogues by name: what their tools do, beside the definitions that the servers gave.
 * Pure data. Never a source of trust: it only says how cautious to be with servers that are well known.
 */
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { browser } from "./browser.ts";
import { calendar } from "./calendar.ts";
import browserList from "./definitions/browser.json" with { type: "json" };
import calendarList from "./definitions/calendar.json" with { type: "json" };
import fetchList from "./definitions/fetch.json" with { type: "json" };
import filesystemList from "./definitions/filesystem.json" with { type: "json" };
import gitList from "./definitions/git.json" with { type: "json" };
import githubList from "./definitions/github.json" with { type: "json" };
import githubServerList from "./definitions/github-server.json" with { type: "json" };
import gmailList from "./definitions/gmail.json" with { type: "json" };
import mailList from "./definitions/mail.json" with { type: "json" };
import postgresList from "./definitions/postgres.json" with { type: "json" };
import postgresMcpList from "./definitions/postgres-mcp.json" with { type: "json" };
import slackList from "./definitions/slack.json" with { type: "json" };
import slackServerList from "./definitions/slack-server.json" with { type: "json" };
import sqliteList from "./definitions/sqlite.json" with { type: "json" };
import type { StarterOrigin, StarterServer } from "./facts.ts";
import { fetch } from "./fetch.ts";
import { filesystem } from "./filesystem.ts";
import { git } from "./git.ts";
import { github } from "./github.ts";
import { githubServer } from "./github-server.ts";
import { gmail } from "./gmail.ts";
import { mail } from "./mail.ts";
import { postgres } from "./postgres.ts";
import { postgresMcp } from "./postgres-mcp.ts";
import { slack } from "./slack.ts";
import { slackServer } from "./slack-server.ts";
import { sqlite } from "./sqlite.ts";

/** Facts about a server's tools, with the list that a release of the server gave. */
export interface Starter {
  readonly facts: StarterServer;
  readonly origin: StarterOrigin;
  /** By name, as `tools/list` gave them. */
  readonly definitions: ReadonlyMap<string, JsonObject>;
}

type Listing = readonly [StarterServer, { readonly origin: unknown; readonly tools: unknown }];

/** Gives the lists a short type: spelled out, they made a declaration file of 840 KB that every user of the catalogues compiled. */
function listing(facts: StarterServer, list: { readonly origin: unknown; readonly tools: unknown }): Listing {
  return [facts, list];
}

/** Name of a starter catalogue. */
export type StarterName =
  | "filesystem"
  | "git"
  | "github"
  | "github-server"
  | "slack"
  | "slack-server"
  | "mail"
  | "gmail"
  | "postgres"
  | "postgres-mcp"
  | "sqlite"
  | "fetch"
  | "browser"
  | "calendar";

const listed: { readonly [name in StarterName]: Listing } = {
  filesystem: listing(filesystem, filesystemList),
  git: listing(git, gitList),
  github: listing(github, githubList),
  "github-server": listing(githubServer, githubServerList),
  slack: listing(slack, slackList),
  "slack-server": listing(slackServer, slackServerList),
  mail: listing(mail, mailList),
  gmail: listing(gmail, gmailList),
  postgres: listing(postgres, postgresList),
  "postgres-mcp": listing(postgresMcp, postgresMcpList),
  sqlite: listing(sqlite, sqliteList),
  fetch: listing(fetch, fetchList),
  browser: listing(browser, browserList),
  calendar: listing(calendar, calendarList),
};

/** The names of all starter catalogues, in the order in which they are listed. */
export const starterNames: readonly StarterName[] = Object.keys(listed) as StarterName[];

/** Whether a text names a starter catalogue. */
export function isStarterName(name: string): name is StarterName {
  return Object.hasOwn(listed, name);
}

/** The facts, the origin and the definitions of one starter catalogue. */
export function starterOf(name: StarterName): Starter {
  const [facts, list] = listed[name];
  const tools = list.tools as unknown as Json;
  const definitions = (isArray(tools) ? tools : []).filter(isObject).map((tool) => [String(member(tool, "name")), tool] as const);
  return { facts, origin: list.origin as StarterOrigin, definitions: new Map(definitions) };
}
