/**
 * What the tools of GitHub's own server (`github-mcp-server`) do.
 * Pure data. Never takes a repository for a private one: what is written to an issue may be read by everyone.
 */
import type { Effect, ResourceSpec } from "../../plan/plan.ts";
import { type RoleTable, type StarterServer, type StarterTool, tool } from "./facts.ts";
import { github } from "./github.ts";

const repository = (access: "read" | "write" | "both"): ResourceSpec => ({ template: "repository:{owner}/{repo}", access });

/** Reads from one repository. Most answers are JSON, diffs and files are not, so a plan says where it parses. */
const reads = (selector: string, why: string, control?: string): StarterTool =>
  tool(["read", "network"], { selector, ...(control === undefined ? {} : { control }) }, { resource: repository("read"), why });

/** Reads what is in no one repository: it counts as reading everything on the server. */
const readsAll = (table: RoleTable, why: string): StarterTool => tool(["read", "network"], table, { why });

/** What else holds of a change; `resource: undefined`: any of the server's. */
type Changed = Omit<Partial<StarterTool>, "resource"> & { readonly resource?: StarterTool["resource"] | undefined };

const changes = (table: RoleTable, why: string, more: Changed = {}): StarterTool =>
  withResource(tool(["write", "network"], table, { audience: "public", idempotent: false, why }), {
    resource: repository("both"),
    ...more,
  });

function withResource(facts: StarterTool, { resource, ...more }: Changed): StarterTool {
  return { ...facts, ...more, ...(resource === undefined ? {} : { resource }) };
}

/** Speaks to people: everyone who watches the repository gets a mail. */
const speaks = (table: RoleTable, why: string): StarterTool => ({
  ...changes(table, why),
  effects: ["write", "network", "message"],
});

/** Starts code on GitHub's machines, with the repository's secrets. */
const runs = (table: RoleTable, why: string): StarterTool => {
  const effects: readonly Effect[] = ["write", "network", "execute"];
  return { ...changes(table, why), effects };
};

/** The user's own notifications, which are no part of a repository. */
const notices = (table: RoleTable, why: string): StarterTool =>
  tool(["write", "network"], table, {
    resource: { template: "notification:all", access: "both" },
    audience: [],
    idempotent: true,
    why,
  });

const at = "owner repo";
const issue = "owner repo issue_number";
const pull = "owner repo pullNumber";
const run = "owner repo run_id";
const paging = "page perPage";
const anybody = "Anybody may open an issue or a pull request in a public repository, and comment.";
const logs = "Logs hold what the code printed, also code of strangers' pull requests.";
const alerts =
  "Texts of scanners, with code and advisories of strangers. Secrets that were found are in it: give the label readers.";
const profile = "Names and profiles are what each user or organisation says.";
const mentioned =
  "Whoever is mentioned in `body` gets a mail. Bots may take orders from comments (`/deploy`, `@bot merge`): where there are such, bound `body` with `match`.";
const found = "Finds what strangers wrote.";
const elsewhere = "The new one's owner is no argument, so it counts as any repository.";

const issueTools: StarterServer["tools"] = {
  create_issue: speaks(
    { target: `${at} assignees milestone`, content: "title body", control: "labels type" },
    "In a public repository everyone reads it; assignees are told.",
  ),
  update_issue: speaks(
    { target: `${issue} assignees milestone`, content: "title body", control: "labels state type" },
    "Replaces texts and may close the issue.",
  ),
  add_issue_comment: speaks({ target: issue, content: "body" }, mentioned),
  add_sub_issue: changes({ target: `${issue} sub_issue_id`, control: "replace_parent" }, "Changes what belongs to what."),
  remove_sub_issue: changes({ target: `${issue} sub_issue_id` }, "Changes what belongs to what."),
  reprioritize_sub_issue: changes(
    { target: `${issue} sub_issue_id`, control: "after_id before_id" },
    "Changes what comes first.",
  ),
  assign_copilot_to_issue: runs(
    { target: "owner repo issueNumber" },
    "Another agent reads the issue, strangers' text and all, and writes code: its plan is not this one.",
  ),
  get_issue: reads(issue, anybody),
  get_issue_comments: reads(issue, anybody, paging),
  list_issues: reads(`${at} labels since state`, anybody, "after direction orderBy perPage"),
  list_issue_types: readsAll({ selector: "owner" }, "Names that the organisation gave."),
  list_sub_issues: reads(issue, anybody, "page per_page"),
  search_issues: readsAll({ selector: `query ${at}`, control: `order sort ${paging}` }, found),
};

