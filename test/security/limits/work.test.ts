/**
 * What an enforcement point takes on at once: of one session, of one principal, and of all.
 */
import { expect, it } from "vitest";
import { workLimitsDefault } from "../../../src/limits.ts";
import { tokenDigest } from "../../../src/surfaces/credential.ts";
import type { Live } from "../../../src/surfaces/enforce/session/live.ts";
import { createWork, type Place, type Work } from "../../../src/surfaces/enforce/load/work.ts";

const secret = "1".repeat(64);
const tokenOf = (session: number): string => `s_${String(session).padStart(32, "0")}.${secret}`;

function workOf(principalOf: (session: string) => string): Work {
  const live = (id: string): Live =>
    ({ header: { principal: principalOf(id), tokenDigest: tokenDigest(secret) } }) as unknown as Live;
  return createWork({}, { clock: () => 0, peek: live });
}

/** How many checks are taken on, each of the session that is said. */
function takenOn(work: Work, sessionOf: (check: number) => number): readonly Place[] {
  const places: Place[] = [];
  for (let check = 0; ; check++) {
    const place = work.enter(tokenOf(sessionOf(check)));
    if ("code" in place) {
      expect(place.code).toBe("OVERLOADED");
      return places;
    }
    places.push(place);
  }
}

it("takes on no more checks than it can decide, of one session, of one principal and in all", () => {
  const { checks, principalChecks, sessionChecks } = workLimitsDefault;
  expect(
    takenOn(
      workOf((id) => id),
      () => 0,
    ).length,
  ).toBe(sessionChecks);
  expect(
    takenOn(
      workOf(() => "ada"),
      (check) => check,
    ).length,
  ).toBe(principalChecks);
  const work = workOf((id) => id);
  const places = takenOn(work, (check) => check);
  expect(places.length).toBe(checks);
  // One that is over makes room for one.
  work.leave(places[0] as Place);
  expect("code" in work.enter(tokenOf(9_999))).toBe(false);
  expect("code" in work.enter(tokenOf(9_998))).toBe(true);
});
