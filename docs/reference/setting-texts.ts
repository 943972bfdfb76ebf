/**
 * What each member of the configuration file means that no option of a command line says, and what holds where it is absent.
 * Data alone. A member with an option has the option's own sentence; `docs/reference/settings.ts` fails where one has neither or both.
 */
import { skewSecondsDefault } from "../../src/cli/config/applied.ts";
import { closeGraceMs } from "../../src/cli/server/runtime.ts";
import {
  accessTokenSkewSeconds,
  holdSecondsDefault,
  leaseSecondsDefault,
  mcpRecheckSecondsDefault,
  sessionSecondsDefault,
  storeTimeoutMsDefault,
  workLimitsDefault,
} from "../../src/limits.ts";
import { retentionDefault } from "../../src/stores/retention.ts";

/** Place in the file → what it means, in Markdown. `NAME` stands for a name that the operator chooses. */
export const settingTexts: Readonly<Record<string, string>> = {
  store:
    "Where sessions are kept: `memory`, a file (SQLite), `redis[s]://…` or `postgres://…`; a URL with a password by its place.",
  storeTimeoutMs: "Milliseconds after which a store that does not answer is a denial (`STORE_UNAVAILABLE`).",
  "reload.unloaded":
    "What becomes of a session whose plan is no longer named after a reload: `serve`, it goes on; `deny`, its calls are denied.",
  retention:
    "How long what has expired is kept: `sessions`, `approvals`, `receipts`, `clients`, each hours or days (`12h`, `30d`) or `never`.",
  "secrets.admin": "The host's credential.",
  "secrets.approvers.NAME": "The secret of a person who decides held calls, amendments and drafts.",
  "secrets.webhook": "What signs the messages to `approvals.webhook`.",
  "access.oidc.issuer": "The identity provider, as its tokens say it in `iss`.",
  "access.oidc.audience": "For whom its tokens must be made (`aud`).",
  "access.oidc.jwks": "Its public keys; this or `jwksUri`.",
  "access.oidc.jwksUri": "Where its public keys are: https, or http on this machine.",
  "access.oidc.algorithms": "Algorithms of signatures that are taken; never symmetric ones.",
  "access.oidc.clockToleranceSeconds": "Seconds by which its clock and ours may differ.",
  "access.oidc.name": "The claim that is a person's name in the log.",
  "access.oidc.people.NAME": "Claimed name → the name that policies and other credentials have for this person.",
  "access.oidc.roles.claim": "The claim that gives roles; a claim inside another is a path: `realm_access/roles`.",
  "access.oidc.roles.viewer": "Values of it that make a viewer.",
  "access.oidc.roles.approver": "Values of it that make an approver.",
  "access.oidc.roles.administrator": "Values of it that make an administrator.",
  "sessions.seconds": "Seconds of a session whose plan does not say.",
  "sessions.leaseSeconds": "Seconds after which a call that was never settled counts as spent.",
  "sessions.holdSeconds": "Seconds after which a call that waits for a human can be neither approved nor released.",
  "limits.checks": "Checks at once, those that wait for others of their session included; beyond: `OVERLOADED`.",
  "limits.principalChecks": "Of one principal.",
  "limits.sessionChecks": "Of one session, whose checks come one after another.",
  "limits.principalPerMinute": "Checks of one principal in a minute; beyond: `RATE_LIMITED`.",
  "limits.principalBurst": "How many of them may come at once.",
  "limits.unknownPerMinute":
    "Checks in a minute whose sessions this process does not know yet, of all callers together: each asks the store.",
  "limits.addressFailuresPerMinute":
    "Refused credentials of one address in a minute, after which it waits. Not behind a proxy, where all have one address.",
  "servers.NAME.url": "Address of an MCP server; this or `command`.",
  "servers.NAME.era":
    "Which revision of MCP it speaks: with sessions (to 2025-11-25), stateless (2026-07-28), the older SSE, or found out.",
  "servers.NAME.headers.NAME":
    "A header of each request to it: text, or where a secret is, with what stands before it as `prefix`.",
  "servers.NAME.headers.NAME.prefix": "What stands before the secret, such as `Bearer `.",
  "servers.NAME.command": "The program of an MCP server that is started here.",
  "servers.NAME.args": "Its arguments.",
  "servers.NAME.env":
    "Variables that it gets besides what every program needs: a list of names to hand on, or an object of texts.",
  "serve.observe.reason": "Enforces nothing and records; says why.",
  "proxy.openapi.NAME": "The OpenAPI document of a server, to be compared with what the plans pin.",
  "proxy.upstreams.NAME.url": "Where a server is, if its document does not say one address.",
  "proxy.upstreams.NAME.allowPrivate": "Its name may lead to private addresses.",
  "proxy.upstreams.NAME.credentials": "Secrets that are put in behind the check.",
  "proxy.upstreams.NAME.credentials.as": "How it goes out.",
  "proxy.upstreams.NAME.credentials.name": "Name of the header, of the member of the query, or of the cookie.",
  "modelProxy.key": "The API key to send; absent: the client's own is passed on. On the command line `--key-env`.",
};

/** A `Secret` and its like: said once, for every place that has one. */
export const placeTexts: Readonly<Record<string, string>> = {
  env: "Name of the variable of the environment that holds it, in place of `file`.",
  file: "The file that holds it, best readable for its owner alone.",
};

const days = (ms: number | "never"): string => (ms === "never" ? ms : `${ms / 86_400_000}d`);

/** Place in the file → what holds where neither file, environment nor command line says anything, if no option says so itself. */
export const settingDefaults: Readonly<Record<string, string>> = {
  storeTimeoutMs: String(storeTimeoutMsDefault),
  shutdownSeconds: String((2 * closeGraceMs) / 1_000),
  clockSkewSeconds: `${skewSecondsDefault}; 0 over memory and SQLite`,
  grants: "`none`",
  "admin.host": "`127.0.0.1`",
  "admin.port": "the port of the agents",
  "reload.unloaded": "`serve`",
  "reload.watch": "`false`",
  retention: Object.entries(retentionDefault)
    .map(([name, ms]) => `\`${name}\` ${days(ms)}`)
    .join(", "),
  "access.oidc.algorithms": "all asymmetric ones",
  "access.oidc.clockToleranceSeconds": String(accessTokenSkewSeconds),
  "access.oidc.name": "`sub`",
  "sessions.seconds": String(sessionSecondsDefault),
  "sessions.leaseSeconds": String(leaseSecondsDefault),
  "sessions.holdSeconds": String(holdSecondsDefault),
  "limits.checks": String(workLimitsDefault.checks),
  "limits.principalChecks": String(workLimitsDefault.principalChecks),
  "limits.sessionChecks": String(workLimitsDefault.sessionChecks),
  "limits.principalPerMinute": "any number",
  "limits.principalBurst": "as many as in ten seconds",
  "limits.unknownPerMinute": "any number",
  "limits.addressFailuresPerMinute": "any number",
  "servers.NAME.era": "`auto`",
  "gateway.names": "`qualified`",
  "gateway.recheckSeconds": String(mcpRecheckSecondsDefault),
  "serve.observe.runHeader": "`Sluice-Run`",
  "proxy.forward": "`false`",
  "proxy.upstreams.NAME.allowPrivate": "`false`",
};
