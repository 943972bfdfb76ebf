/**
 * sluice learn and the YAML that it prints: what is printed is a plan again, and the value is the same.
 */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { yamlText } from "../../src/cli/yaml-text.ts";
import { readJson } from "../../src/json/read.ts";
import { type Json, jsonEqual } from "../../src/json/value.ts";
import { readYaml } from "../../src/json/yaml.ts";
import { parsePlan } from "../../src/plan/schema.ts";
import { catalogue, openFolder, sluice, trace } from "./cli-process.ts";

const folder = openFolder();
afterAll(() => folder.remove());
const catalogueFile = folder.write("catalogue.json", catalogue);
const benign = folder.write(
  "benign.jsonl",
  trace
    .split("\n")
    .filter((line) => !/"id":[24]\b/.test(line))
    .join("\n"),
);

describe("sluice learn", () => {
  it("prints a draft that is a plan, the same as JSON and as YAML, with the findings apart", async () => {
    const [json, yaml] = await Promise.all([
      sluice(["learn", benign, "--catalog", catalogueFile, "--json"]),
      sluice(["learn", benign, "--catalog", catalogueFile]),
    ]);
    const [fromJson, fromYaml] = [readJson(json.stdout), readYaml(yaml.stdout)];
    expect([json.status, yaml.status, json.stderr]).toEqual([0, 0, ""]);
    if (!fromJson.ok || !fromYaml.ok) throw new Error("not a value");
    expect(parsePlan(fromJson.value)).toMatchObject({ ok: true });
    expect(jsonEqual(fromYaml.value, fromJson.value)).toBe(true);
  });

  it("makes a draft that the run it was learned from passes", async () => {
    const { stdout } = await sluice(["learn", benign, "--catalog", catalogueFile]);
    const draft = folder.write("draft.yaml", stdout);
    expect(await sluice(["replay", draft, benign, "--catalog", catalogueFile])).toMatchObject({ status: 0 });
  });

  it("refuses a trace without a call", async () => {
    const { status, stderr } = await sluice(["learn", "-"], { stdin: '{"type":"task","text":"nothing"}\n' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^sluice: standard input: .*at least one call \(LEARN_EMPTY\)\n$/);
  });
});

describe("a value as YAML", () => {
  const key = fc
    .oneof(fc.string({ maxLength: 12 }), fc.constantFrom("yes", "1", "null", "- a", "a: b", "~", "", "é", "__proto__", "<<"))
    .filter((text) => text !== "");
  const scalar = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc.constantFrom(
      "true",
      "No",
      "1e3",
      "0x1f",
      "2024-01-01",
      "a #b",
      "a: b",
      "\u0085\u2028\u00a0",
      "line\nbreak ",
      " x",
      "*a",
      "&a",
      "!t",
      "|",
      "'",
      '"',
      "\ufeff",
      "%a",
      "@a",
      "`a",
      "=",
      "12:30",
      "---",
      "...",
    ),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 70n }),
    fc.boolean(),
    fc.constant(null),
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      scalar,
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.dictionary(key, tie("tree"), { maxKeys: 4 }),
    ),
  }));

  it("is the same value when the strict reader has read it", () => {
    fc.assert(
      fc.property(tree, (made) => {
        const value = made as Json;
        const read = readYaml(yamlText(value));
        if (!read.ok) throw new Error(`${read.error.code} in ${yamlText(value)}`);
        expect(jsonEqual(read.value, value)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
