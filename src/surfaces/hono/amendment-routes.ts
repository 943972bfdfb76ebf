/**
 * Routes for amendments: the agent's, beside the tools, where it asks; and those of the people who look and decide.
 * Never lets an agent's token decide, and never answers an agent with a value or a sentence of the plan.
 */
import { type Context, Hono } from "hono";
import { readJsonBytes } from "../../json/read.ts";
import type { Json } from "../../json/value.ts";
import { amendmentBytesMax } from "../../limits.ts";
import { isJsonType, mediaTypeOf, readBody } from "../body.ts";
import { isSessionId } from "../credential.ts";
import { type Amendment, denialOf, type Enforcer } from "../enforce.ts";
import { showMode } from "../observe/shown.ts";
import { type EnforcementOptions, enforcerOf } from "../options.ts";
import { hostProblemResponse, problemResponse } from "../wire.ts";
import { amendmentPage } from "./amendment-page.ts";
import { approvalsPage } from "./approval-page.ts";
import { type ApproverWorld, csrfToken, personOf, readSaid, refuse, wantsPage } from "./approver.ts";
import { jsonResponse } from "./json-response.ts";
import { pageResponse } from "./page.ts";
import { tokenOf } from "./token.ts";

/**
 * The route by which an agent asks to amend the plan of its session: `POST /` with members of a plan, nodes by name and `null` for one to
 * drop. 200: the session goes on under the amended plan; 202: it waits for a human.
 *
 * @example app.route("/amendments", amendmentRoutes({ enforcer: firewall }));
 */
export function amendmentRoutes(options: EnforcementOptions): Hono {
  const enforcer = enforcerOf(options);
  const app = new Hono();
  app.use(showMode(enforcer.observer));
  app.onError(() => problemResponse(denialOf("INTERNAL")));
  app.post("/", (c) => takeAmendment(enforcer, c));
  return app;
}

async function takeAmendment(enforcer: Enforcer, c: Context): Promise<Response> {
  const token = tokenOf(c);
  if (token === undefined) return problemResponse(denialOf("SESSION_MISSING"));
  // Before a body is read: only who has a session may make work.
  const refused = await enforcer.admit(token);
  if (refused !== undefined) return problemResponse(refused);
  const draft = await readBodyOf(c, amendmentBytesMax);
  if (draft === undefined) return problemResponse(denialOf("AMEND_MALFORMED"));
  const amended = await enforcer.amend(token, draft);
  if (amended.status === "denied") return problemResponse(amended.verdict, { findings: amended.findings as unknown as Json });
  return jsonResponse(amended, amended.status === "applied" ? 200 : 202);
}

/** The body of a request as strict JSON; `undefined` for anything else. */
async function readBodyOf(c: Context, bytesMax: number): Promise<Json | undefined> {
  if (!isJsonType(mediaTypeOf(c.req.header("content-type")).type)) return undefined;
  const body = await readBody(c.req.raw.body, bytesMax);
  const read = body.kind === "read" ? readJsonBytes(body.bytes) : undefined;
  return read?.ok ? read.value : undefined;
}

/**
 * Adds `GET /amendments`, `GET /amendments/:id`, `POST /amendments/:id`; and by session `GET /sessions/:id/amendments` and
 * `POST /sessions/:id/amendments/:number`.
 */
export function addAmendmentRoutes(app: Hono, world: ApproverWorld): void {
  const { enforcer } = world;
  app.get("/amendments", async (c) => {
    const amendments = await enforcer.waitingAmendments();
    if (!amendments.ok) return refuse(c, { code: amendments.error });
    if (!wantsPage(c)) return jsonResponse({ amendments: amendments.value });
    const approvals = await enforcer.approvals();
    if (!approvals.ok) return refuse(c, { code: approvals.error });
    return pageResponse(
      await approvalsPage(approvals.value, amendments.value, c.req.path.replace(/amendments\/?$/, "approvals")),
    );
  });
  app.get("/amendments/:id", async (c) => {
    const amendment = await enforcer.amendment(c.req.param("id"));
    return amendment.ok
      ? answer(world, c, { amendment: amendment.value, name: personOf(c) })
      : refuse(c, { code: amendment.error });
  });
  app.get("/sessions/:id/amendments", async (c) => {
    const session = c.req.param("id");
    if (!isSessionId(session)) return hostProblemResponse({ code: "SESSION_UNKNOWN" });
    const amendments = await enforcer.amendments(session);
    return amendments.ok ? jsonResponse({ amendments: amendments.value }) : hostProblemResponse({ code: amendments.error });
  });
  app.post("/amendments/:id", async (c) => decide(world, c, c.req.param("id")));
  app.post("/sessions/:id/amendments/:number", async (c) => decide(world, c, `${c.req.param("id")}.a${c.req.param("number")}`));
}

/** `{decision: "approve" | "deny", plan: digest}`: the plan is the one that the person has seen. */
async function decide(world: ApproverWorld, c: Context, id: string): Promise<Response> {
  const name = personOf(c);
  if (name === undefined) return refuse(c, { code: "AUTH_DENIED", message: "the host's own credential approves nothing" });
  const said = await readSaid(world, c, { id, name });
  if (!said.ok) return refuse(c, said.error);
  const { decision, plan } = said.value;
  if (plan === undefined)
    return refuse(c, { code: "CALL_MALFORMED", message: "`plan` is needed: the digest of the plan that was looked at" });
  const found = await world.enforcer.amendment(id);
  if (!found.ok) return refuse(c, { code: found.error });
  const { session, amendment: number } = found.value;
  const decided = await world.enforcer.decideAmendment(session, number, { by: name, decision, plan });
  return decided.ok ? answer(world, c, { amendment: decided.value, name }) : refuse(c, { code: decided.error });
}

async function answer(
  world: ApproverWorld,
  c: Context,
  { amendment, name }: { readonly amendment: Amendment; readonly name: string | undefined },
): Promise<Response> {
  if (!wantsPage(c)) return jsonResponse(amendment);
  const csrf = name === undefined ? undefined : csrfToken(world, c, amendment.id);
  return pageResponse(await amendmentPage(amendment, { action: c.req.path, csrf, name }));
}
