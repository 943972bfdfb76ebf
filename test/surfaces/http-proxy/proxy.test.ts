import { describe, expect, it } from "vitest";
import { member } from "../../../src/json/value.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import type { Enforcer } from "../../../src/surfaces/hono.ts";
import { createFirewall, createHttpProxy, type Outgoing } from "../../../src/surfaces/http-proxy.ts";
import { catalogueOf, freeze, openScene, pets, petsDocument, replyOf, yaml } from "./fixture.ts";

const free = { choose: { type: "string", maxLength: 100 }, optional: true } as const;

/** A plan under which the agent may look at pets and add one whose name comes from what was read. */
const plan: Plan = {
  sluice: 1,
  name: "pets",
  labels: { external_api: { integrity: "untrusted" } },
  params: { owner: { type: "string", default: "ada" } },
  nodes: {
    list: {
      tool: "pets/listPets",
      args: { limit: { choose: { type: "integer", maximum: 50 }, optional: true }, q: free },
      times: { min: 0, max: 20 },
    },
    one: { tool: "pets/getPet", args: { petId: "p-1" }, times: { min: 0, max: 20 } },
    add: { tool: "pets/addPet", args: { name: { param: "owner" }, age: 3 }, optional: true, times: { max: 3 } },
  },
};
const frozen = freeze(plan, pets);

