/**
 * Charts as SVG, drawn on the server: counts as stacked bars, durations as lines, names as ranked bars.
 * Pure. Beside each picture stands the same as a table; no colour is needed to read either.
 */
import { html } from "hono/html";
import { scaleLinear, scaleLog } from "d3-scale";
import { line, stack } from "d3-shape";
import { brief, grouped, type Html } from "../shell/text.ts";
import { timeOf } from "../../surfaces/hono/page.ts";
import type { Span, Tally } from "./history.ts";

/** Pixels of the drawing; it is scaled to the page. */
const width = 760;
const height = 220;
const margin = { top: 10, right: 12, bottom: 24, left: 52 } as const;
const inner = { left: margin.left, right: width - margin.right, top: margin.top, bottom: height - margin.bottom } as const;

const kinds = ["allowed", "held", "denied"] as const;
const kindWords: { readonly [K in (typeof kinds)[number]]: string } = {
  allowed: "allowed",
  held: "waiting for a person",
  denied: "denied",
};

/** Checks by verdict over time. */
export function countsChart(spans: readonly Span[]): Html {
  const most = Math.max(1, ...spans.map(({ allowed, denied, held }) => allowed + denied + held));
  const y = scaleLinear().domain([0, most]).nice(4).range([inner.bottom, inner.top]);
  const place = places(spans.length);
  const series = stack<Span, (typeof kinds)[number]>()
    .keys(kinds)
    .value((span, kind) => span[kind])([...spans]);
  const bars = series.flatMap((one) =>
    one.flatMap(([low, high], i) =>
      high > low
        ? [
            html`<rect class="ch-bar ch-${one.key}" x="${tenth(place.left(i))}" y="${tenth(y(high))}" width="${tenth(place.width)}" height="${tenth(y(low) - y(high))}"/>`,
          ]
        : [],
    ),
  );
  const total = (kind: (typeof kinds)[number]): number => spans.reduce((sum, span) => sum + span[kind], 0);
  const label = `Checks over time: ${kinds.map((kind) => `${grouped(total(kind))} ${kindWords[kind]}`).join(", ")}`;
  const legend = kinds.map(
    (kind) =>
      html`<span class="ch-key"><svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true" focusable="false"><rect class="ch-bar ch-${kind}" x="1" y="1" width="12" height="12"/></svg>${kindWords[kind]} ${grouped(total(kind))}</span>`,
  );
  return figure({
    label,
    legend,
    marks: bars,
    ticks: y.ticks(4).filter(Number.isInteger),
    at: y,
    text: grouped,
    spans,
    rows: countRows(spans),
  });
}

const quantiles = ["p50", "p95", "p99"] as const;
const quantileWords = { p50: "half of the checks", p95: "95 of 100", p99: "99 of 100" } as const;

/** How long checks took over time, on a logarithmic scale. */
export function durationsChart(spans: readonly Span[]): Html {
  const found = spans.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds.p50, seconds.p99]));
  const [least, most] = [Math.min(...found, 0.001), Math.max(...found, 0.001)];
  const y = scaleLog()
    .domain([decade(least, Math.floor), decade(most, Math.ceil, least)])
    .range([inner.bottom, inner.top]);
  const place = places(spans.length);
  const drawn = quantiles.flatMap((quantile) => {
    const path = line<Span>()
      .defined(({ seconds }) => seconds !== undefined)
      .x((_, i) => tenth(place.middle(i)))
      .y(({ seconds }) => tenth(y(seconds?.[quantile] ?? least)))([...spans]);
    const dots = spans.flatMap((span, i) => {
      const isAlone = spans[i - 1]?.seconds === undefined && spans[i + 1]?.seconds === undefined;
      if (span.seconds === undefined || !isAlone) return [];
      const at = tenth(y(span.seconds[quantile]));
      return [html`<path class="ch-curve ch-${quantile}" d="M${tenth(place.middle(i) - 5)} ${at}h10"/>`];
    });
    return path === null ? [] : [html`<path class="ch-curve ch-${quantile}" d="${path}"/>`, ...dots];
  });
  const legend = quantiles.map(
    (quantile) =>
      html`<span class="ch-key"><svg viewBox="0 0 28 14" width="28" height="14" aria-hidden="true" focusable="false"><path class="ch-curve ch-${quantile}" d="M1 7h26"/></svg>${quantileWords[quantile]} took at most this</span>`,
  );
  const ticks = y.ticks(4).filter((tick) => Number.isInteger(Math.round(Math.log10(tick) * 1e6) / 1e6));
  return figure({
    label: "How long checks took, over time",
    legend,
    marks: drawn,
    ticks,
    at: y,
    text: durationText,
    spans,
    rows: durationRows(spans),
  });
}

/** The power of ten beside a value; of two, never the same one. */
function decade(value: number, round: (value: number) => number, above?: number): number {
  const power = round(Math.log10(value));
  const least = above === undefined ? power : Math.floor(Math.log10(above)) + 1;
  return 10 ** Math.max(power, least);
}

