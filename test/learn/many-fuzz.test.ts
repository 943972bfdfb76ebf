import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { learnPlan } from "../../src/learn/learn.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { replayTrace } from "../../src/replay.ts";
import { catalogueOf, type Exchange, traceOf } from "./worlds.ts";

const catalogue = catalogueOf({
  list_things: ["Lists things.", { kind: "string", limit: "integer" }],
  read_thing: ["Reads a thing.", { id: "string" }],
  send_note: ["Sends a note.", { to: "string", body: "string" }],
  set_value: ["Sets a value.", { id: "integer", amount: "number", tags: "array", options: "object" }],
});

const word = fc.constantFrom(
  "alpha",
  "beta",
  "A-17",
  "x@y.example",
  "https://site.example/a",
  "2031-01-02",
  "O'Neil {a}",
  'q"',
  "12",
  "",
);
const number = fc.constantFrom(0, 1, 2, 7, 12, 99.5, 1200);
const scalar = fc.oneof(word, number, fc.boolean(), fc.constant(null));
const row = fc.dictionary(fc.constantFrom("id", "name", "to", "amount", "is_open", "a b"), scalar, { maxKeys: 4 });
const result: fc.Arbitrary<Json> = fc.oneof(
  fc.array(row, { maxLength: 4 }),
  fc.array(row, { maxLength: 3 }).map((rows) => JSON.stringify(rows)),
  fc.array(word, { maxLength: 4 }),
  row.map((one) => ({ item: one, list: [one, one] })),
  fc.array(word, { maxLength: 6 }).map((words) => `Total: ${words.join(" and ")}\nDear ${words[0] ?? "all"},`),
  scalar,
  fc.constant({ error: "failed" }),
) as fc.Arbitrary<Json>;
const exchange: fc.Arbitrary<Exchange> = fc.oneof(
  fc.tuple(fc.constant("list_things"), fc.record({ kind: word, limit: number }, { requiredKeys: [] }), result),
  fc.tuple(fc.constant("read_thing"), fc.record({ id: word }), result),
  fc.tuple(fc.constant("send_note"), fc.record({ to: word, body: word }), result),
  fc.tuple(
    fc.constant("set_value"),
    fc.record(
      {
        id: number,
        amount: number,
        tags: fc.array(word, { maxLength: 3 }),
        options: fc.dictionary(fc.constantFrom("id", "a b"), scalar),
      },
      { requiredKeys: ["id"] },
    ),
    result,
  ),
) as unknown as fc.Arbitrary<Exchange>;
const task = fc.array(word, { maxLength: 5 }).map((words) => `Please take the most of ${words.join(", ")} and 12 more.`);
const trace = fc
  .tuple(task, fc.array(exchange, { minLength: 1, maxLength: 6 }))
  .map(([text, exchanges]) => traceOf(text, exchanges));

/** Calls that act and never succeed are not part of a plan. */
function isLeftOut(events: readonly { readonly type: string }[], at: number): boolean {
  const calls = events.filter((event) => event.type === "call") as unknown as readonly {
    readonly id: string;
    readonly tool: string;
    readonly args: object;
  }[];
  const call = calls[at];
  if (call?.tool !== "send_note" && call?.tool !== "set_value") return false;
  const same = calls.filter((one) => one.tool === call?.tool && JSON.stringify(one.args) === JSON.stringify(call?.args));
  return same.every((one) =>
    events.some(
      (event) =>
        event.type === "result" &&
        "id" in event &&
        event.id === one.id &&
        JSON.stringify((event as { value?: unknown }).value) === '{"error":"failed"}',
    ),
  );
}

describe("learnPlan on any traces", () => {
  it("makes a plan that can be frozen and allows each of its runs, or says which it denies", () => {
    let admitted = 0;
    fc.assert(
      fc.property(fc.array(trace, { minLength: 2, maxLength: 4 }), (traces) => {
        const learned = learnPlan(traces, catalogue);
        if (!learned.ok) return void expect(learned.error[0]?.code).toBe("LEARN_TASKS_DIFFER");
        const { plan, findings, params } = learned.value;
        if (Object.keys(plan.nodes).length === 0) return;
        const says = findings
          .filter(({ code }) => code === "LEARN_DENIES_RUN")
          .map(({ message }) => /trace (\d+)/.exec(message)?.[1]);
        if (says.length > 0) admitted++;
        const frozen = freezePlan(plan, catalogue);
        if (!frozen.ok) return void expect(says.length, JSON.stringify([frozen.error, plan])).toBeGreaterThan(0);
        for (const [place, one] of traces.entries()) {
          const calls = replayTrace(frozen.value, one, { params: params[place] ?? {} });
          const isDenied = !calls.ok || calls.value.some((call, i) => call.verdict === "deny" && !isLeftOut(one.events, i));
          expect(isDenied, JSON.stringify(plan)).toBe(says.includes(String(place + 1)));
        }
      }),
      { numRuns: 150 },
    );
    expect(admitted).toBeLessThan(5);
  });
});
