/**
 * The form of a policy: unknown value → `Policy`, or every fault with its place; the same form as JSON Schema 2020-12.
 * Pure. Shares the forms of labels, flows and constraints with plans; never shows zod's own text.
 */
import * as z from "zod";
import type { Json, JsonObject } from "../json/value.ts";
import { pointerOf } from "../json/pointer.ts";
import { callBytesMax, callsPerSessionMax, endorsedBitsMax, planNodesMax, resultBytesMax, sessionSecondsMax } from "../limits.ts";
import { builtInLabels } from "../plan/built-in-labels.ts";
import type { Finding } from "../plan/finding.ts";
import {
  argName,
  byName,
  constraints,
  exact,
  flow,
  integer,
  list,
  name,
  nameRule,
  names,
  phrase,
  phrases,
  prose,
} from "../plan/schema.ts";
import { checkJson } from "../plan/schema-check.ts";
import { findingsOf, suggestion } from "../plan/schema-issue.ts";
import { err, ok, type Result } from "../result.ts";
import type { Example, Policy } from "./policy.ts";

const effects = ["read", "write", "network", "money", "message", "execute"] as const;
const argumentRoles = ["target", "command", "credential", "selector", "content"] as const;
const classes = ["const", "param", "from", "item", "expr", "template", "choose", "write", "object", "list"] as const;

function oneOf<const Names extends readonly string[]>(known: Names): z.ZodEnum<{ [Name in Names[number]]: Name }> {
  return z.enum(known, `expected one of ${known.map((each) => `\`${each}\``).join(", ")}`) as never;
}

const effect = oneOf(effects);
const argumentRole = oneOf(argumentRoles);
const some = <Element extends z.ZodType>(element: Element, what: string): z.ZodArray<Element> =>
  list(element, what).min(1, `expected at least one: an empty list would switch the rule off`);
const globs = z.union([phrase, phrases], "expected a tool name or glob, or a list of them");
const policyNameRule = `${nameRule}; of a composed policy, the names of its parts joined by \`+\``;
const policyName = z.string(policyNameRule).regex(/^[A-Za-z0-9_.-]{1,128}(?:\+[A-Za-z0-9_.-]{1,128}){0,63}$/, policyNameRule);
const described = { description: z.exactOptional(prose) };

const label = exact({
  integrity: oneOf(["trusted", "untrusted"]),
  readers: z.exactOptional(z.union([z.literal("public"), list(phrase, "readers")], "expected `public` or a list of readers")),
  ...described,
});
const roles = some(oneOf(["target", "command", "credential", "selector", "control", "content"]), "roles");
const sanitizer = exact({
  id: name,
  labels: names,
  to: globs,
  through: globs,
  args: z.exactOptional(some(argName, "argument names")),
  roles: z.exactOptional(roles),
  ...described,
});
const selector = { tools: z.exactOptional(globs), effects: z.exactOptional(some(effect, "effects")) };
const forbidden = exact({
  id: name,
  ...selector,
  classes: z.exactOptional(some(oneOf(classes), "classes")),
  roles: z.exactOptional(some(argumentRole, "roles")),
  why: z.exactOptional(prose),
});
const limits = exact({
  calls: z.exactOptional(integer(0, callsPerSessionMax)),
  seconds: z.exactOptional(integer(1, sessionSecondsMax)),
  maxBytes: z.exactOptional(integer(1, resultBytesMax)),
  endorsedBits: z.exactOptional(
    z
      .number("expected a number of bits")
      .min(0, "expected a number from 0")
      .max(endorsedBitsMax, `expected at most ${endorsedBitsMax}`),
  ),
  nodes: z.exactOptional(integer(0, planNodesMax)),
  text: z.exactOptional(
    exact({
      maxLength: z.exactOptional(integer(0, callBytesMax)),
      bits: z.exactOptional(z.number("expected a number of bits").min(0, "expected a number from 0")),
    }),
  ),
});
const keyRule = "expected a public Ed25519 key as JWK: `kty` `OKP`, `crv` `Ed25519` and `x`, and never `d`";
const publicKey = exact({
  kty: z.literal("OKP", keyRule),
  crv: z.literal("Ed25519", keyRule),
  x: z.string(keyRule).regex(/^[A-Za-z0-9_-]{43}$/, keyRule),
  kid: z.exactOptional(phrase),
});
const revoked = exact({ revoked: z.literal(true, "expected `true`") });
const keyOrRevoked = `expected a \`key\` or \`revoked: true\`; ${keyRule}`;
const approver = z.union([exact({ key: publicKey }), revoked], keyOrRevoked);
const ownLabels = z.union(
  [name, some(name, "label names")],
  "expected a label of this policy or a built-in one, or a list of them",
);
const issuer = z.union(
  [
    exact({
      key: publicKey,
      labels: z.exactOptional(byName(name, ownLabels, nameRule)),
      constants: z.exactOptional(ownLabels),
      readers: z.exactOptional(byName(phrase, phrase, "expected the name of a reader")),
    }),
    revoked,
  ],
  keyOrRevoked,
);
const quorum = exact({ by: list(name, "names of approvers"), people: z.exactOptional(integer(1, 100)) });
/** Any JSON value: `checkJson` has looked at the whole document before. */
const json = z.unknown() as unknown as z.ZodType<Json>;
const object = z.record(z.string(), json, "expected an object") as unknown as z.ZodType<JsonObject>;
const fileOr = <Value extends z.ZodType>(value: Value, what: string): z.ZodUnion<[typeof phrase, Value]> =>
  z.union([phrase, value], `expected the name of a file, or ${what}`);
