import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonEqual, type Json, type JsonObject } from "../../../src/json/value.ts";
import { readRequest, type Headers } from "../../../src/surfaces/http-proxy/exchange.ts";
import type { Read } from "../../../src/surfaces/http-proxy/fault.ts";
import { buildRequest, segmentsOf } from "../../../src/surfaces/http-proxy/router.ts";
import { operation, petsRouter } from "./fixture.ts";

interface Asked {
  readonly headers?: Headers;
  readonly body?: string;
  readonly contentType?: string;
}

/** What a request is read as: the tool and its arguments, or the kind of its fault. */
function read(method: string, target: string, { headers = new Map(), body = "", contentType }: Asked = {}): unknown {
  const [path = "", query = ""] = target.split(/\?(.*)/s);
  const segments = segmentsOf(path);
  if (segments === undefined) return "target";
  const found = petsRouter.find("pets", method, segments);
  if (found === undefined) return undefined;
  const given = { segments, query, headers, body: { bytes: new TextEncoder().encode(body), contentType } };
  const args = readRequest(found, given);
  return args.ok ? { [found.tool]: args.value } : args.fault.kind;
}

function kindOf(result: Read<unknown>): unknown {
  return result.ok ? result.value : result.fault.kind;
}

describe("a request", () => {
  it.each<readonly [string, Json]>([
    ["limit=5", { limit: 5 }],
    ["limit=-5", { limit: -5 }],
    ["limit=12345678901234567890", { limit: 12345678901234567890n }],
    ["price=1.50", { price: 1.5 }],
    ["sold=true&q=a+b%2Bc", { sold: true, q: "a b+c" }],
    ["q=", { q: "" }],
    ["q=true", { q: "true" }],
    ["id=1&id=2", { id: [1, 2] }],
    ["id=1", { id: [1] }],
    ["tags=a,b", { tags: ["a", "b"] }],
    ["tags=a%2Cb", { tags: ["a", "b"] }],
    ["pipes=a|b&blanks=a%20b", { pipes: ["a", "b"], blanks: ["a", "b"] }],
    ["filter[color]=red&filter%5Bage%5D=3", { filter: { color: "red", age: 3 } }],
    ["where=%7B%22a%22%3A[1]%7D", { where: { a: [1] } }],
    ["limit=sluice%3Ah%3AAAAAAAAAAAAAAAAAAAAAAA", { limit: "sluice:h:AAAAAAAAAAAAAAAAAAAAAA" }],
    ["", {}],
  ])("with the query %s has typed arguments", (query, args) => {
    expect(read("GET", `/pets?${query}`)).toEqual({ "pets/listPets": args });
  });

  it.each<readonly [string, string]>([
    ["limit=5.0", "parameter-value"],
    ["limit=1e1", "parameter-value"],
    ["limit=05", "parameter-value"],
    ["limit=0x5", "parameter-value"],
    ["limit=%205", "parameter-value"],
    ["limit=５", "target"],
    ["limit=", "parameter-value"],
    ["price=Infinity", "parameter-value"],
    ["price=1e400", "parameter-value"],
    ["sold=1", "parameter-value"],
    ["sold=TRUE", "parameter-value"],
    ["limit=5&limit=5", "parameter-repeated"],
    ["limit=5&%6cimit=6", "parameter-repeated"],
    ["Limit=5", "parameter-unknown"],
    ["limit[]=5", "parameter-unknown"],
    ["admin=true", "parameter-unknown"],
    ["_method=DELETE", "parameter-unknown"],
    ["tags=", "parameter-value"],
    ["tags=a,,b", "parameter-value"],
    ["filter[color]=a&filter[color]=b", "parameter-repeated"],
    ["filter[size]=1", "parameter-value"],
    ["filter[a][b]=1", "parameter-value"],
    ["filter=red", "parameter-unknown"],
    ['where={"a":1,"a":2}', "parameter-value"],
    ["q=a;limit=5", "target"],
    ["q=a#b", "target"],
    ["q=%zz", "target"],
    ["q=%ff", "target"],
    ["q=%ED%A0%80", "target"],
    ["q=1&&limit=2", "target"],
    ["=1", "target"],
  ])("with the query %s is no call", (query, fault) => {
    expect(read("GET", `/pets?${query}`)).toBe(fault);
  });

  it.each<readonly [string, unknown]>([
    ["/pets/7", { "pets/getPet": { petId: "7" } }],
    ["/p%65ts/7", { "pets/getPet": { petId: "7" } }],
    ["/pets/a%20b", { "pets/getPet": { petId: "a b" } }],
    ["/pets/%C3%A9", { "pets/getPet": { petId: "é" } }],
    ["/pets/%7BpetId%7D", { "pets/getPet": {} }],
    ["/pets/mine", { "pets/myPets": {} }],
    ["/pets/%6Dine", { "pets/myPets": {} }],
    ["/pets/5/photos/3.png", { "pets/photo": { petId: "5", number: 3, ext: "png" } }],
    ["/compare/a,b", { "pets/compare": { ids: ["a", "b"] } }],
    ["/compare/a%2Cb", { "pets/compare": { ids: ["a", "b"] } }],
    ["/compare/a", { "pets/compare": { ids: ["a"] } }],
    ["/pets/", undefined],
    ["//pets/7", undefined],
    ["/pets//7", undefined],
    ["/Pets/7", undefined],
    ["/pets/7/", undefined],
    ["/pets/7/photos", undefined],
    ["/unknown", undefined],
  ])("for %s is one operation, or none", (path, wanted) => {
    expect(read("GET", path)).toEqual(wanted);
  });

  it("by a method that the fixed path has not is no operation, though a template of that method would fit", () => {
    expect(read("DELETE", "/pets/7")).toEqual({ "pets/deletePet": { petId: "7" } });
    expect(read("DELETE", "/pets/mine")).toBeUndefined();
    expect(read("get", "/pets/7")).toBeUndefined();
    expect(read("HEAD", "/pets/7")).toBeUndefined();
  });

  it.each([
    "/pets/..",
    "/pets/.",
    "/pets/%2e%2e",
    "/pets/.%2E",
    "/pets/../pets/7",
    "/pets/..;/7",
    "/pets/..;a=b",
    "/pets/%2e%2e%3b",
    "/pets/7;admin=1",
    "/pets/7%2f..%2fmine",
    "/pets/7%2Fphotos",
    "/pets/7%5cphotos",
    "/pets/7\\photos",
    "/pets/%252e%252e",
    "/pets/%252f",
    "/pets/%2500",
    "/pets/7%00",
    "/pets/7%0d%0aX:1",
    "/pets/%c0%ae%c0%ae",
    "/pets/%ff",
    "/pets/%",
    "/pets/%7",
    "/pets/\u00e9",
    "/pets/a b",
    "/pets/{petId}",
    "/pets/%E2%80%AE7",
    "/pets/a%EF%BC%8Fb",
  ])("with the segment of %s is refused, since servers read it differently (threat 4)", (path) => {
    expect(read("GET", path)).toBe("target");
  });

  it("reads headers and cookies that are parameters, and nothing of the others", () => {
    const headers = new Map([
      ["x-trace", ["abc"]],
      ["x-ids", ["1, 2"]],
      ["cookie", ["session=secret; region=e%20u"]],
      ["authorization", ["Bearer stolen"]],
    ]);
    expect(read("GET", "/pets", { headers })).toEqual({
      "pets/listPets": { "X-Trace": "abc", "X-Ids": [1, 2], region: "e u" },
    });
    expect(read("GET", "/pets", { headers: new Map([["x-trace", ["a", "b"]]]) })).toBe("parameter-repeated");
    expect(read("GET", "/pets", { headers: new Map([["cookie", ["region=a; region=b"]]]) })).toBe("parameter-repeated");
  });

  it.each<readonly [string, string, string | undefined, unknown]>([
    ["POST /pets", '{"name":"Rex","age":3}', "application/json", { "pets/addPet": { name: "Rex", age: 3 } }],
    [
      "POST /pets",
      '{"name":"Rex","age":3}',
      "application/vnd.api+json; charset=UTF-8",
      { "pets/addPet": { name: "Rex", age: 3 } },
    ],
    ["POST /pets", "", undefined, { "pets/addPet": {} }],
    ["POST /pets", '{"name":"Rex","name":"Eve"}', "application/json", "body-malformed"],
    ["POST /pets", '{"name":"Rex","n\\u0061me":"Eve"}', "application/json", "body-malformed"],
    ["POST /pets", '{"name":"Rex","admin":true}', "application/json", "body-unknown"],
    ["POST /pets", '{"__proto__":{"admin":true}}', "application/json", "body-unknown"],
    ["POST /pets", "[1]", "application/json", "body-malformed"],
    ["POST /pets", '{"name":"Rex"}', "text/plain", "body-type"],
    ["POST /pets", '{"name":"Rex"}', undefined, "body-type"],
    ["POST /pets", '{"name":"Rex"}', "application/json; charset=utf-16", "body-type"],
    ["POST /pets", "name=Rex", "application/x-www-form-urlencoded", "body-type"],
    ["GET /pets", "{}", "application/json", "body-unexpected"],
    ["POST /forms", "to=a%40b&n=1&n=2", "application/x-www-form-urlencoded", { "pets/form": { to: "a@b", n: [1, 2] } }],
    ["POST /forms", "meta=%7B%22a%22%3A1%7D", "application/x-www-form-urlencoded", { "pets/form": { meta: { a: 1 } } }],
    ["POST /forms", "to=a&to=b", "application/x-www-form-urlencoded", "parameter-repeated"],
    ["POST /forms", "to=a&cc=b", "application/x-www-form-urlencoded", "body-unknown"],
    ["PUT /notes", "hello\nworld", "text/plain", { "pets/note": { body: "hello\nworld" } }],
  ])("%s with the body %s of %s is read strictly (threat 1)", (line, body, contentType, wanted) => {
    const [method = "", path = ""] = line.split(" ");
    expect(read(method, path, { body, ...(contentType === undefined ? {} : { contentType }) })).toEqual(wanted);
  });
});

