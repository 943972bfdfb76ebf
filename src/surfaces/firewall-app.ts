/**
 * The HTTP host that `serve` and `start` share: checked tools under `/tools`, forwarded upstream; the host's routes under `/sluice`.
 * Never forwards to another address than the upstream, nor anything but the checked bytes.
 */
import { type Context, Hono } from "hono";
import type { Access } from "../access/access.ts";
import type { SqlParser } from "../constraints/sql.ts";
import type { Verdict } from "../decide/verdict.ts";
import type { Guard } from "../engine.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import type { Policy } from "../policy/policy.ts";
import type { Logger } from "../ports.ts";
import type { Result } from "../result.ts";
import type { Store } from "../stores/store.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import {
  type Amendment,
  amendmentRoutes,
  type Approval,
  createFirewall,
  type Drafter,
  type Firewall,
  hostRoutes,
  type ObserveMode,
  type OwnEnforcement,
  sluice,
  type SluiceVariables,
} from "./hono.ts";
import { showModeEverywhere } from "./observe/shown.ts";
import { hostProblemResponse } from "./wire.ts";

/** What the host is made of. */
export interface FirewallOptions {
  readonly plans: readonly FrozenPlan[];
  readonly store: Store;
  /** Secret of the host's routes; needed where no `access` is given. */
  readonly admin?: string;
  /** See `hostRoutes`. */
  readonly access?: Access;
  /** People who approve held calls: name → secret. */
  readonly approvers?: { readonly [name: string]: string };
  /** Whether a principal needs a grant for a plan. */
  readonly grants?: "none" | "required";
  /** Seconds that a call which needs approval is kept before it is answered. */
  readonly approvalWaitSeconds?: number;
  /** Told of every call that has come to wait for a human. */
  readonly onPending?: (approval: Approval) => unknown;
  /** Told of every amendment that has come to wait for a human. */
  readonly onPendingAmendment?: (amendment: Amendment) => unknown;
  /** Calls a tool: the qualified name, and the canonical text of the arguments. */
  readonly forward: Forward;
  /** Told each verdict, with the facts that no agent is told. */
  readonly onVerdict?: (tool: string, verdict: Verdict) => void;
  /** Told of each allowed call that `forward` could not bring to its tool; the call is answered with UPSTREAM_FAILED. */
  readonly onForwardFailed?: (tool: string, error: unknown) => void;
  readonly logger?: Logger;
  /** The organisation's rules, besides those that were frozen with the plans. */
  readonly policy?: Policy;
  /** Parsers of the dialects of SQL that the plans name. */
  readonly sql?: readonly SqlParser[];
  /** Calls go ahead unchecked, and are recorded. */
  readonly observing?: Observing;
  /** Drafts tasks for the host. */
  readonly drafter?: Drafter;
  /** What else the firewall is made of: times, limits, receipts. */
  readonly own?: Partial<OwnEnforcement>;
  /** Reads plans and policies again, with what `createFirewallApp` returns; see `hostRoutes`. */
  readonly reload?: () => Promise<Result<readonly string[], string>>;
  /** See `hostRoutes`. */
  readonly isReady?: () => boolean;
  /** See `hostRoutes`; its `telemetry` is given in `own`. */
  readonly metrics?: Pick<Metrics, "expose">;
}

/** How the host observes. */
export interface Observing {
  readonly mode: ObserveMode;
  /** Passes a request on as it came. */
  readonly pass: (tool: string, request: Request) => Promise<Response>;
  /** The header that names the run that a request belongs to. */
  readonly runHeader?: string | undefined;
}

/** Calls a tool with the checked bytes and answers with what it answered. A rejection is a tool that cannot be reached. */
export type Forward = (tool: string, body: Uint8Array<ArrayBuffer>, signal: AbortSignal) => Promise<Response>;

/** The app, its two halves by themselves, and the enforcer behind it. */
export interface FirewallApp {
  /** Both halves. */
  readonly app: Hono;
  /** For agents: `/tools` and `/amendments`. */
  readonly agents: Hono<{ Variables: SluiceVariables }>;
  /** For the host and for people: `/sluice`. */
  readonly host: Hono;
  readonly enforcer: Firewall;
}

