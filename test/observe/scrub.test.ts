/**
 * What was digested or redacted once, in the texts that are kept: in whatever form programs write it there.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json } from "../../src/json/value.ts";
import { scrubbedCharsMax, scrubbedMax } from "../../src/limits.ts";
import { createDigester, standInsOf, standsFor } from "../../src/observe/digest.ts";
import { openRedactor, type Redactor } from "../../src/observe/redact.ts";
import type { RecordPolicy } from "../../src/observe/record-policy.ts";
import { isSecretName, isSecretText } from "../../src/observe/secrets.ts";
import { until, watchShop } from "./fixture.ts";

const policy: RecordPolicy = { rules: [{ as: "digest", paths: ["/customer"] }] };

function redactor(of: RecordPolicy = policy): Redactor {
  return openRedactor({ policy: of, digester: createDigester(new Uint8Array(32).fill(7)), toolOf: () => undefined });
}

/** What is kept of a text after a value was digested. */
function keptOf(value: Json, text: Json, of?: RecordPolicy): string {
  const one = redactor(of);
  one.result("bank/find", { customer: value });
  return canonicalJson(one.result("bank/find", { text }));
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("a digested value in a text that is kept", () => {
  const name = "Ädä Lovelace-Söhne";
  const mail = "ada.lovelace@corp.example";
  const forms: readonly (readonly [string, string, string])[] = [
    ["in another case", mail, `to ${mail.toUpperCase()}`],
    ["decomposed (NFD)", name, `to ${name.normalize("NFD")}.`],
    ["composed (NFC)", name.normalize("NFD"), `to ${name.normalize("NFC")}.`],
    ["in full-width letters", "ada-corp", "to ａｄａ-ｃｏｒｐ"],
    ["with invisible characters", mail, `to ada.love​lace@corp.example`],
    ["in groups", "DE89370400440532013000", "IBAN DE89 3704 0044 0532 0130 00, please"],
    ["out of its groups", "DE89 3704 0044 0532 0130 00", "iban=DE89370400440532013000;"],
    ["as a number with separators", "1234567", "1,234,567 EUR"],
    ["in a URL", mail, `https://a.example/?to=${encodeURIComponent(mail)}&x=1`],
    ["in a form", name, `who=${new URLSearchParams({ n: name }).toString()}`],
    ["in JSON inside the text", 'Ada "the" Lovelace\nLondon', JSON.stringify({ who: 'Ada "the" Lovelace\nLondon' })],
    ["in JSON inside JSON inside the text", "Ada\nLovelace", JSON.stringify(JSON.stringify({ who: "Ada\nLovelace" }))],
    ["in JSON in ASCII", name, '{"who":"\\u00c4d\\u00e4 Lovelace-S\\u00f6hne"}'],
    ["in HTML", "Ada <Lovelace> & Söhne", "<b>Ada &lt;Lovelace&gt; &amp; S&#246;hne</b>"],
    ["in quoted-printable", name, "=C3=84d=C3=A4 Lovelace-S=C3=B6hne"],
    ["in base64", mail, `data:text/plain;base64,${base64(`x${mail}yz`)}`],
    ["in base64 after other letters", mail, `see:${base64(`abc ${mail}`)}`],
    ["in base64url", `${mail}??>>`, Buffer.from(`${mail}??>>`).toString("base64url")],
    ["in hexadecimal digits", mail, `0x${Buffer.from(mail).toString("hex")}`],
  ];
  for (const [how, value, text] of forms) {
    it(`is gone ${how}`, () => {
      const kept = keptOf(value, text);
      const rest = kept.replaceAll(/sluice:[dr]:[a-z]:[0-9a-f]{32}/g, "").toLowerCase();
      expect(kept).toMatch(/sluice:d:/);
      for (const part of ["lovelace", "3704", "234", "YWRh".toLowerCase(), "6164612e", "ａｄａ"])
        expect(rest).not.toContain(part);
    });
  }

  it("leaves the rest of the text as it is, and texts that only resemble it", () => {
    expect(keptOf("Ada Lovelace", "Dear Ada Lovelace, hello")).toMatch(/"Dear sluice:d:s:[0-9a-f]{32}, hello"/);
    for (const text of [
      "Dear Ada, love lasts",
      "100 % of a\\b &amp; c=3D %zz \\u12",
      "QWxhZGRpbjpvcGVuc2VzYW1l and 6162636465666768",
    ])
      expect(keptOf("Ada Lovelace", text)).toBe(canonicalJson({ text }));
  });

  it("that is the whole text is equal to it only if it is the same text", () => {
    const one = redactor();
    const first = one.result("a/b", { customer: "Ada Lovelace" }) as { readonly customer: string };
    const second = one.result("a/b", { same: "Ada Lovelace", other: "ADA LOVELACE" }) as {
      readonly same: string;
      readonly other: string;
    };
    expect(second.same).toBe(first.customer);
    expect(standsFor(second.other)).toBe("s");
    expect(second.other).not.toBe(first.customer);
    const numbers = redactor();
    const id = numbers.result("a/b", { customer: 987654321 }) as { readonly customer: string };
    const text = numbers.result("a/b", { text: "987654321", list: [987654321] }) as {
      readonly text: string;
      readonly list: string[];
    };
    expect([standsFor(id.customer), standsFor(text.text)]).toEqual(["i", "s"]);
    expect(text.list).toEqual([id.customer]);
  });

  it("that overlaps with another leaves no part of either", () => {
    const one = redactor();
    one.result("a/b", { customer: ["abcdefgh", "fghijklm", "abcdefghij"] });
    expect(canonicalJson(one.result("a/b", { text: "<abcdefghijklm>" }))).toMatch(/^\{"text":"<sluice:d:s:[0-9a-f]{32}>"\}$/);
  });

  it("that was redacted is never the same twice", () => {
    const one = redactor({ rules: [{ as: "redact", paths: ["/customer"] }] });
    one.result("a/b", { customer: "Ada Lovelace" });
    const found = standInsOf(canonicalJson(one.result("a/b", { a: "Ada Lovelace", b: "ada lovelace!", c: "Ada Lovelace" })));
    expect(found).toHaveLength(3);
    expect(found.every((token) => token.startsWith("sluice:r:"))).toBe(true);
  });

  it("is gone with all that follows where it is long, whatever its end", () => {
    const long = `${"Dear reader, ".repeat(100)}the end.`;
    const kept = keptOf(long, `Fwd: ${long.slice(0, 700)} [cut]`);
    expect(kept).toMatch(/^\{"text":"Fwd: sluice:d:s:[0-9a-f]{32}"\}$/);
  });

  it("is gone however many there were: beyond the bound nothing is kept", () => {
    const many = Array.from({ length: scrubbedMax + 1 }, (_, i) => `customer-${i}-name`);
    const one = redactor();
    one.result("a/b", { customer: [...many, "Ada Lovelace"] });
    const kept = canonicalJson(one.result("a/b", { text: "to Ada Lovelace", count: 1234567, "ada lovelace": 1, total: true }));
    expect(kept).not.toMatch(/lovelace|1234567/i);
    const big = redactor();
    big.result("a/b", { customer: Array.from({ length: scrubbedCharsMax / 200 + 2 }, (_, i) => `${i} `.padEnd(220, "qwertz ")) });
    big.result("a/b", { customer: "Ada Lovelace" });
    expect(canonicalJson(big.result("a/b", { text: "to Ada Lovelace" }))).not.toMatch(/Lovelace/);
  });

  it("is found in time that grows with the text alone", () => {
    const one = redactor();
    one.result("a/b", { customer: Array.from({ length: 5_000 }, (_, i) => `a${String(i).padStart(7, "0")}`) });
    const texts = [
      "a0".repeat(500_000),
      "%41".repeat(300_000),
      `${"QUFB".repeat(250_000)}`,
      "&".repeat(500_000),
      "\\".repeat(500_000),
      "=4".repeat(400_000),
    ];
    const begin = performance.now();
    for (const text of texts) one.result("a/b", { text });
    expect(performance.now() - begin).toBeLessThan(20_000);
  });

  it("is gone whatever it is and wherever it stands", () => {
    const word = fc.string({ minLength: 6, maxLength: 40, unit: fc.constantFrom(..."abcdefgXYZ0189äß漢 .-@%\\&=+/") });
    const write = fc.constantFrom<(text: string) => string>(
      (text) => text,
      encodeURIComponent,
      (text) => JSON.stringify(text).slice(1, -1),
      (text) => text.toUpperCase(),
      (text) => text.normalize("NFD"),
      (text) => Buffer.from(text).toString("hex"),
    );
    const property = fc.property(word, write, fc.string(), fc.string(), (value, form, before, after) => {
      fc.pre((value.match(/[\p{L}\p{N}]/gu) ?? []).length >= 6 && !value.includes("ß"));
      const written = form(value);
      const kept = keptOf(value, `${before} ${written} ${after}`);
      expect(kept).toContain("sluice:d:");
      expect(kept).not.toContain(canonicalJson(written).slice(1, -1));
    });
    fc.assert(property, { numRuns: 300 });
  });
});

describe("a secret", () => {
  it("is gone where it is short, too, unless it is a part of a word or of a number", () => {
    const one = redactor({});
    one.args("a/b", { pin: "4711", cvv: 123 });
    const kept = one.result("a/b", { text: "PIN 4711, or 4-7-1-1 or 47112", amount: 123, other: 1234 });
    expect(canonicalJson(kept)).not.toMatch(/4711[^2]|4-7/);
    expect(kept).toMatchObject({ other: 1234 });
    expect(standsFor((kept as { readonly amount: string }).amount)).toBe("i");
    expect(canonicalJson(kept)).toContain("47112");
  });

  it("is known in names of members, in lists of headers, and in texts that say what it is", () => {
    const one = redactor({});
    const kept = canonicalJson(
      one.result("a/b", {
        AKIAABCDEFGHIJKLMNOP: 1,
        headers: [
          { name: "Authorization", value: "Basic abc" },
          { key: "X-Api-Key", value: "k-77" },
        ],
        pairs: [["Cookie", "sid=9f"]],
        env: "PORT=80\nDB_PASSWORD=hunter2\n",
        body: '{"user":"ada","password":"hunter3"}',
        url: "https://a.example/?access_token=hunter4",
        basic: "Basic dXNlcjpwYXNzd29yZA==",
      }),
    );
    expect(kept).not.toMatch(/AKIA|Basic|k-77|sid=9f|hunter|dXNl/);
    for (const text of [
      "-----BEGIN PGP PRIVATE KEY BLOCK-----",
      `s_${"0".repeat(32)}.${"1".repeat(64)}`,
      "hf_abcdefghijklmnopqrstuvwx",
      "ya29.a0AfH6SMBabcdefghijkl",
      "sk-abcdefghijklmnopqrstuvwx1234",
      "https://hooks.slack.com/services/T000/B000/XXXXXXXX",
    ])
      expect([text, isSecretText(text)]).toEqual([text, true]);
    for (const text of ["the password policy: see the wiki", "token budget", "pin: the badge", "Basic training", "tokens=12"])
      expect([text, isSecretText(text)]).toEqual([text, false]);
    for (const name of [
      "password_hash",
      "passwordConfirmation",
      "secretValue",
      "cardNumber",
      "card_cvc",
      "verification_code",
      "otp_code",
      "session_token",
      "private_key_pem",
      "db_password_1",
      "connectionString",
      "recoveryCodes",
    ])
      expect([name, isSecretName(name)]).toEqual([name, true]);
    for (const name of [
      "country_code",
      "code",
      "number",
      "card_type",
      "board_number",
      "postal_code",
      "session_id",
      "max_tokens",
      "pageToken",
    ])
      expect([name, isSecretName(name)]).toEqual([name, false]);
  });
});

describe("looking for secrets", () => {
  it("takes time that grows with the text alone, whatever it is made of", () => {
    const parts = [
      "eyJaaaaaaaaa-",
      "-----BEGIN ",
      "password\\\\\\",
      "a://b:",
      "Basic QUFB",
      "sk-",
      "SG.aaaaaaaaaaaaaaaaaaaa",
      "token='",
    ];
    const begin = performance.now();
    for (const part of parts) isSecretText(part.repeat(400_000 / part.length));
    expect(performance.now() - begin).toBeLessThan(5_000);
  });
});

describe("what a host or an agent names", () => {
  it("is recorded of tools only where somebody has declared them, or where it has the form of a name", async () => {
    const watched = watchShop({ observe: { record: { default: "digest" } }, plans: [] });
    await (await watched.call(encodeURIComponent("to ada@corp.example now"), {})).text();
    await (await watched.call("x".repeat(500), {})).text();
    await (await watched.call("nobody", {})).text();
    const texts = (await watched.texts()).join("");
    expect(texts + JSON.stringify(watched.log)).not.toMatch(/ada@corp|x{200}/);
    expect(texts).toContain('"tool":"nobody"');
    const one = redactor({});
    one.args("a/b", { password: "hunter2sword" });
    expect(one.tool("hunter2sword")).not.toContain("hunter2sword");
  });

  it("is recorded of the task only where everything is kept", async () => {
    const task = "pay ada@corp.example 500";
    for (const [record, isKept] of [
      [{}, true],
      [{ default: "digest" }, false],
      [{ default: "redact" }, false],
    ] as const) {
      const watched = watchShop({ observe: { record, until } });
      watched.firewall.observer?.run({ task }).call({ tool: "shop/order", args: { symbol: "VTI" } });
      const texts = (await watched.texts()).join("");
      expect([record, texts.includes("ada@corp.example")]).toEqual([record, isKept]);
    }
    const watched = watchShop({});
    watched.firewall.observer?.run({ task: "log in with password: hunter2sword" }).call({ tool: "shop/order", args: {} });
    expect((await watched.texts()).join("")).not.toContain("hunter2sword");
  });
});
