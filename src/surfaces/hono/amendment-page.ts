/**
 * The page on which a person approves an amendment of a plan: what it lets through that the plan does not, and every value that the agent wrote.
 * Plain HTML from the server, no script. Never shows a value of the agent's without its mark.
 */
import { html } from "hono/html";
import type { PlanChange } from "../../amend/diff.ts";
import type { Amendment } from "../enforce.ts";
import type { PageParts } from "./approval-page.ts";
import { type Html, layout, shown, timeOf, visible } from "./page.ts";

/** What lets more through comes first. */
const order: readonly PlanChange["relation"][] = ["wider", "incomparable", "narrower", "same"];

/** One amendment. */
export function amendmentPage(amendment: Amendment, parts: PageParts): Promise<string> {
  const { planName, principal, status, people, approvers, context, diff, written = [], expires, plan, parent } = amendment;
  const changes = [...(diff?.changes ?? [])].sort((a, b) => order.indexOf(a.relation) - order.indexOf(b.relation));
  return layout(
    `Amendment: ${status}`,
    html`<p>Of plan <strong>${visible(planName)}</strong>. The agent that acts for ${visible(principal)} asks to go on under a plan that is <strong>${diff?.relation ?? "decided already"}</strong>.</p>
<h2>What the agent had read</h2><p>${context.length === 0 ? "Nothing with a label." : visible(context.join(", "))}</p>
<h2>What would be different</h2>
<table><thead><tr><th></th><th>Where</th><th>What</th></tr></thead><tbody>${changes.map(changeRow)}</tbody></table>
<h2>What the agent wrote</h2>
<p>These values are the agent's, and become the plan's by an approval.</p>
<table><tbody>${written.map(({ pointer, value }) => html`<tr><th>${visible(pointer)}</th><td><pre class="agent">${shown(value)}</pre></td></tr>`)}</tbody></table>
<h2>Decision</h2>
<p>Status: <strong>${status}</strong>; ${approvers.length} of ${people} approved${approvers.length === 0 ? "" : html`: ${visible(approvers.join(", "))}`}. Until ${timeOf(expires)}.</p>
${parts.csrf === undefined || status !== "waiting" ? "" : form(amendment, parts)}
<p>Plan as amended: <code>${plan}</code><br>Plan of now: <code>${parent}</code></p>`,
  );
}

function changeRow({ relation, after, before, sentence, witness }: PlanChange): Html | Promise<Html> {
  const example = witness === undefined ? "" : html`<br>For example: <code class="agent">${shown(witness)}</code>`;
  return html`<tr><td><strong>${relation}</strong></td><td><code>${visible(after ?? before ?? "")}</code></td><td>${visible(sentence)}${example}</td></tr>`;
}

function form({ plan }: Amendment, { action, csrf, name }: PageParts): Html | Promise<Html> {
  return html`<form method="post" action="${action}"><p>As <strong>${visible(name ?? "")}</strong>:</p>
<input type="hidden" name="csrf" value="${csrf ?? ""}"><input type="hidden" name="plan" value="${plan}">
<button name="decision" value="approve">Approve exactly this</button>
<button name="decision" value="deny">Deny</button></form>`;
}
