/**
 * Denials that a surface makes before there is a call to decide: an unknown method, a tool whose definition has changed.
 * Never allows. What is refused is recorded in the session like any other denial.
 */
import type { Code } from "../../../codes.ts";
import type { SessionEvent } from "../../../decide/state.ts";
import { commitAttemptsMax, denialsPerSessionMax, nameCharsMax } from "../../../limits.ts";
import { readToken } from "../../credential.ts";
import { type Denial, denialOf } from "../permit.ts";
import { codeOf, commit, isConflict, nextAttempt, type Point, refusal, timeOf } from "../point.ts";

/** Records that what a session's agent asked of `tool` is refused with `code`, and returns the denial that it is told. */
export async function refuseCall(
  point: Point,
  token: string,
  { tool, code }: { readonly tool: string; readonly code: Code },
): Promise<Denial> {
  const read = readToken(token);
  if (read === undefined) return denialOf("SESSION_UNKNOWN");
  return point.live.exclusively(read.session, async () => {
    for (let attempt = 0; attempt < commitAttemptsMax; attempt = await nextAttempt(point, attempt)) {
      const refreshed = await point.live.refresh(read.session);
      if (!refreshed.ok) return denialOf(codeOf(refreshed.error));
      const { live } = refreshed.value;
      const refused = refusal(point, live, read);
      if (refused !== undefined) return denialOf(refused);
      if (live.state.isClosed || live.state.denied >= denialsPerSessionMax) return denialOf(code);
      const event: SessionEvent = { type: "deny", at: timeOf(point, live), code, tool: tool.slice(0, nameCharsMax * 2) };
      const committed = await commit(point, live, { entries: [{ event }] });
      if (isConflict(committed)) continue;
      if (!committed.ok) return denialOf(codeOf(committed.error));
      point.live.advance(live, [event]);
      return denialOf(code);
    }
    return denialOf("SESSION_CONFLICT");
  });
}
