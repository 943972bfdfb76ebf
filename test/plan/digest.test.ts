import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { domainDigest, hmacSha256, sha256Hex, utf8 } from "../../src/plan/digest.ts";

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((u) => String.fromCharCode(u)) }),
);

describe("digest", () => {
  it("gives the bytes of TextEncoder for any text, lone surrogates included", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect([...utf8(value)]).toEqual([...new TextEncoder().encode(value)]);
      }),
      { numRuns: 400 },
    );
  });

  it("gives the SHA-256 of the runtime's own cryptography", () => {
    expect(sha256Hex("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    fc.assert(
      fc.property(text, (value) => {
        expect(sha256Hex(value)).toBe(createHash("sha256").update(value, "utf8").digest("hex"));
      }),
    );
  });

  it("gives the HMAC of the runtime's own cryptography for text and byte keys", () => {
    fc.assert(
      fc.property(text, text, (key, value) => {
        const expected = createHmac("sha256", Buffer.from(key, "utf8")).update(value, "utf8").digest("hex");
        expect(Buffer.from(hmacSha256(key, value)).toString("hex")).toBe(expected);
        expect(Buffer.from(hmacSha256(utf8(key), value)).toString("hex")).toBe(expected);
      }),
    );
  });

  it("separates domains by their first line", () => {
    expect(domainDigest("plan", "x")).not.toBe(domainDigest("tool", "x"));
    expect(domainDigest("plan", "x")).toBe(`sha256:${createHash("sha256").update("sluice/plan/v1\nx").digest("hex")}`);
  });
});
