/**
 * A running sum of doubles that does not drift: what is added and taken away again leaves no trace.
 * Pure. No I/O, no clock.
 */

/** A compensated sum (Neumaier 1974): its value is `sum + lost`. */
export interface Total {
  readonly sum: number;
  readonly lost: number;
}

/** Nothing yet. */
export const noTotal: Total = { sum: 0, lost: 0 };

/** Adds an amount, which may be negative. */
export function addTo(total: Total, amount: number): Total {
  const sum = total.sum + amount;
  const error = Math.abs(total.sum) >= Math.abs(amount) ? total.sum - sum + amount : amount - sum + total.sum;
  return { sum, lost: total.lost + error };
}

/** The sum as the nearest double. */
export function totalOf(total: Total): number {
  return total.sum + total.lost;
}

/** Whether a counter that holds `spent` may take an amount. False for what is no number. */
export function fits(spent: Total, take: { readonly amount: number; readonly max: number }): boolean {
  return totalOf(addTo(spent, take.amount)) <= take.max;
}
