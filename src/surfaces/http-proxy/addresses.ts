/**
 * Which IP addresses a connection may be made to.
 * Pure. Never judges a name: what a name means is known only when it is resolved, and each of its addresses is judged.
 */
import ipaddr from "ipaddr.js";

/**
 * `public`: globally routable unicast. `private`: of this machine or of networks of one's own (loopback, RFC 1918, RFC 6598, RFC 4193), open
 * only where an operator says so. `never`: everything else, such as link-local (RFC 3927, RFC 4291 §2.5.6; clouds answer there with their
 * machines' credentials), unspecified, multicast, broadcast, reserved and documentation addresses, and those that carry another address in them.
 */
export type AddressKind = "public" | "private" | "never";

const privateRanges: ReadonlySet<string> = new Set(["loopback", "private", "carrierGradeNat", "uniqueLocal"]);

/** Addresses in ranges above at which clouds tell a machine its own credentials. */
const metadata: ReadonlySet<string> = new Set(["168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"]);

/** The kind of an address in a form that resolvers and sockets give; anything else, and every zone, is `never`. */
export function addressKind(address: string): AddressKind {
  if (/[^0-9A-Fa-f:.]/.test(address)) return "never";
  // Four decimal numbers at the end are an IPv4 address only behind the one prefix for it (RFC 4291 §2.5.5).
  if (address.includes(":") && address.includes(".") && !/^(?:::|(?:0{1,4}:){5})ffff:/i.test(address)) return "never";
  if (address.includes(":")) return ipaddr.IPv6.isValid(address) ? kindOfIpv6(ipaddr.IPv6.parse(address)) : "never";
  // Decimal without leading zeros only: `010.0.0.1` is one address to some readers and another to others.
  const isPlain = /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(address) && ipaddr.IPv4.isValid(address);
  return isPlain ? kindOfIpv4(ipaddr.IPv4.parse(address)) : "never";
}

function kindOfIpv4(address: ipaddr.IPv4): AddressKind {
  if (metadata.has(address.toString())) return "never";
  const range = address.range();
  if (range === "unicast") return "public";
  return privateRanges.has(range) ? "private" : "never";
}

function kindOfIpv6(address: ipaddr.IPv6): AddressKind {
  // RFC 4291 §2.5.5.2: the connection goes to the IPv4 address.
  if (address.isIPv4MappedAddress()) return kindOfIpv4(address.toIPv4Address());
  if (metadata.has(address.toRFC5952String())) return "never";
  const range = address.range();
  // Of the rest only 2000::/3 is handed out (IANA); above it addresses embed IPv4 ones (RFC 6052) or are reserved.
  const isGlobal = ((address.parts[0] ?? 0) & 0xe000) === 0x2000;
  if (range === "unicast") return isGlobal ? "public" : "never";
  return privateRanges.has(range) ? "private" : "never";
}

/** Whether a connection may be made to an address. */
export function isOpenAddress(address: string, { isPrivateOpen }: { readonly isPrivateOpen: boolean }): boolean {
  const kind = addressKind(address);
  return kind === "public" || (kind === "private" && isPrivateOpen);
}
