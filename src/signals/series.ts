/**
 * One count by windows of time, what it was, and what is to be expected of the next window.
 * Pure. No clock: time comes with what is counted. Never learns from a window that was unusual more than the most that was still usual.
 *
 * Mean and dispersion are estimated as in the quasi-Poisson surveillance of Farrington et al. (1996, JRSS A 159:547) and Noufaily et al. (2013,
 * Statistics in Medicine 32:1206): a baseline of comparable windows, an estimated dispersion, unusual windows with less weight, the quantile of a
 * negative binomial. Weights decay instead of ending.
 */
import { signalSeqsMax, signalWindowsMax } from "./bounds.ts";
import { chiSquareQuantile } from "./tail.ts";

/** How a count is taken. */
export interface SeriesShape {
  readonly windowMs: number;
  /** Windows that are compared with each other: by the hour of the day, or by the day of the week (UTC). */
  readonly season: "hour" | "day";
}

/** A series. Plain JSON, mutable; owned by whoever counts. */
export interface Series {
  /** Number of the window at hand, and what was counted in it. */
  window: number;
  count: number;
  /** Records of it: the last of them, and how many. */
  seqs: number[];
  /** Whole windows that are behind it. */
  closed: number;
  /** Decayed weight and sum of all windows behind it. */
  weight: number;
  sum: number;
  /** The same by season: weight, sum, weight, sum, … */
  seasons: number[];
  /** Decayed sums of squared errors of the forecasts, of the forecasts, and of the windows in which there was something. */
  errors: number;
  expected: number;
  active: number;
  /** The count at which to look again; absent: not looked at in this window yet. */
  next?: number;
  /** The most that this window counts for, once it is unusual. */
  cap?: number;
}

/** What is to be expected of a window. */
export interface Forecast {
  readonly mean: number;
  readonly variance: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What the level of all windows counts for beside those of the season: so many windows, and at least so many events. */
const pooled = { windows: 5, events: 2 };
/** Where little is known, counts come in clusters: so dispersed they are taken to be, with the weight of so many events. */
const clusterPrior = { dispersion: 5, events: 8 };
/** Half-lives: of the level, of a season, of the dispersion. */
const halfLives = { level: 7 * dayMs, season: 21 * dayMs, dispersion: 21 * dayMs };
/** Normal quantile of the level of confidence (95 %) at which the dispersion is not underestimated. */
const dispersionQuantile = -1.6448536269514722;

/** The number of the window of a time. */
export function windowOf(at: number, { windowMs }: SeriesShape): number {
  return Math.floor(at / windowMs);
}

/** How many numbers a series has for its seasons; 0 for no shape. */
export function seasonsOf(shape: SeriesShape | undefined): number {
  return shape === undefined ? 0 : 2 * (shape.season === "hour" ? 24 : 7);
}

/** A series that begins with the window after this one, which is not whole. */
export function beginSeries(window: number, shape: SeriesShape): Series {
  const seasons = new Array<number>(seasonsOf(shape)).fill(0);
  return { window, count: 0, seqs: [], closed: -1, weight: 0, sum: 0, seasons, errors: 0, expected: 0, active: 0 };
}

/** Closes the windows before `window`, of which those after the one at hand had nothing. */
export function advance(series: Series, window: number, shape: SeriesShape): void {
  if (window <= series.window) return;
  close(series, Math.min(series.count, series.cap ?? series.count), shape);
  const until = Math.min(window, series.window + signalWindowsMax);
  while (series.window < until) close(series, 0, shape);
  series.window = window;
  series.count = 0;
  series.seqs = [];
  delete series.next;
  delete series.cap;
}

/** Counts one more in the window at hand. */
export function count(series: Series, seq: number): void {
  series.count += 1;
  series.seqs.push(seq);
  if (series.seqs.length >= 2 * signalSeqsMax) series.seqs = series.seqs.slice(-signalSeqsMax);
}

/** Learns from the window at hand, and goes to the next one. */
function close(series: Series, value: number, shape: SeriesShape): void {
  const { windowMs } = shape;
  series.closed += 1;
  if (series.closed > 0) {
    const place = 2 * seasonOf(series.window, shape);
    if (series.weight > 0) {
      const { mean, known } = meanOf(series, shape);
      const decay = 0.5 ** (windowMs / halfLives.dispersion);
      series.errors = series.errors * decay + (value - mean) ** 2 / (1 + 1 / known);
      series.expected = series.expected * decay + mean;
      series.active = series.active * decay + (value > 0 ? 1 : 0);
    }
    const decay = 0.5 ** (windowMs / halfLives.level);
    series.weight = series.weight * decay + 1;
    series.sum = series.sum * decay + value;
    // One window of a season in so many hours, or days, comes round once in a day, or week.
    const round = shape.season === "hour" ? windowMs / hourMs : 7;
    const seasonal = 0.5 ** ((round * dayMs) / halfLives.season);
    series.seasons[place] = (series.seasons[place] ?? 0) * seasonal + 1;
    series.seasons[place + 1] = (series.seasons[place + 1] ?? 0) * seasonal + value;
  }
  series.window += 1;
}

function seasonOf(window: number, { windowMs, season }: SeriesShape): number {
  const [length, count] = season === "hour" ? [hourMs, 24] : [dayMs, 7];
  const place = Math.floor((window * windowMs) / length) % count;
  // Before 1970, where a clock is wrong.
  return place < 0 ? place + count : place;
}

/** The mean of the window at hand by its season, drawn towards the level of all windows; and how many windows know it. */
function meanOf(series: Series, shape: SeriesShape): { readonly mean: number; readonly known: number } {
  const place = 2 * seasonOf(series.window, shape);
  const [weight = 0, sum = 0] = [series.seasons[place], series.seasons[place + 1]];
  // Half an event more: Jeffreys' prior, so that what never happened is rare and not impossible.
  const level = (series.sum + 0.5) / series.weight;
  const others = Math.max(pooled.windows, pooled.events / level);
  return { mean: (sum + others * level) / (weight + others), known: Math.min(series.weight, weight + others) };
}

/** What the windows before say of the one at hand; `undefined`: there are none. */
export function forecast(series: Series, shape: SeriesShape): Forecast | undefined {
  if (series.weight === 0) return undefined;
  const { mean, known } = meanOf(series, shape);
  const { dispersion, events } = clusterPrior;
  const estimate = (series.errors + dispersion * events) / (series.expected + events);
  const freedom = series.active + events - 1;
  const upper = Math.max(1, (estimate * freedom) / chiSquareQuantile(freedom, dispersionQuantile));
  return { mean, variance: mean * upper * (1 + 1 / known) };
}
