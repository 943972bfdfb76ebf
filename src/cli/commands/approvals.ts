/**
 * `sluice approvals`, `sluice grant` and `sluice revoke`: what waits for a human, and who may do what, at a running host.
 * Never decides for anybody: the host knows the person by the secret, and this only carries the word.
 */
import type { Command } from "commander";
import { isArray, type Json, type JsonObject, member } from "../../json/value.ts";
import { askHost, type HostAnswer, type HostOptions, hostUrlDefault } from "../host.ts";
import { InputError } from "../input.ts";
import type { Context } from "../main.ts";
import { jsonText } from "../output.ts";
import { plain } from "../terminal.ts";

interface Options extends HostOptions {
  readonly lift?: true;
  readonly digest?: string;
  readonly json?: true;
}

/** Adds `approvals list|show|approve|deny`. Exit 1 if the host refuses. */
export function addApprovals(program: Command, context: Context): void {
  const approvals = program.command("approvals").description("calls that wait for a human at a running host");
  withHost(approvals.command("list").description("what waits"), "SLUICE_APPROVER_TOKEN").action(async (options: Options) =>
    report(context, options, { answer: await askHost(options, "/approvals"), lines: listLines }),
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

function withHost(command: Command, variable: string): Command {
  return command
    .option("--url <url>", "the host's routes", hostUrlDefault)
    .option("--credential <variable>", "environment variable that holds the secret", variable)
    .option("--json", "print JSON");
}

function pathOf(id: string): string {
  return `/approvals/${encodeURIComponent(id)}`;
}

function report(
  { terminal, exit }: Context,
  options: Options,
  { answer, lines }: { readonly answer: HostAnswer; readonly lines: (value: Json) => readonly string[] },
): void {
  if (options.json) terminal.write(`${jsonText(answer.ok ? answer.value : { code: answer.code, message: answer.message })}\n`);
  else if (answer.ok) terminal.write(`${lines(answer.value).map(plain).join("\n")}\n`);
  else terminal.say(`sluice: ${plain(`${answer.code}: ${answer.message}`)}`);
  exit(answer.ok ? 0 : 1);
}

function listLines(value: Json): readonly string[] {
  const all = member(value, "approvals") ?? null;
  if (!isArray(all) || all.length === 0) return ["nothing waits for approval"];
  return all.map((one) => ["id", "tool", "planName", "principal"].map((name) => String(member(one, name) ?? "")).join("  "));
}

function showLines(value: Json): readonly string[] {
  const args = (member(value, "args") ?? {}) as JsonObject;
  return [
    ...["id", "status", "tool", "node", "planName", "principal", "digest"].map(
      (name) => `${name}: ${String(member(value, name) ?? "")}`,
    ),
    ...Object.entries(args).map(([name, arg]) => `  ${name} = ${jsonText(arg)}`),
  ];
}
