/**
 * Routes for the people who approve held calls: a listing, one call with the bytes that would be sent, and the decision; as JSON and as a page.
 * Never takes an agent's token, nor a decision by anyone but the person whose secret was given.
 */
import type { Context, Hono } from "hono";
import { readJsonBytes } from "../../json/read.ts";
import { isObject, type Json, member } from "../../json/value.ts";
import { hmacSha256, hexOf } from "../../plan/digest.ts";
import { err, ok, type Result } from "../../result.ts";
import { isJsonType, mediaTypeOf, readBody } from "../body.ts";
import { bearerOf, equalSecret } from "../credential.ts";
import type { Approval, ApprovalDecision, Enforcer } from "../enforce.ts";
import { type HostProblem, hostProblemResponse } from "../wire.ts";
import { approvalPage, approvalsPage, pageResponse, problemPage } from "./approval-page.ts";
import { jsonResponse } from "./json-response.ts";

/** Who may approve held calls: name → secret. */
export type ApproverSecrets = { readonly [name: string]: string };

/** What the routes need. */
export interface ApprovalRoutes {
  readonly enforcer: Enforcer;
  readonly approvers: ApproverSecrets;
  /** The host's own secret: it may look, and decides nothing. */
  readonly admin: string;
}

/** Bytes of a decision. */
const decisionBytesMax = 4_096;

/** Adds `GET /approvals`, `GET /approvals/:id` and `POST /approvals/:id`. */
export function addApprovalRoutes(app: Hono, world: ApprovalRoutes): void {
  const { enforcer } = world;
  app.get("/approvals", async (c) => {
    const who = identify(world, c);
    if (!who.ok) return refuse(c, who.error);
    const approvals = await enforcer.approvals();
    if (!approvals.ok) return refuse(c, { code: approvals.error });
    if (wantsPage(c)) return pageResponse(await approvalsPage(approvals.value, c.req.path));
    return jsonResponse({ approvals: approvals.value });
  });
  app.get("/approvals/:id", async (c) => {
    const who = identify(world, c);
    if (!who.ok) return refuse(c, who.error);
    const approval = await enforcer.approval(c.req.param("id"));
    if (!approval.ok) return refuse(c, { code: approval.error });
    return wantsPage(c) ? showPage(world, c, approval.value, who.value) : jsonResponse(approval.value);
  });
  app.post("/approvals/:id", async (c) => {
    const who = identify(world, c);
    if (!who.ok) return refuse(c, who.error);
    const name = who.value;
    if (name === undefined) return refuse(c, { code: "AUTH_DENIED", message: "the host's own credential approves nothing" });
    const id = c.req.param("id");
    const decision = await readDecision(world, c, { id, name });
    if (!decision.ok) return refuse(c, decision.error);
    const said = await enforcer.approve(id, decision.value);
    if (!said.ok) return refuse(c, { code: said.error });
    return wantsPage(c) ? showPage(world, c, said.value, name) : jsonResponse(said.value);
  });
}

/** The approver whose secret was given, or `undefined` for the host itself. */
export function identify(
  world: Pick<ApprovalRoutes, "approvers" | "admin">,
  c: Context,
): Result<string | undefined, HostProblem> {
  const header = c.req.header("authorization");
  const basic = basicOf(header);
  const bearer = bearerOf(header);
  if (basic === undefined && bearer === undefined) return err({ code: "AUTH_REQUIRED" });
  let found: string | undefined;
  // Every secret is looked at, so that the time tells nothing of which one it was.
  for (const [name, secret] of Object.entries(world.approvers)) {
    const isMatch =
      basic === undefined ? equalSecret(bearer ?? "", secret) : basic.name === name && equalSecret(basic.secret, secret);
    if (isMatch) found = name;
  }
  if (found !== undefined) return ok(found);
  return bearer !== undefined && equalSecret(bearer, world.admin) ? ok(undefined) : err({ code: "AUTH_DENIED" });
}

