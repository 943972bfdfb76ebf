/**
 * Who an approver is and what the person says: credentials, decisions as JSON or as our own form, and problems as both.
 * Never takes an agent's token, nor a decision by anyone but the person whose secret was given.
 */
import type { Context } from "hono";
import { readJsonBytes } from "../../json/read.ts";
import { isObject, type Json, member } from "../../json/value.ts";
import { hmacSha256, hexOf } from "../../plan/digest.ts";
import { err, ok, type Result } from "../../result.ts";
import { isJsonType, mediaTypeOf, readBody } from "../body.ts";
import { bearerOf, equalSecret } from "../credential.ts";
import type { Enforcer } from "../enforce.ts";
import { type HostProblem, hostProblemResponse } from "../wire.ts";
import { pageResponse, problemPage } from "./page.ts";

/** Who may approve held calls: name → secret. */
type ApproverSecrets = { readonly [name: string]: string };

/** What the routes need. */
export interface ApproverWorld {
  readonly enforcer: Enforcer;
  readonly approvers: ApproverSecrets;
  /** The host's own secret: it may look, and decides nothing. */
  readonly admin: string;
}

/** Bytes of a decision. */
const decisionBytesMax = 4_096;

/** The approver whose secret was given, or `undefined` for the host itself. */
export function identify(world: Pick<ApproverWorld, "approvers" | "admin">, c: Context): Result<string | undefined, HostProblem> {
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
    if (site !== "same-origin" || typeof token !== "string" || !equalSecret(token, csrfToken(world, { id, name }) ?? ""))
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

/** What a form carries so that no other site can send it: bound to the person and to what is decided. Nobody's is none. */
export function csrfToken(
  world: ApproverWorld,
  { id, name }: { readonly id: string; readonly name: string | undefined },
): string | undefined {
  if (name === undefined) return undefined;
  return hexOf(hmacSha256(world.approvers[name] ?? "", `sluice/approval-form/v1\n${id}\n${name}`));
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
