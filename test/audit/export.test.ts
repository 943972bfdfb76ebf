import { readFileSync } from "node:fs";
import { Validator } from "@cfworker/json-schema";
import { beforeAll, describe, expect, it } from "vitest";
import { type ExportOptions, exportAudit } from "../../src/audit/export.ts";
import { ocsfOf } from "../../src/audit/ocsf.ts";
import { type AuditRecord, auditKinds, noDigest, readRecord } from "../../src/audit/record.ts";
import { readJson } from "../../src/json/read.ts";
import type { JsonObject } from "../../src/json/value.ts";
import { type Audited, makeAudited, must, traffic } from "./fixture.ts";

/** Schemas of OCSF 1.6 by the number of the class, as `ocsf/generate.py` has made them with the package `ocsf-json-schema`. */
const schemas = new Map(
  [2004, 3003, 3004, 3005, 6003].map((uid) => {
    const schema = must(readJson(readFileSync(new URL(`ocsf/${uid}.schema.json`, import.meta.url), "utf8")));
    return [uid, new Validator(schema as object, "2020-12", false)] as const;
  }),
);

/** What is wrong with an event. */
function faultsOf(event: JsonObject): readonly string[] {
  const validator = schemas.get(Number(event.class_uid));
  if (validator === undefined) return [`no schema of class ${event.class_uid}`];
  return validator.validate(event).errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
}

let audited: Audited;
beforeAll(async () => {
  audited = await makeAudited();
  await traffic(audited);
  must(await audited.writer.drain());
});

async function exported(options: Omit<ExportOptions, "version" | "write">): Promise<readonly string[]> {
  const pieces: string[] = [];
  must(await exportAudit(audited.log, { version: "1.2.3", write: (piece) => void pieces.push(piece), ...options }));
  const text = pieces.join("");
  expect(text.endsWith("\n")).toBe(true);
  return text.split(options.format === "csv" ? "\r\n" : "\n").slice(0, -1);
}

const people = ["ada@example.org", "bob@example.org"];

describe("as OCSF", () => {
  it("is what the schema of each class asks for, for every record of real traffic", async () => {
    const events = (await exported({ format: "ocsf" })).map((line) => must(readJson(line)) as JsonObject);
    expect(events.length).toBe(must(await audited.log.head()).size);
    for (const event of events) expect([event.message, faultsOf(event)]).toEqual([event.message, []]);
    expect(new Set(events.map(({ class_uid }) => class_uid))).toEqual(new Set([2004, 3003, 3004, 6003]));
  });

  it.each(auditKinds)("is what the schema asks for, for a record of kind %s with everything in it, and with nothing", (kind) => {
    const bare: AuditRecord = { v: 1, seq: 7, at: 1_800_000_000_000.5, kind, facts: {}, values: {}, prev: noDigest };
    const full: AuditRecord = {
      ...bare,
      ...{
        session: "s1",
        number: 3,
        plan: "sha256:ab",
        principal: "p1",
        node: "n1",
        tool: "web/fetch",
        code: "FLOW_SINK",
        cursor: "a:1",
      },
      facts: { by: "ada", run: 4, hold: "h1", receipt: "r1", subject: "p2", labels: ["web"], chain: [{ kind: "source" }] },
    };
    for (const record of [bare, full]) {
      const event = ocsfOf(record, { log: "ab".repeat(32), version: "1.2.3" }, { call: { tool: "x" } });
      expect(faultsOf(event)).toEqual([]);
      expect(event.type_uid).toBe(Number(event.class_uid) * 100 + Number(event.activity_id));
      expect(Number.isInteger(event.time)).toBe(true);
    }
  });

  it("is refused by those schemas when a required attribute or a number of the class is changed", () => {
    const record: AuditRecord = { v: 1, seq: 7, at: 5, kind: "allow", facts: {}, values: {}, prev: noDigest };
    const event = ocsfOf(record, { log: "ab", version: "1" });
    for (const name of ["time", "metadata", "actor", "api", "src_endpoint", "severity_id"]) {
      const { [name]: _, ...less } = event;
      expect(faultsOf(less)).not.toEqual([]);
    }
    expect(faultsOf({ ...event, activity_id: 77 })).not.toEqual([]);
    expect(faultsOf({ ...event, invented: 1 })).not.toEqual([]);
  });

  it("says of a denial that it was blocked, and why", async () => {
    const [first] = await exported({ format: "ocsf", query: { kind: ["deny"] } });
    expect(must(readJson(first ?? ""))).toMatchObject({
      class_uid: 2004,
      action_id: 2,
      disposition_id: 2,
      metadata: { product: { version: "1.2.3" }, profiles: ["security_control"] },
      unmapped: { sluice: { record: { kind: "deny" } } },
    });
  });
});

describe("as CSV", () => {
  it("has a line for each record, with what it says in columns", async () => {
    const [head = "", ...lines] = await exported({ format: "csv" });
    expect(head).toBe(
      '"seq","time","kind","session","number","plan","principal","node","tool","code","by","facts","values","cursor","prev"',
    );
    expect(lines.length).toBe(must(await audited.log.head()).size);
    expect(lines[0]).toMatch(/^0,"2027-01-15T08:00:00.[0-9]{3}Z","begin",,/);
  });
});

describe("as lines", () => {
  it("is the records as they are kept, and those of a filter alone", async () => {
    const size = must(await audited.log.head()).size;
    expect(await exported({ format: "jsonl" })).toEqual(must(await audited.log.read(0, size)));
    const denied = await exported({ format: "jsonl", query: { kind: ["deny"], since: 0 } });
    expect(denied.length).toBeGreaterThan(2);
    expect(new Set(denied.map((line) => readRecord(line)?.kind))).toEqual(new Set(["deny"]));
  });
});

describe.each(["jsonl", "csv", "ocsf"] as const)("an export as %s", (format) => {
  it("has nothing personal but where openings are asked for, and nothing of who was erased even then", async () => {
    const text = (await exported({ format })).join("\n");
    for (const name of [...people, "now the web is in it", "k-4711"]) expect(text).not.toContain(name);
    const opened = (await exported({ format, opening: audited.subjects })).join("\n");
    for (const name of [...people, "now the web is in it", "hello bob"]) expect(opened).toContain(name);
  });
});

it("leaves out what was opened of a person who is erased, and says so", async () => {
  const own = await makeAudited();
  await traffic(own);
  must(await own.writer.drain());
  must(await own.subjects.erase(must(await own.subjects.find("ada@example.org"))?.id ?? ""));
  const pieces: string[] = [];
  const write = (piece: string): void => void pieces.push(piece);
  must(await exportAudit(own.log, { format: "jsonl", version: "1", opening: own.subjects, write }));
  const text = pieces.join("");
  expect(text).not.toContain("ada@example.org");
  expect(text).toContain('"values":{"erased":true}');
  expect(text).toContain("hello bob");
});

it("ends at a record that cannot be read, and says which", async () => {
  const log = { ...audited.log, read: async () => ({ ok: true, value: ["nothing"] }) as const };
  const done = await exportAudit(log, { format: "jsonl", version: "1", write: () => undefined });
  expect(done).toEqual({ ok: false, error: { kind: "unavailable", detail: "record 0 cannot be read" } });
});