/** Makes the host. Throws `ConfigError` if the plans cannot be enforced or the secret is too short. */
export function createFirewallApp(options: FirewallOptions): FirewallApp {
  const { plans, store, forward, onVerdict, logger, policy, sql = [], observing } = options;
  const { grants, approvalWaitSeconds, onPending, onPendingAmendment, onForwardFailed } = options;
  const given = {
    ...(grants === undefined ? {} : { grants }),
    ...(approvalWaitSeconds === undefined ? {} : { approvalWaitSeconds }),
    ...(onPending === undefined ? {} : { onPending }),
    ...(onPendingAmendment === undefined ? {} : { onPendingAmendment }),
    ...(logger === undefined ? {} : { logger }),
    ...(policy === undefined ? {} : { policy }),
    ...(observing === undefined ? {} : { mode: observing.mode }),
  };
  const inner = createFirewall({ ...options.own, plans, store, sql, ...given });
  const enforcer: Firewall = {
    ...inner,
    check: async (token, call, options) => {
      const checked = await inner.check(token, call, options);
      onVerdict?.(call.tool, checked.verdict);
      return checked;
    },
    checkBatch: async (token, calls) => {
      const checked = await inner.checkBatch(token, calls);
      for (const [i, { verdict }] of checked.entries()) onVerdict?.(calls[i]?.tool ?? "", verdict);
      return checked;
    },
  };
  const qualify = qualifier(enforcer);
  const agents = new Hono<{ Variables: SluiceVariables }>();
  agents.use(showModeEverywhere(enforcer.observer));
  const toolOf = (param: (name: "server" | "tool") => string | undefined): string | undefined => {
    const [server, tool] = [param("server"), param("tool")];
    return server === undefined ? qualify(tool ?? "") : `${server}/${tool}`;
  };
  for (const path of ["/tools/:tool", "/tools/:server/:tool"] as const) {
    const observedRun = (c: Context): string | undefined => c.req.header(observing?.runHeader ?? "sluice-run");
    agents.use(path, sluice({ enforcer, toolName: (c) => toolOf((name) => c.req.param(name)), observedRun }));
    agents.all(path, async (c) => {
      const tool = toolOf((name) => c.req.param(name)) ?? "";
      // SECURITY: only the middleware lets a request through that nobody has decided, and only while it observes.
      if (observing !== undefined && c.get("sluice")?.verdict === undefined) {
        try {
          return await observing.pass(tool, c.req.raw);
        } catch {
          // A name that no program chose may be data.
          logger?.error("upstream-failed", /^[\w.-]+(?:\/[\w.-]+)?$/.test(tool) ? { tool } : {});
          return hostProblemResponse({ code: "UPSTREAM_FAILED" });
        }
      }
      try {
        return await forward(tool, new Uint8Array(await c.req.arrayBuffer()), c.req.raw.signal);
      } catch (error) {
        onForwardFailed?.(tool, error);
        // What Hono does with a handler that throws, but for printing the stack: the middleware sees a fault, and no answer of a tool.
        c.error = error instanceof Error ? error : new Error("forwarding failed");
        return hostProblemResponse({ code: "UPSTREAM_FAILED" });
      }
    });
  }
  agents.route("/amendments", amendmentRoutes({ enforcer }));
  const host = hostHalf(options, enforcer);
  const app = new Hono();
  app.route("/", agents);
  app.route("/", host);
  return { app, agents, host, enforcer };
}

function hostHalf(options: FirewallOptions, enforcer: Firewall): Hono {
  const { access, admin = "", approvers, drafter, reload, isReady, metrics } = options;
  const host = new Hono();
  host.use(showModeEverywhere(enforcer.observer));
  host.route(
    "/sluice",
    hostRoutes({
      enforcer,
      ...(access === undefined ? { credentials: { admin, ...(approvers === undefined ? {} : { approvers }) } } : { access }),
      ...(drafter === undefined ? {} : { drafter }),
      ...(reload === undefined ? {} : { reload }),
      ...(isReady === undefined ? {} : { isReady }),
      ...(metrics === undefined ? {} : { metrics }),
    }),
  );
  return host;
}

/**
 * Tool names as the plans have them. A bare name means the one tool of that name in all plans: the name that is forwarded must be the
 * name that was checked, whichever plan the session has.
 */
function qualifier({ guards }: Firewall): (name: string) => string | undefined {
  let loaded: readonly Guard[] = [];
  let bare = new Map<string, string | undefined>();
  const refresh = (): void => {
    const now = [...guards.values()];
    if (now.length === loaded.length && now.every((guard, i) => guard === loaded[i])) return;
    loaded = now;
    bare = new Map();
    for (const tool of new Set(now.flatMap(({ frozen }) => Object.keys(frozen.tools)))) {
      const name = tool.slice(tool.indexOf("/") + 1);
      bare.set(name, bare.has(name) ? undefined : tool);
    }
  };
  return (name) => {
    if (name.includes("/")) return name;
    refresh();
    // A name that no plan has is denied by the plan, with its own code; one that several have is not guessed.
    return bare.has(name) ? bare.get(name) : `local/${name}`;
  };
}

/** Milliseconds that an upstream has to answer. */
export const upstreamMs = 60_000;

/**
 * Forwards to `POST upstream/server/tool`; a tool of the server `local` is `POST upstream/tool`. Redirects are not followed. `more`: headers of
 * ours that go along, such as a trace's.
 */
export function forwardTo(upstream: URL, more: () => Readonly<Record<string, string>> = () => ({})): Forward {
  const base = upstream.href.endsWith("/") ? upstream.href : `${upstream.href}/`;
  return async (tool, body, signal) => {
    const response = await fetch(new URL(pathOf(tool), base), {
      method: "POST",
      headers: { ...more(), "content-type": "application/json" },
      body,
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(upstreamMs)]),
    });
    const type = response.headers.get("content-type");
    const isBodiless = [101, 204, 205, 304].includes(response.status);
    return new Response(isBodiless ? null : response.body, {
      status: response.status,
      ...(type === null ? {} : { headers: { "content-type": type } }),
    });
  };
}

/** A tool's name as a path below the upstream's, which no name can leave. */
export function pathOf(tool: string): string {
  const segments = (tool.startsWith("local/") ? tool.slice("local/".length) : tool).split("/");
  if (segments.some((segment) => segment === "" || segment === "." || segment === ".."))
    throw new TypeError("a tool with such a name cannot be forwarded");
  return segments.map(encodeURIComponent).join("/");
}
