/** URLs: laws of the reading, and addresses that must never count as public. */
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { compileHostList, type HostList, isDomain, isHostName } from "../../src/constraints/domain.ts";
import { isOpenUrl, leadsTo, looksLikeUrl, readUrl } from "../../src/constraints/url.ts";

function listOf(entries: readonly string[]): HostList {
  const list = compileHostList(entries);
  if ("bad" in list) throw new Error(`entry ${list.bad}`);
  return list;
}

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/).filter((text) => !text.startsWith("xn--"));
const host = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join("."));
/** Characters that readers of URLs treat specially, beside plain ones. */
const odd = fc.constantFrom(..."/\\@:#?.;,&%[]{}<>|^`'\"+*!~ \t\n\r\u0000\u00ad\u200b\u3002\uff0e\uff0f\u2044axn-1");

describe("a URL", () => {
  it("goes where the WHATWG reading goes, whenever it is accepted", () => {
    fc.assert(
      fc.property(host, fc.array(odd, { maxLength: 12 }), fc.array(odd, { maxLength: 12 }), (name, before, after) => {
        const text = `https://${before.join("")}${name}${after.join("")}`;
        const read = readUrl(text);
        if (!read.ok) return;
        const url = new URL(text);
        expect([url.protocol, url.hostname.replace(/^\[|\]$/g, ""), url.username]).toEqual(["https:", read.value.host, ""]);
        expect(url.port).toBe(read.value.port === undefined || read.value.port === 443 ? "" : String(read.value.port));
      }),
      { numRuns: 500 },
    );
  });

  it("that a host list lets through has a listed host in the WHATWG reading", () => {
    const list = listOf(["api.example", "*.cdn.example"]);
    fc.assert(
      fc.property(
        fc.array(fc.oneof(odd, fc.constantFrom("api.example", "cdn.example", "evil.example", "https:", "//", "x.cdn.example")), {
          maxLength: 8,
        }),
        (parts) => {
          const text = parts.join("");
          if (!leadsTo(text, list)) return;
          const url = new URL(text.includes("://") && URL.canParse(text) ? text : `https://${text}`);
          expect(url.hostname === "api.example" || url.hostname.endsWith(".cdn.example")).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("of an address is public only where every 32 bits of it are outside the reserved ranges", () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffffffff }), (bits) => {
        const text = [24, 16, 8, 0].map((shift) => Math.floor(bits / 2 ** shift) % 256).join(".");
        const isPublic = isOpenUrl(`http://${text}/`, undefined);
        if (isPublic) expect(ipaddr.IPv4.parse(text).range()).toBe("unicast");
        // No way to write an IPv4 address inside an IPv6 one makes it public.
        const hex = `${Math.floor(bits / 65_536).toString(16)}:${(bits % 65_536).toString(16)}`;
        for (const v6 of [
          `::ffff:${text}`,
          `::${text}`,
          `::ffff:0:${hex}`,
          `64:ff9b::${hex}`,
          `64:ff9b:1::${hex}`,
          `2002:${hex}::`,
          `2001:0:${hex}::`,
          `fe80::5efe:${hex}`,
        ])
          expect([v6, isOpenUrl(`http://[${v6}]/`, undefined)]).toEqual([v6, false]);
      }),
      { numRuns: 300 },
    );
  });

  it("is one that a plain reader looks like too", () => {
    fc.assert(
      fc.property(host, (name) => {
        expect(looksLikeUrl(`https://${name}/`)).toBe(true);
      }),
    );
  });
});

describe("a list of hosts", () => {
  it("has what it spells, and what is below a suffix, and nothing else", () => {
    fc.assert(
      fc.property(host, host, label, (name, other, below) => {
        const list = listOf([name, `*.${other}`]);
        expect(list.has(name)).toBe(true);
        expect(list.has(`${below}.${other}`)).toBe(true);
        if (name !== other && !name.endsWith(`.${other}`)) expect(list.has(other)).toBe(false);
        expect(list.has(`${below}${name}`) && !`${below}${name}`.endsWith(`.${other}`)).toBe(false);
        expect(list.has(`${name}.${below}`) && !`${name}.${below}`.endsWith(`.${other}`) && `${name}.${below}` !== name).toBe(
          false,
        );
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    "",
    "*",
    "*.",
    "*.*.example",
    "https://a.example",
    "a.example/",
    "a.example:0",
    "a.example:99999",
    "a b",
    "-a.example",
    "1.2.3",
    "*.1.2.3.4",
    "exämple.com",
    "a_b.example",
  ])("refuses the entry %j", (entry) => {
    expect(compileHostList(["a.example", entry])).toEqual({ bad: 1 });
  });

  it("compares punycode and addresses only as they are spelled", () => {
    const list = listOf(["xn--bcher-kva.example", "*.example", "10.0.0.1", "2606:4700::1111"]);
    expect(list.has("xn--bcher-kva.example")).toBe(true);
    expect(list.has("xn--e1afmkfd.example")).toBe(false);
    expect(list.has("10.0.0.1")).toBe(true);
    expect(list.has("2606:4700::1111")).toBe(true);
    expect(list.has("10.0.0.2")).toBe(false);
  });
});

describe("a domain", () => {
  it("is a host name of two labels without punycode", () => {
    expect(["example.com", "A.example", "localhost", "xn--a.example", "1.2.3.4"].map(isDomain)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(isHostName("localhost")).toBe(true);
  });
});
