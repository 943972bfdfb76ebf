import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { createDigester, standInsOf, standsFor } from "../../src/observe/digest.ts";
import { readRecordPolicy, type RecordPolicy } from "../../src/observe/record-policy.ts";
import { openRedactor, type Redactor } from "../../src/observe/redact.ts";
import { isSecretName, isSecretText } from "../../src/observe/secrets.ts";
import { watchShop } from "./fixture.ts";

const key = new Uint8Array(32).fill(7);
const read = readCatalogue({
  server: "bank",
  labels: { customer: { integrity: "untrusted" } },
  tools: [
    {
      name: "find",
      inputSchema: { type: "object", properties: { name: { type: "string" } } },
      sluice: { effects: ["read"], labels: ["customer"] },
    },
    {
      name: "pay",
      inputSchema: {
        type: "object",
        properties: { to: { type: "string" }, amount: { type: "number" }, code: { type: "string" } },
      },
      sluice: { effects: ["money"], roles: { to: "target", code: "credential", amount: "content" } },
    },
  ],
});

function redactor(policy: RecordPolicy, withKey = key): Redactor {
  return openRedactor({
    policy,
    digester: createDigester(withKey),
    toolOf: (name) => {
      const tool = read.ok ? read.value.resolve(name) : undefined;
      return tool?.ok ? tool.value : undefined;
    },
  });
}

