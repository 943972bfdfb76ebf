/**
 * Writes canonical.json, digests.json, labels.json, receipts.json and audit.json: `node test/vectors/make.ts`.
 * What the engine makes of each case is written down, and stops the script where a case, or the RFC, says something else.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { auditOutcome } from "./audit-outcome.ts";
import { auditCases } from "./cases/audit.ts";
import { canonicalCases, saidByRfc } from "./cases/canonical.ts";
import { digestCases } from "./cases/digests.ts";
import { labelCases } from "./cases/labels.ts";
import { receiptCases } from "./cases/receipts.ts";
import { canonicalOutcome, digestOutcome, labelOutcome, receiptOutcome } from "./outcomes.ts";

type Written = { readonly name: string; readonly expect?: Json };

function agree(name: string, [said, got]: readonly [said: unknown, got: unknown]): void {
  if (JSON.stringify(said) !== JSON.stringify(got))
    throw new Error(`${name}: ${JSON.stringify(got)} instead of ${JSON.stringify(said)}`);
}

async function canonical(): Promise<readonly Written[]> {
  return canonicalCases().map((each) => {
    const expect = canonicalOutcome(each) as JsonObject;
    const said = saidByRfc(each.bits);
    if (said !== undefined) agree(each.name, [said, expect.canonical ?? null]);
    return { ...each, expect };
  });
}

async function digests(): Promise<readonly Written[]> {
  const made = await digestCases();
  return Promise.all(made.map(async (each) => ({ ...each, expect: await digestOutcome(each) })));
}

async function receipts(): Promise<readonly Written[]> {
  const made: Written[] = [];
  for (const { status, ...rest } of await receiptCases()) {
    const vector = { version: 1, ...rest } as const;
    const expect = (await receiptOutcome(vector)) as readonly JsonObject[];
    agree(rest.name, [status, expect.map((each) => each.status)]);
    made.push({ ...vector, expect } as Written);
  }
  return made;
}

async function audits(): Promise<readonly Written[]> {
  const made: Written[] = [];
  for (const { faults, ...vector } of await auditCases()) {
    const expect = (await auditOutcome(vector as never)) as JsonObject;
    const found =
      vector.kind === "proof"
        ? [expect.fault].filter((fault) => fault !== undefined)
        : (expect.faults as readonly Json[][]).map(([kind]) => kind);
    agree(vector.name, [[...faults].sort(), [...new Set(found)].sort()]);
    made.push({ ...vector, expect } as Written);
  }
  return made;
}

/** File in test/vectors → its text: one vector a line, canonical JSON. */
export async function vectorTexts(): Promise<Readonly<Record<string, string>>> {
  const files: Readonly<Record<string, readonly Written[]>> = {
    "canonical.json": await canonical(),
    "digests.json": await digests(),
    "labels.json": labelCases().map((each) => ({ ...each, expect: labelOutcome(each) })),
    "receipts.json": await receipts(),
    "audit.json": await audits(),
  };
  return Object.fromEntries(
    Object.entries(files).map(([file, vectors]) => {
      const names = new Set(vectors.map(({ name }) => name));
      if (names.size !== vectors.length) throw new Error(`${file}: two vectors have one name`);
      return [file, `[\n${vectors.map((each) => canonicalJson(each as unknown as Json)).join(",\n")}\n]\n`];
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, text] of Object.entries(await vectorTexts())) {
    writeFileSync(new URL(file, import.meta.url), text);
    console.log(`${file}: ${text.trim().split("\n").length - 2} vectors`);
  }
}
