/**
 * `sluice approvals`, `sluice grant` and `sluice revoke`: what waits for a human, and who may do what, at a running host.
 * Never decides for anybody: the host knows the person by the secret, and this only carries the word.
 */
import type { Command } from "commander";
import { isArray, type Json, type JsonObject, member } from "../../json/value.ts";
import { chainLine } from "../../surfaces/chain-line.ts";
import { askHost } from "../host/host.ts";
import { type HostCommandOptions, report, withHost } from "../host/command.ts";
import { InputError } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";
import { untilAsked } from "../server/runtime.ts";
import { plain } from "../show/terminal.ts";

interface Options extends HostCommandOptions {
  readonly lift?: true;
  readonly digest?: string;
  readonly watch?: true;
}

/** Adds `approvals list|show|approve|deny`. Exit 1 if the host refuses. */
export function addApprovals(program: Command, context: Context): void {
  const approvals = program.command("approvals").description("calls that wait for a human at a running host");
  withHost(
    approvals.command("list").description("what waits").option("--watch", "stay, and print a line for each new call that waits"),
    "SLUICE_APPROVER_TOKEN",
  ).action(async (options: Options) =>
    options.watch
      ? watch(context, options)
      : report(context, options, { answer: await askHost(options, "/approvals"), lines: listLines }),
  );
  withHost(
    approvals.command("show").description("one call, with the bytes that would be sent").argument("<id>"),
    "SLUICE_APPROVER_TOKEN",
  ).action(async (id: string, options: Options) =>
    report(context, options, { answer: await askHost(options, pathOf(id)), lines: showLines }),
  );
  for (const decision of ["approve", "deny"] as const) {
    withHost(
      approvals
        .command(decision)
        .description(`${decision} one call, as the person whose secret it is`)
        .argument("<id>")
        .option("--digest <digest>", "only if this is what `show` has shown"),
      "SLUICE_APPROVER_TOKEN",
    ).action(async (id: string, options: Options) => {
      const { digest } = options;
      const answer = await askHost(options, pathOf(id), { decision, ...(digest === undefined ? {} : { digest }) });
      report(context, options, { answer, lines: showLines });
    });
  }
}

/** Adds `grant PRINCIPAL PLAN`. Exit 1 if the host refuses. */
export function addGrant(program: Command, context: Context): void {
  withHost(
    program
      .command("grant")
      .description("let a principal run a plan, at a running host that requires grants")
      .argument("<principal>", "whom a session acts for; *: everyone")
      .argument("<plan>", "digest or name")
      .option("--lift", "take the grant back"),
    "SLUICE_ADMIN_TOKEN",
  ).action(async (principal: string, plan: string, options: Options) => {
    const answer = await askHost(options, "/grants", { principal, plan, lifted: options.lift === true });
    report(context, options, { answer, lines: () => [options.lift ? "the grant is lifted" : "granted"] });
  });
}

const revocable = ["plan", "session", "principal", "key"];

/** Adds `revoke KIND ID`. Exit 1 if the host refuses. */
export function addRevoke(program: Command, context: Context): void {
  withHost(
    program
      .command("revoke")
      .description("revoke a plan, session, principal or key at a running host, from the next check on")
      .argument("<kind>", revocable.join(", "))
      .argument("<id>", "digest, session id, name, or thumbprint")
      .option("--lift", "take the revocation back"),
    "SLUICE_ADMIN_TOKEN",
  ).action(async (kind: string, id: string, options: Options) => {
    if (!revocable.includes(kind)) throw new InputError(`revoke: name one of ${revocable.join(", ")}`);
    const answer = await askHost(options, "/revocations", { [kind]: id, lifted: options.lift === true });
    report(context, options, { answer, lines: () => [options.lift ? "the revocation is lifted" : "revoked"] });
  });
}

/** Milliseconds between two looks at what waits. */
const watchMs = 2_000;

/** Prints each call once, when it is first seen; ends when it is asked to, or with the first refusal of the host. */
async function watch(context: Context, options: Options): Promise<void> {
  const ended = untilAsked().then(() => "ended" as const);
  let seen: ReadonlySet<string> = new Set();
  for (;;) {
    const answer = await askHost(options, "/approvals");
    if (!answer.ok) return report(context, options, { answer, lines: listLines });
    const listed = member(answer.value, "approvals") ?? null;
    const all = isArray(listed) ? listed : [];
    for (const one of all.filter((each) => !seen.has(String(member(each, "id")))))
      context.terminal.write(`${options.json ? jsonText(one) : plain(listLine(one))}\n`);
    // Only what still waits: a list that grows for ever is no list of what waits.
    seen = new Set(all.map((each) => String(member(each, "id"))));
    let timer: ReturnType<typeof setTimeout> | undefined;
    const waited = new Promise<"waited">((resolve) => {
      timer = setTimeout(() => resolve("waited"), watchMs);
    });
    const next = await Promise.race([ended, waited]);
    clearTimeout(timer);
    if (next === "ended") return;
  }
}

function pathOf(id: string): string {
  return `/approvals/${encodeURIComponent(id)}`;
}

function listLines(value: Json): readonly string[] {
  const all = member(value, "approvals") ?? null;
  if (!isArray(all) || all.length === 0) return ["nothing waits for approval"];
  return all.map(listLine);
}

function listLine(one: Json): string {
  return ["id", "tool", "planName", "principal"].map((name) => String(member(one, name) ?? "")).join("  ");
}

function showLines(value: Json): readonly string[] {
  const args = (member(value, "args") ?? {}) as JsonObject;
  const chain = member(value, "chain") ?? null;
  const approvers = member(value, "approvers") ?? null;
  return [
    ...["id", "status", "tool", "node", "planName", "plan", "root", "principal", "digest"].map(
      (name) => `${name}: ${String(member(value, name) ?? "")}`,
    ),
    `approved by: ${isArray(approvers) ? approvers.length : 0} of ${String(member(value, "people") ?? "")}`,
    ...Object.entries(args).map(([name, arg]) => `  ${name} = ${jsonText(arg)}`),
    ...(isArray(chain) && chain.length > 0 ? ["where it comes from:", ...chain.map((link) => `  ${chainLine(link)}`)] : []),
  ];
}
