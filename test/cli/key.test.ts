/**
 * `sluice key`: a key that only its owner reads, never written over another, and good for approving.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { calculateJwkThumbprint } from "jose";
import { afterAll, expect, it } from "vitest";
import { approvePlan, readApprovals } from "../../src/approval/plan.ts";
import { readJson } from "../../src/json/read.ts";
import type { Json } from "../../src/json/value.ts";
import type { SigningKey } from "../../src/plan/sign.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { bank } from "../approval/approval-fixture.ts";
import { openFolder, sluice } from "./cli-process.ts";

const folder = openFolder();
afterAll(folder.remove);

function jsonOf(text: string): Json {
  const read = readJson(text);
  return read.ok ? read.value : null;
}

interface Printed {
  readonly key: { readonly kty: "OKP"; readonly crv: "Ed25519"; readonly x: string };
  readonly thumbprint: string;
}

it("makes a private key for its owner alone, prints the public one, and it approves a plan", async () => {
  const [own, open] = [`${folder.path}/own.jwk`, `${folder.path}/open.jwk`];
  const { status, stdout, stderr } = await sluice(["key", "-o", own, "--public", open, "--json"]);
  expect([status, stderr]).toEqual([0, ""]);
  const printed = jsonOf(stdout) as unknown as Printed;
  const key = jsonOf(readFileSync(own, "utf8")) as unknown as SigningKey & { readonly d: string };
  expect(stdout).not.toContain(key.d);
  expect(statSync(own).mode & 0o777).toBe(0o600);
  expect(jsonOf(readFileSync(open, "utf8"))).toEqual(printed.key);
  expect(printed.thumbprint).toBe(await calculateJwkThumbprint(printed.key));
  const approved = await approvePlan(bank, { approver: "eve", key, now: 1_000 });
  const policy: Policy = { sluicePolicy: 1, name: "one", approvers: { eve: { key: printed.key } } };
  expect(approved.ok && (await readApprovals(approved.value, policy))).toMatchObject([{ keyId: printed.thumbprint }]);
}, 60_000);

it("overwrites no file, and leaves no private key behind where the public one cannot be written", async () => {
  const taken = folder.write("taken.jwk", "mine");
  const first = await sluice(["key", "-o", taken]);
  expect([first.status, first.stderr]).toEqual([2, expect.stringContaining("never overwritten")]);
  const fresh = `${folder.path}/fresh.jwk`;
  const second = await sluice(["key", "-o", fresh, "--public", taken]);
  expect([second.status, existsSync(fresh), readFileSync(taken, "utf8")]).toEqual([2, false, "mine"]);
}, 60_000);
