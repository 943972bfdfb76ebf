/**
 * The mistakes that made the policies of others useless are findings, and a sound policy has none.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { readJson } from "../../src/json/read.ts";
import { readYaml } from "../../src/json/yaml.ts";
import { lintPolicy } from "../../src/policy/lint.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { parsePolicy } from "../../src/policy/schema.ts";
import { catalogue, must, policyWith } from "./plans.ts";

const web = { web: { integrity: "untrusted" }, fine: { integrity: "trusted" } } as const;
const approver = { key: { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" } } as const;

const mistakes: readonly (readonly [name: string, members: Partial<Policy>, expected: string])[] = [
  [
    "an inverted test (CaMeL's delete_email policy)",
    { flows: [{ id: "f", deny: ["user_input"], to: "mail/*" }] },
    "POLICY_INVERTED /flows/0/deny",
  ],
  [
    "a sanitizer of what is trusted",
    { labels: web, sanitizers: [{ id: "s", labels: ["fine"], to: "mail/*", through: "check/*" }] },
    "POLICY_INVERTED /sanitizers/0/labels",
  ],
  [
    "a class of characters for a domain (Invariant's sample)",
    { constraints: [{ id: "c", hold: { hosts: [".*@[^ourcompany.com$].*"] } }] },
    "POLICY_NOT_A_GLOB /constraints/0/hold/hosts/0",
  ],
  [
    "a regular expression for tools",
    { forbid: [{ id: "f", tools: "^mail/(send|reply)$" }] },
    "POLICY_NOT_A_GLOB /forbid/0/tools",
  ],
  [
    "a star inside a host",
    { constraints: [{ id: "c", hold: { hosts: ["api*.example.com"] } }] },
    "POLICY_NOT_A_GLOB /constraints/0/hold/hosts/0",
  ],
  [
    "an empty allow-list (AGT's allowed_tools)",
    { constraints: [{ id: "c", hold: { hosts: [] } }] },
    "POLICY_EMPTY_LIST /constraints/0/hold/hosts",
  ],
  ["nobody who may approve", { approval: { plans: { by: [] } } }, "POLICY_EMPTY_LIST /approval/plans/by"],
  [
    "two people of one",
    { approvers: { ana: approver }, approval: { calls: { by: ["ana"], people: 2 } } },
    "POLICY_APPROVAL_UNSATISFIABLE /approval/calls",
  ],
  ["one key under two names", { approvers: { ana: approver, ben: approver } }, "POLICY_APPROVER_KEY /approvers/ben/key"],
  [
    "trust that the outside gives itself (AGT's labels)",
    { labels: { external_api: { integrity: "trusted" } } },
    "POLICY_SELF_TRUST /labels/external_api/integrity",
  ],
  [
    "an endorsement to what is untrusted",
    { labels: web, flows: [{ id: "f", deny: ["unknown"], to: "*", accepts: ["web"] }] },
    "POLICY_SELF_TRUST /flows/0/accepts/0",
  ],
  [
    "a sink that sanitizes for itself",
    { labels: web, sanitizers: [{ id: "s", labels: ["web"], to: "mail/*", through: "mail/clean" }] },
    "POLICY_SELF_TRUST /sanitizers/0/through",
  ],
  [
    "every tool a sanitizer",
    { labels: web, sanitizers: [{ id: "s", labels: ["web"], to: "mail/*", through: "*" }] },
    "POLICY_MATCHES_ALL /sanitizers/0/through",
  ],
  ["every call approved by hand", { approve: { tools: ["*"] } }, "POLICY_MATCHES_ALL /approve/tools/0"],
  ["every tool forbidden", { forbid: [{ id: "f" }] }, "POLICY_FORBIDS_ALL /forbid/0"],
  ["a rule that holds nothing", { constraints: [{ id: "c", hold: {} }] }, "POLICY_VACUOUS /constraints/0/hold"],
  [
    "a promise taken back",
    { constraints: [{ id: "c", hold: { readOnly: false } }] },
    "POLICY_VACUOUS /constraints/0/hold/readOnly",
  ],
  ["a role that steers nothing", { roles: { "mail/*": { to: "content" } } }, "POLICY_VACUOUS /roles/mail~1*/to"],
  [
    "retries given away",
    { constraints: [{ id: "c", hold: { idempotent: true } }] },
    "POLICY_LOOSENS /constraints/0/hold/idempotent",
  ],
  [
    "two rules of one name",
    {
      forbid: [
        { id: "f", tools: "a/b" },
        { id: "f", tools: "a/c" },
      ],
    },
    "POLICY_DUPLICATE /forbid/1/id",
  ],
  [
    "a rule within another",
    {
      labels: web,
      flows: [
        { id: "a", deny: ["web", "unknown"], to: "mail/*" },
        { id: "b", deny: ["web"], to: "mail/send", args: ["to"] },
      ],
    },
    "POLICY_SHADOWED /flows/1",
  ],
];

const codes = (policy: Policy, tools?: typeof catalogue): readonly string[] =>
  lintPolicy(policy, tools).map(({ code, pointer }) => `${code} ${pointer}`);

describe("a mistake of a policy is found:", () => {
  it.each(mistakes)("%s", (_name, members, expected) => {
    expect(codes(policyWith(members))).toContain(expected);
  });

  const inCatalogue: typeof mistakes = [
    ["a glob that no tool fits", { forbid: [{ id: "f", tools: "mial/*" }] }, "POLICY_NO_TOOL /forbid/0/tools"],
    ["an effect that no tool has", { forbid: [{ id: "f", effects: ["money"] }] }, "POLICY_NO_TOOL /forbid/0"],
    [
      "an argument that no tool has",
      { flows: [{ id: "f", deny: ["unknown"], to: "mail/*", args: ["recipient"] }] },
      "POLICY_NO_ARGUMENT /flows/0/args/0",
    ],
    ["a role that is there already", { roles: { "mail/*": { to: "target" } } }, "POLICY_ROLE_KEPT /roles/mail~1*/to"],
    ["a role that the catalogue disputes", { roles: { "mail/*": { to: "command" } } }, "POLICY_ROLE_DISPUTED /roles/mail~1*/to"],
    [
      "a sanitizer without a schema",
      { labels: web, sanitizers: [{ id: "s", labels: ["web"], to: "mail/*", through: "crm/read" }] },
      "POLICY_SANITIZER_OPEN /sanitizers/0/through",
    ],
    [
      "a label that no tool carries",
      { labels: web, flows: [{ id: "f", deny: ["web"], to: "mail/*" }] },
      "POLICY_LABEL_UNUSED /flows/0/deny/0",
    ],
  ];
  it.each(inCatalogue)("%s", (_name, members, expected) => {
    expect(codes(policyWith(members), catalogue)).toContain(expected);
    expect(codes(policyWith(members))).not.toContain(expected);
  });
});

it("the example policy has no finding", () => {
  const read = (name: string): string => readFileSync(new URL(`../../plans/policy/${name}`, import.meta.url), "utf8");
  const policy = must(parsePolicy(must(readYaml(read("policy.yaml")))));
  expect(codes(policy, must(readCatalogue(must(readJson(read("catalogue.json"))))))).toEqual([]);
});
