/**
 * Tools that could be taken for another server's tool, or whose texts speak of one (tool shadowing).
 * Pure. Never resolves a name: an ambiguous name is an error elsewhere, here a person is told of it.
 */
import { pointerOf } from "../json/pointer.ts";
import { isArray, isObject, type Json, type JsonObject } from "../json/value.ts";
import type { FrozenTool } from "../plan/plan.ts";
import { type Place, quote } from "./report.ts";

/** Names of a catalogue's tools, for looking up those that are alike. */
export interface NameIndex {
  /** Bare name → servers that have a tool of it. */
  readonly bare: ReadonlyMap<string, readonly string[]>;
  /** Folded bare name → qualified names. */
  readonly folded: ReadonlyMap<string, readonly string[]>;
}

/** A warning about one tool's name or text. */
export interface ShadowWarning {
  readonly kind: "shadow" | "lookalike" | "mention";
  readonly pointer: string;
  readonly message: string;
}

/** Characters below which a bare word in a text is no name of a tool. */
const mentionCharsMin = 6;
/** Tools of one name that are told. */
const alikeMax = 16;

function split(name: string): { readonly server: string; readonly bare: string } {
  const slash = name.indexOf("/");
  return { server: name.slice(0, slash), bare: name.slice(slash + 1) };
}

/** A name without what the eye passes over: case, separators, and digits that look like letters. */
function fold(bare: string): string {
  return bare
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .replaceAll("0", "o")
    .replace(/[1i]/g, "l")
    .replaceAll("5", "s");
}

/** The index of some qualified names. */
export function nameIndex(names: Iterable<string>): NameIndex {
  const bare = new Map<string, string[]>();
  const folded = new Map<string, string[]>();
  const push = (map: Map<string, string[]>, key: string, value: string): void => {
    const list = map.get(key);
    if (list === undefined) map.set(key, [value]);
    else list.push(value);
  };
  for (const name of names) {
    const { server, bare: own } = split(name);
    push(bare, own, server);
    push(folded, fold(own), name);
  }
  return { bare, folded };
}

/** What there is to say about a tool among others: same name, nearly the same name, a text that names another server's tool. */
export function shadowWarnings(tool: FrozenTool, index: NameIndex): readonly ShadowWarning[] {
  const { server, bare } = split(tool.name);
  const warnings: ShadowWarning[] = [];
  for (const other of (index.bare.get(bare) ?? []).slice(0, alikeMax))
    if (other !== server)
      warnings.push({ kind: "shadow", pointer: "/name", message: `the server \`${other}\` has a tool of the same name` });
  for (const name of (index.folded.get(fold(bare)) ?? []).slice(0, alikeMax))
    if (split(name).bare !== bare)
      warnings.push({ kind: "lookalike", pointer: "/name", message: `the name looks like that of ${quote(name)}` });
  return [...warnings, ...mentions(tool.definition, server, index)];
}

/** Names of other servers' tools in the texts of a definition. A plain word is a name only where it is written like one. */
function mentions(definition: JsonObject, server: string, index: NameIndex): readonly ShadowWarning[] {
  const found = new Map<string, ShadowWarning>();
  const look = (value: Json, place: Place): void => {
    if (typeof value === "string")
      for (const [word] of value.matchAll(/[A-Za-z0-9_.-]{2,64}(?:\/[A-Za-z0-9_.-]{2,64})?/g)) {
        const message = mentionOf(word, server, index);
        if (message !== undefined)
          found.set(`${pointerOf(place)} ${message}`, { kind: "mention", pointer: pointerOf(place), message });
      }
    else if (isArray(value)) for (const [i, element] of value.entries()) look(element, [...place, i]);
    else if (isObject(value)) for (const [key, inner] of Object.entries(value)) look(inner, [...place, key]);
  };
  for (const [key, value] of Object.entries(definition))
    if (key !== "name" && key !== "sluice" && key !== "_meta") look(value, [key]);
  return [...found.values()];
}

function mentionOf(word: string, server: string, index: NameIndex): string | undefined {
  const slash = word.indexOf("/");
  const bare = word.slice(slash + 1).replace(/(?<![.])[.]+$/, "");
  const servers = (index.bare.get(bare) ?? []).filter((other) => other !== server);
  const isQualified = slash > 0 && servers.includes(word.slice(0, slash));
  const isWritten =
    bare.length >= mentionCharsMin && /[_-]|[a-z][A-Z]/.test(bare) && !(index.bare.get(bare) ?? []).includes(server);
  const other = isQualified ? word.slice(0, slash) : servers[0];
  return other !== undefined && (isQualified || isWritten)
    ? `the text names \`${bare}\`, a tool of the server \`${other}\``
    : undefined;
}
