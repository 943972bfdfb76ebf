/**
 * `sluice replay`: which calls of a recorded run the plan would have allowed.
 * Never executes a tool, and ignores the result of a denied call.
 */
import type { Command } from "commander";
import type { Json } from "../../json/value.ts";
import { type LabelledCall, replayLabelled } from "../../explain/labelled-replay.ts";
import { replayTrace } from "../../replay.ts";
import { callTable } from "../show/call-table.ts";
import {
  addFile,
  checkStdinOnce,
  readCatalogueFile,
  readParams,
  readPolicyFiles,
  readTraceFile,
  refuseFindings,
} from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";
import { loadPlan } from "../read/plan-file.ts";
import type { Terminal } from "../show/terminal.ts";

interface Options {
  readonly catalog?: string;
  readonly params?: string;
  readonly policy?: readonly string[];
  readonly json?: true;
}

/** Adds `replay PLAN TRACE`. Exit 1 if any call was denied. */
export function addReplay(program: Command, { terminal, exit }: Context): void {
  program
    .command("replay")
    .description("say which calls of a recorded run the plan allows")
    .argument("<plan>", "a plan, frozen or draft")
    .argument("<trace>", "the run (JSON Lines)")
    .option("--catalog <file>", "the catalogue of the tools")
    .option("--policy <file>", "policies that hold besides that of the plan; the stricter of each", addFile)
    .option("--params <json>", "the session's parameters, or @FILE")
    .option("--json", "print one JSON line for each call")
    .action(async (source: string, traceSource: string, options: Options) => {
      checkStdinOnce([source, traceSource, options.catalog, ...(options.policy ?? [])]);
      const params = await readParams(options.params);
      const catalogue = await readCatalogueFile(options.catalog);
      const policy = await readPolicyFiles(options.policy);
      const { frozen, sql } = await loadPlan(source, catalogue, { catalogueName: options.catalog, policy });
      const trace = await readTraceFile(traceSource);
      const replay = options.json ? replayTrace : replayLabelled;
      const calls = replay(frozen, trace, params === undefined ? { sql } : { params, sql });
      if (!calls.ok) return refuseFindings(calls.error[0]?.code === "SESSION_PARAMS" ? "--params" : source, calls.error);
      if (options.json) {
        for (const { i, verdict, code, node, chain } of calls.value)
          terminal.write(`${jsonText({ i, verdict, code, node, chain } as unknown as Json)}\n`);
      } else show(calls.value as readonly LabelledCall[], terminal);
      exit(calls.value.some(({ verdict }) => verdict === "deny") ? 1 : 0);
    });
}

function show(calls: readonly LabelledCall[], terminal: Terminal): void {
  const rows = calls.map(({ i, tool, verdict, code, node, chain, labels }) => {
    const names = Object.values(labels).flatMap(({ sources }) => sources);
    return { number: String(i), tool, verdict, code, node: node ?? "", labels: [...new Set(names)].sort(), chain };
  });
  const denied = calls.filter(({ verdict }) => verdict === "deny").length;
  const summary = `${calls.length - denied} allowed, ${denied} denied`;
  terminal.write(`${callTable(rows, terminal).join("\n")}\n\n${terminal.paint.bold(summary)}\n`);
}
