/**
 * `sluice diff`: what a new plan lets through that an old one does not, and the other way round, node by node, each with a witness.
 * Never freezes anything: drafts are frozen in memory only, to be compared as they would be enforced.
 */
import type { Command } from "commander";
import { diffPlans, isWithin, type PlanChange, type PlanDiff } from "../../amend/diff.ts";
import type { Json } from "../../json/value.ts";
import { checkStdinOnce, readCatalogueFile, refuseFindings } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";
import { loadPlan } from "../read/plan-file.ts";
import { hang, type Terminal } from "../show/terminal.ts";

interface Options {
  readonly catalog?: string;
  readonly json?: true;
}

/** Adds `diff BEFORE AFTER`. Exit 1 if the new plan lets through more, or nothing could be shown. */
export function addDiff(program: Command, { terminal, exit }: Context): void {
  program
    .command("diff")
    .description("say what a new plan lets through that an old one does not")
    .argument("<before>", "the old plan, draft or frozen")
    .argument("<after>", "the new plan, draft or frozen")
    .option("--catalog <file>", "the catalogue of their tools")
    .option("--json", "print JSON")
    .action(async (before: string, after: string, options: Options) => {
      checkStdinOnce([before, after, options.catalog]);
      const catalogue = await readCatalogueFile(options.catalog);
      const old = await loadPlan(before, catalogue, { catalogueName: options.catalog });
      const next = await loadPlan(after, catalogue, { catalogueName: options.catalog });
      const diff = diffPlans(old.frozen, next.frozen);
      if (!diff.ok) return refuseFindings(after, diff.error);
      if (options.json) terminal.write(`${jsonText(diff.value as unknown as Json)}\n`);
      else show(diff.value, terminal);
      exit(isWithin(diff.value) ? 0 : 1);
    });
}

const verdicts: { readonly [R in PlanDiff["relation"]]: string } = {
  same: "The same calls are allowed.",
  narrower: "Narrower: every call that the new plan allows, the old one allows too.",
  wider: "Wider: the new plan allows what the old one does not.",
  incomparable: "Incomparable: the new plan allows, or may allow, what the old one does not.",
};

function show(diff: PlanDiff, terminal: Terminal): void {
  const { paint } = terminal;
  const lines = diff.changes.flatMap((change) => changeLines(change, terminal));
  terminal.write(`${[...lines, ...(lines.length > 0 ? [""] : []), paint.bold(verdicts[diff.relation])].join("\n")}\n`);
}

/** One change of a difference, with its witness. */
export function changeLines(change: PlanChange, { paint, columns }: Terminal): readonly string[] {
  const { relation, sentence, witness } = change;
  const place = change.after ?? change.before ?? "";
  const colour = relation === "wider" || relation === "incomparable" ? paint.yellow : paint.green;
  const lines = [`${colour(relation.padEnd(12))} ${place}`, hang("  ", sentence, columns)];
  return witness === undefined ? lines : [...lines, hang("  ", `for example ${jsonText(witness)}`, columns)];
}
