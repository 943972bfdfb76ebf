/**
 * sluice learn and the YAML that it prints: what is printed is a plan again, and the value is the same.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { yamlText } from "../../src/cli/show/yaml-text.ts";
import { readJson } from "../../src/json/read.ts";
import { stableNumber } from "../../src/json/exact.ts";
import { type Json, jsonEqual } from "../../src/json/value.ts";
import { readYaml } from "../../src/json/yaml.ts";
import { parsePlan } from "../../src/plan/schema.ts";
import type { Trace } from "../../src/trace.ts";
import { catalogues, runFamily } from "../learn/families.ts";
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

describe("sluice learn from several runs", () => {
  const lines = ({ task, events }: Trace): string =>
    [{ type: "task", text: task }, ...events].map((line) => JSON.stringify(line)).join("\n");
  const steps = ["search", "tag", "mail-task"] as const;
  const files = [1, 2, 3, 4].map((seed) => folder.write(`run-${seed}.jsonl`, lines(runFamily(steps, seed))));
  const more = folder.write("more.jsonl", lines(runFamily([...steps, "mail-const"], 9)));
  const tools = [...catalogues.untrusted.tools.values()].map(({ definition, name }) => ({
    ...definition,
    name: name.slice(name.indexOf("/") + 1),
  }));
  const office = folder.write(
    "office.json",
    JSON.stringify({ server: "office", labels: { office: { integrity: "untrusted" } }, tools }),
  );

  it("prints the plan, and apart from it how many runs support each element; the report has both and the parameters", async () => {
    const report = join(folder.path, "report.json");
    const { status, stdout, stderr } = await sluice(["learn", ...files, "--catalog", office, "--report", report]);
    expect(status).toBe(0);
    expect(parsePlan((readYaml(stdout) as { value: Json }).value)).toMatchObject({ ok: true });
    expect(stderr).toMatch(/\/nodes\/send_mail\/args\/to +parameter +4\/4/);
    const written = readJson(readFileSync(report, "utf8"));
    expect(written).toMatchObject({ ok: true, value: { evidence: { "/params/to": { kind: "parameter", runs: 4, of: 4 } } } });
    expect(written.ok && (written.value as { params: readonly Json[] }).params).toHaveLength(4);
  });

  it("cross-validates: a table, or a line for each thing that was found and a summary", async () => {
    const table = await sluice(["learn", ...files, "--catalog", office, "--cross-validate"]);
    expect(table.status).toBe(0);
    expect(table.stdout).toContain("held-out runs allowed  4 of 4");
    const { status, stdout } = await sluice(["learn", ...files, more, "--catalog", office, "--cross-validate", "5", "--json"]);
    const read = stdout
      .trim()
      .split("\n")
      .map((line) => readJson(line));
    expect(status).toBe(1);
    expect(read.every(({ ok }) => ok)).toBe(true);
    expect(stdout).toContain('{"type":"false-denial","trace":4,"call":3,"code":"CALL_REPEATED","node":"send_mail"}');
    expect(read.at(-1)).toMatchObject({ value: { type: "summary", folds: 5, traces: 5 } });
  });

  it("says what a run needs beyond a frozen plan as an amendment, and freezes nothing", async () => {
    const { stdout: draft } = await sluice(["learn", ...files, "--catalog", office]);
    const frozen = join(folder.path, "office.frozen");
    await sluice(["freeze", folder.write("office.yaml", draft), "--catalog", office, "-o", frozen]);
    const before = readFileSync(frozen, "utf8");
    const wider = await sluice(["learn", more, "--plan", frozen, "--catalog", office]);
    expect([wider.status, wider.stdout]).toEqual([
      0,
      expect.stringMatching(/^nodes:\n {2}send_mail_2:\n {4}tool: office\/send_mail\n/),
    ]);
    expect(wider.stderr).toContain("Nothing was frozen.");
    const same = await sluice(["learn", files[0] ?? "", "--plan", frozen]);
    expect([same.status, same.stdout, same.stderr.trim()]).toEqual([
      0,
      "",
      [
        "parameters were taken from the traces themselves (query, to): look whether the user gave them",
        "The plan allows every call of the traces: nothing is needed.",
      ].join("\n"),
    ]);
    expect(readFileSync(frozen, "utf8")).toBe(before);
  });

  it("refuses too few traces, an odd number of parts, and two questions at once", async () => {
    const two = await sluice(["learn", ...files.slice(0, 2), "--catalog", office, "--cross-validate"]);
    expect([two.status, two.stderr]).toEqual([2, expect.stringMatching(/at least three traces.*\(LEARN_FEW_TRACES\)\n$/)]);
    const odd = await sluice(["learn", ...files, "--cross-validate", "one"]);
    expect([odd.status, odd.stderr]).toEqual([2, expect.stringContaining("the number of parts")]);
    const both = await sluice(["learn", ...files, "--cross-validate", "--plan", office]);
    expect([both.status, both.stderr]).toEqual([2, expect.stringContaining("give one of them")]);
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
    // As every reader gives them: whole ones beyond 2^53 are integers.
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(stableNumber),
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
