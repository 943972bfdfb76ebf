/**
 * Several catalogues in one: starters of several servers, and an operator's own files.
 * Pure. Never lets one file speak for another's server, and where two say different things of a label, the stricter counts.
 */
import { isObject, type Json, type JsonObject, jsonEqual, member } from "../../json/value.ts";
import type { Finding } from "../../plan/finding.ts";
import type { LabelSpec } from "../../plan/plan.ts";
import { serverName } from "../../plan/tool-name.ts";
import { err, ok, type Result } from "../../result.ts";
import { readCatalogue } from "../catalogue.ts";
import { quote } from "../report.ts";

/**
 * One catalogue file of several. Every tool names its server; identities are kept. Errors: those of `readCatalogue`, and
 * `CATALOGUE_DUPLICATE` where two files have a server of one name: give one of them another name.
 */
export function combineCatalogues(files: readonly Json[]): Result<JsonObject, readonly Finding[]> {
  const servers = new Map<string, Json>();
  const labels = new Map<string, LabelSpec>();
  const tools: JsonObject[] = [];
  const notes: [string, Json][] = [];
  for (const file of files) {
    const read = readCatalogue(file);
    if (!read.ok) return read;
    for (const [name, identity] of read.value.servers) {
      if (servers.has(name)) return err([twice(name)]);
      servers.set(name, identity);
      const note = noteOf(file, name);
      if (note !== undefined) notes.push([name, note]);
    }
    for (const [name, spec] of Object.entries(read.value.labels)) labels.set(name, stricter(labels.get(name), spec));
    for (const [name, { definition }] of read.value.tools) {
      const server = serverName(name);
      tools.push({ server, ...definition });
    }
  }
  return ok({
    ...(notes.length === 0 ? {} : { _meta: { "sluice/starters": Object.fromEntries(notes) } }),
    servers: Object.fromEntries([...servers].map(([name, identity]) => [name, isObject(identity) ? identity : { name }])),
    ...(labels.size === 0 ? {} : { labels: Object.fromEntries(labels) as unknown as JsonObject }),
    tools,
  });
}

/** Why the facts of a server are what they are, where they came from a starter: alone in its file, or combined before. */
function noteOf(file: Json, server: string): Json | undefined {
  const meta = member(file, "_meta");
  return member(meta, "sluice/starter") ?? member(member(meta, "sluice/starters"), server);
}

function twice(name: string): Finding {
  return {
    code: "CATALOGUE_DUPLICATE",
    severity: "error",
    pointer: "",
    message: `two catalogues have a server ${quote(name)}; give one of them another name`,
  };
}

/** The stricter of two declarations of a label: untrusted wins, and only those read it who may under both. */
function stricter(one: LabelSpec | undefined, other: LabelSpec): LabelSpec {
  if (one === undefined || jsonEqual(one as unknown as Json, other as unknown as Json)) return other;
  const readers =
    one.readers === undefined || other.readers === undefined
      ? (one.readers ?? other.readers)
      : one.readers.filter((reader) => other.readers?.includes(reader));
  const description = one.description ?? other.description;
  return {
    integrity: one.integrity === "untrusted" || other.integrity === "untrusted" ? "untrusted" : "trusted",
    ...(readers === undefined ? {} : { readers }),
    ...(description === undefined ? {} : { description }),
  };
}
