/**
 * `sluice approve`: shows what a frozen plan would let happen, worst first, and signs the approval of one person.
 * Never approves silently: it asks on a terminal, or is told `--yes`. Never shows or stores the key.
 */
import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { diffPlans, type PlanDiff } from "../../amend/diff.ts";
import { approvePlan, isApproved, type PlanApproval, readApprovals } from "../../approval/plan.ts";
import { type Json, member } from "../../json/value.ts";
import type { Finding } from "../../plan/finding.ts";
import { writeFrozen } from "../../plan/freeze.ts";
import { withPolicy } from "../../plan/freeze-policy.ts";
import { catalogueOf } from "../../plan/freeze-resolve.ts";
import { approvalSummary } from "../../plan/lint/approver/summary.ts";
import { lintPlan } from "../../plan/lint.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import type { SigningKey } from "../../plan/sign.ts";
import { policyOf } from "../../policy/frozen.ts";
import type { Policy } from "../../policy/policy.ts";
import { countLine, findingLines } from "../show/findings.ts";
import { addFile, checkStdinOnce, InputError, readPolicyFiles, readValue, refuseFindings, refuseInput } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText, writeFileAtOnce } from "../show/output.ts";
import { readFrozen } from "../read/plan-file.ts";
import { hang, plain, type Terminal } from "../show/terminal.ts";

interface Options {
  readonly as: string;
  readonly key: string;
  readonly policy?: readonly string[];
  readonly previous?: string;
  readonly days?: number;
  readonly output?: string;
  readonly yes?: true;
  readonly json?: true;
}

/** What the person is shown before they decide. */
interface Shown {
  readonly frozen: FrozenPlan;
  readonly summary: readonly string[];
  readonly findings: readonly Finding[];
  readonly diff: PlanDiff | undefined;
}

const dayMs = 86_400_000;

/** Adds `approve FROZEN --as NAME --key FILE`. Exit 1 if the person does not approve. */
export function addApprove(program: Command, { terminal, exit }: Context): void {
  program
    .command("approve")
    .description("show what a frozen plan lets happen, and sign the approval of one person")
    .argument("<frozen>", "a frozen plan")
    .requiredOption("--as <name>", "whose approval it is: a name of the policy's `approvers`")
    .requiredOption("--key <file>", "the person's private Ed25519 key (JWK); `sluice key` makes one")
    .option("--policy <file>", "a policy beside the one that was frozen with the plan; may be given several times", addFile)
    .option("--previous <file>", "the version that was approved last: what is different is shown")
    .option("--days <number>", "the approval counts for so many days", readDays)
    .option("-o, --output <file>", "where the approved plan goes; default: the file itself")
    .option("--yes", "approve without asking")
    .option("--json", "print JSON; needs --yes")
    .action(async (source: string, options: Options) => {
      checkStdinOnce([source, options.key, options.previous, ...(options.policy ?? [])]);
      const output = options.output ?? source;
      if (output === "-") throw new InputError("-o: name a file; standard output is for what is shown");
      if (options.json && !options.yes)
        throw new InputError("--json: nobody can be asked then; say --yes if it is to be approved");
      const frozen = await readFrozen(source);
      const policy = await policyInForce(source, frozen, options.policy);
      const key = (await readValue(options.key)) as unknown as SigningKey;
      checkApprover(policy, options.as, key);
      const shown = await whatIsShown(frozen, options.previous);
      if (!options.json) show(shown, terminal);
      if (!options.yes && !(await ask(frozen, options.as))) {
        terminal.say("not approved");
        exit(1);
        return;
      }
      const approved = await sign(frozen, key, options);
      writeFileAtOnce(output, writeFrozen(approved));
      const approvals = await readApprovals(approved, policy);
      const isReplacing = (approved.approvals?.length ?? 0) <= (frozen.approvals?.length ?? 0);
      const isEnough = isApproved(approvals, policy?.approval?.plans, { now: Date.now() });
      if (isReplacing) terminal.say("the earlier approval by this key is replaced");
      if (options.json) terminal.write(`${jsonText({ digest: approved.digest, approvals, isEnough } as unknown as Json)}\n`);
      else terminal.write(`${outcome({ policy, approvals, isEnough, output }, terminal)}\n`);
    });
}

function readDays(text: string): number {
  const days = Number(text);
  if (!(Number.isInteger(days) && days >= 1 && days <= 3_660))
    throw new InputError("--days: a whole number from 1 to 3660 is needed");
  return days;
}

