import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { describe, expect, it } from "vitest";
import { sluice } from "../../src/surfaces/hono.ts";
import { freeze, makeShop, replyOf, shopPlan } from "./firewall-fixture.ts";

const handle = expect.stringMatching(/^sluice:h:[A-Za-z0-9_-]{22}$/);

describe("a result", () => {
  it("is sent re-serialised, with its status, and without any header that the handler set", async () => {
    const shop = makeShop({
      order: () =>
        new Response('{ "b": 1.0, "a": 12345678901234567890 }', {
          status: 201,
          headers: { "content-type": "application/json", "x-leak": "1", "set-cookie": "a=b" },
        }),
    });
    shop.app.use("/tools/*", async (_, next) => next());
    const reply = await shop.call(await shop.open(), "order");
    expect([reply.status, reply.text]).toEqual([201, '{"a":12345678901234567890,"b":1}']);
    expect([...reply.headers.keys()].sort()).toEqual(["cache-control", "content-type"]);
  });

  it("that is a text stays one, and no body is nothing", async () => {
    const shop = makeShop({
      order: (c) => c.text("grün"),
      say: () => new Response(null, { status: 204 }),
    });
    const token = await shop.open();
    const text = await shop.call(token, "order");
    expect([text.status, text.text]).toEqual([200, "grün"]);
    // As the handler's own framework writes it, with a space or without.
    expect(text.headers.get("content-type")).toMatch(/^text\/plain; ?charset=UTF-8$/);
    const empty = await shop.call(token, "say", { text: "x" });
    expect([empty.status, empty.text]).toEqual([204, ""]);
  });

  it.each([
    ["with a duplicate key", '{"a":1,"a":2}', "application/json"],
    ["that is no JSON", "<html>", "application/json"],
    ["that is empty but says JSON", "", "application/json"],
  ])("%s is refused", async (_, body, type) => {
    const shop = makeShop({ order: () => new Response(body, { headers: { "content-type": type } }) });
    const reply = await shop.call(await shop.open(), "order");
    expect([reply.status, reply.code]).toEqual([502, "RESULT_MALFORMED"]);
  });

  it("outside 200 to 299 is the tool's error: shown, spent, and not to be referred to", async () => {
    const shop = makeShop({ order: (c) => c.json({ error: "market closed" }, 409) });
    const token = await shop.open();
    const reply = await shop.call(token, "order");
    expect([reply.status, reply.text, reply.code]).toEqual([409, '{"error":"market closed"}', undefined]);
    expect((await shop.call(token, "order")).code).toBe("CALL_REPEATED");
  });

  it("that redirects leads nowhere", async () => {
    const shop = makeShop({ order: (c) => c.redirect("https://evil.example/") });
    const reply = await shop.call(await shop.open(), "order");
    expect(reply.status).toBe(502);
    expect(reply.headers.get("location")).toBeNull();
  });

  it("cannot pass for a denial of Sluice's own", async () => {
    const shop = makeShop({
      order: () =>
        new Response('{"code":"CALL_BUDGET"}', { status: 403, headers: { "content-type": "application/problem+json" } }),
    });
    expect((await shop.call(await shop.open(), "order")).headers.get("content-type")).toBe("application/json");
  });

  it("that a handler throws instead is a fault, and its text is told to nobody", async () => {
    const shop = makeShop({
      order: () => {
        throw new Error("password=hunter2");
      },
      say: () => {
        throw new HTTPException(404, { message: "no such channel" });
      },
      pay: () => {
        throw "not an error";
      },
    });
    const token = await shop.open();
    const reply = await shop.call(token, "order");
    expect([reply.status, reply.code, reply.text.includes("hunter2")]).toEqual([502, "UPSTREAM_FAILED", false]);
    expect((await shop.call(token, "order")).code).toBe("CALL_REPEATED");
    expect((await shop.call(token, "say", { text: "x" })).body).toBe("no such channel");
    expect((await shop.call(token, "pay", { amount: 1 })).code).toBe("UPSTREAM_FAILED");
  });

  it("that comes after its lease is refused", async () => {
    const shop = makeShop({
      order: (c) => {
        shop.time += 301_000;
        return c.json(1);
      },
    });
    expect((await shop.call(await shop.open(), "order")).code).toBe("RUN_SETTLED");
  });

  it("is not sent, nor any header of it, if settling it throws", async () => {
    const shop = makeShop({ order: (c) => c.json({ price: 7 }, 200, { "x-leak": "1" }) });
    const broken = (): never => {
      throw new Error("broken");
    };
    const app = new Hono();
    app.use("/tools/:tool", sluice({ enforcer: { ...shop.firewall, settle: broken } }));
    app.post("/tools/:tool", () => Response.json({ price: 7 }, { headers: { "x-leak": "1" } }));
    const headers = { "content-type": "application/json", "sluice-session": await shop.open() };
    const reply = await replyOf(await app.request("/tools/order", { method: "POST", body: "{}", headers }));
    expect([reply.code, reply.text.includes("price"), reply.headers.get("x-leak")]).toEqual(["INTERNAL", false, null]);
  });

  it("keeps what middleware around Sluice has set", async () => {
    const shop = makeShop();
    const app = new Hono();
    app.use("*", async (c, next) => {
      c.header("x-before", "1");
      await next();
      c.header("x-after", "2");
    });
    app.use("/tools/:tool", sluice({ enforcer: shop.firewall }));
    app.post("/tools/:tool", (c) => c.json(1, 200, { "x-leak": "3" }));
    const headers = { "content-type": "application/json", "sluice-session": await shop.open() };
    const reply = await replyOf(await app.request("/tools/order", { method: "POST", body: "{}", headers }));
    expect(Object.fromEntries(reply.headers)).toEqual({
      "cache-control": "no-store",
      "content-type": "application/json",
      "x-before": "1",
      "x-after": "2",
    });
  });

  it("raises the context, so that what follows is judged by it", async () => {
    const shop = makeShop();
    const token = await shop.open();
    expect((await shop.call(token, "say", { text: "hello" })).status).toBe(200);
    await shop.call(token, "quotes");
    expect((await shop.call(token, "say", { text: "hello" })).code).toBe("FLOW_SINK_DENIED");
  });
});

