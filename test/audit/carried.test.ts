import { describe, expect, it } from "vitest";
import { readRecord } from "../../src/audit/record.ts";
import { makeAudited, must } from "./fixture.ts";

describe("what an allowed call carried", () => {
  it("is in its record by names of labels, for each argument, and the log verifies with it", async () => {
    const audited = await makeAudited();
    const { token } = await audited.open();
    await audited.call(token, "secret", {}, { key: "k" });
    expect(await audited.call(token, "send")).toBe("allow");
    const verified = await audited.verify();
    expect(verified).toMatchObject({ isValid: true, faults: [] });
    const records = must(await audited.log.read(0, 100)).flatMap((text) => readRecord(text) ?? []);
    const allows = records.filter(({ kind }) => kind === "allow");
    expect(allows.map(({ tool, facts }) => [tool, facts.labels, facts.carried])).toEqual([
      ["shop/secret", undefined, undefined],
      ["shop/send", ["vault"], { key: ["vault"] }],
    ]);
  });
});
