/**
 * Where the operations of an OpenAPI document send their requests (3.1.1 §4.8.5 Server Object), as absolute addresses.
 * Pure. Never guesses a host: an address that cannot be made absolute stays as it is written, and a finding says so.
 */
import type { JsonObject } from "../../json/value.ts";
import { catalogueServersMax } from "../../limits.ts";
import { readHost } from "../../lang/host/read.ts";
import type { Place, Report } from "../report.ts";
import { readForm, serverForm } from "./openapi-form.ts";

/** What the addresses of servers are read with. */
export interface ServerOptions {
  readonly place: Place;
  readonly report: Report;
  /** Where the document itself comes from: what relative addresses are relative to. */
  readonly url?: string | undefined;
}

/** The absolute addresses of a list of servers, each once, in order; variables stand for each of their values. */
export function serverUrls(servers: readonly JsonObject[], { place, report, url }: ServerOptions): readonly string[] {
  // 3.1.1 §4.8.1: no server means the place of the document.
  const given = servers.length === 0 ? [{ url: "/" }] : servers;
  const found = new Set<string>();
  for (const [i, server] of given.entries()) {
    const at = servers.length === 0 ? place : [...place, i];
    const read = readForm(serverForm, server, { place: at, report });
    if (read === undefined) continue;
    for (const text of filled(read.url, read.variables ?? {}, { place: at, report })) {
      const absolute = absoluteUrl(text, url);
      if (readHost(absolute).ok && /^https?:\/\//i.test(absolute)) found.add(absolute);
      else {
        found.add(absolute);
        const message = "the address names no host by itself: say where the document comes from, or which server is meant";
        report.warn(at, message, "CATALOGUE_SERVER");
      }
    }
  }
  return [...found];
}

type Variables = { readonly [name: string]: { readonly default: string; readonly enum?: readonly string[] | undefined } };

/** An address with its variables filled in: by every value of an `enum`, else by the default, which the caller may change unseen. */
function filled(template: string, variables: Variables, { place, report }: ServerOptions): readonly string[] {
  let texts: readonly string[] = [template];
  for (const [, name = ""] of template.matchAll(/\{([^{}]*)\}/g)) {
    const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (variable === undefined) {
      report.warn([...place, "url"], "a variable of the address has no value", "CATALOGUE_SERVER");
      continue;
    }
    const values = variable.enum ?? [variable.default];
    if (variable.enum === undefined)
      report.warn(
        [...place, "variables", name],
        "the variable may have any value, only its default was taken",
        "CATALOGUE_SERVER",
      );
    const next = texts.flatMap((text) => values.map((value) => text.replaceAll(`{${name}}`, () => value)));
    if (next.length > catalogueServersMax) {
      report.error(
        [...place, "variables"],
        `the variables stand for more than ${catalogueServersMax} addresses`,
        "CATALOGUE_TOO_LARGE",
      );
      return [];
    }
    texts = next;
  }
  return texts;
}

/** A reference resolved against the address of the document (RFC 3986 §5.2), for the forms that servers have. */
function absoluteUrl(text: string, base: string | undefined): string {
  const parts = base === undefined ? null : /^(https?:)(\/\/[^/?#]+)([^?#]*)/i.exec(base);
  if (/^[a-z][a-z0-9+.-]*:/i.test(text) || parts === null) return text;
  const [, scheme = "", authority = "", path = ""] = parts;
  if (text.startsWith("//")) return `${scheme}${text}`;
  if (text.startsWith("/")) return `${scheme}${authority}${dotless(text)}`;
  return `${scheme}${authority}${dotless(`${path.slice(0, path.lastIndexOf("/") + 1) || "/"}${text}`)}`;
}

/** RFC 3986 §5.2.4. */
function dotless(path: string): string {
  const kept: string[] = [];
  const segments = path.split("/").slice(1);
  for (const [i, segment] of segments.entries()) {
    const isLast = i === segments.length - 1;
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
    if (isLast && (segment === "." || segment === "..")) kept.push("");
  }
  return `/${kept.join("/")}`;
}