describe("a request of an agent", () => {
  it("is sent as Sluice makes it of the checked arguments, with nothing of what the agent wrote (threats 3, 9, 18)", async () => {
    const scene = await openScene(frozen);
    const reply = await scene.ask("POST", "/pets/pets", {
      body: '{ "age" : 3.0 }',
      headers: {
        "content-type": "application/json; charset=utf-8",
        cookie: "session=stolen",
        authorization: "Bearer stolen",
        "x-api-key": "stolen",
        "x-forwarded-for": "10.0.0.1",
        connection: "keep-alive, x-drop",
        te: "trailers",
        "user-agent": "python-requests/2",
      },
    });
    expect([reply.status, reply.value]).toEqual([200, { ok: true }]);
    expect(scene.sent).toEqual([
      {
        method: "POST",
        url: "https://api.pets.example/v1/pets",
        headers: {
          accept: "application/json, text/*;q=0.9, */*;q=0.5",
          "accept-encoding": "identity",
          "user-agent": "sluice",
          "content-type": "application/json",
        },
        body: '{"age":3,"name":"ada"}',
      },
    ]);
  });

  it("leaves arguments out that the plan fills, also in the path", async () => {
    const scene = await openScene(frozen);
    expect((await scene.ask("GET", "/pets/pets/%7BpetId%7D")).status).toBe(200);
    expect((await scene.ask("GET", "/pets/pets/p-1")).status).toBe(200);
    expect(scene.sent.map(({ url }) => url)).toEqual(Array(2).fill("https://api.pets.example/v1/pets/p-1"));
  });

  it.each<readonly [string, string, string, object]>([
    [
      "another value than the plan's",
      "GET",
      "/pets/pets/p-2",
      { code: "ARG_MISMATCH", remedies: [{ kind: "omit-argument", argument: "petId" }] },
    ],
    ["an operation outside the plan", "DELETE", "/pets/pets/p-1", { code: "TOOL_UNKNOWN" }],
    ["a server that nobody knows", "GET", "/cats/pets", { code: "TOOL_UNKNOWN" }],
    [
      "a value outside the constraint",
      "GET",
      "/pets/pets?limit=51",
      { code: "ARG_CONSTRAINT", remedies: [{ kind: "fix-argument", argument: "limit" }] },
    ],
    ["a parameter twice", "GET", "/pets/pets?limit=5&limit=6", { code: "REQUEST_MALFORMED", parameter: "limit" }],
    ["a climbing path", "GET", "/pets/pets/../../admin", { code: "REQUEST_MALFORMED" }],
    ["an absolute address, where no forward mode is on", "GET", "http://api.pets.example/v1/pets", { code: "REQUEST_MALFORMED" }],
  ])("with %s is answered with a problem that says what would help (threats 4, 19, 22)", async (_, method, target, wanted) => {
    const scene = await openScene(frozen);
    const reply = await scene.ask(method, target, { headers: target.startsWith("http:") ? { host: "api.pets.example" } : {} });
    expect(reply.value).toMatchObject({ type: expect.stringContaining("urn:sluice:code:") as string, ...wanted });
    expect(reply.headers.get("content-type")).toBe("application/problem+json");
    expect(scene.sent).toEqual([]);
    // What was sent is never said again.
    expect(reply.text).not.toMatch(/p-2|51|admin/);
  });

  it("of the catalogue that is not in the plan is denied by the plan, and recorded", async () => {
    const scene = await openScene(frozen, { proxy: { catalogues: [pets] } });
    const reply = await scene.ask("DELETE", "/pets/pets/p-1");
    expect([reply.status, reply.code]).toEqual([403, "CALL_NOT_IN_PLAN"]);
    // With all operations known, a fixed path is no value of a template (threat 4).
    expect((await scene.ask("GET", "/pets/pets/mine")).code).toBe("CALL_NOT_IN_PLAN");
    expect(scene.sent).toEqual([]);
  });

  it.each([
    ["x-http-method-override", "DELETE"],
    ["x-http-method", "DELETE"],
    ["x-method-override", "DELETE"],
    ["x-original-url", "/admin"],
    ["x-rewrite-url", "/admin"],
    ["x-forwarded-prefix", "/admin"],
  ])("with %s, which servers obey in place of what was checked, is refused (threat 4)", async (name, value) => {
    const scene = await openScene(frozen);
    const reply = await scene.ask("GET", "/pets/pets/p-1", { headers: { [name]: value } });
    expect([reply.code, scene.sent]).toEqual(["REQUEST_MALFORMED", []]);
  });

  it("with duplicate keys, too much, or another coding is refused before it is a call (threats 1, 11)", async () => {
    const scene = await openScene(frozen);
    const json = { "content-type": "application/json" };
    expect((await scene.ask("POST", "/pets/pets", { body: '{"age":3,"age":4}', headers: json })).code).toBe("REQUEST_MALFORMED");
    expect((await scene.ask("POST", "/pets/pets", { body: "[".repeat(2_000), headers: json })).code).toBe("REQUEST_MALFORMED");
    const large = new Uint8Array(4 * 1024 * 1024 + 1).fill(32);
    expect((await scene.ask("POST", "/pets/pets", { body: large, headers: json })).code).toBe("CALL_TOO_LARGE");
    const huge = { ...json, "content-length": "99999999999" };
    expect((await scene.ask("POST", "/pets/pets", { body: "{}", headers: huge })).code).toBe("CALL_TOO_LARGE");
    const zipped = { ...json, "content-encoding": "gzip" };
    expect((await scene.ask("POST", "/pets/pets", { body: "{}", headers: zipped })).code).toBe("REQUEST_MALFORMED");
    expect((await scene.ask("GET", `/pets/pets?q=${"a".repeat(20_000)}`)).code).toBe("REQUEST_MALFORMED");
    expect(scene.sent).toEqual([]);
  });

  it("names its session by a header, a bearer or a basic credential; without a session nothing happens (threats 13, 22)", async () => {
    const scene = await openScene(frozen);
    const ask = async (headers: Readonly<Record<string, string>>): Promise<unknown> => {
      const request = new Request("http://proxy.test/pets/pets/p-1", { headers });
      return (await replyOf(await scene.proxy.fetch(request))).code ?? "ok";
    };
    const basic = (user: string, password: string): string => `Basic ${btoa(`${user}:${password}`)}`;
    expect(await ask({ "sluice-session": scene.token })).toBe("ok");
    expect(await ask({ authorization: `Bearer ${scene.token}` })).toBe("ok");
    expect(await ask({ authorization: basic("session", scene.token) })).toBe("ok");
    expect(await ask({ "proxy-authorization": basic(scene.token, "") })).toBe("ok");
    expect(await ask({})).toBe("SESSION_MISSING");
    expect(await ask({ authorization: "Bearer sk-something" })).toBe("SESSION_MISSING");
    expect(await ask({ authorization: basic("ada", "secret") })).toBe("SESSION_MISSING");
    expect(await ask({ "sluice-session": `${scene.token.slice(0, -1)}${scene.token.endsWith("0") ? "1" : "0"}` })).toBe(
      "AUTH_DENIED",
    );
    expect(await ask({ "sluice-session": `s_${"0".repeat(32)}.${"0".repeat(64)}` })).toBe("SESSION_UNKNOWN");
    expect(scene.sent).toHaveLength(4);
  });
});

describe("arguments that no request says", () => {
  it("are not sent: a value of the plan that would be another operation is stopped behind the check (threat 9)", async () => {
    const mine: Plan = {
      ...plan,
      nodes: { one: { tool: "pets/getPet", args: { petId: { param: "owner" } }, times: { min: 0, max: 9 } } },
    };
    for (const owner of ["mine", "../admin", "a/b", "{petId}", "x%2fy"]) {
      const scene = await openScene(freeze(mine, pets), { params: { owner }, proxy: { catalogues: [pets] } });
      const reply = await scene.ask("GET", "/pets/pets/%7BpetId%7D");
      expect([reply.status, reply.code, scene.sent]).toEqual([403, "REQUEST_UNWRITABLE", []]);
      expect(reply.text).not.toContain(owner);
    }
  });
});

