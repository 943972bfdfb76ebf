/**
 * The reference of all codes, in Markdown: what each means, and the files in which it is said.
 * Reads the source; runs nothing of it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CODES, type CodeInfo } from "../../src/codes.ts";
import { type FindingInfo, findingCodes } from "../../src/finding-codes.ts";
import { inferCodes } from "../../src/infer/infer-error.ts";
import { importCodes } from "../../src/intent/codes.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tables = new Set(["src/codes.ts", "src/finding-codes.ts", "src/intent/codes.ts", "src/infer/infer-error.ts"]);

/** A file of the source. */
export interface Source {
  /** From the root. */
  readonly path: string;
  readonly text: string;
}

/** The files of a folder and of those below it; without the tables of codes, which say every code. */
export function sourcesIn(folder: string): readonly Source[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sourcesIn(path);
    return entry.name.endsWith(".ts") && !tables.has(path) ? [{ path, text: readFileSync(join(root, path), "utf8") }] : [];
  });
}

/** The files that say a code, in order, without `src/`. */
function saidIn(code: string, sources: readonly Source[]): string {
  const paths = sources.filter(({ text }) => text.includes(`"${code}"`)).map(({ path }) => `\`${path.slice("src/".length)}\``);
  return paths.sort().join(", ");
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** All codes, by what they are said of. */
export function codesReference(): string {
  const sources = sourcesIn("src");
  const calls = Object.entries<CodeInfo>(CODES).map(([code, { status, text, remedies = [] }]) => [
    `\`${code}\``,
    String(status),
    text,
    remedies.map((remedy) => `\`${remedy}\``).join(", "),
    saidIn(code, sources),
  ]);
  const findings = Object.entries<FindingInfo>(findingCodes).map(([code, { severities, meaning }]) => [
    `\`${code}\``,
    severities.join(", "),
    meaning,
    saidIn(code, sources),
  ]);
  const plain = (codes: Readonly<Record<string, string>>): readonly (readonly string[])[] =>
    Object.entries(codes).map(([code, meaning]) => [`\`${code}\``, meaning, saidIn(code, sources)]);
  return `## What calls and requests are answered with

The text is constant and goes to the agent as it stands; \`remedies\` are meant for programs ([denials](../denials.md)).

${table(["code", "status", "text", "remedies", "said in `src/`"], calls)}

## What is found in plans, policies and catalogues

A finding says where, and what would be right. An \`error\` forbids freezing.

${table(["code", "severity", "meaning", "said in `src/`"], findings)}

## What an import is refused with

${table(["code", "meaning", "said in `src/`"], plain(importCodes))}

## What drafting ends with

${table(["code", "meaning", "said in `src/`"], plain(inferCodes))}
`;
}
