/**
 * Whether markup is well-formed XML, by Python's expat, and what elements and attributes it has.
 */
import { spawnSync } from "node:child_process";

const script = `
import sys, json, xml.parsers.expat
found = []
parser = xml.parsers.expat.ParserCreate("utf-8")
parser.StartElementHandler = lambda name, attributes: found.append([name, attributes])
texts = []
parser.CharacterDataHandler = texts.append
parser.Parse(sys.stdin.buffer.read(), True)
json.dump({"elements": found, "text": "".join(texts)}, sys.stdout)
`;

/** A document as the parser saw it. */
export interface Parsed {
  readonly elements: readonly (readonly [name: string, attributes: Readonly<Record<string, string>>])[];
  readonly text: string;
}

/** Parses one document. Throws what the parser says, where it is not well-formed. */
export function parseXml(text: string): Parsed {
  const { status, stdout, stderr } = spawnSync("python3", ["-I", "-c", script], {
    input: text,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr.trim().split("\n").at(-1));
  return JSON.parse(stdout) as Parsed;
}

/** The drawings in a piece of a page. */
export function svgsOf(page: string): readonly string[] {
  return [...page.matchAll(/<svg\b[^>]*xmlns=[\s\S]*?<\/svg>/g)].map(([svg]) => svg);
}
