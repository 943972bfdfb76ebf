/**
 * The randomness of the host (Web Crypto), where nobody gives another.
 * Never a pseudo-random number.
 */
import type { Random } from "../ports.ts";

/** So many random bytes. */
export const systemRandom: Random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes));
