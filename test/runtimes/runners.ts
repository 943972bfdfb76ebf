/**
 * One runner for each file of test/vectors: how a vector of that file is executed, and what it must come to.
 * Never asserts: it returns both sides as text, so that a difference between runtimes shows even where both fail.
 */
import { canonicalJson } from "../../src/json/canonical.ts";
import { type ReadError, readJson, readJsonBytes } from "../../src/json/read.ts";
import type { Json } from "../../src/json/value.ts";
import { runValueVector } from "../infer/values/vectors.ts";
import { runLangVector } from "../lang/vectors.ts";
import { auditOutcome } from "../vectors/audit-outcome.ts";
import { canonicalOutcome, digestOutcome, labelOutcome, receiptOutcome } from "../vectors/outcomes.ts";
import { runVerdictVector } from "../vectors/verdicts.ts";

/** What a vector demands and what happened; equal texts pass. */
export interface Outcome {
  readonly expected: string;
  readonly got: string;
}

/** Executes one vector. A throw is a failure. */
export type Runner = (vector: never) => Outcome | Promise<Outcome>;

/** A vector of json.json: a text (or UTF-16 units, or bytes) and either the canonical form of its value or the place and code of its error. */
interface JsonVector {
  readonly name: string;
  readonly text?: string;
  readonly units?: readonly number[];
  readonly base64?: string;
  readonly ok?: string;
  readonly error?: Partial<ReadError>;
}

function runJson(vector: JsonVector): Outcome {
  const read =
    vector.base64 === undefined
      ? readJson(vector.text ?? String.fromCharCode(...(vector.units ?? [])))
      : readJsonBytes(Uint8Array.from(atob(vector.base64), (unit) => unit.charCodeAt(0)));
  if (read.ok) return { expected: vector.ok ?? errorText(vector.error ?? {}), got: canonicalJson(read.value) };
  const wanted = vector.error ?? {};
  // Only what the vector names is compared; the code is always named.
  const got: Record<string, unknown> = { code: read.error.code };
  for (const key of Object.keys(wanted)) got[key] = read.error[key as keyof ReadError];
  return { expected: vector.ok ?? errorText(wanted), got: errorText(got) };
}

function errorText(error: object): string {
  return JSON.stringify(Object.fromEntries(Object.entries(error).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** The runner of a file whose vectors say in `expect` what comes of them. */
function expecting<T>(outcome: (vector: T) => Json | Promise<Json>): Runner {
  return async (vector: T & { readonly expect: Json }) => ({
    expected: canonicalJson(vector.expect),
    got: canonicalJson(await outcome(vector)),
  });
}

/** File in test/vectors → its runner. A file without a runner, and a runner without a file, fail the run. */
export const runners: Readonly<Record<string, Runner>> = {
  "audit.json": expecting(auditOutcome),
  "canonical.json": expecting(canonicalOutcome),
  "digests.json": expecting(digestOutcome),
  "json.json": runJson,
  "labels.json": expecting(labelOutcome),
  "lang.json": runLangVector,
  "receipts.json": expecting(receiptOutcome),
  "values.json": runValueVector,
  "verdicts.json": runVerdictVector,
};
