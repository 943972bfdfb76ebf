/**
 * The commands of the `sluice` program and their help.
 * Loads a command's source when it is named; runs nothing.
 */
import { Command } from "commander";
import type { Context } from "./context.ts";
import { packageVersion } from "./own-program.ts";

/** Adds one command to the program. */
type Add = (program: Command, context: Context) => void;

/**
 * The commands in the order of the help text. Each is loaded when it is named: most of a short command's time is the reading of
 * source that other commands need.
 */
const commands: { readonly [name: string]: () => Promise<Add> } = {
  lint: async () => (await import("./commands/lint.ts")).addLint,
  freeze: async () => (await import("./commands/freeze.ts")).addFreeze,
  diff: async () => (await import("./commands/diff.ts")).addDiff,
  catalog: async () => (await import("./commands/catalog.ts")).addCatalog,
  replay: async () => (await import("./commands/replay.ts")).addReplay,
  explain: async () => (await import("./commands/explain.ts")).addExplain,
  draft: async () => (await import("./commands/draft.ts")).addDraft,
  adapt: async () => (await import("./commands/adapt.ts")).addAdapt,
  import: async () => (await import("./commands/import.ts")).addImport,
  learn: async () => (await import("./commands/learn.ts")).addLearn,
  export: async () => (await import("./commands/export.ts")).addExport,
  serve: async () => (await import("./commands/serve.ts")).addServe,
  proxy: async () => (await import("./commands/proxy.ts")).addProxy,
  gateway: async () => (await import("./commands/gateway.ts")).addGateway,
  "model-proxy": async () => (await import("./commands/model-proxy.ts")).addModelProxy,
  mcp: async () => (await import("./commands/mcp.ts")).addMcp,
  hook: async () => (await import("./commands/hook.ts")).addHook,
  ready: async () => (await import("./commands/ready.ts")).addReady,
  observe: async () => (await import("./commands/observe.ts")).addObserve,
  review: async () => (await import("./commands/review.ts")).addReview,
  store: async () => (await import("./commands/store.ts")).addStore,
  audit: async () => (await import("./commands/audit.ts")).addAudit,
  config: async () => (await import("./commands/config.ts")).addConfig,
  verify: async () => (await import("./commands/verify.ts")).addVerify,
  params: async () => (await import("./commands/params.ts")).addParams,
  policy: async () => (await import("./commands/policy.ts")).addPolicy,
  attack: async () => (await import("./commands/attack.ts")).addAttack,
  key: async () => (await import("./commands/key.ts")).addKey,
  approve: async () => (await import("./commands/approve.ts")).addApprove,
  approvals: async () => (await import("./commands/approvals.ts")).addApprovals,
  amendments: async () => (await import("./commands/amendments.ts")).addAmendments,
  grant: async () => (await import("./commands/approvals.ts")).addGrant,
  revoke: async () => (await import("./commands/approvals.ts")).addRevoke,
  token: async () => (await import("./commands/token.ts")).addToken,
};

/** The command that is named first, alone; all of them where none is, so that help and suggestions know every one. The version needs none. */
export function named(args: readonly string[]): Promise<readonly Add[]> {
  const [first = ""] = args;
  if (first === "--version") return Promise.resolve([]);
  const wanted = Object.hasOwn(commands, first) ? [commands[first]] : Object.values(commands);
  return Promise.all(wanted.map((load) => (load as () => Promise<Add>)()));
}

/** The program with commands that were loaded. Writes help to the terminal, and throws instead of ending the process. */
export function createProgram(context: Context, added: readonly Add[]): Command {
  const program = new Command("sluice")
    .description(
      "A deterministic firewall for AI agents: plans are frozen before the agent runs, every tool call is checked against them.",
    )
    .version(packageVersion(), "--version", "print the version")
    .helpOption("--help", "print help")
    .helpCommand(false)
    .exitOverride()
    .allowExcessArguments(false)
    .configureOutput({ writeOut: context.terminal.write, writeErr: () => {}, outputError: () => {} });
  for (const add of added) add(program, context);
  program.addHelpText(
    "after",
    "\nFiles are JSON or YAML, - is standard input. A catalogue may be starter:NAME; `sluice catalog starter` lists them.\nExit: 0 success, 1 a denial or findings, 2 unusable input, 3 a fault.",
  );
  return program;
}
