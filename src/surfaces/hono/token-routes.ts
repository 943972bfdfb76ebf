/**
 * Routes by which an administrator makes, lists and revokes local tokens.
 * Never shows a token but in the answer that made it.
 */
import type { Context, Hono } from "hono";
import type { Access } from "../../access/access.ts";
import { type Identity, isRole } from "../../access/identity.ts";
import { holds, type TokenInfo, type TokenProblem } from "../../access/tokens.ts";
import { readJsonBytes } from "../../json/read.ts";
import { isObject, member } from "../../json/value.ts";
import { isJsonType, mediaTypeOf, readBody } from "../body.ts";
import { type HostProblem, hostProblemResponse } from "../wire.ts";
import { jsonResponse } from "./json-response.ts";

/** Bytes of a request. */
const requestBytesMax = 4_096;

/** Adds `GET` and `POST /tokens`, and `POST /tokens/:id/revoke`. What is done is noted first, with who has done it. */
export function addTokenRoutes(app: Hono, access: Access, clock: () => number): void {
  const { tokens } = access;
  app.get("/tokens", async () => {
    const listed = await tokens.list();
    if (!listed.ok) return hostProblemResponse(problemOf(listed.error));
    return jsonResponse({ tokens: listed.value.map((info) => ({ ...info, isValid: holds(info, clock()) })) });
  });
  app.post("/tokens", async (c) => {
    const wanted = await readWanted(c);
    if ("code" in wanted) return hostProblemResponse(wanted);
    const { name, role, days } = wanted;
    const noting = async (): Promise<boolean> =>
      (await access.note(c, { type: "grant", act: "token-made", facts: { ...wanted } })).ok;
    const made = await tokens.make({ name, role, by: byOf(c), ...(days === undefined ? {} : { days }) }, noting);
    return made.ok
      ? jsonResponse({ ...made.value.info, token: made.value.token }, 201)
      : hostProblemResponse(problemOf(made.error));
  });
  app.post("/tokens/:id/revoke", async (c) => {
    const id = c.req.param("id");
    const noting = async (): Promise<boolean> =>
      (await access.note(c, { type: "revoke", act: "token-revoked", facts: { token: id.slice(0, 64) } })).ok;
    const revoked = await tokens.revoke(id, byOf(c), noting);
    return revoked.ok ? jsonResponse(revoked.value) : hostProblemResponse(problemOf(revoked.error));
  });
}

function byOf(c: Context): string {
  return (c.get("identity" as never) as Identity).name;
}

async function readWanted(c: Context): Promise<(Pick<TokenInfo, "name" | "role"> & { readonly days?: number }) | HostProblem> {
  const malformed = (message: string): HostProblem => ({ code: "CALL_MALFORMED", message });
  if (!isJsonType(mediaTypeOf(c.req.header("content-type")).type)) return malformed("the body must be `application/json`");
  const body = await readBody(c.req.raw.body, requestBytesMax);
  const read = body.kind === "read" ? readJsonBytes(body.bytes) : undefined;
  if (!read?.ok || !isObject(read.value)) return malformed("the body must be a JSON object");
  const [name, role, days] = ["name", "role", "days"].map((each) => member(read.value, each));
  const isKnown = Object.keys(read.value).every((each) => ["name", "role", "days"].includes(each));
  const isDays = days === undefined || typeof days === "number";
  if (!isKnown || typeof name !== "string" || name.length > 64 || !isRole(role) || !isDays)
    return malformed("`name`, `role` (viewer, approver or administrator) and perhaps `days` are needed, and nothing else");
  return { name, role, ...(days === undefined ? {} : { days }) };
}

function problemOf(problem: TokenProblem): HostProblem {
  switch (problem.kind) {
    case "invalid":
      return { code: "CALL_MALFORMED", pointer: `/${problem.member}`, message: problem.message };
    case "unknown":
      return { code: "AUTH_DENIED", message: "there is no such token" };
    case "full":
      return { code: "AUTH_DENIED", message: "there are as many tokens as may be" };
    case "unavailable":
      return { code: "STORE_UNAVAILABLE" };
  }
}
