/**
 * The client scenarios of the conformance package: Sluice, with an official client before it, is the client that the package looks at.
 */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runConformance } from "./conformance-run.ts";

const command = `${process.execPath} ${fileURLToPath(new URL("client-through.ts", import.meta.url))}`;

/** The client scenarios of 0.1.16, and how many checks each has at least. */
const scenarios: readonly (readonly [string, number])[] = [
  ["initialize", 1],
  ["tools_call", 1],
  ["elicitation-sep1034-client-defaults", 5],
  ["sse-retry", 3],
  ["auth/metadata-default", 5],
  ["auth/metadata-var1", 5],
  ["auth/metadata-var2", 5],
  ["auth/metadata-var3", 5],
  ["auth/basic-cimd", 5],
  ["auth/scope-from-www-authenticate", 5],
  ["auth/scope-from-scopes-supported", 5],
  ["auth/scope-omitted-when-undefined", 5],
  ["auth/scope-step-up", 5],
  ["auth/scope-retry-limit", 5],
  ["auth/token-endpoint-auth-basic", 5],
  ["auth/token-endpoint-auth-post", 5],
  ["auth/token-endpoint-auth-none", 5],
  ["auth/pre-registration", 5],
  ["auth/2025-03-26-oauth-metadata-backcompat", 5],
  ["auth/2025-03-26-oauth-endpoint-fallback", 5],
  ["auth/resource-mismatch", 1],
  ["auth/offline-access-scope", 5],
  ["auth/offline-access-not-supported", 5],
  ["auth/client-credentials-jwt", 3],
  ["auth/client-credentials-basic", 3],
  ["auth/cross-app-access-complete-flow", 3],
];

test.concurrent.each(scenarios)(
  "%s succeeds in every check",
  async (scenario, checksMin) => {
    const checks = [...(await runConformance("client", command, scenario)).values()].flat();
    expect(checks.filter((check) => !check.endsWith(" SUCCESS"))).toEqual([]);
    expect(checks.length).toBeGreaterThanOrEqual(checksMin);
  },
  120_000,
);
