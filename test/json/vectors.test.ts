import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runJsonVectors } from "./vectors.ts";

const text = readFileSync(new URL("../vectors/json.json", import.meta.url), "utf8");

test("every vector of the JSON reader comes out as written, twice in a row", () => {
  const report = runJsonVectors(text);
  expect(report.failures).toEqual([]);
  expect(report.run).toBeGreaterThan(100);
});

test("a wrong vector is reported", () => {
  const vectors =
    '[{"name":"a","text":"[1]","ok":"[2]"},{"name":"b","text":"[","error":{"code":"JSON_SYNTAX","line":1,"column":1,"pointer":""}}]';
  expect(runJsonVectors(vectors).failures).toHaveLength(4);
});