async function policyInForce(
  source: string,
  frozen: FrozenPlan,
  files: readonly string[] | undefined,
): Promise<Policy | undefined> {
  const held = withPolicy(frozen, await readPolicyFiles(files));
  return held.ok ? policyOf(held.value) : refuseFindings(source, held.error);
}

/** Whose approval would not count is told so now, and not when the plan is enforced. */
function checkApprover(policy: Policy | undefined, name: string, key: SigningKey): void {
  if (!/^[A-Za-z0-9_.-]{1,128}$/.test(name))
    throw new InputError("--as: a name has 1 to 128 of the characters A-Z a-z 0-9 _ . -");
  const approver = policy?.approvers !== undefined && Object.hasOwn(policy.approvers, name) ? policy.approvers[name] : undefined;
  if (policy?.approval?.plans !== undefined && !policy.approval.plans.by.includes(name))
    throw new InputError(`--as: the policy does not name ${name} among those who approve plans`);
  if (member(key as unknown as Json, "kty") !== "OKP" || typeof member(key as unknown as Json, "d") !== "string")
    throw new InputError(
      "--key: expected a private Ed25519 key as JWK, with `kty` `OKP`, `crv` `Ed25519`, `x` and `d`: `sluice key` makes one",
    );
  if (approver !== undefined && "key" in approver && approver.key.x !== key.x)
    throw new InputError(`--key: this is not the key that the policy knows ${name} by`);
}

async function whatIsShown(frozen: FrozenPlan, previous: string | undefined): Promise<Shown> {
  const findings = lintPlan(frozen.plan, catalogueOf(frozen));
  const base = { frozen, summary: approvalSummary(frozen), findings };
  if (previous === undefined) return { ...base, diff: undefined };
  const diff = diffPlans(await readFrozen(previous), frozen);
  return diff.ok ? { ...base, diff: diff.value } : refuseFindings(previous, diff.error);
}

/** The worst first, then the findings, then what is different, then the plan itself. */
function show({ frozen, summary, findings, diff }: Shown, terminal: Terminal): void {
  const { paint, columns } = terminal;
  const lines = [
    paint.bold(`Who approves ${frozen.plan.name} approves that`),
    ...summary.map((sentence) => hang("  - ", sentence, columns)),
    "",
    ...findingLines(findings, terminal),
    paint.bold(countLine(findings)),
  ];
  if (diff !== undefined)
    lines.push(
      "",
      paint.bold(`Beside the version that was approved last: ${diff.relation}`),
      ...diff.changes.map(({ relation, sentence, after, before }) =>
        hang(`  ${relation} `, `${after ?? before ?? ""}: ${sentence}`, columns),
      ),
    );
  lines.push("", paint.bold("The plan"), plainLines(frozen.plan as unknown as Json), "", frozen.digest);
  terminal.write(`${lines.join("\n")}\n`);
}

/** JSON over several lines, with everything that a terminal would not show written out. */
function plainLines(value: Json): string {
  return jsonText(value, 2).split("\n").map(plain).join("\n");
}

async function ask(frozen: FrozenPlan, name: string): Promise<boolean> {
  if (process.stdin.isTTY !== true)
    throw new InputError("nobody can be asked: this is no terminal; say --yes if it is to be approved");
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await reader.question(`Approve ${frozen.plan.name} as ${name}? Type yes: `);
    return answer.trim() === "yes";
  } finally {
    reader.close();
  }
}

async function sign(frozen: FrozenPlan, key: SigningKey, { as: approver, days, key: source }: Options): Promise<FrozenPlan> {
  const now = Date.now();
  const signed = await approvePlan(frozen, {
    approver,
    key,
    now,
    ...(days === undefined ? {} : { expires: now + days * dayMs }),
  });
  return signed.ok ? signed.value : refuseInput(source, signed.error.message, { code: signed.error.code });
}

interface Outcome {
  readonly policy: Policy | undefined;
  readonly approvals: readonly PlanApproval[];
  readonly isEnough: boolean;
  readonly output: string;
}

function outcome({ policy, approvals, isEnough, output }: Outcome, { paint }: Terminal): string {
  const quorum = policy?.approval?.plans;
  const names = [...new Set(approvals.map(({ approver }) => approver))].join(", ");
  if (quorum === undefined) return paint.bold(`Approved in ${output}; no policy asks for approvals`);
  return paint.bold(
    isEnough
      ? `Approved in ${output} by ${names}: enough`
      : `Approved in ${output} by ${names}: ${quorum.people ?? 1} people are needed`,
  );
}
