/**
 * Plans made of gold calls, and what they let through. `node bench/plans/run.ts [--set NAME] [--rows N] [--json]`
 * Prints what the engine decided. No model takes part.
 */
import { importJavaScript } from "../../src/intent/code/javascript.ts";
import { learnPlan } from "../../src/learn/learn.ts";
import { dataFolder } from "../agentdojo/data.ts";
import { type GroupReport, measureGroups } from "./groups.ts";
import { changes, type Maker, measure, type Report } from "./measure.ts";
import { programOf } from "./program.ts";
import { readSet, sets } from "./rows.ts";

/** Rows of a list that are printed; `--json` has all. */
const shownMax = 5;

const makers: { readonly [name: string]: Maker } = {
  imported: (row, catalogue) => {
    const imported = importJavaScript(programOf(row.calls), catalogue, { task: row.task });
    return imported.ok ? { plan: imported.value.plan } : { refused: `${imported.error.code}: ${imported.error.message}` };
  },
  learned: (row, catalogue) => {
    const learned = learnPlan([row.trace], catalogue, { task: row.task });
    return learned.ok ? { plan: learned.value.plan } : { refused: `${learned.error[0]?.code}: ${learned.error[0]?.message}` };
  },
};

function option(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

function render(how: string, report: Report): string {
  const { set, rows, skipped, allowed, args, refused, denied, outcomes, loose } = report;
  const left = skipped.length === 0 ? "" : ` (and ${skipped.length} tasks of which no run can be made)`;
  const lines = [
    `${set}, ${how}`,
    `  ${rows} runs${left}; ${allowed} replay without a denial, ${denied.length} with one, ${refused.length} were refused; ${args} arguments`,
    `  ${"one argument is".padEnd(16)}${["denied", "as content", "as choice", "as planned", "otherwise", "no such value"].map((head) => head.padStart(14)).join("")}`,
    ...changes.map((change) => {
      const { denied: stopped, content, choice, planned, otherwise, none } = outcomes[change];
      return `  ${change.padEnd(16)}${[stopped, content, choice, planned, otherwise, none].map((count) => String(count).padStart(14)).join("")}`;
    }),
    ...listed(
      "no run",
      skipped.map(({ id, reason }) => `${id}: ${reason}`),
    ),
    ...listed(
      "denied",
      denied.map(({ id, reason }) => `${id}: ${reason}`),
    ),
    ...listed(
      "refused",
      refused.map(({ id, reason }) => `${id}: ${reason}`),
    ),
    ...listed("allowed otherwise", loose),
  ];
  return `${lines.join("\n")}\n\n`;
}

function renderGroups({ set, groups, runs, allowedRuns, hostRuns, codes, attacks, denied, open }: GroupReport): string {
  const reasons = Object.entries(codes).map(([code, count]) => `${code} ${count}`);
  const lines = [
    `${set}, learned from others`,
    `  ${runs} runs in ${groups} groups with the same tools; ${allowedRuns} replay without a denial under the plan of the others of their group`,
    `  ${hostRuns} runs were given a parameter that their task does not say; first denials: ${reasons.join(", ") || "none"}`,
    `  attacks: ${Object.entries(attacks)
      .map(([outcome, count]) => `${outcome} ${count}`)
      .join(", ")}`,
    ...listed("denied", denied),
    ...listed("let through otherwise", open),
  ];
  return `${lines.join("\n")}\n\n`;
}

function listed(title: string, entries: readonly string[]): readonly string[] {
  if (entries.length === 0) return [];
  const rest = entries.length > shownMax ? [`      … and ${entries.length - shownMax} more (--json)`] : [];
  return [`    ${title}:`, ...entries.slice(0, shownMax).map((entry) => `      ${entry}`), ...rest];
}

function main(): void {
  const isJson = process.argv.includes("--json");
  const folder = dataFolder("plans");
  if (folder === undefined) {
    if (isJson) process.stdout.write(`${JSON.stringify({ skipped: true })}\n`);
    return;
  }
  const [only, rowsMax] = [option("--set"), Number(option("--rows") ?? Number.POSITIVE_INFINITY)];
  for (const name of Object.keys(sets).filter((one) => only === undefined || one === only)) {
    const set = readSet(folder, name);
    if (set === undefined) continue;
    const some = { ...set, rows: set.rows.slice(0, rowsMax) };
    for (const [how, make] of Object.entries(makers)) {
      let done = 0;
      const report = measure(some, make, () => {
        done += 1;
        if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${name}, ${how}: ${done} of ${some.rows.length}`);
      });
      if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
      process.stdout.write(isJson ? `${JSON.stringify({ how, ...report })}\n` : render(how, report));
    }
    let groups = 0;
    const report = measureGroups(some, () => {
      groups += 1;
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${name}, learned from others: ${groups} groups`);
    });
    if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
    if (isJson) process.stdout.write(`${JSON.stringify({ how: "learned from others", ...report })}\n`);
    else if (report.groups > 0) process.stdout.write(renderGroups(report));
  }
}

main();