const pullTools: StarterServer["tools"] = {
  create_pull_request: speaks(
    { target: `${at} head base`, content: "title body", control: "draft maintainer_can_modify" },
    "`head` and `base` say whose code is offered to whom; workflows of the repository may run it.",
  ),
  update_pull_request: speaks(
    { target: `${pull} base reviewers`, content: "title body", control: "draft maintainer_can_modify state" },
    "Reviewers are told; another base is another place for the code.",
  ),
  merge_pull_request: changes(
    { target: pull, control: "merge_method", content: "commit_title commit_message" },
    "Lets somebody's code in, and starts what the repository runs on it.",
  ),
  update_pull_request_branch: changes(
    { target: `${pull} expectedHeadSha` },
    "Merges the base into the branch of the pull request.",
  ),
  create_and_submit_pull_request_review: speaks(
    { target: `${pull} commitID`, control: "event", content: "body" },
    "`event` may be APPROVE, which lets code in: it steers.",
  ),
  create_pending_pull_request_review: changes({ target: `${pull} commitID` }, "Begins a review that nobody sees yet."),
  add_comment_to_pending_review: changes(
    { target: `${pull} path line startLine`, control: "side startSide subjectType", content: "body" },
    "The comment is seen when the review is submitted; which line it is about steers.",
  ),
  submit_pending_pull_request_review: speaks(
    { target: pull, control: "event", content: "body" },
    "`event` may be APPROVE, which lets code in.",
  ),
  delete_pending_pull_request_review: changes({ target: pull }, "Throws a review away that nobody saw."),
  request_copilot_review: speaks({ target: pull }, "Another agent reads the code and comments."),
  get_pull_request: reads(pull, anybody),
  get_pull_request_comments: reads(pull, anybody),
  get_pull_request_diff: reads(pull, "Code of whoever opened the pull request."),
  get_pull_request_files: reads(pull, "Code of whoever opened the pull request.", paging),
  get_pull_request_reviews: reads(pull, "Anybody may review, and an approval by a stranger is no approval."),
  get_pull_request_status: reads(pull, "Names and links of checks are what the services that ran them say."),
  list_pull_requests: reads(`${at} base head state`, anybody, `direction sort ${paging}`),
  search_pull_requests: readsAll({ selector: `query ${at}`, control: `order sort ${paging}` }, found),
};

const repositoryTools: StarterServer["tools"] = {
  create_branch: changes(
    { target: `${at} branch from_branch` },
    "A branch is a name that later steps act on; its base decides what is in it.",
  ),
  create_or_update_file: changes(
    { target: `${at} branch path sha`, content: "content message" },
    "Pushes a commit: which repository, branch and file it lands in steers.",
  ),
  push_files: changes(
    { target: `${at} branch files files.path`, content: "files.content message" },
    "As create_or_update_file, for several files; within `files` only `content` is text.",
  ),
  delete_file: changes({ target: `${at} branch path`, content: "message" }, "Pushes a commit without the file."),
  create_repository: changes(
    { target: "name", content: "description", control: "private autoInit" },
    `\`private\` decides who reads all that comes later, so an agent that read strangers' texts may not choose it. ${elsewhere}`,
    { resource: undefined },
  ),
  fork_repository: changes(
    { target: `${at} organization` },
    `Copies a repository into an account: \`organization\` says into whose. ${elsewhere}`,
    { resource: undefined },
  ),
  get_commit: reads(`${at} sha`, "Messages, authors and patches are what each committer says.", paging),
  get_file_contents: reads(`${at} path ref sha`, "Whoever gets a commit merged wrote the file."),
  get_latest_release: reads(at, "Texts of whoever may release."),
  get_tag: reads(`${at} tag`, "Texts of whoever may push."),
  list_branches: reads(at, "Names that whoever may push gave.", paging),
  list_commits: reads(`${at} author sha`, "Messages and authors are what each committer says.", paging),
  list_releases: reads(at, "Texts of whoever may release.", paging),
  list_tags: reads(at, "Names that whoever may push gave.", paging),
  search_code: readsAll({ selector: "query", control: `order sort ${paging}` }, found),
  search_repositories: readsAll({ selector: "query", control: paging }, found),
};

const actionTools: StarterServer["tools"] = {
  run_workflow: runs(
    { target: `${at} workflow_id ref`, command: "inputs" },
    "`inputs` go into the workflow's scripts, often as they are: they count as commands.",
  ),
  rerun_workflow_run: runs({ target: run }, "Runs code again, with the repository's secrets."),
  rerun_failed_jobs: runs({ target: run }, "Runs code again, with the repository's secrets."),
  cancel_workflow_run: changes({ target: run }, "Stops a run, perhaps a check."),
  delete_workflow_run_logs: changes({ target: run }, "Takes away what happened."),
  get_job_logs: reads(`${at} job_id run_id`, logs, "failed_only return_content tail_lines"),
  get_workflow_run: reads(run, logs),
  get_workflow_run_logs: reads(run, logs),
  get_workflow_run_usage: reads(run, "Numbers of minutes."),
  list_workflow_jobs: reads(run, logs, `filter ${paging}`),
  list_workflow_run_artifacts: reads(run, logs, paging),
  download_workflow_run_artifact: reads(`${at} artifact_id`, "A link to what a run made, perhaps from a stranger's code."),
  list_workflow_runs: reads(`${at} actor branch event status workflow_id`, logs, paging),
  list_workflows: reads(at, "Names that whoever may push gave.", paging),
};

