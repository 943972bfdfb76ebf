/**
 * The host's routes: opening, reading and closing sessions, and the plans that are loaded. Not for the agent.
 * Never gives out a secret of a session but its token, once; never answers without a credential.
 */
import { type Context, Hono } from "hono";
import type { Access } from "../../access/access.ts";
import { createAccess } from "../../access/create-access.ts";
import { guardRoutes } from "../../access/table.ts";
import { readJsonBytes } from "../../json/read.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { callBytesMax } from "../../limits.ts";
import { err, ok, type Result } from "../../result.ts";
import { ConfigError } from "../../result.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import { mediaTypeOf, isJsonType, readBody } from "../body.ts";
import { isSessionId } from "../credential.ts";
import { denialOf, type Enforcer, type OpenOptions } from "../enforce.ts";
import { answered } from "../enforce/store/answered.ts";
import { inspectSession } from "../inspect.ts";
import { systemRandom } from "../random.ts";
import { modeOf, showMode } from "../observe/shown.ts";
import { type EnforcementOptions, enforcerOf } from "../options.ts";
import { type HostProblem, hostProblemResponse, problemResponse } from "../wire.ts";
import { addAmendmentRoutes } from "./amendment-routes.ts";
import { addApprovalRoutes } from "./approval-routes.ts";
import { addDraftRoute, type Drafter } from "./draft-routes.ts";
import { addHealthRoutes } from "./health-routes.ts";
import { addMetricsRoute } from "./metrics-route.ts";
import { jsonResponse } from "./json-response.ts";
import { refuse } from "./approver.ts";
import { hostTable } from "./host-table.ts";
import { addStandingRoutes, isName } from "./standing-routes.ts";
import { addTokenRoutes } from "./token-routes.ts";

/** Secrets of the host: `Authorization: Bearer …`. None of them opens a tool; a session's token opens none of these routes. */
export interface HostCredentials {
  /** Opens and closes sessions, and reads. At least 16 characters. */
  readonly admin: string;
  /** Only reads. At least 16 characters, and not the other one. */
  readonly read?: string;
  /** People who approve held calls: name → secret of at least 16 characters, of each person alone. */
  readonly approvers?: { readonly [name: string]: string };
}

/** Options of the host's routes. */
export type HostRoutesOptions = EnforcementOptions & {
  /** Needed where no `access` is given. */
  readonly credentials?: HostCredentials;
  /** Who may do what, as the dashboard shares it: names of this server, local tokens, an identity provider. Default: `credentials`, and tokens of the store. */
  readonly access?: Access;
  /** Makes drafts of tasks at `POST /draft`; absent: there is no such route. */
  readonly drafter?: Drafter;
  /** Reads plans and policies again at `POST /reload`: the digests of the plans in force, or why all stays as it was. Absent: there is no such route. */
  readonly reload?: () => Promise<Result<readonly string[], string>>;
  /** Whether the process is to be given work, besides what `GET /ready` asks itself. */
  readonly isReady?: () => boolean;
  /** What `GET /metrics` shows (`createMetrics` of `sluice/telemetry/metrics`, whose `telemetry` the firewall was given); absent: there is no such route. */
  readonly metrics?: Pick<Metrics, "expose">;
};

/** Sessions of one listing. */
const listedSessionsMax = 100;

/**
 * Routes for the host, to be mounted where only the host reaches them: `POST /sessions`, `GET /sessions`, `GET /sessions/:id`,
 * `POST /sessions/:id/close`, `GET /plans`, `GET /mode`, and without a credential `GET /live` and `GET /ready`; `GET` and `POST` of `/revocations` and `/grants`; and for approvers `GET /approvals`,
 * `GET /approvals/:id`, `POST /approvals/:id`, the same of `/amendments`, `GET /sessions/:id/amendments` and
 * `POST /sessions/:id/amendments/:number`; with `drafter`, `POST /draft`; with `reload`, `POST /reload`; with `metrics`, `GET /metrics`; for administrators
 * `GET` and `POST /tokens` and `POST /tokens/:id/revoke`. Who may use which is said by `host-table.ts`. Throws `ConfigError` if the options are wrong, at set-up only.
 *
 * @example app.route("/sluice", hostRoutes({ enforcer: firewall, credentials: { admin: secret } }));
 */
