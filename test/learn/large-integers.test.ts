import { describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { learnPlan, type Trace } from "../../src/learn/learn.ts";

/** A run with integers that no double holds, in arguments, lists, rows and results. */
function run(varying: bigint): Trace {
  const rows = [{ id: 2n ** 60n + varying }, { id: 2n ** 61n + varying }];
  const call = (id: string, tool: string, args: { readonly [name: string]: Json }) => ({ type: "call", id, tool, args }) as const;
  const result = (id: string, value: Json) => ({ type: "result", id, value }) as const;
  return {
    task: "count",
    events: [
      call("1", "a/list", { of: 2n ** 53n + 1n, deep: { x: [2n ** 54n + 1n] } }),
      result("1", { rows }),
      ...rows.flatMap(({ id }, i) => [call(`r${i}`, "a/put", { id, note: [2n ** 55n + 1n] }), result(`r${i}`, "ok")]),
      call("9", "a/end", { last: varying }),
      result("9", varying),
    ],
  };
}

describe("integers beyond 2^53", () => {
  it("keep their digits in what is learned from one run and from several", () => {
    for (const traces of [[run(2n ** 62n)], [run(2n ** 62n), run(2n ** 62n + 5n), run(2n ** 62n + 9n)]]) {
      const learned = learnPlan(traces);
      if (!learned.ok) throw new Error(learned.error[0]?.message);
      const list = Object.values(learned.value.plan.nodes).find(({ tool }) => tool === "a/list");
      expect(list?.args?.of).toEqual({ const: 2n ** 53n + 1n });
    }
  });
});
