/**
 * What inference says of real-looking tools, and the laws that it obeys.
 * Never reads the network or the clock.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inferEffects, inferRole } from "../../src/catalogue/catalogue.ts";
import { effectNames } from "../../src/catalogue/effects.ts";
import { actors, readers } from "../../src/catalogue/verbs.ts";
import type { Effect, Role } from "../../src/plan/plan.ts";

const tools: readonly (readonly [string, string, readonly string[], readonly Effect[]])[] = [
  ["get_balance", "Get the balance of the account.", [], ["read"]],
  ["get_most_recent_payments", "Get the list of recent payments.", ["n"], ["read"]],
  ["list-open-orders", "Lists the orders that are open.", [], ["read"]],
  ["getUserDetails", "", ["user_id"], ["read"]],
  ["read_inbox", "Read the messages from the given user inbox.", ["user"], ["read"]],
  ["MailboxSearchEmails", "Searches the mailbox.", ["query"], ["read"]],
  ["send_money", "Sends a transaction to the recipient.", ["recipient", "amount"], ["network", "money", "message"]],
  ["SendEmail", "Sends an e-mail.", ["to", "subject", "body"], ["network", "message"]],
  ["invite_user", "Invites a user to the workspace.", ["email"], ["network", "message"]],
  ["post_comment", "Post a comment.", ["text"], ["write", "network", "message"]],
  ["pay_invoice", "Pays an invoice.", ["id"], ["write", "money"]],
  ["place_order", "Places an order at the exchange.", ["symbol", "quantity"], ["write", "money"]],
  ["cancel_meeting", "Cancel a meeting.", ["id"], ["write"]],
  ["schedule_meeting", "Schedule a meeting.", ["start"], ["write"]],
  ["delete_file", "Delete a file.", ["path"], ["write"]],
  ["share_file", "Share a file with someone.", ["path", "with"], ["write", "network"]],
  ["get_webpage", "Returns the content of the web page at a URL.", ["url"], ["read", "network"]],
  ["lookup", "Look up a word in the dictionary.", ["word"], ["read"]],
  ["fetch", "Fetch a resource.", ["url"], ["read", "network"]],
  ["download_report", "Download the report.", ["id"], ["read", "network"]],
  ["execute_sql", "Run a statement.", ["sql"], ["write", "network", "execute"]],
  ["query_warehouse", "Query the warehouse.", ["sql"], ["read", "write", "network", "execute"]],
  ["bash", "Runs a command in the sandbox.", ["command"], ["write", "network", "execute"]],
  ["python", "", ["code"], ["write", "network", "execute"]],
  ["frobnicate", "Frobnicates the widget.", ["widget"], ["write", "network"]],
  ["frobnicate", "", [], ["write", "network"]],
  ["", "", [], ["write", "network"]],
];

describe("inferEffects", () => {
  it.each(tools)("infers of `%s` (%s) exactly what its verb means", (name, description, args, expected) => {
    expect(inferEffects({ name, description, arguments: args })).toEqual(expected);
  });

  it("does not take a noun after a reading verb for the verb", () => {
    for (const name of ["get_order_status", "find_transfer", "list_messages", "read_email", "check_refund", "get_run_log"]) {
      expect(inferEffects({ name, arguments: [] }), name).toEqual(["read"]);
    }
  });

  it("takes a reading word for the verb only at the start or when the description agrees", () => {
    expect(inferEffects({ name: "reindex_search_table", description: "Reindexes the table.", arguments: [] })).toContain("write");
    expect(inferEffects({ name: "Toolkit.SearchTable", description: "Searches the table.", arguments: [] })).toEqual(["read"]);
  });

  it("sees the acting verb of a later clause", () => {
    const description = "Get a record, and delete it when it is older than a year.";
    expect(inferEffects({ name: "get_record", description, arguments: [] })).toEqual(["read", "write"]);
    expect(inferEffects({ name: "search_and_share", arguments: [] })).toContain("network");
  });

  it("never loses an effect through an annotation", () => {
    const word = fc.constantFrom(...readers, ...actors.keys(), "widget", "order", "and");
    const hints = fc.record(
      { readOnlyHint: fc.boolean(), destructiveHint: fc.boolean(), idempotentHint: fc.boolean(), openWorldHint: fc.boolean() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), fc.array(word, { maxLength: 6 }), hints, (name, text, annotations) => {
        const shape = { name: name.join("_"), description: text.join(" "), arguments: [] };
        const bare = inferEffects(shape);
        const hinted = inferEffects({ ...shape, annotations });
        expect(bare.filter((effect) => !hinted.includes(effect))).toEqual([]);
        if (annotations.destructiveHint === true || annotations.readOnlyHint === false) expect(hinted).toContain("write");
        if (annotations.openWorldHint === true) expect(hinted).toContain("network");
      }),
      { numRuns: 300 },
    );
  });

  it("gives every acting verb in front of anything at least its own effects", () => {
    for (const [verb, effects] of actors) {
      const inferred = inferEffects({ name: `${verb}_thing`, description: "", arguments: [] });
      expect(
        effects.filter((effect) => !inferred.includes(effect)),
        verb,
      ).toEqual([]);
    }
  });

  it("says something about every text, in the one order of effects", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary", maxLength: 200 }), (name, description) => {
        const inferred = inferEffects({ name, description, arguments: [name] });
        expect(inferred.length).toBeGreaterThan(0);
        expect(inferred).toEqual(effectNames.filter((effect) => inferred.includes(effect)));
      }),
      { numRuns: 300 },
    );
  });
});

describe("inferRole", () => {
  const text = { type: "string" };
  const cases: readonly (readonly [
    string,
    readonly Effect[],
    { readonly [keyword: string]: string | readonly string[] },
    Role,
  ])[] = [
    ["body", ["message"], text, "content"],
    ["message_content", ["message"], text, "content"],
    ["newDescription", ["write"], text, "content"],
    ["note", ["money"], text, "content"],
    ["to", ["message"], text, "target"],
    ["reply_to", ["message"], text, "target"],
    ["comment_id", ["write"], text, "target"],
    ["amount", ["money"], { type: "number" }, "target"],
    ["reason", ["write"], { type: "string", enum: ["late", "broken"] }, "target"],
    ["message", ["message"], { type: "object" }, "target"],
    ["body", ["message"], { format: "uri", type: "string" }, "target"],
    ["path", ["read"], text, "selector"],
    ["query", ["read"], text, "selector"],
    ["url", ["read", "network"], text, "target"],
    ["page_token", ["read"], text, "selector"],
    ["access_token", ["read"], text, "credential"],
    ["api_key", ["write"], text, "credential"],
    ["new_password", ["write"], text, "credential"],
    ["sort_key", ["read"], text, "selector"],
    ["code", ["execute"], text, "command"],
    ["text", ["execute"], text, "command"],
    ["query", ["execute"], text, "command"],
    ["timeout", ["execute"], text, "target"],
  ];

  it.each(cases)("gives `%s` on a tool of %j and schema %j the role %s", (name, effects, schema, role) => {
    expect(inferRole(name, effects, schema)).toBe(role);
  });

  it("never calls an argument content that admits more than text", () => {
    const types = fc.subarray(["string", "null", "number", "object", "array", "boolean"], { minLength: 1 });
    fc.assert(
      fc.property(types, fc.constantFrom("type", "anyOf", "oneOf"), (names, keyword) => {
        const schema = keyword === "type" ? { type: names } : { [keyword]: names.map((type) => ({ type })) };
        const isText = names.every((name) => name === "string" || name === "null");
        expect(inferRole("body", ["message"], schema)).toBe(isText ? "content" : "target");
      }),
    );
  });
});
