/**
 * The host's time zones, by its own tables (`Intl`) through Temporal.
 * Never reached by the core: it is passed in, and asked only when a session opens.
 */
import { Temporal } from "temporal-polyfill";
import type { Zones } from "./ports.ts";

/** The time zones of this machine. */
export const systemZones: Zones = {
  localAt: (instant, zone) => {
    const zoned = attempt(() => Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone));
    return zoned?.toPlainDateTime().toString({ smallestUnit: "second" });
  },
  instantsOf: (local, zone) => {
    const zoned = (disambiguation: "earlier" | "later"): Temporal.ZonedDateTime | undefined =>
      attempt(() => Temporal.PlainDateTime.from(local).toZonedDateTime(zone, { disambiguation }));
    const [earlier, later] = [zoned("earlier"), zoned("later")];
    if (earlier === undefined || later === undefined) return undefined;
    // In a gap, the two are the times before and after it, and neither is the one that was asked for.
    const named = [earlier, later].filter((one) => one.toPlainDateTime().equals(local));
    return [...new Set(named.map((one) => one.epochMilliseconds))];
  },
};

/** Temporal throws for what it does not know: an unknown zone, a time outside its range. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
