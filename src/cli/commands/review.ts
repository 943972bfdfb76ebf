/**
 * `sluice review`: nodes and arguments of a plan that its task does not seem to ask for. Advice for a person who approves.
 * Never says that a plan is good, and never fails for what it finds: exit 0 whatever is remarked.
 */
import type { Command } from "commander";
import type { Catalogue } from "../../catalogue/catalogue.ts";
import type { Review } from "../../infer/review/review.ts";
import type { Json } from "../../json/value.ts";
import { thawPlan } from "../../plan/freeze.ts";
import { catalogueOf } from "../../plan/freeze-resolve.ts";
import type { Plan } from "../../plan/plan.ts";
import { findingLines } from "../show/findings.ts";
import { checkStdinOnce, InputError, readCatalogueFile, readValue, refuseFindings } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";
import { isFrozenFile, readDraft } from "../read/plan-file.ts";
import { hang, type Terminal } from "../show/terminal.ts";

interface Options {
  readonly task?: string;
  readonly catalog?: string;
  readonly now?: string;
  readonly models?: string;
  readonly json?: true;
}

/** Adds `review PLAN`. */
export function addReview(program: Command, { terminal }: Context): void {
  program
    .command("review")
    .description("point at what a plan does and its task does not seem to ask for; advice only")
    .argument("<plan>", "a plan, draft or frozen")
    .option("--task <text>", "the task, in the user's words; default the plan's own")
    .option("--catalog <file>", "the catalogue of its tools")
    .option("--now <time>", "what dates in the task are relative to: RFC 3339 date or date-time")
    .option("--models <folder>", "compare by meaning too, with the local model of that folder")
    .option("--json", "print JSON")
    .action(async (source: string, options: Options) => {
      checkStdinOnce([source, options.catalog]);
      const given = await readCatalogueFile(options.catalog);
      const { plan, catalogue } = readPlan(source, await readValue(source), given);
      const task = options.task ?? plan.task ?? "";
      if (task.trim() === "") throw new InputError(`${source}: the plan has no \`task\`: give it as --task TEXT`);
      const review = await reviewed(plan, catalogue, { ...options, task });
      if (options.json) terminal.write(`${jsonText({ remarks: review.remarks, scores: review.scores } as unknown as Json)}\n`);
      else show(review, catalogue === undefined, terminal);
    });
}

function readPlan(
  source: string,
  value: Json,
  given: Catalogue | undefined,
): { readonly plan: Plan; readonly catalogue: Catalogue | undefined } {
  if (!isFrozenFile(value)) return { plan: readDraft(source, value), catalogue: given };
  const thawed = thawPlan(value);
  if (!thawed.ok) return refuseFindings(source, thawed.error);
  return { plan: thawed.value.plan, catalogue: given ?? catalogueOf(thawed.value) };
}

async function reviewed(
  plan: Plan,
  catalogue: Catalogue | undefined,
  { task, now, models }: Options & { readonly task: string },
): Promise<Review> {
  const { reviewPlan } = await import("../../infer/review/review.ts");
  const context = now === undefined ? {} : { now };
  if (models === undefined) return reviewPlan(plan, catalogue, { task, context });
  const { openModels } = await import("../../infer/runtime/models.ts");
  const { createEmbed } = await import("../../infer/review/embed.ts");
  const opened = await openModels({ models });
  if (!opened.ok) throw new InputError(`--models: ${opened.error.message}`);
  try {
    return await reviewPlan(plan, catalogue, { task, context, embed: createEmbed(opened.value) });
  } finally {
    await opened.value.close();
  }
}

function show({ remarks, scores }: Review, isUnknown: boolean, terminal: Terminal): void {
  const { paint, columns } = terminal;
  const count = Object.keys(scores).length;
  const lines = [...findingLines(remarks, terminal)];
  if (isUnknown) lines.push("", hang("", "No --catalog: what the tools do was inferred from their names.", columns));
  const nodes = new Set(remarks.map(({ node }) => node)).size;
  const what = `${nodes} of ${count} ${count === 1 ? "node" : "nodes"} to look at`;
  terminal.write(`${lines.join("\n")}${lines.length === 0 ? "" : "\n\n"}${paint.bold(what)}\n`);
  terminal.write(
    `${hang("", "Advice only: what is not asked for is not always wrong, and an author can write around it.", columns)}\n`,
  );
}
