import { describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import type { Constraints } from "../../src/plan/plan.ts";
import { open } from "./world.ts";

function attempt(tool: string, arg: string, constraints: Constraints, value: Json): string {
  const rest = tool === "box/file" ? { text: "t" } : {};
  const world = open({ nodes: { n: { tool, args: { ...rest, [arg]: { choose: {} } }, constraints } } });
  return world.attempt(tool, { [arg]: value }).split(" ")[0] as string;
}

describe("a node that keeps to its hosts", () => {
  const get = (url: Json): string => attempt("web/get", "url", { hosts: ["api.example", "*.cdn.example"] }, url);

  it("reaches them", () => {
    for (const url of ["https://api.example/a?b=c", "https://api.example:8443/", "api.example", "https://x.cdn.example/"])
      expect(get(url), url).toBe("allow");
  });

  const others: readonly Json[] = [
    "https://evil.example/",
    "https://api.example.evil.example/",
    "https://evilapi.example/",
    "https://api.example@evil.example/",
    "https://api.example:pw@evil.example/",
    "https://evil.example\\@api.example/",
    "https://evil.example#@api.example/",
    "https://evil.example?@api.example/",
    "https://cdn.example/",
    "https://evil-cdn.example/",
    "https://apі.example/",
    "https://api。example/",
    "https://api.example%2eevil.example/",
    "https://api.example\u0000.evil.example/",
    "https://api.example\t.evil.example/",
    " https://evil.example/ https://api.example/",
    "https:///evil.example/",
    "//evil.example/",
    "/etc/passwd",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http://127.0.0.1/",
    "http://[::ffff:127.0.0.1]/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://169.254.169.254/latest/meta-data",
    "",
    ["https://api.example/", "https://evil.example/"],
    { url: "https://evil.example/" },
  ];
  it.each(others)("does not reach %j", (url) => {
    expect(get(url)).toBe("ARG_CONSTRAINT");
  });
});

describe("a node that keeps to its paths", () => {
  const file = (path: Json): string => attempt("box/file", "path", { paths: ["/data/in", "notes/"] }, path);

  it("reaches what lies under them", () => {
    for (const path of ["/data/in", "/data/in/a.txt", "notes/a/b.txt"]) expect(file(path), path).toBe("allow");
  });

  const others: readonly Json[] = [
    "/etc/passwd",
    "/data",
    "/data/input",
    "/data/in/../../etc/passwd",
    "/data/in/./a",
    "/data/in//a",
    "/data/in/..",
    "/data/in/%2e%2e/a",
    "/data/in/..\\a",
    "/data/in/a\u0000.txt",
    "/data/in/\u2025/a",
    "/data/in/．．/a",
    "//data/in/a",
    "~/data/in/a",
    "/DATA/IN/a",
    "/data/in\n/a",
    "data/in/a",
    "file:///data/in/a",
    "",
    ["/data/in/a", "/etc/passwd"],
    { path: "/etc/passwd" },
  ];
  it.each(others)("does not reach %j", (path) => {
    expect(file(path)).toBe("ARG_CONSTRAINT");
  });
});

describe("a reader that keeps to its paths, hosts or SQL", () => {
  const selectors = ["path", "url", "filter"];
  const tools = [
    {
      name: "disk/read",
      sluice: { effects: ["read"], labels: ["safe"], roles: Object.fromEntries(selectors.map((name) => [name, "selector"])) },
    },
  ];
  const read = (arg: string, constraints: Constraints, value: Json): string =>
    open({ nodes: { n: { tool: "disk/read", args: { [arg]: { choose: {} } }, constraints } } }, { tools })
      .attempt("disk/read", { [arg]: value })
      .split(" ")[0] as string;

  it("is held to them in its selectors too", () => {
    expect(read("path", { paths: ["/data"] }, "/data/a")).toBe("allow");
    expect(read("path", { paths: ["/data"] }, "/etc/passwd")).toBe("ARG_CONSTRAINT");
    expect(read("url", { hosts: ["api.example"] }, "https://api.example/")).toBe("allow");
    expect(read("url", { hosts: ["api.example"] }, "https://evil.example/")).toBe("ARG_CONSTRAINT");
    expect(read("filter", { sql: { statements: ["select"] } }, "SELECT a FROM b")).toBe("allow");
    expect(read("filter", { sql: { statements: ["select"] } }, "DELETE FROM b")).toBe("ARG_CONSTRAINT");
  });
});

describe("a node that keeps to its SQL", () => {
  const sql = (text: Json): string =>
    attempt("base/sql", "sql", { sql: { statements: ["select"], tables: ["users"], functions: ["count"] } }, text);

  it("runs it", () => {
    for (const text of ["SELECT a FROM users", "select count(a) from users where b = 'x; drop table y'"])
      expect(sql(text), text).toBe("allow");
  });

  const others: readonly Json[] = [
    "DROP TABLE users",
    "SELECT a FROM users; DROP TABLE users",
    "SELECT a FROM cards",
    "SELECT a FROM users, cards",
    "SELECT a FROM users JOIN cards ON 1=1",
    "SELECT a FROM users WHERE b IN (SELECT pin FROM cards)",
    "SELECT a FROM users UNION SELECT pin FROM cards",
    "WITH x AS (SELECT pin FROM cards) SELECT * FROM x",
    "SELECT pg_sleep(10) FROM users",
    "SELECT load_file('/etc/passwd') FROM users",
    "SELECT a INTO OUTFILE '/tmp/x' FROM users",
    "SELECT a FROM users /*! UNION SELECT pin FROM cards */",
    "SELECT a FROM users -- \n; DROP TABLE users",
    'SELECT a FROM "cards"',
    "SELECT a FROM `cards`",
    "SELECT a FROM public.cards",
    "EXPLAIN SELECT a FROM users",
    "",
    ";",
    "SELECT 'a",
  ];
  it.each(others)("does not run %j", (text) => {
    expect(sql(text)).toBe("ARG_CONSTRAINT");
  });
});

describe("a node that keeps to its size", () => {
  it("sends no more bytes than that, counted in UTF-8", () => {
    const size = (text: string): string => attempt("box/file", "path", { maxBytes: 30 }, text);
    // {"path":"","text":"t"} is 22 bytes.
    expect(size("12345678")).toBe("allow");
    expect(size("123456789")).toBe("CALL_TOO_LARGE");
    expect(size("ééé")).toBe("allow");
    expect(size("éééé1")).toBe("CALL_TOO_LARGE");
    expect(size("👍👍1")).toBe("CALL_TOO_LARGE");
  });

  it("takes no larger result: it is an error, and nothing of it is shown", () => {
    const world = open({
      nodes: { n: { tool: "safe/read", constraints: { maxBytes: 10 } }, put: { tool: "box/put", args: { key: { from: "n$" } } } },
    });
    expect(world.call("safe/read", {}, "12345678901")).toBe(null);
    expect(world.attempt("box/put")).toBe("CALL_OUT_OF_ORDER");
  });
});

describe("a node that a human approves", () => {
  it("runs not before", () => {
    const world = open({ nodes: { pay: { tool: "bank/pay", args: { to: "x", amount: 1 }, constraints: { approve: "human" } } } });
    expect(world.attempt("bank/pay")).toBe("CALL_NEEDS_APPROVAL");
    expect(world.attempt("bank/pay", { to: "eve" })).toBe("ARG_MISMATCH");
    expect(world.attempt("bank/pay", { approved: true })).toBe("ARG_UNEXPECTED");
  });
});
