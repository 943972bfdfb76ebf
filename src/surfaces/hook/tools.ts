/**
 * What the own tools of coding agents do: a catalogue to begin with, by the arguments that their documentation names.
 * Pure data. Never a source of trust: every result is untrusted. What files and commands say has a label that nobody declares here, `workspace`,
 * so that a plan whose approver trusts the folder may say so.
 */
import type { Json, JsonObject } from "../../json/value.ts";
import type { Effect, Role } from "../../plan/plan.ts";

/** Arguments by what they are: names separated by blanks; those that must be given end in `!`. Numbers and booleans say so: `limit:integer`. */
type Arguments = { readonly [R in Role]?: string };

interface AgentTool {
  readonly description: string;
  readonly effects: readonly Effect[];
  readonly args: Arguments;
  /** A file that it reads, writes, or both. */
  readonly file?: { readonly in: string; readonly access: "read" | "write" | "both" };
}

const shell = (more: Arguments = {}): AgentTool => ({
  description: "Runs a shell command.",
  effects: ["execute"],
  args: { command: "command!", ...more },
});
const reads = (file: string, control: string): AgentTool => ({
  description: "Reads a file.",
  effects: ["read"],
  args: { selector: `${file}!`, control },
  file: { in: file, access: "read" },
});
const writes = (file: string): AgentTool => ({
  description: "Writes a file, over what was there.",
  effects: ["write"],
  args: { target: `${file}!`, content: "content!" },
  file: { in: file, access: "write" },
});
const edits = (file: string, control: string, more = ""): AgentTool => ({
  description: "Replaces a text in a file.",
  effects: ["read", "write"],
  args: { target: `${file}!`, content: `old_string! new_string!${more}`, control },
  file: { in: file, access: "both" },
});
const finds = (description: string, selector: string, control: string): AgentTool => ({
  description,
  effects: ["read"],
  args: { selector, ...(control === "" ? {} : { control }) },
});
/** What is asked leaves the machine: it is a target, although nothing is written. */
const asks = (description: string, args: Arguments): AgentTool => ({ description, effects: ["read", "network"], args });

/** The tools of the agents whose documentation names their arguments. */
const agents: { readonly [format: string]: { readonly server: string; readonly tools: { readonly [name: string]: AgentTool } } } =
  {
    claude: {
      server: "claude-code",
      tools: {
        Bash: shell({ content: "description", control: "timeout:number run_in_background:boolean" }),
        Read: reads("file_path", "offset:number limit:number"),
        Write: writes("file_path"),
        Edit: edits("file_path", "replace_all:boolean"),
        Glob: finds("Finds files by a pattern of their names.", "pattern! path", ""),
        Grep: finds(
          "Finds lines of files by a regular expression.",
          "pattern! path glob",
          "output_mode -i:boolean multiline:boolean",
        ),
        WebFetch: asks("Fetches a page and asks a model about it.", { target: "url!", content: "prompt!" }),
        WebSearch: asks("Searches the web.", { target: "query!", selector: "allowed_domains:array blocked_domains:array" }),
      },
    },
    codex: {
      server: "codex",
      tools: {
        Bash: shell(),
        apply_patch: { description: "Applies a patch to files.", effects: ["read", "write"], args: { target: "command!" } },
      },
    },
    gemini: {
      server: "gemini-cli",
      tools: {
        run_shell_command: shell({ content: "description", target: "dir_path", control: "is_background:boolean" }),
        read_file: reads("file_path", "offset:number limit:number"),
        write_file: writes("file_path"),
        replace: edits("file_path", "allow_multiple:boolean", " instruction"),
        list_directory: finds("Lists a folder.", "dir_path!", "ignore:array"),
        glob: finds(
          "Finds files by a pattern of their names.",
          "pattern! path",
          "case_sensitive:boolean respect_git_ignore:boolean",
        ),
        grep_search: finds("Finds lines of files by a regular expression.", "pattern! path include", ""),
        web_fetch: asks("Fetches the pages whose addresses stand in the prompt.", { target: "prompt!" }),
        google_web_search: asks("Searches the web.", { target: "query!" }),
      },
    },
  };

/** Formats of which `agentCatalogue` knows the tools. */
export const cataloguedAgents: readonly string[] = Object.keys(agents);

/**
 * A catalogue file of an agent's own tools, to be reviewed and joined with those of its MCP servers; `undefined`: its documentation does not name
 * their arguments. Definitions are in our own words, since hooks see calls and no definitions.
 */
export function agentCatalogue(format: string): JsonObject | undefined {
  const agent = Object.hasOwn(agents, format) ? agents[format] : undefined;
  if (agent === undefined) return undefined;
  return {
    server: agent.server,
    labels: {
      web_content: { integrity: "untrusted", description: "pages of the web: whoever runs or fills the site wrote them" },
    },
    tools: Object.entries(agent.tools).map(([name, tool]) => definition(name, tool)),
  };
}

function definition(name: string, { description, effects, args, file }: AgentTool): JsonObject {
  const named = Object.entries(args).flatMap(([role, names]) =>
    names.split(" ").map((written) => {
      const [, arg = "", type = "string", must] = /^([^:!]+)(?::(\w+))?(!)?$/.exec(written) ?? [];
      return { role, arg, type, isRequired: must !== undefined };
    }),
  );
  const properties = named.map(({ arg, type }): readonly [string, Json] => [
    arg,
    type === "array" ? { type, items: { type: "string" } } : { type },
  ]);
  return {
    name,
    description,
    inputSchema: {
      type: "object",
      properties: Object.fromEntries(properties),
      required: named.filter(({ isRequired }) => isRequired).map(({ arg }) => arg),
    },
    sluice: {
      labels: [effects.includes("network") ? "web_content" : "workspace"],
      effects,
      roles: Object.fromEntries(named.map(({ arg, role }) => [arg, role])),
      ...(file === undefined ? {} : { resource: { template: `file:{${file.in}}`, access: file.access } }),
    },
  };
}
