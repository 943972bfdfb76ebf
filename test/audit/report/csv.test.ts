/**
 * Reports as a table: read back by a reader of another's making, and harmless where a spreadsheet opens it.
 */
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { renderCsv } from "../../../src/audit/report/csv.ts";
import type { Report } from "../../../src/audit/report/form.ts";
import { deskRun, makeDesk, mapping, reported } from "./fixture.ts";

/** The rows as Python's own module reads them. */
function read(text: string): readonly (readonly string[])[] {
  const program =
    "import csv,json,sys,io\nprint(json.dumps(list(csv.reader(io.StringIO(sys.stdin.buffer.read().decode('utf-8'),newline='')))))";
  return JSON.parse(execFileSync("python3", ["-c", program], { input: text, maxBuffer: 1e8 }).toString()) as string[][];
}

async function report(): Promise<Report> {
  const desk = await makeDesk();
  await deskRun(desk, "ada");
  await deskRun(desk, "bob");
  await desk.verify();
  return reported(desk, { mapping });
}

describe("a report as CSV", () => {
  it("has one line for each entry, as many cells as columns, and the records that prove it", async () => {
    const made = await report();
    const [head = [], ...rows] = read(renderCsv(made));
    expect(rows.filter((row) => row.length !== head.length)).toEqual([]);
    const at = (name: string): number => head.indexOf(name);
    for (const name of ["activities", "flows", "approvals", "safeguards", "refusals"] as const) {
      const own = rows.filter((row) => row[at("section")] === name);
      expect([name, own.length]).toEqual([name, made[name].length]);
      expect(own.map((row) => row[at("records")])).toEqual(made[name].map(({ cites }) => cites.seqs.join(" ")));
      expect(own.map((row) => row[at("record count")])).toEqual(made[name].map(({ cites }) => String(cites.count)));
    }
    const flows = rows.filter((row) => row[at("section")] === "flows");
    expect(flows.map((row) => row[at("first")])).toEqual(made.flows.map(({ first }) => first));
    expect(flows[0]?.[at("to")]).toContain("Mail Example AG");
    expect(rows[0]?.slice(0, at("first"))).toEqual(["gdpr", "about", "GDPR art. 5(1)(f), 32(1)(b) and (d)", "1"]);
    expect(rows[0]?.[at("detail")]).toBe("verifies");
  });

  it("begins no cell as a formula, whatever a plan or a mapping is called", async () => {
    const made = await report();
    const evil = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1"];
    for (const text of evil) {
      const flows = made.flows.map((row) => ({
        ...row,
        planName: text,
        purpose: text,
        to: { ...row.to, recipient: { ...row.to.recipient, name: text } },
      }));
      const cells = read(renderCsv({ ...made, flows, controller: { ...made.controller, name: text } })).flat();
      expect(cells.filter((cell) => /^[=+\-@\t\r\n]/.test(cell))).toEqual([]);
    }
  });
});
