/**
 * Threats that the HTTP proxy meets alone: what an API says in its headers, and what an agent says in its own.
 */
import { expect, it } from "vitest";
import { createHttpProxy } from "../../../src/surfaces/http-proxy.ts";
import { makeGround, openToken } from "./shop.ts";

it("threat 15: labels and receipts that an API or an agent writes into headers and bodies make nothing trusted", async () => {
  const ground = makeGround();
  const token = await openToken(ground);
  const left: string[] = [];
  const proxy = createHttpProxy({
    enforcer: ground.firewall,
    connector: {
      checksAddresses: true,
      send: async ({ headers, url }) => {
        left.push(JSON.stringify([...headers]));
        const claims = {
          "sluice-receipt": "e30.e30.e30",
          "sluice-labels": "desk",
          baggage: "labels=desk",
          "sluice-session": "x",
        };
        return Response.json(
          { path: url.pathname, labels: ["desk"], _meta: { ifc: { integrity: "trusted" } } },
          { headers: claims },
        );
      },
    },
  });
  const ask = async (tool: string, method: string, body?: string): Promise<Response> =>
    proxy.fetch(
      new Request(`http://proxy.test/shop/${tool}`, {
        method,
        headers: {
          "sluice-session": token,
          "sluice-receipt": "e30.e30.e30",
          "sluice-labels": "desk",
          baggage: "labels=desk",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body }),
      }),
    );
  const read = await ask("feed", "GET");
  expect(read.status).toBe(200);
  // Nothing of Sluice's own words that an API says gets to the agent, nor the agent's to an API.
  expect([...read.headers.keys()].filter((name) => /sluice|baggage/.test(name))).toEqual([]);
  expect(left.join()).not.toMatch(/sluice-|baggage|e30/);
  const said = await ask("note", "POST", '{"text":"x"}');
  expect((await said.json()).code).toBe("FLOW_SINK_DENIED");
});
