/**
 * Pieces of the record's pages: links to records and people, kinds as badges, how far a task is, and what stands there without a log.
 * Never more of a record than its names.
 */
import { html } from "hono/html";
import type { AuditKind } from "../../audit/record.ts";
import { err, type Result } from "../../result.ts";
import type { PageProblem } from "../dashboard.ts";
import { actForm, badge, brief, button, digest, grouped, href, type Html, nothing, notice, time, type Tone } from "../shell.ts";
import type { Seen } from "../dashboard.ts";
import type { Task } from "./tasks.ts";

const tones: { readonly [kind in AuditKind]?: Tone } = {
  allow: "good",
  release: "good",
  approve: "good",
  deny: "bad",
  error: "bad",
  refuse: "bad",
  revoke: "bad",
  hold: "wait",
  "ask-amend": "wait",
  disclose: "info",
  erase: "info",
  declassify: "info",
  "plan-frozen": "info",
};

/** The kind of a record. */
export function kindBadge(kind: AuditKind): Html {
  return badge(tones[kind] ?? "plain", kind);
}

/** A link to a record. */
export function recordLink(seq: number): Html {
  return html`<a href="${href("/records/:seq", { seq: String(seq) })}">#${grouped(seq)}</a>`;
}

/** Links to records, as many as are given, and how many more there are. */
export function recordLinks(seqs: readonly number[], count: number = seqs.length): Html {
  const more = count - seqs.length;
  return html`<span class="r-seqs">${seqs.map(recordLink)}${more > 0 ? html`<span>and ${grouped(more)} more</span>` : ""}</span>`;
}

/** A person, by the pseudonym: a link for who may look. */
export function personLink(subject: string, seen: Pick<Seen, "may">): Html {
  return seen.may("administrator")
    ? html`<a href="${href("/subjects/:id", { id: subject })}">${brief(subject, 14)}</a>`
    : digest(subject);
}

/** A link to a session. */
export function sessionLink(session: string): Html {
  return html`<a href="${href("/sessions/:session", { session })}">${brief(session, 14)}</a>`;
}

/** How far a task is, with a way to stop it; nothing once it has ended well. `stop`: where that is said. `unit`: of what it reads. */
export function taskState(
  task: Task | undefined,
  { seen, stop, unit = "records" }: { readonly seen: Seen; readonly stop?: string | undefined; readonly unit?: string },
): Html {
  if (task === undefined || task.state === "done") return html``;
  if (task.state === "failed") return notice("bad", html`It could not be done: ${task.why ?? ""}. ${time(task.started)}`);
  if (task.state === "stopped") return notice("info", html`It was stopped. ${time(task.ended ?? task.started)}`);
  const { done, total } = task.progress;
  return html`<div class="r-task" role="status"><progress max="${Math.max(1, total)}" value="${done}" aria-label="${unit} read"></progress><p>${
    total === 0 ? "It has just begun." : html`${grouped(done)} of ${grouped(total)} ${unit} read.`
  } Begun by ${brief(task.by)}.</p>${
    stop === undefined ? "" : actForm({ action: stop, seen, kind: "inline", body: button("Stop") })
  }</div>`;
}

/** What stands in the place of a page that needs an audit log. */
export function noLog(what: string): Html {
  return nothing({
    title: "No audit log is kept",
    text: html`${what} is made of the audit log: every verdict, approval and change, chained and signed. Start the server with <code>--audit audit.db</code> (a SQLite file), or <code>--audit records/</code> (a folder of files of lines). Beside it the keys are made, in a file that its owner alone can read.`,
  });
}

/** The log does not answer. */
export function logProblem({ kind }: { readonly kind: string }): Result<never, PageProblem> {
  return err({
    status: 503,
    message: kind === "conflict" ? "the audit log is being written by somebody else" : "the audit log cannot be read now",
  });
}
