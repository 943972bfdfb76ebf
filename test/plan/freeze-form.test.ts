/** The form of a frozen plan's file: what each member may be, and where and how anything else is refused. */
import { describe, expect, it } from "vitest";
import { readFrozenForm } from "../../src/plan/freeze-form.ts";
import { frozenWith, type Loose, put } from "./market.ts";

const tool = "/tools/risk~1check";
const risk = (file: Loose): Loose => file.tools["risk/check"];
/** Sets a fact of the tool. */
const fact =
  (name: string, value: unknown) =>
  (file: Loose): void =>
    void Object.assign(risk(file).facts, { [name]: value });
const missing = (name: string) => `\`${name}\` is missing: this is not a frozen plan as \`freeze\` writes it`;
const other = (name: string) => `\`${name}\` is not what \`freeze\` writes`;

function said(change: (file: Loose) => void): readonly string[] {
  const file: Loose = structuredClone(frozenWith());
  change(file);
  const form = readFrozenForm(file);
  return form.ok ? [] : form.error.map(({ code, severity, pointer, message }) => `${severity} ${code} ${pointer}: ${message}`);
}

const parts = "`kind`, `version`, `digest`, `plan`, `tools`, `servers`, `labels`, `signature`, `approvals`, `policy`";
const digest = `sha256:${"0".repeat(64)}`;

