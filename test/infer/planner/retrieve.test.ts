import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { taskWords } from "../../../src/infer/pieces.ts";
import { candidateLimits, chooseCandidates, retrieve } from "../../../src/infer/planner/retrieve.ts";
import { clauseSpans, retrievalTask, retrievalText } from "../../../src/infer/planner/texts.ts";
import { createToolVectors, type VectorCache } from "../../../src/infer/planner/vectors.ts";
import { folderVectors } from "../../../src/infer/runtime/vector-folder.ts";
import type { TensorRunner } from "../../../src/infer/runtime/tensor.ts";
import { tool, toolsOf, wordPieces } from "./scripted.ts";

const width = 384;

/** A retriever whose vectors are bags of words: near is what shares words. Counts its runs. */
function bagOfWords(): { readonly runner: TensorRunner; runs: number } {
  const counter = {
    runs: 0,
    runner: {
      run(inputs) {
        counter.runs++;
        const ids = [...(inputs.input_ids?.data ?? [])].map(Number);
        const spans = [...(inputs.spans?.data ?? [])].map(Number);
        const vectors: number[] = [];
        for (let at = 0; at < spans.length; at += 2) vectors.push(...bag(ids.slice(spans[at], spans[at + 1])));
        return Promise.resolve({ vectors: { dims: [1, spans.length / 2, width], data: Float32Array.from(vectors) } });
      },
      close: () => Promise.resolve(),
    } satisfies TensorRunner,
  };
  return counter;
}

function bag(ids: readonly number[]): readonly number[] {
  const vector = new Array<number>(width).fill(0);
  for (const id of ids) if (id > 2_000) vector[id % width] = 1;
  const length = Math.hypot(...vector) || 1;
  return vector.map((number) => number / length);
}

const names = [
  "weather forecast",
  "flight search",
  "hotel booking",
  "music player",
  "alarm clock",
  "bank balance",
  "movie times",
];
const many = toolsOf(
  ...names.flatMap((name) =>
    ["find", "make", "stop"].map((verb) =>
      tool(`${name.split(" ")[0]}.${verb}_${name.replace(" ", "_")}`, { text: { type: "string" } }),
    ),
  ),
);

function source(cache?: VectorCache) {
  const retriever = bagOfWords();
  const made = { pieces: wordPieces, retriever: () => Promise.resolve(retriever.runner), digest: "bag" };
  const vectors = createToolVectors(cache === undefined ? made : { ...made, cache });
  return { retriever, source: { pieces: wordPieces, retriever: made.retriever, vectors } };
}

describe("candidates", () => {
  it("are all tools of a small catalogue, nearest first", async () => {
    const { source: from } = source();
    const few = many.slice(0, candidateLimits.all);
    const found = (await retrieve("stop the flight search", few, from)).map(({ tool: { name } }) => name);
    expect(found.toSorted()).toEqual(few.map(({ name }) => name).toSorted());
    expect(found[0]).toBe("local/flight.stop_flight_search");
  });

  it("are those that a clause of the task is near to, one for each at least", async () => {
    const { source: from } = source();
    const found = await retrieve("Find the weather forecast, then stop the music player and make the alarm clock", many, from);
    const chosen = found.map(({ tool: { name } }) => name.replace("local/", ""));
    for (const name of ["weather.find_weather_forecast", "music.stop_music_player", "alarm.make_alarm_clock"])
      expect(chosen).toContain(name);
    expect(chosen.length).toBeLessThanOrEqual(candidateLimits.max);
    const best = found.map(({ nearness }) => Math.max(...nearness));
    expect(best).toEqual(best.toSorted((one, other) => other - one));
  });

  it("are few where one tool is much nearer than the others, and many where none is", () => {
    const clear = many.map((_, at) => (at === 3 ? 0.9 : 0.3));
    expect(chooseCandidates([clear])).toHaveLength(candidateLimits.min);
    const vague = many.map((_, at) => (at === 3 ? 0.5 : 0.3));
    expect(chooseCandidates([vague])).toHaveLength(candidateLimits.max);
  });

  it("leave out what is nearest to a clause that is about nothing", () => {
    const clear = many.map((_, at) => (at < 4 ? 0.9 : 0.1));
    const thanks = many.map((_, at) => (at === 9 ? 0.2 : 0));
    const said = many.map((_, at) => (at === 9 ? 0.5 : 0));
    const found = (clause: readonly number[]): boolean => chooseCandidates([clear, clause]).includes(9);
    expect([found(thanks), found(said)]).toEqual([false, true]);
  });

  it("are no fewer and no more than their bounds, and the nearest tool is always one of them", () => {
    const scores = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: many.length, maxLength: many.length });
    fc.assert(
      fc.property(fc.array(scores, { minLength: 1, maxLength: 13 }), (spans) => {
        const found = chooseCandidates(spans);
        expect(found.length).toBeGreaterThanOrEqual(candidateLimits.min);
        expect(found.length).toBeLessThanOrEqual(candidateLimits.max);
        expect(new Set(found).size).toBe(found.length);
        expect(Math.max(...spans.map((span) => span[found[0] ?? -1] ?? -2))).toBe(Math.max(...spans.flat()));
      }),
      { numRuns: 200 },
    );
  });
});