describe("receipts", () => {
  it("go along with a call to another agent and come back with its answer; the agent's own go nowhere", async () => {
    const scene = await openScene(frozen);
    const settled: unknown[] = [];
    const sent: Outgoing[] = [];
    const enforcer: Enforcer = {
      ...scene.firewall,
      check: async (token, call) => {
        const checked = await scene.firewall.check(token, call);
        return checked.allow ? { ...checked, permit: { ...checked.permit, receipt: "ours" } } : checked;
      },
      settle: (permit, result, said) => {
        settled.push(said);
        return scene.firewall.settle(permit, result, said);
      },
    };
    const connector = {
      checksAddresses: true,
      send: async (outgoing: Outgoing) => {
        sent.push(outgoing);
        return new Response("done", { headers: { "content-type": "text/plain", "sluice-receipt": "theirs" } });
      },
    };
    const proxy = createHttpProxy({ enforcer, connector });
    const headers = { "sluice-session": scene.token, "sluice-receipt": "forged" };
    const response = await proxy.fetch(new Request("http://proxy.test/pets/pets/p-1", { headers }));
    expect(await response.text()).toBe("done");
    expect(response.headers.get("sluice-receipt")).toBeNull();
    expect(new Map(sent[0]?.headers).get("sluice-receipt")).toBe("ours");
    expect(settled).toEqual([{ receipt: "theirs" }]);
  });
});

describe("an answer", () => {
  const answers = (response: () => Response) => openScene(frozen, { answer: response });

  it.each<readonly [string, () => Response, number, string]>([
    ["JSON", () => Response.json({ b: 1, a: [1.5] }), 200, '{"a":[1.5],"b":1}'],
    ["a text", () => new Response("hello", { headers: { "content-type": "text/plain" } }), 200, "hello"],
    ["an error of the upstream's", () => Response.json({ error: "no" }, { status: 422 }), 422, '{"error":"no"}'],
    [
      "a redirect, which is not followed",
      () => new Response("x", { status: 302, headers: { location: "http://169.254.169.254/" } }),
      502,
      '"x"',
    ],
  ])("that is %s reaches the agent", async (_, response, status, text) => {
    const scene = await answers(response);
    const reply = await scene.ask("GET", "/pets/pets/p-1");
    expect([reply.status, reply.text]).toEqual([status, text]);
    expect([...reply.headers.keys()].filter((name) => !["content-type", "cache-control"].includes(name))).toEqual([]);
  });

  it.each<readonly [string, () => Response, string]>([
    [
      "has duplicate keys",
      () => new Response('{"a":1,"a":2}', { headers: { "content-type": "application/json" } }),
      "RESULT_MALFORMED",
    ],
    [
      "is of another charset",
      () => new Response("\u00e9", { headers: { "content-type": "text/plain; charset=latin1" } }),
      "RESULT_MALFORMED",
    ],
    ["is coded", () => new Response("x", { headers: { "content-encoding": "gzip" } }), "RESULT_MALFORMED"],
    [
      "is no UTF-8",
      () => new Response(new Uint8Array([0xff, 0xfe]), { headers: { "content-type": "text/plain" } }),
      "RESULT_MALFORMED",
    ],
  ])("that %s is withheld (threats 1, 11)", async (_, response, code) => {
    // A result that is referred to is read whole; a stream passes as it comes.
    const referring = freeze(
      { ...plan, nodes: { ...plan.nodes, add: { tool: "pets/addPet", args: { name: { from: "one$.name" } }, optional: true } } },
      pets,
    );
    const scene = await openScene(referring, { answer: response });
    expect((await scene.ask("GET", "/pets/pets/p-1")).code).toBe(code);
  });

  it("that is hidden is a handle, whatever the status and headers were", async () => {
    const hidden = freeze({ ...plan, nodes: { one: { tool: "pets/getPet", args: { petId: "p-1" }, show: "none" } } }, pets);
    const whole = await openScene(hidden, {
      answer: () => Response.json({ secret: 1 }, { headers: { link: "<x>" } }),
      proxy: { showHeaders: ["link"] },
    });
    const failed = await openScene(hidden, { answer: () => Response.json({ secret: 2 }, { status: 404 }) });
    for (const scene of [whole, failed]) {
      const reply = await scene.ask("GET", "/pets/pets/p-1");
      expect([reply.status, reply.headers.get("link")]).toEqual([200, null]);
      expect(member(reply.value, "sluice_handle")).toMatch(/^sluice:h:/);
    }
  });

  it("brings the headers along that the operator names", async () => {
    const scene = await openScene(frozen, {
      answer: () =>
        Response.json([], {
          headers: { link: "<https://api.pets.example/v1/pets?page=2>; rel=next", "set-cookie": "a=b", etag: "1" },
        }),
      proxy: { showHeaders: ["Link"] },
    });
    const reply = await scene.ask("GET", "/pets/pets");
    expect([reply.headers.get("link"), reply.headers.get("set-cookie"), reply.headers.get("etag")]).toEqual([
      "<https://api.pets.example/v1/pets?page=2>; rel=next",
      null,
      null,
    ]);
  });

  it("that does not come leaves no call in flight", async () => {
    const scene = await openScene(frozen, {
      answer: () => {
        throw new Error("connect ECONNREFUSED 10.1.2.3");
      },
    });
    const reply = await scene.ask("GET", "/pets/pets/p-1");
    expect([reply.status, reply.code]).toEqual([502, "UPSTREAM_FAILED"]);
    expect(reply.text).not.toContain("10.1.2.3");
    const opened = await scene.firewall.store.load(scene.token.split(".")[0] ?? "", 0);
    expect(opened.ok && opened.value.entries.map(({ event }) => event.type)).toEqual(["open", "allow", "settle"]);
  });
});

