import { describe, expect, it } from "vitest";
import { makeShop } from "./firewall-fixture.ts";

describe("an allowed call", () => {
  it("reaches the handler as exactly the canonical bytes of the final arguments", async () => {
    const shop = makeShop();
    const token = await shop.open();
    const reply = await shop.call(token, "order", '{ "amount" : 5.0 }');
    expect(reply.status).toBe(200);
    expect(reply.text).toBe('{"ok":true}');
    expect(shop.seen).toEqual([
      {
        tool: "order",
        method: "POST",
        url: "http://localhost/tools/order",
        headers: { "content-type": "application/json", "content-length": "27" },
        body: '{"amount":5,"symbol":"VTI"}',
      },
    ]);
  });
});
