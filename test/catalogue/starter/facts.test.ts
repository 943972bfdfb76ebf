/**
 * What the starter catalogues say of every tool: whole, cautious, and what somebody who knows the server would expect.
 * Never asks the network: the definitions are those in the project.
 */
import { describe, expect, it } from "vitest";
import { type Catalogue, inferEffects, inputProperties, readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { starterCatalogue, type StarterName, starterNames } from "../../../src/catalogue/starter/starter.ts";
import { starterOf } from "../../../src/catalogue/starter/starters.ts";
import { isArray, member } from "../../../src/json/value.ts";
import type { Effect, FrozenTool } from "../../../src/plan/plan.ts";

function read(name: StarterName): Catalogue {
  const result = readCatalogue(starterCatalogue(name));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const ownName = (tool: FrozenTool): string => tool.name.slice(tool.name.indexOf("/") + 1);
const acting: readonly Effect[] = ["write", "money", "message", "execute"];

function inferredOf(tool: FrozenTool): readonly Effect[] {
  const description = member(tool.definition, "description");
  const annotations = member(tool.definition, "annotations");
  return inferEffects({
    name: ownName(tool),
    ...(typeof description === "string" ? { description } : {}),
    arguments: [...inputProperties(tool).keys()],
    ...(annotations === undefined ? {} : { annotations }),
  });
}

describe.each(starterNames)("the starter %s", (name) => {
  const catalogue = read(name);
  const tools = [...catalogue.tools.values()];
  const { facts, definitions, origin } = starterOf(name);

  it("is read without a warning, and nothing in it is inferred", () => {
    expect(catalogue.findings).toEqual([]);
    expect(tools.filter(({ facts: of }) => of.inferred.length > 0).map((tool) => tool.name)).toEqual([]);
  });

  it("has facts for every tool of the server's list, and for no other", () => {
    expect(Object.keys(facts.tools).sort()).toEqual([...definitions.keys()].sort());
    expect(tools.map(ownName)).toEqual([...definitions.keys()]);
  });

  it("gives every argument a role, and roles to nothing that is no argument", () => {
    const missing = tools.flatMap((tool) =>
      [...inputProperties(tool).keys()]
        .filter((arg) => !Object.hasOwn(tool.facts.roles, arg))
        .map((arg) => `${tool.name}.${arg}`),
    );
    const idle = tools.flatMap((tool) =>
      Object.keys(tool.facts.roles).filter((path) => !inputProperties(tool).has(path.split(".")[0] as string)),
    );
    expect([missing, idle]).toEqual([[], []]);
  });

  it("labels every result with one untrusted label, never `unknown`", () => {
    for (const tool of tools) expect(tool.facts.labels, tool.name).toEqual([facts.label]);
    for (const label of Object.values(catalogue.labels)) expect(label.integrity).toBe("untrusted");
    expect(facts.label === "database_record" || catalogue.labels[facts.label] !== undefined).toBe(true);
  });

  it("calls nothing read-only that says of itself that it is not", () => {
    const understated = tools.filter((tool) => {
      const hint = member(member(tool.definition, "annotations"), "readOnlyHint");
      return hint === false && !tool.facts.effects.some((effect) => acting.includes(effect));
    });
    expect(understated.map((tool) => tool.name)).toEqual([]);
  });

  it("gives every tool an effect, and a tool that acts something that steers or is said to have no arguments that could", () => {
    for (const tool of tools) expect(tool.facts.effects, tool.name).not.toEqual([]);
    const free = tools.filter(
      ({ facts: of }) => of.effects.some((effect) => acting.includes(effect)) && Object.keys(of.roles).length > 0,
    );
    const onlyText = free.filter(({ facts: of }) => Object.values(of.roles).every((role) => role === "content"));
    expect(onlyText.map((tool) => tool.name)).toEqual(name === "sqlite" ? ["sqlite/append_insight"] : []);
  });

  it("says of what it was made, how, and why each fact is what it is", () => {
    const notes = member(member(starterCatalogue(name), "_meta"), "sluice/starter");
    expect(member(notes, "origin")).toEqual(origin);
    expect(origin.license).toMatch(/^(MIT|ISC|Apache-2\.0|BSD-3-Clause)$/);
    expect(origin.taken).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(origin.how).toMatch(/^tools\/list over /);
    for (const tool of definitions.keys())
      expect(member(member(member(notes, "tools"), tool), "why"), tool).toMatch(/^.{8,}\.$/s);
  });

  it("goes by the name that it is given", () => {
    const renamed = readCatalogue(starterCatalogue(name, { server: "my-own" }));
    expect(renamed.ok && [...renamed.value.tools.keys()].every((tool) => tool.startsWith("my-own/"))).toBe(true);
  });

  it("is a copy, so that editing it changes no other", () => {
    const one = starterCatalogue(name);
    const before = JSON.stringify(starterCatalogue(name));
    const list = member(one, "tools");
    for (const tool of isArray(list) ? list : []) Object.assign(member(tool, "sluice") as object, { labels: ["mine"] });
    expect(JSON.stringify(starterCatalogue(name))).toBe(before);
  });
});

describe("what the starters say less than inference would", () => {
  /** Tool → effects that its texts suggest and it has not; each was looked up in the package's source. */
  const known: { readonly [tool: string]: string } = {
    "filesystem/read_text_file": "write",
    "git/git_log": "write",
    "git/git_checkout": "money",
    "postgres/query": "network",
    explain_query: "network",
    execute_sql: "network",
    "sqlite/read_query": "write network execute",
    "sqlite/write_query": "network execute",
    "browser/browser_wait_for": "write",
    "github/cancel_workflow_run": "execute",
    "github/delete_workflow_run_logs": "execute",
    "github/list_notifications": "write",
    "github/mark_all_notifications_read": "read",
    "mail/list_available_accounts": "network message",
    "mail/list_allowed_recipients": "write network message",
    "mail/list_allowed_senders": "write network message",
    "mail/save_draft": "message",
    "mail/set_email_flags": "message",
    "mail/set_email_tags": "message",
    "mail/mark_emails_as_read": "read",
    "mail/draft_email": "message",
    "mail/modify_email": "message",
    "mail/delete_email": "message",
    "mail/get_or_create_label": "read",
  };

  it("is a short list, and on no other server but Slack's, whose messages are no writes and whose readers hint at destruction", () => {
    const less = starterNames
      .filter((name) => name !== "slack" && name !== "slack-server")
      .flatMap((name) => [...read(name).tools.values()])
      .map(
        (tool) =>
          [
            tool.name,
            inferredOf(tool)
              .filter((effect) => !tool.facts.effects.includes(effect))
              .join(" "),
          ] as const,
      )
      .filter(([tool, effects]) => effects !== "" && (known[tool] ?? known[tool.slice(tool.indexOf("/") + 1)]) !== effects)
      // A message that is sent is no write of data.
      .filter(([tool, effects]) => !(effects === "write" && /\/(send|forward)_email$/.test(tool)));
    expect(less).toEqual([]);
  });
});

/** What must steer: whoever chooses it chooses where data goes, what is done, or what runs. */
const steering: { readonly [name in StarterName]: { readonly [tool: string]: string } } = {
  filesystem: {
    write_file: "path",
    edit_file: "path",
    move_file: "source destination",
    create_directory: "path",
  },
  git: {
    git_add: "repo_path files",
    git_checkout: "repo_path branch_name",
    git_create_branch: "repo_path branch_name base_branch",
    git_commit: "repo_path",
    git_reset: "repo_path",
  },
  github: {
    create_or_update_file: "owner repo branch path sha",
    push_files: "owner repo branch files files.path",
    create_repository: "name",
    fork_repository: "owner repo organization",
    create_branch: "owner repo branch from_branch",
    create_issue: "owner repo assignees milestone",
    add_issue_comment: "owner repo issue_number",
    create_pull_request: "owner repo head base",
    merge_pull_request: "owner repo pull_number",
  },
  "github-server": {
    push_files: "owner repo branch files files.path",
    run_workflow: "owner repo workflow_id ref inputs",
    create_gist: "filename",
    update_pull_request: "owner repo pullNumber base reviewers",
    add_comment_to_pending_review: "owner repo pullNumber path line startLine",
    mark_all_notifications_read: "owner repo",
  },
  slack: {
    slack_post_message: "channel_id",
    slack_reply_to_thread: "channel_id thread_ts",
    slack_add_reaction: "channel_id timestamp",
  },
  "slack-server": {
    conversations_add_message: "channel_id thread_ts blocks",
    usergroups_users_update: "usergroup_id users",
    conversations_leave: "channel_id",
  },
  mail: {
    send_email: "account_name recipients cc bcc reply_to",
    forward_email: "account_name recipients cc bcc",
    save_draft: "account_name recipients cc bcc",
    delete_emails: "account_name email_ids mailbox",
    download_attachment: "save_path",
    email_command: "account_name commands",
  },
  gmail: {
    send_email: "to cc bcc",
    draft_email: "to cc bcc",
    create_filter: "action action.forward",
    delete_email: "messageId",
    download_attachment: "filename savePath",
  },
  postgres: { query: "sql" },
  "postgres-mcp": { execute_sql: "sql", explain_query: "sql hypothetical_indexes", analyze_query_indexes: "queries" },
  sqlite: { read_query: "query", write_query: "query", create_table: "query" },
  fetch: { fetch: "url" },
  browser: {
    browser_navigate: "url",
    browser_tabs: "index url",
    browser_click: "target",
    browser_type: "target",
    browser_evaluate: "target function filename",
    browser_run_code_unsafe: "code filename",
    browser_snapshot: "filename",
    browser_take_screenshot: "filename",
    browser_fill_form: "fields fields.target",
  },
  calendar: {
    "create-event": "account calendarId eventId attendees attachments source",
    "update-event": "account calendarId eventId attendees attachments",
    "delete-event": "account calendarId eventId",
    "create-events": "account calendarId events events.account events.calendarId events.attendees",
    "manage-accounts": "account_id",
  },
};

describe("what steers", () => {
  const rows = Object.entries(steering).flatMap(([name, tools]) =>
    Object.entries(tools).map(([tool, args]) => [name as StarterName, tool, args] as const),
  );

  it.each(rows)("%s: %s is steered by %s and nothing else", (name, tool, args) => {
    const roles = starterOf(name).facts.tools[tool]?.roles ?? {};
    const steers = Object.keys(roles).filter((arg) => roles[arg] === "target" || roles[arg] === "command");
    expect(steers.sort()).toEqual(args.split(" ").sort());
  });
});

describe("facts for tools of versions that are not kept", () => {
  const rows = starterNames.flatMap((name) =>
    Object.entries(starterOf(name).facts.later ?? {}).map(([tool, facts]) => [name, tool, facts] as const),
  );

  it.each(rows)("%s: %s is no tool of the kept version, and what acts there is steered", (name, tool, facts) => {
    expect(starterOf(name).definitions.has(tool)).toBe(false);
    const acts = facts.effects.some((effect) => acting.includes(effect));
    expect(acts).toBe(!tool.endsWith("_read"));
    expect(Object.values(facts.roles).some((role) => role === "target" || role === "command")).toBe(acts);
  });
});

/** What a tool may read of the agent's words: text for people, and nothing else. */
const texts: readonly (readonly [StarterName, string, string])[] = [
  ["filesystem", "write_file", "content"],
  ["filesystem", "edit_file", "edits"],
  ["git", "git_commit", "message"],
  ["github", "push_files", "files.content message"],
  ["github", "create_pull_request_review", "body comments.body"],
  ["slack", "slack_post_message", "text"],
  ["mail", "send_email", "subject body"],
  ["gmail", "send_email", "body htmlBody"],
  ["browser", "browser_type", "element text"],
  ["calendar", "create-event", "summary description location"],
  ["postgres", "query", ""],
  ["fetch", "fetch", ""],
];

describe("what is text", () => {
  it.each(texts)("%s: %s has the contents %s", (name, tool, args) => {
    const roles = starterOf(name).facts.tools[tool]?.roles ?? {};
    const contents = Object.keys(roles).filter((arg) => roles[arg] === "content");
    expect(contents.sort()).toEqual(args.split(" ").filter(Boolean).sort());
  });
});

/** Who reads what is sent, and what comes back from where. */
describe("audiences and resources", () => {
  const factsOf = (name: StarterName, tool: string) => read(name).resolve(tool);

  it.each([
    ["mail", "send_email", { arg: ["recipients", "cc", "bcc", "reply_to"] }],
    ["mail", "forward_email", { arg: ["recipients", "cc", "bcc"] }],
    ["gmail", "send_email", { arg: ["to", "cc", "bcc"] }],
    ["gmail", "create_filter", "public"],
    ["slack", "slack_post_message", { arg: "channel_id" }],
    ["slack-server", "conversations_add_message", { arg: "channel_id" }],
    ["github", "create_issue", "public"],
    ["calendar", "create-event", "public"],
    ["fetch", "fetch", "public"],
    ["browser", "browser_type", "public"],
  ] as const)("%s: what %s sends is read by %j", (name, tool, audience) => {
    const found = factsOf(name, tool);
    expect(found.ok && found.value.facts.audience).toEqual(audience);
  });

  it.each([
    ["filesystem", "read_text_file", { template: "file:{path}", access: "read" }],
    ["filesystem", "write_file", { template: "file:{path}", access: "write" }],
    ["github", "get_issue", { template: "repository:{owner}/{repo}", access: "read" }],
    ["slack", "slack_get_channel_history", { template: "workspace:messages", access: "read" }],
    ["mail", "list_emails_metadata", { template: "mailbox:all", access: "read" }],
    ["postgres", "query", { template: "database:all", access: "both" }],
    ["sqlite", "write_query", { template: "database:all", access: "both" }],
    ["browser", "browser_type", { template: "page:current", access: "both" }],
    ["calendar", "list-events", { template: "calendar:all", access: "read" }],
  ] as const)("%s: %s touches %j", (name, tool, resource) => {
    const found = factsOf(name, tool);
    expect(found.ok && found.value.facts.resource).toEqual(resource);
  });

  it("nothing that only reads writes to a resource that another tool reads", () => {
    for (const name of starterNames)
      for (const { name: tool, facts } of read(name).tools.values()) {
        const specs = [facts.resource ?? []].flat();
        const writes = specs.some((spec) => typeof spec === "string" || spec.access !== "read");
        if (writes)
          expect(
            facts.effects.some((effect) => acting.includes(effect)),
            tool,
          ).toBe(true);
      }
  });
});
