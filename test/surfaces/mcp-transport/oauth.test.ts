/**
 * The gateway as a resource server: whose tokens are taken, what is said of others, and that a token opens the host's session only.
 */
import { exportJWK, generateKeyPair, type JSONWebKeySet, type JWTPayload, SignJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { createMcpHandler } from "../../../src/surfaces/mcp/http.ts";
import { createKeySource } from "../../../src/access/oidc/keys.ts";
import { type PrincipalPlan, sessionsOf } from "../../../src/surfaces/mcp/oauth-sessions.ts";
import { createResourceServer, type ResourceServerOptions } from "../../../src/surfaces/mcp/oauth.ts";
import { makeShop, shop } from "../firewall-fixture.ts";
import { admitting, type FakeGateway, fakeGateway, tokens } from "./fake-gateway.ts";

const issuer = "https://login.example";
const resource = "http://localhost:8787/mcp";
const now = admitting.clock();
const seconds = Math.floor(now / 1_000);
type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
let ours: Pair;
let theirs: Pair;
let keys: JSONWebKeySet;

beforeAll(async () => {
  ours = await generateKeyPair("ES256", { extractable: true });
  theirs = await generateKeyPair("ES256", { extractable: true });
  keys = { keys: [{ ...(await exportJWK(ours.publicKey)), kid: "k1", alg: "ES256" }] };
});

const good: JWTPayload = { iss: issuer, aud: resource, sub: "ada", exp: seconds + 600, scope: "mcp:call other" };

function sign(
  claims: JWTPayload,
  { pair = ours, header = {} }: { readonly pair?: Pair; readonly header?: object } = {},
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "k1", typ: "at+jwt", ...header }).sign(pair.privateKey);
}

function serve(options: Partial<ResourceServerOptions> = {}): {
  gateway: FakeGateway;
  ask: (bearer?: string, path?: string) => Promise<Response>;
} {
  const gateway = fakeGateway();
  const authorization = createResourceServer({
    resource,
    issuers: [{ issuer, keys }],
    scopes: ["mcp:call"],
    clock: admitting.clock,
    sessionOf: async ({ subject }) => (subject === "ada" ? tokens.ours : undefined),
    ...options,
  });
  const { fetch } = createMcpHandler({ gateway, enforcer: admitting, authorization });
  const ask = (bearer?: string, path?: string): Promise<Response> =>
    fetch(
      new Request(path === undefined ? resource : new URL(path, resource), {
        method: path === undefined ? "POST" : "GET",
        headers: {
          host: "localhost:8787",
          "content-type": "application/json",
          ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        },
        ...(path === undefined ? { body: '{"jsonrpc":"2.0","id":1,"method":"initialize"}' } : {}),
      }),
    );
  return { gateway, ask };
}

test("threat 18: a good token opens the host's session, and itself goes no further", async () => {
  const { gateway, ask } = serve();
  const token = await sign(good);
  expect((await ask(token)).status).toBe(200);
  expect(gateway.seen.map(({ context }) => context.token)).toEqual([tokens.ours]);
  expect(JSON.stringify(gateway.seen)).not.toContain(token);
});

test("without a token the client is told where tokens are had", async () => {
  const { ask } = serve();
  const refused = await ask();
  const challenge = refused.headers.get("www-authenticate") ?? "";
  expect(refused.status).toBe(401);
  expect(challenge).toContain('resource_metadata="http://localhost:8787/.well-known/oauth-protected-resource/mcp"');
  const [, url = ""] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
  const metadata = await ask(undefined, new URL(url).pathname);
  expect(await metadata.json()).toEqual({
    resource,
    authorization_servers: [issuer],
    bearer_methods_supported: ["header"],
    scopes_supported: ["mcp:call"],
  });
});

describe("a token is refused", () => {
  const claims: readonly (readonly [string, JWTPayload])[] = [
    ["for another audience (threat 18: passed through)", { ...good, aud: "https://other.example/mcp" }],
    ["for no audience", { iss: issuer, sub: "ada", exp: seconds + 600, scope: "mcp:call" }],
    ["of another issuer", { ...good, iss: "https://evil.example" }],
    ["that is over", { ...good, exp: seconds - 61 }],
    ["without an end", { iss: issuer, aud: resource, sub: "ada", scope: "mcp:call" }],
    ["that is not yet", { ...good, nbf: seconds + 61 }],
    ["of nobody", { ...good, sub: "" }],
  ];
  test.each(claims)("%s", async (_, payload) => {
    const { gateway, ask } = serve();
    const refused = await ask(await sign(payload));
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
    expect(gateway.seen).toHaveLength(0);
  });

  test("signed by another key, not at all, with a shared secret, of another type, or with members twice", async () => {
    const { gateway, ask } = serve();
    const part = (value: string): string => Buffer.from(value).toString("base64url");
    const [head = "", body = "", signature = ""] = (await sign(good)).split(".");
    const twice = part(
      `{"iss":"${issuer}","aud":"${resource}","sub":"eve","sub":"ada","exp":${seconds + 600},"scope":"mcp:call"}`,
    );
    const bad = [
      await sign(good, { pair: theirs }),
      `${part('{"alg":"none"}')}.${body}.`,
      await new SignJWT(good).setProtectedHeader({ alg: "HS256", kid: "k1" }).sign(new Uint8Array(32)),
      await sign(good, { header: { typ: "sluice-plan+jws" } }),
      `${head}.${twice}.${signature}`,
      `${head}.${body}.${signature.slice(0, -4)}AAAA`,
      "x".repeat(20_000),
      "a.b",
    ];
    for (const token of bad) expect((await ask(token)).status).toBe(401);
    expect(gateway.seen).toHaveLength(0);
  });

  test("without the scope, or of a principal without a plan: 403", async () => {
    const { ask } = serve();
    const scopeless = await ask(await sign({ ...good, scope: "other" }));
    expect([scopeless.status, scopeless.headers.get("www-authenticate")]).toEqual([
      403,
      expect.stringContaining('error="insufficient_scope"'),
    ]);
    expect((await ask(await sign({ ...good, sub: "eve" }))).status).toBe(403);
  });
});

