/** The pieces that pages are made of: texts of others, links, tables, times. */
import { html } from "hono/html";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  actForm,
  away,
  block,
  brief,
  digest,
  distance,
  field,
  href,
  type Html,
  ownAddress,
  plainText,
  pretty,
  sentence,
  shown,
  table,
} from "../../src/dashboard/shell.ts";

const text = (part: Html): string => String(part);
/** What a browser would show of markup that has no tags but ours. */
const plain = (part: Html): string =>
  text(part)
    .replace(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");

const tags = /<(?!\/?(?:bdi|mark|details|summary|span|pre|code)\b)/;

describe("a text of others", () => {
  it("is escaped whatever it is, and all of it can be seen", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 900 }), (given) => {
        for (const part of [shown(given), shown(given, { max: 10 }), brief(given), block(given)])
          expect(text(part)).not.toMatch(tags);
        const unseen = /[\p{C}\p{Zl}\p{Zp}\u00a0]/u;
        if (
          !unseen.test(given) &&
          !/[\ufe00-\ufe0f\u115f\u1160\u2000-\u200f\u202f\u205f\u2800\u3000\u3164\uffa0]/.test(given) &&
          given.length <= 400
        )
          expect(plain(shown(given))).toBe(given);
      }),
      { numRuns: 300 },
    );
  });

  it("shows what turns or hides text, and halves of characters", () => {
    expect(text(shown("a\u202eb\u200bc\u2066d"))).toBe(
      "<bdi>a<mark>U+202E</mark>b<mark>U+200B</mark>c<mark>U+2066</mark>d</bdi>",
    );
    expect(text(shown("\ud800"))).toBe("<bdi><mark>U+D800</mark></bdi>");
    expect(text(brief("two\nlines"))).toBe("<bdi>two lines</bdi>");
    expect(plainText("a\u202eb\n\u0000c")).toBe("a\ufffdb \ufffdc");
  });

  it("is folded when it is long, cut at a whole character, and whole below", () => {
    const long = `${"x".repeat(399)}\u{1f600}${"y".repeat(100_000)}`;
    const folded = text(shown(long));
    expect(folded).toMatch(/^<details class="long"><summary><bdi>x{399}<\/bdi><span class="more"> … 100\u2009401 characters/);
    expect(folded).toContain(`<pre class="text"><bdi>${long}</bdi></pre>`);
    expect(text(brief(long, 10))).toBe("<bdi>xxxxxxxxxx…</bdi>");
  });

  it("costs little, however hostile it is", () => {
    const begun = performance.now();
    expect(text(shown("\u202e".repeat(100_000))).length).toBeGreaterThan(1_000_000);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  it("is a value with a line for each member", () => {
    expect(pretty({ b: [1, { c: null }], a: "x", d: {}, e: [] })).toBe(
      '{\n  "a": "x",\n  "b": [\n    1,\n    {\n      "c": null\n    }\n  ],\n  "d": {},\n  "e": []\n}',
    );
    expect(text(block({ a: "</pre><script>" }))).toContain("&lt;/pre&gt;&lt;script&gt;");
  });
});

describe("a sentence of ours", () => {
  it("sets what stands between back quotes as code and begins with a capital", () => {
    expect(text(sentence("note changes `crm/note`, twice"))).toBe(
      "<bdi>Note changes </bdi><code><bdi>crm/note</bdi></code><bdi>, twice</bdi>",
    );
    expect(text(sentence("`note` is new"))).toContain("<code><bdi>note</bdi></code>");
    expect(text(sentence("an odd ` quote <b>"))).toBe("<bdi>an odd ` quote &lt;b&gt;</bdi>");
  });
});

describe("a link", () => {
  it("stays below the dashboard's root, whatever fills it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (id, query) => {
        const url = new URL(href("/sessions/:id", { id }, { q: query.replace(/\p{Cs}/gu, "") }), "http://sluice.invalid");
        expect(url.origin).toBe("http://sluice.invalid");
        expect(url.pathname).toMatch(/^\/dashboard\/sessions\/[^/]+$/);
        expect(url.hash).toBe("");
      }),
      { numRuns: 300 },
    );
    expect(href("/")).toBe("/dashboard");
    expect(href("/sessions/:id", { id: ".." })).toBe("/dashboard/sessions/-");
    expect(href("/audit", {}, { code: "X", node: undefined, from: "" })).toBe("/dashboard/audit?code=X");
  });

  it("goes back only to pages of ours", () => {
    expect(ownAddress("/plans/sha256:ab?x=1&y=a%20b")).toBe("/dashboard/plans/sha256:ab?x=1&y=a%20b");
    for (const hostile of [
      "//evil.example",
      "/\\evil.example",
      "https://evil.example",
      "javascript:alert(1)",
      "/../../x",
      "/a/../b",
      "/a\r\nset-cookie: x",
      undefined,
      `/${"a".repeat(3_000)}`,
    ])
      expect(ownAddress(hostile)).toBe("/dashboard");
  });
});

describe("the pieces", () => {
  it("name their rows and columns", () => {
    const list = text(
      table({
        caption: "Things",
        rows: [{ name: "<i>", count: 2 }],
        columns: [
          { head: "Name", cell: ({ name }) => brief(name) },
          { head: "Count", kind: "number", cell: ({ count }) => count },
        ],
      }),
    );
    expect(list).toContain('<caption class="unseen">Things</caption>');
    expect(list).toContain('<th scope="row" class="" data-head="Name"><div><bdi>&lt;i&gt;</bdi></div></th>');
    expect(list).toContain('<td class="number" data-head="Count"><div>2</div></td>');
    expect(text(table({ caption: "Things", rows: [], columns: [] }))).toContain("Nothing here yet");
  });

  it("say how far a moment is", () => {
    expect([0, 90_000, -90_000, 3_600_000, 7_200_000, -86_400_000 * 3, Number.POSITIVE_INFINITY].map(distance)).toEqual([
      "now",
      "in 90 s",
      "90 s ago",
      "in 60 min",
      "in 2 h",
      "3 d ago",
      "never",
    ]);
    expect(text(away(1_000, 61_000))).toBe(
      '<time datetime="1970-01-01T00:00:01.000Z" data-away="" title="1970-01-01T00:00:01.000Z">60 s ago</time>',
    );
  });

  it("quote attributes, and carry the token of the form", () => {
    const seen = { csrf: 'a"b' };
    expect(text(actForm({ action: href("/x"), seen, body: html`` }))).toContain(
      '<input type="hidden" name="csrf" value="a&quot;b">',
    );
    expect(text(field({ name: "q", label: "<q>", value: '"><script>', hint: "say `what`" }))).toContain(
      'value="&quot;&gt;&lt;script&gt;"',
    );
    expect(text(digest('x"y'))).toContain('title="x&quot;y"');
  });
});
