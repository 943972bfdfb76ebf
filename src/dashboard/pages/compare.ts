/**
 * Two versions of a plan side by side: what the second lets through that the first does not, as `sluice diff` says it.
 * Never guesses: what cannot be shown to be narrower is said to be incomparable.
 */
import { html } from "hono/html";
import { diffPlans, type PlanDiff } from "../../amend/diff.ts";
import { ok } from "../../result.ts";
import type { Page } from "../dashboard.ts";
import { changeList, relationTone } from "../plans/changes.ts";
import { planOf } from "../plans/library.ts";
import { planLink, versionText } from "../plans/pieces.ts";
import { badge, facts, notice, problem, section } from "../shell.ts";

/** The difference. */
export interface CompareModel {
  readonly before: { readonly digest: string; readonly name: string };
  readonly after: { readonly digest: string; readonly name: string };
  readonly diff: PlanDiff;
}

const verdicts: { readonly [R in PlanDiff["relation"]]: string } = {
  same: "The same calls are allowed.",
  narrower: "Narrower: every call that the new version allows, the old one allows too.",
  wider: "Wider: the new version allows what the old one does not.",
  incomparable: "Incomparable: the new version allows, or may allow, what the old one does not.",
};

/** The page: from the plan `:digest` to the plan `:with`. */
export const comparePage: Page<CompareModel> = {
  path: "/plans/:digest/compare/:with",
  title: "Two versions",
  titleOf: ({ after }) => `What changes in ${after.name}`,
  role: "viewer",
  under: "/plans",
  load: async (world, c) => {
    const before = await planOf(world, c.req.param("digest") ?? "");
    if (!before.ok) return before;
    const after = await planOf(world, c.req.param("with") ?? "");
    if (!after.ok) return after;
    const diff = diffPlans(before.value, after.value);
    if (!diff.ok) return problem(422, `one of the plans cannot be enforced: ${diff.error[0]?.message ?? ""}`);
    const name = ({ digest, plan }: typeof before.value): CompareModel["before"] => ({ digest, name: plan.name });
    return ok({ before: name(before.value), after: name(after.value), diff: diff.value });
  },
  view: ({ before, after, diff }) => html`${notice(relationTone(diff.relation), verdicts[diff.relation])}
${facts([
  ["Old version", planLink(before.digest, `${before.name} ${versionText(before.digest)}`)],
  ["New version", planLink(after.digest, `${after.name} ${versionText(after.digest)}`)],
  ["The new one is", badge(relationTone(diff.relation), diff.relation)],
])}
${section(`Changes (${diff.changes.length})`, changeList(diff.changes), { id: "changes" })}`,
};
