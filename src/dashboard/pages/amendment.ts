/**
 * One amendment that an agent asks for: what it lets through that the plan does not, every value that the agent wrote, and the decision.
 * Never shows a value of the agent's without its mark.
 */
import { html } from "hono/html";
import type { Relation } from "../../amend/diff.ts";
import { member } from "../../json/value.ts";
import { err, ok } from "../../result.ts";
import type { Entry } from "../../stores/store.ts";
import type { Amendment } from "../../surfaces/hono.ts";
import { answered } from "../../surfaces/enforce/store/answered.ts";
import type { Act, Page, Seen } from "../dashboard.ts";
import { changeList, relationTone } from "../plans/changes.ts";
import { readDecision, type Word, wordList } from "../plans/words.ts";
import {
  actForm,
  away,
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
  problem,
  problemOf,
  section,
  time,
} from "../shell.ts";
import { cannotDecide, readsValues, withheld } from "./approval.ts";
import { withoutValues } from "./approvals.ts";

/** An amendment as the page shows it. */
export interface AmendmentModel extends Amendment {
  /** What people have said. */
  readonly words: readonly Word[];
  /** Whether who looks sees what the agent wrote, and so what the amendment opens. */
  readonly hasValues: boolean;
}

/** The page. */
export const amendmentPage: Page<AmendmentModel> = {
  path: "/amendments/:id",
  title: "Amendment",
  titleOf: ({ planName }) => `Amend ${planName}?`,
  role: "viewer",
  under: "/approvals",
  refresh: ["amendment"],
  load: async (world, c) => {
    const amendment = await world.enforcer.amendment(c.req.param("id") ?? "");
    if (!amendment.ok) return err(problemOf(amendment.error));
    const { session, amendment: number } = amendment.value;
    const stored = await answered(() => world.store.load(session, 0));
    if (!stored.ok) return err(problemOf("STORE_UNAVAILABLE"));
    const mayRead = await readsValues(world, c, { act: "amendment-read", id: amendment.value.id });
    if (!mayRead.ok) return mayRead;
    const seen = mayRead.value ? amendment.value : withoutValues(amendment.value);
    return ok({ ...seen, hasValues: mayRead.value, words: wordsIn(stored.value.entries, number) });
  },
  view: (model, seen) => {
    const { planName, principal, session, parent, plan, context, diff, written = [], people, approvers, words } = model;
    const relation: Relation | undefined = diff?.relation;
    return html`${stateNotice(model)}
${facts([
  ["Plan of now", html`<a href="${href("/plans/:digest", { digest: parent })}">${brief(planName, 60)}</a>`],
  ["The agent acts for", brief(principal)],
  ["Session", html`<a href="${href("/sessions/:id", { id: session })}">${brief(session, 14)}</a>`],
  relation === undefined ? undefined : ["The plan would be", badge(relationTone(relation), relation)],
  ["Asked", html`${time(model.at)}`],
  ["Expires", html`${away(model.expires, seen.now)}`],
  [
    "Approved by",
    approvers.length === 0 ? `0 of ${people}` : html`${approvers.length} of ${people}: ${brief(approvers.join(", "), 200)}`,
  ],
])}
<div class="split"><div>${section("What it opens", !model.hasValues ? withheld : diff === undefined ? html`<p>It is decided: what was shown then is in the log.</p>` : changeList(diff.changes))}
${section("What the agent had read", context.length === 0 ? html`<p>Nothing with a label.</p>` : html`<p>Who wrote this data may have had a say in what is asked for: <strong>${brief(context.join(", "), 600)}</strong>.</p>`)}
${written.length === 0 ? "" : section("What the agent wrote", html`<p>These values are the agent's, and become the plan's by an approval.</p><dl class="sent agent-wrote">${written.map(({ pointer, value }) => html`<dt><code>${brief(pointer, 120)}</code></dt><dd>${block(value)}</dd>`)}</dl>`)}
${words.length === 0 ? "" : section("What people have said", wordList(words))}</div>
<div class="beside">${section("Decision", decisionOf(model, seen))}
<p class="small muted">Plan as amended: ${digest(plan, { length: 20 })}</p></div></div>`;
  },
};

function stateNotice({ status }: AmendmentModel): Html {
  if (status === "waiting") return html``;
  if (status === "denied") return notice("bad", "Denied: the session goes on under the plan that it has.");
  if (status === "expired") return notice("info", "Its session has ended: there is nothing left to decide.");
  if (status === "applied") return notice("good", "Approved: the session goes on under the amended plan.");
  return notice("info", "It is stale: the session's plan has changed since it was asked for.");
}

function decisionOf({ id, status, plan, approvers }: AmendmentModel, seen: Seen): Html {
  if (status !== "waiting") return html`<p>There is nothing left to decide.</p>`;
  if (!seen.mayDecide) return cannotDecide(seen);
  const hasSaid = approvers.includes(seen.identity.name);
  return actForm({
    action: href("/amendments/:id", { id }),
    seen,
    body: html`<input type="hidden" name="plan" value="${plan}">
${field({ name: "reason", label: "Reason", hint: "For other people and the audit log; the agent does not see it.", max: 1000, lines: 2 })}
<div class="actions">${hasSaid ? "" : button("Approve exactly this", { name: "decision", value: "approve", kind: "primary" })}${button("Deny", { name: "decision", value: "deny", kind: "danger" })}<span class="muted small">as ${brief(seen.identity.name, 60)}</span></div>`,
  });
}

function wordsIn(entries: readonly Entry[], number: number): readonly Word[] {
  return entries.flatMap(({ event, facts: said }): readonly Word[] => {
    const reason = member(said ?? {}, "reason");
    const why = typeof reason === "string" ? { reason } : {};
    if (event.type === "judge-amend" && event.ask === number)
      return [{ by: event.by, decision: event.decision, at: event.at, ...why }];
    if (event.type === "amend" && event.ask === number) return [{ by: event.by, decision: "approve", at: event.at, ...why }];
    return [];
  });
}

/** The decision: it names the plan that the person has seen. */
export const amendmentAct: Act = {
  path: "/amendments/:id",
  role: "approver",
  run: async (world, c, by) => {
    const said = await readDecision(c, by);
    if (!said.ok) return said;
    const { decision, reason, sent } = said.value;
    const plan = sent.text("plan");
    if (plan === "") return problem(400, "`plan` is needed: the digest of the plan that was looked at");
    const found = await world.enforcer.amendment(c.req.param("id") ?? "");
    if (!found.ok) return err(problemOf(found.error));
    const { session, amendment, id } = found.value;
    const decided = await world.enforcer.decideAmendment(session, amendment, {
      by: by.name,
      decision,
      plan,
      ...(reason === "" ? {} : { reason }),
    });
    return decided.ok ? ok({ to: href("/amendments/:id", { id }), answer: decided.value }) : err(problemOf(decided.error));
  },
};
