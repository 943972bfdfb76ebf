/**
 * Messages of A2A: what of them is signed for, in the SDK's form and on the wire.
 */
import { describe, expect, it } from "vitest";
import { valueDigest } from "../../src/receipts/receipt.ts";
import { a2aReceipt, a2aValue, withA2aReceipt } from "../../src/surfaces/receipts.ts";

const sdk = (content: object, more: object = {}): object => ({
  content,
  metadata: undefined,
  filename: "",
  mediaType: "",
  ...more,
});

describe("the value of a message", () => {
  it("is the same in the SDK's form, in that of A2A 1.0 and in that of 0.3", () => {
    const data = { iban: "DE1", amount: 4 };
    const forms = [sdk({ $case: "data", value: data }), { data, mediaType: "application/json" }, { kind: "data", data }];
    for (const part of forms) expect(a2aValue({ parts: [part] })).toEqual(data);
    for (const part of [sdk({ $case: "text", value: "hi" }), { text: "hi" }, { kind: "text", text: "hi" }])
      expect(a2aValue({ parts: [part] })).toBe("hi");
    const parts = [sdk({ $case: "text", value: "hi" }), sdk({ $case: "data", value: data })];
    expect(a2aValue({ parts })).toEqual([{ text: "hi" }, { data }]);
    const wire = a2aValue({ parts: [{ text: "hi" }, { data }] });
    expect(valueDigest(wire ?? null)).toBe(valueDigest(a2aValue({ parts }) ?? null));
  });

  it("of a file is its address or bytes, its name and its type", () => {
    const raw = sdk({ $case: "raw", value: new Uint8Array([1, 2, 255]) }, { filename: "a.bin", mediaType: "x/y" });
    expect(a2aValue({ parts: [raw] })).toEqual([{ raw: "AQL/", filename: "a.bin", mediaType: "x/y" }]);
    expect(a2aValue({ parts: [sdk({ $case: "url", value: "https://a.example/b" })] })).toEqual([{ url: "https://a.example/b" }]);
    const old = { kind: "file", file: { uri: "https://a.example/b", mimeType: "x/y" } };
    expect(a2aValue({ parts: [old] })).toEqual([{ uri: "https://a.example/b", mimeType: "x/y" }]);
  });

  it("is nothing where a part is not understood: nobody goes on with half a message", () => {
    for (const part of [{}, null, 5, { text: 5 }, { kind: "video" }, sdk({ $case: "data", value: () => 1 })])
      expect(a2aValue({ parts: [{ text: "hi" }, part] })).toBeUndefined();
    expect(a2aValue({ parts: [] })).toBeUndefined();
  });
});

describe("the receipt of a message", () => {
  it("is in its metadata, beside what else is there, and takes the place of an older one", () => {
    const message = { parts: [{ text: "hi" }], metadata: { trace: "t-1" } };
    const first = withA2aReceipt(message, "one");
    expect([a2aReceipt(message), a2aReceipt(first)]).toEqual([undefined, "one"]);
    const second = withA2aReceipt(first, "two");
    expect(second.metadata).toEqual({ trace: "t-1", "sluice/receipt": "two" });
    expect(a2aReceipt(withA2aReceipt(second, undefined))).toBeUndefined();
  });

  it("is a text, or there is none", () => {
    for (const receipt of [5, null, { a: 1 }, ["x"]])
      expect(a2aReceipt({ parts: [], metadata: { "sluice/receipt": receipt } })).toBeUndefined();
    expect(a2aReceipt({ parts: [], metadata: Object.create({ "sluice/receipt": "inherited" }) })).toBeUndefined();
  });
});
