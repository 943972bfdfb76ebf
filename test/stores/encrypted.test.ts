/** Encryption at rest: what the store sees, and what is noticed when it is changed. */
import { createDecipheriv, hkdfSync } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { canonicalJson } from "../../src/json/canonical.ts";
import { readJson } from "../../src/json/read.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { encryptedStore, openEncrypted, readStoreKeys, type StoreKey } from "../../src/stores/encrypted.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createSealer } from "../../src/stores/seal.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import type { Entry, JournalOption, Store } from "../../src/stores/store.ts";
import { createFirewall } from "../../src/surfaces/hono.ts";
import { shop } from "../surfaces/firewall-fixture.ts";
import { linesOf } from "./journal-contract.ts";
import { allowed, headerOf, opening } from "./session-fixture.ts";
import { storeContract, storesAgree } from "./store-contract.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-encrypted-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const keyOf = (id: string, byte: number): StoreKey => ({ id, secret: new Uint8Array(32).fill(byte) });
const [one, two] = [keyOf("one", 1), keyOf("two", 2)];
const sealed = (store: Store, ...keys: readonly StoreKey[]): Store => encryptedStore(store, { keys });

storeContract("encrypted memory", (options) => sealed(createMemoryStore(options), one));
storeContract("encrypted sqlite", (options) => encryptedStore(openSqliteStore(":memory:", options), { keys: [one, two] }));
storesAgree("an encrypted store answers as the store in memory does, whatever is asked", createMemoryStore, (options) =>
  sealed(createMemoryStore(options), one),
);

function settled(run: number, value: unknown, facts?: JsonObject): Entry {
  const event = { type: "settle", at: 5, run, ok: true, value, valid: true } as Entry["event"];
  return facts === undefined ? { event } : { event, facts };
}

/** A value as our reader gives it: integers beyond 2^53 are no doubles. */
function read(value: unknown): Json {
  const given = readJson(JSON.stringify(value));
  if (!given.ok) throw new Error("no JSON");
  return given.value;
}

/** What a store was told, and an answer of it that a test changes. */
function watched(options?: JournalOption): { readonly store: Store; readonly told: unknown[] } {
  const inner = createMemoryStore(options);
  const told: unknown[] = [];
  const watch = ([name, method]: [string, unknown]): [string, unknown] => [
    name,
    (...args: unknown[]) => {
      told.push(args);
      return (method as (...args: unknown[]) => unknown)(...args);
    },
  ];
  return { store: Object.fromEntries(Object.entries(inner).map(watch)) as unknown as Store, told };
}

async function fill(store: Store, secret: string): Promise<void> {
  const header = headerOf("s");
  const open = opening(header);
  await store.create(header, { event: { ...open.event, params: { name: secret }, key: secret } as Entry["event"] });
  const deny: Entry = { event: { type: "deny", at: 1, code: "CALL_REPEATED", tool: secret }, facts: { [secret]: secret } };
  await store.commit("s", 1, {
    entries: [settled(0, { [secret]: [secret] }), deny],
    records: [{ kind: "approval", id: "a", version: 0, value: { secret } }],
  });
  await store.writeRecord({ kind: "revocation", id: "session:x", version: 0, value: { reason: secret, lifted: true } });
  await store.saveDocument("plan", "sha256:00", `{"task":${JSON.stringify(secret)}}`);
  await store.note({ secret });
}

