/**
 * What an organisation declares for its reports, and the published forms of mappings and reports.
 */
import { Validator } from "@cfworker/json-schema";
import { describe, expect, it } from "vitest";
import { reportJsonSchema } from "../../../src/audit/report/form.ts";
import { mappingJsonSchema, readMapping } from "../../../src/audit/report/mapping.ts";
import type { Json } from "../../../src/json/value.ts";
import { deskRun, makeDesk, mapping, reported } from "./fixture.ts";

/** What another validator says of a value: nothing, if the schema holds. */
function validator(schema: object): (value: unknown) => readonly string[] {
  const other = new Validator(schema as object, "2020-12", false);
  return (value) => other.validate(value).errors.map(({ instanceLocation, error }) => `${instanceLocation} ${error}`);
}

describe("a mapping", () => {
  it("is read whole, by a form that another validator agrees with", () => {
    const validate = validator(mappingJsonSchema());
    const given = mapping as unknown as Json;
    expect(readMapping(given)).toEqual({ ok: true, value: mapping });
    expect(validate(given)).toEqual([]);
  });

  it("refuses what it does not know, with the place: a misspelt country would be none", () => {
    const validate = validator(mappingJsonSchema());
    const wrong: readonly (readonly [Json, string])[] = [
      [{ sluiceReport: 1, tools: { "mail/*": { contry: "DE" } } }, "/tools/mail~1*/contry"],
      [{ sluiceReport: 1, tools: { "mail/*": { kind: "friend" } } }, "/tools/mail~1*/kind"],
      [{ sluiceReport: 1, labels: { a: { personal: "yes" } } }, "/labels/a/personal"],
      [{ sluiceReport: 2 }, "/sluiceReport"],
      [{ labels: {} }, "/sluiceReport"],
    ];
    for (const [value, pointer] of wrong) {
      const read = readMapping(value);
      expect(read.ok ? "read" : read.error.map((finding) => finding.pointer)).toEqual([pointer]);
      expect(validate(value)).not.toEqual([]);
    }
  });

  it("says the most of what names a tool most closely: its name, then the longest glob", async () => {
    const desk = await makeDesk();
    await deskRun(desk, "ada");
    await desk.verify();
    const tools = {
      "mail/*": { recipient: "by server" },
      "*": { recipient: "anybody" },
      "mail/se*": { recipient: "by prefix" },
      "web/search": { recipient: "by name" },
      "web/search*": { recipient: "by glob" },
    };
    const { activities } = await reported(desk, { mapping: { sluiceReport: 1, tools } });
    const names = Object.fromEntries(activities.flatMap(({ recipients }) => recipients.map(({ tool, name }) => [tool, name])));
    expect(names).toEqual({
      "crm/customer": "anybody",
      "crm/note": "anybody",
      "mail/send": "by prefix",
      "web/search": "by name",
    });
  });

  it("is published as what mapping.schema.json holds (vitest -u writes it)", async () => {
    await expect(`${JSON.stringify(mappingJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      "../../../src/audit/report/mapping.schema.json",
    );
  });
});

describe("the form of a report", () => {
  it("holds for reports of each law, by another validator", async () => {
    const desk = await makeDesk();
    await deskRun(desk, "ada");
    await desk.verify();
    const validate = validator(reportJsonSchema());
    for (const options of [{}, { mapping }, { framework: "hipaa" as const, subject: "ada" }, { framework: "ccpa" as const }]) {
      expect(validate(await reported(desk, options))).toEqual([]);
    }
    expect(validate({ ...(await reported(desk)), extra: 1 })).not.toEqual([]);
  });

  it("is published as what report.schema.json holds (vitest -u writes it)", async () => {
    await expect(`${JSON.stringify(reportJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      "../../../src/audit/report/report.schema.json",
    );
  });
});
