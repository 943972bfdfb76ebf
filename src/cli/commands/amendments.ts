/**
 * `sluice amendments`: amendments of plans that wait for a human at a running host, and what people say of them.
 * Never decides for anybody: the host knows the person by the secret, and this only carries the word.
 */
import type { Command } from "commander";
import { isArray, type Json, member } from "../../json/value.ts";
import { askHost } from "../host/host.ts";
import { type HostCommandOptions, report, withHost } from "../host/command.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";

interface Options extends HostCommandOptions {
  readonly plan?: string;
}

const variable = "SLUICE_APPROVER_TOKEN";

/** Adds `amendments list|show|approve|deny`. Exit 1 if the host refuses. */
export function addAmendments(program: Command, context: Context): void {
  const amendments = program.command("amendments").description("amendments of plans that wait for a human at a running host");
  withHost(amendments.command("list").description("what waits"), variable).action(async (options: Options) =>
    report(context, options, { answer: await askHost(options, "/amendments"), lines: listLines }),
  );
  withHost(
    amendments.command("show").description("one amendment: what it lets through, and what the agent wrote").argument("<id>"),
    variable,
  ).action(async (id: string, options: Options) =>
    report(context, options, { answer: await askHost(options, pathOf(id)), lines: showLines }),
  );
  for (const decision of ["approve", "deny"] as const) {
    withHost(
      amendments
        .command(decision)
        .description(`${decision} one amendment, as the person whose secret it is`)
        .argument("<id>")
        .option("--plan <digest>", "only if this is the plan that `show` has shown"),
      variable,
    ).action(async (id: string, options: Options) => decide(context, { id, decision, options }));
  }
}

/** Without `--plan` it is the plan that the host has under this id: what one id stands for never changes. */
async function decide(
  context: Context,
  { id, decision, options }: { readonly id: string; readonly decision: "approve" | "deny"; readonly options: Options },
): Promise<void> {
  let { plan } = options;
  if (plan === undefined) {
    const seen = await askHost(options, pathOf(id));
    if (!seen.ok) return report(context, options, { answer: seen, lines: showLines });
    plan = String(member(seen.value, "plan") ?? "");
  }
  report(context, options, { answer: await askHost(options, pathOf(id), { decision, plan }), lines: showLines });
}

function pathOf(id: string): string {
  return `/amendments/${encodeURIComponent(id)}`;
}

function textOf(value: Json, name: string): string {
  return String(member(value, name) ?? "");
}

function listOf(value: Json, name: string): readonly Json[] {
  const list = member(value, name) ?? null;
  return isArray(list) ? list : [];
}

function listLines(value: Json): readonly string[] {
  const all = listOf(value, "amendments");
  if (all.length === 0) return ["no amendment waits"];
  return all.map((one) =>
    [textOf(one, "id"), textOf(member(one, "diff") ?? null, "relation"), textOf(one, "planName"), textOf(one, "principal")].join(
      "  ",
    ),
  );
}

/** What lets more through comes first. */
const order = ["wider", "incomparable", "narrower", "same"];

function showLines(value: Json): readonly string[] {
  const diff = member(value, "diff") ?? null;
  const relationOf = (change: Json): number => order.indexOf(textOf(change, "relation"));
  const changes = [...listOf(diff, "changes")].sort((a, b) => relationOf(a) - relationOf(b));
  const names = ["id", "status", "planName", "principal", "plan", "parent"];
  const read = listOf(value, "context").map(String).join(", ");
  const approvers = listOf(value, "approvers");
  return [
    ...names.map((name) => `${name}: ${textOf(value, name)}`),
    `approved by: ${approvers.length} of ${textOf(value, "people")}${approvers.length === 0 ? "" : ` (${approvers.join(", ")})`}`,
    `what the agent had read: ${read === "" ? "nothing with a label" : read}`,
    ...changes.flatMap(changeLines),
    ...listOf(value, "written").map(
      (one) => `  the agent wrote ${textOf(one, "pointer")} = ${jsonText(member(one, "value") ?? null)}`,
    ),
  ];
}

function changeLines(change: Json): readonly string[] {
  const place = textOf(change, "after") || textOf(change, "before");
  const witness = member(change, "witness");
  return [
    `  ${textOf(change, "relation")} ${place}: ${textOf(change, "sentence")}`,
    ...(witness === undefined ? [] : [`    for example ${jsonText(witness)}`]),
  ];
}
