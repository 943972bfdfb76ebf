/**
 * `sluice gateway --oauth FILE`: the authorisation servers whose tokens are taken, and the plan of each principal.
 * Never takes a member that it does not know: a misspelt one would be a rule that does not hold.
 */
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import type { Enforcer } from "../../surfaces/enforce.ts";
import type { Authorization } from "../../surfaces/mcp/http-entry.ts";
import { createResourceServer, type TokenIssuer } from "../../surfaces/mcp/oauth.ts";
import { type PrincipalPlan, sessionsOf } from "../../surfaces/mcp/oauth-sessions.ts";
import { InputError, readValue, refuseInput } from "../read/input.ts";

/**
 * Reads `{"resource", "issuers": [{"issuer", "jwks" | "jwksUri"}], "scopes"?, "principals": [{"subject", "plan"?, "params"?, "issuer"?,
 * "principal"?, "session"?}]}`. Exit 2 for what is unusable; throws `ConfigError` for addresses that are none. With `SLUICE_SESSION_KEY` a principal has
 * one session over all processes that have it.
 */
export async function readAuthorization(source: string, enforcer: Enforcer): Promise<Authorization> {
  const file = membersOf(source, "", await readValue(source), ["resource", "issuers", "scopes", "principals"]);
  const issuers = listOf(source, "/issuers", file.issuers).map((one, at) => readIssuer(source, `/issuers/${at}`, one));
  const [only, ...others] = issuers;
  const principals = listOf(source, "/principals", file.principals).map((one, at) =>
    readPrincipal(source, `/principals/${at}`, { value: one, enforcer, issuer: others.length === 0 ? only?.issuer : undefined }),
  );
  const scopes =
    file.scopes === undefined
      ? []
      : listOf(source, "/scopes", file.scopes).map((one, at) => textOf(source, `/scopes/${at}`, one));
  return createResourceServer({
    resource: textOf(source, "/resource", file.resource),
    issuers,
    scopes,
    clock: enforcer.clock,
    sessionOf: sessionsOf({ enforcer, principals, ...sharedKey() }),
  });
}

function sharedKey(): { readonly key?: string } {
  const key = process.env.SLUICE_SESSION_KEY;
  if (key === undefined || key === "") return {};
  if (!/^[\x21-\x7e]{32,512}$/.test(key))
    throw new InputError("SLUICE_SESSION_KEY: 32 to 512 printable ASCII characters without spaces are needed");
  return { key };
}

function readIssuer(source: string, place: string, value: Json): TokenIssuer {
  const { issuer, jwks, jwksUri } = membersOf(source, place, value, ["issuer", "jwks", "jwksUri"]);
  if ((jwks === undefined) === (jwksUri === undefined))
    refuseInput(source, "either `jwks` or `jwksUri` is needed", { pointer: place });
  const keys = isObject(jwks) ? (jwks as unknown as TokenIssuer["keys"]) : { url: textOf(source, `${place}/jwksUri`, jwksUri) };
  return { issuer: textOf(source, `${place}/issuer`, issuer), keys };
}

interface PrincipalPlace {
  readonly value: Json;
  readonly enforcer: Enforcer;
  /** The issuer where there is only one. */
  readonly issuer: string | undefined;
}

function readPrincipal(source: string, place: string, { value, enforcer, issuer: only }: PrincipalPlace): PrincipalPlan {
  const {
    subject,
    issuer = only,
    plan,
    params,
    principal,
    session,
  } = membersOf(source, place, value, ["subject", "issuer", "plan", "params", "principal", "session"]);
  const guards = [...enforcer.guards.values()].filter(
    (guard) => plan === undefined || guard.digest === plan || guard.frozen.plan.name === plan,
  );
  const [guard] = guards;
  if (guard === undefined || guards.length > 1)
    return refuseInput(source, "`plan` must be the digest or the name of one of the --plan files", { pointer: place });
  if (params !== undefined && !isObject(params)) refuseInput(source, "parameters are an object", { pointer: `${place}/params` });
  return {
    subject: textOf(source, `${place}/subject`, subject),
    issuer: textOf(source, `${place}/issuer`, issuer),
    plan: guard.digest,
    ...(isObject(params) ? { params } : {}),
    ...(principal === undefined ? {} : { principal: textOf(source, `${place}/principal`, principal) }),
    ...(session === undefined ? {} : { session: textOf(source, `${place}/session`, session) }),
  };
}

function membersOf<const K extends string>(
  source: string,
  pointer: string,
  value: Json,
  names: readonly K[],
): { readonly [name in K]?: Json } {
  const known: readonly string[] = names;
  const object: JsonObject = isObject(value) ? value : refuseInput(source, "an object is needed", { pointer });
  if (Object.keys(object).some((name) => !known.includes(name)))
    refuseInput(source, `there are other members than ${names.map((name) => `\`${name}\``).join(", ")}`, { pointer });
  return Object.fromEntries(names.map((name) => [name, member(object, name)])) as { readonly [name in K]?: Json };
}

function listOf(source: string, pointer: string, value: Json | undefined): readonly Json[] {
  return isArray(value) ? value : refuseInput(source, "a list is needed", { pointer });
}

function textOf(source: string, pointer: string, value: Json | undefined): string {
  return typeof value === "string" && value !== "" ? value : refuseInput(source, "a text is needed", { pointer });
}
