/**
 * Opening, admitting and closing sessions.
 * Never keeps a secret: the store gets a digest of the token.
 */
import type { Code } from "../../../codes.ts";
import type { ReceivedParams } from "../../../decide/received.ts";
import type { SessionEvent } from "../../../decide/state.ts";
import { openEvent, type SessionOptions } from "../../../engine.ts";
import type { JsonObject } from "../../../json/value.ts";
import { commitAttemptsMax } from "../../../limits.ts";
import type { Clock, Random } from "../../../ports.ts";
import { err, ok, type Result } from "../../../result.ts";
import type { Store, StoreFailure } from "../../../stores/store.ts";
import { joinValues, topValue } from "../../../taint/label.ts";
import { systemZones } from "../../../zones.ts";
import { type Credential, mintSession, readToken, tokenDigest } from "../../credential.ts";
import { answered } from "../store/answered.ts";
import { type Denial, denialOf } from "../permit.ts";
import { codeOf, commit, isConflict, nextAttempt, type Point, refusal, timeOf } from "../point.ts";
import { type InboundMessage, receivedMessage } from "../call/receipts.ts";
import type { Guards } from "./live.ts";
import { refuseOpening } from "./standing.ts";

/** What the host says when it opens a session. */
export interface OpenOptions {
  /** Digest of the frozen plan. */
  readonly plan: string;
  readonly principal: string;
  /** What the agent can remember. Default: a conversation of its own. */
  readonly conversation?: string;
  readonly params?: JsonObject;
  /** Whose time zone and locale the parameters are written in, where the plan says how they are read. */
  readonly user?: NonNullable<SessionOptions["user"]>;
  /** Parameters that the agent filled in: they carry the context label. */
  readonly agentParams?: readonly string[];
  /** The message of another agent from which parameters were taken: they carry what its receipt says, in place of `user_input`. */
  readonly message?: InboundMessage;
}

/** A session that was opened. */
export interface Opened {
  readonly session: string;
  /** The agent's credential; kept nowhere. */
  readonly token: string;
  readonly plan: string;
  /** The parameters as they were read: what the session has. */
  readonly params: JsonObject;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Why a session was not opened; for the host, not for the agent. */
export interface OpenFailure {
  readonly code: Code;
  /** JSON pointer into the options, where one of them is wrong. */
  readonly pointer?: string;
  readonly message?: string;
}

/** What opening needs. */
interface OpeningWorld {
  readonly guards: Guards;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly sessionMs: number;
  /** Whether a principal needs a grant for the plan. */
  readonly needsGrant: boolean;
  readonly point: Point;
}

/** Opens a session for the host: its id, token and handle key are fresh. */
export async function openSession(world: OpeningWorld, options: OpenOptions): Promise<Result<Opened, OpenFailure>> {
  const guard = world.guards.get(options.plan);
  if (guard === undefined) return err({ code: "PLAN_UNKNOWN", pointer: "/plan" });
  const refused = await refuseOpening(world, guard, options.principal);
  if (refused !== undefined) return err({ code: refused });
  const { plan } = guard.program;
  const { session, secret, token, key } = mintSession(world.random);
  const conversation = options.conversation ?? session;
  const context = await answered(() => world.store.contextOf(conversation));
  if (!context.ok) return err({ code: codeOf(context.error) });
  const at = world.clock();
  if (!(at + world.point.skewMs <= plan.notAfter)) return err({ code: "PLAN_EXPIRED" });
  const { message, ...said } = options;
  const asked = { ...said, id: session, key, conversation, ...(context.value === undefined ? {} : { context: context.value }) };
  const scene = { at, zones: systemZones };
  const nobodys = message === undefined ? [] : [{ params: message.params, label: topValue, links: [] }];
  let opening = openEvent(guard.program, { ...asked, received: nobodys }, scene);
  if (!opening.ok) return opening;
  // Only now: a receipt counts once.
  const received =
    message === undefined ? [] : await receivedMessage(world.point, guard, { message, params: options.params ?? {} });
  opening = openEvent(guard.program, { ...asked, received }, scene);
  if (!opening.ok) return opening;
  const expiresAt = Math.min(at + world.sessionMs, at + plan.limits.seconds * 1_000, plan.notAfter);
  const { principal } = opening.value;
  const header = {
    id: session,
    plan: guard.digest,
    principal,
    conversation,
    tokenDigest: tokenDigest(secret),
    openedAt: at,
    expiresAt,
  };
  const event = opening.value;
  // First: whoever serves the session next may never have seen its plan.
  const saved = await world.point.plans.save(guard);
  if (!saved.ok) return err({ code: codeOf(saved.error) });
  const created = await answered(() => world.store.create(header, { event }));
  if (!created.ok) return err({ code: codeOf(created.error) });
  const shared = await remember(world, header.id, { received, at });
  if (!shared.ok) return err({ code: codeOf(shared.error) });
  return ok({ session, token, plan: guard.digest, params: event.params, expiresAt });
}

/** What the agent is told of another agent's message it remembers beyond the session: the conversation gets the label before a token is out. */
async function remember(
  { store }: OpeningWorld,
  session: string,
  { received, at }: { readonly received: readonly ReceivedParams[]; readonly at: number },
): Promise<Result<unknown, StoreFailure>> {
  const labels = received.flatMap(({ label, context }) => (context === undefined ? [label] : [label, context]));
  if (labels.length === 0) return ok(undefined);
  const label = labels.reduce(joinValues);
  return answered(() => store.commit(session, 1, { entries: [{ event: { type: "context", at, label } }], context: label }));
}

/**
 * Whether this process knows the session of a token and the token opens it. What is looked at (the credential's digest, when the session ends)
 * never changes, so it need not wait for what the session is doing. `false` says nothing yet.
 */
export function isAdmitted(point: Point, token: Credential): boolean {
  const read = readToken(token);
  const live = read === undefined ? undefined : point.live.peek(read.session);
  return read !== undefined && live !== undefined && refusal(point, live, read) === undefined;
}

/** Whether a token is one of a session that is still open to it; `undefined`: yes. */
export async function admitToken(point: Point, token: Credential): Promise<Denial | undefined> {
  const read = readToken(token);
  if (read === undefined) return denialOf("SESSION_UNKNOWN");
  return point.live.exclusively(read.session, async () => {
    let live = point.live.peek(read.session);
    if (live === undefined) {
      const refreshed = await point.live.refresh(read.session);
      if (!refreshed.ok) return denialOf(codeOf(refreshed.error));
      live = refreshed.value.live;
    }
    const code = refusal(point, live, read);
    return code === undefined ? undefined : denialOf(code);
  });
}

/** Closes a session. */
export async function closeSession(point: Point, session: string): Promise<Result<undefined, Code>> {
  return point.live.exclusively(session, async () => {
    for (let attempt = 0; attempt < commitAttemptsMax; attempt = await nextAttempt(point, attempt)) {
      const refreshed = await point.live.refresh(session);
      if (!refreshed.ok) return err(codeOf(refreshed.error));
      const { live } = refreshed.value;
      if (live.state.isClosed) return err("SESSION_CLOSED");
      const event: SessionEvent = { type: "close", at: timeOf(point, live) };
      const committed = await commit(point, live, { entries: [{ event }] });
      if (isConflict(committed)) continue;
      if (!committed.ok) return err(codeOf(committed.error));
      point.live.advance(live, [event]);
      return ok(undefined);
    }
    return err("SESSION_CONFLICT");
  });
}
