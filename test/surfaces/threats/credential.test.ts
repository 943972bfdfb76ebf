/**
 * Secrets are compared in one place, over their whole length.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { equalSecret, isSecretOf, tokenDigest } from "../../../src/surfaces/credential.ts";

const root = fileURLToPath(new URL("../../../src/", import.meta.url));

it("threat 20: no surface compares a secret itself", () => {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) =>
    /^(?:surfaces|cli|receipts)\/.*\.ts$/.test(path),
  );
  expect(files.length).toBeGreaterThan(100);
  // Two values compared, of which one is called a secret; `undefined` and the form of one are no secrets.
  const compared =
    /\b(?:secret|token|password|admin)\s*[!=]==?\s*(?!undefined\b|null\b|"")[\w(]|[\w)]\s*[!=]==?\s*(?:\w+\.)?(?:secret|token|password|admin)\b/;
  const lines = files.flatMap((path) =>
    readFileSync(`${root}${path}`, "utf8")
      .split("\n")
      .flatMap((line, i) => (compared.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
  );
  // Of the operator's own at set-up, both before anybody has asked anything.
  const atSetUp = ["surfaces/hono/host-routes.ts", "surfaces/http-proxy/credentials.ts"];
  expect(lines.filter((line) => !atSetUp.some((path) => line.startsWith(path)))).toEqual([]);
});

it("threat 20: a secret is another one whichever character differs, and however long it is", () => {
  const secret = "0123456789abcdef".repeat(4);
  const others = [...secret].map((_, i) => `${secret.slice(0, i)}x${secret.slice(i + 1)}`);
  expect(equalSecret(secret, secret)).toBe(true);
  expect(isSecretOf(tokenDigest(secret), secret)).toBe(true);
  for (const other of [...others, "", secret.slice(1), `${secret}0`]) {
    expect(equalSecret(secret, other)).toBe(false);
    expect(isSecretOf(tokenDigest(secret), other)).toBe(false);
  }
});
