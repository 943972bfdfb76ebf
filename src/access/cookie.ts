/**
 * The cookie of a browser's session (RFC 6265bis): written as strictly as browsers know, and read only if there is exactly one.
 * Pure. Never chooses among two: one of them may be another server's of this machine, put there to be taken for ours.
 */
import type { CookiePlace } from "./names.ts";

/** How the cookie is called: over TLS so that only this very server can have set it, else by the port, so that two of one machine keep apart. */
export function cookieName({ isSecure, port }: CookiePlace): string {
  return isSecure ? "__Host-sluice" : `sluice-${port === "" ? "80" : port}`;
}

/** The value of the cookie of this name in `Cookie`; `undefined`: there is none, or several. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  if (header === undefined || header.length > 16_384) return undefined;
  const found = header
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`))
    .map((part) => part.slice(name.length + 1));
  return found.length === 1 && found[0] !== "" ? found[0] : undefined;
}

/** `Set-Cookie` of a session. `seconds`: 0 takes the cookie away. `path`: where the dashboard is. */
export function setCookie(
  value: string,
  { place, path, seconds }: { readonly place: CookiePlace; readonly path: string; readonly seconds: number },
): string {
  // `__Host-` asks for the whole server; elsewhere other servers of this machine need not see it.
  const where = place.isSecure ? "Path=/; Secure" : `Path=${path}`;
  return `${cookieName(place)}=${value}; ${where}; HttpOnly; SameSite=Strict; Max-Age=${Math.max(0, Math.floor(seconds))}`;
}
