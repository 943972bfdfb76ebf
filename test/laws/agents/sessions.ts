/**
 * Sessions to run agents in: of the engine alone, and of the real enforcement point over a store in memory.
 * Never decides anything; both say of a call, a result and an amendment what they say to everybody.
 */
import { createGuard } from "../../../src/engine.ts";
import type { Verdict } from "../../../src/decide/verdict.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import type { FrozenPlan } from "../../../src/plan/plan.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import type { Store } from "../../../src/stores/store.ts";
import { createFirewall } from "../../../src/surfaces/options.ts";
import type { Attempt } from "./program.ts";
import type { Data } from "./world.ts";

/** What is said of a call. `told`: what the agent is told of a denial. */
export type Said =
  | { readonly allow: true; readonly run: number; readonly verdict: Extract<Verdict, { readonly decision: "allow" }> }
  | { readonly allow: false; readonly told: Json };

/** One session. */
export interface AgentSession {
  check(attempts: readonly Attempt[]): Promise<readonly Said[]>;
  /** What the agent is told of a result. */
  settle(run: number, data: Data | { readonly value: Json }): Promise<Json>;
  amend(draft: JsonObject): Promise<Json>;
  /** The sources of the context label of the conversation. */
  context(): Promise<readonly string[]>;
}

/** How a session is opened. */
export interface Opening {
  readonly conversation: string;
  /** A parameter that the agent filled in. */
  readonly agentParam?: Json;
}

/** Where sessions are opened. */
export interface Place {
  /** Whether one session is told what another wrote to a resource: without a store, nobody is. */
  readonly sharesResources: boolean;
  open(opening: Opening): Promise<AgentSession | undefined>;
}

const startsAt = 1_700_000_000_000;
const toldOf = ({ code, remedies }: Extract<Verdict, { readonly decision: "deny" }>): Json =>
  ({ denied: code, remedies }) as unknown as Json;

function paramsOf({ agentParam }: Opening): { readonly params: JsonObject; readonly agentParams: readonly string[] } {
  return agentParam === undefined ? { params: {}, agentParams: [] } : { params: { p: agentParam }, agentParams: ["p"] };
}

/** Sessions of the engine alone. What one leaves in its conversation is passed to the next; resources and amendments are the enforcement point's. */
export function engineAt(frozen: FrozenPlan): Place {
  let now = startsAt;
  let opened = 0;
  const contexts = new Map<string, ReturnType<ReturnType<typeof open>["context"]>>();
  const open = (opening: Opening) => {
    const guard = createGuard(frozen, { clock: () => now });
    if (!guard.ok) throw new Error(JSON.stringify(guard.error));
    const context = contexts.get(opening.conversation);
    const session = guard.value.session({
      id: `s-${opened++}`,
      key: "00112233445566778899aabbccddeeff",
      ...paramsOf(opening),
      ...(context === undefined ? {} : { context }),
    });
    if (!session.ok) throw new Error(session.error.code);
    return session.value;
  };
  return {
    sharesResources: false,
    open: async (opening) => {
      const session = open(opening);
      const keep = <T>(value: T): T => {
        now += 1;
        contexts.set(opening.conversation, session.context());
        return value;
      };
      return {
        check: async (attempts) =>
          keep(
            session
              .checkBatch(attempts)
              .map(
                (verdict): Said =>
                  verdict.decision === "allow"
                    ? { allow: true, run: verdict.run, verdict }
                    : { allow: false, told: toldOf(verdict) },
              ),
          ),
        settle: async (run, data) => {
          const { ok, ...seen } = session.record(run, data);
          return keep({ told: "delivered" in seen ? seen.delivered : seen.code, isError: "isError" in seen && seen.isError });
        },
        amend: async () => "AMEND_OFF",
        context: async () => session.context().sources,
      };
    },
  };
}

/** Sessions of an enforcement point over one store. `kept`: where to look for what conversations have seen, if the store does not tell. */
export function enforcementAt(frozen: FrozenPlan, store: Store = createMemoryStore(), kept: Store = store): Place {
  let now = startsAt;
  // The same in both worlds: ids and handles are no data.
  let drawn = 0;
  const draw = (): number => {
    drawn = (drawn * 75 + 74) % 65_537;
    return drawn & 0xff;
  };
  const random = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, draw);
  const firewall = createFirewall({ plans: [frozen], store, clock: () => now, random });
  return {
    sharesResources: true,
    open: async (opening) => {
      const opened = await firewall.open({
        plan: frozen.digest,
        principal: "ana",
        conversation: opening.conversation,
        ...paramsOf(opening),
      });
      if (!opened.ok) return undefined;
      const { token, session } = opened.value;
      return {
        check: async (attempts) => {
          now += 1;
          const [only] = attempts;
          const checked =
            attempts.length === 1 && only !== undefined
              ? [await firewall.check(token, only)]
              : await firewall.checkBatch(token, attempts);
          return checked.map(
            (one): Said =>
              one.allow
                ? { allow: true, run: one.permit.run, verdict: one.verdict }
                : { allow: false, told: toldOf(one.verdict) },
          );
        },
        settle: async (run, data) => {
          now += 1;
          const settled = await firewall.settle({ session, run }, data);
          return settled.ok ? { told: settled.delivered, isError: settled.isError } : toldOf(settled.verdict);
        },
        amend: async (draft) => {
          const amended = await firewall.amend(token, draft);
          return (amended.status === "denied"
            ? toldOf(amended.verdict)
            : { status: amended.status, changes: amended.changes }) as unknown as Json;
        },
        context: async () => {
          const context = await kept.contextOf(opening.conversation);
          return context.ok ? (context.value?.sources ?? []) : ["*"];
        },
      };
    },
  };
}