const example = exact({
  name: phrase,
  plan: fileOr(object, "a plan"),
  catalogue: z.exactOptional(fileOr(object, "a catalogue")),
  trace: z.exactOptional(fileOr(list(json, "events"), "a list of events")),
  params: z.exactOptional(fileOr(object, "an object of parameters")),
  expect: oneOf(["allow", "deny"]),
  code: z.exactOptional(z.string().regex(/^[A-Z][A-Z0-9_]{2,63}$/, "expected a code, as in `POLICY_FLOW`")),
  call: z.exactOptional(integer(0, callsPerSessionMax)),
});
const examples = list(example, "examples");

const policy = exact({
  sluicePolicy: z.literal(1, "expected `1`, the version of the policy language"),
  name: policyName,
  ...described,
  labels: z.exactOptional(byName(name, label, nameRule)),
  readers: z.exactOptional(oneOf(["open", "closed"])),
  flows: z.exactOptional(list(exact({ ...flow.shape, accepts: z.exactOptional(list(name, "label names")) }), "flow rules")),
  sanitizers: z.exactOptional(list(sanitizer, "sanitizers")),
  roles: z.exactOptional(
    byName(
      phrase,
      byName(
        argName,
        z.union([argumentRole, some(argumentRole, "roles")], "expected a role"),
        "expected the name of an argument",
      ),
      "expected a tool glob",
    ),
  ),
  effects: z.exactOptional(byName(phrase, some(effect, "effects"), "expected a tool glob")),
  audience: z.exactOptional(
    byName(
      phrase,
      z.union([z.literal("public"), some(phrase, "readers")], "expected `public` or a list of readers"),
      "expected a tool glob",
    ),
  ),
  approve: z.exactOptional(
    exact({
      tools: z.exactOptional(some(phrase, "tool globs")),
      effects: z.exactOptional(some(effect, "effects")),
      untrusted: z.exactOptional(some(argumentRole, "roles")),
    }),
  ),
  limits: z.exactOptional(limits),
  forbid: z.exactOptional(list(forbidden, "rules")),
  constraints: z.exactOptional(
    list(exact({ id: name, ...selector, hold: constraints, why: z.exactOptional(prose) }), "constraints"),
  ),
  approvers: z.exactOptional(byName(name, approver, nameRule)),
  approval: z.exactOptional(exact({ plans: z.exactOptional(quorum), calls: z.exactOptional(quorum) })),
  issuers: z.exactOptional(byName(name, issuer, nameRule)),
  peers: z.exactOptional(
    byName(phrase, z.union([name, some(name, "issuers")], "expected the name of an issuer"), "expected a tool glob"),
  ),
  examples: z.exactOptional(examples),
}) satisfies z.ZodType<Policy>;

/**
 * Reads a value as a policy. The policy is the value itself, untouched. Every fault is one finding of severity `error` with a JSON
 * pointer: `POLICY_JSON`, `POLICY_TYPE`, `POLICY_MISSING`, `POLICY_MEMBER` (unknown), `POLICY_NAME`, `POLICY_FORMAT`,
 * `POLICY_RANGE`, `POLICY_VALUE`, `POLICY_LABEL_RESERVED`, `POLICY_LABEL_UNDECLARED`, `POLICY_APPROVER_UNKNOWN`, `POLICY_ISSUER_UNKNOWN`. What can be read and is a mistake all the same is
 * for `lintPolicy`.
 */
export function parsePolicy(value: Json): Result<Policy, readonly Finding[]> {
  const faults = checkJson(value);
  if (faults.length > 0) return err(faults.map(ofPolicy));
  const result = policy.safeParse(value, { jitless: true });
  if (!result.success) return err(findingsOf(result.error.issues, value).map(ofPolicy));
  const parsed = value as unknown as Policy;
  const extra = [...reserved(parsed), ...undeclared(parsed), ...unknownApprovers(parsed), ...unknownIssuers(parsed)];
  return extra.length > 0 ? err(extra) : ok(parsed);
}

