/** `sluice store`, and what a command opens by `--store`. */
import { existsSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { readJson } from "../../src/json/read.ts";
import { kindOfStore, openStore, readStoreArgument, storeKeys, storeName } from "../../src/cli/read/store-url.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import { headerOf, opening } from "../stores/session-fixture.ts";
import { openFolder, sluice } from "./cli-process.ts";

const folder = openFolder();
afterAll(folder.remove);

const password = "hunter2-secret";

describe("keys of a store", () => {
  it("that came out empty begin no store in the open", () => {
    expect(() => storeKeys({ env: { SLUICE_STORE_KEYS: "" }, warn: () => {} })).toThrow(/SLUICE_STORE_KEYS: it is empty/);
    expect(storeKeys({ env: {}, warn: () => {} })).toBeUndefined();
  });
});

describe("the name of a store", () => {
  it("says the engine, and is shown without user, password and parameters", () => {
    expect(["memory", "a.db", "/tmp/a:b", "C:\\a.db"].map((text) => kindOfStore(text))).toEqual([
      "memory",
      "sqlite",
      "sqlite",
      "sqlite",
    ]);
    expect(["redis://h", "rediss://h", "postgres://h/d", "postgresql://h/d"].map((text) => kindOfStore(text))).toEqual([
      "redis",
      "redis",
      "postgres",
      "postgres",
    ]);
    expect(() => kindOfStore("mysql://u:hunter2-secret@h")).toThrow(/no store is called by mysql/);
    expect(() => kindOfStore("constructor://h")).toThrow();
    expect(storeName(`postgres://u:${password}@db.example:5432/d?sslkey=${password}`)).toBe("postgres://db.example:5432/d");
    expect(storeName(`redis://${password}`)).not.toContain("@");
  });

  it("is refused on the command line if it has a password, which no message repeats", async () => {
    for (const text of [`redis://:${password}@h`, `postgres://u:${password}@h/d`, `postgres://u@h/d?password=${password}`]) {
      expect(() => readStoreArgument(text)).toThrow(/SLUICE_STORE/);
      expect(() => readStoreArgument(text)).not.toThrow(new RegExp(password));
    }
    expect(readStoreArgument("postgres://u@h/d")).toBe("postgres://u@h/d");
    const { status, stderr, stdout } = await sluice(["store", "info", "--store", `redis://:${password}@localhost`]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).not.toContain(password);
  });

  it("of a server that is not there is one line without the password, also where it comes from the environment", async () => {
    for (const url of [`redis://:${password}@127.0.0.1:1`, `postgres://u:${password}@127.0.0.1:1/d`]) {
      const { status, stderr } = await sluice(["store", "info"], { env: { SLUICE_STORE: url } });
      expect(status).toBe(2);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      expect(stderr).not.toContain(password);
      expect(stderr).toContain("127.0.0.1:1");
    }
  });
});

describe("sluice store", () => {
  const put = async (name: string): Promise<string> => {
    const file = `${folder.path}/${name}`;
    const store = openSqliteStore(file);
    for (const [id, expiresAt] of [
      ["old", 1_000],
      ["new", 9e12],
    ] as const) {
      const header = headerOf(id, { expiresAt });
      await store.create(header, opening(header));
    }
    await store.writeRecord({ kind: "receipt", id: "0000000000000001.k.r", version: 0, value: {} });
    await store.saveDocument("plan", "sha256:00", "{}");
    store.close();
    return file;
  };
  const json = async (args: readonly string[], env: { readonly [name: string]: string } = {}): Promise<unknown> => {
    const { status, stdout, stderr } = await sluice(["store", ...args, "--json"], { env });
    expect([status, stderr]).toEqual([0, ""]);
    const read = readJson(stdout);
    return read.ok ? read.value : undefined;
  };

  it("counts what a store keeps, and forgets what has expired: not when it is only asked", async () => {
    const file = await put("a.db");
    const counts = { sessions: 2, "sessions open": 1, "sessions expired": 1, events: 2, plans: 1, receipts: 1 };
    expect(await json(["info", "--store", file])).toMatchObject({ kind: "sqlite", version: 3, encrypted: false, counts });
    const none = { sessions: 0, receipts: 0 };
    expect(await json(["sweep", "--dry-run", "--store", file])).toMatchObject({ due: { sessions: 1, receipts: 1 } });
    const never = ["--retention", '{"sessions":"never","receipts":"never"}'];
    expect(await json(["sweep", "--store", file, ...never])).toMatchObject({ forgotten: none });
    expect(await json(["sweep", "--store", file])).toMatchObject({ forgotten: { sessions: 1, receipts: 1 } });
    expect(await json(["sweep", "--store", file])).toMatchObject({ forgotten: none });
    const wrong = await sluice(["store", "sweep", "--store", file, "--retention", '{"labels":"1d"}']);
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringMatching(/\/labels.*not known/)]);
  });

  it("makes no store where there is none, and takes nothing for one that is not", async () => {
    const missing = `${folder.path}/missing.db`;
    for (const command of ["info", "migrate", "sweep"]) {
      expect((await sluice(["store", command, "--store", missing])).status).toBe(2);
      expect((await sluice(["store", command, "--store", "memory"])).status).toBe(2);
    }
    expect(existsSync(missing)).toBe(false);
    const other = await sluice(["store", "info", "--store", import.meta.filename]);
    expect([other.status, other.stderr]).toEqual([2, expect.stringMatching(/no SQLite file of Sluice/)]);
  });

  it("makes keys, with which a store is encrypted and without which it is not opened", async () => {
    const keys = await Promise.all(["2026", "2027"].map(async (id) => (await sluice(["store", "key", id])).stdout.trim()));
    expect(keys[0]).toMatch(/^2026=[A-Za-z0-9_-]{43}$/);
    const file = `${folder.path}/sealed.db`;
    const [first = "", second = ""] = keys;
    process.env.SLUICE_STORE_KEYS = first;
    try {
      const { store, close } = await openStore(file);
      const header = headerOf("s");
      const { event } = opening(header);
      await store.create(header, { event: { ...event, params: { secret: password } } as typeof event });
      await close();
    } finally {
      delete process.env.SLUICE_STORE_KEYS;
    }
    expect(readFileSync(file).includes(password)).toBe(false);
    const open = await sluice(["store", "info", "--store", file]);
    expect([open.status, open.stderr]).toEqual([2, expect.stringMatching(/encrypted, and its keys were not given/)]);
    expect((await sluice(["store", "info", "--store", file], { env: { SLUICE_STORE_KEYS: second } })).stderr).toMatch(
      /none of the keys/,
    );
    expect(await json(["info", "--store", file], { SLUICE_STORE_KEYS: `${second},${first}` })).toMatchObject({ encrypted: true });
    const bad = await sluice(["store", "info", "--store", file], { env: { SLUICE_STORE_KEYS: "a=short-secret" } });
    expect([bad.status, bad.stderr.includes("short-secret")]).toEqual([2, false]);
  });
});