describe("vectors of tools", () => {
  it("are made once for each text", async () => {
    const { retriever, source: from } = source();
    await retrieve("the weather", many, from);
    expect(retriever.runs).toBe(many.length + 1);
    await retrieve("the music", [...many].reverse(), from);
    expect(retriever.runs).toBe(many.length + 2);
  });

  it("do not depend on the other tools of the catalogue", async () => {
    const one = await source().source.vectors(many);
    const other = await source().source.vectors(many.slice(5, 6));
    expect(other[0]).toEqual(one[5]);
  });

  it("are found again in a folder by another process, and only for the same weights", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-vectors-"));
    try {
      const first = source(folderVectors(folder));
      const made = await first.source.vectors(many);
      const second = source(folderVectors(folder));
      expect(await second.source.vectors(many)).toEqual(made);
      expect(second.retriever.runs).toBe(0);
      const [file = ""] = readdirSync(folder);
      writeFileSync(join(folder, file), "broken");
      const third = source(folderVectors(folder));
      expect(await third.source.vectors(many)).toEqual(made);
      expect(third.retriever.runs).toBe(many.length);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("are made anew where a cache gives what no network makes, or fails", async () => {
    const honest = await source().source.vectors(many);
    const zeros: VectorCache = { get: async (keys) => keys.map(() => new Float32Array(width)), set: async () => undefined };
    const short: VectorCache = {
      get: async (keys) => keys.map(() => new Float32Array(3).fill(0.577)),
      set: async () => undefined,
    };
    const failing: VectorCache = { get: () => Promise.reject(new Error("down")), set: () => Promise.reject(new Error("down")) };
    for (const cache of [zeros, short, failing]) expect(await source(cache).source.vectors(many)).toEqual(honest);
  });
});

describe("clauses of a task", () => {
  const clausesOf = (task: string): readonly string[] => {
    const words = taskWords(task, { pieces: wordPieces, piecesMax: 176 });
    return clauseSpans(words, task).map(([from, to]) => task.slice(words[from]?.start, words[to - 1]?.end));
  };

  it.each([
    ["What is the weather in Rome?", []],
    [
      "Find a flight to Paris on 3 May, then book a hotel there and send me the receipt.",
      ["Find a flight to Paris on 3 May,", "then book a hotel there", "and send me the receipt."],
    ],
    [
      "Compare the north and the south of the town, and also tell me a joke",
      ["Compare the north and the south of the town,", "and also tell me a joke"],
    ],
    ["Call Bob at 5 p.m. tomorrow please", []],
    [
      "add milk, eggs and bread to my list, check the calendar for Monday",
      ["add milk, eggs and bread to my list,", "check the calendar for Monday"],
    ],
    ["First line of it\nsecond line of it", ["First line of it", "second line of it"]],
  ])("of %j are %j", (task, clauses) => {
    expect(clausesOf(task)).toEqual(clauses);
  });

  it("cover every word once, in order, and are no more than a dozen", () => {
    const word = fc.constantFrom("and", "then", "send", "the", "a", "report", "to", "Bob", ",", ".", "\n", "also", "me", "x");
    fc.assert(
      fc.property(fc.array(word, { maxLength: 150 }), (parts) => {
        const task = parts.join(" ");
        const words = taskWords(task, { pieces: wordPieces, piecesMax: 176 });
        const spans = clauseSpans(words, task);
        if (spans.length === 0) return;
        expect(spans.length).toBeGreaterThan(1);
        expect(spans.length).toBeLessThanOrEqual(12);
        expect(spans[0]?.[0]).toBe(0);
        expect(spans.at(-1)?.[1]).toBe(words.length);
        for (const [at, [from, to]] of spans.entries()) {
          expect(to - from).toBeGreaterThanOrEqual(3);
          if (at > 0) expect(from).toBe(spans[at - 1]?.[1]);
        }
        for (const [from, to] of retrievalTask(task, { pieces: wordPieces }).spans) expect(to).toBeGreaterThan(from);
      }),
      { numRuns: 200 },
    );
  });

  it("are compared with a tool's name and the beginning of its description", () => {
    const [one] = toolsOf({ name: "a/send_mail", description: "x".repeat(300), inputSchema: { type: "object" } });
    expect(one === undefined ? "" : retrievalText(one)).toBe(`a send mail: ${"x".repeat(200)}`);
  });
});