describe("a hidden result", () => {
  it("is a handle that can be sent on, and the tool gets the value", async () => {
    const shop = makeShop({ secret: (c) => c.json({ key: "k-123" }, 201, { "x-leak": "1" }) });
    const token = await shop.open();
    const reply = await shop.call(token, "secret");
    expect(reply.body).toEqual({ sluice_handle: handle });
    expect([reply.status, [...reply.headers.keys()].sort()]).toEqual([200, ["cache-control", "content-type"]]);
    const whole = (reply.body as { readonly sluice_handle: string }).sluice_handle;
    expect((await shop.call(token, "send", { key: "k-123" })).code).toBe("HIDDEN");
    expect((await shop.call(token, "send", { key: `${whole.slice(0, -1)}_` })).code).toBe("HIDDEN");
    const other = await shop.open();
    await shop.call(other, "secret");
    expect((await shop.call(other, "send", { key: whole })).code).toBe("HIDDEN");
    expect((await shop.call(token, "send", { key: whole })).status).toBe(200);
    expect(shop.seen.at(-1)).toMatchObject({ tool: "send", body: '{"key":"k-123"}' });
  });

  it("does not tell whether the tool failed, how, or with what", async () => {
    const replies = [];
    for (const secret of [
      () => Response.json({ key: "k" }),
      () => Response.json({ error: "no" }, { status: 404 }),
      () => new Response("broken{", { headers: { "content-type": "application/json" } }),
      () => new Response("x".repeat(2_000)),
      () => {
        throw new Error("down");
      },
    ]) {
      const shop = makeShop({ secret }, { plan: freeze({ ...shopPlan, limits: { maxBytes: 1_000 } }) });
      const reply = await shop.call(await shop.open(), "secret");
      replies.push([reply.status, reply.body, [...reply.headers].sort()]);
    }
    for (const reply of replies) expect(reply).toEqual([200, { sluice_handle: handle }, replies[0]?.[2]]);
  });
});

describe("a stream", () => {
  const encoder = new TextEncoder();

  it("passes chunk by chunk before it ends, its label committed before the first", async () => {
    let push: (text: string) => void = () => {};
    let end: () => void = () => {};
    const body = new ReadableStream({
      start: (controller) => {
        push = (text) => controller.enqueue(encoder.encode(text));
        end = () => controller.close();
      },
    });
    const shop = makeShop({ feed: () => new Response(body, { headers: { "content-type": "text/event-stream" } }) });
    const token = await shop.open();
    const init = { method: "POST", body: "{}", headers: { "content-type": "application/json", "sluice-session": token } };
    const response = await shop.app.request("/tools/feed", init);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const seen = await shop.store.load(token.split(".")[0] as string, 0);
    expect(seen.ok && seen.value.entries.at(-1)?.event).toMatchObject({ type: "settle", ok: true, valid: false });
    expect(seen.ok && seen.value.context?.sources).toContain("external_api");
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (const text of ["data: 1\n\n", "data: 2\n\n"]) {
      push(text);
      expect(new TextDecoder().decode((await reader.read()).value)).toBe(text);
    }
    end();
    expect((await reader.read()).done).toBe(true);
    expect((await shop.call(token, "say", { text: "x" })).code).toBe("FLOW_SINK_DENIED");
  });

  it("is cut off at the plan's limit", async () => {
    let sent = 0;
    const body = new ReadableStream({
      pull: (controller) => {
        controller.enqueue(encoder.encode("x".repeat(100)));
        sent += 100;
      },
    });
    const shop = makeShop(
      { feed: () => new Response(body, { headers: { "content-type": "text/event-stream" } }) },
      { plan: freeze({ ...shopPlan, limits: { maxBytes: 1_000 } }) },
    );
    const token = await shop.open();
    const init = { method: "POST", body: "{}", headers: { "content-type": "application/json", "sluice-session": token } };
    const response = await shop.app.request("/tools/feed", init);
    await expect(response.text()).rejects.toThrow();
    expect(sent).toBeLessThan(3_000);
  });

  it("is read whole where a rule refers to it or the agent may not see it", async () => {
    const stream = (): Response => new Response('{"key":"k"}', { headers: { "content-type": "text/event-stream" } });
    const shop = makeShop({ secret: stream });
    const token = await shop.open();
    expect((await shop.call(token, "secret")).body).toEqual({ sluice_handle: handle });
  });
});
