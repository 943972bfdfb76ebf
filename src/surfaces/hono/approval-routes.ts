/**
 * Routes for the people who approve held calls: a listing, one call with the bytes that would be sent, and the decision; as JSON and as a page.
 * Never takes an agent's token, nor a decision by anyone but the person whose secret was given.
 */
import type { Context, Hono } from "hono";
import type { ApprovalDetails } from "../enforce.ts";
import { approvalPage, approvalsPage } from "./approval-page.ts";
import { type ApproverWorld, csrfToken, personOf, readSaid, refuse, wantsPage } from "./approver.ts";
import { jsonResponse } from "./json-response.ts";
import { pageResponse } from "./page.ts";

/** Adds `GET /approvals`, `GET /approvals/:id` and `POST /approvals/:id`. */
export function addApprovalRoutes(app: Hono, world: ApproverWorld): void {
  const { enforcer } = world;
  app.get("/approvals", async (c) => {
    const approvals = await enforcer.approvals();
    if (!approvals.ok) return refuse(c, { code: approvals.error });
    if (!wantsPage(c)) return jsonResponse({ approvals: approvals.value });
    const amendments = await enforcer.waitingAmendments();
    if (!amendments.ok) return refuse(c, { code: amendments.error });
    return pageResponse(await approvalsPage(approvals.value, amendments.value, c.req.path));
  });
  app.get("/approvals/:id", async (c) => {
    const approval = await enforcer.approval(c.req.param("id"));
    if (!approval.ok) return refuse(c, { code: approval.error });
    return wantsPage(c) ? showPage(world, c, approval.value, personOf(c)) : jsonResponse(approval.value);
  });
  app.post("/approvals/:id", async (c) => {
    const name = personOf(c);
    if (name === undefined) return refuse(c, { code: "AUTH_DENIED", message: "the host's own credential approves nothing" });
    const id = c.req.param("id");
    const decision = await readSaid(world, c, { id, name });
    if (!decision.ok) return refuse(c, decision.error);
    const { plan: _, ...said } = decision.value;
    const decided = await enforcer.approve(id, said);
    if (!decided.ok) return refuse(c, { code: decided.error });
    const approval = await enforcer.approval(id);
    if (!approval.ok) return refuse(c, { code: approval.error });
    return wantsPage(c) ? showPage(world, c, approval.value, name) : jsonResponse(approval.value);
  });
}

async function showPage(
  world: ApproverWorld,
  c: Context,
  approval: ApprovalDetails,
  name: string | undefined,
): Promise<Response> {
  const csrf = name === undefined ? undefined : csrfToken(world, c, approval.id);
  return pageResponse(await approvalPage(approval, { action: c.req.path, csrf, name }));
}
