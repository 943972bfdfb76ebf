/**
 * What the HTTP request behind a tool says: the hosts that it goes to, and its effects by method and path (RFC 9110 §9.2.1, safe methods).
 * Pure. Never takes an effect away that the words of the operation tell: a safe method is a promise of the server.
 */
import { isArray, type Json, type JsonObject, member } from "../json/value.ts";
import { readHost } from "../lang/host/read.ts";
import type { Effect } from "../plan/plan.ts";
import type { EffectReason } from "./effects.ts";
import { actors, moneyWords } from "./verbs.ts";
import { verbForms, wordsOf } from "./words.ts";

/** The member of `_meta` in which a tool of an OpenAPI document keeps its request. */
export const httpMember = "sluice/http";

/** The request behind a tool. */
export interface HttpFacts {
  readonly method: string;
  readonly path: string;
  readonly hosts: readonly string[];
}

/** The request behind a tool, if its server was made of an OpenAPI document. What another server says in `_meta` is its own word. */
export function httpOf(definition: JsonObject, identity: Json | undefined): HttpFacts | undefined {
  const http = member(member(definition, "_meta"), httpMember);
  const [method, path, servers] = ["method", "path", "servers"].map((name) => member(http, name));
  if (member(identity, "openapi") === undefined || typeof method !== "string" || typeof path !== "string") return undefined;
  const urls = isArray(servers) ? servers.filter((url) => typeof url === "string") : [];
  return { method, path, hosts: hostsOf(urls) };
}

/** The hosts of some addresses, each once; `name:port` where a port is written, as `hosts` constraints have it. */
export function hostsOf(urls: readonly string[]): readonly string[] {
  const hosts = urls.flatMap((url) => {
    const read = readHost(url, { punycode: true });
    if (!read.ok) return [];
    const { host, port, ip } = read.value;
    const name = ip?.version === 6 ? `[${host}]` : host;
    return [port === undefined ? name : `${name}:${port}`];
  });
  return [...new Set(hosts)];
}

const safe: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "QUERY", "TRACE"]);

/** The words of a path that stand for the name of an operation without one: what is not in braces. */
export function wordsFor(path: string): string {
  return path.replace(/\{[^{}]*\}/g, " ");
}

/** Effects by method: all use the network, safe ones read, the others write; writing to something whose name is a message or money is that. */
export function knownEffects({
  method,
  path,
  words,
}: {
  readonly method: string;
  readonly path: string;
  readonly words: string;
}): readonly EffectReason[] {
  const because = `the method ${/^[A-Z]{1,16}$/.test(method) ? method : "is not known"}`;
  const isSafe = safe.has(method);
  const known: EffectReason[] = [
    { effect: isSafe ? "read" : "write", because },
    { effect: "network", because },
  ];
  if (isSafe) return known;
  for (const word of [...wordsOf(wordsFor(path)), ...wordsOf(words)]) {
    const forms = verbForms(word);
    const isMoney = forms.some((form) => moneyWords.has(form) || means(form, "money"));
    const isMessage = forms.some((form) => means(form, "message"));
    if (isMoney) known.push({ effect: "money", because: `it writes, and its path or name says \`${word}\`` });
    if (isMessage && word !== "post")
      known.push({ effect: "message", because: `it writes, and its path or name says \`${word}\`` });
  }
  return known;
}

function means(form: string, effect: Effect): boolean {
  return actors.get(form)?.includes(effect) === true;
}
