/**
 * The HTTP host in front of an agent: its routes open the session for a message, its middleware checks every call.
 * Never opens a socket; requests and responses are those of the web standards.
 */
import { Hono } from "hono";
import { canonicalJson } from "../../src/json/canonical.ts";
import { readJson } from "../../src/json/read.ts";
import { type Json, type JsonObject, member } from "../../src/json/value.ts";
import { type Enforcer, hostRoutes, sluice } from "../../src/surfaces/hono.ts";
import type { Called } from "./agent.ts";
import type { Sent } from "./scenario.ts";

/** What the host opened. */
export interface HostSession {
  readonly session: string;
  readonly token: string;
}

/** A host. */
export interface Host {
  /** Opens a session for a message, and says what the agent's parameters are. */
  open(
    sent: Sent,
    how: { readonly plan: string; readonly params: JsonObject; readonly takes: readonly string[] },
  ): Promise<HostSession>;
  /** Calls a tool through the middleware. */
  call(token: string, tool: string, args: JsonObject): Promise<Called>;
}

const admin = "the-admin-of-this-run";
const json = { "content-type": "application/json" };

/** Puts a host in front of an enforcement point. `run`: the tools behind the middleware. */
export function createHost(enforcer: Enforcer, run: (tool: string, args: JsonObject) => Promise<Json>): Host {
  const app = new Hono();
  app.route("/host", hostRoutes({ enforcer, credentials: { admin } }));
  app.use("/tools/:server/:tool", sluice({ enforcer, toolName: (c) => `${c.req.param("server")}/${c.req.param("tool")}` }));
  app.post("/tools/:server/:tool", async (c) => {
    const { args } = (c.get as (name: "sluice") => { readonly args: JsonObject })("sluice");
    return Response.json(await run(`${c.req.param("server")}/${c.req.param("tool")}`, args));
  });
  const post = async (
    path: string,
    headers: { readonly [name: string]: string },
    body: Json,
  ): Promise<readonly [number, Json]> => {
    const response = await app.request(path, { method: "POST", headers: { ...json, ...headers }, body: canonicalJson(body) });
    const read = readJson(await response.text());
    return [response.status, read.ok ? read.value : null];
  };
  return {
    open: async ({ from, value, receipt }, { plan, params, takes }) => {
      const message = { value, params: [...takes], ...(receipt === undefined ? {} : { receipt }) };
      const [status, opened] = await post(
        "/host/sessions",
        { authorization: `Bearer ${admin}` },
        { plan, principal: from, params, message },
      );
      const [session, token] = [member(opened, "session"), member(opened, "token")];
      if (status !== 201 || typeof session !== "string" || typeof token !== "string")
        throw new Error("the host opened no session");
      return { session, token };
    },
    call: async (token, tool, args) => {
      const [status, value] = await post(`/tools/${tool}`, { "sluice-session": token }, args);
      return status === 200 ? { ok: true, value } : { ok: false, code: String(member(value, "code") ?? "FAILED") };
    },
  };
}
