/**
 * People with tokens of an identity provider: a real server of keys on loopback, tokens signed by jose, and everything that is wrong with others.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { OidcOptions } from "../../src/access/oidc/oidc.ts";
import { ConfigError } from "../../src/result.ts";
import { bearer, makeSite, type Site } from "./access-fixture.ts";

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
let ours: Pair;
let rsa: Pair;
let theirs: Pair;
let next: Pair;
let server: Server;
let url: string;
/** What the provider serves now; `undefined`: it is down. */
let served: object | undefined;
let asked = 0;

beforeAll(async () => {
  ours = await generateKeyPair("ES256", { extractable: true });
  theirs = await generateKeyPair("ES256", { extractable: true });
  next = await generateKeyPair("ES256", { extractable: true });
  rsa = await generateKeyPair("RS256", { extractable: true });
  server = createServer((request, response) => {
    asked += 1;
    if (request.url === "/elsewhere") return void response.writeHead(302, { location: "/keys" }).end();
    if (served === undefined) return void response.writeHead(500).end("down");
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(served));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
});

async function keySet(...pairs: readonly (readonly [string, Pair])[]): Promise<object> {
  return { keys: await Promise.all(pairs.map(async ([kid, pair]) => ({ ...(await exportJWK(pair.publicKey)), kid }))) };
}

const issuer = "https://login.example";
const audience = "sluice-desk";
let site: Site;

function options(over: Partial<OidcOptions> = {}): OidcOptions {
  return {
    issuer,
    audience,
    keys: { url },
    roles: { claim: "groups", viewer: ["staff"], approver: ["desk", "risk"], administrator: ["ops"] },
    ...over,
  };
}

beforeEach(async () => {
  served = await keySet(["k1", ours], ["r1", rsa]);
  asked = 0;
  site = makeSite({ oidc: options() });
});

const claims = (over: { readonly [name: string]: unknown } = {}): JWTPayload => ({
  iss: issuer,
  aud: audience,
  sub: "ada",
  exp: Math.floor(site.now() / 1_000) + 600,
  groups: ["staff", "desk"],
  ...over,
});

function sign(payload: JWTPayload, { pair = ours, header = {} }: { pair?: Pair; header?: object } = {}): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg: "ES256", kid: "k1", ...header }).sign(pair.privateKey);
}

async function outcome(token: string, path = ""): Promise<unknown> {
  const response = await site.ask(path, { headers: bearer(token) });
  return response.status === 200 && path === "" ? ((await response.json()) as { who: unknown }).who : response.status;
}

describe("a token of the provider", () => {
  it("is a person by name, with the highest role that its groups make", async () => {
    expect(await outcome(await sign(claims()))).toEqual({ name: "oidc:ada", role: "approver", by: "oidc", via: "bearer" });
    for (const [groups, role] of [
      [["staff"], "viewer"],
      ["risk", "approver"],
      [["x", "ops", "staff"], "administrator"],
    ] as const)
      expect(await outcome(await sign(claims({ groups })))).toMatchObject({ role });
    expect(await outcome(await sign(claims()), "/people")).toBe(403);
  });

  it("of another algorithm that is taken is read as well", async () => {
    const token = await sign(claims(), { pair: rsa, header: { alg: "RS256", kid: "r1" } });
    expect(await outcome(token)).toMatchObject({ name: "oidc:ada" });
    site = makeSite({ oidc: options({ algorithms: ["ES256"] }) });
    expect(await outcome(token)).toBe(403);
  });

  it("has the name of the claim that is said, and never one of our own people", async () => {
    site = makeSite({ oidc: options({ name: "email" }) });
    expect(await outcome(await sign(claims({ email: "ada@example.org" })))).toMatchObject({ name: "oidc:ada@example.org" });
    expect(await outcome(await sign(claims({ email: "eve" })))).toMatchObject({ name: "oidc:eve", by: "oidc" });
    expect(await outcome(await sign(claims({ email: "ada@example.org", email_verified: false })))).toBe(403);
    for (const email of [undefined, "", "a b", "x".repeat(201), "a\u202eb", 5, ["ada"]])
      expect(await outcome(await sign(claims({ email }))), String(email)).toBe(403);
  });

  it("is the person that the configuration says, who is one person under both names", async () => {
    site = makeSite({ oidc: options({ people: { ada: "ada.k" } }) });
    expect(await outcome(await sign(claims()))).toMatchObject({ name: "ada.k", by: "oidc" });
    expect(await outcome(await sign(claims({ sub: "ada.k" })))).toMatchObject({ name: "oidc:ada.k" });
    expect(await outcome(await sign(claims({ sub: "__proto__" })))).toMatchObject({ name: "oidc:__proto__" });
    for (const name of ["host", "a b", ""])
      expect(() => makeSite({ oidc: options({ people: { ada: name } }) })).toThrow(ConfigError);
  });

  it("says its roles inside another claim, too", async () => {
    site = makeSite({ oidc: options({ roles: { claim: "realm_access/roles", administrator: ["root"] } }) });
    expect(await outcome(await sign(claims({ realm_access: { roles: ["root"] } })))).toMatchObject({ role: "administrator" });
    expect(await outcome(await sign(claims({ realm_access: ["root"] })))).toBe(403);
    site = makeSite({ oidc: options({ roles: { claim: "https://sluice.example/roles", viewer: ["staff"] } }) });
    expect(await outcome(await sign(claims({ "https://sluice.example/roles": "staff" })))).toMatchObject({ role: "viewer" });
  });

  it("logs a browser in, no longer than it holds", async () => {
    const browser = site.browser();
    expect((await browser.login(await sign(claims()))).status).toBe(303);
    expect((await browser.get("/queue")).status).toBe(200);
    site.wait(601_000);
    expect((await browser.get("/queue")).status).toBe(303);
  });
});

