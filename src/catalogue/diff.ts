/**
 * What changed from one catalogue to another, for the person who must notice a rug pull: definitions, facts, identities, labels.
 * Pure. Never calls two catalogues the same whose digests differ. Says nothing about calls: a changed definition voids the plan anyway.
 */
import { canonicalJson } from "../json/canonical.ts";
import { type Json, jsonEqual, member, withoutMember } from "../json/value.ts";
import { domainDigest } from "../plan/digest.ts";
import type { FrozenPlan, FrozenTool } from "../plan/plan.ts";
import type { Catalogue } from "./form.ts";
import { type DefinitionChange, definitionChanges } from "./definition-changes.ts";
import { type FactChange, factChanges, labelChange } from "./fact-changes.ts";
import { type NameIndex, nameIndex, shadowWarnings } from "./shadowing.ts";
import { suspicionsOf } from "./texts.ts";
import { pointerOf } from "../json/pointer.ts";

/** A value before and after; `null` where there was or is none. */
export interface BeforeAfter<Value> {
  readonly before: Value | null;
  readonly after: Value | null;
}

/** Something that is new about a tool and calls for a look. */
export interface ToolWarning {
  /** `hidden`, `instruction`: a text of the definition. `shadow`, `lookalike`: another server has a tool of that name, or nearly. `mention`: a text names another server's tool. */
  readonly kind: "hidden" | "instruction" | "shadow" | "lookalike" | "mention";
  /** Into the new definition. */
  readonly pointer: string;
  /** One line, lower case. */
  readonly message: string;
}

/** How one tool changed. */
export interface ToolDiff {
  /** `server/tool`. */
  readonly tool: string;
  readonly change: "added" | "removed" | "changed";
  readonly digest: BeforeAfter<string>;
  /** What the server says of the tool. */
  readonly definition: readonly DefinitionChange[];
  /** What Sluice holds true of it. */
  readonly facts: readonly FactChange[];
  readonly warnings: readonly ToolWarning[];
}

/** How a server's identity changed. */
export interface ServerDiff extends BeforeAfter<Json> {
  readonly server: string;
}

/** What changed from one catalogue to another. */
export interface CatalogueDiff {
  readonly isSame: boolean;
  readonly digest: { readonly before: string; readonly after: string };
  /** Tools that were added, removed or changed, by name. */
  readonly tools: readonly ToolDiff[];
  readonly servers: readonly ServerDiff[];
  /** Declarations of labels. */
  readonly labels: readonly FactChange[];
}

/**
 * The digest of one tool's definition, `sluice` member included: what a plan pins of it. Throws `AssertionError` if a program gave the catalogue
 * what the strict reader cannot have made, as `canonicalJson` does.
 */
export function toolDigest(tool: FrozenTool): string {
  return domainDigest("tool", `${canonicalJson(tool.name)}${canonicalJson(tool.definition)}`);
}

/** The digest of a catalogue: its tools' definitions, its servers' identities, its labels; in whatever order. */
export function catalogueDigest(catalogue: Catalogue): string {
  return digestOf(catalogue, digestsOf(catalogue));
}

type Digests = ReadonlyMap<string, string>;

/** The digest of each tool, by name. */
function digestsOf(catalogue: Catalogue): Digests {
  return new Map(Array.from(catalogue.tools, ([name, tool]) => [name, toolDigest(tool)]));
}

function digestOf(catalogue: Catalogue, tools: Digests): string {
  const sorted = (parts: Iterable<string>): readonly string[] => [...parts].sort();
  const servers = Array.from(catalogue.servers, ([name, identity]) => `${canonicalJson(name)}${canonicalJson(identity)}`);
  const labels = Object.entries(catalogue.labels).map(
    ([name, spec]) => `${canonicalJson(name)}${canonicalJson(spec as unknown as Json)}`,
  );
  const parts = [sorted(tools.values()), sorted(servers), sorted(labels)];
  return domainDigest("catalogue", canonicalJson(parts));
}

/**
 * What changed from one catalogue to another. `isSame` if and only if the digests are equal.
 *
 * @example
 * const diff = diffCatalogues(approved, listedToday);
 * if (!diff.isSame) alert(diff.tools);
 */
export function diffCatalogues(before: Catalogue, after: Catalogue): CatalogueDiff {
  const names = [...new Set([...before.tools.keys(), ...after.tools.keys()])].sort();
  const digests = { before: digestsOf(before), after: digestsOf(after) };
  const indexes = { before: nameIndex(before.tools.keys()), after: nameIndex(after.tools.keys()) };
  const tools = names.flatMap((name): readonly ToolDiff[] => {
    const digest = { before: digests.before.get(name) ?? null, after: digests.after.get(name) ?? null };
    const diff = diffTool(name, { before: before.tools.get(name), after: after.tools.get(name), indexes, digest });
    return diff === undefined ? [] : [diff];
  });
  const digest = { before: digestOf(before, digests.before), after: digestOf(after, digests.after) };
  return {
    isSame: digest.before === digest.after,
    digest,
    tools,
    servers: diffServers(before, after),
    labels: diffLabels(before, after),
  };
}

