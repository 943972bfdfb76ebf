/**
 * A request as an agent sent it: its target, its headers, and the session that it names.
 * Never repairs a request: what two readers could take for different requests is refused.
 */
import { type HostReading, readHost } from "../../lang/host/read.ts";
import type { BodyRead, BodyStream } from "../body.ts";
import { bearerOf, readToken } from "../credential.ts";
import type { Headers as HeaderMap } from "./exchange.ts";
import { faulty, found, type Read } from "./fault.ts";

/** A request as it came. */
export interface Incoming {
  readonly method: string;
  /** The request target (RFC 9112 §3.2): `/path?query`, or an absolute address in forward mode. */
  readonly target: string;
  /** Names and values, in order; repeated ones stand apart. */
  readonly headers: readonly (readonly [string, string])[];
  /** A stream; or how it is read whole within a bound of bytes, where the server knows a shorter way. */
  readonly body: BodyStream | ((bytesMax: number) => Promise<BodyRead>) | null;
  readonly signal: AbortSignal;
}

/** Where a request goes: a path of this proxy, or an address of its own. */
export type Target = { readonly path: string; readonly query: string } & (
  | { readonly kind: "own" }
  | { readonly kind: "absolute"; readonly scheme: "http" | "https"; readonly host: HostReading; readonly text: string }
);

/** UTF-16 units of one target: what servers take (RFC 9110 §4.1 asks for 8,000). */
const targetCharsMax = 16_384;

/** A request of the Fetch standard, whose address is normalised already. */
export function incomingOf(request: Request): Incoming {
  const { method, url, headers, body, signal } = request;
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const target = start < 0 ? "/" : url.slice(start).split("#", 1)[0];
  return { method, target: target ?? "/", headers: [...headers], body: body as BodyStream | null, signal };
}

/** Headers by name in lower case. */
export function headersOf(headers: Incoming["headers"]): HeaderMap {
  const byName = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    const values = byName.get(lower);
    if (values === undefined) byName.set(lower, [value]);
    else values.push(value);
  }
  return byName;
}

/** Reads the target. An absolute one must agree with the Host header (RFC 9112 §3.2.2). */
export function readTarget(target: string, headers: HeaderMap): Read<Target> {
  if (target.length > targetCharsMax || /[^\u0021-\u007e]|[#\\]/.test(target)) return faulty("target");
  const [, scheme, authority, path = "", search = ""] = /^(?:(https?):\/\/([^/?]*))?(\/[^?]*)?(\?.*)?$/i.exec(target) ?? [];
  const query = search.slice(1);
  if (scheme === undefined || authority === undefined)
    return path === "" ? faulty("target") : found({ kind: "own", path, query });
  const host = readHost(authority, { punycode: true });
  if (!host.ok || authority === "" || host.value.scheme !== undefined || /\.(?::\d*)?$/.test(authority)) return faulty("target");
  const named = headers.get("host") ?? [];
  if (named.length > 1 || (named[0] !== undefined && named[0].toLowerCase() !== authority.toLowerCase())) return faulty("host");
  return found({
    kind: "absolute",
    scheme: scheme.toLowerCase() as "http" | "https",
    host: host.value,
    path: path === "" ? "/" : path,
    query,
    text: target,
  });
}

/** Headers that some servers obey in place of the method or the path that was checked. */
const overrides =
  /^(?:x-http-method(?:-override)?|x-method-override|x-original-(?:url|method|uri)|x-rewrite-url|x-forwarded-(?:uri|method|path|prefix))$/;

/** Why headers make a request say two things. Arguments may have any name: `isArgument`. */
export function headerFault(headers: HeaderMap, isArgument: (name: string) => boolean): Read<undefined> {
  for (const [name, values] of headers) {
    if (overrides.test(name) && !isArgument(name)) return faulty("header");
    if (/^(?:content-type|content-length|content-encoding|host)$/.test(name) && values.length > 1) return faulty("header");
  }
  const coding = headers.get("content-encoding")?.[0] ?? "identity";
  const transfer = headers.get("transfer-encoding") ?? ["chunked"];
  const isPlain = coding.toLowerCase() === "identity" && transfer.length === 1 && transfer[0]?.toLowerCase() === "chunked";
  return isPlain ? found(undefined) : faulty("body-type");
}

/**
 * The session's token: of `Sluice-Session`; else of `Proxy-Authorization` or `Authorization`, as bearer or as the user or password of a basic
 * credential, which is what clients make of `http://session:TOKEN@…`. Other credentials of the agent are none, and go nowhere.
 */
export function tokenIn(headers: HeaderMap): string | undefined {
  const own = headers.get("sluice-session");
  if (own !== undefined) return own.length === 1 ? own[0] : undefined;
  for (const name of ["proxy-authorization", "authorization"]) {
    const values = headers.get(name) ?? [];
    const [value] = values;
    const token = values.length === 1 ? (bearerOf(value) ?? "") : "";
    const found = [token, ...(values.length === 1 ? basicOf(value ?? "") : [])].find((text) => readToken(text) !== undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** User and password of a basic credential (RFC 7617 §2). */
function basicOf(header: string): readonly string[] {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header)?.[1];
  if (encoded === undefined) return [];
  try {
    const text = atob(encoded);
    const colon = text.indexOf(":");
    return colon < 0 ? [text] : [text.slice(colon + 1), text.slice(0, colon)];
  } catch {
    return [];
  }
}
