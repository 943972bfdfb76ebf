/**
 * Facts that were inferred stay marked in a catalogue file until a person takes the mark away.
 */
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { sluiceMember } from "../../../src/catalogue/from/facts.ts";
import { reviewCatalogue } from "../../../src/catalogue/review.ts";
import { type Json, type JsonObject, member } from "../../../src/json/value.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import { lintPlan } from "../../../src/plan/lint.ts";
import type { Plan } from "../../../src/plan/plan.ts";

const send: JsonObject = {
  name: "send",
  description: "Sends it.",
  inputSchema: { type: "object", properties: { to: { type: "string" }, body: { type: "string" } } },
};
const withFacts = (sluice: Json): Json => ({ tools: [{ ...send, sluice }] });

function factsOf(sluice: Json) {
  const read = readCatalogue(withFacts(sluice));
  return read.ok ? read.value.tools.get("local/send")?.facts : read.error.map(({ pointer }) => pointer);
}

describe("`sluice.inferred`", () => {
  it("keeps what stands in the file, and says that nobody confirmed it", () => {
    const sluice: Json = { effects: ["read"], roles: { to: "selector", body: "content" }, inferred: ["effects", "roles.to"] };
    expect(factsOf(sluice)).toEqual({
      effects: ["read"],
      roles: { to: "selector", body: "content" },
      inferred: ["effects", "roles.to"],
    });
  });

  it("grows by what does not stand in the file", () => {
    expect(factsOf({ roles: { to: "target" }, inferred: ["roles.to"] })).toMatchObject({
      inferred: ["roles.to", "effects", "roles.body"],
    });
    expect(factsOf({ inferred: ["effects"] })).toMatchObject({ inferred: ["effects", "roles"] });
  });

  it.each<readonly [string, Json, string]>([
    ["a name that is no fact", ["colour"], "/tools/0/sluice/inferred/0"],
    ["a name twice", ["effects", "effects"], "/tools/0/sluice/inferred/1"],
    ["no list", "effects", "/tools/0/sluice/inferred"],
    ["a role of nothing", ["roles."], "/tools/0/sluice/inferred/0"],
  ])("is refused with %s", (_, inferred, pointer) => {
    expect(factsOf({ effects: ["read"], inferred })).toEqual([pointer]);
  });

  it("is what lint tells of, until it is gone", () => {
    const plan: Plan = {
      sluice: 1,
      name: "p",
      task: "Send it",
      nodes: { send: { tool: "send", args: { to: "kim@corp.example", body: "Hi" } } },
    };
    const told = (sluice: JsonObject): readonly string[] => {
      const read = readCatalogue(withFacts(sluice));
      if (!read.ok) throw new Error();
      expect(freezePlan(plan, read.value).ok).toBe(true);
      return lintPlan(plan, read.value).flatMap(({ code, message }) => (code === "LINT_INFERRED" ? [message] : []));
    };
    const { inferred: marks, ...confirmed } = sluiceMember(send) as { readonly [key: string]: Json };
    expect(marks).toEqual(["effects", "roles"]);
    expect(told({ ...confirmed, inferred: marks as Json })[0]).toContain(
      "effects `network`, `message`; `body` is content, `to` is target",
    );
    expect(told(confirmed)).toEqual([]);
  });
});

describe("what is written out", () => {
  it("is what would be inferred without it", () => {
    const [bare, written] = [factsOf({}), factsOf(sluiceMember(send))];
    expect(written).toEqual(bare);
  });

  it("never names a label, a resource or an audience", () => {
    expect(Object.keys(sluiceMember(send))).toEqual(["effects", "roles", "inferred"]);
  });
});

describe("the review", () => {
  const review = (tool: JsonObject) => {
    const read = readCatalogue({ tools: [tool] });
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    return reviewCatalogue(read.value)[0];
  };
  it.each<readonly [string, JsonObject, readonly string[]]>([
    ["a verb of the name", { name: "send" }, ["network: the name says `send`", "message: the name says `send`"]],
    ["a verb of the description", { name: "x", description: "Deletes a file." }, ["write: the description says `delete`"]],
    ["no verb at all", { name: "x" }, ["write: nothing says that it only reads", "network: nothing says that it only reads"]],
    [
      "an argument",
      { name: "get", inputSchema: { properties: { url: {} } } },
      ["read: the name says `get`", "network: an argument is named `url`"],
    ],
    [
      "a hint of the server",
      { name: "get", annotations: { destructiveHint: true } },
      ["read: the name says `get`", "write: the server's hint `destructiveHint: true`"],
    ],
    ["money", { name: "update_invoice" }, ["write: the name says `update`", "money: it acts, and the name says `invoice`"]],
    [
      "what a person wrote and did not confirm",
      { name: "get", sluice: { effects: ["money"], inferred: ["effects"] } },
      ["money: written in the file, not confirmed"],
    ],
    ["nothing, where it was declared", { name: "get", sluice: { effects: ["money"] } }, ["money: undefined"]],
  ])("says why an effect was inferred: %s", (_, tool, expected) => {
    expect(review(tool)?.effects.map(({ value, because }) => `${value}: ${because}`)).toEqual(expected);
  });

  it.each<readonly [string, JsonObject, string, string]>([
    ["to", {}, "target", "the tool has the effect `write`"],
    ["body", { type: "string" }, "content", "plain text, named `body`"],
    ["api_key", {}, "credential", "named `api key`"],
    ["password", {}, "credential", "named `password`"],
  ])("says why a role was inferred: %s", (arg, schema, role, because) => {
    const tool = review({ name: "update", inputSchema: { properties: { [arg]: schema } } });
    expect(tool?.roles[arg]).toEqual({ value: role, isInferred: true, because });
  });

  it("says who reads what is sent as the engine has it", () => {
    const audience = (effects: readonly string[], more: JsonObject = {}): Json | undefined =>
      member(review({ name: "x", sluice: { effects: [...effects], ...more } }) as unknown as Json, "audience");
    expect(audience(["read"])).toEqual({ value: null, isInferred: false });
    expect(audience(["message"])).toMatchObject({ value: "public", isInferred: true });
    expect(audience(["message"], { audience: ["kim"] })).toEqual({ value: ["kim"], isInferred: false });
  });

  it("tells hosts only of servers that were made of a document, whatever another server says in `_meta`", () => {
    const _meta = {
      "sluice/http": { method: "GET", path: "/a", servers: ["https://a.example:8443/v1", "https://a.example:8443/v2"] },
    };
    const hosts = (server: Json): readonly string[] => {
      const read = readCatalogue({ server, tools: [{ name: "get", _meta }] });
      return read.ok ? (reviewCatalogue(read.value)[0]?.hosts ?? []) : ["refused"];
    };
    expect(hosts({ name: "a", openapi: "3.1" })).toEqual(["a.example:8443"]);
    expect(hosts({ name: "a" })).toEqual([]);
  });
});
