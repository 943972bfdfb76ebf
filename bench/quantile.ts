/**
 * Quantiles of what was measured, by nearest rank: always a value that was measured.
 * Pure. Never a number where nothing was measured.
 */

/** The value below which `share` (0 to 1) of the values lie; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The value in the middle, the upper one of two; NaN of none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
