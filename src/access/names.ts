/**
 * Whether a request was meant for this server and sent by its own pages: `Host`, `Origin` and what the browser says of the site.
 * Pure. Never looks at headers that a proxy may or may not set (`X-Forwarded-…`): whoever sends a request writes them as well.
 */

/** What this server is called. */
export interface OwnNames {
  /** Names besides this machine's and addresses, in lower case; `any`: not looked at. */
  readonly hosts: ReadonlySet<string> | "any";
  /** The address that people see, if TLS ends before this server. */
  readonly publicUrl?: URL;
}

/** A request, as far as it is looked at. */
export interface Asked {
  readonly url: string;
  header(name: string): string | undefined;
}

const hostForm = /^(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?$/i;

/** `name:port` that a request is for, in the form of a URL; `undefined`: the request names none, or two. */
function hostOf({ url, header }: Asked): URL | undefined {
  const named = header("host");
  const own = new URL(url);
  if (named === undefined) return own;
  if (!hostForm.test(named) || !URL.canParse(`${own.protocol}//${named}`)) return undefined;
  const host = new URL(`${own.protocol}//${named}`);
  // SECURITY: an absolute request line (RFC 9112 §3.2.2) and the header may name two servers; nobody may choose which is believed.
  return host.host === own.host ? host : undefined;
}

/** Whether a name is this machine's own: `localhost`, names below it, and addresses of the loopback. */
export function isLoopback(hostname: string): boolean {
  return /^(?:(?:[a-z0-9-]+\.)*localhost|127\.[0-9]+\.[0-9]+\.[0-9]+|\[::1\])$/i.test(hostname);
}

/**
 * Whether a request is for a name of ours: this machine's, one that was given, or an address. An address cannot be made to lead here by
 * somebody's DNS (rebinding): the page that uses it would have to come from that address, too.
 */
export function isOwnHost(asked: Asked, { hosts, publicUrl }: OwnNames): boolean {
  if (hosts === "any") return true;
  const host = hostOf(asked);
  if (host === undefined) return false;
  const isAddress = host.hostname.startsWith("[") || /^[0-9]+(?:\.[0-9]+){3}$/.test(host.hostname);
  return isAddress || isLoopback(host.hostname) || hosts.has(host.hostname) || host.host === publicUrl?.host;
}

/** Whether a request that names an origin names ours. One that names none is no page's, or a navigation. */
export function isOwnOrigin(asked: Asked, names: OwnNames): boolean {
  const origin = asked.header("origin");
  return origin === undefined || names.hosts === "any" || matches(origin, asked, names);
}

/** Whether a browser says that a page of ours has sent it: of `Origin` and `Sec-Fetch-Site`, what is there must say so, and one must be there. */
export function isSentByUs(asked: Asked, names: OwnNames): boolean {
  const [origin, site] = [asked.header("origin"), asked.header("sec-fetch-site")];
  if (origin === undefined && site === undefined) return false;
  return (origin === undefined || matches(origin, asked, names)) && (site === undefined || site === "same-origin");
}

function matches(origin: string, asked: Asked, { publicUrl }: OwnNames): boolean {
  const host = hostOf(asked);
  if (host === undefined || !/^https?:\/\//.test(origin) || !URL.canParse(origin)) return false;
  // Where TLS ends before this server, what a plain page of the same name sends was written by whoever is between.
  if (publicUrl !== undefined && host.host === publicUrl.host) return origin === publicUrl.origin;
  return new URL(origin).host === host.host;
}

/** How a browser must be given cookies here. */
export interface CookiePlace {
  /** Over TLS, as far as the request or the public address says. */
  readonly isSecure: boolean;
  /** Whether what is sent stays on this machine. */
  readonly isLocal: boolean;
  /** The port that the request is for, as the URL has it; empty: that of the scheme. */
  readonly port: string;
}

/** What a request says of it. */
export function cookiePlace(asked: Asked, { publicUrl }: OwnNames): CookiePlace {
  const host = hostOf(asked) ?? new URL(asked.url);
  const isPublic = publicUrl !== undefined && host.host === publicUrl.host;
  return {
    isSecure: host.protocol === "https:" || (isPublic && publicUrl.protocol === "https:"),
    isLocal: isLoopback(host.hostname),
    port: host.port,
  };
}
