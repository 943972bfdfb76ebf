/**
 * What the tools of `@modelcontextprotocol/server-filesystem` do.
 * Pure data. Never declares a file trusted: others write files too, and so do other tools.
 */
import { type StarterServer, type StarterTool, tool } from "./facts.ts";

const reads = (why: string, control?: string): StarterTool =>
  tool(["read"], { selector: "path", ...(control === undefined ? {} : { control }) }, { resource: file("path", "read"), why });

function file(argument: string, access: "read" | "write" | "both") {
  return { template: `file:{${argument}}`, access };
}

/** Files of the local disk. */
export const filesystem: StarterServer = {
  server: "filesystem",
  title: "files of the local disk",
  label: "file_content",
  labels: {
    file_content: {
      integrity: "untrusted",
      description: "what files and directories hold and are called: whoever can write a file wrote it",
    },
  },
  tools: {
    read_file: reads("The older name of read_text_file.", "head tail"),
    read_text_file: reads("`path` chooses what is read; `head` and `tail` only how much of it.", "head tail"),
    read_media_file: reads("Images carry text for a model as well as files do."),
    read_multiple_files: tool(
      ["read"],
      { selector: "paths" },
      {
        resource: file("paths", "read"),
        why: "Several files in one text: the name of the resource cannot be filled in from a list, so it counts as all files.",
      },
    ),
    write_file: tool(
      ["write"],
      { target: "path", content: "content" },
      {
        resource: file("path", "write"),
        idempotent: true,
        why: "Replaces what was there. What is written keeps its label at `path`.",
      },
    ),
    edit_file: tool(
      ["read", "write"],
      { target: "path", content: "edits", control: "dryRun" },
      {
        resource: file("path", "both"),
        idempotent: false,
        why: "Answers with a diff, so it also reads. Where an edit lands follows from `oldText`, and stays within the file of `path`.",
      },
    ),
    create_directory: tool(
      ["write"],
      { target: "path" },
      { resource: file("path", "write"), idempotent: true, why: "Only makes a name, which listings show." },
    ),
    list_directory: reads("Names of files are texts that others chose."),
    list_directory_with_sizes: reads("As list_directory.", "sortBy"),
    directory_tree: { ...reads("The text is JSON in this package: a tree of names.", "excludePatterns"), parse: "json" },
    move_file: tool(
      ["write"],
      { target: "source destination" },
      {
        resource: [file("source", "both"), file("destination", "both")],
        idempotent: false,
        why: "Both ends are targets: moving something away is as much an act as putting it somewhere. Labels move along.",
      },
    ),
    search_files: reads("`path` bounds what is looked at; the patterns choose within it.", "pattern excludePatterns"),
    get_file_info: reads("Size, times and permissions; still what others can bring about."),
    list_allowed_directories: tool(
      ["read"],
      {},
      {
        resource: { template: "setting:directories", access: "read" },
        why: "The operator's setting; no tool of the server writes it.",
      },
    ),
  },
};