describe("digests", () => {
  it("are equal where values are, and differ where values, kinds or keys do", () => {
    const property = fc.property(
      fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()),
      fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()),
      (a, b) => {
        const digester = createDigester(key);
        const isSame = a === b || (a === 0 && b === 0);
        expect(digester.digest(a) === digester.digest(b)).toBe(isSame);
        expect(digester.digest(a)).not.toBe(createDigester(new Uint8Array(32).fill(8)).digest(a));
        expect(digester.redact(a)).not.toBe(digester.redact(a));
        expect(standsFor(digester.digest(a))).toBe(standsFor(digester.redact(a)));
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it("say of what kind the value was", () => {
    const digester = createDigester(key);
    const kinds = ["a", 1, 1.5, true, 12345678901234567890n].map((value) => standsFor(digester.digest(value)));
    expect(kinds).toEqual(["s", "i", "n", "b", "i"]);
    expect(standsFor(` ${digester.digest("a")}`)).toBeUndefined();
    expect(standInsOf(`x ${digester.digest("a")}, ${digester.digest("a")} ${digester.redact(1)}`)).toHaveLength(2);
  });
});

describe("what is recorded of values", () => {
  it("is everything but secrets, by default: those are digested by role, by name, and by their form", () => {
    const args = redactor({}).args("bank/pay", {
      to: "DE89370400440532013000",
      amount: 5,
      code: "123456",
      note: "hello",
      apiKey: ["k-1", "k-2"],
    });
    expect(args).toMatchObject({ to: "DE89370400440532013000", amount: 5, note: "hello" });
    expect(standsFor(args.code as string)).toBe("s");
    expect((args.apiKey as string[]).map(standsFor)).toEqual(["s", "s"]);
    const result = redactor({}).result("bank/find", {
      user: { password: { old: "a", new: 17 }, name: "Ada" },
      text: "use sk-live-abcdefghijklmnop",
    });
    expect(result).toMatchObject({ user: { name: "Ada" } });
    expect(standInsOf(canonicalJson(result))).toHaveLength(3);
  });

  it("is nothing of a secret anywhere else: not in a text before, a key, a number or a later result", () => {
    const one = redactor({});
    const first = one.result("bank/find", {
      hint: "your code is hunter2sword!",
      hunter2sword: 1,
      login: { password: "hunter2sword" },
    });
    const second = one.args("bank/pay", { to: "call hunter2sword now" });
    expect(canonicalJson([first, second])).not.toContain("hunter2sword");
    const digests = standInsOf(canonicalJson([first, second]));
    expect(digests).toHaveLength(1);
    expect(canonicalJson(one.result("bank/find", { pin: 987654321, list: [987654321, "id 987654321"] }))).not.toContain(
      "987654321",
    );
  });

  it("keeps no value of a digested or redacted recording, whatever it is", () => {
    const leaf = fc.oneof(
      fc.string({ minLength: 7, unit: fc.constantFrom(..."abcxyzäß漢 0123") }).map((text) => `Q${text}Q`),
      fc.integer({ min: 1_000_000 }),
    );
    const value = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom("name", "rows", "ada@corp.example", "id"), tie("tree"), { maxKeys: 3 }),
      ) as fc.Arbitrary<Json>,
    })).tree;
    const leavesOf = (json: Json): readonly Json[] =>
      typeof json === "object" && json !== null ? Object.values(json).flatMap(leavesOf) : [json];
    const shapeOf = (json: Json): unknown =>
      Array.isArray(json) ? json.map(shapeOf) : typeof json === "object" && json !== null ? Object.values(json).map(shapeOf) : 0;
    const property = fc.property(value, fc.constantFrom<"digest" | "redact">("digest", "redact"), (json, as) => {
      const kept = redactor({ default: as }).result("bank/find", json);
      const text = canonicalJson(kept);
      for (const each of leavesOf(json)) expect(text).not.toContain(String(each));
      expect(text).not.toContain("ada@corp.example");
      expect(shapeOf(kept)).toEqual(shapeOf(json));
    });
    fc.assert(property, { numRuns: 300 });
  });

  it("is what the first fitting rule says: by tool, side, argument, place, label and role", () => {
    const args: JsonObject = { to: "target-value", amount: 5.5, text: "words words" };
    const result: JsonObject = { rows: [{ name: "Ada Lovelace", id: 7 }], total: 1 };
    const seen = (policy: RecordPolicy, tool = "bank/pay"): readonly string[] => {
      const one = redactor(policy);
      const kept = { ...one.args(tool, args), ...(one.result(tool, result) as JsonObject) } as Readonly<Record<string, Json>>;
      const row = (kept.rows as readonly Readonly<Record<string, Json>>[])[0] ?? {};
      const values: Readonly<Record<string, Json | undefined>> = { ...kept, name: row.name, id: row.id };
      return ["to", "amount", "text", "name", "id", "total"].filter(
        (name) => typeof values[name] === "string" && standsFor(values[name] as string) !== undefined,
      );
    };
    expect(seen({ rules: [{ as: "digest", tools: ["mail/*"] }] })).toEqual([]);
    expect(seen({ rules: [{ as: "digest", tools: ["bank/*"], in: "args" }] })).toEqual(["to", "amount", "text"]);
    expect(seen({ rules: [{ as: "redact", in: "result", paths: ["/rows/*/name", "/total"] }] })).toEqual(["name", "total"]);
    expect(seen({ rules: [{ as: "digest", args: ["t*"] }] })).toEqual(["to", "text"]);
    expect(seen({ rules: [{ as: "digest", roles: ["target"] }] })).toEqual(["to"]);
    expect(seen({ rules: [{ as: "digest", labels: ["customer"] }] })).toEqual([]);
    expect(seen({ rules: [{ as: "digest", labels: ["customer"], in: "result" }] }, "bank/find")).toEqual(["name", "id", "total"]);
    expect(
      seen({
        default: "digest",
        rules: [
          { as: "keep", paths: ["/rows"], in: "result" },
          { as: "redact", in: "result" },
        ],
      }),
    ).toEqual(["to", "amount", "text", "total"]);
  });

  it("is a secret only if a rule names secrets", () => {
    const kept = redactor({ rules: [{ as: "keep", tools: ["bank/*"] }] }).args("bank/pay", { code: "123456" });
    expect(standsFor(kept.code as string)).toBe("s");
    expect(redactor({ rules: [{ as: "keep", secrets: true }] }).args("bank/pay", { code: "123456" })).toEqual({ code: "123456" });
    const gone = redactor({ rules: [{ as: "redact", secrets: true }] }).args("bank/pay", { code: "123456", note: "x" });
    expect(gone.code).toMatch(/^sluice:r:s:/);
    expect(gone.note).toBe("x");
  });

  it("is refused where a policy is not complete, with its place", () => {
    const wrong: readonly (readonly [Json, string])[] = [
      [[], ""],
      [{ default: "hide" }, "/default"],
      [{ rule: [] }, "/rule"],
      [{ rules: {} }, "/rules"],
      [{ rules: [1] }, "/rules/0"],
      [{ rules: [{ tools: ["a"] }] }, "/rules/0/as"],
      [{ rules: [{ as: "keep", tools: [] }] }, "/rules/0/tools"],
      [{ rules: [{ as: "keep", tools: "a" }] }, "/rules/0/tools"],
      [{ rules: [{ as: "keep", in: "both" }] }, "/rules/0/in"],
      [{ rules: [{ as: "keep", secrets: false }] }, "/rules/0/secrets"],
      [{ rules: [{ as: "keep", paths: ["a"] }] }, "/rules/0/paths"],
      [{ rules: [{ as: "keep", roles: ["boss"] }] }, "/rules/0/roles"],
      [{ rules: [{ as: "keep", tool: ["a"] }] }, "/rules/0/tool"],
    ];
    for (const [value, pointer] of wrong) {
      const policy = readRecordPolicy(value);
      expect([canonicalJson(value), policy.ok ? "accepted" : policy.error.pointer]).toEqual([canonicalJson(value), pointer]);
    }
    expect(readRecordPolicy({ rules: [{ as: "digest", roles: ["target"] }] }).ok).toBe(true);
  });

  it("knows the usual names and forms of secrets, and leaves what only looks like them", () => {
    for (const name of [
      "password",
      "userPassword",
      "api_key",
      "apiKey",
      "client_secret",
      "Authorization",
      "accessToken",
      "pin",
      "private-key",
      "set_cookie",
    ])
      expect([name, isSecretName(name)]).toEqual([name, true]);
    for (const name of [
      "next_page_token",
      "cursorToken",
      "key",
      "primaryKey",
      "tokens_used",
      "pinned",
      "opinion",
      "secretary",
      "author",
    ])
      expect([name, isSecretName(name)]).toEqual([name, false]);
    for (const text of [
      "Bearer abcdefghijklmnopqrst",
      "AKIAABCDEFGHIJKLMNOP",
      "postgres://me:pw@db/x",
      "x eyJhbGciOiJI.eyJzdWIiOiIx.abc",
    ])
      expect([text, isSecretText(text)]).toEqual([text, true]);
    for (const text of ["the bearer of news", "https://a.example/x:y", "mailto:a@b.example", "eyJ"])
      expect([text, isSecretText(text)]).toEqual([text, false]);
  });
});

describe("a firewall that observes", () => {
  it("lets no digested value out: not into recordings, logs, counts or reports", async () => {
    const watched = watchShop({
      observe: { record: { default: "digest" } },
      handler: (c) => c.json({ key: "S3CRET-result-value", "S3CRET-name@corp.example": [1234567] }),
    });
    await (await watched.call("order", { symbol: "S3CRET-symbol", amount: 7654321, "S3CRET-argument": "S3CRET-x" })).text();
    await (await watched.call("secret", { "S3CRET-only": 1 })).text();
    await (await watched.call("S3CRETtool", {})).text();
    const all = [
      ...(await watched.texts()),
      JSON.stringify(watched.log),
      JSON.stringify(watched.firewall.observer?.status()),
    ].join("\n");
    expect(all).not.toMatch(/S3CRET-|1234567|7654321/);
    expect(watched.firewall.observer?.status().recorded).toBe(3);
  });
});
