/**
 * The door through which checked requests leave: what a connector is given, and what it answers.
 * Types, and the connector over `fetch` for runtimes without control of connections. Never follows a redirect.
 */
import { type BodyRead, readBody } from "../body.ts";

/** A request that may be sent as it is. */
export interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  /** Whether the operator opens private addresses to this host (RFC 1918, loopback and the like). Others than public ones are refused otherwise. */
  readonly isPrivateOpen: boolean;
  readonly signal: AbortSignal;
}

/** Thrown where a host has an address that is not open; nothing was sent. */
export class AddressRefused extends Error {
  override readonly name = "AddressRefused";
}

const wholes = new WeakMap<Response, (bytesMax: number) => Promise<BodyRead>>();

/** Says how the body of a response is read whole where there is a shorter way than by its stream, as long as nobody reads that. */
export function withWhole(response: Response, read: (bytesMax: number) => Promise<BodyRead>): Response {
  wholes.set(response, read);
  return response;
}

/** Reads the body of a connector's response whole, by the shortest way that there is. */
export function readWhole(response: Response, bytesMax: number): Promise<BodyRead> {
  return wholes.get(response)?.(bytesMax) ?? readBody(response.body, bytesMax);
}

/** Sends requests. */
export interface Connector {
  /** Whether the addresses of a host are checked at the connection itself. If not, only upstreams of the operator's are asked. */
  readonly checksAddresses: boolean;
  /** Sends a request and answers with the head of what came back; the body comes as it comes, without content coding. Rejects if there is no answer. */
  send(request: Outgoing): Promise<Response>;
  /** Lets go of connections that are kept. */
  close?(): void;
}

/** A connector over the runtime's `fetch`: for Workers and others that do not say which address a name has. */
export function createFetchConnector(options: { readonly fetch?: typeof fetch } = {}): Connector {
  const send = options.fetch ?? fetch;
  return {
    checksAddresses: false,
    send: ({ url, method, headers, body, signal }) =>
      send(url, {
        method,
        headers: headers.map(([name, value]): [string, string] => [name, value]),
        redirect: "manual",
        signal,
        ...(body === undefined ? {} : { body }),
      }),
  };
}
