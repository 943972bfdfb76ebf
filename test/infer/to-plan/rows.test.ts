/**
 * Results as references, lists and loops, with proposals that are written down.
 */
import { describe, expect, it } from "vitest";
import type { Json } from "../../../src/json/value.ts";
import { catalogueOf, draftOfScript, type ScriptedCall } from "./scripted.ts";

const search: ScriptedCall = { tool: "people/search", words: "Find Ada", args: { query: { is: "Ada", words: "Ada" } } };

function codes(draft: ReturnType<typeof draftOfScript>): readonly string[] {
  return draft.findings.map(({ code, pointer }) => `${code} ${pointer}`);
}

describe("results", () => {
  it("are references with a path", () => {
    const { plan } = draftOfScript("Notify the person p1 of hi", [
      { tool: "people/get", args: { id: { is: "p1" } } },
      { tool: "mail/notify", args: { address: { from: 0, path: "email" }, text: { is: "hi" } } },
    ]);
    expect(plan.nodes.notify?.args?.address).toEqual({ from: "get$.email" });
  });

  it("are the whole result where no part is meant", () => {
    const { plan } = draftOfScript("Fetch https://a.example/ and mail it", [
      { tool: "web/fetch", args: { url: { is: "https://a.example/" } } },
      { tool: "mail/notify", args: { address: { is: "a@x.example" }, text: { from: 0 } } },
    ]);
    expect(plan.nodes.notify?.args?.text).toEqual({ from: "fetch$" });
    expect(plan.nodes.fetch?.constraints).toEqual({ readOnly: true, hosts: ["a.example"] });
  });

  it("of a list make one run for each row where the task says so, at most as many as the schema allows", () => {
    const task = "Find Ada and send each of them a note saying hi";
    const draft = draftOfScript(task, [
      search,
      {
        tool: "mail/notify",
        words: "send each of them a note",
        args: { address: { from: 0, path: "people.[].email" }, text: { from: 0, path: "people.[].name" } },
      },
    ]);
    expect(draft.plan.nodes.notify).toMatchObject({
      each: { from: "search$.people[*]", max: 12 },
      args: { address: { item: "$.email" }, text: { item: "$.name" } },
    });
    expect(codes(draft)).toEqual([]);
  });

  it("of a list without a bound have a stated one, smaller for what acts, and a finding says so", () => {
    const rows = {
      type: "object",
      properties: { rows: { type: "array", items: { type: "object", properties: { id: { type: "string" } } } } },
    };
    const list = {
      name: "a/list_rows",
      inputSchema: { type: "object", properties: {} },
      outputSchema: rows,
      sluice: { effects: ["read"] },
    };
    const one = (name: string, effects: readonly string[]): Json => ({
      name,
      inputSchema: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
      sluice: { effects },
    });
    const catalogue = catalogueOf({ tools: [list, one("a/read", ["read"]), one("a/remove", ["write"])] });
    const id = { from: 0, path: "rows.[].id" } as const;
    const calls = ["a/read", "a/remove"].map((tool): ScriptedCall => ({ tool, args: { id } }));
    const draft = draftOfScript("List the rows, read and remove each", [{ tool: "a/list_rows" }, ...calls], catalogue);
    expect(draft.plan.nodes).toMatchObject({ read: { each: { max: 100 } }, remove: { each: { max: 20 } } });
    expect(codes(draft)).toEqual(["INFER_LOOP /nodes/read/each/max", "INFER_LOOP /nodes/remove/each/max"]);
  });

  it("of a list are the first of it where the task speaks of one, and a finding asks", () => {
    const draft = draftOfScript("Find Ada and send her a note saying hi", [
      search,
      { tool: "mail/notify", args: { address: { from: 0, path: "people.[].email" }, text: { is: "hi" } } },
    ]);
    expect(draft.plan.nodes.notify?.args?.address).toEqual({ from: "search$.people[*].email", pick: "first" });
    expect(codes(draft)).toContain("INFER_PICK /nodes/notify/args/address");
  });

  it("of a list are the last of it where the task says the last one", () => {
    const { plan } = draftOfScript("Find Ada, take the last of them and note hi", [
      search,
      { tool: "people/get", words: "take the last", args: { id: { from: 0, path: "people.[].id" } } },
    ]);
    // "them" alone would be a loop over a list; a reader is looped over.
    expect(plan.nodes.get?.each).toEqual({ from: "search$.people[*]", max: 12 });
    const one = draftOfScript("Find Ada and look at the last one", [
      search,
      { tool: "people/get", words: "look at the last one", args: { id: { from: 0, path: "people.[].id" } } },
    ]);
    expect(one.plan.nodes.get?.args?.id).toEqual({ from: "search$.people[*].id", pick: "last" });
  });

  it("fill a list whole: a path where one selects it, else an expression whose edge is said", () => {
    const draft = draftOfScript("Find Ada and mail them lunch", [
      search,
      { tool: "mail/send", args: { to: { from: 0, path: "people.[].email" }, subject: { is: "lunch" }, body: { is: "lunch" } } },
    ]);
    expect(draft.plan.nodes.send).toMatchObject({ after: ["search"], args: { to: { expr: "search.people.map(r, r.email)" } } });
    const direct = draftOfScript("Find Ada and mail the tags", [
      search,
      { tool: "mail/send", args: { to: { from: 0, path: "people.[]" }, subject: { is: "lunch" }, body: { is: "lunch" } } },
    ]);
    expect(direct.plan.nodes.send?.args?.to).toEqual({ from: "search$.people" });
  });

  it("of lists inside lists fill one list", () => {
    const { plan } = draftOfScript("Find Ada and mail the tags", [
      search,
      { tool: "mail/send", args: { to: { from: 0, path: "people.[].tags.[]" }, subject: { is: "x" }, body: { is: "y" } } },
    ]);
    expect(plan.nodes.send?.args?.to).toEqual({ expr: "flatten(search.people.map(r, r.tags))" });
  });

  it("that are one value fill a list of one", () => {
    const { plan } = draftOfScript("Mail the person p1", [
      { tool: "people/get", args: { id: { is: "p1" } } },
      { tool: "mail/send", args: { to: { from: 0, path: "email" }, subject: { is: "x" }, body: { is: "y" } } },
    ]);
    expect(plan.nodes.send?.args?.to).toEqual([{ from: "get$.email" }]);
  });

  it("become the members of a list of objects", () => {
    const draft = draftOfScript("Find Ada and invite them to lunch", [
      search,
      {
        tool: "calendar/create",
        args: {
          title: { is: "lunch" },
          "when.start": { is: "2026-05-03" },
          "attendees.[].email": { from: 0, path: "people.[].email" },
          "attendees.[].role": { from: 0, path: "people.[].name" },
        },
      },
    ]);
    expect(draft.plan.nodes.create?.args?.attendees).toEqual({
      expr: 'search.people.map(r, {"email": r.email, "role": r.name})',
    });
    expect(codes(draft)).toEqual([]);
  });

  it("of a loop are read run by run by a reader, and one of them by what acts unless the task says each", () => {
    const loop: ScriptedCall = {
      tool: "people/get",
      words: "look up all of them",
      args: { id: { from: 0, path: "people.[].id" } },
    };
    const note = (words: string): ScriptedCall => ({
      tool: "mail/notify",
      words,
      args: { address: { from: 1, path: "email" }, text: { is: "hi" } },
    });
    const all = draftOfScript("Find Ada, look up all of them. Note hi to each", [search, loop, note("Note hi to each")]);
    expect(all.plan.nodes.notify).toMatchObject({ each: "get", args: { address: { from: "get$.email" } } });
    const one = draftOfScript("Find Ada, look up all of them. Note hi to him", [search, loop, note("Note hi to him")]);
    expect(one.plan.nodes.notify).toMatchObject({ args: { address: { from: "get$.email", pick: "first" } } });
    expect(one.plan.nodes.notify?.each).toBeUndefined();
  });

  it("that would make calls wait for each other are asked for, the least sure first", () => {
    const { plan, decisions } = draftOfScript("Get both", [
      { tool: "people/get", args: { id: { from: 1, path: "id", confidence: 0.6 } } },
      { tool: "people/get", args: { id: { from: 0, path: "id", confidence: 0.9 } } },
    ]);
    expect(plan.nodes).toMatchObject({ get: { args: { id: { param: "id" } } }, get_2: { args: { id: { from: "get$.id" } } } });
    expect(decisions.find(({ node, argument }) => node === "get" && argument === "id")).toMatchObject({
      kind: "ask",
      confidence: 0,
    });
  });

  it("of names that are no identifiers are written as paths and expressions take them", () => {
    const rows = {
      type: "object",
      properties: { in: { type: "array", items: { type: "object", properties: { "e-mail": { type: "string" } } } } },
    };
    const catalogue = catalogueOf({
      tools: [
        { name: "a/list", inputSchema: { type: "object", properties: {} }, outputSchema: rows },
        {
          name: "a/get",
          inputSchema: {
            type: "object",
            properties: { ids: { type: "array", items: { type: "string" } }, id: { type: "string" } },
          },
        },
      ],
    });
    const path = "in.[].e-mail";
    const { plan } = draftOfScript(
      "x",
      [{ tool: "a/list" }, { tool: "a/get", args: { ids: { from: 0, path }, id: { from: 0, path } } }],
      catalogue,
    );
    expect(plan.nodes.get?.args).toEqual({
      ids: { expr: 'list["in"].map(r, r["e-mail"])' },
      id: { from: "list$.in[*]['e-mail']", pick: "first" },
    });
  });
});
