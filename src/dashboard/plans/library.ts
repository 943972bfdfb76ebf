/**
 * The plans that a store knows and those in force, by name and version.
 * Never takes a text for a plan whose digest it has not, and never reads more of them at once than the process can spare.
 */
import { adoptedPlansMax } from "../../limits.ts";
import { catalogueOf } from "../../plan/freeze-resolve.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import { policyOf } from "../../policy/frozen.ts";
import { err, ok, type Result } from "../../result.ts";
import { revocationKind } from "../../stores/store.ts";
import { answered } from "../../surfaces/enforce/store/answered.ts";
import { thawText } from "../../surfaces/enforce/session/children.ts";
import type { DashboardWorld, PageProblem } from "../dashboard.ts";
import { libraryPlansMax } from "../bounds.ts";
import { problem, problemOf } from "../shell/problem.ts";
import { lookAt } from "./look.ts";

/** A version of a plan, as a list shows it. */
export interface PlanVersion {
  readonly digest: string;
  readonly name: string;
  readonly task?: string;
  readonly nodes: number;
  readonly tools: readonly string[];
  readonly findings: { readonly error: number; readonly warning: number; readonly info: number };
  readonly isSigned: boolean;
  readonly hasPolicy: boolean;
  readonly isInForce: boolean;
}

/** All versions. */
export interface Library {
  readonly plans: readonly PlanVersion[];
  /** Plans of the store that are not in the list, since there are too many. */
  readonly left: number;
}

type Known = Omit<PlanVersion, "isInForce">;

const seen = new WeakMap<DashboardWorld, Map<string, Known>>();

/** The library: names in order, of each name what is in force first. */
export async function libraryOf(world: DashboardWorld): Promise<Result<Library, PageProblem>> {
  const digests = await answered(() => world.store.listDocuments("plan"));
  if (!digests.ok) return err(problemOf("STORE_UNAVAILABLE"));
  const inForce = new Map([...world.enforcer.guards.values()].map((guard) => [guard.digest, guard.frozen]));
  const rest = digests.value.filter((digest) => !inForce.has(digest));
  const plans: PlanVersion[] = [];
  for (const [digest, frozen] of inForce) plans.push({ ...known(world, digest, frozen), isInForce: true });
  for (const digest of rest.slice(0, libraryPlansMax)) {
    const version = seen.get(world)?.get(digest) ?? (await read(world, digest));
    if (version !== undefined) plans.push({ ...version, isInForce: false });
  }
  const byName = (a: PlanVersion, b: PlanVersion): number =>
    a.name === b.name ? Number(b.isInForce) - Number(a.isInForce) : a.name < b.name ? -1 : 1;
  return ok({ plans: plans.sort(byName), left: Math.max(0, rest.length - libraryPlansMax) });
}

/** A version of the store; other work goes on in between, since checking a plan takes milliseconds. */
async function read(world: DashboardWorld, digest: string): Promise<Known | undefined> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  const text = await answered(() => world.store.loadDocument("plan", digest));
  const frozen = text.ok && text.value !== undefined ? thawText(text.value) : undefined;
  return frozen?.digest === digest ? known(world, digest, frozen) : undefined;
}

/** What a version is: worked out once, since a digest is the same plan for ever. */
function known(world: DashboardWorld, digest: string, frozen: FrozenPlan): Known {
  const kept = seen.get(world) ?? new Map<string, Known>();
  seen.set(world, kept);
  const before = kept.get(digest);
  if (before !== undefined) return before;
  const { findings } = lookAt(frozen.plan, catalogueOf(frozen), policyOf(frozen));
  const count = (severity: string): number => findings.filter((finding) => finding.severity === severity).length;
  const { name, task, nodes } = frozen.plan;
  const version: Known = {
    digest,
    name,
    ...(task === undefined ? {} : { task }),
    nodes: Object.keys(nodes).length,
    tools: Object.keys(frozen.tools).sort(),
    findings: { error: count("error"), warning: count("warning"), info: count("info") },
    isSigned: frozen.signature !== undefined,
    hasPolicy: frozen.policy !== undefined,
  };
  kept.set(digest, version);
  const [oldest] = kept.keys();
  if (kept.size > adoptedPlansMax * 2 && oldest !== undefined) kept.delete(oldest);
  return version;
}

/** A frozen plan, in force or of the store. */
export async function planOf(world: DashboardWorld, digest: string): Promise<Result<FrozenPlan, PageProblem>> {
  const loaded = world.enforcer.guards.get(digest);
  if (loaded !== undefined) return ok(loaded.frozen);
  const unknown = problem(404, "there is no such plan");
  if (!/^[\w:-]{1,128}$/.test(digest)) return unknown;
  const text = await answered(() => world.store.loadDocument("plan", digest));
  if (!text.ok) return err(problemOf("STORE_UNAVAILABLE"));
  const frozen = text.value === undefined ? undefined : thawText(text.value);
  return frozen?.digest === digest ? ok(frozen) : unknown;
}

/** Whether a plan is revoked. */
export async function isPlanRevoked(world: DashboardWorld, digest: string): Promise<Result<boolean, PageProblem>> {
  const found = await answered(() => world.store.record(revocationKind, `plan:${digest}`));
  if (!found.ok) return err(problemOf("STORE_UNAVAILABLE"));
  return ok(found.value !== undefined && found.value.value.lifted !== true);
}