describe("the form of a frozen plan", () => {
  it("is that of what was frozen, given back as it is", () => {
    const file = frozenWith();
    expect(readFrozenForm(file as Loose)).toEqual({ ok: true, value: file });
  });

  it.each<[string, (file: Loose) => void]>([
    ["a signature", put("signature", "a.b.c")],
    ["approvals", put("approvals", ["a.b.c"])],
    ["no approvals", put("approvals", [])],
    ["another digest", put("digest", digest)],
    ["labels of a tool", fact("labels", ["x"])],
    ["everybody as the audience", fact("audience", "public")],
    ["a reader as the audience", fact("audience", ["ada"])],
    ["nobody as the audience", fact("audience", [])],
    ["the readers in an argument", fact("audience", { arg: "to" })],
    ["the readers in several arguments", fact("audience", { arg: ["to", "cc"] })],
    ["a result in JSON", fact("parse", "json")],
    ["a result in YAML", fact("parse", "yaml")],
    ["a resource", fact("resource", "file:{x}")],
    ["a resource of an access", fact("resource", { template: "file:{x}", access: "read" })],
    ["a resource of no access", fact("resource", { template: "file:{x}" })],
    ["several resources", fact("resource", ["a:1", { template: "b:{x}", access: "both" }])],
    ["no effects", fact("effects", [])],
    ["inferred facts", fact("inferred", ["effects", "roles"])],
    ["readers of a label", put("labels.x", { integrity: "trusted", readers: ["ada"], description: "d" })],
  ])("may have %s", (_what, change) => {
    expect(said(change)).toEqual([]);
  });

  it.each<[string, (file: Loose) => void, string]>([
    ["another kind", put("kind", "plan"), `/kind: ${other("kind")}`],
    ["another version", put("version", 2), `/version: ${other("version")}`],
    ["a digest with more before it", put("digest", `x${digest}`), `/digest: ${other("digest")}`],
    ["a digest with more after it", put("digest", `${digest}0`), `/digest: ${other("digest")}`],
    ["a digest that is a number", put("digest", 1), `/digest: ${other("digest")}`],
    ["a plan that is a list", put("plan", []), `/plan: ${other("plan")}`],
    ["tools that are a list", put("tools", []), `/tools: ${other("tools")}`],
    ["servers that are a text", put("servers", "x"), `/servers: ${other("servers")}`],
    ["labels that are null", put("labels", null), `/labels: ${other("labels")}`],
    ["a signature that is a number", put("signature", 1), `/signature: ${other("signature")}`],
    ["an approval that is a number", put("approvals", ["a", 1]), `/approvals: ${other("approvals")}`],
    ["approvals that are a text", put("approvals", "a"), `/approvals: ${other("approvals")}`],
    ["a policy that is a list", put("policy", []), `/policy: ${other("policy")}`],
    ["no servers", (f) => void delete f.servers, `/servers: ${missing("servers")}`],
    ["a member more", put("extra", 1), `/extra: unknown member: known are ${parts}`],
    ["a member that is misspelt", put("signatur", "x"), "/signatur: unknown member: did you mean `signature`?"],
    ["a member named as one of every object", put("constructor", 1), `/constructor: unknown member: known are ${parts}`],
    ["a tool that is a list", (f) => Object.assign(f.tools, { "risk/check": [] }), `${tool}: expected an object`],
    ["a tool without facts", (f) => void delete risk(f).facts, `${tool}/facts: ${missing("facts")}`],
    [
      "a tool with more",
      (f) => Object.assign(risk(f), { more: 1 }),
      `${tool}/more: unknown member: known are \`name\`, \`definition\`, \`facts\``,
    ],
    [
      "a tool of another name",
      (f) => Object.assign(risk(f), { name: "risk/other" }),
      `${tool}/name: the tool's name is not the one that it is listed under`,
    ],
    ["a tool without effects", (f) => void delete risk(f).facts.effects, `${tool}/facts/effects: ${missing("effects")}`],
    ["effects that are a text", fact("effects", "read"), `${tool}/facts/effects: ${other("effects")}`],
    ["an unknown effect among others", fact("effects", ["read", "magic"]), `${tool}/facts/effects: ${other("effects")}`],
    ["an effect that is a number", fact("effects", [1]), `${tool}/facts/effects: ${other("effects")}`],
    ["roles that are a list", fact("roles", ["target"]), `${tool}/facts/roles: ${other("roles")}`],
    ["an unknown role among others", fact("roles", { a: "target", b: "boss" }), `${tool}/facts/roles: ${other("roles")}`],
    ["an inferred fact that is a number", fact("inferred", [1]), `${tool}/facts/inferred: ${other("inferred")}`],
    ["labels that are a text", fact("labels", "x"), `${tool}/facts/labels: ${other("labels")}`],
    ["an unknown audience", fact("audience", "private"), `${tool}/facts/audience: ${other("audience")}`],
    ["an audience of numbers", fact("audience", [1]), `${tool}/facts/audience: ${other("audience")}`],
    ["an audience of no argument", fact("audience", { arg: [] }), `${tool}/facts/audience: ${other("audience")}`],
    ["an audience of another member", fact("audience", { args: "to" }), `${tool}/facts/audience: ${other("audience")}`],
    ["an audience with more", fact("audience", { arg: "to", x: 1 }), `${tool}/facts/audience: ${other("audience")}`],
    ["an audience of nothing", fact("audience", {}), `${tool}/facts/audience: ${other("audience")}`],
    ["a result in XML", fact("parse", "xml"), `${tool}/facts/parse: ${other("parse")}`],
    ["a resource that is a number", fact("resource", 1), `${tool}/facts/resource: ${other("resource")}`],
    ["a resource without a template", fact("resource", { access: "read" }), `${tool}/facts/resource: ${other("resource")}`],
    [
      "a resource of an unknown access",
      fact("resource", { template: "a:1", access: "all" }),
      `${tool}/facts/resource: ${other("resource")}`,
    ],
    ["a list in a list of resources", fact("resource", ["a:1", ["b:1"]]), `${tool}/facts/resource: ${other("resource")}`],
    ["a number in a list of resources", fact("resource", ["a:1", 1]), `${tool}/facts/resource: ${other("resource")}`],
    ["an unknown fact", fact("effect", []), `${tool}/facts/effect: unknown member: did you mean \`effects\`?`],
    ["a label that is a text", put("labels.x", "trusted"), "/labels/x: expected an object"],
    ["a label without integrity", put("labels.x", {}), `/labels/x/integrity: ${missing("integrity")}`],
    ["a label of unknown integrity", put("labels.x", { integrity: "some" }), `/labels/x/integrity: ${other("integrity")}`],
    [
      "readers that are a text",
      put("labels.x", { integrity: "trusted", readers: "ada" }),
      `/labels/x/readers: ${other("readers")}`,
    ],
    [
      "a description that is a number",
      put("labels.x", { integrity: "trusted", description: 1 }),
      `/labels/x/description: ${other("description")}`,
    ],
  ])("never has %s", (_what, change, expected) => {
    expect(said(change)).toEqual([`error PLAN_MALFORMED ${expected}`]);
  });

  it("is refused at every fault of it, the missing first", () => {
    expect(
      said((file) => {
        delete file.servers;
        file.kind = "x";
        file.extra = 1;
      }),
    ).toEqual([
      `error PLAN_MALFORMED /servers: ${missing("servers")}`,
      expect.stringContaining("/kind:"),
      expect.stringContaining("/extra:"),
    ]);
    expect(
      said((file) => {
        risk(file).facts.parse = "xml";
        file.labels.x = 1;
      }),
    ).toHaveLength(2);
  });

  it("is no text, no list, and nothing that is not JSON", () => {
    for (const value of ["x", [], null]) {
      const form = readFrozenForm(value);
      expect(form.ok ? [] : form.error).toEqual([
        { code: "PLAN_MALFORMED", severity: "error", pointer: "", message: "expected an object" },
      ]);
    }
    expect(said(put("plan.task", "\ud800"))).toHaveLength(1);
  });

  it.each([
    ["plan", put("plan.nodes.risk.args", 1), "/plan/nodes/risk/args: "],
    ["policy", put("policy", { sluice: "x" }), "/policy/"],
  ])("has its %s judged at its place", (_what, change, place) => {
    const found = said(change);
    expect(found.length).toBeGreaterThan(0);
    for (const text of found) expect(text.split(" ").slice(2).join(" ")).toContain(place);
  });
});
