import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecord } from "../../../src/audit/record.ts";
import { isReport } from "../../../src/audit/report/form.ts";
import { checkProof } from "../../../src/audit/prove.ts";
import { readJson } from "../../../src/json/read.ts";
import { isArray, type Json, member } from "../../../src/json/value.ts";
import { must } from "../../audit/fixture.ts";
import { attackRun, type Desk, goodRun, makeDesk } from "../fixture.ts";

let desk: Desk;
let person = "";
beforeAll(async () => {
  desk = await makeDesk();
  await goodRun(desk);
  await attackRun(desk);
  await desk.drain();
  person = must(await desk.subjects.find("dora@example.org"))?.id ?? "";
});
afterAll(() => desk.close());

type Who = keyof Desk["tokens"];

/** A part of an answer. */
function part(json: Json | undefined, ...names: readonly string[]): Json | undefined {
  return names.reduce<Json | undefined>((inner, name) => (isArray(inner) ? inner[Number(name)] : member(inner, name)), json);
}

/** Asks as a program does. */
async function ask(
  who: Who,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly json: Json | undefined; readonly text: string }> {
  const response = await fetch(`${desk.url}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${desk.tokens[who]}`,
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    redirect: "manual",
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const read = readJson(text);
  return { status: response.status, json: read.ok ? read.value : undefined, text };
}

/** The page as a person without script sees it. */
async function page(who: Who, path: string): Promise<string> {
  const response = await fetch(`${desk.url}${path}`, {
    headers: { authorization: `Bearer ${desk.tokens[who]}`, accept: "text/html" },
  });
  expect([path, response.status]).toEqual([path, 200]);
  return response.text();
}

/** Asks until a background task has ended. */
async function until(who: Who, path: string): Promise<Json | undefined> {
  for (let i = 0; i < 100; i++) {
    const { json } = await ask(who, path);
    if (part(json, "task", "state") !== "running") return json;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error(`${path}: still running`);
}

async function records(): Promise<readonly NonNullable<ReturnType<typeof readRecord>>[]> {
  return must(await desk.log.read(0, 1_000)).flatMap((text) => readRecord(text) ?? []);
}

const pages = ["/audit", "/audit/verification", "/records/3", "/reports", "/signals", "/observe", "/policy"];

describe("the record's pages", () => {
  it.each(pages)("%s is a page and a model for a viewer", async (path) => {
    expect(await page("vera", path)).toContain("<main");
    expect((await ask("vera", path)).json).toBeTypeOf("object");
  });

  it("say how a log is turned on where there is none", async () => {
    const bare = await makeDesk({ extra: () => ({ audit: undefined as never }) });
    const headers = { authorization: `Bearer ${bare.tokens.root}`, accept: "text/html" };
    for (const path of ["/audit", "/audit/verification", "/records/3", "/reports", "/subjects", "/subjects/x", "/signals"]) {
      const text = await (await fetch(`${bare.url}${path}`, { headers })).text();
      expect(text, path).toContain("--audit");
    }
    for (const path of ["/observe", "/policy"])
      expect(await (await fetch(`${bare.url}${path}`, { headers })).text(), path).toMatch(
        /Nothing is observed|No policy is in force/,
      );
    await bare.close();
  });

  it("keep people to administrators, openings and erasures too", async () => {
    for (const who of ["vera", "ada"] as const) {
      for (const path of ["/subjects", `/subjects/${person}`]) expect((await ask(who, path)).status).toBe(403);
      for (const [path, body] of [
        ["/records/3/open", { why: "a look" }],
        ["/records/3/close", {}],
        ["/subjects/find", { name: "dora@example.org" }],
        [`/subjects/${person}/erase`, { name: "dora@example.org", why: "art. 17" }],
        ["/reports", { framework: "gdpr", subject: "dora@example.org" }],
      ] as const)
        expect([who, path, (await ask(who, path, body)).status]).toEqual([who, path, 403]);
      expect(await page(who, "/records/3")).not.toContain("Open the values");
    }
    expect((await ask("vera", "/audit/verification", { depth: "chain" })).status).toBe(403);
    expect((await ask("vera", "/observe/draft", { runs: [] })).status).toBe(403);
    expect(must(await desk.log.key({ subject: person }))).toBeDefined();
  });
});

describe("the search", () => {
  it("finds by what a record says, links to it, and tells what it cannot read", async () => {
    const found = await ask("vera", "/audit?kind=deny&tool=crm%2Fnote");
    expect(part(found.json, "found", "rows")).toMatchObject([{ kind: "deny", tool: "crm/note", code: "FLOW_SINK_DENIED" }]);
    const html = await page("vera", "/audit?kind=deny&text=FLOW");
    expect(html).toContain(`href="/dashboard/records/${String(part(found.json, "found", "rows", "0", "seq"))}"`);
    const wrong = await ask("vera", "/audit?since=yesterday&code=X");
    expect(wrong.json).toMatchObject({ problems: [{ field: "since" }] });
    expect(part(wrong.json, "found")).toBeUndefined();
  });
});

describe("a record", () => {
  const openOf = async (): Promise<number> =>
    (await records()).find(({ kind, principal }) => kind === "open" && principal === person)?.seq ?? -1;

  it("comes with a proof that a witness can check with the public key alone", async () => {
    const { status, text } = await ask("vera", "/records/3/proof");
    expect(status).toBe(200);
    const proof = must(readJson(text));
    const keys = desk.options.audit?.keys ?? [];
    expect(must(await checkProof(proof, keys))).toMatchObject({ type: "inclusion", seq: 3 });
    expect(await checkProof({ ...(proof as { readonly [name: string]: Json }), seq: 2 }, keys)).toMatchObject({ ok: false });
  });

  it("opens its values to the administrator who asked, after that was noted, and until the time is over", async () => {
    const seq = await openOf();
    const path = `/records/${seq}`;
    expect((await ask("root", `${path}/open`, { why: "  " })).status).toBe(422);
    expect(part((await ask("root", path)).json, "one", "values")).toMatchObject([{ state: "sealed" }, { state: "sealed" }]);
    expect((await ask("root", `${path}/open`, { why: "complaint 17" })).status).toBe(200);
    const opened = await ask("root", path);
    expect(part(opened.json, "one", "values")).toMatchObject([{ state: "open" }, { state: "open" }]);
    expect(opened.text).toContain("dora@example.org");
    for (const who of ["vera", "ada"] as const) expect((await ask(who, path)).text).not.toContain("dora@example.org");
    await desk.drain();
    const note = (await records()).findLast(({ kind }) => kind === "disclose");
    expect(note?.facts).toMatchObject({ act: "values-opened", record: seq, people: [person], why: "complaint 17", by: "root" });
    expect((await ask("root", `${path}/close`, {})).status).toBe(200);
    expect((await ask("root", path)).text).not.toContain("dora@example.org");
    await ask("root", `${path}/open`, { why: "complaint 17" });
    desk.clock.now += 301_000;
    expect((await ask("root", path)).text).not.toContain("dora@example.org");
  });

  it("is not opened where that cannot be noted", async () => {
    const seq = await openOf();
    const { store } = desk;
    const note = store.note;
    (store as { note: typeof note }).note = async () => ({ ok: false, error: { kind: "unavailable" } });
    try {
      expect((await ask("root", `/records/${seq}/open`, { why: "complaint 18" })).status).toBe(503);
      expect((await ask("root", `/records/${seq}`)).text).not.toContain("dora@example.org");
    } finally {
      (store as { note: typeof note }).note = note;
    }
  });
});

describe("the verification", () => {
  it("is made beside the calls, by an approver, and says that the log is valid", async () => {
    await desk.drain();
    expect((await ask("ada", "/audit/verification", { depth: "all" })).status).toBe(202);
    const task = part(await until("vera", "/audit/verification"), "task");
    expect(task).toMatchObject({ state: "done", by: "ada", value: { depth: "all", found: { isValid: true, faultCount: 0 } } });
    expect(part(task, "value", "found", "events", "follows")).toBeGreaterThan(5);
    expect(await page("vera", "/audit/verification")).toContain("each verdict follows");
  });
});

describe("a report", () => {
  it("is made in the background, and taken along as HTML, JSON and CSV", async () => {
    const made = await ask("vera", "/reports", { framework: "gdpr", from: "2026-11-01" });
    expect(made.status).toBe(202);
    const path = `/reports/${String(part(made.json, "report"))}`;
    expect(await until("vera", path)).toMatchObject({ made: { framework: "gdpr", integrity: { state: "valid" } } });
    const json = await ask("vera", `${path}/json`);
    expect(isReport(must(readJson(json.text)))).toBe(true);
    expect((await ask("vera", `${path}/csv`)).text.split("\r\n").length).toBeGreaterThan(5);
    const view = await fetch(`${desk.url}${path}/view`, { headers: { authorization: `Bearer ${desk.tokens.vera}` } });
    expect(view.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(await view.text()).toContain("<h1>Records of processing</h1>");
    expect(await page("vera", path)).toContain("Open the report");
    expect(await page("vera", "/reports")).toContain(path);
  });

  it("about one person is an administrator's, and noted by the pseudonym", async () => {
    const made = await ask("root", "/reports", { framework: "ccpa", subject: "dora@example.org" });
    expect(made.status).toBe(202);
    const path = `/reports/${String(part(made.json, "report"))}`;
    expect(await until("root", path)).toMatchObject({ made: { integrity: { state: "valid" } } });
    expect((await ask("root", `${path}/json`)).json).toMatchObject({ subject: { id: person } });
    for (const who of ["vera", "ada"] as const) {
      for (const each of [path, `${path}/json`, `${path}/view`]) expect((await ask(who, each)).status).toBe(403);
      expect((await ask(who, "/reports")).text).not.toContain(path);
    }
    await desk.drain();
    expect((await records()).findLast(({ kind }) => kind === "disclose")?.facts).toMatchObject({
      act: "person-reported",
      subject: person,
    });
    expect(JSON.stringify(await records())).not.toContain("dora@example.org");
    expect((await ask("root", "/reports", { framework: "ccpa", subject: "nobody@example.org" })).status).toBe(404);
    expect((await ask("root", "/reports", { framework: "soc2" })).status).toBe(422);
    expect((await ask("root", "/reports", { framework: "gdpr", mapping: "labels: [" })).status).toBe(422);
    expect((await ask("vera", "/reports", { framework: "gdpr", mapping: "a: b\n".repeat(40_000) })).status).toBe(413);
  });
});

describe("a person", () => {
  it("is found by the name, erased by the name once more, and then nobody can open anything", async () => {
    const found = await ask("root", "/subjects/find", { name: "dora@example.org" });
    expect(found.json).toEqual({ subject: person });
    expect((await ask("root", "/subjects/find", { name: "nobody@example.org" })).status).toBe(404);
    const path = `/subjects/${person}`;
    const counted = await until("root", path);
    expect(counted).toMatchObject({ standing: { state: "there" } });
    expect(part(counted, "task", "value", "values")).toBeGreaterThan(5);
    expect((await ask("root", `${path}/erase`, { name: "carla@example.org", why: "art. 17" })).status).toBe(422);
    expect((await ask("root", `${path}/erase`, { name: "dora@example.org", why: "" })).status).toBe(422);
    const made = await ask("root", "/reports", { framework: "gdpr", subject: "dora@example.org" });
    const report = `/reports/${String(part(made.json, "report"))}`;
    await until("root", report);
    expect((await ask("root", `${report}/json`)).text).toContain("dora@example.org");
    const drains = setInterval(() => void desk.drain(), 100);
    const erased = await ask("root", `${path}/erase`, { name: "dora@example.org", why: "art. 17, case 4" });
    clearInterval(drains);
    expect([erased.status, erased.json]).toEqual([200, { subject: person, state: "erased" }]);
    await desk.drain();
    expect(part((await ask("root", path)).json, "standing")).toMatchObject({ state: "erased" });
    for (const each of [`${report}/json`, `${report}/view`, report]) expect((await ask("root", each)).status).toBe(404);
    expect((await ask("root", "/reports")).text).not.toContain(report);
    const seq = (await records()).find(({ kind, principal }) => kind === "open" && principal === person)?.seq;
    await ask("root", `/records/${seq}/open`, { why: "too late" });
    expect(part((await ask("root", `/records/${seq}`)).json, "one", "values")).toMatchObject([
      { state: "erased" },
      { state: "erased" },
    ]);
    await ask("ada", "/audit/verification", { depth: "all" });
    const verified = part(await until("vera", "/audit/verification"), "task", "value", "found");
    expect(verified).toMatchObject({ isValid: true });
    expect(part(verified, "values", "erased")).toBeGreaterThan(5);
  });
});
