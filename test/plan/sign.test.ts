import { CompactSign, exportJWK, generateKeyPair, importJWK, type JWK, UnsecuredJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { freezePlan, thawPlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import { signPlan, verifyPlan } from "../../src/plan/sign.ts";
import { withSignature } from "../../src/plan/signature.ts";
import { catalogueWith, places, planWith } from "./market.ts";

const now = Date.UTC(2026, 10, 1);
let frozen: FrozenPlan;
let privateKey: JWK;
let publicKey: JWK;
let stranger: JWK;

/** The plan under a JWS made by hand. */
async function forged(header: object, payload: string, key: JWK = privateKey): Promise<FrozenPlan> {
  const jws = await new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: "EdDSA", typ: "sluice-plan+jws", ...header })
    .sign(await importJWK(key, "EdDSA"));
  return withSignature(frozen, jws);
}

async function codes(
  plan: FrozenPlan,
  keys: JWK | { readonly keys: readonly JWK[] } = publicKey,
  at = now,
): Promise<readonly string[]> {
  const verified = await verifyPlan(plan, keys, { now: at });
  return verified.ok ? [] : places(verified.error);
}

async function signed(): Promise<FrozenPlan & { readonly signature: string }> {
  const result = await signPlan(frozen, privateKey);
  if (!result.ok || result.value.signature === undefined) throw new Error("not signed");
  return { ...result.value, signature: result.value.signature };
}

beforeAll(async () => {
  const plan = planWith((p) => {
    p.notAfter = "2026-12-31T23:59:59Z";
  });
  const result = freezePlan(plan, catalogueWith());
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  frozen = result.value;
  const pair = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  privateKey = await exportJWK(pair.privateKey);
  publicKey = await exportJWK(pair.publicKey);
  stranger = await exportJWK((await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true })).privateKey);
});

describe("signPlan and verifyPlan", () => {
  it("verify what was signed, also among other keys and after a thaw, and keep the digest", async () => {
    const plan = await signed();
    expect(plan.digest).toBe(frozen.digest);
    const { d: _, ...strangerPublic } = stranger;
    const thawed = thawPlan(structuredClone(plan) as never);
    if (!thawed.ok) throw new Error("not thawed");
    expect(await codes(plan)).toEqual([]);
    expect(await codes(thawed.value, { keys: [strangerPublic, { kty: "EC" }, publicKey] })).toEqual([]);
  });

  it("sign the same plan with the same bytes each time", async () => {
    expect((await signed()).signature).toBe((await signed()).signature);
  });

  it("refuse a plan without a signature, by a stranger, or of another plan", async () => {
    const invalid = ["PLAN_SIGNATURE_INVALID /signature"];
    const { d: _, ...strangerPublic } = stranger;
    expect(await codes(frozen)).toEqual(invalid);
    expect(await codes(await signed(), strangerPublic)).toEqual(invalid);
    expect(await codes(await signed(), { keys: [] })).toEqual(invalid);
    const other = { ...(await signed()), digest: `sha256:${"0".repeat(64)}` };
    expect(await codes(other)).toEqual(invalid);
  });

  it("refuse a changed byte anywhere in the signature", async () => {
    const { signature } = await signed();
    for (const at of [0, 5, signature.indexOf(".") + 3, signature.lastIndexOf(".") + 1, signature.length - 3]) {
      const changed = signature.slice(0, at) + (signature[at] === "A" ? "B" : "A") + signature.slice(at + 1);
      expect(await codes(withSignature(frozen, changed)), `at ${at}`).toEqual(["PLAN_SIGNATURE_INVALID /signature"]);
    }
  });

  it("refuse another type, a critical header, another key id and the algorithm `none`", async () => {
    const header = JSON.parse(atob((await signed()).signature.split(".")[0] ?? "")) as { readonly kid: string };
    const invalid = ["PLAN_SIGNATURE_INVALID /signature"];
    expect(await codes(await forged({ kid: header.kid }, frozen.digest))).toEqual([]);
    expect(await codes(await forged({ kid: header.kid, typ: "JWT" }, frozen.digest))).toEqual(invalid);
    expect(await codes(await forged({ kid: "x" }, frozen.digest))).toEqual(invalid);
    expect(await codes(await forged({}, frozen.digest))).toEqual(invalid);
    expect(await codes(await forged({ kid: header.kid }, frozen.digest, stranger))).toEqual(invalid);
    expect(await codes(await forged({ kid: header.kid }, "sha256:0"))).toEqual(invalid);
    const parts = (await signed()).signature.split(".");
    const critical = btoa(
      JSON.stringify({ alg: "EdDSA", typ: "sluice-plan+jws", kid: header.kid, crit: ["exp"], exp: 1 }),
    ).replace(/=+$/, "");
    expect(await codes(withSignature(frozen, `${critical}.${parts[1]}.${parts[2]}`))).toEqual(invalid);
    const none = btoa(JSON.stringify({ alg: "none", typ: "sluice-plan+jws", kid: header.kid })).replace(/=+$/, "");
    expect(await codes(withSignature(frozen, `${none}.${parts[1]}.`))).toEqual(invalid);
    expect(await codes(withSignature(frozen, new UnsecuredJWT({}).encode()))).toEqual(invalid);
  });

  it("refuse a plan that has expired, to the millisecond", async () => {
    const plan = await signed();
    const end = Date.UTC(2026, 11, 31, 23, 59, 59);
    expect(await codes(plan, publicKey, end)).toEqual([]);
    expect(await codes(plan, publicKey, end + 1)).toEqual(["PLAN_EXPIRED /plan/notAfter"]);
  });

  it("refuse to sign with a public key, or with a key of another kind", async () => {
    for (const key of [publicKey, { kty: "oct", k: "AAAA" }, { ...privateKey, d: "AAAA" }]) {
      const result = await signPlan(frozen, key);
      expect(result.ok ? [] : places(result.error)).toEqual(["CONFIG_INVALID "]);
    }
  });
});