interface ToolPair {
  readonly before: FrozenTool | undefined;
  readonly after: FrozenTool | undefined;
  readonly indexes: { readonly before: NameIndex; readonly after: NameIndex };
  readonly digest: BeforeAfter<string>;
}

function diffTool(tool: string, pair: ToolPair): ToolDiff | undefined {
  const { before, after, digest } = pair;
  if (digest.before === digest.after) return undefined;
  const warnings = after === undefined ? [] : warningsOf(before, after, pair.indexes);
  if (before === undefined || after === undefined)
    return { tool, change: before === undefined ? "added" : "removed", digest, definition: [], facts: [], warnings };
  const facts = factChanges(before.facts, after.facts);
  const all = definitionChanges(before.definition, after.definition);
  const own = all.filter(({ part }) => part !== "sluice");
  // The operator's words are told as facts, unless they say the same in another way.
  const definition = own.length + facts.length === 0 ? all : own;
  return { tool, change: "changed", digest, definition, facts, warnings };
}

/** What is suspicious now and was not before. */
function warningsOf(before: FrozenTool | undefined, after: FrozenTool, indexes: ToolPair["indexes"]): readonly ToolWarning[] {
  const texts = (tool: FrozenTool): readonly ToolWarning[] =>
    suspicionsOf(withoutMember(tool.definition, "sluice")).map(({ kind, place, message }) => ({
      kind,
      pointer: pointerOf(place),
      message,
    }));
  const shadows = (tool: FrozenTool, index: NameIndex): readonly ToolWarning[] => shadowWarnings(tool, index);
  const known = before === undefined ? [] : [...texts(before), ...shadows(before, indexes.before)];
  const now = [...texts(after), ...shadows(after, indexes.after)];
  return now.filter(({ pointer, message }) => !known.some((old) => old.pointer === pointer && old.message === message));
}

function diffServers(before: Catalogue, after: Catalogue): readonly ServerDiff[] {
  const names = [...new Set([...before.servers.keys(), ...after.servers.keys()])].sort();
  return names.flatMap((server): readonly ServerDiff[] => {
    const [old, now] = [before.servers.get(server), after.servers.get(server)];
    return jsonEqual(old, now) ? [] : [{ server, before: old ?? null, after: now ?? null }];
  });
}

function diffLabels(before: Catalogue, after: Catalogue): readonly FactChange[] {
  const names = [...new Set([...Object.keys(before.labels), ...Object.keys(after.labels)])].sort();
  const spec = (catalogue: Catalogue, name: string) =>
    Object.hasOwn(catalogue.labels, name) ? catalogue.labels[name] : undefined;
  return names.flatMap((name) => labelChange(name, spec(before, name), spec(after, name)) ?? []);
}

/** Why a frozen plan no longer holds under a catalogue. */
export interface Voided {
  /** `removed`, `changed`: a tool that the plan uses. `server`: the identity of its server. `label`: what the catalogue says of a label. */
  readonly reason: "removed" | "changed" | "server" | "label";
  /** The tool, server or label. */
  readonly name: string;
  /** Nodes of the plan that rest on it; for a label none, since it is the whole plan's. */
  readonly nodes: readonly string[];
}

/** Everything for which a frozen plan must be frozen again; empty if it still holds (DESIGN §1: a changed definition voids the plan). */
export function voidedBy(frozen: FrozenPlan, catalogue: Catalogue): readonly Voided[] {
  const nodesOf = (isUsed: (tool: string) => boolean): readonly string[] => [
    ...Object.keys(frozen.plan.nodes).filter((name) => isUsed(member(frozen.plan.nodes[name] as Json, "tool") as string)),
    ...(frozen.plan.envelope ?? []).flatMap(({ tool }, i) => (isUsed(tool) ? [`envelope ${i}`] : [])),
  ];
  const tools = Object.values(frozen.tools).flatMap(({ name, definition }): readonly Voided[] => {
    const now = catalogue.tools.get(name);
    if (now !== undefined && jsonEqual(now.definition, definition)) return [];
    return [{ reason: now === undefined ? "removed" : "changed", name, nodes: nodesOf((tool) => tool === name) }];
  });
  const servers = Object.entries(frozen.servers).flatMap(([name, identity]): readonly Voided[] => {
    const now = catalogue.servers.get(name);
    // Of a server that is gone its tools are told.
    if (now === undefined || jsonEqual(now, identity)) return [];
    return [{ reason: "server", name, nodes: nodesOf((tool) => typeof tool === "string" && tool.startsWith(`${name}/`)) }];
  });
  const labels = Object.entries(frozen.labels).flatMap(([name, spec]): readonly Voided[] => {
    const now = Object.hasOwn(catalogue.labels, name) ? catalogue.labels[name] : undefined;
    return jsonEqual(now as unknown as Json, spec as unknown as Json) ? [] : [{ reason: "label", name, nodes: [] }];
  });
  return [...tools, ...servers, ...labels];
}
