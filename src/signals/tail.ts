/**
 * How likely counts and reading times are: upper tails of the negative binomial, quantiles of chi-square, tails of the normal.
 * Pure. Never answers less than what it could not compute exactly: a tail that was cut off is completed by a bound.
 */
import { signalTailTerms } from "./bounds.ts";

/** Coefficients of Lanczos' approximation with g = 7, n = 9 (Godfrey's; relative error below 1e-14). */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Logarithm of the gamma function, for x > 0 (Lanczos 1964, "A precision approximation of the gamma function"). */
export function logGamma(x: number): number {
  // Reflection (DLMF 5.5.3) where the series is weak.
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  let sum = lanczos[0] ?? 0;
  for (let i = 1; i < lanczos.length; i++) sum += (lanczos[i] ?? 0) / (shifted + i);
  const t = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Logarithm of `x (x + 1) … (x + n - 1)`: of what is large and nearly equal, by Stirling's formula term by term (DLMF 5.11.1). */
function logRising(x: number, n: number): number {
  if (x < 1_000) return logGamma(x + n) - logGamma(x);
  return (x - 0.5) * Math.log1p(n / x) + n * Math.log(x + n) - n + 1 / (12 * (x + n)) - 1 / (12 * x);
}

/**
 * The probability of `count` or more events, where so many are expected with this variance: a negative binomial with both moments. With a
 * variance of `mean · (1 + 1/n)` it is what a Poisson rate, known from `n` windows alone, predicts for the next one (the posterior predictive
 * with Jeffreys' prior; Gelman et al., Bayesian Data Analysis, §2.6). A variance at or below the mean is taken as just above it.
 */
export function upperTail(count: number, { mean, variance }: { readonly mean: number; readonly variance: number }): number {
  if (!(count > mean)) return 1;
  if (!(mean > 0)) return 0;
  const size = (mean * mean) / Math.max(variance - mean, mean * 1e-9);
  const failure = mean / (mean + size);
  const logTerm = logRising(size, count) - logGamma(count + 1) + size * -Math.log1p(mean / size) + count * Math.log(failure);
  let term = Math.exp(logTerm);
  let sum = 0;
  for (let k = count, terms = 0; terms < signalTailTerms; terms++, k++) {
    sum += term;
    const ratio = ((k + size) / (k + 1)) * failure;
    term *= ratio;
    if (term <= sum * 1e-12) return Math.min(1, sum);
  }
  // From here on each term is at most this share of the one before: the rest is below a geometric series.
  const ratio = Math.max(failure, ((count + signalTailTerms + size) / (count + signalTailTerms + 1)) * failure);
  return ratio < 1 ? Math.min(1, sum + term / (1 - ratio)) : 1;
}

/** The value that a chi-square with so many degrees of freedom stays below with the probability whose normal quantile is `z` (Wilson and Hilferty 1931). */
export function chiSquareQuantile(freedom: number, z: number): number {
  const part = 2 / (9 * freedom);
  return freedom * Math.max(0, 1 - part + z * Math.sqrt(part)) ** 3;
}

/** The probability that a standard normal exceeds `z`; relative error below 1.2e-7 (Press et al., Numerical Recipes, §6.2.2, `erfcc`). */
export function normalTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  let sum = 0;
  for (const coefficient of erfcCoefficients) sum = sum * t + coefficient;
  const tail = (t * Math.exp(-x * x + sum)) / 2;
  return z >= 0 ? tail : 1 - tail;
}

/** From the highest power of `t` down. */
const erfcCoefficients = [
  0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223,
];
