/**
 * log2 of exact counts, rounded up, with the same digits on every runtime (`Math.log2` may differ in the last place).
 * Never rounds down: it bounds how much an attacker may choose. Pure. No I/O, no clock.
 */

/** log2(count) rounded up to hundredths of a bit; 0 for a count of 0 or 1. Uses only exact and IEEE-rounded arithmetic. */
export function bitsOfCount(count: bigint): number {
  if (count <= 1n) return 0;
  const text = count.toString(2);
  const whole = text.length - 1;
  // The mantissa in [1, 2) from the leading 52 bits, rounded up so that the answer stays an upper bound.
  const head = text.slice(0, 52);
  let mantissa = Number.parseInt(head, 2) / 2 ** (head.length - 1);
  if (text.indexOf("1", 1) === -1) return whole;
  if (text.length > 52) mantissa += 2 ** -51;
  let fraction = 0;
  for (let bit = 0.5; bit >= 2 ** -16; bit /= 2) {
    mantissa *= mantissa;
    if (mantissa < 2) continue;
    mantissa /= 2;
    fraction += bit;
  }
  // Sixteen bits of fraction are exact to 1.6e-5; that much is added before rounding up to hundredths.
  return (whole * 100 + Math.min(100, Math.ceil((fraction + 2 ** -16) * 100))) / 100;
}

/** Sum of two optional bounds: unbounded if either is. Rounded to hundredths against drift. */
export function addBits(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.round((a + b) * 100) / 100;
}
