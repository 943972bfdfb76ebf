import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { ConfigError, type HostRoutesOptions, hostRoutes } from "../../src/surfaces/hono.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createFirewall } from "../../src/surfaces/options.ts";
import { freeze, makeShop, type Reply, replyOf, type Shop, shop as shopFrozen, shopPlan } from "./firewall-fixture.ts";

const admin = "admin-secret-0123456789";
const read = "read-secret-0123456789";

interface HostedShop extends Shop {
  ask(method: string, path: string, options?: { readonly secret?: string | undefined; readonly body?: unknown }): Promise<Reply>;
}

function makeHosted(): HostedShop {
  const shop = makeShop();
  shop.app.route("/sluice", hostRoutes({ enforcer: shop.firewall, credentials: { admin, read } }));
  const ask: HostedShop["ask"] = async (method, path, { secret = admin, body } = {}) => {
    const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
    const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    return replyOf(await shop.app.request(`/sluice${path}`, { method, headers, ...sent }));
  };
  return Object.assign(shop, { ask });
}

interface OpenedReply {
  readonly session: string;
  readonly token: string;
  readonly plan: string;
  readonly expires: string;
}

describe("the host's routes", () => {
  it("open a session whose token calls tools, by the plan's name or digest", async () => {
    const shop = makeHosted();
    for (const plan of ["shop", shopFrozen.digest]) {
      const opened = await shop.ask("POST", "/sessions", {
        body: { plan, principal: "ada", conversation: "c", params: { symbol: "BND" } },
      });
      expect(opened.status).toBe(201);
      const { token, session, expires, plan: digest } = opened.body as unknown as OpenedReply;
      expect([digest, expires, token.startsWith(`${session}.`)]).toEqual([shopFrozen.digest, "1970-01-02T00:16:40.000Z", true]);
      await shop.call(token, "order");
      expect(shop.seen.at(-1)?.body).toBe('{"amount":5,"symbol":"BND"}');
    }
  });

  it("keep no token: a store holds a digest of its secret, and nothing that is read out holds even that", async () => {
    const shop = makeHosted();
    const { token, session } = (await shop.ask("POST", "/sessions", { body: { plan: "shop", principal: "ada" } }))
      .body as unknown as OpenedReply;
    const [, secret = ""] = token.split(".");
    const stored = await shop.store.load(session, 0);
    const header = stored.ok ? stored.value.header : undefined;
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect(header?.tokenDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
    for (const path of ["/sessions", `/sessions/${session}`]) {
      const reply = await shop.ask("GET", path);
      expect(reply.text).toContain(session);
      expect(reply.text).not.toContain(secret);
      expect(reply.text).not.toContain(header?.tokenDigest as string);
    }
  });

  it("show an operator counts, labels, verdicts and the chain of a denial, but no value of a result", async () => {
    const shop = makeHosted();
    const token = await shop.open({ conversation: "c" });
    const [session] = token.split(".");
    await shop.call(token, "quotes");
    await shop.call(token, "say", { text: "words of the agent" });
    const seen = await shop.ask("GET", `/sessions/${session}`, { secret: read });
    expect(seen.body).toMatchObject({
      session,
      plan: shopFrozen.digest,
      principal: "ada",
      conversation: "c",
      isClosed: false,
      counts: { allowed: 1, denied: 1, inFlight: 0 },
      context: { sources: ["external_api", "user_input"], readers: null },
    });
    expect((seen.body as { readonly events: unknown }).events).toMatchObject([
      { type: "open" },
      { type: "allow", node: "quotes", run: 0 },
      { type: "settle", run: 0, isOk: true },
      {
        type: "deny",
        code: "FLOW_SINK_DENIED",
        tool: "shop/say",
        node: "say",
        facts: {
          argument: "text",
          rule: "no-web-in-words",
          chain: [
            { kind: "result", tool: "shop/quotes", run: 0 },
            { kind: "context" },
            { kind: "argument", tool: "shop/say", argument: "text" },
          ],
        },
      },
    ]);
    expect(seen.text).not.toMatch(/words of the agent|"key"/);
  });

  it("close a session for its agent", async () => {
    const shop = makeHosted();
    const token = await shop.open();
    const [session] = token.split(".");
    expect((await shop.ask("POST", `/sessions/${session}/close`)).body).toEqual({ session, isClosed: true });
    expect((await shop.ask("POST", `/sessions/${session}/close`)).code).toBe("SESSION_CLOSED");
    expect((await shop.call(token, "order")).code).toBe("SESSION_CLOSED");
    expect((await shop.ask("GET", `/sessions/${session}`)).body).toMatchObject({ isClosed: true });
  });

  it("list the plans that are loaded", async () => {
    const reply = await makeHosted().ask("GET", "/plans", { secret: read });
    expect(reply.body).toEqual({
      plans: [{ digest: shopFrozen.digest, name: "shop", params: { symbol: { type: "string", default: "VTI" } } }],
    });
  });

  it("take one credential for each power", async () => {
    const shop = makeHosted();
    const token = await shop.open();
    const [session] = token.split(".");
    const body = { plan: "shop", principal: "ada" };
    const routes = [
      ["POST", "/sessions", body],
      ["POST", `/sessions/${session}/close`, undefined],
      ["GET", "/sessions", undefined],
      ["GET", "/plans", undefined],
      ["GET", `/sessions/${session}`, undefined],
    ] as const;
    for (const [method, path, sent] of routes) {
      for (const secret of [token, "x", `${admin}x`, admin.slice(0, -1), "__proto__"])
        expect((await shop.ask(method, path, { secret, body: sent })).code).toBe("AUTH_DENIED");
      const bare = await replyOf(
        await shop.app.request(`/sluice${path}`, { method, ...(sent === undefined ? {} : { body: JSON.stringify(sent) }) }),
      );
      expect([bare.status, bare.code, bare.headers.get("www-authenticate")]).toEqual([
        401,
        "AUTH_REQUIRED",
        'Bearer realm="sluice"',
      ]);
      if (method === "POST") expect((await shop.ask(method, path, { secret: read, body: sent })).code).toBe("AUTH_DENIED");
    }
    for (const secret of [admin, read]) expect((await shop.call(secret, "order")).code).toBe("SESSION_UNKNOWN");
  });

  const bad: readonly (readonly [string, string, unknown])[] = [
    ["no JSON", "", "{"],
    ["a duplicate key", "", '{"plan":"shop","plan":"shop","principal":"ada"}'],
    ["a list", "", []],
    ["an unknown member", "", { plan: "shop", principal: "ada", session: "s_1" }],
    ["no principal", "/principal", { plan: "shop" }],
    ["an empty principal", "/principal", { plan: "shop", principal: "" }],
    ["a conversation that is no text", "/conversation", { plan: "shop", principal: "ada", conversation: 5 }],
    ["parameters that are no object", "/params", { plan: "shop", principal: "ada", params: [] }],
    ["a parameter of another type", "/params/symbol", { plan: "shop", principal: "ada", params: { symbol: 5 } }],
    ["a parameter that the plan does not have", "/params/x", { plan: "shop", principal: "ada", params: { x: 5 } }],
    ["agent's parameters that are no names", "/agentParams", { plan: "shop", principal: "ada", agentParams: [5] }],
  ];
  it.each(bad)("refuse to open a session by %s, and say where it is wrong", async (_, pointer, body) => {
    const reply = await makeHosted().ask("POST", "/sessions", { body });
    expect([reply.status, reply.code]).toEqual([422, "SESSION_PARAMS"]);
    if (pointer !== "") expect(reply.body).toMatchObject({ pointer });
  });

  it("refuse a plan that is not loaded, a session that is none, and a body that is too large", async () => {
    const shop = makeHosted();
    const unknown = await shop.ask("POST", "/sessions", { body: { plan: "other", principal: "ada" } });
    expect(unknown.body).toMatchObject({ code: "PLAN_UNKNOWN", message: expect.stringContaining("GET /sluice/plans") });
    for (const id of ["x", "__proto__", `s_${"0".repeat(32)}`]) {
      expect((await shop.ask("GET", `/sessions/${id}`)).code).toBe("SESSION_UNKNOWN");
      expect((await shop.ask("POST", `/sessions/${id}/close`)).code).toBe("SESSION_UNKNOWN");
    }
    expect((await shop.ask("POST", "/sessions", { body: `"${"x".repeat(5_000_000)}"` })).code).toBe("CALL_TOO_LARGE");
  });

  it("are refused without good secrets, at set-up", () => {
    const { firewall: enforcer } = makeShop();
    const cases: readonly (readonly [unknown, string])[] = [
      [undefined, "`credentials.admin`"],
      [{ admin: "short" }, "`credentials.admin`"],
      [{ admin: "a secret with spaces in it" }, "`credentials.admin`"],
      [{ admin, read: "short" }, "`credentials.read`"],
      [{ admin, read: admin }, "`credentials.read`"],
    ];
    for (const [credentials, name] of cases) {
      const options = { enforcer, credentials } as HostRoutesOptions;
      expect(() => hostRoutes(options)).toThrow(ConfigError);
      expect(() => hostRoutes(options)).toThrow(name);
    }
  });

  it("answer what they do not have with a denial", async () => {
    const app = new Hono();
    app.route("/", hostRoutes({ enforcer: makeShop().firewall, credentials: { admin } }));
    const response = await app.request("/plans", { headers: { authorization: `Bearer ${admin}` } });
    expect(response.status).toBe(200);
    const alone = hostRoutes({ enforcer: makeShop().firewall, credentials: { admin } });
    expect((await replyOf(await alone.request("/nothing"))).code).toBe("AUTH_DENIED");
  });
});

describe("parameters that a plan reads", () => {
  const template = freeze({
    ...shopPlan,
    name: "template",
    params: {
      symbol: { type: "string", default: "VTI" },
      on: { read: "date" },
      spend: { read: { kind: "amount", currency: "EUR" }, maximum: 50 },
    },
  });
  const app = new Hono();
  const firewall = createFirewall({ plans: [template], store: createMemoryStore(), clock: () => Date.UTC(2026, 10, 25, 23, 30) });
  app.route("/", hostRoutes({ enforcer: firewall, credentials: { admin, read } }));
  const open = async (body: unknown): Promise<Reply> =>
    replyOf(
      await app.request("/sessions", {
        method: "POST",
        headers: { authorization: `Bearer ${admin}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    );

  it("are read in the zone and locale of the user, and answered as they were read", async () => {
    const params = { on: "today", spend: "12,50 €" };
    const opened = await open({ plan: "template", principal: "ada", params, user: { zone: "Europe/Berlin", locale: "de" } });
    expect(opened.status).toBe(201);
    expect(opened.body).toMatchObject({ params: { symbol: "VTI", on: "2026-11-26", spend: 12.5 } });
    const stored = await firewall.store.load((opened.body as unknown as OpenedReply).session, 0);
    expect(JSON.stringify(stored)).not.toContain("12,50");
  });

  it.each([
    [{ on: "today", spend: 1 }, undefined, "/params/on"],
    [{ on: "today", spend: 1 }, { zone: "Europe/Atlantis" }, "/params/on"],
    [{ on: "2026-12-03", spend: "12,50 €" }, { locale: "en" }, "/params/spend"],
    [{ on: "2026-12-03", spend: 51 }, {}, "/params/spend"],
    [{ on: "2026-12-03", spend: 1 }, { zone: 1 }, "/user"],
    [{ on: "2026-12-03", spend: 1 }, { timezone: "UTC" }, "/user"],
    [{ on: "2026-12-03", spend: 1 }, "UTC", "/user"],
  ])("refuse %j of %j at %s", async (params, user, pointer) => {
    const refused = await open({ plan: "template", principal: "ada", params, ...(user === undefined ? {} : { user }) });
    expect([refused.status, refused.code]).toEqual([422, "SESSION_PARAMS"]);
    expect(refused.body).toMatchObject({ pointer });
  });
});