describe("an encrypted store", () => {
  it("gives back every JSON value that it was given, wherever it stands", async () => {
    const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("\u0000", "\n", "\u2028", "\ufeff", "é\n{}"));
    const value = fc.jsonValue({ stringUnit: "grapheme", maxDepth: 5 });
    const object = fc.dictionary(text, value, { maxKeys: 4 }) as fc.Arbitrary<JsonObject>;
    await fc.assert(
      fc.asyncProperty(value, object, text, async (result, facts, name) => {
        const [exact, said] = [read(result), read(facts) as JsonObject];
        const store = sealed(createMemoryStore({ journal: true }), one);
        const header = headerOf("s");
        await store.create(header, opening(header));
        const entries = [settled(0, exact, said), settled(1, null), { event: { type: "close", at: 9 } as const, facts: said }];
        await store.commit("s", 1, { entries });
        await store.writeRecord({ kind: name, id: name, version: 0, value: said });
        await store.saveDocument("plan", name, name);
        await store.note(said);
        const loaded = await store.load("s", 1);
        expect(loaded.ok && loaded.value.entries).toEqual(entries);
        expect(await store.record(name, name)).toEqual({ ok: true, value: { kind: name, id: name, version: 1, value: said } });
        expect(await store.loadDocument("plan", name)).toEqual({ ok: true, value: name });
        expect(await linesOf(store)).toEqual([
          { session: "s", number: 0, entry: opening(header) },
          ...entries.map((entry, i) => ({ session: "s", number: i + 1, entry })),
          { note: said },
        ]);
      }),
      { numRuns: 100 },
    );
  });

  it("keeps a result of 16 MiB", async () => {
    const store = encryptedStore(openSqliteStore(":memory:"), { keys: [one] });
    await store.create(headerOf("s"), opening(headerOf("s")));
    const value = "x".repeat(16 * 1024 * 1024 - 8);
    expect((await store.commit("s", 1, { entries: [settled(0, value)] })).ok).toBe(true);
    const loaded = await store.load("s", 1);
    const event = loaded.ok ? loaded.value.entries[0]?.event : undefined;
    expect(event?.type === "settle" && event.value === value).toBe(true);
    store.close();
  });

  it("tells the store nothing of what is kept, and writes nothing of it to the file", async () => {
    const secret = "Zebra-4711-secret";
    const { store, told } = watched({ journal: true });
    await fill(store, secret);
    expect(JSON.stringify(told).split(secret).length).toBeGreaterThan(8);
    told.length = 0;
    const other = watched({ journal: true });
    await fill(sealed(other.store, one), secret);
    const shown = JSON.stringify(other.told);
    for (const form of [secret, ...[0, 1, 2].map((skip) => Buffer.from(secret.slice(skip, skip + 12)).toString("base64url"))])
      expect(shown).not.toContain(form);
    const sub = mkdtempSync(join(folder, "raw-"));
    const holds = (): boolean => readdirSync(sub).some((name) => readFileSync(join(sub, name)).includes(secret));
    const file = openSqliteStore(join(sub, "a.db"), { journal: true });
    await fill(encryptedStore(file, { keys: [one] }), secret);
    expect(holds()).toBe(false);
    file.close();
    expect(holds()).toBe(false);
    const open = openSqliteStore(join(sub, "b.db"));
    await fill(open, secret);
    open.close();
    expect(holds()).toBe(true);
  });

  it("seals as its description says: another implementation opens it", async () => {
    const { store, told } = watched();
    await sealed(store, one).note({ a: 1 });
    const [[note]] = told as [[{ readonly sealed: string }]];
    const [version, id = "", encoded = ""] = note.sealed.split(".");
    expect([version, id]).toEqual(["1", "one"]);
    const bytes = Buffer.from(encoded, "base64url");
    const key = Buffer.from(hkdfSync("sha256", one.secret, "sluice store 1", canonicalJson(["note"]), 32));
    const cipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
    cipher.setAAD(Buffer.from(canonicalJson(["sluice sealed 1", "one", "note"])));
    cipher.setAuthTag(bytes.subarray(-16));
    expect(`${cipher.update(bytes.subarray(12, -16), undefined, "utf8")}${cipher.final("utf8")}`).toBe('{"a":1}');
  });

  it("never seals twice with one nonce, also where the same is tried again", async () => {
    const { store, told } = watched();
    const encrypted = sealed(store, one);
    for (let i = 0; i < 500; i++) await encrypted.commit("s", 1, { entries: [allowed(0)] });
    const nonces = told.map((args) => /1\.one\.(.{16})/.exec(JSON.stringify(args))?.[1]);
    expect(nonces).not.toContain(undefined);
    expect(new Set(nonces).size).toBe(500);
  });

  it("opens with old keys and seals with the first", async () => {
    const inner = createMemoryStore();
    await fill(sealed(inner, one), "x");
    const both = sealed(inner, two, one);
    expect(await both.load("s", 0)).toMatchObject({ ok: true, value: { version: 3 } });
    await both.commit("s", 3, { entries: [allowed(1)] });
    expect(await both.load("s", 0)).toMatchObject({ ok: true, value: { version: 4 } });
    expect(await sealed(inner, two).load("s", 3)).toMatchObject({ ok: true, value: { entries: [allowed(1)] } });
    expect(await sealed(inner, two).load("s", 0)).toEqual({ ok: false, error: { kind: "unavailable", detail: "key" } });
    expect(await sealed(inner, one).load("s", 0)).toEqual({ ok: false, error: { kind: "unavailable", detail: "key" } });
    const wrong = sealed(inner, keyOf("one", 9));
    const refused = { ok: false, error: { kind: "unavailable", detail: "sealed" } };
    expect(await wrong.load("s", 0)).toEqual(refused);
    expect(await wrong.record("approval", "a")).toEqual(refused);
    expect(await wrong.records("approval", { limit: 9 })).toEqual(refused);
    expect(await wrong.loadDocument("plan", "sha256:00")).toEqual(refused);
  });

  it("refuses what lies there unsealed, unless it is told to read it", async () => {
    const inner = createMemoryStore({ journal: true });
    await fill(inner, "x");
    const refused = { ok: false, error: { kind: "unavailable", detail: "plain" } };
    const strict = sealed(inner, one);
    const lenient = encryptedStore(inner, { keys: [one], plain: "read" });
    const asks: readonly ((store: Store) => Promise<unknown>)[] = [
      (store) => store.load("s", 0),
      (store) => store.record("approval", "a"),
      (store) => store.records("approval", { limit: 9 }),
      (store) => store.loadDocument("plan", "sha256:00"),
      (store) => store.journal({ limit: 99 }),
    ];
    for (const ask of asks) {
      expect(await ask(strict)).toEqual(refused);
      expect(await ask(lenient)).toEqual(await ask(inner));
    }
    await lenient.commit("s", 3, { entries: [allowed(1)] });
    expect(await lenient.load("s", 3)).toMatchObject({ ok: true, value: { entries: [allowed(1)] } });
    expect(JSON.stringify(await inner.load("s", 3))).toContain("1.one.");
  });
});

