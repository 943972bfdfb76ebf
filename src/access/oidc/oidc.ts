/**
 * People who come with a token of their organisation's identity provider (OpenID Connect): who it is, and by a mapping of one claim, which role.
 * Never takes a role from a token that the mapping does not name, and lets nobody in while the provider's keys cannot be had.
 */
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import type { Clock } from "../../ports.ts";
import { ConfigError } from "../../result.ts";
import { type Role, roles } from "../identity.ts";
import { createKeySource, type KeySet } from "./keys.ts";
import { signatureAlgorithms, verifySigned } from "./verify.ts";

/** An identity provider. */
export interface OidcOptions {
  /** Its identifier, as tokens have it in `iss`. */
  readonly issuer: string;
  /** For whom its tokens must be made (`aud`): the client id, or an address of this server. */
  readonly audience: string;
  /** Its keys: a set, or the address of one (https, or http on this machine). */
  readonly keys: KeySet | { readonly url: string };
  /** Algorithms of signatures that are taken; never symmetric ones. Default: all asymmetric ones. */
  readonly algorithms?: readonly string[];
  /** Seconds by which the clocks may differ. Default 60. */
  readonly clockToleranceSeconds?: number;
  /** The claim that is a person's name in the log, which calls it `oidc:NAME`. Default `sub`. */
  readonly name?: string;
  /** Claimed name → the name that policies and other credentials have for this person, who is then one person under both. Nobody else gets it. */
  readonly people?: { readonly [claimed: string]: string };
  /** Which values of which claim make which role; the highest holds. A claim inside another is a path: `realm_access/roles`. */
  readonly roles: { readonly claim: string } & { readonly [role in Role]?: readonly string[] };
}

/** Who bears a token. */
export interface OidcPerson {
  readonly name: string;
  readonly role: Role;
  /** Milliseconds since the epoch after which the token says nothing. */
  readonly expiresAt: number;
}

/** Whose token a text is; `undefined`: nobody's. Never rejects. */
export type OidcVerifier = (token: string) => Promise<OidcPerson | undefined>;

/** A verifier. Throws `ConfigError` for options that are unusable. */
export function createOidcVerifier(
  options: OidcOptions,
  { clock, fetch: given }: { readonly clock: Clock; readonly fetch?: typeof fetch },
): OidcVerifier {
  checkOptions(options);
  const { issuer, audience, keys, name: nameClaim = "sub", algorithms = signatureAlgorithms, people = {} } = options;
  const fetcher = given ?? ((...args: Parameters<typeof fetch>) => globalThis.fetch(...args));
  const sources = new Map([[issuer, createKeySource(keys, { clock, fetch: fetcher })]]);
  const { clockToleranceSeconds } = options;
  const skew = clockToleranceSeconds === undefined ? {} : { skewSeconds: clockToleranceSeconds };
  return async (token) => {
    const claims = await verifySigned(token, { sources, audience, now: clock(), algorithms, ...skew });
    if (claims === undefined) return undefined;
    const name = nameOf(claimAt(claims.all, nameClaim));
    // An address that its provider has not checked may be anybody's.
    const isUnchecked = nameClaim === "email" && member(claims.all, "email_verified") === false;
    const role = roleOf(claimAt(claims.all, options.roles.claim), options.roles);
    if (name === undefined || role === undefined || isUnchecked) return undefined;
    const own = Object.hasOwn(people, name) ? people[name] : undefined;
    return { name: own ?? `oidc:${name}`, role, expiresAt: claims.expires * 1_000 };
  };
}

function checkOptions(options: OidcOptions): void {
  const { issuer, audience, algorithms = [], clockToleranceSeconds = 0, roles: mapping, people = {} } = options;
  const refuse = (message: string): never => {
    throw new ConfigError(message);
  };
  if (typeof issuer !== "string" || issuer === "") refuse("`oidc.issuer` must be the identifier of the provider");
  if (typeof audience !== "string" || audience === "") refuse("`oidc.audience` must say for whom tokens are made");
  const unknown = algorithms.find((each) => !signatureAlgorithms.includes(each));
  if (unknown !== undefined) refuse(`\`oidc.algorithms\` must be among ${signatureAlgorithms.join(", ")}`);
  if (!(clockToleranceSeconds >= 0 && clockToleranceSeconds <= 300))
    refuse("`oidc.clockToleranceSeconds` must be a number from 0 to 300");
  if (Object.values(people).some((name) => !/^[A-Za-z0-9_.-]{1,128}$/.test(name) || name.toLowerCase() === "host"))
    refuse("`oidc.people` must give names of 1 to 128 of the characters `A-Z a-z 0-9 _ . -`, and `host` to nobody");
  if (typeof mapping?.claim !== "string" || mapping.claim === "")
    refuse("`oidc.roles.claim` must name the claim that says roles");
  if (roles.every((role) => (mapping[role] ?? []).length === 0))
    refuse("`oidc.roles` must say which values make a viewer, an approver or an administrator");
}

/** The value of a claim, or of a claim inside others, whose names a slash parts. A claim that has that very name comes first. */
function claimAt(claims: JsonObject, path: string): Json | undefined {
  if (Object.hasOwn(claims, path)) return claims[path];
  return path
    .split("/")
    .reduce<Json | undefined>((at, name) => (at !== undefined && isObject(at) ? member(at, name) : undefined), claims);
}

/** A name that can stand in a log and on a page: 1 to 200 visible characters of ASCII without blanks, or none. */
function nameOf(claim: Json | undefined): string | undefined {
  return typeof claim === "string" && /^[\x21-\x7e]{1,200}$/.test(claim) ? claim : undefined;
}

function roleOf(claim: Json | undefined, mapping: OidcOptions["roles"]): Role | undefined {
  const values = (isArray(claim) ? claim : [claim]).filter((one): one is string => typeof one === "string");
  return roles.findLast((role) => mapping[role]?.some((value) => values.includes(value)) === true);
}
