/**
 * One draft of a plan: what it would let happen at worst, its findings, its picture; and the approval that freezes it as it is shown.
 * Never freezes what the approver has not seen.
 */
import { html } from "hono/html";
import type { Json } from "../../json/value.ts";
import { diffPlans, type PlanDiff } from "../../amend/diff.ts";
import { err, ok } from "../../result.ts";
import type { Act, Page, Seen } from "../dashboard.ts";
import { planGraph } from "../graph/plan-graph.ts";
import { changeList, relationTone } from "../plans/changes.ts";
import { draftsOf } from "../plans/drafts.ts";
import { type DraftSeen, frozenAsSeen, type Frozen, keepFrozen, refuseApprover, seeDraft } from "../plans/freezing.ts";
import { planOf } from "../plans/library.ts";
import { lookParts, nodeTable, planLink, planText, versionText } from "../plans/pieces.ts";
import { readDecision, wordList } from "../plans/words.ts";
import {
  actForm,
  badge,
  block,
  brief,
  button,
  digest,
  facts,
  field,
  href,
  type Html,
  notice,
  section,
  shown,
  time,
} from "../shell.ts";
import { cannotDecide } from "./approval.ts";
import { draftBadge } from "./approvals.ts";

/** A draft as the page shows it. */
export interface DraftModel extends DraftSeen {
  /** How it differs from the plan of its name that is in force. */
  readonly diff?: PlanDiff;
  /** Whether what it was frozen to is in force here. */
  readonly isInForce: boolean;
}

/** The page. */
export const draftPage: Page<DraftModel> = {
  path: "/drafts/:id",
  title: "Draft",
  titleOf: ({ draft }) => `Draft: ${draft.name}`,
  role: "viewer",
  under: "/plans",
  isWide: true,
  load: async (world, c) => {
    const seen = await seeDraft(world, c.req.param("id") ?? "");
    if (!seen.ok) return seen;
    const { draft, look, replaces } = seen.value;
    const before = replaces === undefined ? undefined : await planOf(world, replaces);
    const diff =
      before?.ok && look.frozen !== undefined && draft.status === "waiting" ? diffPlans(before.value, look.frozen) : undefined;
    const isInForce = draft.frozen !== undefined && world.enforcer.guards.get(draft.frozen) !== undefined;
    return ok({ ...seen.value, isInForce, ...(diff?.ok ? { diff: diff.value } : {}) });
  },
  view: (model, seen) => {
    const { draft, look, diff, replaces } = model;
    return html`${stateNotice(model)}
${facts([
  ["State", draftBadge(draft.status)],
  ["Handed in by", html`${brief(draft.by, 60)}`],
  ["When", time(draft.at)],
  draft.why === undefined ? undefined : ["What it is for", shown(draft.why)],
  [
    "Would be frozen to",
    look.frozen === undefined ? badge("bad", "errors forbid it") : digest(look.frozen.digest, { length: 20 }),
  ],
  replaces === undefined ? undefined : ["Replaces", planLink(replaces, versionText(replaces))],
])}
${lookParts(look)}
${diff === undefined ? "" : section("Against the version in force", html`<p>${badge(relationTone(diff.relation), diff.relation)}</p>${changeList(diff.changes)}`)}
${look.plan === undefined ? section("As it was handed in", block(draft.plan)) : html`${section("The plan as a picture", planGraph({ plan: look.plan }))}${section("Nodes", nodeTable(look.plan))}${planText(look.plan)}`}
${draft.words.length === 0 ? "" : section("What people have said", wordList(draft.words))}
${draft.status === "waiting" ? section("Decision", decisionOf(model, seen)) : ""}`;
  },
};

