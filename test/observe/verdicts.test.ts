/**
 * What an observing firewall says that it would have done, against what the same firewall does when it enforces.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Json, member } from "../../src/json/value.ts";
import { makeShop, shop } from "../surfaces/firewall-fixture.ts";
import { observedOf, watchShop } from "./fixture.ts";

/** What the tools answer, in both worlds. */
const answers: Readonly<Record<string, () => Response>> = {
  quotes: () => Response.json({ quotes: [1] }),
  secret: () => Response.json({ key: "k-1" }),
  feed: () => new Response("words", { headers: { "content-type": "text/plain" } }),
  order: () => Response.json({ error: "sold out" }, { status: 409 }),
  say: () => new Response(null, { status: 204 }),
  pay: () => new Response("{", { headers: { "content-type": "application/json" } }),
};
const answer = (tool: string): Response => (answers[tool.replace("shop/", "")] ?? (() => Response.json({ ok: true })))();

const call = fc.oneof(
  fc.constantFrom<readonly [string, Json]>(
    ["quotes", {}],
    ["quotes", { symbols: ["VTI", "BND"] }],
    ["quotes", { symbols: ["EVIL"] }],
    ["feed", {}],
    ["secret", {}],
    ["send", {}],
    ["order", { symbol: "VTI" }],
    ["order", { symbol: "VTI", amount: 5, note: null }],
    ["order", { amount: 6 }],
    ["say", { text: "hello" }],
    ["say", { text: "see https://a.example" }],
    ["say", {}],
    ["pay", { amount: 20 }],
    ["pay", { amount: 61 }],
    ["shop%2Forder", {}],
    ["nothing", {}],
    ["order", { sluice_node: "order" }],
    ["order", { sluice_node: "quotes" }],
    ["order", { sluice_node: 7 }],
  ),
);

describe("the verdict that is observed", () => {
  it("is the one that is given where calls are enforced, up to the first denial", async () => {
    const property = fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 10 }), async (calls) => {
      const handlers = Object.fromEntries(Object.keys(answers).map((tool) => [tool, () => answer(tool)]));
      const enforced = makeShop(handlers);
      const token = await enforced.open();
      const codes: (string | null)[] = [];
      for (const [tool, args] of calls) {
        const reply = await enforced.call(token, tool, args);
        // A result that cannot be read is no denial of the call.
        codes.push(reply.code === undefined || reply.code.startsWith("RESULT_") ? null : reply.code);
        if (codes.at(-1) !== null) break;
      }
      const watched = watchShop({ plans: [shop], handler: (c) => answer(c.req.param("tool") ?? "") });
      const headers = { authorization: `Bearer ${await watched.open()}` };
      for (const [tool, args] of calls.slice(0, codes.length)) await (await watched.call(tool, args, headers)).text();
      const [lines = []] = await watched.recorded();
      const seen = lines.filter((line) => member(line, "type") === "call").map((line) => observedOf(line).code);
      expect(seen).toEqual(codes);
    });
    await fc.assert(property, { numRuns: 120 });
  });
});
