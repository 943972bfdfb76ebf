/**
 * What a person can mend: exit 2, nothing on standard output, one line on standard error that says where and what would be right.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { catalogue, openFolder, params, plan, sluice, trace } from "./cli-process.ts";

const folder = openFolder();
afterAll(() => folder.remove());

const file = {
  plan: folder.write("plan.yaml", plan),
  catalogue: folder.write("catalogue.json", catalogue),
  trace: folder.write("trace.jsonl", trace),
  notYaml: folder.write("broken.yaml", "nodes:\n  a: [1, 2\nb: 3\n"),
  twice: folder.write("twice.json", '{\n  "sluice": 1,\n  "sluice": 2\n}'),
  utf16: folder.write("utf16.json", new Uint8Array(Buffer.from("\ufeff{}", "utf16le"))),
  latin: folder.write("latin.json", new Uint8Array([0x22, 0xe9, 0x22])),
  bom: folder.write("bom.json", "\ufeff{}"),
  empty: folder.write("empty.yaml", ""),
  noPlan: folder.write("no-plan.json", '{"sluice":1,"name":"x","nodes":{"a":{"tol":"t"}}}'),
  badTrace: folder.write("bad.jsonl", '{"type":"call","id":1,"tool":"a","args":{}}\n{"type":"call","id":1,"tool":"a"}\n'),
  cutTrace: folder.write("cut.jsonl", '{"type":"task","text":"a"}\n{"type":"call","id":1,"to'),
  badCatalogue: folder.write("bad-catalogue.json", '{"tools":[{"name":"a"},{"name":"a","description":"other"}]}'),
  fakeFrozen: folder.write("fake.json", '{"kind":"sluice.frozen-plan","version":1}'),
  publicKey: folder.write("public.json", '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}'),
};
mkdirSync(join(folder.path, "folder"));
const at = (name: string): string => join(folder.path, name);
const withParams = ["--params", params];

const refusals: readonly (readonly [title: string, args: readonly string[], says: RegExp])[] = [
  ["no command", [], /name a command: lint, freeze, .*--help/],
  ["a group of commands and no command", ["policy"], /policy: name a command: lint, test; `sluice policy --help`/],
  ["an import of nobody knows what", ["import", file.plan], /required option '--from <format>' not specified: one of openai, /],
  ["verify without a claim", ["verify", file.plan], /required option '--never <claim>'/],
  ["an unknown command", ["fly"], /unknown command 'fly'/],
  ["an unknown option", ["lint", file.plan, "--fast"], /unknown option '--fast'/],
  ["an argument too many", ["lint", file.plan, file.plan], /too many arguments/],
  ["an option without its value", ["lint", file.plan, "--catalog"], /argument missing/],
  ["a missing file", ["lint", at("none.yaml")], /none\.yaml: there is no such file$/],
  ["a folder", ["lint", at("folder")], /folder: this is a directory, a file is needed$/],
  ["a path through a file", ["lint", join(file.plan, "x")], /a part of the path is no directory$/],
  ["YAML that does not parse", ["lint", file.notYaml], /broken\.yaml:3:1: .*not YAML.*YAML_SYNTAX/],
  ["a key that occurs twice", ["lint", file.twice], /twice\.json:3:\d+:.*twice.*JSON_DUPLICATE_KEY/],
  ["UTF-16", ["lint", file.utf16], /utf16\.json: the text is UTF-16: save it as UTF-8/],
  ["Latin-1", ["lint", file.latin], /latin\.json: the bytes are not UTF-8: save it as UTF-8/],
  ["a byte order mark", ["lint", file.bom], /bom\.json:1:1: .*byte order mark.*JSON_BOM/],
  ["an empty file", ["lint", file.empty], /empty\.yaml:1:1: .*empty.*YAML_EMPTY/],
  ["--policy with a file that is not there", ["lint", file.plan, "--policy", at("p")], /p: there is no such file$/],
  ["--policy with what is no policy", ["freeze", file.plan, "--policy", file.plan, "-o", at("f")], /POLICY_/],
  ["freezing without a place for the result", ["freeze", file.plan], /required option '-o, --output <file>'/],
  ["freezing what is no plan", ["freeze", file.noPlan, "-o", at("f")], /no-plan\.json: at \/nodes\/a.*PLAN_.*sluice lint/],
  [
    "freezing into a folder that is not there",
    ["freeze", file.plan, "-o", at("none/f.json")],
    /f\.json: it cannot be written: its folder does not exist/,
  ],
  ["freezing over a folder", ["freeze", file.plan, "-o", at("folder")], /folder: it cannot be written: this is a directory/],
  [
    "signing with a public key",
    ["freeze", file.plan, "-o", at("f"), "--key", file.publicKey],
    /public\.json: expected a private Ed25519 key.*CONFIG_INVALID/,
  ],
  ["two inputs from standard input", ["lint", "-", "--catalog", "-"], /standard input \(-\) can be one of the inputs, not two/],
  [
    "a catalogue with a shadowed tool",
    ["lint", file.plan, "--catalog", file.badCatalogue],
    /bad-catalogue\.json: at \/tools\/1: .*two different definitions.*CATALOGUE_DUPLICATE/,
  ],
  [
    "a catalogue without the plan's tool",
    ["replay", file.plan, file.trace, "--catalog", folder.write("other.json", '{"tools":[]}'), ...withParams],
    /plan\.yaml: at \/nodes\/person\/tool: .*TOOL_UNKNOWN/,
  ],
  [
    "what only claims to be frozen",
    ["replay", file.fakeFrozen, file.trace],
    /fake\.json: at \/digest: .*missing.*PLAN_MALFORMED/,
  ],
  [
    "a call id that was used before",
    ["replay", file.plan, file.badTrace, ...withParams],
    /bad\.jsonl:2: at \/id: .*TRACE_MALFORMED/,
  ],
  ["a trace that ends in a line", ["replay", file.plan, file.cutTrace, ...withParams], /cut\.jsonl:2: .*JSON_SYNTAX/],
  ["a missing parameter", ["replay", file.plan, file.trace], /--params: at \/params\/who: .*no default.*SESSION_PARAMS/],
  ["parameters that are no JSON", ["replay", file.plan, file.trace, "--params", "{who}"], /--params:2: .*JSON_SYNTAX/],
  ["parameters that are no object", ["replay", file.plan, file.trace, "--params", "[1]"], /--params: parameters are an object/],
  [
    "a call that the trace has not",
    ["explain", file.plan, file.trace, "--call", "9", ...withParams],
    /--call: the trace has 4 calls, from 0 to 3/,
  ],
  ["a call that is no number", ["explain", file.plan, file.trace, "--call", "one", ...withParams], /--call: a number from 0/],
  ["serving a draft", ["serve", "--plan", file.plan], /plan\.yaml: this is a draft: `sluice freeze`/],
  ["serving on what is no port", ["serve", "--plan", file.plan, "--port", "80000"], /--port: a number from 0 to 65535/],
  ["serving before what is no URL", ["serve", "--plan", file.plan, "--upstream", "ftp://x"], /--upstream: an http or https URL/],
];

describe("the command line refuses with exit 2 and one line", () => {
  it.concurrent.each(refusals)("%s", async (_title, args, says) => {
    const { status, stdout, stderr } = await sluice(args);
    expect(stderr.trimEnd()).toMatch(says);
    expect(stderr).toMatch(/^sluice: [^\n]+\n$/);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });
});

it("shows no control character of what it refuses", async () => {
  const { status, stderr } = await sluice(["lint", "\u001b[2J\u202ename.yaml"]);
  expect(status).toBe(2);
  expect(stderr).not.toMatch(/[\u001b\u202e]/);
});

it("says what a fault of its own is in one line, and shows the stack only when asked", async () => {
  const args = ["lint", file.plan];
  // No input reaches a fault on purpose, so one is made: in the function that joins what was read.
  const broken = folder.write("fault.mjs", "Buffer.concat = () => { throw new RangeError('broken'); };");
  const run = (debug: string) => sluice(args, { env: { NODE_OPTIONS: `--import=file://${broken}`, SLUICE_DEBUG: debug } });
  const [quiet, loud] = await Promise.all([run(""), run("1")]);
  expect(quiet).toEqual({ status: 3, stdout: "", stderr: "sluice: internal fault: broken\n" });
  expect(loud.status).toBe(3);
  expect(loud.stderr).toMatch(/internal fault: broken\nRangeError: broken\n +at /);
});
