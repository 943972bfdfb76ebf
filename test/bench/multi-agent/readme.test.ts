/**
 * What the README of the suite says is what its last run has found, to the letter: whoever measures anew runs `node bench/readme.ts`.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isMet } from "../../../bench/figures.ts";
import { figuresOf } from "../../../bench/multi-agent/figures.ts";
import { problemsOf, type Report } from "../../../bench/multi-agent/report.ts";
import { scenarios } from "../../../bench/multi-agent/scenarios/index.ts";
import { resultsText } from "../../../bench/multi-agent/table.ts";

const read = (path: string): string => readFileSync(new URL(`../../../bench/${path}`, import.meta.url), "utf8");
const report = JSON.parse(read("results/multi-agent.json")) as Report;

describe("the last run of the multi-agent suite", () => {
  it("is what its README says", () => {
    const [, said] = /^<!-- results -->\n([\s\S]*?)^<!-- \/results -->$/m.exec(read("multi-agent/README.md")) ?? [];
    expect(said?.trim()).toBe(resultsText(report).trim());
  });

  it("was of the scenarios and attacks that there are", () => {
    const names = (of: readonly { readonly name: string; readonly attacks: readonly { readonly name: string }[] }[]) =>
      of.map(({ name, attacks }) => [name, ...attacks.map((attack) => attack.name)]);
    expect(names(report.scenarios)).toEqual(names(scenarios));
  });

  it("had no problem of its own, and keeps its bars", () => {
    expect(problemsOf(report)).toEqual([]);
    for (const figure of figuresOf(report))
      for (const bar of figure.bars ?? []) expect([figure.name, isMet(figure, bar)]).toEqual([figure.name, true]);
  });

  it("misses a bar where an attack succeeds that nothing said would", () => {
    const [first] = report.scenarios;
    const attacks = (first?.attacks ?? []).map((attack) => ({ ...attack, sluice: { succeeded: true, completed: true } }));
    const worse = { ...report, scenarios: first === undefined ? [] : [{ ...first, attacks }] };
    const missed = figuresOf(worse).filter((figure) => (figure.bars ?? []).some((bar) => !isMet(figure, bar)));
    expect(missed.map(({ name }) => name)).toContain("attacks that succeed and were not foreseen");
  });
});
