/**
 * Access to the host's routes and the dashboard: who asks, whether they may, and whether it was they who asked.
 * Never lets anything through that it could not check, and never says which part of a credential was wrong.
 */
import type { Context, Hono, MiddlewareHandler } from "hono";
import type { html } from "hono/html";
import type { Clock, Random } from "../ports.ts";
import type { Result } from "../result.ts";
import type { Store } from "../stores/store.ts";
import type { AccessProblem, AccessVariables, Identity, Role } from "./identity.ts";
import type { Told } from "./notes.ts";
import type { OidcOptions } from "./oidc/oidc.ts";
import type { Tokens } from "./tokens.ts";

export type { Told } from "./notes.ts";

/** Markup, escaped. */
type Html = ReturnType<typeof html>;

/** How pages of ours look: the frame of whoever mounts them. */
export type Look = (page: {
  readonly title: string;
  readonly body: Html | Promise<Html>;
  readonly status?: number;
}) => Response | Promise<Response>;

/** What access is made of. */
export interface AccessOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** The host's own secret: an administrator, who decides nothing about held calls, amendments or plans. */
  readonly admin: string;
  /** A secret of the host's that only looks. */
  readonly read?: string;
  /** People who approve: name → secret. */
  readonly approvers?: { readonly [name: string]: string };
  /** Whose bearer tokens are taken besides. */
  readonly oidc?: OidcOptions;
  /**
   * Names that this server goes by besides this machine's and addresses: a request that names another was led here by somebody's DNS.
   * Default: none. `any`: not looked at, for who mounts the routes behind a server of their own that does.
   */
  readonly hosts?: readonly string[] | "any";
  /** The address that people see, if TLS ends before this server (`https://sluice.example`): its cookies are for TLS alone then. */
  readonly publicUrl?: string;
  /** Where the dashboard is mounted. Default `/dashboard`. */
  readonly path?: string;
  /** How pages look. Default: plain. */
  readonly look?: Look;
  /** The other end of a connection, as the server knows it; default: `address` of what Hono's `fetch` is given beside the request. */
  readonly addressOf?: (c: Context) => string | undefined;
  /** Fetches keys of identity providers. Default: the runtime's. */
  readonly fetch?: typeof fetch;
}

/** How a request is let through. */
export interface NeedsOptions {
  /** How credentials may come. Default: `bearer` and `cookie`. */
  readonly takes?: readonly Identity["via"][];
  /** What is answered to who is not let through. Default: a problem; a page, or the way to the login page, for browsers. */
  readonly refuse?: (c: Context, problem: AccessProblem) => Response | Promise<Response>;
}

/** Access to one process. */
export interface Access {
  /** Who asks. May be asked again of the same request, as an event stream does every few seconds. */
  identify(c: Context, takes?: readonly Identity["via"][]): Promise<Result<Identity, AccessProblem>>;
  /**
   * Middleware that lets through who has the role, and sets `identity`. A request that changes something and came with a cookie also needs
   * an `Origin` of ours and the CSRF token: field `csrf` of a form, or header `Sluice-Csrf`. A browser without a session is sent to the login page.
   */
  needs(role: Role, options?: NeedsOptions): MiddlewareHandler<{ Variables: AccessVariables }>;
  /** The CSRF token of this request's session, or of its name and secret, for hidden fields `csrf` of forms; empty where neither came. */
  csrf(c: Context): string;
  /** `GET /login`, `GET /login.js`, `POST /login`, `POST /logout`; mounted at `path`. `look`: of these and of refusals, from then on. */
  routes(look?: Look): Hono;
  /** Notes in the journal who did what (who: the identity of the request). Failure: the store's; then nothing may be done. */
  note(c: Context, told: Told): Promise<Result<undefined, AccessProblem>>;
  /** Notes that somebody has looked at something personal, once in an hour for each person and thing. */
  look(c: Context, told: Told): Promise<Result<undefined, AccessProblem>>;
  /** The local tokens of the store. */
  readonly tokens: Tokens;
}
