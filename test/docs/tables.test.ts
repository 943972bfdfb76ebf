/**
 * What the tables of the guides show freezes, and they name all that there is.
 */
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { CODES, type CodeInfo } from "../../src/codes.ts";
import { isObject, type Json, type JsonObject } from "../../src/json/value.ts";
import { readYaml } from "../../src/json/yaml.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { must } from "../plans/example.ts";
import { codesOf, readProjectFile, tableBelow } from "./blocks.ts";

/** A plan with one node that takes a member or an argument of a table. */
function planWith(member: JsonObject): Json {
  const bill = { tool: "files/bill", args: { path: "bill" }, labels: ["external_api"], optional: false };
  const each = { from: "bill$.rows[*]", max: 3 };
  const node = "let" in member ? {} : { tool: "mail/send", each, args: { body: { write: {} } } };
  const params = { who: { type: "string" }, least: { type: "number" } };
  return { sluice: 1, name: "table", params, nodes: { bill, node: { ...node, ...member } } };
}

function freezeMember(member: JsonObject): void {
  must(freezePlan(planWith(member) as unknown as Plan), JSON.stringify(member));
}

describe("the tables", () => {
  const written = (heading: string): readonly (readonly [string])[] =>
    tableBelow(readProjectFile("docs/plan-language.md"), heading)
      .flatMap(([cell]) => codesOf(cell ?? ""))
      .map((text) => [text] as const);

  it.each(written("## Argument classes"))("show a rule of an argument that freezes: %s", (text) => {
    freezeMember({ args: { body: must(readYaml(text), text) } });
  });

  it.each(written("## Order and repetition"))("show a member of a node that freezes: %s", (text) => {
    const member = must(readYaml(text), text);
    if (!isObject(member)) throw new Error("not a member");
    freezeMember(member);
  });

  it.each(written("## Constraints by effect"))("show a constraint that freezes: %s", (text) => {
    const facts = { labels: ["user_input"], effects: ["read"], roles: { place: "target", command: "command" } };
    const properties = { place: { type: "string" }, command: { type: "string" } };
    const tool = { name: "any/tool", inputSchema: { type: "object", properties }, sluice: facts };
    const args = { place: { choose: { type: "string" } }, command: { choose: { type: "string" } } };
    const node = { tool: "any/tool", args, constraints: must(readYaml(text), text) };
    const catalogue = must(readCatalogue({ tools: [tool] }), "catalogue");
    expect(must(freezePlan({ sluice: 1, name: "table", nodes: { node } } as unknown as Plan, catalogue), text).digest).toMatch(
      /^sha/,
    );
  });

  it("name every remedy that there is", () => {
    const kinds = new Set(Object.values(CODES).flatMap((info: CodeInfo) => info.remedies ?? []));
    expect(
      new Set(tableBelow(readProjectFile("docs/denials.md"), "# Denials that help").map(([cell]) => codesOf(cell ?? "")[0])),
    ).toEqual(kinds);
  });

  it("name stores that exist", async () => {
    const sources = {
      createMemoryStore: "memory",
      createSqliteStore: "sqlite",
      openRedisStore: "redis",
      openPostgresStore: "postgres/open",
      createCloudflareStore: "cloudflare",
    } as const;
    const names = tableBelow(readProjectFile("docs/stores.md"), "# Stores, and what a crash loses").map(
      ([cell]) => /`(\w+)\(/.exec(cell ?? "")?.[1],
    );
    expect(new Set(names)).toEqual(new Set(Object.keys(sources)));
    for (const [name, file] of Object.entries(sources)) {
      expect(Object.keys((await import(new URL(`../../src/stores/${file}.ts`, import.meta.url).href)) as object)).toContain(name);
    }
  });
});
