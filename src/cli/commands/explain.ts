/**
 * `sluice explain`: why one call of a recorded run was allowed or denied, and the smallest changes of the plan that would allow it.
 * For the operator: it shows values of the trace, and must never be shown to an agent. Never changes a plan.
 */
import type { Command } from "commander";
import { type ExplainedArgument, explainCall, type Explanation } from "../../explain/explain.ts";
import { patchJson } from "../../explain/patch.ts";
import { shown } from "../../explain/situation.ts";
import { showPointer } from "../../json/pointer.ts";
import type { Json } from "../../json/value.ts";
import { chainLines } from "../show/call-table.ts";
import {
  addFile,
  checkStdinOnce,
  InputError,
  readCatalogueFile,
  readParams,
  readPolicyFiles,
  readTraceFile,
  refuseFindings,
} from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";
import { loadPlan } from "../read/plan-file.ts";
import { hang, type Terminal } from "../show/terminal.ts";

interface Options {
  readonly call: number;
  readonly catalog?: string;
  readonly params?: string;
  readonly policy?: readonly string[];
  readonly json?: true;
}

/** Adds `explain PLAN TRACE --call I`. Exit 0 also for a denied call: the question was answered. */
export function addExplain(program: Command, { terminal }: Context): void {
  program
    .command("explain")
    .description("say why a call of a recorded run was allowed or denied, and what would allow it")
    .argument("<plan>", "a plan, frozen or draft")
    .argument("<trace>", "the run (JSON Lines)")
    .requiredOption("--call <number>", "the call, from 0", readNumber)
    .option("--catalog <file>", "the catalogue of the tools")
    .option("--policy <file>", "policies that hold besides that of the plan; the stricter of each", addFile)
    .option("--params <json>", "the session's parameters, or @FILE")
    .option("--json", "print JSON")
    .action(async (source: string, traceSource: string, options: Options) => {
      checkStdinOnce([source, traceSource, options.catalog, ...(options.policy ?? [])]);
      const params = await readParams(options.params);
      const given = await readCatalogueFile(options.catalog);
      const policy = await readPolicyFiles(options.policy);
      const { frozen, catalogue, sql } = await loadPlan(source, given, { catalogueName: options.catalog, policy });
      const trace = await readTraceFile(traceSource);
      const explained = explainCall(frozen, trace, {
        call: options.call,
        catalogue,
        sql,
        ...(params === undefined ? {} : { params }),
      });
      if (!explained.ok) {
        const code = explained.error[0]?.code;
        return refuseFindings(
          code === "SESSION_PARAMS" ? "--params" : code === "CALL_MALFORMED" ? "--call" : source,
          explained.error,
        );
      }
      if (options.json) terminal.write(`${jsonText(toJson(explained.value))}\n`);
      else terminal.write(`${textOf(explained.value, terminal).join("\n")}\n`);
    });
}

function readNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InputError("--call: a number from 0, as `sluice replay` counts the calls");
  return Number(text);
}

function toJson({ changes, ...rest }: Explanation): Json {
  const short = changes.map(({ frozen: _, patch, opens, ...change }) => ({ patch: patchJson(patch), opens, ...change }));
  return { ...rest, changes: short } as unknown as Json;
}

function textOf(explanation: Explanation, terminal: Terminal): readonly string[] {
  const { paint, columns } = terminal;
  const { i, tool, verdict, code, node, rule, chain, context } = explanation;
  const colour = verdict === "allow" ? paint.green : paint.red;
  const what = `${colour(verdict === "allow" ? "allowed" : `denied ${code}`)}${node === null ? "" : ` as ${node}`}`;
  return [
    `${paint.bold(`Call ${i}: ${tool}`)}  ${what}`,
    "",
    paint.bold("The rule"),
    hang("  ", rule.says, columns),
    ...(rule.pointer === "" ? [] : [`  ${paint.dim(showPointer(rule.pointer))}`]),
    ...(explanation.arguments.length === 0
      ? []
      : ["", paint.bold("The values"), ...explanation.arguments.flatMap((argument) => argumentLines(argument, terminal))]),
    ...(chain.length === 0 ? [] : ["", paint.bold("How the data came there"), ...chainLines(chain, 0, terminal)]),
    "",
    hang("  ", `Before the call the agent had read: ${context.sources.join(", ") || "nothing"}`, columns),
    ...(verdict === "allow" ? [] : ["", ...changeLines(explanation, terminal)]),
  ];
}

function argumentLines(argument: ExplainedArgument, { paint, columns }: Terminal): readonly string[] {
  const { name, says, sent, final, labels, origins, seen } = argument;
  const from = origins.map(({ node, tool, run }) => `${tool} (${node}, run ${run})`);
  const facts = [
    ...(final === undefined ? [] : [`the plan's value is ${shown(final)}`]),
    ...(sent === undefined ? [] : [`sent was ${shown(sent)}`]),
    ...(from.length === 0 ? [] : [`it comes from ${from.join(", ")}`]),
    ...(labels === undefined || labels.sources.length === 0 ? [] : [`labels: ${labels.sources.join(", ")}`]),
    ...(labels?.readers == null ? [] : [`readers: ${labels.readers.join(", ") || "none"}`]),
  ];
  const sightings = seen.map(
    ({ call, tool, pointer, partly }) =>
      `${partly ? "it stands in the text" : "it is the value"} at ${showPointer(pointer) || "/"} in the result of call ${call}, ${tool}`,
  );
  return [
    hang(`  ${name}: `, `${says}${facts.length === 0 ? "" : `; ${facts.join("; ")}`}`, columns),
    ...sightings.map((text) => paint.yellow(hang("    ", text, columns))),
  ];
}

function changeLines({ changes, code, tool }: Explanation, { paint, columns }: Terminal): readonly string[] {
  if (changes.length === 0) {
    const hint = code === "CALL_NOT_IN_PLAN" ? ` A plan can have \`${tool}\` only if the catalogue has it (--catalog).` : "";
    return [hang("", `No small change of the plan allows this call.${hint}`, columns)];
  }
  const lines = changes.flatMap((change, n) => {
    const { opens, bits, patch, allowed, denied, params } = change;
    const counted =
      patch.length === 0 || bits === undefined || bits === 0 ? "" : ` (${bits} bit${bits === 1 ? "" : "s"} for each call)`;
    const others = [
      ...(allowed.length === 0 ? [] : [`also allows call ${allowed.join(", ")}`]),
      ...(denied.length === 0 ? [] : [`then denies call ${denied.join(", ")}`]),
    ];
    const head = `  ${n + 1}. `;
    return [
      hang(head, `opens: ${opens.join("; ")}${counted}${others.length === 0 ? "" : `; ${others.join("; ")}`}`, columns),
      ...patch.map(({ op, path, ...rest }) =>
        paint.dim(`     ${op} ${showPointer(`/${path.join("/")}`)}${"value" in rest ? ` = ${shown(rest.value)}` : ""}`),
      ),
      ...(params === undefined ? [] : [paint.dim(`     --params ${shown(params)}`)]),
    ];
  });
  return [paint.bold("What would allow it, smallest first (each was frozen and replayed)"), ...lines];
}
