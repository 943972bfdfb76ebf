/**
 * Who an approver is and what the person says: credentials, decisions as JSON or as our own form, and problems as both.
 * Never takes an agent's token, nor a decision by anyone but the person whose secret was given.
 */
import type { Context } from "hono";
import type { Access } from "../../access/access.ts";
import { type Identity, isPerson } from "../../access/identity.ts";
import { readJsonBytes } from "../../json/read.ts";
import { isObject, type Json, member } from "../../json/value.ts";
import { hexOf, hmacSha256 } from "../../plan/digest.ts";
import { err, ok, type Result } from "../../result.ts";
import { isJsonType, mediaTypeOf, readBody } from "../body.ts";
import { equalSecret } from "../credential.ts";
import type { Enforcer } from "../enforce.ts";
import { type HostProblem, hostProblemResponse } from "../wire.ts";
import { pageResponse, problemPage } from "./page.ts";

/** What the routes need. */
export interface ApproverWorld {
  readonly enforcer: Enforcer;
  readonly access: Access;
}

/** Bytes of a decision. */
const decisionBytesMax = 4_096;

/** Who asks: the table of routes has found it out. */
function identityOf(c: Context): Identity {
  return c.get("identity" as never) as Identity;
}

/** The person whose credential was given; `undefined` for the host itself, which may look and decides nothing. */
export function personOf(c: Context): string | undefined {
  const who = identityOf(c);
  return isPerson(who) ? who.name : undefined;
}

/** What a person says: of what, and bound to which digest that was seen. */
export interface Said {
  readonly by: string;
  readonly decision: "approve" | "deny";
  /** Digest of a held call. */
  readonly digest?: string;
  /** Digest of a plan. */
  readonly plan?: string;
}

/** Reads a decision, JSON or our own form; `id`: what it is about, `name`: whose secret was given. */
export async function readSaid(
  world: ApproverWorld,
  c: Context,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<Result<Said, HostProblem>> {
  const malformed = (message: string): Result<never, HostProblem> => err({ code: "CALL_MALFORMED", message });
  const { type } = mediaTypeOf(c.req.header("content-type"));
  const isForm = type === "application/x-www-form-urlencoded";
  if (!isForm && !isJsonType(type)) return malformed("the body must be `application/json`");
  const body = await readBody(c.req.raw.body, decisionBytesMax);
  if (body.kind !== "read") return malformed("the body is too large or incomplete");
  const read = isForm ? ok(formOf(body.bytes)) : readJsonBytes(body.bytes);
  if (!read.ok || !isObject(read.value)) return malformed("the body must be an object");
  const value = read.value;
  const [decision, by, digest, plan, token] = ["decision", "by", "digest", "plan", "csrf"].map((key) => member(value, key));
  if (isForm) {
    // A browser sends a person's credentials along with whatever another site makes it send: the form proves that it came from our page.
    const site = c.req.header("sec-fetch-site") ?? "same-origin";
    if (site !== "same-origin" || typeof token !== "string" || !equalSecret(token, csrfToken(world, c, id)))
      return err({ code: "AUTH_DENIED", message: "the form is not one that this page has made" });
  }
  if (decision !== "approve" && decision !== "deny") return malformed("`decision` must be `approve` or `deny`");
  if (by !== undefined && by !== name) return err({ code: "AUTH_DENIED", message: "`by` is not whose secret was given" });
  if (digest !== undefined && typeof digest !== "string") return malformed("`digest` must be a text");
  if (plan !== undefined && typeof plan !== "string") return malformed("`plan` must be a text");
  return ok({ by: name, decision, ...(digest === undefined ? {} : { digest }), ...(plan === undefined ? {} : { plan }) });
}

function formOf(bytes: Uint8Array): Json {
  const entries = new URLSearchParams(new TextDecoder().decode(bytes));
  return Object.fromEntries(
    ["decision", "by", "digest", "plan", "csrf"].flatMap((name) => (entries.has(name) ? [[name, entries.get(name)]] : [])),
  );
}

/** What a form carries so that no other site can send it: bound to what only the person's browser has, and to what is decided. */
export function csrfToken({ access }: Pick<ApproverWorld, "access">, c: Context, id: string): string {
  return hexOf(hmacSha256(access.csrf(c), `sluice/approval-form/v1\n${id}`));
}

/** Whether a browser asks. */
export function wantsPage(c: Context): boolean {
  return (c.req.header("accept") ?? "").includes("text/html");
}

/** A problem, as JSON or as a page; a browser is asked for name and secret. */
export async function refuse(c: Context, problem: HostProblem): Promise<Response> {
  const response = hostProblemResponse(problem);
  if (!wantsPage(c)) return response;
  const page = pageResponse(await problemPage(problem.code), response.status);
  if (response.status === 401) page.headers.set("www-authenticate", 'Basic realm="sluice approvals", charset="UTF-8"');
  return page;
}