export function hostRoutes(options: HostRoutesOptions): Hono {
  if (typeof options !== "object" || options === null) throw new ConfigError("`hostRoutes` needs options");
  const enforcer = enforcerOf(options);
  const access = options.access ?? accessOf(options.credentials, enforcer);
  const app = new Hono();
  app.use(showMode(enforcer.observer));
  app.onError(() => problemResponse(denialOf("INTERNAL")));
  app.notFound(() => hostProblemResponse({ code: "AUTH_DENIED", message: "there is no such route" }));
  guardRoutes(app, { access, rows: hostTable, takes: ["bearer"], refuse });
  addHealthRoutes(app, { enforcer, ...(options.isReady === undefined ? {} : { isReady: options.isReady }) });
  if (options.metrics !== undefined) addMetricsRoute(app, { enforcer, metrics: options.metrics });
  app.get("/mode", () => jsonResponse({ mode: { mode: "enforce" }, ...modeOf(enforcer.observer) }));
  app.get("/plans", () => jsonResponse({ ...plansOf(enforcer), ...modeOf(enforcer.observer) }));
  app.get("/sessions", async () => {
    const rows = await answered(() => enforcer.store.list(listedSessionsMax));
    if (!rows.ok) return hostProblemResponse({ code: "STORE_UNAVAILABLE" });
    return jsonResponse({
      ...modeOf(enforcer.observer),
      sessions: rows.value.map(({ header: { tokenDigest: _, ...header }, isClosed }) => ({ ...header, isClosed })),
    });
  });
  app.get("/sessions/:id", async (c) => {
    const id = c.req.param("id");
    if (!isSessionId(id)) return hostProblemResponse({ code: "SESSION_UNKNOWN" });
    const seen = await inspectSession(enforcer, id);
    return seen.ok ? jsonResponse({ ...seen.value, ...modeOf(enforcer.observer) }) : hostProblemResponse({ code: seen.error });
  });
  addAmendmentRoutes(app, { enforcer, access });
  addApprovalRoutes(app, { enforcer, access });
  addTokenRoutes(app, access, enforcer.clock);
  if (options.drafter !== undefined) addDraftRoute(app, options.drafter);
  addStandingRoutes(app, enforcer, access);
  const { reload } = options;
  if (reload !== undefined)
    app.post("/reload", async () => {
      const plans = await reload();
      return plans.ok
        ? jsonResponse({ plans: plans.value })
        : hostProblemResponse({ code: "RELOAD_REFUSED", message: plans.error });
    });
  app.post("/sessions", async (c) => openSession(enforcer, c));
  app.post("/sessions/:id/close", async (c) => {
    const id = c.req.param("id");
    if (!isSessionId(id)) return hostProblemResponse({ code: "SESSION_UNKNOWN" });
    const closed = await enforcer.close(id);
    return closed.ok ? jsonResponse({ session: id, isClosed: true }) : hostProblemResponse({ code: closed.error });
  });
  return app;
}

/** Access by the secrets alone. Names of the server are its owner's to check: these routes may stand behind anything. */
function accessOf(credentials: HostCredentials | undefined, { store, clock }: Enforcer): Access {
  if (typeof credentials !== "object" || credentials === null)
    throw new ConfigError("`credentials.admin` is needed, or `access`");
  return createAccess({ ...credentials, store, clock, random: systemRandom, hosts: "any" });
}

function plansOf(enforcer: Enforcer): JsonObject {
  const plans = [...enforcer.guards.values()].map(({ digest, program }) => {
    const { plan } = program.plan.frozen;
    return {
      digest,
      name: plan.name,
      ...(plan.task === undefined ? {} : { task: plan.task }),
      params: (plan.params ?? {}) as Json,
    };
  });
  return { plans };
}

async function openSession(enforcer: Enforcer, c: Context): Promise<Response> {
  const { type } = mediaTypeOf(c.req.header("content-type"));
  if (!isJsonType(type)) return hostProblemResponse({ code: "SESSION_PARAMS", message: "the body must be `application/json`" });
  const body = await readBody(c.req.raw.body, callBytesMax);
  if (body.kind === "large") return hostProblemResponse({ code: "CALL_TOO_LARGE" });
  const read = body.kind === "read" ? readJsonBytes(body.bytes) : undefined;
  if (!read?.ok) return hostProblemResponse({ code: "SESSION_PARAMS", message: "the body must be strict JSON" });
  const options = readOpening(enforcer, read.value);
  if (!options.ok) return hostProblemResponse(options.error);
  const opened = await enforcer.open(options.value);
  if (!opened.ok) return hostProblemResponse(opened.error);
  const { session, token, plan, params, expiresAt } = opened.value;
  return jsonResponse({ session, token, plan, params, expires: new Date(expiresAt).toISOString() }, 201);
}

