/**
 * Several catalogues in one: servers stay apart, tools and facts stay what they are, and of labels the stricter word counts.
 * Never asks the network.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { combineCatalogues, starterCatalogue, starterNames } from "../../../src/catalogue/starter/starter.ts";
import { type Json, member } from "../../../src/json/value.ts";
import { packages } from "./packages.ts";

function read(file: Json) {
  const result = readCatalogue(file);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function combine(files: readonly Json[]): Json {
  const combined = combineCatalogues(files);
  if (!combined.ok) throw new Error(JSON.stringify(combined.error));
  return combined.value;
}

describe("combined catalogues", () => {
  it("hold every tool of every starter as it was, under names that differ", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...starterNames], { minLength: 1 }), (names) => {
        const files = names.map((name, i) => starterCatalogue(name, { server: `s${i}` }));
        const whole = read(combine(files));
        expect([...whole.tools]).toEqual(files.flatMap((file) => [...read(file).tools]));
        expect([...whole.servers]).toEqual(files.flatMap((file) => [...read(file).servers]));
        expect(whole.findings).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it("are the same however they are nested, with the reasons of each starter", () => {
    const [github, slack, mail] = (["github", "slack", "mail"] as const).map((name) => starterCatalogue(name)) as [
      Json,
      Json,
      Json,
    ];
    expect(combine([combine([github, slack]), mail])).toEqual(combine([github, combine([slack, mail])]));
    const notes = member(member(combine([combine([github, slack]), mail]), "_meta"), "sluice/starters");
    expect(Object.keys(notes as object)).toEqual(["github", "slack", "mail"]);
  });

  it("are refused where two have one server, since one could shadow the other", () => {
    const refused = combineCatalogues([starterCatalogue("mail"), starterCatalogue("gmail")]);
    expect(!refused.ok && refused.error).toMatchObject([{ code: "CATALOGUE_DUPLICATE", severity: "error" }]);
    expect(!refused.ok && refused.error[0]?.message).toContain("`mail`");
    expect(combineCatalogues([starterCatalogue("mail"), starterCatalogue("gmail", { server: "home" })]).ok).toBe(true);
  });

  it("trust a label only where all do, and show it only to those whom all name", () => {
    const file = (server: string, label: Json): Json => ({ server, tools: [{ name: "get" }], labels: { news: label } });
    const one = file("a", { integrity: "trusted", readers: ["kim", "ada"] });
    const other = file("b", { integrity: "untrusted", readers: ["ada", "eve"], description: "the papers" });
    const strict = { integrity: "untrusted", readers: ["ada"], description: "the papers" };
    expect(read(combine([one, other])).labels.news).toEqual(strict);
    expect(read(combine([other, one])).labels.news).toEqual(strict);
    expect(read(combine([one, file("c", { integrity: "trusted" })])).labels.news?.readers).toEqual(["kim", "ada"]);
  });

  it("keep a server's identity, and fail with the reader's finding where a file is none", () => {
    const own = { server: { name: "shop", url: "https://shop.example" }, tools: [{ name: "list" }] };
    expect(read(combine([own, starterCatalogue("fetch")])).servers.get("shop")).toEqual(own.server);
    const refused = combineCatalogues([own, 7]);
    expect(!refused.ok && refused.error).toMatchObject([{ code: "CATALOGUE_MALFORMED" }]);
  });
});

describe("the maintainers' table of packages", () => {
  it.each(starterNames)("says of %s what its definitions say", (name) => {
    const origin = member(member(member(starterCatalogue(name), "_meta"), "sluice/starter"), "origin");
    const { registry, package: own, version, license, how } = packages[name];
    expect(origin).toMatchObject({ registry, package: own, version, license, how });
  });

  it.each(starterNames)("of %s is in the notice that goes with the definitions, with its licence", (name) => {
    const notice = readFileSync(new URL("../../../NOTICE", import.meta.url), "utf8");
    const { package: own, license } = packages[name];
    expect(notice.split("\n").map((line) => line.split(/ {2,}/).slice(0, 3))).toContainEqual([name, own, license]);
  });
});
