/**
 * What a session's plan is now, and the label of what its agent is shown outside of calls.
 * Never says that something may be shown before its label is committed.
 */
import type { Code } from "../../../codes.ts";
import type { SessionEvent } from "../../../decide/state.ts";
import type { Guard } from "../../../engine.ts";
import { commitAttemptsMax } from "../../../limits.ts";
import { err, ok, type Result } from "../../../result.ts";
import type { SessionHeader } from "../../../stores/store.ts";
import type { LabelValue } from "../../../taint/label.ts";
import { readToken, type SessionToken } from "../../credential.ts";
import type { Live } from "../session/live.ts";
import { type Denial, denialOf } from "../permit.ts";
import { codeOf, commit, isConflict, nextAttempt, type Point, refusal, timeOf } from "../point.ts";
import { refuseStanding } from "../session/standing.ts";
import { labelToJoin } from "./commit.ts";

/** The plan that a session runs under now. */
export interface PlanInForce {
  readonly session: string;
  readonly header: SessionHeader;
  readonly guard: Guard;
}

/** The plan of the session that a token opens, as it stands in the store. */
export async function planInForce(point: Point, token: string): Promise<Result<PlanInForce, Denial>> {
  const read = readToken(token);
  if (read === undefined) return err(denialOf("SESSION_UNKNOWN"));
  return point.live.exclusively(read.session, async () => {
    const standing = await liveAsItStands(point, read);
    if (!standing.ok) return err(denialOf(standing.error));
    const { header, guard } = standing.value;
    return ok({ session: header.id, header, guard });
  });
}

/** Joins a label into the context of the session that a token opens. */
export async function disclose(point: Point, token: string, shown: LabelValue): Promise<Denial | undefined> {
  const read = readToken(token);
  if (read === undefined) return denialOf("SESSION_UNKNOWN");
  return point.live.exclusively(read.session, async () => {
    for (let attempt = 0; attempt < commitAttemptsMax; attempt = await nextAttempt(point, attempt)) {
      const standing = await liveAsItStands(point, read);
      if (!standing.ok) return denialOf(standing.error);
      const live = standing.value;
      const space = live.guard.program.labels;
      const label = space.toForeign(space.fromForeign(shown));
      const joined = labelToJoin(live, label);
      if (joined === undefined) return undefined;
      const event: SessionEvent = { type: "context", at: timeOf(point, live), label: joined };
      const committed = await commit(point, live, { entries: [{ event }], context: joined });
      if (isConflict(committed)) continue;
      if (!committed.ok) return denialOf(codeOf(committed.error));
      point.live.advance(live, [event]);
      return undefined;
    }
    return denialOf("SESSION_CONFLICT");
  });
}

/** Does something with the session that a token opens, as it stands, with what the conversation has seen in its context. */
export async function liveOf<T>(
  point: Point,
  token: string,
  job: (live: Live) => Promise<Result<T, Denial>>,
): Promise<Result<T, Denial>> {
  const read = readToken(token);
  if (read === undefined) return err(denialOf("SESSION_UNKNOWN"));
  return point.live.exclusively(read.session, async () => {
    for (let attempt = 0; attempt < commitAttemptsMax; attempt = await nextAttempt(point, attempt)) {
      const refreshed = await point.live.refresh(read.session);
      if (!refreshed.ok) return err(denialOf(codeOf(refreshed.error)));
      const { live, context, revoked } = refreshed.value;
      const code = live.state.isClosed
        ? "SESSION_CLOSED"
        : (refusal(point, live, read) ?? (await refuseStanding(point, live, revoked)));
      if (code !== undefined) return err(denialOf(code));
      const joined = context === undefined ? undefined : labelToJoin(live, context);
      if (joined === undefined) return job(live);
      const event: SessionEvent = { type: "context", at: timeOf(point, live), label: joined };
      const committed = await commit(point, live, { entries: [{ event }] });
      if (isConflict(committed)) continue;
      if (!committed.ok) return err(denialOf(codeOf(committed.error)));
      point.live.advance(live, [event]);
      return job(live);
    }
    return err(denialOf("SESSION_CONFLICT"));
  });
}

async function liveAsItStands(point: Point, token: SessionToken): Promise<Result<Live, Code>> {
  const refreshed = await point.live.refresh(token.session);
  if (!refreshed.ok) return err(codeOf(refreshed.error));
  const { live, revoked } = refreshed.value;
  if (live.state.isClosed) return err("SESSION_CLOSED");
  const code = refusal(point, live, token) ?? (await refuseStanding(point, live, revoked));
  return code === undefined ? ok(live) : err(code);
}
