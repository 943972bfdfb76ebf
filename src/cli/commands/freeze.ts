/**
 * `sluice freeze`: checks a plan against its catalogue and writes it as the file that is enforced, named by its digest.
 * Never writes a plan with an error, and never shows or stores the key that signs it.
 */
import type { Command } from "commander";
import type { Catalogue } from "../../catalogue/catalogue.ts";
import type { Json } from "../../json/value.ts";
import type { Finding } from "../../plan/finding.ts";
import { freezePlan, writeFrozen } from "../../plan/freeze.ts";
import { lintPlan } from "../../plan/lint.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import { signPlan, type SigningKey } from "../../plan/sign.ts";
import { approvalSummary } from "../../plan/lint/approver/summary.ts";
import { countLine, findingLines } from "../show/findings.ts";
import {
  addFile,
  checkStdinOnce,
  InputError,
  readCatalogueFile,
  readPolicyFiles,
  readValue,
  refuseFindings,
  refuseInput,
} from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText, writeFileAtOnce } from "../show/output.ts";
import { isFrozenFile, readDraft } from "../read/plan-file.ts";
import { hang, type Terminal } from "../show/terminal.ts";

interface Options {
  readonly catalog?: string;
  readonly policy?: readonly string[];
  readonly key?: string;
  readonly output: string;
  readonly json?: true;
}

/** Adds `freeze PLAN -o FILE`. Exit 1 if lint forbids it. */
export function addFreeze(program: Command, { terminal, exit }: Context): void {
  program
    .command("freeze")
    .description("check a plan and write the frozen plan that is enforced")
    .argument("<plan>", "a draft plan")
    .requiredOption("-o, --output <file>", "where the frozen plan goes")
    .option("--catalog <file>", "the catalogue of its tools")
    .option("--policy <file>", "policies that the plan must satisfy, frozen with it; the stricter of each", addFile)
    .option("--key <file>", "sign it with this private Ed25519 key (JWK)")
    .option("--json", "print JSON")
    .action(async (source: string, options: Options) => {
      checkStdinOnce([source, options.catalog, options.key, ...(options.policy ?? [])]);
      if (options.output === "-") throw new InputError("-o: name a file; standard output is for the digest");
      const catalogue = await readCatalogueFile(options.catalog);
      const value = await readValue(source);
      if (isFrozenFile(value)) refuseInput(source, "this plan is frozen already: freeze its draft");
      const plan = readDraft(source, value);
      const policy = await readPolicyFiles(options.policy);
      const frozen = freezePlan(plan, catalogue, policy === undefined ? {} : { policy });
      if (!frozen.ok) {
        showRefusal(frozen.error, { terminal, isJson: options.json === true });
        exit(1);
        return;
      }
      const signed = options.key === undefined ? frozen.value : await sign(frozen.value, options.key);
      writeFileAtOnce(options.output, writeFrozen(signed));
      if (catalogue === undefined)
        terminal.say("sluice: no --catalog: the tools are known by name only, what they do was inferred from their names");
      if (options.json) terminal.write(`${jsonText({ digest: signed.digest })}\n`);
      else showFrozen(signed, { catalogue, terminal, output: options.output });
    });
}

async function sign(frozen: FrozenPlan, source: string): Promise<FrozenPlan> {
  const signed = await signPlan(frozen, (await readValue(source)) as unknown as SigningKey);
  return signed.ok ? signed.value : refuseFindings(source, signed.error);
}

function showRefusal(
  findings: readonly Finding[],
  { terminal, isJson }: { readonly terminal: Terminal; readonly isJson: boolean },
): void {
  if (isJson) terminal.write(`${jsonText({ code: "PLAN_LINT", findings } as unknown as Json)}\n`);
  else
    terminal.write(
      `${findingLines(findings, terminal).join("\n")}\n\n${terminal.paint.bold(`not frozen (PLAN_LINT): ${countLine(findings)}`)}\n`,
    );
}

function showFrozen(
  frozen: FrozenPlan,
  {
    catalogue,
    terminal,
    output,
  }: { readonly catalogue: Catalogue | undefined; readonly terminal: Terminal; readonly output: string },
): void {
  const { paint, columns } = terminal;
  const warnings = lintPlan(frozen.plan, catalogue).filter(({ severity }) => severity === "warning");
  const lines = [
    paint.bold(`Who approves ${frozen.plan.name} approves that`),
    ...approvalSummary(frozen, catalogue).map((sentence) => hang("  - ", sentence, columns)),
    "",
    ...(warnings.length === 0 ? [] : [hang("", `${countLine(warnings)}: \`sluice lint\` says what.`, columns)]),
    `${frozen.signature === undefined ? "Frozen" : "Frozen and signed"} in ${output}`,
    paint.bold(frozen.digest),
  ];
  terminal.write(`${lines.join("\n")}\n`);
}
