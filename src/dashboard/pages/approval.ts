/**
 * One held call: what would be sent, character by character, why it waits, where its data comes from, and the decision.
 * Never sends anything: an approval lets these very bytes go, once.
 */
import type { Context } from "hono";
import { html } from "hono/html";
import { type Identity, includes, isPerson } from "../../access/identity.ts";
import { isArray, type Json, member } from "../../json/value.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import { err, ok, type Result } from "../../result.ts";
import type { Entry } from "../../stores/store.ts";
import { chainLine } from "../../surfaces/chain-line.ts";
import type { ApprovalDetails } from "../../surfaces/enforce.ts";
import { answered } from "../../surfaces/enforce/store/answered.ts";
import type { Act, DashboardWorld, Page, PageProblem, Seen } from "../dashboard.ts";
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
  problemOf,
  section,
  sentences,
  time,
} from "../shell.ts";

/** A held call as the page shows it. */
export interface ApprovalModel extends Omit<ApprovalDetails, "args" | "digest"> {
  /** What would be sent, and the digest of what is shown; absent: who looks is no approver. */
  readonly args?: ApprovalDetails["args"];
  readonly digest?: string;
  /** Why it waits. */
  readonly reasons: readonly string[];
  /** What people have said. */
  readonly words: readonly Word[];
}

/** The page. */
export const approvalPage: Page<ApprovalModel> = {
  path: "/approvals/:id",
  title: "Held call",
  titleOf: ({ tool }) => `Approve ${tool}?`,
  role: "viewer",
  under: "/approvals",
  refresh: ["approval"],
  load: async (world, c) => {
    const id = c.req.param("id") ?? "";
    const approval = await world.enforcer.approval(id);
    if (!approval.ok) return err(problemOf(approval.error));
    const { args, digest: shownDigest, ...known } = approval.value;
    const { session } = known;
    const mayRead = await readsValues(world, c, { act: "approval-read", id });
    if (!mayRead.ok) return mayRead;
    const stored = await answered(() => world.store.load(session, 0));
    if (!stored.ok) return err(problemOf("STORE_UNAVAILABLE"));
    return ok({
      ...known,
      // SECURITY: a digest of few possible values tells which it is.
      ...(mayRead.value ? { args, digest: shownDigest } : {}),
      reasons: await reasonsOf(world, known, stored.value.entries),
      words: wordsIn(stored.value.entries, id),
    });
  },
  view: (model, seen) => {
    const { tool, node, args, people, approvers, chain, worst, reasons, words, planName, principal, session, plan } = model;
    const rows = Object.entries(args ?? {}).map(
      ([name, value]) => html`<dt><code>${brief(name)}</code></dt><dd>${block(value)}</dd>`,
    );
    return html`${stateNotice(model)}
${facts([
  ["Tool", html`<code>${brief(tool)}</code>`],
  ["Operation of the plan", html`<code>${brief(node)}</code>`],
  ["Plan", html`<a href="${href("/plans/:digest", { digest: plan })}">${brief(planName, 60)}</a>`],
  ["For", brief(principal)],
  ["Session", html`<a href="${href("/sessions/:id", { id: session })}">${brief(session, 14)}</a>`],
  ["Waiting since", html`${time(model.at)}`],
  ["Expires", html`${away(model.expires, seen.now)}`],
  [
    "Approved by",
    approvers.length === 0 ? `0 of ${people}` : html`${approvers.length} of ${people}: ${brief(approvers.join(", "), 200)}`,
  ],
])}
<div class="split"><div>${section("What would be sent", args === undefined ? withheld : rows.length === 0 ? html`<p>No arguments.</p>` : html`<dl class="sent">${rows}</dl>`)}
${section("Why it waits", sentences(reasons))}
${section("Where its data comes from", chain.length === 0 ? html`<p>From the plan and what the user gave: nothing with a label that is not trusted.</p>` : html`<ol>${chain.map((link) => html`<li>${brief(chainLine(link), 600)}</li>`)}</ol>`)}
${section("What the plan lets happen at worst", sentences(worst))}
${words.length === 0 ? "" : section("What people have said", wordList(words))}</div>
<div class="beside">${section("Decision", decisionOf(model, seen))}
${model.digest === undefined ? "" : html`<p class="small muted">Digest of what is shown: ${digest(model.digest, { length: 24 })}</p>`}</div></div>`;
  },
};

function stateNotice({ status, expires }: ApprovalModel): Html {
  switch (status) {
    case "pending":
      return html``;
    case "approved":
      return notice("good", "Approved: the call goes ahead the next time the agent asks for it, if it still passes.");
    case "denied":
      return notice("bad", "Denied: the agent has been told, and these bytes will not be sent.");
    case "expired":
      return notice("info", html`It waited too long, until ${time(expires)}: it can be neither approved nor released.`);
    default:
      return notice(
        "info",
        status === "released"
          ? "It was approved and has been released: an approval is used once."
          : "It is void: the plan or its data has changed since.",
      );
  }
}

