/**
 * Reading policies: every fault has its place and code, and nothing that is left empty means everything.
 */
import { describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { composePolicies } from "../../src/policy/compose.ts";
import { definePolicy } from "../../src/policy/define.ts";
import { parseExamples, parsePolicy, policyJsonSchema } from "../../src/policy/schema.ts";
import { ConfigError } from "../../src/result.ts";
import { policyWith } from "./plans.ts";

const key = (x: string): { readonly key: { readonly kty: "OKP"; readonly crv: "Ed25519"; readonly x: string } } => ({
  key: { kty: "OKP", crv: "Ed25519", x },
});
const [one, two] = [key("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"), key("PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw")];

describe("a policy that cannot be read", () => {
  const cases: readonly (readonly [name: string, members: Json, expected: string])[] = [
    ["is no policy", { sluicePolicy: 2 }, "POLICY_VALUE /sluicePolicy"],
    ["has an unknown member", { flow: [] }, "POLICY_MEMBER /flow"],
    [
      "names a label that nobody declared",
      { flows: [{ id: "f", deny: ["pgae"], to: "*" }] },
      "POLICY_LABEL_UNDECLARED /flows/0/deny/0",
    ],
    [
      "accepts a label of the plan",
      { flows: [{ id: "f", deny: ["unknown"], to: "*", accepts: ["fine"] }] },
      "POLICY_LABEL_UNDECLARED /flows/0/accepts/0",
    ],
    ["declares a reserved label", { labels: { unknown: { integrity: "trusted" } } }, "POLICY_LABEL_RESERVED /labels/unknown"],
    ["forbids tools by an empty list", { forbid: [{ id: "f", tools: [] }] }, "POLICY_RANGE /forbid/0/tools"],
    ["asks for approval by an empty list", { approve: { tools: [] } }, "POLICY_RANGE /approve/tools"],
    [
      "lets nobody in particular approve",
      { approval: { plans: { by: ["eve"] } } },
      "POLICY_APPROVER_UNKNOWN /approval/plans/by/0",
    ],
    ["trusts receipts of nobody in particular", { peers: { "b/*": "eve" } }, "POLICY_ISSUER_UNKNOWN /peers/b~1*"],
    [
      "takes receipts for a label that nobody declared",
      { labels: { page: { integrity: "untrusted" } }, issuers: { eve: { ...one, labels: { web: "pgae" } } } },
      "POLICY_LABEL_UNDECLARED /issuers/eve/labels/web/0",
    ],
    [
      "holds the private key of an issuer",
      { issuers: { eve: { key: { ...one.key, d: "x" } } } },
      "POLICY_MEMBER /issuers/eve/key/d",
    ],
    ["holds a private key", { approvers: { ana: { key: { ...one.key, d: "x" } } } }, "POLICY_MEMBER /approvers/ana/key/d"],
    ["lets endorsements through beyond the bound", { limits: { endorsedBits: 9 } }, "POLICY_RANGE /limits/endorsedBits"],
    ["misspells a constraint", { constraints: [{ id: "c", hold: { host: ["a"] } }] }, "POLICY_MEMBER /constraints/0/hold/host"],
  ];
  it.each(cases)("%s", (_name, members, expected) => {
    const read = parsePolicy({ sluicePolicy: 1, name: "p", ...(members as object) });
    expect(read.ok ? [] : read.error.map(({ code, pointer }) => `${code} ${pointer}`)).toContain(expected);
  });

  it("throws from definePolicy, with the findings", () => {
    expect(() => definePolicy({ sluicePolicy: 1, name: "a b" })).toThrow(ConfigError);
    expect(
      definePolicy({
        sluicePolicy: 1,
        name: "p",
        labels: { web: { integrity: "untrusted" } },
        flows: [{ id: "f", deny: ["web", "untrusted"], to: "*" }],
      }).name,
    ).toBe("p");
    const labels = { web: { integrity: "untrusted" } } as const;
    const flows = [{ id: "f", deny: ["wbe"], to: "*" }] as const;
    // @ts-expect-error: the label is not declared
    const rule: Parameters<typeof definePolicy<typeof labels>>[0] = { sluicePolicy: 1, name: "p", labels, flows };
    expect(() => definePolicy(rule)).toThrow(ConfigError);
  });

  it("includes examples that are none", () => {
    expect(parseExamples([{ name: "x", plan: {}, expect: "maybe" }])).toMatchObject({
      ok: false,
      error: [{ code: "POLICY_VALUE", pointer: "/0/expect" }],
    });
  });
});

describe("a composed policy", () => {
  const composed = (a: Parameters<typeof policyWith>[0], b: Parameters<typeof policyWith>[0]) =>
    composePolicies([policyWith(a), policyWith(b)]);

  it("has the least limits, the fewest readers and the least trust", () => {
    const both = composed(
      {
        limits: { calls: 5, text: { bits: 9 } },
        labels: { a: { integrity: "trusted", readers: ["x", "y"] }, b: { integrity: "trusted" } },
      },
      { limits: { calls: 9, seconds: 3 }, readers: "closed", labels: { a: { integrity: "untrusted", readers: ["y", "z"] } } },
    );
    expect(both.limits).toEqual({ calls: 5, seconds: 3, text: { bits: 9 } });
    // Nobody reads `b` where readers are closed and only one policy speaks about it.
    expect(both.labels).toEqual({ a: { integrity: "untrusted", readers: ["y"] }, b: { integrity: "trusted", readers: [] } });
  });

  it("lets those approve whom all name, and nobody whose key is disputed or revoked", () => {
    const by = (
      names: readonly string[],
      people: number,
    ): { readonly plans: { readonly by: readonly string[]; readonly people: number } } => ({ plans: { by: names, people } });
    const both = composed(
      { approvers: { ana: one, ben: two, cem: one }, approval: by(["ana", "ben", "cem"], 1) },
      { approvers: { ana: one, ben: one, cem: { revoked: true } }, approval: by(["ana", "ben", "cem"], 2) },
    );
    expect(both.approvers).toEqual({ ana: one, ben: { revoked: true }, cem: { revoked: true } });
    expect(both.approval).toEqual({ plans: { by: ["ana"], people: 2 } });
  });
});

it("the form of a policy is what policy.schema.json holds (vitest -u writes it)", async () => {
  await expect(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`).toMatchFileSnapshot("../../src/policy/policy.schema.json");
});
