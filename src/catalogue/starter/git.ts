/**
 * What the tools of `mcp-server-git` do.
 * Pure data. Never declares a repository trusted: others commit to it, and what they wrote is in logs, diffs and names of branches.
 */
import { type StarterServer, type StarterTool, tool } from "./facts.ts";

const resource = (access: "read" | "write" | "both") => ({ template: "file:{repo_path}", access });

const reads = (roles: { readonly selector: string; readonly control?: string }, why: string): StarterTool =>
  tool(["read"], roles, { resource: resource("read"), why });

/** A local Git repository. */
export const git: StarterServer = {
  server: "git",
  title: "a local Git repository",
  label: "repository",
  labels: {
    repository: {
      integrity: "untrusted",
      description: "commits, diffs and names in a repository: whoever may push to it wrote them",
    },
  },
  tools: {
    git_status: reads({ selector: "repo_path" }, "Names of files and branches are texts that others chose."),
    git_diff_unstaged: reads({ selector: "repo_path", control: "context_lines" }, "Shows contents of files."),
    git_diff_staged: reads({ selector: "repo_path", control: "context_lines" }, "Shows contents of files."),
    git_diff: reads(
      { selector: "repo_path target", control: "context_lines" },
      "`target` is what is compared with; nothing is changed. Versions before 2025.12.18 took `--output=FILE` there, which writes: bound it with `match` if yours is one.",
    ),
    git_commit: tool(
      ["write"],
      { target: "repo_path", content: "message" },
      {
        resource: resource("both"),
        idempotent: false,
        why: "Commits what is staged; the message is text for people. Nothing leaves the machine.",
      },
    ),
    git_add: tool(
      ["write"],
      { target: "repo_path files" },
      { resource: resource("both"), idempotent: true, why: "`files` decides what the next commit makes known, so it steers." },
    ),
    git_reset: tool(
      ["write"],
      { target: "repo_path" },
      { resource: resource("both"), idempotent: true, why: "Throws away what was staged." },
    ),
    git_log: reads(
      { selector: "repo_path", control: "max_count start_timestamp end_timestamp" },
      "Messages and authors are what each committer says. The text is no JSON.",
    ),
    git_create_branch: tool(
      ["write"],
      { target: "repo_path branch_name base_branch" },
      {
        resource: resource("both"),
        idempotent: false,
        why: "A branch is a name that later steps act on, and its base decides what is in it.",
      },
    ),
    git_checkout: tool(
      ["write"],
      { target: "repo_path branch_name" },
      {
        resource: resource("both"),
        idempotent: true,
        why: "Replaces the files of the working tree by those of a branch, and may run the repository's hooks.",
      },
    ),
    git_show: reads({ selector: "repo_path revision" }, "A commit, or a file as `revision:path`."),
    git_branch: reads(
      { selector: "repo_path contains not_contains", control: "branch_type" },
      "Names of branches are texts that others chose.",
    ),
  },
};
