/**
 * A client's history against what was recorded: results are committed before a model sees them, and whatever does not fit is a denial.
 * Never shows a model a result that its plan hides, nor a value that Sluice has filled in.
 */
import type { Code } from "../../codes.ts";
import type { ToolResult } from "../../decide/observe.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { readJson } from "../../json/read.ts";
import { member } from "../../json/value.ts";
import { domainDigest } from "../../plan/digest.ts";
import { err, ok, type Result } from "../../result.ts";
import { isErrorResult } from "../../trace.ts";
import { type Denial, denialOf, type Enforcer } from "../enforce.ts";
import { denialText } from "../wire.ts";
import type { KeptAnswer, PastItem, PastResult, ReadRequest } from "./dialect.ts";
import type { Ledger, LedgerCall } from "./ledger.ts";

/** What a model is shown in place of a result. */
export interface Shown {
  readonly text: string;
  readonly isError: boolean;
}

/** A history that fits: what is shown of its results, and the answer that it continues. */
export interface History {
  readonly shown: ReadonlyMap<string, Shown>;
  readonly previous?: KeptAnswer;
}

/** Digest of the arguments of a call, whatever text they were sent as. */
export function argsDigest(args: string): string {
  return domainDigest("model-call-args", args);
}

/** Checks a history and records its new results. Errors: `HISTORY_MISMATCH`, and what the store answers. */
export async function readHistory(
  { enforcer, ledger }: { readonly enforcer: Enforcer; readonly ledger: Ledger },
  { past, previous }: Pick<ReadRequest, "past" | "previous">,
): Promise<Result<History, Denial>> {
  const refuse = (code: Code): { ok: false; error: Denial } => err(denialOf(code));
  let isKept = previous !== undefined;
  let kept: KeptAnswer | undefined;
  if (previous !== undefined) {
    const answer = await ledger.answer(previous);
    if (!answer.ok) return refuse(answer.error);
    if (answer.value === undefined) return refuse("HISTORY_MISMATCH");
    kept = answer.value;
  }
  for (const item of past) {
    if (item.kind !== "reference") continue;
    isKept = true;
    const part = await ledger.answer(item.id);
    if (!part.ok) return refuse(part.error);
    if (part.value === undefined) return refuse("HISTORY_MISMATCH");
  }
  if (!isFitting(ledger, past, isKept)) return refuse("HISTORY_MISMATCH");
  const shown = new Map<string, Shown>();
  for (const item of past) {
    if (item.kind !== "result") continue;
    const settled = await settle(enforcer, ledger, item);
    if (!settled.ok) return refuse(settled.error);
    if (settled.value !== undefined) shown.set(item.id, settled.value);
  }
  return ok({ shown, ...(kept === undefined ? {} : { previous: kept }) });
}

/**
 * Whether calls and results are those that were recorded, in their order, and none is left out between the first that is there and the
 * newest: a client may forget the beginning of a conversation, and nothing else of it. `isKept`: the provider has the rest.
 */
function isFitting(ledger: Ledger, past: readonly PastItem[], isKept: boolean): boolean {
  const calls = new Set<string>();
  const results = new Set<string>();
  let last = -1;
  for (const item of past) {
    if (item.kind === "reference") continue;
    const known = ledger.call(item.id);
    if (known === undefined) return false;
    if (item.kind === "call") {
      if (calls.has(item.id) || known.place <= last || !isCallOf(known, item)) return false;
      last = known.place;
      calls.add(item.id);
      continue;
    }
    if (results.has(item.id) || !(isKept || calls.has(item.id))) return false;
    if (known.result !== undefined && known.result !== resultDigest(known, item)) return false;
    results.add(item.id);
  }
  if (isKept) return true;
  const first = ledger.calls().find(({ id }) => calls.has(id))?.place ?? Number.POSITIVE_INFINITY;
  return ledger.calls().every(({ id, place, result }) => place < first || result === undefined || results.has(id));
}

function isCallOf(known: LedgerCall, { name, args }: PastItem & { readonly kind: "call" }): boolean {
  return known.name === name && known.digest === argsDigest(canonicalJson(args));
}

function resultDigest({ session, run }: LedgerCall, { value, isError }: PastResult): string {
  return domainDigest("model-result", canonicalJson([session, run, isError, value]));
}

/** Codes of a result that the model is told in its place; every other failure denies the request, which may be sent again. */
const toldCodes: ReadonlySet<Code> = new Set(["RUN_SETTLED", "RESULT_TOO_LARGE", "RESULT_MALFORMED"]);

/** Records a result, or finds it recorded; what the model is shown in its place, if not the result itself. */
async function settle(enforcer: Enforcer, ledger: Ledger, item: PastResult): Promise<Result<Shown | undefined, Code>> {
  const known = ledger.call(item.id) as LedgerCall;
  // Bound before it is settled: whoever comes after a fault brings the same result, or is refused.
  const bound = await ledger.bind(item.id, resultDigest(known, item));
  if (!bound.ok) return bound;
  const settled = await enforcer.settleAgain({ session: known.session, run: known.run }, resultOf(item));
  if (!settled.ok) {
    const { verdict } = settled;
    return toldCodes.has(verdict.code) ? ok({ text: denialText(verdict), isError: true }) : err(verdict.code);
  }
  const { delivered, isError, isWhole } = settled;
  if (isWhole) return ok(undefined);
  return ok({ text: typeof delivered === "string" ? delivered : canonicalJson(delivered), isError });
}

/** A result as a plan takes it. A text that is `{"error": …}` and nothing else is a failure, as in traces: most APIs have no other way to say so. */
function resultOf({ value, isError }: PastResult): ToolResult {
  if (isError) return { error: value };
  if (typeof value !== "string" || !value.startsWith("{")) return { value };
  const read = readJson(value);
  return read.ok && isErrorResult(read.value) ? { error: member(read.value, "error") ?? null } : { value };
}