describe("the request that arguments make", () => {
  it("is in one form, whatever the agent wrote", () => {
    const built = buildRequest(petsRouter, operation("listPets"), {
      limit: 5,
      q: "a b&c=d",
      id: [1, 2],
      tags: ["x", "y z"],
      pipes: ["a", "b"],
      filter: { color: "red", age: 3 },
      where: { b: 1, a: [true] },
      "X-Trace": "t 1",
      "X-Ids": [7, 8],
      region: "e u",
    });
    expect(kindOf(built)).toEqual({
      method: "GET",
      path: "/pets",
      query:
        "limit=5&q=a%20b%26c%3Dd&id=1&id=2&tags=x,y%20z&pipes=a%7Cb&filter%5Bage%5D=3&filter%5Bcolor%5D=red&where=%7B%22a%22%3A%5Btrue%5D%2C%22b%22%3A1%7D",
      headers: [
        ["x-trace", "t 1"],
        ["x-ids", "7,8"],
        ["cookie", "region=e%20u"],
      ],
      body: undefined,
    });
  });

  it.each<readonly [string, JsonObject, string]>([
    ["getPet", { petId: "mine" }, "argument-changed"],
    ["getPet", { petId: "{petId}" }, "argument-changed"],
    ["getPet", { petId: "../admin" }, "argument-value"],
    ["getPet", { petId: "a/b" }, "argument-value"],
    ["getPet", { petId: ".." }, "argument-value"],
    ["getPet", { petId: "..;" }, "argument-value"],
    ["getPet", { petId: "%2e%2e" }, "argument-value"],
    ["getPet", { petId: "a\r\nb" }, "argument-value"],
    ["getPet", { petId: "" }, "argument-value"],
    ["getPet", { petId: null }, "argument-value"],
    ["getPet", { petId: 7 }, "argument-changed"],
    ["getPet", {}, "parameter-missing"],
    ["getPet", { petId: "7", admin: true }, "argument-unknown"],
    ["photo", { petId: "5", number: 3, ext: "png.jpg" }, ""],
    ["photo", { petId: "5", number: "3.4", ext: "png" }, "argument-changed"],
    ["compare", { ids: ["a,b"] }, "argument-changed"],
    ["compare", { ids: ["a", "b,c"] }, "argument-value"],
    ["compare", { ids: [] }, "argument-value"],
    ["listPets", { limit: "5" }, "argument-changed"],
    ["listPets", { limit: 5.5 }, "argument-changed"],
    ["listPets", { q: 5 }, "argument-changed"],
    ["listPets", { q: "a\u0000" }, "argument-value"],
    ["listPets", { id: [] }, "argument-value"],
    ["listPets", { id: [1, "2"] }, "argument-changed"],
    ["listPets", { tags: ["a,b", "c"] }, "argument-value"],
    ["listPets", { tags: [""] }, "argument-changed"],
    ["listPets", { filter: {} }, "argument-value"],
    ["listPets", { filter: { "a]=1&limit": "x" } }, "argument-changed"],
    ["listPets", { "X-Trace": "a\r\nX-Admin: 1" }, "argument-value"],
    ["listPets", { "X-Trace": " a" }, "argument-value"],
    ["note", { body: "" }, "argument-value"],
    ["note", { body: { a: 1 } }, "argument-value"],
  ])("of %s with %j is refused where it would say something else", (name, args, fault) => {
    const built = buildRequest(petsRouter, operation(name), args);
    expect(built.ok ? "" : built.fault.kind).toBe(fault);
  });

  const text = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 6 }),
    fc.string({ unit: fc.constantFrom(..."/\\.;%2eE5cF?#&=+,|[]{}@: \n\u0000é"), maxLength: 6 }),
    fc.constantFrom("mine", "{petId}", "..", "%2f", "a&limit=1", "[]", "sluice:h:AAAAAAAAAAAAAAAAAAAAAA"),
  );
  const scalar = fc.oneof(text, fc.integer(), fc.double(), fc.boolean(), fc.constant(null)) as fc.Arbitrary<Json>;
  const value: fc.Arbitrary<Json> = fc.oneof(
    { weight: 4, arbitrary: scalar },
    { weight: 2, arbitrary: fc.array(scalar, { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.dictionary(fc.oneof(text, fc.constantFrom("color", "age")), scalar, { maxKeys: 2 }) },
  );
  const call = fc
    .constantFrom(...petsRouter.operations)
    .chain((chosen) =>
      fc.record({
        chosen: fc.constant(chosen),
        args: fc.record(Object.fromEntries([...chosen.args].map((arg) => [arg, value])), {
          requiredKeys: [],
        }) as fc.Arbitrary<JsonObject>,
      }),
    )
    .map(({ chosen, args }) => ({ chosen, args: Object.fromEntries(Object.entries(args).map(([name, v]) => [name, plain(v)])) }));

  /** -0 and numbers that are none are no JSON. */
  function plain(given: Json): Json {
    if (typeof given === "number") return Number.isFinite(given) && !Object.is(given, -0) ? given : 0;
    if (Array.isArray(given)) return given.map(plain);
    if (typeof given !== "object" || given === null) return given;
    return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, plain(value)]));
  }

  it("stays on its server, names its own operation to the WHATWG reader of addresses, and is read back as the same arguments", () => {
    let written = 0;
    fc.assert(
      fc.property(call, ({ chosen, args }) => {
        const built = buildRequest(petsRouter, chosen, args);
        if (!built.ok) return;
        written++;
        const { path, query } = built.value;
        const text = `https://api.pets.example/v1${path}${query === "" ? "" : `?${query}`}`;
        const url = new URL(text);
        expect([url.href, url.host, url.hash, url.username]).toEqual([text, "api.pets.example", "", ""]);
        const raw = url.pathname.slice("/v1".length);
        const decoded = raw.split("/").map(decodeURIComponent);
        expect(decoded).toHaveLength(chosen.segments.length + 1);
        expect(decoded.some((segment) => /[/\\]|^\.{1,2}$/.test(segment))).toBe(false);
        expect(petsRouter.find("pets", chosen.method, segmentsOf(raw) ?? [])).toBe(chosen);
        const single = new Map([...url.searchParams].map(([name, one]) => [name, one]));
        for (const { arg, name, style } of chosen.query)
          if (typeof args[arg] === "string" && style === "form") expect(single.get(name)).toBe(args[arg]);
      }),
      { numRuns: 400 },
    );
    expect(written).toBeGreaterThan(40);
  });

  it("is another one for other arguments", () => {
    const seen = new Map<string, JsonObject>();
    fc.assert(
      fc.property(call, ({ chosen, args }) => {
        const built = buildRequest(petsRouter, chosen, args);
        if (!built.ok) return;
        const key = JSON.stringify(built.value);
        const earlier = seen.get(key);
        if (earlier === undefined) seen.set(key, args);
        else expect(jsonEqual(earlier, args)).toBe(true);
      }),
      { numRuns: 400 },
    );
    expect(seen.size).toBeGreaterThan(20);
  });

  it("is equivalent to the request that the arguments were read from, as the WHATWG reader of addresses sees both", () => {
    const word = fc.string({ unit: fc.constantFrom(..."ab é+&=%#?/\n,[]"), minLength: 1, maxLength: 8 });
    const asked = fc.record({
      petId: fc.string({ unit: fc.constantFrom(..."abcé 12-_~!$'()*:@"), minLength: 1, maxLength: 8 }),
      q: word,
      limit: fc.integer(),
      sold: fc.boolean(),
      id: fc.array(fc.integer(), { minLength: 1, maxLength: 3 }),
      color: word,
    });
    fc.assert(
      fc.property(asked, ({ petId, q, limit, sold, id, color }) => {
        const query = new URLSearchParams([
          ["q", q],
          ["limit", String(limit)],
          ["sold", String(sold)],
          ["filter[color]", color],
        ]);
        for (const one of id) query.append("id", String(one));
        for (const [method, target] of [
          ["GET", `/pets?${query}`],
          ["DELETE", `/pets/${encodeURIComponent(petId)}`],
        ] as const) {
          const call = read(method, target);
          if (typeof call !== "object") expect([target, call]).toEqual([target, "a call"]);
          const [[tool = "", args] = []] = Object.entries(call as Record<string, JsonObject>);
          const built = buildRequest(petsRouter, operation(tool.slice("pets/".length)), args ?? {});
          if (!built.ok) throw new Error(built.fault.kind);
          const [was, is] = [target, `${built.value.path}?${built.value.query}`].map(
            (text) => new URL(text, "https://a.example"),
          );
          const pairs = (url: URL | undefined): unknown => [...(url?.searchParams ?? [])].sort();
          expect([decodeURIComponent(is?.pathname ?? ""), pairs(is)]).toEqual([
            decodeURIComponent(was?.pathname ?? ""),
            pairs(was),
          ]);
        }
      }),
      { numRuns: 200 },
    );
  });
});
