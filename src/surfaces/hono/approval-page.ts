/**
 * The page on which a person approves a held call: what would be sent, character by character, and what the plan would let happen at worst.
 * Plain HTML from the server, no script. Never shows a character that a person cannot see: such characters are written out.
 */
import { html } from "hono/html";
import type { Amendment, Approval, ApprovalDetails } from "../enforce.ts";
import { chainLine } from "../chain-line.ts";
import { type Html, layout, shown, timeOf, visible } from "./page.ts";

/** What the page of one call is made of. */
export interface PageParts {
  readonly action: string;
  /** Absent: who looks may not decide. */
  readonly csrf: string | undefined;
  readonly name: string | undefined;
}

/** The list of what waits: calls, and amendments. `path`: that of the list of calls. */
export function approvalsPage(approvals: readonly Approval[], amendments: readonly Amendment[], path: string): Promise<string> {
  const calls = path.replace(/\/$/, "");
  const plans = calls.replace(/approvals$/, "amendments");
  const rows = approvals.map(
    (one) => html`<tr><td><a href="${calls}/${one.id}">${one.tool}</a></td><td>${one.node}</td><td>${visible(one.planName)}</td>
<td>${visible(one.principal)}</td><td>${timeOf(one.expires)}</td></tr>`,
  );
  const asked = amendments.map(
    (one) => html`<tr><td><a href="${plans}/${one.id}">${visible(one.planName)}</a></td><td>${one.diff?.relation ?? ""}</td>
<td>${visible(one.principal)}</td><td>${timeOf(one.expires)}</td></tr>`,
  );
  return layout(
    "Waiting for approval",
    html`${
      approvals.length === 0
        ? html`<p>No call waits for approval.</p>`
        : html`<h2>Calls</h2><table><thead><tr><th>Tool</th><th>Operation</th><th>Plan</th><th>For</th><th>Until</th></tr></thead><tbody>${rows}</tbody></table>`
    }${
      amendments.length === 0
        ? html`<p>No amendment of a plan waits for approval.</p>`
        : html`<h2>Amendments of plans</h2><table><thead><tr><th>Plan</th><th>Would be</th><th>For</th><th>Until</th></tr></thead><tbody>${asked}</tbody></table>`
    }`,
  );
}

/** One held call. */
export function approvalPage(approval: ApprovalDetails, { action, csrf, name }: PageParts): Promise<string> {
  const { tool, node, args, status, people, approvers, chain, worst } = approval;
  const rows = Object.entries(args).map(
    ([arg, value]) => html`<tr><th>${visible(arg)}</th><td><pre>${shown(value)}</pre></td></tr>`,
  );
  return layout(
    `${tool}: ${status}`,
    html`<h2>What would be sent</h2>
<p><code>${tool}</code> as <code>${node}</code> of plan <strong>${visible(approval.planName)}</strong>, for ${visible(approval.principal)}</p>
<table><tbody>${rows}</tbody></table>
${chain.length === 0 ? "" : html`<h2>Where it comes from</h2><ol>${chain.map((link) => html`<li>${visible(chainLine(link))}</li>`)}</ol>`}
<h2>What the plan lets happen at worst</h2><ul>${worst.map((sentence) => html`<li>${visible(sentence)}</li>`)}</ul>
<h2>Decision</h2>
<p>Status: <strong>${status}</strong>; ${approvers.length} of ${people} approved${approvers.length === 0 ? "" : html`: ${approvers.map(visible)}`}. Until ${timeOf(approval.expires)}.</p>
${csrf === undefined || (status !== "pending" && status !== "approved") ? "" : form(approval, { action, csrf, name })}
<p>Digest of what is shown: <code>${approval.digest}</code><br>Plan: <code>${approval.plan}</code>${approval.root === approval.plan ? "" : html`, amended from <code>${approval.root}</code>`}</p>`,
  );
}

function form(approval: Approval, { action, csrf, name }: Pick<PageParts, "action" | "csrf" | "name">): Html {
  return html`<form method="post" action="${action}"><p>As <strong>${visible(name ?? "")}</strong>:</p>
<input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="digest" value="${approval.digest}">
${approval.status === "pending" ? html`<button name="decision" value="approve">Approve exactly this</button>` : ""}
<button name="decision" value="deny">Deny</button></form>`;
}
