import fc from "fast-check";
import { expect, it } from "vitest";
import { csvLine } from "../../src/audit/csv.ts";

it("writes texts in quotation marks, numbers bare, and nothing for what is not there", () => {
  expect(csvLine(["a", 'say "hi"', -1.5, null, undefined, "", "x,y"])).toBe('"a","say ""hi""",-1.5,,,"","x,y"\r\n');
});

it.each([
  ["=1+1", "'=1+1"],
  ["+49 30 1234", "'+49 30 1234"],
  ["-2", "'-2"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["  =cmd|'/c calc'!A0", "'  =cmd|'/c calc'!A0"],
  ['"=1', `'"=1`],
  ["\t=1", "'\t'=1"],
  ["\r\nx", "'\r\nx"],
  ["a;=1+1", "a;'=1+1"],
  ["a\n-1", "a\n'-1"],
  ["＝1", "'＝1"],
  ["a=b - c", "a=b - c"],
  ["ada@example.org", "ada@example.org"],
])("keeps a spreadsheet from running %j", (text, shown) => {
  expect(csvLine([text])).toBe(`"${shown.replaceAll('"', '""')}"\r\n`);
});

it("leaves no cell that begins as a formula does, for a reader with any separator, and the text as it was beside apostrophes", () => {
  const unit = fc.constantFrom("=", "+", "-", "@", ";", ",", "\t", "\r", "\n", '"', "'", " ", "a", "＝", "1");
  const text = fc.string({ unit, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (cells) => {
      const line = csvLine(cells);
      for (const separator of [";", "\t", "\n", "\r"])
        for (const cell of line.slice(1).split(separator))
          expect(cell.replace(/^["' ]*/, (start) => (start.includes("'") ? "'" : ""))).not.toMatch(/^[=+\-@＝]/);
      const inner = line.slice(1, -3).split('","');
      if (!cells.some((cell) => cell.includes('"') || cell.includes(",")))
        expect(inner.map((cell) => cell.replaceAll("'", ""))).toEqual(cells.map((cell) => cell.replaceAll("'", "")));
    }),
    { numRuns: 500 },
  );
});