const openingMembers = new Set(["plan", "principal", "conversation", "params", "agentParams", "user", "message"]);

/** The host's request for a session; the plan by its digest, or by a name that one loaded plan has. */
function readOpening(enforcer: Enforcer, value: Json): Result<OpenOptions, HostProblem> {
  const refuse = (pointer: string, message: string): { ok: false; error: HostProblem } =>
    err({ code: "SESSION_PARAMS", pointer, message });
  if (!isObject(value)) return refuse("", "the body must be an object");
  const unknown = Object.keys(value).find((name) => !openingMembers.has(name));
  if (unknown !== undefined)
    return refuse(
      "",
      "the body has a member that is none of `plan`, `principal`, `conversation`, `params`, `agentParams`, `user`, `message`",
    );
  const [plan, principal, conversation] = ["plan", "principal", "conversation"].map((name) => member(value, name));
  const params = member(value, "params") ?? {};
  const agentParams = member(value, "agentParams") ?? [];
  if (!isName(plan)) return refuse("/plan", "a digest or a name is needed");
  if (!isName(principal)) return refuse("/principal", "whom the session acts for is needed: a text of 1 to 512 characters");
  if (conversation !== undefined && !isName(conversation))
    return refuse("/conversation", "must be a text of 1 to 512 characters");
  if (!isObject(params)) return refuse("/params", "must be an object");
  if (!isArray(agentParams) || !agentParams.every((name) => typeof name === "string"))
    return refuse("/agentParams", "must be a list of names");
  const user = readUser(member(value, "user"));
  if (user === undefined) return refuse("/user", "must be an object of `zone` and `locale`, both texts");
  const message = readMessage(member(value, "message"));
  if (message === "malformed")
    return refuse("/message", "must be an object of `value`, `params` (names), and perhaps `receipt` and `from` (texts)");
  const guards = [...enforcer.guards.values()].filter(
    (guard) => guard.digest === plan || guard.program.plan.frozen.plan.name === plan,
  );
  const [guard] = guards;
  if (guard === undefined || guards.length > 1)
    return err({
      code: "PLAN_UNKNOWN",
      pointer: "/plan",
      message: `${guards.length === 0 ? "no loaded plan has" : "several loaded plans have"} this name or digest: GET /sluice/plans lists their digests`,
    });
  return ok({
    plan: guard.digest,
    principal,
    params: params as JsonObject,
    agentParams: agentParams as readonly string[],
    user,
    ...(conversation === undefined ? {} : { conversation }),
    ...(message === undefined ? {} : { message }),
  });
}

/** The message of another agent that the session is for. */
function readMessage(given: Json | undefined): OpenOptions["message"] | "malformed" {
  if (given === undefined) return undefined;
  const [value, receipt, from, params] = ["value", "receipt", "from", "params"].map((name) => member(given, name));
  const isKnown = isObject(given) && Object.keys(given).every((name) => ["value", "receipt", "from", "params"].includes(name));
  const isText = [receipt, from].every((text) => text === undefined || typeof text === "string");
  if (!isKnown || !isText || value === undefined || !isArray(params) || !params.every((name) => typeof name === "string"))
    return "malformed";
  return {
    value,
    params: params as readonly string[],
    ...(typeof receipt === "string" ? { receipt } : {}),
    ...(typeof from === "string" ? { from } : {}),
  };
}

/** Whose parameters they are: zone and locale; `undefined`: the value has another form. */
function readUser(value: Json | undefined): OpenOptions["user"] {
  if (value === undefined) return {};
  if (!isObject(value) || Object.keys(value).some((name) => name !== "zone" && name !== "locale")) return undefined;
  const [zone, locale] = [member(value, "zone"), member(value, "locale")];
  if ((zone !== undefined && !isName(zone)) || (locale !== undefined && !isName(locale))) return undefined;
  return { ...(zone === undefined ? {} : { zone }), ...(locale === undefined ? {} : { locale }) };
}