/** Name and secret of `Authorization: Basic …` (RFC 7617 §2): what a browser asks a person for, without a cookie. */
function basicOf(header: string | undefined): { readonly name: string; readonly secret: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]{1,2048}={0,2}) *$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  try {
    const text = atob(encoded);
    const at = text.indexOf(":");
    return at < 0 ? undefined : { name: text.slice(0, at), secret: text.slice(at + 1) };
  } catch {
    return undefined;
  }
}

async function readDecision(
  world: ApprovalRoutes,
  c: Context,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<Result<ApprovalDecision, HostProblem>> {
  const malformed = (message: string): Result<never, HostProblem> => err({ code: "CALL_MALFORMED", message });
  const { type } = mediaTypeOf(c.req.header("content-type"));
  const isForm = type === "application/x-www-form-urlencoded";
  if (!isForm && !isJsonType(type)) return malformed("the body must be `application/json`");
  const body = await readBody(c.req.raw.body, decisionBytesMax);
  if (body.kind !== "read") return malformed("the body is too large or incomplete");
  const read = isForm ? ok(formOf(body.bytes)) : readJsonBytes(body.bytes);
  if (!read.ok || !isObject(read.value)) return malformed("the body must be an object");
  const value = read.value;
  const [decision, by, digest, token] = ["decision", "by", "digest", "csrf"].map((key) => member(value, key));
  if (isForm) {
    // A browser sends a person's credentials along with whatever another site makes it send: the form proves that it came from our page.
    const site = c.req.header("sec-fetch-site") ?? "same-origin";
    if (site !== "same-origin" || typeof token !== "string" || !equalSecret(token, csrfToken(world, { id, name })))
      return err({ code: "AUTH_DENIED", message: "the form is not one that this page has made" });
  }
  if (decision !== "approve" && decision !== "deny") return malformed("`decision` must be `approve` or `deny`");
  if (by !== undefined && by !== name) return err({ code: "AUTH_DENIED", message: "`by` is not whose secret was given" });
  if (digest !== undefined && typeof digest !== "string") return malformed("`digest` must be a text");
  return ok({ by: name, decision, ...(digest === undefined ? {} : { digest }) });
}

function formOf(bytes: Uint8Array): Json {
  const entries = new URLSearchParams(new TextDecoder().decode(bytes));
  return Object.fromEntries(
    ["decision", "by", "digest", "csrf"].flatMap((name) => (entries.has(name) ? [[name, entries.get(name)]] : [])),
  );
}

/** What a form carries so that no other site can send it: bound to the person and the call. */
function csrfToken(world: ApprovalRoutes, { id, name }: { readonly id: string; readonly name: string }): string {
  return hexOf(hmacSha256(world.approvers[name] ?? "", `sluice/approval-form/v1\n${id}\n${name}`));
}

async function showPage(world: ApprovalRoutes, c: Context, approval: Approval, name: string | undefined): Promise<Response> {
  const csrf = name === undefined ? undefined : csrfToken(world, { id: approval.id, name });
  const guard = world.enforcer.guards.get(approval.plan);
  const seen = await world.enforcer.store.load(approval.session, 0);
  const held = seen.ok
    ? seen.value.entries.find(({ event }) => event.type === "deny" && event.hold?.id === approval.id)
    : undefined;
  return pageResponse(
    await approvalPage(approval, { action: c.req.path, csrf, name, facts: held?.facts, frozen: guard?.frozen }),
  );
}

function wantsPage(c: Context): boolean {
  return (c.req.header("accept") ?? "").includes("text/html");
}

async function refuse(c: Context, problem: HostProblem): Promise<Response> {
  const response = hostProblemResponse(problem);
  if (!wantsPage(c)) return response;
  const page = pageResponse(await problemPage(problem.code), response.status);
  if (response.status === 401) page.headers.set("www-authenticate", 'Basic realm="sluice approvals", charset="UTF-8"');
  return page;
}
