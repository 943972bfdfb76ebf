/**
 * What people say of what waits: approve or deny, and why.
 * Never taken from who is no person by name.
 */
import type { Context } from "hono";
import { html } from "hono/html";
import { type Identity, isPerson } from "../../access/identity.ts";
import { ok, type Result } from "../../result.ts";
import type { PageProblem } from "../dashboard.ts";
import { badge, brief, type Html, problem, readSent, type Sent, shown, time } from "../shell.ts";

/** What a person has said. */
export interface Word {
  readonly by: string;
  readonly decision: "approve" | "deny";
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly reason?: string;
}

/** Characters of a reason. */
const reasonCharsMax = 1_000;

/** A decision as it was sent. */
export interface Decision {
  readonly decision: "approve" | "deny";
  readonly reason: string;
  readonly sent: Sent;
}

/** Reads `{decision, reason?, …}` of a person. */
export async function readDecision(c: Context, by: Identity): Promise<Result<Decision, PageProblem>> {
  if (!isPerson(by)) return problem(403, "the host's own credential decides nothing: a person's is needed");
  const sent = await readSent(c);
  if (!sent.ok) return sent;
  const [decision, reason] = [sent.value.text("decision"), sent.value.text("reason").trim()];
  if (decision !== "approve" && decision !== "deny") return problem(400, "`decision` is approve or deny");
  if (reason.length > reasonCharsMax) return problem(400, `a reason has at most ${reasonCharsMax} characters`);
  return ok({ decision, reason, sent: sent.value });
}

/** Words, the oldest first. */
export function wordList(words: readonly Word[]): Html {
  return html`<ul class="findings">${words.map(
    ({ by, decision, at, reason }) =>
      html`<li>${decision === "approve" ? badge("good", "approved") : badge("bad", "denied")} <strong>${brief(by, 60)}</strong> <span class="muted small">${time(at)}</span>${reason === undefined ? "" : html`<div>${shown(reason)}</div>`}</li>`,
  )}</ul>`;
}
