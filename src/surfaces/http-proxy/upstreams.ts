/**
 * Where the operations of each server are asked, and with which secrets: decided once, when the proxy is set up.
 * Never takes an address from a request, and never sends a secret in the clear over a public network.
 */
import { isPublicHost, readUrl } from "../../constraints/url.ts";
import { isArray, jsonEqual, type Json, member } from "../../json/value.ts";
import type { FrozenTool } from "../../plan/plan.ts";
import { ConfigError } from "../../result.ts";
import { checkCredentials, collides, type Credential, credentialsFor, tracesOf } from "./credentials.ts";
import { createLeakFinder, type LeakFinder } from "./leak.ts";
import { type Operation, operationOf, type Unmapped } from "./operation.ts";

/** An upstream as the operator names it. */
export interface UpstreamOptions {
  /** Where the server is, in place of the one address that its document says. */
  readonly url?: string;
  /** Secrets that go with its requests. */
  readonly credentials?: readonly Credential[];
  /** Whether its name may lead to private addresses. Default: only if `url` says an address or a name that is never public. */
  readonly allowPrivate?: boolean;
}

/** Where an operation's requests go. */
export interface Upstream {
  readonly operation: Operation;
  /** Without a slash at its end. */
  readonly base: string;
  /** Addresses by which a client knows the server, the base among them. */
  readonly aliases: readonly string[];
  readonly isPrivateOpen: boolean;
  readonly credentials: readonly Credential[];
  readonly leaks: LeakFinder;
}

/** The tools of a plan or catalogue, and their servers' identities. */
export interface ToolSource {
  readonly tools: readonly FrozenTool[];
  readonly identityOf: (server: string) => Json | undefined;
}

/** Upstreams of every operation, and what was left out. */
export interface Upstreams {
  readonly upstreams: readonly Upstream[];
  readonly unmapped: readonly Unmapped[];
}

/** Works out the upstreams. Throws `ConfigError`. */
export function upstreamsOf(sources: readonly ToolSource[], options: { readonly [server: string]: UpstreamOptions }): Upstreams {
  const upstreams: Upstream[] = [];
  const unmapped: Unmapped[] = [];
  const operations = new Map<string, Operation | Unmapped>();
  const servers = new Set<string>();
  for (const { tools, identityOf } of sources)
    for (const tool of tools) {
      const server = tool.name.slice(0, tool.name.indexOf("/"));
      const identity = identityOf(server);
      const earlier = operations.get(tool.name);
      const operation = operationOf(tool, identity);
      if (operation === undefined) continue;
      servers.add(server);
      if (earlier !== undefined) {
        if ("definition" in earlier && "definition" in operation && !jsonEqual(earlier.definition, operation.definition))
          throw new ConfigError(
            `\`${tool.name}\` is defined differently in two plans or catalogues: a proxy serves one definition`,
          );
        continue;
      }
      operations.set(tool.name, operation);
      const placed = "why" in operation ? operation : placeOf(operation, identity, options);
      if ("why" in placed) unmapped.push(placed);
      else upstreams.push(placed);
    }
  const stray = Object.keys(options).find((server) => !servers.has(server));
  if (stray !== undefined)
    throw new ConfigError(`\`upstreams.${stray}\`: no plan or catalogue has an OpenAPI server of this name`);
  return { upstreams, unmapped };
}

function placeOf(
  operation: Operation,
  identity: Json | undefined,
  all: { readonly [server: string]: UpstreamOptions },
): Upstream | Unmapped {
  const { server, tool, urls } = operation;
  const options = Object.hasOwn(all, server) ? (all[server] ?? {}) : {};
  const usual = member(identity, "urls");
  // An operation with servers of its own is not where the others of its document are.
  const isUsual = !isArray(usual) || usual.length === 0 || jsonEqual(usual, [...urls]);
  const named = isUsual ? options.url : undefined;
  const credentials = credentialsFor(tool, options.credentials ?? []);
  checkCredentials(server, options.credentials ?? []);
  if (named === undefined && urls.length !== 1)
    return { tool, why: "its document says no address, or several: name the one that is meant" };
  const url = named ?? urls[0] ?? "";
  const read = readUrl(url);
  if (!read.ok || /[?#;]/.test(url)) {
    if (named === undefined) return { tool, why: "the address of its document is not absolute, or not plainly written" };
    throw new ConfigError(`\`upstreams.${server}.url\` must be an http or https address without credentials and query`);
  }
  const isPublic = isPublicHost(read.value);
  if (named === undefined && !isPublic && options.allowPrivate !== true)
    return { tool, why: "the address of its document is no public one: name it as the upstream's" };
  if (read.value.scheme === "http" && isPublic && credentials.length > 0)
    throw new ConfigError(`\`upstreams.${server}\`: its credentials would be sent in the clear; use https`);
  if (credentials.some((credential) => collides(credential, operation)))
    throw new ConfigError(`\`upstreams.${server}\`: a credential goes where \`${tool}\` has an argument`);
  const base = url.replace(/\/$/, "");
  return {
    operation,
    base,
    aliases: [...new Set([base, ...urls.map((one) => one.replace(/\/$/, ""))])],
    isPrivateOpen: options.allowPrivate === true || (named !== undefined && !isPublic),
    credentials,
    leaks: createLeakFinder(tracesOf(credentials)),
  };
}
