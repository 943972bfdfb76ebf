/**
 * Parameters of a session: those given, the defaults of the others, and why one is refused. A refusal never says the value.
 */
import { describe, expect, it } from "vitest";
import { readParams } from "../../src/decide/params.ts";
import type { JsonObject } from "../../src/json/value.ts";
import { utcOnly } from "../../src/lang/input/utc.ts";
import { frozenPlan, guardOf } from "../amend/world.ts";

const { plan } = guardOf(
  frozenPlan(
    { list: { tool: "ledger/list" } },
    { params: { name: { type: "string", maxLength: 3 }, count: { type: "integer", default: 2 }, gone: { default: null } } },
  ),
).program;
const read = (given: JsonObject) => readParams(plan, given, { user: {}, now: 1_000, zones: utcOnly });

describe("the parameters of a session", () => {
  it("are those that were given, and the defaults of the others", () => {
    expect(read({ name: "ana" })).toStrictEqual({ params: { name: "ana", count: 2, gone: null }, faults: [] });
    expect(read({ name: "ana", count: 5, gone: 1 })).toStrictEqual({ params: { name: "ana", count: 5, gone: 1 }, faults: [] });
  });

  it("are each refused for a reason of their own, and what is refused is not there", () => {
    expect(read({ other: 1, count: "x" })).toStrictEqual({
      params: { gone: null },
      faults: [
        { param: "other", message: "the plan has no such parameter" },
        { param: "name", message: "the plan asks for this parameter and it has no default" },
        { param: "count", message: "the value does not satisfy `type` of the parameter" },
      ],
    });
  });

  it("are JSON, whatever a caller in this process hands over", () => {
    const message = "the value is no JSON: numbers are finite, texts well-formed, nesting bounded";
    for (const gone of [Number.NaN, "\ud800", undefined, new Date(0)])
      expect(read({ name: "ana", gone } as unknown as JsonObject).faults).toEqual([{ param: "gone", message }]);
  });

  it("are never said in a refusal", () => {
    const [fault] = read({ name: "secret" }).faults;
    expect(fault).toEqual({ param: "name", message: "the value does not satisfy `maxLength` of the parameter" });
  });
});
