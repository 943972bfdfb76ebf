/**
 * What this process has decided in the last hours, and how long it took.
 * Never what other processes have decided: they have charts of their own, and metrics for all of them together.
 */
import { html } from "hono/html";
import { CODES } from "../../codes.ts";
import { ok } from "../../result.ts";
import { countsChart, durationsChart, durationText, ranking } from "../charts/charts.ts";
import type { Excerpt } from "../charts/history.ts";
import type { Page } from "../dashboard.ts";
import { away, facts, grouped, href, type Html, nothing, section, time } from "../shell.ts";

/** What the page shows. */
export interface ChartsModel extends Excerpt {
  readonly range: Range;
}

type Range = "1h" | "6h" | "24h";

const minutes: { readonly [R in Range]: number } = { "1h": 60, "6h": 360, "24h": 1_440 };
const rangeWords: { readonly [R in Range]: string } = { "1h": "Last hour", "6h": "Last 6 hours", "24h": "Last day" };
/** Bars of one chart. */
const spansMax = 72;

/** The page. */
export const chartsPage: Page<ChartsModel> = {
  path: "/charts",
  title: "Charts",
  role: "viewer",
  nav: "Charts",
  isWide: true,
  refresh: ["verdict"],
  load: async ({ events }, c) => {
    const range = rangeOf(c.req.query("range"));
    return ok({ ...events.history.read(minutes[range], spansMax), range });
  },
  view: ({ range, spans, codes, tools, since, seconds }, { now }) => {
    const sum = (of: (span: Excerpt["spans"][number]) => number): number => spans.reduce((total, span) => total + of(span), 0);
    const checks = sum(({ allowed, denied, held }) => allowed + denied + held);
    const head = html`<p class="lead">Counted by this process since ${time(since)} (${away(since, now)}); others count for themselves, and <code>GET /sluice/metrics</code> of each has it for Prometheus.</p>${ranges(range)}`;
    if (checks === 0)
      return html`${head}${nothing({ title: "No call in this time", text: "Choose a longer time, or wait for the next call: it appears here by itself." })}`;
    const [span] = spans;
    const per =
      span === undefined ? "" : `each bar is ${span.length / 60_000 === 1 ? "a minute" : `${span.length / 60_000} minutes`}`;
    return html`${head}
${facts([
  ["Checks", grouped(checks)],
  [
    "Denied",
    `${grouped(sum(({ denied }) => denied))} (${share(
      sum(({ denied }) => denied),
      checks,
    )})`,
  ],
  ["Half of the checks took at most", seconds === undefined ? "–" : durationText(seconds.p50)],
  ["95 of 100", seconds === undefined ? "–" : durationText(seconds.p95)],
  ["99 of 100", seconds === undefined ? "–" : durationText(seconds.p99)],
])}
${section("Checks", countsChart(spans), { aside: html`<span class="muted small">${per}</span>` })}
${section("How long they took", durationsChart(spans), { aside: html`<span class="muted small">from the call to its verdict</span>` })}
<div class="columns">${section("Denied or held, by code", ranked(ranking(codes, { describe: wordsOf }), codes.length))}${section("Denied, by tool", ranked(ranking(tools), tools.length))}</div>`;
  },
};

function ranked(list: Html, count: number): Html {
  return count === 0 ? nothing({ title: "None" }) : html`<div class="panel">${list}</div>`;
}

function wordsOf(name: string): string | undefined {
  return Object.entries(CODES).find(([code]) => code === name)?.[1].text;
}

function share(part: number, whole: number): string {
  const percent = (part / Math.max(1, whole)) * 100;
  return percent > 0 && percent < 1 ? "under 1 %" : `${Math.round(percent)} %`;
}

function rangeOf(text: string | undefined): Range {
  return text === "6h" || text === "24h" ? text : "1h";
}

function ranges(range: Range): Html {
  return html`<nav class="tabs" aria-label="How far back">${(Object.keys(minutes) as readonly Range[]).map(
    (each) =>
      html`<a href="${href("/charts", {}, { range: each })}"${each === range ? html` aria-current="true"` : ""}>${rangeWords[each]}</a>`,
  )}</nav>`;
}
