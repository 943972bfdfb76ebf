/**
 * Routes for amendments: the agent's, beside the tools, where it asks; and those of the people who look and decide.
 * Never lets an agent's token decide, and never answers an agent with a value or a sentence of the plan.
 */
import { type Context, Hono } from "hono";
import { readJsonBytes } from "../../json/read.ts";
import { isObject, type Json, member } from "../../json/value.ts";
import { amendmentBytesMax } from "../../limits.ts";
import { err, ok, type Result } from "../../result.ts";
import { isJsonType, mediaTypeOf, readBody } from "../body.ts";
import { isSessionId } from "../credential.ts";
import { type AmendmentDecision, denialOf, type Enforcer } from "../enforce.ts";
import { type EnforcementOptions, enforcerOf } from "../options.ts";
import { type HostProblem, hostProblemResponse, problemResponse } from "../wire.ts";
import { type ApprovalRoutes, identify } from "./approval-routes.ts";
import { jsonResponse } from "./json-response.ts";
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

/** Bytes of a decision. */
const decisionBytesMax = 4_096;

/** Adds `GET /sessions/:id/amendments` and `POST /sessions/:id/amendments/:number`. */
export function addAmendmentRoutes(app: Hono, world: ApprovalRoutes): void {
  const { enforcer } = world;
  app.get("/sessions/:id/amendments", async (c) => {
    const who = identify(world, c);
    if (!who.ok) return hostProblemResponse(who.error);
    const session = c.req.param("id");
    if (!isSessionId(session)) return hostProblemResponse({ code: "SESSION_UNKNOWN" });
    const amendments = await enforcer.amendments(session);
    return amendments.ok ? jsonResponse({ amendments: amendments.value }) : hostProblemResponse({ code: amendments.error });
  });
  app.post("/sessions/:id/amendments/:number", async (c) => {
    const who = identify(world, c);
    if (!who.ok) return hostProblemResponse(who.error);
    if (who.value === undefined)
      return hostProblemResponse({ code: "AUTH_DENIED", message: "the host's own credential approves nothing" });
    const [session, number] = [c.req.param("id"), c.req.param("number")];
    if (!isSessionId(session) || !/^\d{1,6}$/.test(number)) return hostProblemResponse({ code: "AMEND_UNKNOWN" });
    const said = readDecision(await readBodyOf(c, decisionBytesMax), who.value);
    if (!said.ok) return hostProblemResponse(said.error);
    const decided = await enforcer.decideAmendment(session, Number(number), said.value);
    return decided.ok ? jsonResponse(decided.value) : hostProblemResponse({ code: decided.error });
  });
}

/** `{decision: "approve" | "deny", plan: digest}`: the plan is the one that the person has seen. */
function readDecision(value: Json | undefined, by: string): Result<AmendmentDecision, HostProblem> {
  const decision = member(value ?? null, "decision");
  const plan = member(value ?? null, "plan");
  const isKnown = isObject(value ?? null) && (decision === "approve" || decision === "deny") && typeof plan === "string";
  if (!isKnown)
    return err({
      code: "CALL_MALFORMED",
      message: "expected `decision` (`approve` or `deny`) and `plan`, the digest of the plan that was looked at",
    });
  return ok({ by, decision, plan });
}
