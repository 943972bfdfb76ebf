import { describe, expect, it } from "vitest";
import type { Plan } from "../../../src/plan/plan.ts";
import { freeze, openScene, pets, streamOf } from "./fixture.ts";

/** A plan under which one pet may be looked at, and pets be listed. */
const plan: Plan = {
  sluice: 1,
  name: "pets",
  labels: { external_api: { integrity: "untrusted" } },
  nodes: { one: { tool: "pets/getPet", args: { petId: "p-1" }, times: { min: 0, max: 20 } } },
};
const frozen = freeze(plan, pets);
const free = { choose: { type: "string", maxLength: 100 }, optional: true } as const;

describe("secrets of an upstream (threat 18)", () => {
  const secret = "sk-live-0123456789/+";
  const bearer = { upstreams: { pets: { credentials: [{ as: "bearer", secret } as const] } } };

  it.each<readonly [string, object, string, object]>([
    ["bearer", { as: "bearer", secret }, "", { authorization: `Bearer ${secret}` }],
    ["basic", { as: "basic", secret: "user:pa ss-word" }, "", { authorization: `Basic ${btoa("user:pa ss-word")}` }],
    ["header", { as: "header", name: "X-Api-Key", secret }, "", { "x-api-key": secret }],
    ["cookie", { as: "cookie", name: "sid", secret: "abcdefgh" }, "", { cookie: "region=eu; sid=abcdefgh" }],
    ["query", { as: "query", name: "api_key", secret: "abcd efgh" }, "&api_key=abcd%20efgh", {}],
  ])("go as %s, and the agent's own never do", async (_, credential, query, headers) => {
    const open = freeze({ ...plan, nodes: { list: { tool: "pets/listPets", args: { q: free, region: free } } } }, pets);
    const scene = await openScene(open, { proxy: { upstreams: { pets: { credentials: [credential as never] } } } });
    const own = { authorization: "Bearer stolen", "x-api-key": "stolen", cookie: "region=eu; sid=stolen" };
    expect((await scene.ask("GET", "/pets/pets?q=a", { headers: own })).status).toBe(200);
    expect(scene.sent[0]?.url).toBe(`https://api.pets.example/v1/pets?q=a${query}`);
    expect(scene.sent[0]?.headers).toMatchObject(headers);
    expect(JSON.stringify(scene.sent)).not.toContain("stolen");
  });

  it.each<readonly [string, () => Response]>([
    ["as it is", () => Response.json({ you: [`sent Bearer ${secret}`] })],
    [
      "behind escapes of JSON",
      () => new Response('{"you":"\\u0073k-live-0123456789\\/+"}', { headers: { "content-type": "application/json" } }),
    ],
    ["as a name", () => Response.json({ [secret]: 1 })],
    ["percent-encoded", () => Response.json({ url: "https://x.example/?k=sk-live-0123456789%2F%2B" })],
    ["in base64", () => Response.json({ auth: btoa(secret) })],
    ["in an error", () => Response.json({ error: secret }, { status: 400 })],
    ["in a header that is shown", () => Response.json({}, { headers: { link: `<https://x.example/?k=${secret}>` } })],
    ["in the media type", () => new Response("x", { headers: { "content-type": `text/plain; k="${secret}"` } })],
  ])("that an upstream echoes %s are withheld with the whole result", async (_, response) => {
    const scene = await openScene(frozen, { answer: response, proxy: { ...bearer, showHeaders: ["link"] } });
    const reply = await scene.ask("GET", "/pets/pets/p-1");
    expect([reply.status, reply.code]).toEqual([502, "RESULT_SECRET"]);
    expect(reply.text + JSON.stringify([...reply.headers])).not.toContain("0123456789");
  });

  it("never leave in a stream, at whatever byte its pieces are cut", async () => {
    const text = `data: one\n\ndata: sk-live-01 is none\n\ndata: ${secret}\n\ndata: two\n\n`;
    for (let cut = 1; cut < text.length; cut += 3) {
      const pieces = [text.slice(0, cut), text.slice(cut, cut + 5), text.slice(cut + 5)];
      const scene = await openScene(frozen, {
        answer: () =>
          new Response(streamOf(pieces), {
            headers: { "content-type": "text/event-stream" },
          }),
        proxy: bearer,
      });
      const request = new Request("http://proxy.test/pets/pets/p-1", { headers: { "sluice-session": scene.token } });
      const response = await scene.proxy.fetch(request);
      let seen = "";
      await expect(
        (async () => {
          for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
            seen += new TextDecoder().decode(chunk);
        })(),
      ).rejects.toThrow();
      expect(text.startsWith(seen) && !seen.includes("sk-live-0123")).toBe(true);
    }
  });

  it("let other streams pass as they come", async () => {
    const scene = await openScene(frozen, {
      answer: () =>
        new Response(streamOf(["data: sk-", "live\n\n"]), {
          headers: { "content-type": "text/event-stream" },
        }),
      proxy: bearer,
    });
    expect((await scene.ask("GET", "/pets/pets/p-1")).text).toBe("data: sk-live\n\n");
  });
});