test("a key set is read from its address, again for a new key, and not more often than that", async () => {
  let time = now;
  let asked = 0;
  const served = { keys: [{ ...(keys.keys[0] as object), kid: "old" }] };
  const source = createKeySource(
    { url: "https://login.example/jwks" },
    {
      clock: () => time,
      fetch: async (_, init) => {
        asked += 1;
        expect(init?.redirect).toBe("error");
        return Response.json(served);
      },
    },
  );
  await Promise.all([source.keysFor("old"), source.keysFor("old")]);
  expect(asked).toBe(1);
  for (let i = 0; i < 20; i++) await source.keysFor(`random-${i}`);
  expect(asked).toBe(1);
  time += 31_000;
  await source.keysFor("new");
  expect(asked).toBe(2);
  served.keys = [];
  time += 601_000;
  expect(await source.keysFor("old")).toBeUndefined();
});

test("with a key, each principal has one session over all processes and restarts, until the host names another", async () => {
  const { store } = makeShop();
  const principals = [{ issuer, subject: "ada", plan: shop.digest }];
  const key = "k".repeat(32);
  const process = (over: { key?: string; principals?: readonly PrincipalPlan[] } = {}): ReturnType<typeof sessionsOf> =>
    sessionsOf({ enforcer: makeShop({}, { store }).firewall, principals, key, ...over });
  const ada = { issuer, subject: "ada", scopes: [] };
  const tokens = await Promise.all([process(), process(), process()].map((sessionOf) => sessionOf(ada)));
  expect(new Set(tokens).size).toBe(1);
  expect(await process()(ada)).toBe(tokens[0]);
  const listed = await store.list(10);
  expect(listed.ok && listed.value.length).toBe(1);
  const { firewall } = makeShop({}, { store });
  expect((await firewall.check(tokens[0] ?? "", { tool: "shop/order", args: {} })).verdict).toMatchObject({ decision: "allow" });
  const others = [
    process({ key: "l".repeat(32) }),
    process({ principals: [{ issuer, subject: "ada", plan: shop.digest, session: "next" }] }),
    process({ principals: [{ issuer, subject: "ada", plan: shop.digest, principal: "Ada" }] }),
  ];
  expect(new Set([tokens[0], ...(await Promise.all(others.map((sessionOf) => sessionOf(ada))))]).size).toBe(4);
  expect(() => process({ key: "short" })).toThrow("`key` must be a secret of 32 characters or more");
});

test("with a key, a session that cannot be opened is opened when it can", async () => {
  const { store } = makeShop();
  let isDown = true;
  const { firewall } = makeShop({}, { store: { ...store, load: (...args) => (isDown ? down() : store.load(...args)) } });
  const sessionOf = sessionsOf({
    enforcer: firewall,
    principals: [{ issuer, subject: "ada", plan: shop.digest }],
    key: "k".repeat(32),
  });
  const ada = { issuer, subject: "ada", scopes: [] };
  expect(await sessionOf(ada)).toBeUndefined();
  isDown = false;
  expect(await sessionOf(ada)).toMatch(/^s_/);
});

async function down(): Promise<{ ok: false; error: { kind: "unavailable" } }> {
  return { ok: false, error: { kind: "unavailable" } };
}

test("each principal has one session, of the plan that the host has named, however often it comes", async () => {
  const { firewall } = makeShop();
  const sessionOf = sessionsOf({ enforcer: firewall, principals: [{ issuer, subject: "ada", plan: shop.digest }] });
  const ada = { issuer, subject: "ada", scopes: [] };
  const [first, second] = await Promise.all([sessionOf(ada), sessionOf(ada)]);
  expect(first).toMatch(/^s_/);
  expect(second).toBe(first);
  expect(await sessionOf({ ...ada, subject: "eve" })).toBeUndefined();
  expect(await sessionOf({ ...ada, issuer: "https://evil.example" })).toBeUndefined();
});
