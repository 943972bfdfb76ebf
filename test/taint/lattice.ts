/** A label space to judge laws in, and every label that can be made in it. Never looks inside a label. */
import fc from "fast-check";
import type { FlowRule, LabelSpec } from "../../src/plan/plan.ts";
import { createLabelSpace, type Label, type LabelSpace } from "../../src/taint/label.ts";

const people = ["ana", "bob", "cy", "dan"];

/** Declared labels: of both integrities, with and without readers, and one that nobody may read. */
export const declared: { readonly [name: string]: LabelSpec } = {
  safe: { integrity: "trusted" },
  desk: { integrity: "trusted", readers: ["ana", "bob"] },
  ward: { integrity: "trusted", readers: ["cy", "bob"] },
  web: { integrity: "untrusted" },
  spy: { integrity: "untrusted", readers: ["dan"] },
  void: { integrity: "trusted", readers: [] },
};

/** Every name that a label of the space may have: declared, built in, and made up. */
export const names: readonly string[] = [...Object.keys(declared), "user_input", "external_api", "unknown", "nobody-declared"];

/** 40 flow rules: more than have a bit of their own in a label. */
export const flows: readonly FlowRule[] = Array.from({ length: 40 }, (_, i) => ({
  id: `rule-${i}`,
  deny: [[...names, "untrusted"][i % (names.length + 1)] as string],
  to: "*",
}));

/** The space. */
export const space: LabelSpace = createLabelSpace(declared, flows);

/** Any label that can be reached: joins of names, some removed, some widened, some narrowed from outside. */
export const anyLabel: fc.Arbitrary<Label> = fc
  .record({
    sources: fc.subarray([...names]),
    removed: fc.subarray([...names], { maxLength: 2 }),
    readers: fc.option(fc.subarray(people)),
  })
  .map(({ sources, removed, readers }) => {
    const made = space.remove(space.of(sources), removed);
    return readers === null ? made : space.join(made, space.fromForeign({ sources: [], readers }));
  });

/** Whether two labels mean the same. */
export function isSame(a: Label, b: Label): boolean {
  return space.flowsTo(a, b) && space.flowsTo(b, a);
}