/** Names by how often they occur, as bars with their counts. */
export function ranking(
  tallies: readonly Tally[],
  { describe, max = 12 }: { readonly describe?: (name: string) => string | undefined; readonly max?: number } = {},
): Html {
  const most = tallies[0]?.count ?? 1;
  const shown = tallies.slice(0, max);
  const left = tallies.slice(max).reduce((sum, { count }) => sum + count, 0);
  return html`<ol class="ch-rank">${shown.map(({ name, count }) => {
    const words = describe?.(name);
    return html`<li><span><code>${brief(name, 60)}</code>${words === undefined ? "" : html` <span class="muted small">${words}</span>`}</span><span class="number">${grouped(count)}</span><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="ch-track" width="100" height="6"/><rect class="ch-fill" width="${tenth((count / most) * 100)}" height="6"/></svg></li>`;
  })}</ol>${left === 0 ? "" : html`<p class="muted small">and ${grouped(left)} of others</p>`}`;
}

interface Figure {
  readonly label: string;
  readonly legend: readonly Html[];
  readonly marks: readonly Html[];
  readonly ticks: readonly number[];
  readonly at: (value: number) => number;
  readonly text: (value: number) => string;
  readonly spans: readonly Span[];
  readonly rows: Html;
}

function figure({ label, legend, marks, ticks, at, text, spans, rows }: Figure): Html {
  const grid = ticks.map(
    (tick) =>
      html`<path class="ch-grid" d="M${inner.left} ${tenth(at(tick))}H${inner.right}"/><text x="${inner.left - 6}" y="${tenth(at(tick) + 4)}" text-anchor="end">${text(tick)}</text>`,
  );
  const [from, until] = [spans[0]?.at ?? 0, (spans.at(-1)?.at ?? 0) + (spans.at(-1)?.length ?? 0)];
  return html`<figure class="ch-figure"><figcaption>${legend}</figcaption><svg xmlns="http://www.w3.org/2000/svg" class="ch-svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}, from ${clockOf(from)} to ${clockOf(until)} UTC"><title>${label}</title><desc>From ${timeOf(from)} to ${timeOf(until)}; the table below has every number.</desc>${grid}${hours(spans)}<path class="ch-axis" d="M${inner.left} ${inner.bottom}H${inner.right}"/>${marks}</svg><details class="ch-table"><summary>The same as a table</summary><div class="scroller" role="region" aria-label="${label}, as a table" tabindex="0">${rows}</div></details></figure>`;
}

/** Times below the axis: about six of them, each at the beginning of a span. */
function hours(spans: readonly Span[]): readonly Html[] {
  const place = places(spans.length);
  const every = Math.max(1, Math.ceil(spans.length / 6));
  return spans.flatMap((span, i) =>
    i % every === 0
      ? [
          html`<text x="${tenth(place.left(i))}" y="${inner.bottom + 16}" text-anchor="${i === 0 ? "start" : "middle"}">${clockOf(span.at)}</text>`,
        ]
      : [],
  );
}

function places(count: number): { readonly width: number; left(i: number): number; middle(i: number): number } {
  const step = (inner.right - inner.left) / Math.max(1, count);
  const bar = Math.max(1, step * 0.82);
  return { width: bar, left: (i) => inner.left + i * step + (step - bar) / 2, middle: (i) => inner.left + (i + 0.5) * step };
}

/** Hours and minutes, UTC. */
function clockOf(ms: number): string {
  return timeOf(ms).slice(11, 16);
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A duration in seconds with a unit that fits. */
export function durationText(seconds: number): string {
  const [size, unit] = seconds >= 1 ? [1, "s"] : seconds >= 1e-3 ? [1e3, "ms"] : [1e6, "µs"];
  const value = seconds * size;
  return `${value >= 100 ? Math.round(value) : Math.round(value * 10) / 10} ${unit}`;
}

function countRows(spans: readonly Span[]): Html {
  const rows = spans.filter(({ allowed, denied, held }) => allowed + denied + held > 0);
  return html`<table class="list"><thead><tr><th scope="col">From (UTC)</th><th scope="col">Allowed</th><th scope="col">Waiting</th><th scope="col">Denied</th></tr></thead><tbody>${rows.map(
    ({ at, allowed, held, denied }) =>
      html`<tr><th scope="row" data-head="From">${clockOf(at)}</th><td class="number" data-head="Allowed">${grouped(allowed)}</td><td class="number" data-head="Waiting">${grouped(held)}</td><td class="number" data-head="Denied">${grouped(denied)}</td></tr>`,
  )}</tbody></table>`;
}

function durationRows(spans: readonly Span[]): Html {
  const rows = spans.flatMap(({ at, seconds }) => (seconds === undefined ? [] : [{ at, seconds }]));
  return html`<table class="list"><thead><tr><th scope="col">From (UTC)</th><th scope="col">Half</th><th scope="col">95 of 100</th><th scope="col">99 of 100</th></tr></thead><tbody>${rows.map(
    ({ at, seconds: { p50, p95, p99 } }) =>
      html`<tr><th scope="row" data-head="From">${clockOf(at)}</th><td class="number" data-head="Half">${durationText(p50)}</td><td class="number" data-head="95 of 100">${durationText(p95)}</td><td class="number" data-head="99 of 100">${durationText(p99)}</td></tr>`,
  )}</tbody></table>`;
}
