/**
 * Time zones where no host gave any: UTC alone.
 * Pure. Never knows another zone.
 */
import type { Zones } from "../../ports.ts";
import { readDateTime, writeDateTime } from "../date.ts";

/** UTC, and no other zone. */
export const utcOnly: Zones = {
  localAt: (instant, zone) => (zone === "UTC" ? writeDateTime(instant).slice(0, 19) : undefined),
  instantsOf: (local, zone) => {
    const instant = zone === "UTC" ? readDateTime(`${local}Z`) : undefined;
    return zone === "UTC" ? (instant === undefined ? [] : [instant]) : undefined;
  },
};
