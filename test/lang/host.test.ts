/**
 * Hosts are read strictly and links found generously: what one parser might take for another host is refused or reported.
 * Never needs the network.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostMatches, isPublic, linksIn, readHost } from "../../src/lang/host.ts";

describe("readHost", () => {
  test.each(
    [
      "",
      "https://",
      "https:///evil.example",
      "https:/evil.example",
      "https:evil.example",
      "http:\\\\evil.example",
      "https://evil.example\\@a.example",
      "https://a.example\\evil",
      "https://user@a.example",
      "https://u:p@a.example/",
      "a.example@evil.example",
      "https://a.example#@evil.example",
      "https://a.example?@evil.example",
      "https://a.example:80@evil.example",
      "https://a.example /",
      " https://a.example",
      "https://a.example\n",
      "https://a.example\t.evil",
      "https://a.ex\u0430mple",
      "https://a\uff0eexample",
      "https://a\u3002example",
      "https://ex\u00adample.com",
      "https://a.example/\u00e9",
      "https://%61.example",
      "https://a.example%00.evil.example",
      "https://a..example",
      "https://.a.example",
      "https://a.example..",
      "https://-a.example",
      "https://a-.example",
      "https://a_b.example",
      "https://xn--e1awd7f.com",
      "http://127.1",
      "http://0x7f.1",
      "http://2130706433",
      "http://0x7f000001",
      "http://0177.0.0.1",
      "http://127.0.0.01",
      "http://127.0.0.1.5",
      "http://256.1.1.1",
      "http://1.2.3",
      "http://1.2.3.4.",
      "http://[::1",
      "http://::1",
      "http://[::1%25eth0]",
      "http://[fe80::1%eth0]",
      "http://[::g]",
      "http://[1]",
      "http://a.example:",
      "http://a.example:0",
      "http://a.example:65536",
      "http://a.example:080",
      "http://a.example:8a",
      "http://a.example:80:80",
      "javascript:alert(1)",
      "data:text/html,x",
      "mailto:a@b.example",
      "file:///etc/passwd",
      "http://a.example,b.example",
      "http://a.example;b",
      "http://(a.example)",
      "http://a.example|b",
      "http://*.example",
      "1http://a.example",
      "http ://a.example",
      `http://${"a".repeat(64)}.example`,
      `http://${"a.".repeat(130)}example`,
      `http://a.example/${"a".repeat(9_000)}`,
      "http://\u2460.example",
      "http://a.example&@b.example",
      "http://a=b.example",
      "http://[::ffff:1.2.3.4].evil.example",
    ].filter((text) => text !== "http://1.2.3.4."),
  )("refuses %j", (text) => {
    expect(readHost(text)).toMatchObject({ ok: false, error: { code: "HOST_REFUSED" } });
  });

  test.each([
    ["https://A.Example:8443/x?y#z", { host: "a.example", port: 8443, scheme: "https" }],
    ["a.example", { host: "a.example" }],
    ["a.example./x", { host: "a.example" }],
    ["www.a.example/x@y?u=http://b.example", { host: "www.a.example" }],
    ["//a.example/x", { host: "a.example" }],
    ["localhost:3000", { host: "localhost", port: 3000 }],
    ["https://medium.example/@ann", { host: "medium.example", scheme: "https" }],
    ["git+ssh://a.example/x", { host: "a.example", scheme: "git+ssh" }],
    ["http://127.0.0.1", { host: "127.0.0.1", scheme: "http", ip: { version: 4, isPublic: false } }],
    ["http://8.8.8.8/", { host: "8.8.8.8", scheme: "http", ip: { version: 4, isPublic: true } }],
    ["[2001:DB8::1]:80", { host: "2001:db8::1", port: 80, ip: { version: 6, isPublic: false } }],
    ["[2606:4700:0:0::1111]", { host: "2606:4700::1111", ip: { version: 6, isPublic: true } }],
  ])("reads %j", (text, wanted) => {
    expect(readHost(text)).toEqual({ ok: true, value: wanted });
  });

  test("accepts punycode only when told to", () => {
    expect(readHost("xn--e1awd7f.com", { punycode: true })).toEqual({ ok: true, value: { host: "xn--e1awd7f.com" } });
  });

  test("agrees with the platform's URL parser wherever it accepts", () => {
    const piece = fc.constantFrom(
      "a",
      "b1",
      ".",
      "..",
      "-",
      "@",
      ":",
      "/",
      "//",
      "?",
      "#",
      "\\",
      "%",
      "[",
      "]",
      "::1",
      "127",
      "0x7f",
      "80",
      "example",
      "xn--",
      "http://",
      "https:",
      "é",
      "\t",
      ";",
      ",",
      "_",
      "&",
      "=",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
        const text = pieces.join("");
        const read = readHost(text);
        if (!read.ok || (read.value.scheme !== undefined && !/^https?$/.test(read.value.scheme))) return;
        const url = URL.parse(text.startsWith("//") ? `http:${text}` : read.value.scheme === undefined ? `http://${text}` : text);
        expect(url?.hostname.replace(/^\[|\]$|\.$/g, "")).toBe(read.value.host);
        expect(url?.username).toBe("");
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    "10.0.0.1",
    "192.168.1.1",
    "172.16.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "[::]",
    "[::1]",
    "[fc00::1]",
    "[fe80::1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:8.8.8.8]",
    "[64:ff9b::a00:1]",
    "[2002:a00:1::]",
    "[2001::1]",
    "localhost",
    "printer",
    "a.local",
    "db.internal",
    "x.home.arpa",
  ])("%s is not public", (text) => {
    const read = readHost(text);
    expect(read.ok && isPublic(read.value)).toBe(false);
  });
});

describe("hostMatches", () => {
  test.each<readonly [string, readonly string[], boolean]>([
    ["a.example", ["a.example"], true],
    ["a.example", ["A.Example"], true],
    ["b.a.example", ["*.a.example"], true],
    ["a.example", ["*.a.example"], false],
    ["evila.example", ["*.a.example"], false],
    ["a.example.evil.example", ["*.a.example", "a.example"], false],
    ["a.example", ["*"], false],
    ["a.example", ["*."], false],
    ["a.example", ["*.*"], false],
    ["a.example", ["a.*"], false],
    ["", ["", "*."], false],
    ["10.0.0.1", ["*.0.0.1"], false],
    ["a.example", [], false],
  ])("%s in %j is %s", (host, patterns, wanted) => {
    expect(hostMatches(host, patterns)).toBe(wanted);
  });
});

describe("linksIn", () => {
  test.each([
    "https://evil.com",
    "HTTPS://EVIL.COM/x",
    "see http://evil.com.",
    "//evil.com/x",
    "www.evil.com",
    "evil.com",
    "go to evil.com/x?y",
    "[a](https://evil.com)",
    "![](//evil.com/a.png)",
    "[a]: evil.com",
    "<https://evil.com>",
    "<img src='//evil.com/x'>",
    "<a href=evil.com>x</a>",
    "\\\\evil.com\\share",
    "https:\\\\evil.com",
    "https:/evil.com",
    "https:\\/\\/evil.com",
    "evil\\.com",
    "ev\u200bil.com",
    "https:/\u200b/evil.com",
    "evil\u00ad.com",
    "evil\u2060.com",
    "\uff45vil.com",
    "evil\uff0ecom",
    "evil\u3002com",
    "evil\uff61com",
    "evil&#46;com",
    "evil&#x2e;com",
    "evil&period;com",
    "https&colon;//evil.com",
    "https:&sol;&sol;evil.com",
    "&#104;ttps://evil.com",
    "a.b.evil.com:8080/x",
    "(evil.com)",
    "**evil.com**",
    "\u201cevil.com\u201d",
    "'evil.com'",
    "evil.com,",
    "x:evil.com",
    "https://ok.example,evil.com",
    "https://ok.example)evil.com",
    "https://ok.example\nevil.com",
    "bob@evil.com/x",
    "ftp://evil.com",
    "slack://evil.com",
    "@evil.com",
    "evil.com@z",
    "'@evil.com",
    "\u00e9@evil.com",
    "https://ok.example/https://evil.com",
    "ok.example/evil.com",
    "url(evil.com/x.png)",
    "1.evil.com",
    "evil.com\u3000x",
    "see:http://evil.com",
    "https://evil.com\\@ok.example",
  ])("reports the host of %j", (text) => {
    expect(linksIn(text).some((link) => link.host === "evil.com" || link.host.endsWith(".evil.com") || link.host === "")).toBe(
      true,
    );
  });

  test.each([
    "[x](javascript:alert(1))",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://ok.example@evil.com",
    "https://\u0435vil.com",
    "\u0435vil.com",
    "https://xn--vil-jdc.com",
    "http://2130706433/",
    "http://0x7f.1/",
    "https://ok.example%2eevil.com/",
    "https://ok.example\uff0fx.evil.com@y",
    "\ud83c\udf55.ws",
    "\u24d4vil.com",
    "[x](%68ttps:evil)",
    "file:etc/passwd",
    "ms-msdt:/id",
    "tel:123",
    "https://ok_.example/",
    "https://[evil",
    "https://ok.example\\x@evil.com",
    "https://ok.example&#47;x@evil.com",
    "<a href='jav\tascript:alert(1)'>",
    "](java\nscript:alert(1))",
    "<a href='jav&#x09;ascript:alert(1)'>",
  ])("reports a link without host for %j", (text) => {
    expect(linksIn(text).some((link) => link.host === "")).toBe(true);
  });

  test.each([
    "Dear Bob,\nthe total is 1,234.56 on 12.05.2026 at 10:30. It's 50/50 and/or fine (really)... ok? Best, A.",
    "mail bob@evil.com, ann.lee@evil.com: or eve@evil.com?",
    "see report.txt and a/b/notes.pdf",
    "e.g. this, i.e. that, v1.2.3, $3.50",
    "Note: data follows: x",
    "well...then",
    "[1] and [x](#section) and f(x)[0]",
    "a = b; c: d // comment",
    "#general @ann",
    "\u4f60\u597d\u3002\u4e16\u754c",
    "mailto:bob@evil.com",
    "5 < 6 > 4 & 7",
  ])("finds no link in %j", (text) => {
    expect(linksIn(text)).toEqual([]);
  });

  test("reports a link without host for a text with more links than it lists", () => {
    const text = Array.from({ length: 1_100 }, (_, at) => `https://a${at}.example/`).join(" ");
    expect(linksIn(text).length).toBeLessThan(1_100);
    expect(linksIn(text)).toContainEqual({ text: "", host: "" });
  });

  test("does not report what is inside the path of a readable address", () => {
    expect(linksIn("https://ok.example/a.b/index.page?q=other.site&x=1#y.zz")).toEqual([
      { text: "//ok.example", host: "ok.example" },
    ]);
  });

  test("reports a host wherever it is hidden between other text", () => {
    const around = fc
      .string({ unit: "binary", maxLength: 6 })
      .filter((text) => !/[\p{L}\p{N}\p{M}\p{C}@._\-\\/&]/u.test(text.normalize("NFKC")));
    fc.assert(
      fc.property(
        around,
        around,
        fc.constantFrom("https://evil.com", "www.evil.com", "evil.com/x", "//evil.com"),
        (before, after, link) => {
          expect(linksIn(`${before}${link}${after}`).map((each) => each.host)).toSatisfy((hosts: string[]) =>
            hosts.some((host) => host.endsWith("evil.com") || host === ""),
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});
