/**
 * What the tools of `@modelcontextprotocol/server-github` do.
 * Pure data. Never takes a repository for a private one: what is written to an issue may be read by everyone.
 */
import type { ResourceSpec } from "../../plan/plan.ts";
import { type RoleTable, type StarterServer, type StarterTool, tool } from "./facts.ts";

/** GitHub compares names without case, as resources are. */
const repository = (access: "read" | "write" | "both"): ResourceSpec => ({ template: "repository:{owner}/{repo}", access });

/** Reads from one repository. */
const reads = (table: RoleTable, why: string): StarterTool =>
  tool(["read", "network"], table, { resource: repository("read"), parse: "json", why });

/** Searches all of GitHub: there is no one repository, so it counts as reading everything on the server. */
const searches = (table: RoleTable, why: string): StarterTool => tool(["read", "network"], table, { parse: "json", why });

/** Changes files, branches or settings. What it answers shows what is there now. */
const changes = (table: RoleTable, more: { readonly why: string; readonly idempotent: boolean }): StarterTool =>
  tool(["write", "network"], table, { resource: repository("both"), audience: "public", parse: "json", ...more });

/** Speaks to people: everyone who watches the repository gets a mail. */
const speaks = (table: RoleTable, more: { readonly why: string; readonly idempotent: boolean }): StarterTool =>
  tool(["write", "network", "message"], table, { resource: repository("both"), audience: "public", parse: "json", ...more });

const pull = "owner repo pull_number";

/** Repositories, issues and pull requests on GitHub. */
export const github: StarterServer = {
  server: "github",
  title: "repositories, issues and pull requests on GitHub",
  label: "github_content",
  labels: {
    github_content: {
      integrity: "untrusted",
      description: "files, issues, comments and names on GitHub: whoever may open an issue or a pull request wrote them",
    },
  },
  tools: {
    create_or_update_file: changes(
      { target: "owner repo branch path sha", content: "content message" },
      {
        idempotent: false,
        why: "Pushes a commit: which repository, branch and file it lands in steers; `sha` says which version it replaces.",
      },
    ),
    push_files: changes(
      { target: "owner repo branch files files.path", content: "files.content message" },
      { idempotent: false, why: "As create_or_update_file, for several files; within `files` only `content` is text." },
    ),
    create_repository: tool(
      ["write", "network"],
      { target: "name", content: "description", control: "private autoInit" },
      {
        audience: "public",
        parse: "json",
        idempotent: false,
        why: "`private` decides who reads all that comes later, so an agent that read strangers' texts may not choose it.",
      },
    ),
    fork_repository: tool(
      ["write", "network"],
      { target: "owner repo organization" },
      {
        audience: "public",
        parse: "json",
        idempotent: true,
        why: "Copies a repository into an account: `organization` says into whose. The new one's owner is no argument, so it counts as any repository.",
      },
    ),
    create_branch: changes(
      { target: "owner repo branch from_branch" },
      { idempotent: false, why: "A branch is a name that later steps act on; `from_branch` decides what is in it." },
    ),
    create_issue: speaks(
      { target: "owner repo assignees milestone", content: "title body", control: "labels" },
      { idempotent: false, why: "In a public repository everyone reads it; assignees are told." },
    ),
    update_issue: speaks(
      { target: "owner repo issue_number assignees milestone", content: "title body", control: "labels state" },
      { idempotent: true, why: "Replaces texts and may close the issue." },
    ),
    add_issue_comment: speaks(
      { target: "owner repo issue_number", content: "body" },
      {
        idempotent: false,
        why: "Whoever is mentioned in `body` gets a mail. Bots may take orders from comments (`/deploy`, `@bot merge`): where there are such, bound `body` with `match`.",
      },
    ),
    create_pull_request: speaks(
      { target: "owner repo head base", content: "title body", control: "draft maintainer_can_modify" },
      { idempotent: false, why: "`head` and `base` say whose code is offered to whom; workflows of the repository may run it." },
    ),
    create_pull_request_review: speaks(
      { target: `${pull} commit_id comments`, control: "event", content: "body comments.body" },
      { idempotent: false, why: "`event` may be APPROVE, which lets code in: it steers. Within `comments` only `body` is text." },
    ),
    merge_pull_request: changes(
      { target: pull, control: "merge_method", content: "commit_title commit_message" },
      { idempotent: false, why: "Lets somebody's code in, and starts what the repository runs on it." },
    ),
    update_pull_request_branch: changes(
      { target: `${pull} expected_head_sha` },
      { idempotent: true, why: "Merges the base into the branch of the pull request." },
    ),
    get_file_contents: reads(
      { selector: "owner repo path branch" },
      "Whoever gets a commit merged wrote the file; its `content` is base64.",
    ),
    list_commits: reads(
      { selector: "owner repo sha", control: "page perPage" },
      "Messages and names of authors are what each committer says.",
    ),
    list_issues: reads(
      { selector: "owner repo labels since state", control: "sort direction page per_page" },
      "Anybody may open an issue in a public repository.",
    ),
    get_issue: reads({ selector: "owner repo issue_number" }, "Anybody may open an issue in a public repository."),
    get_pull_request: reads({ selector: pull }, "Anybody may open a pull request in a public repository."),
    list_pull_requests: reads(
      { selector: "owner repo state head base", control: "sort direction per_page page" },
      "Anybody may open a pull request in a public repository.",
    ),
    get_pull_request_files: reads({ selector: pull }, "Patches of whoever opened the pull request."),
    get_pull_request_status: reads({ selector: pull }, "Names and links of checks are what the services that ran them say."),
    get_pull_request_comments: reads({ selector: pull }, "Anybody may comment."),
    get_pull_request_reviews: reads({ selector: pull }, "Anybody may review, and an approval by a stranger is no approval."),
    search_repositories: searches(
      { selector: "query", control: "page perPage" },
      "Finds what strangers called and described their repositories.",
    ),
    search_code: searches({ selector: "q", control: "order page per_page" }, "Finds strangers' files."),
    search_issues: searches({ selector: "q", control: "sort order page per_page" }, "Finds strangers' issues."),
    search_users: searches({ selector: "q", control: "sort order page per_page" }, "Names and profiles are what each user says."),
  },
};