describe("setting up", () => {
  /** A document that says no address of its own. */
  const nowhere = catalogueOf(
    yaml("{ openapi: 3.1.0, info: { title: x, version: '1' }, paths: { /a: { get: { operationId: y, responses: {} } } } }"),
    { server: "x" },
  );
  const make =
    (options: object, over: Plan = plan, catalogue = pets) =>
    () =>
      createHttpProxy({
        enforcer: createFirewall({ plans: [freeze(over, catalogue)], store: createMemoryStore() }),
        connector: { checksAddresses: true, send: async () => new Response() },
        ...options,
      });

  it.each<readonly [string, object, RegExp]>([
    ["an upstream of no plan", { upstreams: { cats: {} } }, /upstreams\.cats/],
    ["an address with credentials", { upstreams: { pets: { url: "https://a:b@x.example" } } }, /url/],
    ["an address with a query", { upstreams: { pets: { url: "https://x.example/?a=b" } } }, /url/],
    [
      "a secret over plain http",
      { upstreams: { pets: { url: "http://x.example", credentials: [{ as: "bearer", secret: "12345678" }] } } },
      /in the clear/,
    ],
    ["a secret that is too short", { upstreams: { pets: { credentials: [{ as: "bearer", secret: "1234567" }] } } }, /8 to/],
    [
      "a secret with a line end",
      { upstreams: { pets: { credentials: [{ as: "bearer", secret: "12345678\r\nx: y" }] } } },
      /8 to/,
    ],
    [
      "two secrets for one place",
      {
        upstreams: {
          pets: {
            credentials: [
              { as: "bearer", secret: "12345678" },
              { as: "basic", secret: "a:234567890" },
            ],
          },
        },
      },
      /one place/,
    ],
    [
      "a secret where an argument goes",
      { upstreams: { pets: { credentials: [{ as: "query", name: "limit", secret: "12345678" }] } } },
      /listPets/,
    ],
    [
      "a secret as a header of the message",
      { upstreams: { pets: { credentials: [{ as: "header", name: "Host", secret: "12345678" }] } } },
      /name/,
    ],
    ["headers that are no part of a result", { showHeaders: ["set-cookie"] }, /showHeaders/],
    ["no connector", { connector: undefined }, /connector/],
  ])("with %s stops the start", (_, options, message) => {
    expect(make(options)).toThrow(message);
  });

  it("without any operation stops the start (threat 22)", () => {
    const empty = freeze({ sluice: 1, name: "e", nodes: { a: { tool: "x/y" } } }, nowhere);
    expect(() =>
      createHttpProxy({
        enforcer: createFirewall({ plans: [empty], store: createMemoryStore() }),
        connector: { checksAddresses: true, send: async () => new Response() },
      }),
    ).toThrow(/no plan has a tool/);
  });

  it("says which operations are left out, and why", () => {
    const upload: Plan = { ...plan, nodes: { ...plan.nodes, up: { tool: "pets/upload", args: {} } } };
    expect(make({}, upload)().unmapped).toEqual([
      { tool: "pets/upload", why: expect.stringContaining("bodies of its media type") as string },
    ]);
  });

  it("takes two definitions of one tool for a mistake (threats 16, 17)", () => {
    const other = catalogueOf(yaml(JSON.stringify(petsDocument).replace("photos", "pictures").replace('"limit"', '"count"')));
    expect(make({ catalogues: [other] })).toThrow(/defined differently/);
  });

  it("leaves operations out whose document says a private address, until the operator names it", () => {
    const local = catalogueOf(yaml(JSON.stringify(petsDocument).replace("https://api.pets.example/v1", "http://127.0.0.1:9/v1")));
    expect(make({ catalogues: [] }, plan, local)).toThrow(/no plan has a tool/);
    const proxy = make({ upstreams: { pets: { url: "http://127.0.0.1:9/v1/" } } }, plan, local)();
    expect(proxy.routes[0]).toMatchObject({ base: "http://127.0.0.1:9/v1" });
  });
});