function decisionOf({ id, status, digest: shownDigest, approvers }: ApprovalModel, seen: Seen): Html {
  if (status !== "pending" && status !== "approved") return html`<p>There is nothing left to decide.</p>`;
  if (!seen.mayDecide) return cannotDecide(seen);
  const hasSaid = approvers.includes(seen.identity.name);
  return actForm({
    action: href("/approvals/:id", { id }),
    seen,
    body: html`<input type="hidden" name="digest" value="${shownDigest ?? ""}">
${field({ name: "reason", label: "Reason", hint: "For other people and the audit log; the agent does not see it.", max: 1000, lines: 2 })}
<div class="actions">${status === "pending" && !hasSaid ? button("Approve exactly this", { name: "decision", value: "approve", kind: "primary" }) : ""}${button("Deny", { name: "decision", value: "deny", kind: "danger" })}<span class="muted small">as ${brief(seen.identity.name, 60)}</span></div>`,
  });
}

/** What stands where values would, for who is no approver. */
export const withheld: Html = html`<p class="muted">Values are shown to approvers, who must judge them.</p>`;

/** Whether who asks sees values of what waits: approvers do, and that a person has looked is noted first. */
export async function readsValues(
  world: DashboardWorld,
  c: Context,
  { act, id }: { readonly act: string; readonly id: string },
): Promise<Result<boolean, PageProblem>> {
  const identity = c.get("identity") as Identity;
  if (!includes(identity.role, "approver")) return ok(false);
  const noted = isPerson(identity) ? await world.access.look(c, { act, facts: { id } }) : ok(undefined);
  return noted.ok ? ok(true) : err(problemOf("STORE_UNAVAILABLE"));
}

/** Why who looks has no buttons. */
export function cannotDecide({ identity }: Seen): Html {
  return html`<p>${badge("plain", identity.by === "host" ? "host" : identity.role)} ${
    identity.by === "host"
      ? "The host's own credential decides nothing: people sign in with a token of their own, made on the page Access."
      : "Only people with the role approver decide."
  }</p>`;
}

/** Why the plan or a policy holds the call, in sentences. */
async function reasonsOf(
  world: DashboardWorld,
  { plan, node }: Pick<ApprovalDetails, "plan" | "node">,
  entries: readonly Entry[],
): Promise<readonly string[]> {
  const found: string[] = [];
  const guard = await world.enforcer.guardOf(plan);
  const frozen = guard.ok ? guard.value : undefined;
  const limits = (tools: FrozenPlan | undefined): boolean => tools?.plan.nodes[node]?.constraints?.approve === "human";
  if (limits(frozen?.frozen)) found.push(`The plan says of its operation ${node} that a person approves each call.`);
  else if (limits(frozen?.program.plan.frozen))
    found.push(`A policy says of the operation ${node} that a person approves each call.`);
  const held = entries.find(({ event }) => event.type === "deny" && event.hold !== undefined && event.node === node);
  const rule = member(held?.facts ?? {}, "rule");
  if (typeof rule === "string") found.push(`The flow rule ${rule} asks for a person where its data would go on.`);
  const labels = member(held?.facts ?? {}, "labels") ?? null;
  const names = labelNames(labels);
  if (names.length > 0) found.push(`It carries data of: ${names.join(", ")}.`);
  return found.length > 0
    ? found
    : ["A rule of the plan or of a policy asks for a person's approval before this call goes ahead."];
}

function labelNames(labels: Json): readonly string[] {
  const list = isArray(labels) ? labels : (member(labels, "sources") ?? []);
  return isArray(list) ? list.filter((name): name is string => typeof name === "string") : [];
}

function wordsIn(entries: readonly Entry[], hold: string): readonly Word[] {
  return entries.flatMap(({ event, facts: said }) => {
    if (event.type !== "approve" || event.hold !== hold) return [];
    const reason = member(said ?? {}, "reason");
    return [{ by: event.by, decision: event.decision, at: event.at, ...(typeof reason === "string" ? { reason } : {}) }];
  });
}

/** The decision. */
export const approvalAct: Act = {
  path: "/approvals/:id",
  role: "approver",
  run: async (world, c, by) => {
    const id = c.req.param("id") ?? "";
    const said = await readDecision(c, by);
    if (!said.ok) return said;
    const { decision, reason, sent } = said.value;
    const digestSeen = sent.text("digest");
    const decided = await world.enforcer.approve(id, {
      by: by.name,
      decision,
      ...(digestSeen === "" ? {} : { digest: digestSeen }),
      ...(reason === "" ? {} : { reason }),
    });
    return decided.ok ? ok({ to: href("/approvals/:id", { id }), answer: decided.value }) : err(problemOf(decided.error));
  },
};
