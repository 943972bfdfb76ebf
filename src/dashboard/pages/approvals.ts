/**
 * What waits for a human: held calls, amendments of plans, drafts of plans, in one queue.
 * Never decides anything by itself: a decision is made on the page of each, where everything is shown.
 */
import { html } from "hono/html";
import { type Identity, includes } from "../../access/identity.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { ok } from "../../result.ts";
import type { Amendment, Approval } from "../../surfaces/hono.ts";
import type { Page } from "../dashboard.ts";
import { type DraftSummary, draftsOf } from "../plans/drafts.ts";
import { away, badge, brief, href, type Html, nothing, problemOf, section, table } from "../shell.ts";
import { err } from "../../result.ts";

/** What waits. */
export interface ApprovalsModel {
  /** Without what would be sent, where who looks is no approver. */
  readonly calls: readonly (Omit<Approval, "args" | "digest"> & Partial<Pick<Approval, "args" | "digest">>)[];
  /** Without what the agent wrote, then. */
  readonly amendments: readonly Amendment[];
  readonly drafts: readonly DraftSummary[];
}

/** The queue. */
export const approvalsPage: Page<ApprovalsModel> = {
  path: "/approvals",
  title: "Approvals",
  role: "viewer",
  nav: "Approvals",
  refresh: ["approval", "amendment", "plan"],
  load: async (world, c) => {
    const [calls, amendments, drafts] = await Promise.all([
      world.enforcer.approvals(),
      world.enforcer.waitingAmendments(),
      draftsOf(world).list(),
    ]);
    if (!calls.ok) return err(problemOf(calls.error));
    if (!amendments.ok) return err(problemOf(amendments.error));
    if (!drafts.ok) return drafts;
    const mayRead = includes((c.get("identity") as Identity).role, "approver");
    return ok({
      calls: mayRead ? calls.value : calls.value.map(({ args: _, digest: __, ...call }) => call),
      amendments: mayRead ? amendments.value : amendments.value.map(withoutValues),
      drafts: drafts.value.filter(({ status }) => status === "waiting"),
    });
  },
  view: ({ calls, amendments, drafts }, { now }) => {
    if (calls.length + amendments.length + drafts.length === 0)
      return nothing({
        title: "Nothing waits for you",
        text: "Calls that a plan or a policy holds for a person, amendments that agents ask for, and drafts of plans show up here as they come.",
      });
    return html`${section("Held calls", callTable(calls, now))}${section("Amendments of running plans", amendmentTable(amendments, now))}${section("Drafts of plans", draftTable(drafts, now))}`;
  },
};

/** An amendment without what the agent wrote into it. */
export function withoutValues({ written: _, diff, ...amendment }: Amendment): Amendment {
  return { ...amendment, ...(diff === undefined ? {} : { diff: { ...diff, changes: [] } }) };
}

function callTable(calls: ApprovalsModel["calls"], now: number): Html {
  return table({
    caption: "Calls that wait for approval",
    rows: calls,
    empty: nothing({ title: "No call waits" }),
    columns: [
      { head: "Call", cell: (call) => html`<a href="${href("/approvals/:id", { id: call.id })}">${brief(call.tool)}</a>` },
      {
        head: "Would send",
        kind: "grow",
        cell: ({ args }) =>
          args === undefined
            ? html`<span class="muted">for approvers</span>`
            : html`<span class="text">${brief(canonicalJson(args), 160)}</span>`,
      },
      { head: "Plan", cell: ({ planName }) => brief(planName, 60) },
      { head: "For", cell: ({ principal }) => brief(principal, 60) },
      { head: "Approved", kind: "short", cell: ({ approvers, people }) => `${approvers.length} of ${people}` },
      { head: "Expires", kind: "short", cell: ({ expires }) => away(expires, now) },
    ],
  });
}

function amendmentTable(amendments: readonly Amendment[], now: number): Html {
  return table({
    caption: "Amendments that wait for approval",
    rows: amendments,
    empty: nothing({ title: "No amendment waits" }),
    columns: [
      {
        head: "Plan",
        kind: "grow",
        cell: ({ id, planName }) => html`<a href="${href("/amendments/:id", { id })}">${brief(planName)}</a>`,
      },
      { head: "Would be", cell: ({ diff }) => badge("wait", diff?.relation ?? "changed") },
      {
        head: "Opens",
        kind: "number",
        cell: ({ diff }) =>
          (diff?.changes ?? []).filter(({ relation }) => relation === "wider" || relation === "incomparable").length,
      },
      { head: "For", cell: ({ principal }) => brief(principal, 60) },
      { head: "Asked", kind: "short", cell: ({ at }) => away(at, now) },
      { head: "Expires", kind: "short", cell: ({ expires }) => away(expires, now) },
    ],
  });
}

/** Drafts, the newest first. */
export function draftTable(drafts: readonly DraftSummary[], now: number): Html {
  return table({
    caption: "Drafts of plans",
    rows: drafts,
    empty: nothing({ title: "No draft waits", action: html`<p><a href="${href("/drafts")}">Hand in a draft</a></p>` }),
    columns: [
      { head: "Plan", kind: "grow", cell: ({ id, name }) => html`<a href="${href("/drafts/:id", { id })}">${brief(name)}</a>` },
      { head: "State", cell: ({ status }) => draftBadge(status) },
      { head: "Nodes", kind: "number", cell: ({ nodes }) => nodes },
      { head: "Handed in by", cell: ({ by }) => brief(by, 60) },
      { head: "When", kind: "short", cell: ({ at }) => away(at, now) },
    ],
  });
}

/** The state of a draft. */
export function draftBadge(status: DraftSummary["status"]): Html {
  const tones = { waiting: "wait", approved: "good", denied: "bad" } as const;
  return badge(tones[status], status);
}