const otherTools: StarterServer["tools"] = {
  get_code_scanning_alert: reads(`${at} alertNumber`, alerts),
  get_dependabot_alert: reads(`${at} alertNumber`, alerts),
  get_secret_scanning_alert: reads(`${at} alertNumber`, alerts),
  list_code_scanning_alerts: reads(`${at} ref severity state tool_name`, alerts),
  list_dependabot_alerts: reads(`${at} severity state`, alerts),
  list_secret_scanning_alerts: reads(`${at} resolution secret_type state`, alerts),
  get_discussion: reads(`${at} discussionNumber`, anybody),
  get_discussion_comments: reads(`${at} discussionNumber`, anybody, "after perPage"),
  list_discussions: reads(`${at} category`, anybody, "after direction orderBy perPage"),
  list_discussion_categories: reads(at, "Names that the repository's owners gave."),
  create_gist: changes(
    { target: "filename", content: "content description", control: "public" },
    "A gist has an address that whoever knows it may read, secret ones too.",
    { resource: { template: "gist:all", access: "both" } },
  ),
  update_gist: changes(
    { target: "gist_id filename", content: "content description" },
    "A gist has an address that whoever knows it may read, secret ones too.",
    { resource: { template: "gist:all", access: "both" } },
  ),
  list_gists: tool(
    ["read", "network"],
    { selector: "username since", control: paging },
    { resource: { template: "gist:all", access: "read" }, why: "Texts of that user." },
  ),
  list_notifications: readsAll({ selector: `before filter ${at} since`, control: paging }, "Titles of what strangers opened."),
  get_notification_details: readsAll({ selector: "notificationID" }, "Titles of what strangers opened."),
  dismiss_notification: notices({ target: "threadID", control: "state" }, "Hides it from the user."),
  manage_notification_subscription: notices({ target: "notificationID", control: "action" }, "Decides what the user hears of."),
  manage_repository_notification_subscription: notices({ target: at, control: "action" }, "Decides what the user hears of."),
  mark_all_notifications_read: notices({ target: at, control: "lastReadAt" }, "Hides all from the user."),
  get_me: readsAll({}, profile),
  get_teams: readsAll({ selector: "user" }, profile),
  get_team_members: readsAll({ selector: "org team_slug" }, profile),
  search_users: readsAll({ selector: "query", control: `order sort ${paging}` }, profile),
  search_orgs: readsAll({ selector: "query", control: `order sort ${paging}` }, profile),
};

/** Tools that later versions have instead, with the arguments that they document: one tool with a `method` for several. */
const later: StarterServer["tools"] = {
  issue_read: reads(`${issue} method`, anybody, paging),
  issue_write: speaks(
    {
      target: `${issue} assignees milestone duplicate_of`,
      content: "title body",
      control: "method labels type state state_reason show_ui",
    },
    "In a public repository everyone reads it; assignees are told.",
  ),
  sub_issue_write: changes(
    { target: `${issue} sub_issue_id`, control: "method replace_parent after_id before_id" },
    "Changes what belongs to what.",
  ),
  pull_request_read: reads(`${pull} method`, anybody, paging),
  pull_request_review_write: speaks(
    { target: `${pull} commitID`, control: "method event", content: "body" },
    "`event` may be APPROVE, which lets code in: it steers.",
  ),
  add_reply_to_pull_request_comment: speaks({ target: `${pull} commentId`, control: "reaction", content: "body" }, mentioned),
  label_write: changes(
    { target: `${at} name new_name`, control: "method color", content: "description" },
    "Labels start what workflows do.",
  ),
  actions_run_trigger: runs(
    { target: `${at} workflow_id ref run_id`, control: "method", command: "inputs" },
    "`inputs` go into the workflow's scripts, often as they are: they count as commands.",
  ),
};

/** Repositories, issues, pull requests and workflows on GitHub. */
export const githubServer: StarterServer = {
  server: "github",
  title: "repositories, issues, pull requests and workflows on GitHub (GitHub's own server)",
  label: github.label,
  labels: github.labels,
  tools: { ...issueTools, ...pullTools, ...repositoryTools, ...actionTools, ...otherTools },
  later,
};
