/**
 * Who may use which route: one table for each app, looked at before any handler.
 * Never lets a request through to a route that has no row: a route that somebody adds and forgets is closed.
 */
import type { Context, Hono, MiddlewareHandler } from "hono";
import { hostProblemResponse } from "../surfaces/problem.ts";
import type { Access, Told } from "./access.ts";
import { guardHeaders } from "./headers.ts";
import { type AccessProblem, type AccessVariables, type Identity, isPerson, type Role } from "./identity.ts";

/** A route, and who may use it. */
export type RouteRow = {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As Hono has it: `/sessions/:id`. */
  readonly path: string;
} & (
  | {
      readonly needs: Role;
      /** How credentials may come, if not as the whole table says. */
      readonly takes?: readonly Identity["via"][];
      /** Noted before the handler runs, with the parameters of the path: what is done, or that somebody looks at what is personal. */
      readonly noted?: Noted;
    }
  | {
      readonly needs: "public";
      /** Why nobody has to say who they are. */
      readonly why: string;
    }
);

/** What is noted of a route. */
export interface Noted extends Told {
  /** Somebody looks; once in an hour is enough. */
  readonly isLook?: boolean;
  /** The host itself does so all day: only what people do is noted. */
  readonly isRoutine?: boolean;
}

/** How a table is held to. */
export interface TableOptions {
  readonly access: Access;
  readonly rows: readonly RouteRow[];
  /** How credentials may come. Default: as tokens of programs and as cookies of browsers. */
  readonly takes?: readonly Identity["via"][];
  /** What is answered instead, to who is not let through. */
  readonly refuse?: (c: Context, problem: AccessProblem) => Response | Promise<Response>;
  /** What is answered where there is no row. Default: a problem, the same for everybody. */
  readonly unknown?: (c: Context) => Response | Promise<Response>;
}

const noRoute = (): Response => hostProblemResponse({ code: "AUTH_DENIED", message: "there is no such route" });

/** Marks a request whose route has a row; its value is the table, since an app may stand inside another. */
const admitted = "sluiceAdmitted";

/** Puts a table before the routes of an app, which are added afterwards. What has no row is refused. */
export function guardRoutes(app: Hono, { access, rows, takes, refuse, unknown = noRoute }: TableOptions): void {
  app.use("*", guardHeaders);
  const admit: MiddlewareHandler = async (c, next) => {
    c.set(admitted as never, rows as never);
    await next();
  };
  for (const row of rows) {
    if (row.needs === "public") {
      app.on(row.method, row.path, admit);
      continue;
    }
    const how = row.takes ?? takes;
    const options = { ...(how === undefined ? {} : { takes: how }), ...(refuse === undefined ? {} : { refuse }) };
    const needs: MiddlewareHandler<{ Variables: AccessVariables }> = access.needs(row.needs, options);
    app.on(row.method, row.path, needs as MiddlewareHandler, admit);
    if (row.noted !== undefined) app.on(row.method, row.path, noting(access, row.noted));
  }
  app.use("*", async (c, next) => {
    if (c.get(admitted as never) !== rows) return unknown(c);
    await next();
    return;
  });
}

function noting(access: Access, { isLook = false, isRoutine = false, ...told }: Noted): MiddlewareHandler {
  return async (c, next) => {
    if (isRoutine && !isPerson(c.get("identity" as never))) return next();
    const facts = { ...c.req.param(), ...told.facts };
    const noted = await access[isLook ? "look" : "note"](c, { ...told, facts });
    if (!noted.ok) return hostProblemResponse(noted.error);
    await next();
    return;
  };
}
