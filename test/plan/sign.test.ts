import { calculateJwkThumbprint, CompactSign, exportJWK, generateKeyPair, importJWK, type JWK, UnsecuredJWT } from "jose";
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

  it("say why a signature is not accepted", async () => {
    const why = async (
      plan: FrozenPlan,
      keys: JWK | { readonly keys: readonly JWK[] } = publicKey,
      at = now,
    ): Promise<string> => {
      const verified = await verifyPlan(plan, keys, { now: at });
      return verified.ok ? "" : verified.error.map(({ severity, message }) => `${severity}: ${message}`).join();
    };
    const plan = await signed();
    const { kid } = JSON.parse(atob(plan.signature.split(".")[0] ?? "")) as { readonly kid: string };
    const header = (members: object): string => btoa(JSON.stringify(members)).replace(/=+$/, "");
    const [, payload, bytes] = plan.signature.split(".");
    const under = (members: object): FrozenPlan => withSignature(frozen, `${header(members)}.${payload}.${bytes}`);
    const said = "error: the signature is not accepted:";
    expect(await why(frozen)).toBe(`${said} the plan is not signed`);
    expect(await why(await forged({ kid, typ: "JWT" }, frozen.digest))).toBe(`${said} it is no plan's signature`);
    expect(await why(under({ alg: "EdDSA", typ: "sluice-plan+jws", kid, crit: ["b64"], b64: false }))).toBe(
      `${said} it is no plan's signature`,
    );
    expect(await why(under({ alg: "EdDSA", typ: "sluice-plan+jws", kid, b64: false }))).toBe(`${said} it is no plan's signature`);
    expect(await why(under({ alg: "HS256", typ: "sluice-plan+jws", kid }))).toBe(`${said} its algorithm is not Ed25519`);
    expect(await why(under({ alg: "Ed25519", typ: "sluice-plan+jws", kid }))).toBe(`${said} it does not verify`);
    expect(await why(await forged({ kid }, "sha256:0"))).toBe(`${said} it is the signature of another plan`);
    expect(await why(plan, { keys: [] })).toBe(`${said} none of the given keys made it`);
    expect(
      await why(plan, {
        keys: [
          { ...publicKey, crv: "X25519" },
          { ...publicKey, kty: "EC" },
          { kty: "OKP", crv: "Ed25519" },
        ],
      }),
    ).toBe(`${said} none of the given keys made it`);
    expect(await why(withSignature(frozen, "no.jws"))).toBe(`${said} it does not verify`);
    expect(await why(plan, publicKey, Date.UTC(2027, 0, 1))).toBe("error: the plan has expired");
    const endless = { ...plan, plan: { ...plan.plan, notAfter: "whenever" } } as FrozenPlan;
    expect(await why(endless)).toBe("error: the plan has expired");
  });

  it("say the key by its thumbprint (RFC 7638), and what a key to sign with has to be", async () => {
    const verified = await verifyPlan(await signed(), publicKey, { now });
    expect(verified).toEqual({ ok: true, value: { keyId: await calculateJwkThumbprint(publicKey, "sha256") } });
    const { d: _, ...withoutSecret } = privateKey;
    for (const key of [withoutSecret, { ...privateKey, kty: "EC" }, { ...privateKey, crv: "X25519" }]) {
      expect(await signPlan(frozen, key)).toEqual({
        ok: false,
        error: [
          {
            code: "CONFIG_INVALID",
            severity: "error",
            pointer: "",
            message: "expected a private Ed25519 key as JWK, with `kty` `OKP`, `crv` `Ed25519`, `x` and `d`",
          },
        ],
      });
    }
  });
});
