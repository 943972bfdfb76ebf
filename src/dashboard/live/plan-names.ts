/**
 * Names of plans by their digests, for lists of sessions.
 * Never a name that a digest does not stand for: what cannot be read is shown by its digest.
 */
import { readJson } from "../../json/read.ts";
import { thawPlan } from "../../plan/freeze.ts";
import { answered } from "../../surfaces/enforce/store/answered.ts";
import type { DashboardWorld } from "../dashboard.ts";

/** Plans whose names are remembered; a digest never changes its name. */
const namesMax = 2_000;
const known = new Map<string, string>();

/** The names of plans, as far as the firewall or the store has them. */
export async function planNames(
  { enforcer, store }: Pick<DashboardWorld, "enforcer" | "store">,
  digests: Iterable<string>,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const digest of new Set(digests)) {
    const name = enforcer.guards.get(digest)?.frozen.plan.name ?? known.get(digest) ?? (await storedName(store, digest));
    if (name === undefined) continue;
    names.set(digest, name);
    known.set(digest, name);
    const [oldest] = known.keys();
    if (known.size > namesMax && oldest !== undefined) known.delete(oldest);
  }
  return names;
}

async function storedName(store: DashboardWorld["store"], digest: string): Promise<string | undefined> {
  const text = await answered(() => store.loadDocument("plan", digest));
  const read = text.ok && text.value !== undefined ? readJson(text.value) : undefined;
  const frozen = read?.ok === true ? thawPlan(read.value) : undefined;
  return frozen?.ok === true && frozen.value.digest === digest ? frozen.value.plan.name : undefined;
}
