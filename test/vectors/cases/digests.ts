/**
 * Cases of digests.json: digests of frozen plans, of changed ones, signatures of plans, handles, commitments and thumbprints.
 * Data and nothing else: what comes of them is computed, but for the changed plans, of which it is said here.
 */
import { CompactSign, importJWK } from "jose";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { utf8 } from "../../../src/plan/digest.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../../src/plan/plan.ts";
import { signPlan, thumbprintOf } from "../../../src/plan/sign.ts";
import type { Policy } from "../../../src/policy/policy.ts";
import type { DigestVector } from "../outcomes.ts";
import { catalogue, openedAt } from "./case.ts";
import { keyOf, publicOf } from "./seeded.ts";

const policy: Policy = {
  sluicePolicy: 1,
  name: "house",
  flows: [{ id: "no-web-in-mail", deny: ["external_api"], to: "s/mail" }],
};

function frozen(nodes: Plan["nodes"], more: Partial<Plan> & { readonly policy?: Policy } = {}): FrozenPlan {
  const { policy, ...members } = more;
  const tools = readCatalogue(catalogue);
  if (!tools.ok) throw new Error("the catalogue");
  const plan = freezePlan({ sluice: 1, name: "digest", ...members, nodes }, tools.value, policy === undefined ? {} : { policy });
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  return plan.value;
}

const send: Plan["nodes"] = { send: { tool: "s/send", args: { to: "bob@example.com", text: "hi" } } };
const wide: Plan["nodes"] = {
  calc: { tool: "s/calc" },
  send: {
    tool: "s/send",
    args: {
      to: { from: "calc$.to" },
      text: "caf\u00e9 \u20ac \u{1f600}\n",
      data: { const: { n: 0.1, big: 9007199254740993n, "\ue000": 1, "\u{10000}": 2 } },
    },
  },
};

/** A copy with one part replaced. */
function changed(value: FrozenPlan, path: readonly string[], to: Json): Json {
  const [key = "", ...rest] = path;
  const copy = { ...(value as unknown as JsonObject) };
  return { ...copy, [key]: rest.length === 0 ? to : changed(copy[key] as unknown as FrozenPlan, rest, to) };
}

async function signatures(): Promise<readonly DigestVector[]> {
  const [mine, other] = [keyOf("plan"), keyOf("another plan")];
  const plain = frozen(send);
  const signed = await signPlan(plain, mine);
  const ending = await signPlan(frozen(send, { notAfter: "2026-06-01T00:00:00Z" }), mine);
  if (!signed.ok || !ending.ok) throw new Error("not signed");
  const jws = async (payload: string, header: object): Promise<FrozenPlan> => {
    const key = await importJWK(mine, "EdDSA");
    const kid = await thumbprintOf(mine.x);
    const signature = await new CompactSign(utf8(payload))
      .setProtectedHeader({ alg: "EdDSA", typ: "sluice-plan+jws", kid, ...header } as never)
      .sign(key);
    return { ...plain, signature };
  };
  const bent = signed.value.signature?.replace(/.{10}$/, "AAAAAAAAAA") ?? "";
  const of = (
    name: string,
    plan: Json | FrozenPlan,
    more: { readonly keys?: readonly JsonObject[]; readonly now?: number } = {},
  ): DigestVector => ({
    name: `signature: ${name}`,
    version: 1,
    kind: "signature",
    frozen: plan as unknown as Json,
    keys: [publicOf(other), publicOf(mine)],
    now: openedAt,
    ...more,
  });
  return [
    of("one of the keys signed it", signed.value),
    of("no key that is known signed it", signed.value, { keys: [publicOf(other)] }),
    of("no keys", signed.value, { keys: [] }),
    of("it is not signed", plain),
    of("its last bytes are others", { ...signed.value, signature: bent }),
    of("it is the signature of another plan", await jws(ending.value.digest, {})),
    of("it is of another type", await jws(plain.digest, { typ: "sluice-receipt+jws" })),
    of("until the plan ends", ending.value, { now: Date.parse("2026-06-01T00:00:00Z") }),
    of("and not a millisecond longer", ending.value, { now: Date.parse("2026-06-01T00:00:00Z") + 1 }),
    of("of a plan that was changed since", changed(signed.value, ["plan", "nodes", "send", "args", "to"], "eve@example.com")),
  ];
}

