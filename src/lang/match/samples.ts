/**
 * Values of each format and host list, and texts that differ from one by little, as raw material for examples.
 * Pure. Never decides anything: whatever comes from here is checked before it is shown.
 */
import { isArray, type JsonObject } from "../../json/value.ts";

const samples: Readonly<Record<string, readonly string[]>> = {
  date: ["2026-01-31", "1999-12-01", "2028-02-29"],
  "date-time": ["2026-01-31T09:30:00Z", "2026-01-31T09:30:00.5+02:00"],
  email: ["ada@example.com", "first.last+tag@mail.example.org", "o'neil@example.co.uk"],
  uri: ["https://example.com/a?b=c", "mailto:ada@example.com", "urn:isbn:0451450523"],
  url: ["https://example.com/", "https://example.com/a?b=c#d"],
  iban: ["DE89370400440532013000", "GB82WEST12345698765432", "FR1420041010050500013M02606"],
  ipv4: ["192.0.2.1", "8.8.8.8", "10.0.0.1"],
  ipv6: ["2001:db8::1", "::1"],
  uuid: ["123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000000"],
  hostname: ["example.com", "api.example.com", "localhost"],
  domain: ["example.com", "mail.example.org"],
  path: ["a/b.txt", "/srv/data/report.pdf", "notes.md"],
};

/** Texts of a format; none for a name that is no format or has no samples. */
export function formatSamples(name: string | undefined): readonly string[] {
  return name !== undefined && Object.hasOwn(samples, name) ? (samples[name] ?? []) : [];
}

function textsIn(spec: JsonObject, keyword: string): readonly string[] {
  const value = spec[keyword];
  return isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

/** Texts that host lists, domain lists, schemes and path prefixes suggest. */
export function hostSamples(spec: JsonObject): readonly string[] {
  const name = (pattern: string): string => (pattern.startsWith("*.") ? `www${pattern.slice(1)}` : pattern);
  const schemes = textsIn(spec, "schemes");
  const hosts = textsIn(spec, "hosts").map(name);
  const urls = (schemes.length === 0 ? ["https"] : schemes).flatMap((scheme) =>
    (hosts.length === 0 ? ["example.com"] : hosts).map((host) => `${scheme}://${host}/`),
  );
  const domains = textsIn(spec, "domains").map(name);
  const under = textsIn(spec, "under").map((prefix) =>
    prefix === "." || prefix === "" ? "a.txt" : `${prefix.replace(/\/$/, "")}/a.txt`,
  );
  return [
    ...hosts,
    ...(hosts.length > 0 || schemes.length > 0 ? urls : []),
    ...domains.map((domain) => `ada@${domain}`),
    ...domains,
    ...under,
  ];
}

/** Texts that differ from one by what a slip of the pen or an attacker would change: the ends, the case, a letter, a look-alike. */
export function nearMisses(text: string): readonly string[] {
  const last = text.at(-1) ?? "";
  const cyrillic = text.replace("a", "\u0430").replace("e", "\u0435");
  return [
    `${text}x`,
    `x${text}`,
    text.slice(0, -1),
    text.toUpperCase(),
    text.toLowerCase(),
    `${text} `,
    `${text}\n`,
    `${text}.evil.example`,
    text.replace(".", "x"),
    `${text}${last}`,
    cyrillic,
  ].filter((other) => other !== text);
}
