/**
 * Labels that a tool claims for its own result, below every surface: whatever is said, the label is never less than the plan's own.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { SettleOptions } from "../../../src/surfaces/enforce/call/settle.ts";
import type { LabelValue } from "../../../src/taint/label.ts";
import { makeGround, openToken } from "./shop.ts";

/** The label of a result of `tool`, as other plans are told it, where the tool says this of it; and what a call that reads it is told then. */
async function settled(tool: string, said?: SettleOptions): Promise<{ readonly label: LabelValue; readonly next: string }> {
  const { firewall, ...ground } = makeGround();
  const token = await openToken({ ...ground, firewall });
  const checked = await firewall.check(token, { tool, args: {} });
  if (!checked.allow) throw new Error(checked.verdict.code);
  const done = await firewall.settle(checked.permit, { value: "x" }, said);
  if (!done.ok || done.label === undefined) throw new Error("no label");
  const note = await firewall.check(token, { tool: "shop/note", args: { text: "x" } });
  return { label: done.label, next: note.allow ? "allowed" : note.verdict.code };
}

const names = ["desk", "vault", "external_api", "nobody-declared"];
const claims = fc.subarray(names);
const brought = fc.record({ sources: fc.subarray(names), readers: fc.option(fc.subarray(["ada", "bob"]), { nil: null }) });
const said = fc.record({ claims, brought }, { requiredKeys: [] });

it("threat 15: whatever a tool claims of its result joins the label that the plan gives it, and takes nothing from it", async () => {
  for (const tool of ["shop/feed", "shop/secret", "shop/order"]) {
    const { label: own } = await settled(tool);
    await fc.assert(
      fc.asyncProperty(said, async (options) => {
        const { label } = await settled(tool, options);
        expect(label.sources).toEqual(expect.arrayContaining([...own.sources]));
        expect(label.untrusted ?? []).toEqual(expect.arrayContaining([...(own.untrusted ?? [])]));
        if (own.readers !== null) for (const reader of label.readers ?? ["everyone"]) expect(own.readers).toContain(reader);
      }),
      { numRuns: 60 },
    );
  }
});

it.each<readonly [string, SettleOptions]>([
  ["a trusted name", { claims: ["desk"] }],
  ["a secret's name", { claims: ["vault"] }],
  ["no source and few readers", { brought: { sources: [], readers: ["ada"] } }],
  ["a trusted source", { brought: { sources: ["desk"], readers: null } }],
])("threat 15: what a stranger wrote is a stranger's still where its tool claims %s for it", async (_, options) => {
  expect((await settled("shop/feed", options)).next).toBe("FLOW_SINK_DENIED");
  // The control: without anything of a stranger's the words may be written.
  expect((await settled("shop/order")).next).toBe("allowed");
});