/** The cases. */
export async function digestCases(): Promise<readonly DigestVector[]> {
  const plain = frozen(send);
  const policed = frozen(send, { policy });
  const plan = (name: string, value: FrozenPlan | Json): DigestVector => ({
    name: `plan: ${name}`,
    version: 1,
    kind: "plan",
    frozen: value as unknown as Json,
  });
  const of = (rest: object, name: string): DigestVector => ({ name, version: 1, ...rest }) as DigestVector;
  const value = { summary: "pay 5 to Ann", account: "DE1", amount: 5 };
  const path = ["rows", 0, "a b", "\u20ac"];
  return [
    plan("constants", plain),
    plan("texts, doubles and integers of every kind", frozen(wide)),
    plan("under a policy", policed),
    plan("with params, labels, limits, flows and an end", {
      ...frozen(
        {
          send: {
            tool: "s/send",
            args: { to: { param: "who" }, text: { choose: { enum: ["a", "b"] } } },
            times: { min: 0, max: 3 },
          },
        },
        {
          task: "send it",
          params: { who: { type: "string" } },
          labels: { mine: { integrity: "trusted", readers: ["ana"] } },
          limits: { calls: 3 },
          flows: [{ id: "x", deny: ["external_api"], to: "s/*" }],
          notAfter: "2027-01-01T00:00:00Z",
        },
      ),
    } as unknown as Json),
    plan("signature and approvals are outside the digest", { ...plain, signature: "a.b.c", approvals: [] } as unknown as Json),
    plan("members in another order", Object.fromEntries(Object.entries(plain).reverse()) as Json),
    plan("a constant was changed", changed(plain, ["plan", "nodes", "send", "args", "to"], "eve@example.com")),
    plan(
      "a tool says something else now (rug pull)",
      changed(plain, ["tools", "s/send", "definition", "description"], "send it twice"),
    ),
    plan("the facts of a tool are others", changed(plain, ["tools", "s/send", "facts", "roles", "to"], "content")),
    plan("the server is another", changed(plain, ["servers", "s"], { name: "t" })),
    plan("a label became trusted", changed(plain, ["labels", "external_api"], { integrity: "trusted" })),
    plan("the policy was dropped", Object.fromEntries(Object.entries(policed).filter(([name]) => name !== "policy")) as Json),
    plan("the policy allows more", changed(policed, ["policy", "flows"], [])),
    plan("the digest is another", changed(plain, ["digest"], `sha256:${"0".repeat(64)}`)),
    ...(await signatures()),
    ...["receipt-value", "policy", "plan"].map((domain) => of({ kind: "domain", domain, value }, `domain: ${domain}`)),
    ...[null, true, 0, "", [], {}].map((each) =>
      of({ kind: "domain", domain: "receipt-value", value: each }, `value: ${JSON.stringify(each)}`),
    ),
    of({ kind: "commitment", salt: "AAAAAAAAAAAAAAAAAAAAAA", value }, "commitment: an object"),
    of({ kind: "commitment", salt: "AQEBAQEBAQEBAQEBAQEBAQ", value }, "commitment: another salt, another commitment"),
    of({ kind: "commitment", salt: "AAAAAAAAAAAAAAAAAAAAAA", value: null }, "commitment: null"),
    of({ kind: "thumbprint", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwaaPJHURo0" }, "thumbprint: a key"),
    of({ kind: "thumbprint", x: keyOf("plan").x }, "thumbprint: another key"),
    ...[[], ["a"], [0], path].map((each) =>
      of(
        { kind: "handle", key: "000102030405060708090a0b0c0d0e0f", session: "s1", node: "calc", run: 0, path: each },
        `handle: of ${JSON.stringify(each)}`,
      ),
    ),
    of(
      { kind: "handle", key: "000102030405060708090a0b0c0d0e0f", session: "s1", node: "calc", run: 1, path: ["a"] },
      "handle: of another run",
    ),
    of({ kind: "handle", key: "ff", session: "s1", node: "calc", run: 0, path: ["a"] }, "handle: another key"),
  ];
}
