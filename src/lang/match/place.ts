/**
 * Keywords about where a text points: `hosts`, `schemes`, `domains`, `under`.
 * Never uses `URL`, which maps look-alikes, numbers and backslashes to hosts. Pure. No I/O, no clock.
 */
import { compileHostList, isDomain, isHostName, toLowerAscii } from "../../constraints/domain.ts";
import { compileDomainList, readEmail } from "../../constraints/email.ts";
import { isUnder, type PathReading, readPrefix } from "../../constraints/path.ts";
import { isOpenUrl, leadsTo, readUrl, webSchemes } from "../../constraints/url.ts";
import { failMatch, pointerTo, readText, readTexts, type Spec } from "./keyword.ts";

/** A test of a text, and the keyword that it stands for. */
export interface PlaceTest {
  readonly keyword: string;
  readonly test: (text: string) => boolean;
}

/** The tests of the keywords about places, in the order in which they are tried; and whether they stand in for the format's own test. */
export function placeTests(spec: Spec): { readonly tests: readonly PlaceTest[]; readonly isFormat: boolean } {
  const format = readText(spec, "format");
  const schemes = schemesOf(spec);
  const hosts = hostsOf(spec);
  const tests = [urlTest(format, schemes, hosts), hosts, domainsOf(spec), underOf(spec)].filter((test) => test !== undefined);
  return { tests, isFormat: format === "url" && (schemes !== undefined || hosts !== undefined) };
}

/** Refuses an entry of a list. */
function failEntry(spec: Spec, keyword: string, position: number, message: string): never {
  return failMatch("LANG_MATCH_VALUE", pointerTo(pointerTo(spec.at, keyword), position), message);
}

function schemesOf(spec: Spec): readonly string[] | undefined {
  const schemes = readTexts(spec, "schemes");
  const bad = schemes?.findIndex((scheme) => !/^[a-z][a-z0-9+.-]*$/.test(scheme)) ?? -1;
  return bad < 0 ? schemes : failEntry(spec, "schemes", bad, "a scheme is lower-case letters, such as `https`");
}

/** `url` and `schemes`: an absolute URL of one of the schemes, of a public host unless `hosts` says which. */
function urlTest(
  format: string | undefined,
  schemes: readonly string[] | undefined,
  hosts: PlaceTest | undefined,
): PlaceTest | undefined {
  if (schemes === undefined && (format !== "url" || hosts === undefined)) return undefined;
  const allowed = schemes ?? webSchemes;
  const test =
    hosts === undefined ? (text: string) => isOpenUrl(text, allowed) : (text: string) => readUrl(text, { schemes: allowed }).ok;
  return { keyword: schemes === undefined ? "format" : "schemes", test };
}

/** `hosts`: an absolute http(s) URL, or a bare host without port and path, whose host is in the list. */
function hostsOf(spec: Spec): PlaceTest | undefined {
  const entries = readTexts(spec, "hosts");
  if (entries === undefined) return undefined;
  const hosts = compileHostList(entries);
  if ("bad" in hosts)
    return failEntry(
      spec,
      "hosts",
      hosts.bad,
      "a host is a name such as `api.example.com`, or `*.example.com` for the names below one",
    );
  const schemes = schemesOf(spec) ?? webSchemes;
  const isWhole = (text: string): boolean => {
    const end = text.indexOf("://");
    if (end < 0) return /^[^/?#:]+$/.test(text);
    return schemes.includes(toLowerAscii(text.slice(0, end)));
  };
  return { keyword: "hosts", test: (text) => isWhole(text) && leadsTo(text, hosts) };
}

/** `domains`: an e-mail address or a bare domain in the list of exact names and `*.suffix`. */
function domainsOf(spec: Spec): PlaceTest | undefined {
  const entries = readTexts(spec, "domains");
  if (entries === undefined) return undefined;
  const domains = compileDomainList(entries);
  if ("bad" in domains)
    return failEntry(
      spec,
      "domains",
      domains.bad,
      "a domain is a name such as `example.com`, or `*.example.com` for the names below one",
    );
  const domainOf = (text: string): string | undefined => {
    if (text.includes("@")) return readEmail(text)?.domain;
    return isDomain(text) || (isHostName(text) && text.includes(".")) ? toLowerAscii(text) : undefined;
  };
  return {
    keyword: "domains",
    test: (text) => {
      const domain = domainOf(text);
      return domain !== undefined && domains.has(domain);
    },
  };
}

/** `under`: a path that is one of the prefixes or lies below it. */
function underOf(spec: Spec): PlaceTest | undefined {
  const entries = readTexts(spec, "under");
  if (entries === undefined) return undefined;
  const prefixes = entries.map((entry, position): PathReading => {
    const message = "a prefix is a path of plain names such as `/data/in` or `notes`, without `.`, `..` and wildcards";
    return readPrefix(entry) ?? failEntry(spec, "under", position, message);
  });
  return { keyword: "under", test: (text) => isUnder(text, prefixes) };
}
