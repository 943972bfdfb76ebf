import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isArray } from "../../src/json/value.ts";
import { readJson } from "../../src/json/read.ts";
import { type LangVector, runLangVector } from "./vectors.ts";

const text = readJson(readFileSync(new URL("../vectors/lang.json", import.meta.url), "utf8"));
const vectors = (text.ok && isArray(text.value) ? text.value : []) as unknown as readonly LangVector[];

test("every vector of the language layer comes out as written", () => {
  const failures = vectors
    .map((vector) => ({ name: vector.name, ...runLangVector(vector) }))
    .filter(({ expected, got }) => expected !== got);
  expect(failures).toEqual([]);
  expect(vectors.length).toBeGreaterThan(250);
});

test("a wrong vector is reported", () => {
  const { expected, got } = runLangVector({ name: "wrong", kind: "expression", source: "1 + 1", input: {}, ok: "3" });
  expect(got).toBe("2");
  expect(expected).not.toBe(got);
});
