/**
 * Rules about lists of hosts and folders that hold more than anyone can vouch for.
 * Pure. The list of providers is short and of the largest: a name that is missing gives no finding.
 */
import { isArray, isObject, type Json } from "../../../json/value.ts";
import type { Finding } from "../../finding.ts";
import { classify, optionsOf, rulesOf } from "../../walk.ts";
import { findingAt, type LintRule } from "../subject.ts";

type Step = string | number;

/** Second levels under which names are registered as under a top level (publicsuffix.org, the most used). */
const registries: ReadonlySet<string> = new Set(
  `co.uk org.uk ac.uk gov.uk com.au net.au co.nz co.jp ne.jp or.jp co.kr co.in com.br com.mx com.ar com.cn com.tr com.sg com.hk com.tw co.za
   com.pl com.ua`.split(/\s+/),
);

/** Domains under which anyone can have a name for the asking (publicsuffix.org, private part, the most used). */
const rentals: ReadonlySet<string> = new Set(
  `github.io gitlab.io pages.dev workers.dev r2.dev vercel.app netlify.app herokuapp.com onrender.com fly.dev glitch.me surge.sh
   amazonaws.com s3.amazonaws.com cloudfront.net azurewebsites.net azureedge.net windows.net core.windows.net blob.core.windows.net
   appspot.com web.app firebaseapp.com run.app googleusercontent.com storage.googleapis.com digitaloceanspaces.com ngrok.io ngrok.app
   ngrok-free.app trycloudflare.com blogspot.com wordpress.com tumblr.com webflow.io myshopify.com notion.site sharepoint.com
   readthedocs.io replit.app repl.co`.split(/\s+/),
);

/** Why a host suffix is everyone's; `undefined` if it may be somebody's. */
function wideHost(entry: string): string | undefined {
  if (!entry.startsWith("*.")) return undefined;
  const suffix = entry.slice(2).toLowerCase();
  if (!suffix.includes(".") || registries.has(suffix)) return `anyone can register a name under \`${suffix}\``;
  return rentals.has(suffix) ? `anyone can have a name under \`${suffix}\` for the asking` : undefined;
}

function wideHosts(entries: Json | undefined, path: readonly Step[]): readonly Finding[] {
  if (!isArray(entries)) return [];
  return entries.flatMap((entry, i): readonly Finding[] => {
    const why = typeof entry === "string" ? wideHost(entry) : undefined;
    if (why === undefined) return [];
    return [
      findingAt([...path, i], { code: "LINT_HOST_WIDE", severity: "warning", message: `${why}: list the hosts that are meant` }),
    ];
  });
}

/** Lists of hosts in a constraint, however deep; `not` turns the meaning round. Depth is bounded by `jsonDepthMax`. */
function hostsIn(spec: Json | undefined, path: readonly Step[]): readonly Finding[] {
  if (!isObject(spec)) return [];
  return Object.entries(spec).flatMap(([key, value]) => {
    if (key === "hosts" || key === "domains") return wideHosts(value, [...path, key]);
    return key === "not" ? [] : hostsIn(value, [...path, key]);
  });
}

/** `LINT_HOST_WIDE`: hosts or domains of a suffix under which anyone can have a name. */
export const ownedHosts: LintRule = (subject) => [
  ...Object.entries(subject.plan.params ?? {}).flatMap(([name, spec]) => hostsIn(spec as Json, ["params", name])),
  ...subject.nodes.flatMap(({ name, node }) => [
    ...(["hosts", "domains"] as const).flatMap((kind) =>
      wideHosts(node.constraints?.[kind], ["nodes", name, "constraints", kind]),
    ),
    ...rulesOf(name, node).flatMap(({ path, rule }) => {
      const classed = classify(rule);
      return [
        ...hostsIn(optionsOf(rule).match, [...path, "match"]),
        ...(classed.kind === "choose" ? hostsIn(classed.rule.choose, [...path, "choose"]) : []),
        ...(classed.kind === "write" ? wideHosts(linksOf(classed.rule.write.links), [...path, "write", "links"]) : []),
      ];
    }),
  ]),
];

function linksOf(links: "none" | "plan" | readonly string[] | undefined): readonly string[] | undefined {
  return typeof links === "string" ? undefined : links;
}

const roots: ReadonlySet<string> = new Set(["/", ".", "./", "~", "~/", "c:/", "c:", "\\", "*", "/*"]);

/** `LINT_PATH_WIDE`: a path prefix under which everything lies. */
export const ownedPaths: LintRule = (subject) =>
  subject.nodes.flatMap(({ name, node }) =>
    (node.constraints?.paths ?? []).flatMap((prefix, i): readonly Finding[] => {
      if (!roots.has(prefix.toLowerCase())) return [];
      const message = `every path lies under \`${prefix}\`: name the folders that are meant`;
      return [findingAt(["nodes", name, "constraints", "paths", i], { code: "LINT_PATH_WIDE", severity: "warning", message })];
    }),
  );
