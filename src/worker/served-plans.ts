/**
 * The plans that a Worker serves: those that an administrator has uploaded, by records of their digests, beside those bundled with it.
 * Never serves a plan for being in the store alone: plans that agents have amended are there too.
 */
import { createGuard, type GuardOptions } from "../engine.ts";
import { readJson, readJsonBytes } from "../json/read.ts";
import { thawPlan, writeFrozen } from "../plan/freeze.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import type { Finding } from "../plan/finding.ts";
import { err, ok, type Result } from "../result.ts";
import type { Store, StoreFailure } from "../stores/store.ts";
import { readBody } from "../surfaces/body.ts";
import { type HostProblem, hostProblemResponse } from "../surfaces/wire.ts";

/** Kind of the records that name the plans to serve; the id is the digest. */
const servedKind = "served-plan";

/** Plans that a Worker serves at most. */
const servedPlansMax = 1_000;

/** Bytes of an uploaded plan at most. */
const planBytesMax = 4 * 1024 * 1024;

/** Digests of the plans to serve, ascending. */
export async function servedDigests(store: Store): Promise<Result<readonly string[], StoreFailure>> {
  const records = await store.records(servedKind, { limit: servedPlansMax });
  return records.ok ? ok(records.value.map(({ id }) => id)) : records;
}

/** The plan of a digest; `undefined`: the store has no text that is this plan. */
export async function loadServed(store: Store, digest: string): Promise<Result<FrozenPlan | undefined, StoreFailure>> {
  const text = await store.loadDocument("plan", digest);
  if (!text.ok) return text;
  const read = text.value === undefined ? undefined : readJson(text.value);
  const thawed = read?.ok ? thawPlan(read.value) : undefined;
  return ok(thawed?.ok && thawed.value.digest === digest ? thawed.value : undefined);
}

/** Takes an uploaded plan: it is checked whole, kept under its digest, and named as one to serve. */
export async function takePlan(
  request: Request,
  { store, guard }: { readonly store: Store; readonly guard: GuardOptions },
): Promise<Result<FrozenPlan, Response>> {
  const body = await readBody(request.body, planBytesMax);
  if (body.kind === "large") return refused({ code: "PLAN_TOO_LARGE" });
  const read = body.kind === "read" ? readJsonBytes(body.bytes) : undefined;
  if (!read?.ok) return refused({ code: "PLAN_MALFORMED", message: "the body must be a frozen plan: strict JSON" });
  const thawed = thawPlan(read.value);
  if (!thawed.ok) return refused(problemOf(thawed.error));
  const checked = createGuard(thawed.value, guard);
  if (!checked.ok) return refused(problemOf(checked.error));
  const { digest } = thawed.value;
  const kept = await store.saveDocument("plan", digest, writeFrozen(thawed.value));
  const named = kept.ok ? await store.writeRecord({ kind: servedKind, id: digest, version: 0, value: {} }) : kept;
  // Named already: it is served.
  if (!named.ok && named.error.kind !== "conflict") return refused({ code: "STORE_UNAVAILABLE" });
  return ok(thawed.value);
}

function refused(problem: HostProblem): Result<never, Response> {
  return err(hostProblemResponse(problem));
}

function problemOf([first]: readonly Finding[]): HostProblem {
  if (first === undefined) return { code: "PLAN_MALFORMED" };
  return {
    code: first.code === "PLAN_DIGEST_MISMATCH" ? "PLAN_DIGEST_MISMATCH" : "PLAN_LINT",
    pointer: first.pointer,
    message: `${first.code}: ${first.message}`,
  };
}
