import { describe, expect, it } from "vitest";
import { importJavaScript } from "../../../src/intent/code/javascript.ts";
import { codeCharsMax, codeDepthMax } from "../../../src/limits.ts";
import { office } from "./native.ts";

const outside = "IMPORT_CODE_OUTSIDE";
const read = 'const q = await shop.quote({ sku: "A-1" });\n';

/** A construct outside the subset, the code of its error, and its line and column. */
const table: readonly (readonly [what: string, code: string, error: string, line: number, column: number])[] = [
  ["a loop that nothing bounds", "while (true) { await shop.quote({}); }", outside, 1, 1],
  ["a loop that counts", "for (let i = 0; i < 3; i++) {}", outside, 1, 1],
  ["a loop over the members of an object", `${read}for (const k in q) {}`, outside, 2, 1],
  ["what goes on after an error", "try { await shop.quote({}); } catch {}", outside, 1, 1],
  ["a function beside the plan", "function a() {}\nfunction b() {}", outside, 1, 1],
  ["a class", "class A {}", outside, 1, 1],
  ["an object of a class", "const now = new Date();", outside, 1, 13],
  ["a regular expression", `${read}if (q.sku === /a/) {}`, outside, 2, 15],
  ["an equality that converts", `${read}if (q.price == 3) {}`, outside, 2, 5],
  [
    "a default of another type",
    "async function plan(limit: number = null) { await shop.quote({ sku: limit }); }",
    outside,
    1,
    37,
  ],
  ["what fails whatever comes", `${read}await shop.quote({ sku: 1 % 0 });`, "IMPORT_UNREPRESENTABLE", 2, 7],
  ["a bit operator", `${read}const x = q.price | 0;`, outside, 2, 11],
  ["a power", `${read}const x = q.price ** 2;`, outside, 2, 11],
  ["the type of a value", `${read}const x = typeof q;`, outside, 2, 11],
  ["a tool that nobody waits for", "shop.quote({ sku: 'A-1' });", outside, 1, 1],
  ["a member that is set", `${read}q.price = 3;`, outside, 2, 1],
  ["a name that hides another", `${read}if (q.stock > 1) { const q = 1; }`, outside, 2, 26],
  ["a name that has no value", "await chat.post({ text: nothing });", outside, 1, 25],
  ["a value of one branch only", `${read}let x;\nif (q.stock > 1) x = 1;\nawait chat.post({ text: x });`, outside, 4, 25],
  ["a tool named by a value", `${read}await callTool(q.sku, {});`, outside, 2, 16],
  ["arguments that are spread", `${read}await chat.post({ ...q });`, outside, 2, 19],
  ["a member named by a value, in an object", `${read}await chat.post({ [q.sku]: 1 });`, outside, 2, 19],
  ["JSON as text", `${read}await chat.post({ text: JSON.stringify(q) });`, outside, 2, 25],
  ["chance", "const x = Math.random();", outside, 1, 11],
  ["what runs text", 'await eval("1");', outside, 1, 7],
  [
    "a list that is changed by sorting",
    "const c = await crm.contact({});\nconst s = c.orders.sort((a, b) => a.total - b.total);",
    outside,
    2,
    11,
  ],
  ["a list of a result that grows", "const c = await crm.contact({});\nconst o = c.orders;\no.push(1);", outside, 3, 1],
  [
    "a list with two names that grows",
    "const a = [];\nconst b = a;\na.push(1);\nawait chat.post({ text: b.length });",
    outside,
    3,
    1,
  ],
  ["an end within a loop", "const c = await crm.contact({});\nfor (const o of c.orders) { return; }", outside, 2, 29],
  ["what stands after an end", "return;\nawait chat.post({});", outside, 2, 1],
  [
    "a call in a test of a list",
    "const c = await crm.contact({});\nconst x = c.orders.filter(async (o) => await shop.quote({ sku: o.id }));",
    outside,
    2,
    46,
  ],
  ["an address that is put together", `${read}await web.fetch({ url: \`https://example.com/\${q.sku}\` });`, outside, 2, 7],
  ["a text and a list of unknown kind", `${read}if (q.tags.includes(q.sku)) {}`, outside, 2, 5],
  ["a syntax error", "const a = ;", "IMPORT_CODE_SYNTAX", 1, 11],
  ["an unknown tool", "await mail.burn({});", "IMPORT_TOOL_UNKNOWN", 1, 7],
  ["a text that is too long", `${" ".repeat(codeCharsMax)}1`, "IMPORT_TOO_LARGE", 1, 1],
  ["20,000 brackets", "(".repeat(20_000), "IMPORT_TOO_LARGE", 1, 1],
  [
    "a literal list of too many rounds",
    `for (const x of [${"1, ".repeat(200)}]) { await shop.quote({ sku: x }); }`,
    "IMPORT_TOO_LARGE",
    1,
    1,
  ],
];

describe("JavaScript that no plan says", () => {
  it.each(table)("is refused with its place: %s", (_what, code, error, line, column) => {
    const imported = importJavaScript(code, office);
    expect(imported.ok ? "accepted" : { code: imported.error.code, place: imported.error.place }).toEqual({
      code: error,
      place: { line, column },
    });
  });

  it("is refused where it nests deeper than the bound, whatever the runtime's stack", () => {
    for (const code of [
      "![".repeat(codeDepthMax),
      "-".repeat(3).concat("(".repeat(300), "1", ")".repeat(300)),
      `x${"[0]".repeat(codeDepthMax + 1)}`,
    ]) {
      const imported = importJavaScript(code, office);
      expect(imported.ok || !/^IMPORT_(TOO_LARGE|CODE_SYNTAX|CODE_OUTSIDE)$/.test(imported.error.code)).toBe(false);
    }
  });
});
