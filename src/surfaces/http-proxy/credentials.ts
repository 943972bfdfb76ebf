/**
 * Secrets of upstreams: put into requests by Sluice, looked for in what comes back.
 * Never written to a log, a result or an error; an agent can neither send one, nor see one.
 */
import { ConfigError } from "../../result.ts";
import type { Operation } from "./operation.ts";
import { percentEncode } from "./percent.ts";

/** Where a secret goes: as OpenAPI's security schemes say (3.1.1 §4.8.27). */
export type CredentialPlace =
  | { readonly as: "bearer" }
  /** The secret is `user:password` (RFC 7617). */
  | { readonly as: "basic" }
  | { readonly as: "header" | "query" | "cookie"; readonly name: string };

/** A secret of an upstream. */
export type Credential = CredentialPlace & {
  /** 8 to 8,192 printable ASCII characters. */
  readonly secret: string;
  /** Only for these tools (`server/tool`). Default: every operation of the server. */
  readonly tools?: readonly string[];
};

/** What secrets add to a request. */
export interface Injected {
  readonly headers: readonly (readonly [string, string])[];
  /** Pieces of a query. */
  readonly query: readonly string[];
}

/** Headers that no secret is put into. */
const reserved =
  /^(?:host|connection|content-.*|transfer-encoding|te|trailer|upgrade|expect|cookie|accept|user-agent|sluice-.*|proxy-.*)$/;

/** Checks the secrets of a server. Throws `ConfigError`, whose text has no secret in it. */
export function checkCredentials(server: string, credentials: readonly Credential[]): void {
  const places = new Set<string>();
  for (const credential of credentials) {
    const { secret, as } = credential;
    const name = "name" in credential ? credential.name : "authorization";
    if (typeof secret !== "string" || !/^[\u0020-\u007e]{8,8192}$/.test(secret) || secret.trim() !== secret)
      throw new ConfigError(`a credential of \`${server}\` must be 8 to 8,192 printable ASCII characters`);
    if (!["bearer", "basic", "header", "query", "cookie"].includes(as))
      throw new ConfigError(`a credential of \`${server}\` goes as \`bearer\`, \`basic\`, \`header\`, \`query\` or \`cookie\``);
    if (as === "basic" && !secret.includes(":"))
      throw new ConfigError(`a basic credential of \`${server}\` is \`user:password\``);
    const isToken = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/.test(name);
    if (as === "query" ? name === "" : !isToken || (as === "header" && reserved.test(name.toLowerCase())))
      throw new ConfigError(`a credential of \`${server}\` has no name that a ${as} can have`);
    const place = `${as === "bearer" || as === "basic" ? "header" : as} ${as === "query" || as === "cookie" ? name : name.toLowerCase()}`;
    const everywhere = credential.tools ?? ["*"];
    for (const tool of everywhere) {
      if (places.has(`${place} ${tool}`)) throw new ConfigError(`two credentials of \`${server}\` go to one place`);
      places.add(`${place} ${tool}`);
    }
  }
}

/** Whether a secret would go where an argument of the operation goes. */
export function collides(credential: Credential, operation: Operation): boolean {
  const { as } = credential;
  if (as === "query")
    return operation.query.some(({ name }) => name === credential.name || name.startsWith(`${credential.name}[`));
  if (as === "cookie") return operation.cookies.some(({ name }) => name === credential.name);
  if (as === "header") return operation.headers.some(({ name }) => name === credential.name.toLowerCase());
  return false;
}

/** The secrets of a server that go with one of its tools. */
export function credentialsFor(tool: string, credentials: readonly Credential[]): readonly Credential[] {
  return credentials.filter(({ tools }) => tools === undefined || tools.includes(tool));
}

/** What the secrets add to a request. */
export function inject(credentials: readonly Credential[]): Injected {
  const headers: [string, string][] = [];
  const query: string[] = [];
  for (const credential of credentials) {
    const { as, secret } = credential;
    if (as === "bearer") headers.push(["authorization", `Bearer ${secret}`]);
    else if (as === "basic") headers.push(["authorization", `Basic ${btoa(secret)}`]);
    else if (as === "header") headers.push([credential.name.toLowerCase(), secret]);
    else if (as === "cookie") headers.push(["cookie", `${credential.name}=${percentEncode(secret)}`]);
    else query.push(`${percentEncode(credential.name)}=${percentEncode(secret)}`);
  }
  return { headers, query };
}

/** The texts by which secrets are known in an answer: as they are, and as requests and JSON write them. */
export function tracesOf(credentials: readonly Credential[]): readonly string[] {
  const traces = new Set<string>();
  for (const { as, secret } of credentials) {
    const parts = as === "basic" ? [secret, secret.slice(secret.indexOf(":") + 1)].filter((part) => part.length >= 8) : [secret];
    for (const part of parts) for (const text of [part, percentEncode(part), JSON.stringify(part).slice(1, -1)]) traces.add(text);
    traces.add(btoa(secret));
    traces.add(
      btoa(secret)
        .replace(/={1,2}$/, "")
        .replaceAll("+", "-")
        .replaceAll("/", "_"),
    );
  }
  return [...traces];
}
