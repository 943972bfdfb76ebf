/**
 * The agent's credential in a request.
 * Never takes the host's: what has not the form of a session's token is none.
 */
import type { Context } from "hono";
import { bearerOf, readToken } from "../credential.ts";

/** The session's token: from `Sluice-Session`, else from `Authorization: Bearer` if it has the form of one. */
export function tokenOf(c: Context): string | undefined {
  const own = c.req.header("sluice-session");
  if (own !== undefined) return own;
  const bearer = bearerOf(c.req.header("authorization"));
  return bearer !== undefined && readToken(bearer) !== undefined ? bearer : undefined;
}
