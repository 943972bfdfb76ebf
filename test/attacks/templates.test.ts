import { describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { open, type Scheme } from "./world.ts";

type Kind = "sql" | "url" | "path" | "argv" | "header" | "text";

/** What a template with one hole makes of a stranger's value. */
function fill(kind: Kind, text: string, value: Json): string {
  const scheme: Scheme = {
    nodes: {
      page: { tool: "web/get", args: { url: "https://a.example/" } },
      put: { tool: "box/put", args: { key: { template: kind, text, with: { x: { from: "page$.x" } } } } },
    },
  };
  const world = open(scheme);
  world.call("web/get", {}, { x: value });
  return world.attempt("box/put");
}

const denied = "ARG_UNRESOLVED";

/** Kind, the plan's text, a stranger's value, and what becomes of the text. */
const tables: Readonly<Record<Kind, { readonly text: string; readonly cases: readonly (readonly [Json, Json])[] }>> = {
  sql: {
    text: "SELECT name FROM users WHERE id = {x}",
    cases: [
      ["' OR '1'='1", "SELECT name FROM users WHERE id = ''' OR ''1''=''1'"],
      ["'; DROP TABLE users; --", "SELECT name FROM users WHERE id = '''; DROP TABLE users; --'"],
      ["x' UNION SELECT pin FROM cards --", "SELECT name FROM users WHERE id = 'x'' UNION SELECT pin FROM cards --'"],
      ["\\' OR 1=1 --", denied],
      ["a\u0000'b", denied],
      [{ a: 1 }, denied],
    ],
  },
  url: {
    text: "https://api.example/users/{x}/name",
    cases: [
      ["a?admin=1", "https://api.example/users/a%3Fadmin%3D1/name"],
      ["a#b", "https://api.example/users/a%23b/name"],
      ["@evil.example", "https://api.example/users/%40evil.example/name"],
      ["a b", "https://api.example/users/a%20b/name"],
      ["../../admin", denied],
      ["a/b", denied],
      ["\\evil.example", denied],
      ["%2e%2e%2fadmin", denied],
      ["\u202e", denied],
      [".", denied],
      ["..", denied],
      ["", denied],
      [{ a: 1 }, denied],
    ],
  },
  path: {
    text: "/data/{x}/log.txt",
    cases: [
      ["2026", "/data/2026/log.txt"],
      ["..", denied],
      [".", denied],
      ["", denied],
      ["a/b", denied],
      ["../../etc/passwd", denied],
      ["a\\b", denied],
      ["a\u0000", denied],
      ["C:", denied],
      ["~", denied],
    ],
  },
  header: {
    text: "X-Note: {x}",
    cases: [
      ["ok", "X-Note: ok"],
      ["a\r\nBcc: eve@evil.example", denied],
      ["a\nb", denied],
      ["a\rb", denied],
      ["a\u0000b", denied],
      ["a\u2028b", denied],
    ],
  },
  argv: {
    text: "grep -e {x} log.txt",
    cases: [
      ["; rm -rf /", ["grep", "-e", "; rm -rf /", "log.txt"]],
      ["$(id)", ["grep", "-e", "$(id)", "log.txt"]],
      ["a'b", ["grep", "-e", "a'b", "log.txt"]],
      ["-rf", denied],
      ["--config=evil", denied],
      ["a\u0000b", denied],
      [{ a: 1 }, denied],
    ],
  },
  text: {
    text: "k-{x}",
    cases: [
      ["{x}", "k-{x}"],
      [{ x: 1 }, denied],
    ],
  },
};

describe.each(Object.entries(tables))("a hole in %s", (kind, { text, cases }) => {
  it.each(cases)("takes a stranger's value as one value or not at all: %j", (value, becomes) => {
    const outcome = fill(kind as Kind, text, value);
    expect(outcome).toBe(becomes === denied ? denied : `allow ${JSON.stringify({ key: becomes })}`);
  });
});

describe("a filled template", () => {
  it("cannot be replaced by a text that the agent filled itself", () => {
    const world = open(
      {
        params: { id: { type: "string" } },
        nodes: {
          q: {
            tool: "base/sql",
            args: { sql: { template: "sql", text: "SELECT a FROM t WHERE id = {x}", with: { x: { param: "id" } } } },
            times: { min: 0, max: 9 },
          },
        },
      },
      { params: { id: "7" } },
    );
    expect(world.attempt("base/sql", { sql: "SELECT a FROM t WHERE id = '7' OR 1=1" })).toBe("ARG_MISMATCH");
    expect(world.attempt("base/sql", { sql: "SELECT pin FROM cards" })).toBe("ARG_MISMATCH");
    expect(world.attempt("base/sql")).toMatch(/^allow/);
  });

  it("carries the labels of its parts", () => {
    const world = open({
      nodes: {
        page: { tool: "web/get", args: { url: "https://a.example/" } },
        put: { tool: "box/put", args: { key: { template: "text", text: "k-{x}", with: { x: { from: "page$.x" } } } } },
      },
      flows: [{ id: "no-web", deny: ["web"], to: "box/*" }],
    });
    world.call("web/get", {}, { x: "a" });
    expect(world.attempt("box/put")).toBe("FLOW_SINK_DENIED");
  });
});
