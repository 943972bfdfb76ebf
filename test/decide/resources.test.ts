/**
 * Which keys a call touches, by the arguments that name its resource: what cannot be told is the whole server.
 */
import { describe, expect, it } from "vitest";
import { touchedBy } from "../../src/decide/resources.ts";
import type { JsonObject } from "../../src/json/value.ts";
import { resourceKey, serverKey } from "../../src/lang/resource.ts";
import type { CompiledNode } from "../../src/plan/compile/compiled.ts";
import type { CompiledResource } from "../../src/plan/compile/resources.ts";

function touched(final: JsonObject, writes: readonly CompiledResource[], isHidden = false): unknown {
  const args = [
    { name: "id", rule: { isHidden } },
    { name: "o", rule: { isHidden: false } },
  ];
  const resources = { server: "s", reads: [], writes, isCopying: false };
  return touchedBy({ args, resources } as unknown as CompiledNode, final).writes;
}

const issue: CompiledResource = { kind: "issue", parts: ["no ", ["id"]] };
const inner: CompiledResource = { kind: "issue", parts: [["o", "id"]] };
const whole = [serverKey("s")];
const keyOf = (name: string): readonly string[] => [resourceKey("s", "issue", name)];

describe("the key of what a call touches", () => {
  it("is made of a text, a number or a boolean", () => {
    expect(touched({ id: "x" }, [issue])).toEqual(keyOf("no x"));
    expect(touched({ id: 7 }, [issue])).toEqual(keyOf("no 7"));
    expect(touched({ id: false }, [issue])).toEqual(keyOf("no false"));
    expect(new Set([keyOf("no x"), keyOf("no 7"), whole].map(String)).size).toBe(3);
  });

  it.each([[{}], [{ id: "" }], [{ id: null }], [{ id: ["x"] }], [{ id: { x: 1 } }]])(
    "is the whole server where its argument is none of them: %j",
    (final) => expect(touched(final, [issue])).toEqual(whole),
  );

  it("is the whole server where the argument is hidden, or the call has no rule for it", () => {
    expect(touched({ id: "x" }, [issue], true)).toEqual(whole);
    expect(touched({ other: "x" }, [{ kind: "issue", parts: [["other"]] }])).toEqual(whole);
  });

  it("is read from a member of an object itself, never of what it inherits or of a list", () => {
    expect(touched({ o: { id: "x" } }, [inner])).toEqual(keyOf("x"));
    for (const o of ["x", ["x"], 5, null, { other: 1 }]) expect(touched({ o }, [inner]), JSON.stringify(o)).toEqual(whole);
    expect(touched({ o: { x: 1 } }, [{ kind: "issue", parts: [["o", "constructor", "name"]] }])).toEqual(whole);
    expect(touched({ o: "text" }, [{ kind: "issue", parts: [["o", "length"]] }])).toEqual(whole);
  });

  it("is there once and in order, and absent where nothing is touched", () => {
    const other: CompiledResource = { kind: "a", parts: ["b"] };
    expect(touched({ id: "x" }, [issue, undefined, other, issue])).toEqual(
      [...keyOf("no x"), ...whole, resourceKey("s", "a", "b")].sort(),
    );
    expect(
      touchedBy({ args: [], resources: { server: "s", reads: [other], writes: [], isCopying: false } } as never, {}),
    ).toStrictEqual({
      reads: [resourceKey("s", "a", "b")],
    });
    expect(touchedBy({ args: [] } as never, {})).toStrictEqual({});
  });
});
