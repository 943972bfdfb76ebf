/**
 * Exact bounds of a share from counts (Clopper and Pearson 1934).
 * Pure. Never approximates by a normal distribution: the counts are small and the shares near 0.
 */

/** Upper bound of the true share at `level` (one-sided), where `hits` of `tried` were seen. 1 where nothing was tried. */
export function upperBound(hits: number, tried: number, level: number): number {
  if (tried <= 0 || hits >= tried) return 1;
  return solve((share) => atMost(hits, tried, share) - (1 - level));
}

/** Lower bound of the true share at `level` (one-sided). 0 where nothing was tried. */
export function lowerBound(hits: number, tried: number, level: number): number {
  return tried <= 0 || hits <= 0 ? 0 : 1 - upperBound(tried - hits, tried, level);
}

/** The root of a falling function on [0, 1], by halving. */
function solve(falling: (share: number) => number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (falling(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Probability of at most `hits` in `tried` independent tries, each with probability `share`. */
export function atMost(hits: number, tried: number, share: number): number {
  if (share <= 0) return 1;
  if (share >= 1) return hits >= tried ? 1 : 0;
  // Terms in logarithms, since (1 - share)^tried may be below the smallest double.
  let logTerm = tried * Math.log1p(-share);
  const step = Math.log(share) - Math.log1p(-share);
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= Math.min(hits, tried); k++) {
    logTerm += Math.log((tried - k + 1) / k) + step;
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}
