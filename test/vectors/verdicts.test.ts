import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CODES } from "../../src/codes.ts";
import { readJson } from "../../src/json/read.ts";
import { verdictsText } from "./make-verdicts.ts";
import { runVerdictVector, type VerdictVector } from "./verdicts.ts";

const text = readFileSync(new URL("verdicts.json", import.meta.url), "utf8");
const read = readJson(text);
const vectors = (read.ok ? read.value : []) as unknown as readonly VerdictVector[];

/** Codes that a decision about a call or a result can answer with; the breaker is the enforcement point's. */
const answers = Object.keys(CODES).filter((code) => /^(CALL|ARG|FLOW|HIDDEN|RUN|RESULT_TOO)/.test(code) && code !== "CALL_BREAKER");

describe("the verdict vectors", () => {
  it("are what their cases make of them", () => {
    expect(text).toBe(verdictsText());
  });

  it.each(vectors)("$name", (vector) => {
    const { expected, got } = runVerdictVector(vector);
    expect(got).toBe(expected);
  });

  it("cover every code that a check or a result is answered with", () => {
    const seen = new Set(text.match(/"code":"[A-Z_]+"/g)?.map((each) => each.slice('"code":"'.length, -1)));
    expect(answers.filter((code) => !seen.has(code))).toEqual([]);
  });
});
