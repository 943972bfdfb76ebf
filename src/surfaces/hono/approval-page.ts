/**
 * The page on which a person approves a held call: what would be sent, character by character, and what the plan would let happen at worst.
 * Plain HTML from the server, no script. Never shows a character that a person cannot see: such characters are written out.
 */
import { html, raw } from "hono/html";
import { type Code, CODES } from "../../codes.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { isArray, type Json, type JsonObject, member } from "../../json/value.ts";
import { approvalSummary } from "../../plan/lint/approver/summary.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import type { Approval } from "../enforce.ts";

type Html = ReturnType<typeof html>;

/** What the page of one call is made of. */
export interface PageParts {
  readonly action: string;
  /** Absent: who looks may not decide. */
  readonly csrf: string | undefined;
  readonly name: string | undefined;
  readonly facts: JsonObject | undefined;
  readonly frozen: FrozenPlan | undefined;
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f4;padding:1rem;border-radius:4px}mark{background:#ffd54a}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem;border-bottom:1px solid #ddd;vertical-align:top;overflow-wrap:anywhere}
button{font:inherit;padding:.6rem 1.4rem;margin-right:1rem}code{overflow-wrap:anywhere}
@media (prefers-color-scheme:dark){body{color:#eee;background:#161616}pre{background:#262626}th,td{border-color:#444}mark{background:#7a5b00;color:#fff}a{color:#8ab4ff}}`;

/** SHA-256 of the style is not needed: the policy allows this one inline style by a nonce of no secrecy, since there is no script at all. */
const securityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** A page as a response that no browser stores, frames or runs anything in. */
export function pageResponse(page: string, status = 200): Response {
  return new Response(page, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": securityPolicy,
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    },
  });
}

/** The list of what waits. */
export function approvalsPage(approvals: readonly Approval[], path: string): Promise<string> {
  const base = path.endsWith("/") ? path : `${path}/`;
  const rows = approvals.map(
    (one) => html`<tr><td><a href="${base}${one.id}">${one.tool}</a></td><td>${one.node}</td><td>${visible(one.planName)}</td>
<td>${visible(one.principal)}</td><td>${timeOf(one.expires)}</td></tr>`,
  );
  return layout(
    "Waiting for approval",
    approvals.length === 0
      ? html`<p>Nothing waits for approval.</p>`
      : html`<table><thead><tr><th>Tool</th><th>Operation</th><th>Plan</th><th>For</th><th>Until</th></tr></thead><tbody>${rows}</tbody></table>`,
  );
}

/** One held call. */
export function approvalPage(approval: Approval, { action, csrf, name, facts, frozen }: PageParts): Promise<string> {
  const { tool, node, args, status, people, approvers } = approval;
  const rows = Object.entries(args).map(
    ([arg, value]) => html`<tr><th>${visible(arg)}</th><td><pre>${shown(value)}</pre></td></tr>`,
  );
  const worst = frozen === undefined ? [] : approvalSummary(frozen);
  const chain = facts === undefined ? undefined : member(facts, "chain");
  const links = isArray(chain ?? null) ? (chain as readonly Json[]) : [];
  return layout(
    `${tool}: ${status}`,
    html`<h2>What would be sent</h2>
<p><code>${tool}</code> as <code>${node}</code> of plan <strong>${visible(approval.planName)}</strong>, for ${visible(approval.principal)}</p>
<table><tbody>${rows}</tbody></table>
${links.length === 0 ? "" : html`<h2>Where it comes from</h2><ol>${links.map((link) => html`<li>${visible(linkText(link))}</li>`)}</ol>`}
<h2>What the plan lets happen at worst</h2><ul>${worst.map((sentence) => html`<li>${visible(sentence)}</li>`)}</ul>
<h2>Decision</h2>
<p>Status: <strong>${status}</strong>; ${approvers.length} of ${people} approved${approvers.length === 0 ? "" : html`: ${approvers.map(visible)}`}. Until ${timeOf(approval.expires)}.</p>
${csrf === undefined || (status !== "pending" && status !== "approved") ? "" : form(approval, { action, csrf, name })}
<p>Digest of what is shown: <code>${approval.digest}</code><br>Plan: <code>${approval.plan}</code></p>`,
  );
}

function form(approval: Approval, { action, csrf, name }: Pick<PageParts, "action" | "csrf" | "name">): Html {
  return html`<form method="post" action="${action}"><p>As <strong>${visible(name ?? "")}</strong>:</p>
<input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="digest" value="${approval.digest}">
${approval.status === "pending" ? html`<button name="decision" value="approve">Approve exactly this</button>` : ""}
<button name="decision" value="deny">Deny</button></form>`;
}

/** A link of a taint chain (`decide/chain.ts`) as a person reads it: where the data was, and its labels there. */
function linkText(link: Json): string {
  const [kind, tool, node, argument] = ["kind", "tool", "node", "argument"].map((name) => String(member(link, name) ?? ""));
  const labels = member(link, "labels") ?? null;
  const names = isArray(labels) && labels.length > 0 ? labels.join(", ") : "no label";
  if (kind === "context") return `what the agent had read: ${names}`;
  if (kind === "result") return `result of ${tool} (${node}): ${names}`;
  return `into ${argument === "" ? "the call" : argument} of ${tool}: ${names}`;
}

/** A page that says what was wrong: the constant text of the code. */
export function problemPage(code: Code): Promise<string> {
  return layout(code, html`<p>${CODES[code].text}</p>`);
}

async function layout(title: string, body: Html | Promise<Html>): Promise<string> {
  const page = html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title} - Sluice</title><style>${raw(style)}</style></head><body><h1>${title}</h1>${await body}</body></html>`;
  return String(await page);
}

/** A value as text: a string as it is, anything else as canonical JSON. */
function shown(value: Json): Html | Promise<Html> {
  return visible(typeof value === "string" ? value : canonicalJson(value));
}

/** Characters that cannot be seen, that turn the direction of text, or that are no plain space. */
const unseen =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\u00a0\u115f\u1160\u2000-\u200f\u202f\u205f\u2800\u3000\u3164\uffa0]|[\ufe00-\ufe0f]/u;

/** A text in which every such character but the line feed is written out and marked. */
function visible(text: string): Html | Promise<Html> {
  const parts = [...text].map((character) => {
    if (character === "\n" || !unseen.test(character)) return character;
    return html`<mark>U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}</mark>`;
  });
  return html`${parts}`;
}

function timeOf(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : String(ms);
}
