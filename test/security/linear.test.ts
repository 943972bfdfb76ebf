/**
 * Texts that make a careless pattern try every start: with quadratic work these take minutes, with linear work no time.
 */
import { expect, it } from "vitest";
import { readRequest } from "../../src/surfaces/http-proxy/exchange.ts";
import { operation } from "../surfaces/http-proxy/fixture.ts";

it("threat 5: blanks in a header that is a list take linear time", () => {
  const read = (text: string) =>
    readRequest(operation("listPets"), {
      segments: ["pets"],
      query: "",
      headers: new Map([["x-ids", [text]]]),
      body: { bytes: new Uint8Array(), contentType: undefined },
    });
  const blanks = " ".repeat(1_000_000);
  expect(read(`1${blanks},${blanks}2`)).toMatchObject({ ok: true, value: { "X-Ids": [1, 2] } });
  expect(read(`1${blanks}2`)).toMatchObject({ ok: false, fault: { kind: "parameter-value" } });
});