describe("nobody is let in with", () => {
  const seconds = (): number => Math.floor(site.now() / 1_000);
  const cases: readonly (readonly [string, () => Promise<string>])[] = [
    ["another issuer", () => sign(claims({ iss: "https://evil.example" }))],
    ["no issuer", () => sign(claims({ iss: undefined }))],
    ["another audience", () => sign(claims({ aud: "another-client" }))],
    ["no audience", () => sign(claims({ aud: undefined }))],
    ["an expired token", () => sign(claims({ exp: seconds() - 61 }))],
    ["a token without an end", () => sign(claims({ exp: undefined }))],
    ["a token of the future", () => sign(claims({ nbf: seconds() + 120 }))],
    ["no subject", () => sign(claims({ sub: undefined }))],
    ["no group that makes a role", () => sign(claims({ groups: ["guests"] }))],
    ["no groups", () => sign(claims({ groups: undefined }))],
    ["groups that only look like one", () => sign(claims({ groups: [["desk"], { desk: true }, "DESK", "desk "] }))],
    ["another's signature", () => sign(claims(), { pair: theirs })],
    ["a key that nobody knows", () => sign(claims(), { header: { kid: "k9" } })],
    ["a token for another purpose", () => sign(claims(), { header: { typ: "logout+jwt" } })],
    ["a header that must be understood", () => sign(claims(), { header: { crit: ["exp"] } }).catch(() => "a.b.c")],
    ["no algorithm", async () => new UnsecuredJWT(claims()).encode()],
    ["another word for none", async () => `${new UnsecuredJWT(claims()).encode().replace(/^[^.]+/, btoa('{"alg":"nOnE"}'))}`],
    ["a symmetric algorithm over the public key", hmacOverPublicKey],
    ["its signature cut off", async () => (await sign(claims())).replace(/\.[^.]*$/, ".")],
    [
      "two claims of one name",
      async () => {
        const body = btoa(JSON.stringify(claims()).replace('"sub"', '"sub":"root","sub"')).replace(/=+$/, "");
        return (await sign(claims())).replace(/\.[^.]+\./, `.${body}.`);
      },
    ],
    ["a longer token than there can be", () => sign(claims({ pad: "x".repeat(20_000) }))],
  ];
  it.each(cases)("%s", async (_, make) => {
    expect([401, 403]).toContain(await outcome(await make()));
    expect((await site.browser().login(await make())).status).toBe(401);
  });

  async function hmacOverPublicKey(): Promise<string> {
    const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(ours.publicKey)));
    return new SignJWT(claims()).setProtectedHeader({ alg: "HS256", kid: "k1" }).sign(secret);
  }
});

describe("the provider's keys", () => {
  it("are asked for once in a while: not for each token, nor for each key that somebody makes up", async () => {
    const token = await sign(claims());
    for (let i = 0; i < 20; i++) await outcome(token);
    for (let i = 0; i < 20; i++) await outcome(await sign(claims(), { pair: theirs, header: { kid: `made-up-${i}` } }));
    expect(asked).toBe(1);
    site.wait(30_000);
    await outcome(await sign(claims(), { pair: theirs, header: { kid: "made-up" } }));
    expect(asked).toBe(2);
  });

  it("may change: a token of the next key is taken once the pause between two questions is over", async () => {
    expect(await outcome(await sign(claims()))).toMatchObject({ name: "oidc:ada" });
    served = await keySet(["k2", next]);
    const token = await sign(claims(), { pair: next, header: { kid: "k2" } });
    site.wait(30_000);
    expect(await outcome(token)).toMatchObject({ name: "oidc:ada" });
    expect(await outcome(await sign(claims()))).toBe(403);
  });

  it("let nobody in while they cannot be had, and everybody again afterwards; the host's own people come in all the time", async () => {
    served = undefined;
    const token = await sign(claims({ exp: Math.floor(site.now() / 1_000) + 7_200 }));
    expect(await outcome(token)).toBe(403);
    expect(await outcome("secret-of-eve-alone")).toMatchObject({ name: "eve" });
    served = await keySet(["k1", ours]);
    site.wait(30_000);
    expect(await outcome(token)).toMatchObject({ name: "oidc:ada" });
    // What is known is used for ten minutes, and no longer.
    served = undefined;
    site.wait(599_000);
    expect(await outcome(token)).toMatchObject({ name: "oidc:ada" });
    site.wait(31_000);
    expect(await outcome(token)).toBe(403);
  });

  it.each([{}, { keys: [] }, { keys: [{ kty: "oct", k: "AAAA", kid: "k1" }] }, [], { keys: "x" }])(
    "are none if the answer is %j",
    async (answer) => {
      served = answer;
      expect(await outcome(await sign(claims()))).toBe(403);
    },
  );

  it("are not followed to another place, nor looked for where no TLS is", async () => {
    site = makeSite({ oidc: options({ keys: { url: url.replace("/keys", "/elsewhere") } }) });
    expect(await outcome(await sign(claims()))).toBe(403);
    expect(() => makeSite({ oidc: options({ keys: { url: "http://login.example/keys" } }) })).toThrow(ConfigError);
  });
});

it.each([
  { issuer: "" },
  { audience: "" },
  { algorithms: ["HS256"] },
  { algorithms: ["none"] },
  { clockToleranceSeconds: 301 },
  { roles: { claim: "groups" } },
  { roles: { claim: "", viewer: ["staff"] } },
])("a provider is refused at set-up with %j", (over) => {
  expect(() => makeSite({ oidc: options(over) })).toThrow(ConfigError);
});