/** Reads a list of examples that stands beside a policy. Errors: as those of `parsePolicy` for the form. */
export function parseExamples(value: Json): Result<readonly Example[], readonly Finding[]> {
  const faults = checkJson(value);
  if (faults.length > 0) return err(faults.map(ofPolicy));
  const result = examples.safeParse(value, { jitless: true });
  return result.success ? ok(value as unknown as readonly Example[]) : err(findingsOf(result.error.issues, value).map(ofPolicy));
}

/** What the shared readers of plans call `PLAN_…` is `POLICY_…` here. */
function ofPolicy(finding: Finding): Finding {
  // The readers of a form say `FormFault`s only, and those are codes of policies too.
  return { ...finding, code: finding.code.replace(/^PLAN_/, "POLICY_") as Finding["code"] };
}

function fault(code: Finding["code"], path: readonly (string | number)[], message: string): Finding {
  return { code, severity: "error", pointer: pointerOf(path), message };
}

function reserved(parsed: Policy): readonly Finding[] {
  return ["unknown", "untrusted"]
    .filter((each) => Object.hasOwn(parsed.labels ?? {}, each))
    .map((each) => fault("POLICY_LABEL_RESERVED", ["labels", each], `the label \`${each}\` is built in and cannot be declared`));
}

/** A label in a rule that nobody declared would silently never match. `accepts` names labels of the policy alone: a plan could declare its own. */
function undeclared(parsed: Policy): readonly Finding[] {
  const own = Object.keys(parsed.labels ?? {});
  const known = new Set([...own, ...Object.keys(builtInLabels), "untrusted"]);
  const look = (
    list: readonly string[] | undefined,
    among: ReadonlySet<string>,
    path: readonly (string | number)[],
  ): readonly Finding[] =>
    (list ?? []).flatMap((label, at) => {
      if (among.has(label)) return [];
      const message = `the label \`${label}\` is not declared in the policy's \`labels\`${suggestion(label, among)}`;
      return [fault("POLICY_LABEL_UNDECLARED", [...path, at], message)];
    });
  return [
    ...(parsed.flows ?? []).flatMap(({ deny, accepts }, at) => [
      ...look(deny, known, ["flows", at, "deny"]),
      ...look(accepts, new Set(own), ["flows", at, "accepts"]),
    ]),
    ...(parsed.sanitizers ?? []).flatMap(({ labels }, at) => look(labels, known, ["sanitizers", at, "labels"])),
    // No plan is there to declare them where data comes in: a misspelt one would be a label that no rule denies.
    ...Object.entries(parsed.issuers ?? {}).flatMap(([from, issuer]) => {
      if (!("key" in issuer)) return [];
      const { labels = {}, constants = [] } = issuer;
      const own = new Set([...known].filter((label) => label !== "untrusted"));
      return [
        ...Object.entries(labels).flatMap(([theirs, ours]) => look([ours].flat(), own, ["issuers", from, "labels", theirs])),
        ...look([constants].flat(), own, ["issuers", from, "constants"]),
      ];
    }),
  ];
}

function unknownApprovers(parsed: Policy): readonly Finding[] {
  return (["plans", "calls"] as const).flatMap((kind) =>
    (parsed.approval?.[kind]?.by ?? []).flatMap((person, at) =>
      Object.hasOwn(parsed.approvers ?? {}, person)
        ? []
        : [fault("POLICY_APPROVER_UNKNOWN", ["approval", kind, "by", at], `\`${person}\` is not declared in \`approvers\``)],
    ),
  );
}

/** A peer whose issuer nobody declares would have no key to be held to. */
function unknownIssuers(parsed: Policy): readonly Finding[] {
  return Object.entries(parsed.peers ?? {}).flatMap(([glob, names]) =>
    [names]
      .flat()
      .filter((each) => !Object.hasOwn(parsed.issuers ?? {}, each))
      .map((each) => fault("POLICY_ISSUER_UNKNOWN", ["peers", glob], `\`${each}\` is not declared in \`issuers\``)),
  );
}

/** The form of a policy as JSON Schema (draft 2020-12), as published in `policy.schema.json`. */
export function policyJsonSchema(): JsonObject {
  const ids = z.registry<{ readonly id: string }>();
  ids.add(constraints, { id: "Constraints" });
  const schema = z.toJSONSchema(policy, { target: "draft-2020-12", metadata: ids }) as unknown as JsonObject;
  return { title: "Sluice policy", ...schema };
}
