/**
 * Signals: what in the audit log chance would hardly bring, for people to look at.
 * Never taken for a verdict: nothing was blocked by any of it, and the page says so.
 */
import { html } from "hono/html";
import type { Measure, Signal, SignalKind } from "../../signals/signal.ts";
import { ok } from "../../result.ts";
import { rowsMax } from "../record/bounds.ts";
import type { Page, Seen } from "../dashboard.ts";
import { noLog, personLink, recordLinks } from "../record/pieces.ts";
import { away, badge, brief, facts, grouped, href, type Html, nothing, notice, shown } from "../shell.ts";

/** What the page shows. */
export interface SignalsModel {
  readonly isKept: boolean;
  /** Whether the log is watched by this process. */
  readonly isWatched: boolean;
  /** Records that were looked at, and whether the log cannot be read now. */
  readonly taken: number;
  readonly isFailing: boolean;
  readonly signals: readonly Signal[];
  /** How many there are in all. */
  readonly count: number;
}

/** The signals. */
export const signalsPage: Page<SignalsModel> = {
  path: "/signals",
  title: "Signals",
  role: "viewer",
  nav: "Signals",
  refresh: ["signal"],
  load: async ({ audit, signals }) => {
    const all = signals?.recent() ?? [];
    const status = signals?.status();
    return ok({
      isKept: audit !== undefined,
      isWatched: signals !== undefined,
      taken: status?.read ?? 0,
      isFailing: status?.failing !== undefined,
      signals: all.slice(0, rowsMax),
      count: all.length,
    });
  },
  view: (model, seen) => {
    const { isKept, isWatched, isFailing, taken, signals, count } = model;
    if (!isKept) return noLog("Every signal");
    if (!isWatched)
      return nothing({
        title: "Nobody watches here",
        text: html`This process does not watch the audit log. <code>sluice audit signals LOG</code> reads all of it.`,
      });
    const lead = html`<p class="lead">Advisory: nothing was blocked by this. Signals are statistics over the audit log, for people to look at.</p>`;
    const state = isFailing
      ? notice("bad", "The audit log cannot be read now: nothing newer is looked at.")
      : html`<p class="small muted">${grouped(taken)} ${taken === 1 ? "record" : "records"} looked at.</p>`;
    if (signals.length === 0)
      return html`${lead}${state}${nothing({ title: "No signals yet", text: "What is unusual is called so once there is enough history to compare with." })}`;
    const more = count - signals.length;
    return html`${lead}${state}<ul class="r-signals">${signals.map((signal) => html`<li>${signalPart(signal, seen)}</li>`)}</ul>${
      more > 0 ? html`<p>${grouped(more)} older ones are not shown.</p>` : ""
    }`;
  },
};

const names: { readonly [kind in SignalKind]: string } = {
  "call-rate": "Call rate",
  "denial-burst": "Burst of denials",
  "repeated-amendments": "Repeated amendments",
  "new-sink": "New sink",
  "new-labels": "New labels together",
  "first-use": "First use of a plan",
  "new-denial": "New denial",
  "fast-approval": "Fast decision",
};

function signalPart(signal: Signal, seen: Seen): Html {
  const { id, kind, what, since, baseline, observed, p, corrected, watched, seqs, seqCount } = signal;
  return html`<article class="panel r-signal" id="signal-${id.replace(/[^\w-]/g, "")}"><h2>${badge("wait", names[kind])} <span class="r-when">${away(since, seen.now)}</span></h2><div class="r-text">${shown(what)}</div>${facts(
    [
      ["Of", subjectPart(signal, seen)],
      [
        "Usual",
        html`${measure(baseline)} <span class="muted">from ${grouped(baseline.history)} earlier ${baseline.history === 1 ? "look" : "looks"}</span>`,
      ],
      ["Observed", html`<strong>${measure(observed)}</strong>`],
      ["By chance", html`${likely(p)} here; ${likely(corrected)} a day over all ${grouped(watched)} that are watched`],
      ["Records", recordLinks(seqs, seqCount)],
    ],
  )}</article>`;
}

function subjectPart({ subject: { by, id } }: Signal, seen: Seen): Html {
  if (by === "all") return html`the whole log`;
  if (by === "principal") return html`person ${personLink(id, seen)}`;
  if (by === "plan") return html`plan <a href="${href("/plans/:digest", { digest: id })}">${brief(id, 14)}</a>`;
  const field = by === "tool" ? "tool" : "by";
  return html`${by} <a href="${href("/audit", {}, { [field]: id })}">${brief(id)}</a>`;
}

function measure({ value, unit }: Measure): Html {
  return html`${Number.isInteger(value) ? grouped(value) : value.toPrecision(3)} ${brief(unit)}`;
}

/** A probability as people say it: one in so many. */
export function likely(p: number): string {
  if (p >= 0.1) return `${Math.round(p * 100)} %`;
  if (p < 1e-9) return "less than one in a billion";
  const times = 1 / p;
  const size = 10 ** Math.max(0, Math.floor(Math.log10(times)) - 1);
  return `one in ${grouped(Math.round(times / size) * size)}`;
}
