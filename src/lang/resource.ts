/**
 * Names of resources: the key under which the labels of what was written are kept, and which keys a read looks at.
 * Pure. Never gives one resource two keys that do not find each other: what it cannot tell for sure is the whole server.
 */
import { readHost } from "./host.ts";
import { everyCode, isControl, isHidden, withoutStyles } from "./template/characters.ts";

/** UTF-16 units of a key. A longer name is the whole server: a store must not keep keys without bound. */
const keyCharsMax = 1_024;
/** Segments of a name. A read looks at each of them. */
const segmentsMax = 64;

/** What cannot be told from a path as written: variables, globs, escapes, drives, short names. */
const unsure = /[%~$*?:|<>"]/;

/** Whether two names may differ in it though nobody sees it. */
function isUnseen(code: number): boolean {
  return isControl(code) || isHidden(code);
}

/** Which resources a read touches: those with exactly these keys, and those whose key begins with one of the prefixes. */
export interface ResourceKeys {
  readonly keys: readonly string[];
  readonly prefixes: readonly string[];
}

/** The key of everything that a server holds. */
export function serverKey(server: string): string {
  return `${server}|*`;
}

/**
 * The key of a resource of a server, from its kind and its name as a call says it. Case, Unicode form (NFKC, folded) and the style of an emoji make
 * no difference: two names that some server may take for one share a label, and a label too many is the safe side. `file`: a normalised path,
 * absolute or relative to a place that the server knows; `url`: the host; other kinds: as they are. Empty names, `..` in paths, controls and hidden
 * characters, blanks at an end and whatever another reader may take for something else are the whole server.
 */
export function resourceKey(server: string, kind: string, name: string): string {
  const whole = serverKey(server);
  if (name.length > keyCharsMax) return whole;
  const folded = withoutStyles(name).normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
  if (kind !== "url" && !everyCode(folded, (code) => !isUnseen(code))) return whole;
  const path = kind === "file" ? pathOf(folded) : kind === "url" ? hostOf(name) : segmentsOf(folded);
  if (path === undefined || path.segments.length > segmentsMax) return whole;
  const key = `${server}|${kind}:${path.root}${path.segments.join("/")}`;
  return key.length > keyCharsMax ? whole : key;
}

interface Named {
  /** `/` and `./` begin paths that are absolute and relative; other kinds have none. */
  readonly root: "" | "/" | "./";
  readonly segments: readonly string[];
}

function pathOf(text: string): Named | undefined {
  const slashed = text.replaceAll("\\", "/");
  if (slashed === "" || unsure.test(slashed)) return undefined;
  // Some systems drop dots and spaces at the end of a name.
  const segments = slashed.split("/").filter((segment) => segment !== "" && segment !== ".");
  if (segments.some((segment) => segment.trim() !== segment || segment.endsWith("."))) return undefined;
  return { root: slashed.startsWith("/") ? "/" : "./", segments };
}

function hostOf(text: string): Named | undefined {
  const host = readHost(text);
  return host.ok && host.value.host !== "" ? { root: "", segments: [host.value.host.toLowerCase()] } : undefined;
}

function segmentsOf(text: string): Named | undefined {
  const segments = text.split("/").filter((segment) => segment.trim() !== "");
  // Databases compare texts without the blanks at their ends, or take ` 5` for the number.
  if (segments.some((segment) => segment.trim() !== segment)) return undefined;
  return segments.length === 0 ? undefined : { root: "", segments };
}

/**
 * What a read of resources looks at: each of them, what is above it (which may hold it), what is below it (which it may hold), and the whole
 * server. An absolute path may be any relative one and the other way round.
 */
export function resourceQuery(reads: readonly string[]): ResourceKeys {
  const keys = new Set<string>();
  const prefixes = new Set<string>();
  for (const read of reads) {
    const bar = read.indexOf("|");
    const server = read.slice(0, bar + 1);
    if (read === `${server}*`) {
      prefixes.add(server);
      continue;
    }
    keys.add(`${server}*`);
    const name = read.slice(bar + 1);
    const [root = ""] = /^file:\.?\/|^[^:]*:/.exec(name) ?? [];
    const segments = name.slice(root.length).split("/");
    const isRoot = name === root;
    if (root === "file:/") prefixes.add(`${server}file:./`);
    if (root === "file:./") prefixes.add(`${server}file:/`);
    if (root.startsWith("file:")) keys.add(server + root);
    for (let i = 1; i <= segments.length; i++) keys.add(server + root + segments.slice(0, i).join("/"));
    prefixes.add(isRoot ? server + root : `${read}/`);
  }
  return { keys: [...keys], prefixes: [...prefixes] };
}

/** Whether what was written under a key is among what a read looks at. */
export function isTouched(key: string, query: ResourceKeys): boolean {
  return query.keys.includes(key) || query.prefixes.some((prefix) => key.startsWith(prefix));
}