function stateNotice({ draft, isInForce }: DraftModel): Html {
  if (draft.status === "denied") return notice("bad", "Denied: it was not frozen.");
  if (draft.status !== "approved" || draft.frozen === undefined) return html``;
  const link = planLink(draft.frozen, versionText(draft.frozen));
  return isInForce
    ? notice(
        "good",
        html`Approved, frozen as ${link}, and in force here. To keep it over a restart or a reload, download it and name it with <code>--plan</code>.`,
      )
    : notice(
        "info",
        html`Approved and frozen as ${link}. It is not in force in this process: download it and name it with <code>--plan</code>.`,
      );
}

function decisionOf(model: DraftModel, seen: Seen): Html {
  const { draft, look } = model;
  if (!seen.mayDecide) return cannotDecide(seen);
  const refused = refuseApprover(model, seen.identity.name);
  return actForm({
    action: href("/drafts/:id", { id: draft.id }),
    seen,
    body: html`<input type="hidden" name="digest" value="${look.frozen?.digest ?? ""}">
${refused === undefined ? "" : notice("info", html`You cannot approve it: ${refused}.`)}
${field({ name: "reason", label: "Reason", hint: "For other people and the audit log.", max: 1000, lines: 2 })}
<div class="actions">${refused === undefined ? button("Approve and freeze exactly this", { name: "decision", value: "approve", kind: "primary" }) : ""}${button("Deny", { name: "decision", value: "deny", kind: "danger" })}<span class="muted small">as ${brief(seen.identity.name, 60)}</span></div>`,
  });
}

/** The decision: it names the digest that the person has seen. */
export const draftAct: Act = {
  path: "/drafts/:id",
  role: "approver",
  run: async (world, c, by) => {
    const id = c.req.param("id") ?? "";
    const said = await readDecision(c, by);
    if (!said.ok) return said;
    const { decision, reason, sent } = said.value;
    const seen = await seeDraft(world, id);
    if (!seen.ok) return seen;
    if (seen.value.draft.status !== "waiting") return err({ status: 409, message: "somebody has decided on this draft already" });
    const word = { by: by.name, decision, at: world.clock(), ...(reason === "" ? {} : { reason }) };
    const drafts = draftsOf(world);
    const to = href("/drafts/:id", { id });
    const note = (
      act: string,
      facts: { readonly [name: string]: Json },
      type?: "plan-frozen",
    ): ReturnType<typeof world.access.note> =>
      world.access.note(c, { act, facts: { draft: id, ...facts }, ...(type === undefined ? {} : { type }) });
    const unnoted = err({ status: 503, message: "the store does not take the note of this act: nothing was done" } as const);
    if (decision === "deny") {
      if (!(await note("draft-denied", {})).ok) return unnoted;
      const denied = await drafts.decide(id, { word, status: "denied" });
      return denied.ok ? ok({ to, answer: { status: "denied" } }) : denied;
    }
    const refused = refuseApprover(seen.value, by.name);
    if (refused !== undefined) return err({ status: 403, message: refused });
    const frozen = frozenAsSeen(seen.value, sent.text("digest"));
    if (!frozen.ok) return frozen;
    const approvals = seen.value.draft.words.filter((each) => each.decision === "approve").length + 1;
    if (approvals < (seen.value.quorum?.people ?? 1)) {
      if (!(await note("draft-approved", { digest: frozen.value.digest })).ok) return unnoted;
      const counted = await drafts.decide(id, { word, status: "waiting" });
      return counted.ok ? ok({ to, answer: { status: "waiting", approvals }, status: 202 }) : counted;
    }
    if (!(await note("draft-approved", { digest: frozen.value.digest }, "plan-frozen")).ok) return unnoted;
    const decided = await drafts.decide(id, { word, status: "approved", frozen: frozen.value.digest });
    if (!decided.ok) return decided;
    const kept = await keepFrozen(world, frozen.value);
    return kept.ok ? ok({ to, answer: { status: "approved", ...answerOf(kept.value) } }) : kept;
  },
};

function answerOf({ digest: frozen, inForce }: Frozen): {
  readonly digest: string;
  readonly inForce: boolean;
  readonly why?: string;
} {
  return inForce === true ? { digest: frozen, inForce } : { digest: frozen, inForce: false, why: inForce };
}
