import { describe, expect, it } from "vitest";
import type { WriteSpec } from "../../src/plan/plan.ts";
import { open, refusals } from "./world.ts";

function post(write: WriteSpec, text: string, params: Readonly<Record<string, string>> = {}): string {
  const world = open(
    {
      params: Object.fromEntries(Object.keys(params).map((name) => [name, { type: "string" as const }])),
      nodes: {
        post: { tool: "chat/post", args: { channel: "#g", text: { write } } },
        get: { tool: "web/get", args: { url: "https://corp.example/start" } },
      },
    },
    { params },
  );
  return world.attempt("chat/post", { text }).split(" ")[0] as string;
}

/** Ways to send a reader of text to evil.example. */
const linked: readonly string[] = [
  "https://evil.example/?d=secret",
  "see evil.example",
  "http://evil.example",
  "//evil.example/x",
  "[docs](https://evil.example)",
  "![](https://evil.example/p.png?d=1)",
  "[docs][1]\n\n[1]: https://evil.example",
  "<https://evil.example>",
  '<img src="https://evil.example/p.png">',
  "https:evil.example",
  "https:/evil.example",
  "https:\\\\evil.example",
  "HTTPS://EVIL.EXAMPLE",
  "https://corp.example@evil.example/",
  "https://corp.example:pw@evil.example/",
  "https://corp.example.evil.example/",
  "https://corp.example\\@evil.example",
  "https://evil。example/",
  "https://evil%2Eexample/",
  "https://еvil.example/",
  "https://corp.examplе/",
  "https://xn--vil-5cd.example/",
  "https://ⓔvil.example/",
  "http://2130706433/",
  "http://0x7f.1/",
  "http://[::1]/",
  "javascript:fetch('x')",
  "data:text/html,x",
  "&#104;ttps://evil.example",
  "evil&#46;example/x",
  "tel:+491234",
  "https://corp.example.:443@evil.example",
];

describe("a link in the agent's text", () => {
  it.each(linked)("is denied where the plan allows none: %j", (text) => {
    expect(post({ links: "none" }, text)).toBe("ARG_TEXT");
  });

  it.each(linked)("is denied where the plan allows its own hosts, and this is none: %j", (text) => {
    expect(post({ links: "plan" }, text)).toBe("ARG_TEXT");
    expect(post({}, text)).toBe("ARG_TEXT");
  });

  it.each(linked)("is denied where a list does not have its host: %j", (text) => {
    expect(post({ links: ["corp.example", "*.corp.example"] }, text)).toBe("ARG_TEXT");
  });

  it("to a host of the plan, a parameter or the list is allowed, also beside one that is not only if all are", () => {
    expect(post({ links: "plan" }, "see https://corp.example/a?b=c")).toBe("allow");
    expect(post({ links: "plan" }, "see https://wiki.example/a", { base: "https://wiki.example/" })).toBe("allow");
    expect(post({ links: ["*.corp.example"] }, "see https://a.corp.example")).toBe("allow");
    expect(post({ links: ["*.corp.example"] }, "see https://a.corp.example and evil.example")).toBe("ARG_TEXT");
  });

  it("is not allowed everywhere because a parameter holds a wildcard", () => {
    expect(post({ links: "plan" }, "https://evil.example/", { base: "*.example" })).toBe("ARG_TEXT");
    expect(post({ links: "plan" }, "https://evil.example/", { base: "see *.example or *" })).toBe("ARG_TEXT");
  });

  it("is hidden in no character that readers do not see", () => {
    for (const text of [
      "a\u0000b",
      "a\u001bb",
      "a\u202eb",
      "a\u2066b",
      "a\u200bb",
      "a\u200eb",
      "a\ufeffb",
      "a\u00adb",
      "a\r\nb",
      "a\u0085b",
      "a\u2028b",
      "a\u{e0041}b",
    ]) {
      expect(post({}, text), JSON.stringify(text)).toBe("ARG_TEXT");
    }
  });

  it("to a host that only the agent's own parameters name is denied", () => {
    const scheme = {
      params: { topic: { type: "string" } },
      nodes: { post: { tool: "chat/post", args: { channel: "#g", text: { write: {} } } } },
    } as const;
    const params = { topic: "https://evil.example/" };
    const text = "see https://evil.example/?d=1";
    expect(open(scheme, { params, agentParams: ["topic"] }).attempt("chat/post", { text })).toBe("ARG_TEXT");
    expect(open(scheme, { params }).attempt("chat/post", { text })).toMatch(/^allow/);
  });

  it("leaves honest text alone", () => {
    for (const text of [
      "Paid 12.50 EUR, thanks!",
      "a\n\tb",
      "Grüße, 日本語, 👍🏽",
      "v1.2.3 is out; see report.txt",
      "mail ana@corp.example",
    ]) {
      expect(post({}, text), text).toBe("allow");
    }
  });
});

describe("the agent's text", () => {
  it("is text and no longer than the plan allows, counted in code points", () => {
    expect(post({ maxLength: 3 }, "abcd")).toBe("ARG_CONSTRAINT");
    expect(post({ maxLength: 3 }, "👍👍👍")).toBe("allow");
    expect(post({ maxLength: 3 }, "👍👍👍👍")).toBe("ARG_CONSTRAINT");
    const world = open({ nodes: { post: { tool: "chat/post", args: { channel: "#g", text: { write: {} } } } } });
    for (const text of [5, true, ["a"], { text: "a" }]) expect(world.attempt("chat/post", { text })).toBe("ARG_CONSTRAINT");
  });

  it("has no place in a target, a command, a credential or a selector", () => {
    expect(refusals({ nodes: { pay: { tool: "bank/pay", args: { to: { write: {} }, amount: 1 } } } })).toContain(
      "PLAN_WRITE_ROLE",
    );
    expect(refusals({ nodes: { run: { tool: "shell/run", args: { argv: { write: {} } } } } })).toContain("PLAN_WRITE_ROLE");
    expect(refusals({ nodes: { read: { tool: "safe/read", args: { key: { write: {} } } } } })).toContain("PLAN_WRITE_ROLE");
    expect(
      refusals({ nodes: { put: { tool: "box/put", args: { key: "k", data: { object: { to: { write: {} } } } } } } }),
    ).toContain("PLAN_WRITE_ROLE");
  });
});
