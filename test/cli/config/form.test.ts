/**
 * The form of a configuration: every fault at once, with its place; nothing that is not known; no secret in the file.
 */
import { describe, expect, it } from "vitest";
import { configJsonSchema, parseConfig } from "../../../src/cli/config/form.ts";
import type { Json } from "../../../src/json/value.ts";

function faults(value: Json): readonly (readonly [string, string])[] {
  const read = parseConfig(value);
  return read.ok ? [] : read.error.map(({ pointer, code }) => [pointer, code] as const);
}

describe("the form of a configuration", () => {
  it("takes one with every section", () => {
    expect(
      faults({
        plans: ["a.json"],
        policies: ["p.yaml"],
        listen: { host: "127.0.0.1", port: 8787 },
        store: { env: "SLUICE_STORE_URL" },
        storeTimeoutMs: 5_000,
        secrets: { admin: { file: "admin" }, approvers: { ann: { env: "ANN" } }, webhook: { env: "HOOK" } },
        sessions: { seconds: 3_600, leaseSeconds: 60, holdSeconds: 600 },
        grants: "required",
        approvals: { waitSeconds: 20, webhook: "https://approve.example/" },
        receipts: { key: "key.jwk" },
        limits: { checks: 100, principalPerMinute: 60 },
        shutdownSeconds: 10,
        clockSkewSeconds: 5,
        reload: { watch: true, unloaded: "deny" },
        retention: { sessions: "30d" },
        servers: { files: { url: "https://files.example/mcp", headers: { authorization: { env: "TOKEN", prefix: "Bearer " } } } },
        serve: { upstream: "http://127.0.0.1:9000" },
        gateway: { names: "qualified", recheckSeconds: 60, hosts: ["gw.example"] },
        proxy: { upstreams: { pets: { url: "https://pets.example", credentials: [{ as: "bearer", env: "PETS" }] } } },
        modelProxy: { upstream: "https://api.example", key: { file: "key" } },
        mcp: { server: "files" },
      }),
    ).toEqual([]);
  });

  it("names every fault at once, each where it stands", () => {
    expect(
      faults({
        plan: ["a.json"],
        listen: { port: 99_999, hots: "x" },
        limits: { checks: 0 },
        secrets: { admin: "a secret that stands in the file" },
      }),
    ).toEqual(
      expect.arrayContaining([
        ["/plan", "CONFIG_MEMBER"],
        ["/listen/port", "CONFIG_RANGE"],
        ["/listen/hots", "CONFIG_MEMBER"],
        ["/limits/checks", "CONFIG_RANGE"],
        ["/secrets/admin", "CONFIG_TYPE"],
      ]),
    );
  });

  it("says which member was meant", () => {
    const read = parseConfig({ shutdownSecond: 5 });
    expect(read.ok ? "" : read.error[0]?.message).toContain("did you mean `shutdownSeconds`?");
  });

  it("refuses a secret with two places or none, wherever secrets stand", () => {
    expect(faults({ secrets: { admin: { env: "A", file: "b" } } })).toEqual([["/secrets/admin", "CONFIG_VALUE"]]);
    expect(faults({ modelProxy: { key: {} } })).toEqual([["/modelProxy/key", "CONFIG_VALUE"]]);
    expect(faults({ servers: { a: { url: "https://a.example", headers: { "x-key": { prefix: "k" } } } } })).toEqual([
      ["/servers/a/headers/x-key", "CONFIG_VALUE"],
    ]);
    expect(faults({ proxy: { upstreams: { a: { credentials: [{ as: "bearer" }] } } } })).toEqual([
      ["/proxy/upstreams/a/credentials/0", "CONFIG_VALUE"],
    ]);
  });

  it("refuses a store's URL with a password", () => {
    expect(faults({ store: "postgres://sluice:hunter2@db.example/sluice" })).toEqual([["/store", "CONFIG_VALUE"]]);
    expect(faults({ store: "postgres://sluice@db.example/sluice" })).toEqual([]);
  });
});

it("the form of a configuration is what config.schema.json holds (vitest -u writes it)", async () => {
  await expect(`${JSON.stringify(configJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
    "../../../src/cli/config/config.schema.json",
  );
});