describe("a change of what is sealed", () => {
  const place = { scope: ["session", "s"], at: ["event", "s", 1] };

  it("is noticed at every bit, whatever was sealed", async () => {
    const sealer = createSealer([one]);
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 40 }), fc.nat(), fc.integer({ min: 0, max: 6 }), async (text, at, bit) => {
        const whole = await sealer.seal(text, place);
        const i = at % whole.length;
        const changed = whole.slice(0, i) + String.fromCharCode(whole.charCodeAt(i) ^ (1 << bit)) + whole.slice(i + 1);
        expect(await sealer.open(whole, place)).toEqual({ ok: true, value: text });
        expect((await sealer.open(changed, place)).ok).toBe(false);
        expect((await sealer.open(whole.slice(0, i), place)).ok).toBe(false);
        expect((await sealer.open(`${whole}A`, place)).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
    const whole = await sealer.seal("ab", place);
    for (let i = 0; i < whole.length; i++)
      for (let bit = 0; bit < 7; bit++) {
        const changed = whole.slice(0, i) + String.fromCharCode(whole.charCodeAt(i) ^ (1 << bit)) + whole.slice(i + 1);
        expect((await sealer.open(changed, place)).ok).toBe(false);
      }
  });

  it("is noticed where a text is moved to any other session, number, time, kind, id or version", async () => {
    const sealer = createSealer([one]);
    const part = fc.constantFrom("s", "t", "event", "record", 0, 1, true, '","');
    const somewhere = fc.record({
      scope: fc.array(fc.constantFrom("session", "record", "s", "t"), { minLength: 1, maxLength: 3 }),
      at: fc.array(part, { minLength: 1, maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(somewhere, somewhere, async (from, to) => {
        const isSame = canonicalJson(from as never) === canonicalJson(to as never);
        expect((await sealer.open(await sealer.seal("x", from), to)).ok).toBe(isSame);
      }),
      { numRuns: 200 },
    );
  });

  it("makes the store unavailable, for each way to move or change an entry, a record or a document", async () => {
    const inner = createMemoryStore();
    const store = sealed(inner, one);
    for (const id of ["s", "t"]) {
      await store.create(headerOf(id), opening(headerOf(id)));
      await store.commit(id, 1, { entries: [allowed(0), settled(0, id), { event: { type: "close", at: 5 } }] });
      for (const version of [0, 1]) await store.writeRecord({ kind: "grant", id, version, value: { id, version } });
      await store.saveDocument("plan", id, id);
    }
    const raw = async (id: string): Promise<Entry[]> => {
      const loaded = await inner.load(id, 0);
      return loaded.ok ? [...loaded.value.entries] : [];
    };
    const [ours, theirs] = [await raw("s"), await raw("t")];
    const at = (list: readonly Entry[], i: number): Entry => list[i] as Entry;
    const forged: { readonly [what: string]: readonly Entry[] } = {
      "an event of another session": ours.map((entry, i) => (i === 1 ? at(theirs, 1) : entry)),
      "two events the other way round": [at(ours, 0), at(ours, 2), at(ours, 1), at(ours, 3)],
      "an event left out": [at(ours, 0), at(ours, 2), at(ours, 3)],
      "an event twice": [at(ours, 0), at(ours, 1), at(ours, 1), at(ours, 3)],
      "another time": ours.map((entry, i) => (i === 1 ? { event: { ...entry.event, at: 7 } as Entry["event"] } : entry)),
      "a close that is none": ours.map((entry, i) =>
        i === 1 ? { event: { ...entry.event, type: "close" } as Entry["event"] } : entry,
      ),
      "a close that was one": ours.map((entry, i) =>
        i === 3 ? { event: { ...entry.event, type: "sealed" } as unknown as Entry["event"] } : entry,
      ),
      "an event in the open": ours.map((entry, i) => (i === 2 ? settled(0, "forged") : entry)),
      "no seal": ours.map((entry, i) =>
        i === 2 ? { event: { ...entry.event, sealed: 7 } as unknown as Entry["event"] } : entry,
      ),
    };
    for (const [what, entries] of Object.entries(forged)) {
      const lying: Store = {
        ...inner,
        load: async (session, since) => {
          const loaded = await inner.load(session, since);
          return loaded.ok ? { ok: true, value: { ...loaded.value, entries } } : loaded;
        },
      };
      expect(await sealed(lying, one).load("s", 0), what).toMatchObject({ ok: false, error: { kind: "unavailable" } });
    }
    const grant = await inner.record("grant", "s");
    const record = grant.ok && grant.value !== undefined ? grant.value : undefined;
    for (const other of [
      { id: "t" },
      { kind: "approval" },
      { version: 1 },
      { version: 3 },
      { value: { ...record?.value, lifted: true } },
    ]) {
      const lying: Store = {
        ...inner,
        record: async () => ({ ok: true, value: { ...(record as NonNullable<typeof record>), ...other } }),
      };
      expect(await sealed(lying, one).record("grant", "s")).toMatchObject({ ok: false, error: { detail: "sealed" } });
    }
    const swapped: Store = { ...inner, loadDocument: (kind) => inner.loadDocument(kind, "t") };
    expect(await sealed(swapped, one).loadDocument("plan", "s")).toMatchObject({ ok: false, error: { detail: "sealed" } });
  });
});

describe("an enforcement point", () => {
  it("works on an encrypted store, and denies on it without its keys or with others", async () => {
    const inner = createMemoryStore();
    const at = (store: Store) => createFirewall({ plans: [shop], store, clock: () => 1_000 });
    const opened = await at(sealed(inner, one)).open({ plan: shop.digest, principal: "ada", params: {} });
    const token = opened.ok ? opened.value.token : "";
    const ask = async (store: Store): Promise<string> => {
      const answer = await at(store).check(token, { tool: "shop/order", args: {} });
      return answer.allow ? "allow" : answer.verdict.code;
    };
    for (const store of [inner, sealed(inner, two), sealed(inner, keyOf("one", 3))])
      expect(["STORE_UNAVAILABLE", "INTERNAL"]).toContain(await ask(store));
    expect(["STORE_UNAVAILABLE", "INTERNAL"]).not.toContain(await ask(sealed(inner, one)));
  });
});

describe("opening", () => {
  it("marks a new store, and refuses one without its keys, with wrong keys, or begun in the open", async () => {
    const inner = createMemoryStore();
    expect(await openEncrypted(inner, undefined)).toBe(inner);
    await fill(await openEncrypted(inner, { keys: [one] }), "x");
    await expect(openEncrypted(inner, undefined)).rejects.toThrow(/keys were not given/);
    await expect(openEncrypted(inner, { keys: [two] })).rejects.toThrow(/none of the keys/);
    await expect(openEncrypted(inner, { keys: [keyOf("one", 7)] })).rejects.toThrow(/none of the keys/);
    expect(await (await openEncrypted(inner, { keys: [one] })).load("s", 0)).toMatchObject({ ok: true });
    const plain = createMemoryStore();
    await fill(plain, "x");
    await expect(openEncrypted(plain, { keys: [one] })).rejects.toThrow(/begun without keys/);
    expect(await (await openEncrypted(plain, { keys: [one], plain: "read" })).load("s", 0)).toMatchObject({ ok: true });
    await expect(openEncrypted(plain, undefined)).rejects.toThrow(/keys were not given/);
  });

  it("marks the store anew when the keys change, so that old ones can go", async () => {
    const inner = createMemoryStore();
    await openEncrypted(inner, { keys: [one] });
    await openEncrypted(inner, { keys: [two, one] });
    await expect(openEncrypted(inner, { keys: [one] })).rejects.toThrow(/none of the keys/);
    await openEncrypted(inner, { keys: [two] });
  });

  it("reads keys as they are written, and repeats no secret in an error", () => {
    const secret = Buffer.alloc(32, 7).toString("base64url");
    expect(readStoreKeys(`2027=${secret},2026=${secret}\n`).map(({ id }) => id)).toEqual(["2027", "2026"]);
    for (const text of [secret, `a=${secret}A`, `a b=${secret}`, `a=${secret.slice(1)}`, `a=${secret.slice(0, -1)}B`]) {
      expect(() => readStoreKeys(text)).toThrow(/key 1 of the store/);
      expect(() => readStoreKeys(text)).not.toThrow(new RegExp(secret.slice(2, 20)));
    }
    expect(() => createSealer([])).toThrow(/keys are needed/);
    expect(() => createSealer([one, keyOf("one", 2)])).toThrow(/one id/);
    expect(() => createSealer([{ id: "a", secret: new Uint8Array(16) }])).toThrow(/32 bytes/);
  });
});
