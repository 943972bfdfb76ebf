/** What a sealer refuses, what it says of it, and that both ciphers write the same. */
import { createDecipheriv, hkdfSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json } from "../../src/json/value.ts";
import { sealingKeysMax, storeKeysMax } from "../../src/limits.ts";
import { encryptedStore, openEncrypted } from "../../src/stores/encrypted.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { nodeCipher, nodeSha256 } from "../../src/stores/seal-node.ts";
import { type Cipher, createSealer, readStoreKeys, type SealPlace, type StoreKey } from "../../src/stores/seal.ts";
import type { Entry, Store } from "../../src/stores/store.ts";
import { allowed, headerOf, opening } from "./session-fixture.ts";

const keyOf = (id: string, byte: number): StoreKey => ({ id, secret: new Uint8Array(32).fill(byte) });
const [one, two] = [keyOf("one", 1), keyOf("two", 2)];
const place: SealPlace = { scope: ["session", "s"], at: ["event", "s", 1] };

/** Opens by the written description of the format, with nothing of `src/stores`. */
function openedBy({ id, secret }: StoreKey, sealed: string, scope: readonly string[], at: readonly Json[]): string {
  const [version, name, encoded = ""] = sealed.split(".");
  expect([version, name]).toEqual(["1", id]);
  const bytes = Buffer.from(encoded, "base64url");
  const key = Buffer.from(hkdfSync("sha256", secret, "sluice store 1", canonicalJson([...scope]), 32));
  const cipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12), { authTagLength: 16 });
  cipher.setAAD(Buffer.from(canonicalJson(["sluice sealed 1", id, ...at]))).setAuthTag(bytes.subarray(-16));
  return `${cipher.update(bytes.subarray(12, -16), undefined, "utf8")}${cipher.final("utf8")}`;
}

describe("the two ciphers", () => {
  it("seal texts of every length so that the other, and a third, opens them", async () => {
    const [web, node] = [createSealer([one]), createSealer([one], nodeCipher)];
    for (let length = 0; length < 40; length++) {
      const text = "aé€😀".repeat(length).slice(0, length);
      for (const [from, to] of [
        [web, node],
        [node, web],
      ] as const) {
        const sealed = await from.seal(text, place);
        const expected = new TextDecoder().decode(new TextEncoder().encode(text));
        expect(sealed).toMatch(/^1\.one\.[A-Za-z0-9_-]+$/);
        expect(await to.open(sealed, place)).toEqual({ ok: true, value: expected });
        expect(openedBy(one, sealed, place.scope, place.at)).toBe(expected);
      }
    }
  });

  it.each([
    ["WebCrypto", undefined],
    ["node:crypto", nodeCipher],
  ] as const)("%s: another key, place, byte or length is not opened", async (_name, cipher) => {
    const sealer = createSealer([one, two], cipher);
    const sealed = await sealer.seal("text", place);
    const bytes = Buffer.from(sealed.slice("1.one.".length), "base64url");
    const text = (changed: Uint8Array): string => `1.one.${Buffer.from(changed).toString("base64url")}`;
    const refused = { ok: false, error: "sealed" };
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(await sealer.open(text(changed), place)).toEqual(refused);
      expect(await sealer.open(text(bytes.subarray(0, i)), place)).toEqual(refused);
    }
    expect(await sealer.open(text(Buffer.concat([bytes, Buffer.alloc(1)])), place)).toEqual(refused);
    expect(await sealer.open(sealed.replace("1.one.", "1.two."), place)).toEqual(refused);
    expect(await sealer.open(sealed, { ...place, scope: ["session", "t"] })).toEqual(refused);
    expect(await sealer.open(sealed, { ...place, at: ["event", "s", 2] })).toEqual(refused);
    expect(await createSealer([keyOf("one", 9)], cipher).open(sealed, place)).toEqual(refused);
  });

  it("SHA-256 is of the UTF-8 form", () => {
    expect(Buffer.from(nodeSha256("é")).toString("hex")).toBe("4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c");
    expect(nodeSha256("")).toHaveLength(32);
  });
});

describe("a sealer", () => {
  it("says which it is: not sealed, a key that is not there, or changed", async () => {
    const sealer = createSealer([one]);
    const sealed = await sealer.seal("x", place);
    for (const plain of ["", "x", "{}", "2.one.AAAA", `x${sealed}`, "1.", "1.one", "1one."])
      expect(await sealer.open(plain, place), plain).toEqual({ ok: false, error: "plain" });
    for (const id of ["two", "on", "onee", "", "ONE"])
      expect(await sealer.open(sealed.replace("one", id), place), id).toEqual({ ok: false, error: "key" });
    for (const changed of [
      "1.one.",
      "1.one.A",
      "1.one.AAAA",
      `${sealed}=`,
      `${sealed}é`,
      `1.one.${"A".repeat(38)}`,
      sealed.replace("one.", "one.."),
    ])
      expect(await sealer.open(changed, place), changed).toEqual({ ok: false, error: "sealed" });
  });

  it("opens one spelling of a sealed text: not one with a digit more that would add no byte", async () => {
    const sealer = createSealer([one], nodeCipher);
    for (const text of ["", "a", "ab"]) {
      const sealed = await sealer.seal(text, place);
      for (const more of ["A", "AA", "AAA", "AAAA"])
        expect(await sealer.open(sealed + more, place)).toEqual({ ok: false, error: "sealed" });
    }
  });

  it("knows what its first key has sealed, not one whose id begins alike", async () => {
    const [a, ab] = [keyOf("a", 1), keyOf("ab", 2)];
    const sealed = await createSealer([ab]).seal("x", place);
    expect(createSealer([ab, a]).isCurrent(sealed)).toBe(true);
    expect(createSealer([a, ab]).isCurrent(sealed)).toBe(false);
    expect(createSealer([ab]).isCurrent(`x${sealed}`)).toBe(false);
  });

  it("keeps secrets of its own: what is done to the caller's bytes afterwards changes nothing", async () => {
    const secret = new Uint8Array(32).fill(1);
    const sealer = createSealer([{ id: "one", secret }], nodeCipher);
    secret.fill(0);
    expect(openedBy(one, await sealer.seal("x", place), place.scope, place.at)).toBe("x");
  });

  it("derives a key once for what it has used lately, and keeps no more than so many", async () => {
    let derived = 0;
    const counting: Cipher = (secret, salt) => {
      const master = nodeCipher(secret, salt);
      return (info) => {
        derived++;
        return master(info);
      };
    };
    const sealer = createSealer([one], counting);
    const seal = (i: number) => sealer.seal("", { scope: ["session", String(i)], at: [] });
    for (const _ of [1, 2]) for (let i = 0; i < sealingKeysMax; i++) await seal(i);
    expect(derived).toBe(sealingKeysMax);
    // The first is the newest now, and the second the oldest.
    await seal(0);
    await seal(sealingKeysMax);
    expect(derived).toBe(sealingKeysMax + 1);
    await seal(0);
    expect(derived).toBe(sealingKeysMax + 1);
    await seal(1);
    expect(derived).toBe(sealingKeysMax + 2);
  });

  it("is made of 1 to 32 keys with ids and secrets that are some", () => {
    const many = (count: number): StoreKey[] => Array.from({ length: count }, (_, i) => keyOf(`k${i}`, i));
    expect(() => createSealer(many(storeKeysMax))).not.toThrow();
    for (const keys of [[], many(storeKeysMax + 1), "keys", undefined, {}])
      expect(() => createSealer(keys as never)).toThrow("1 to 32 keys are needed to seal what a store keeps");
    for (const id of ["a", "A-z_0", "x".repeat(32)]) expect(() => createSealer([keyOf(id, 1)])).not.toThrow();
    const wrong = "a key of a store has an `id` of 1 to 32 letters, digits, `_` and `-`, and a `secret` of 32 bytes";
    for (const id of ["", "x".repeat(33), "a.b", "a ", " a", "é", 7, undefined])
      expect(() => createSealer([one, { ...two, id: id as string }])).toThrow(wrong);
    for (const secret of [new Uint8Array(31), new Uint8Array(33), Array(32).fill(1), "x".repeat(32), undefined])
      expect(() => createSealer([{ id: "a", secret: secret as never }])).toThrow(wrong);
    expect(() => createSealer([one, keyOf("one", 3)])).toThrow("two keys of a store have one id");
  });
});

describe("keys as they are written", () => {
  const secret = (byte: number): string => Buffer.alloc(32, byte).toString("base64url");

  it("are separated by commas and line ends, as many as there are", () => {
    const id = "x".repeat(32);
    const read = readStoreKeys(`\n,a=${secret(1)}\r\n\r\n${id}=${secret(255)},,b-_9=${secret(0)},`);
    expect(read).toEqual([keyOf("a", 1), keyOf(id, 255), keyOf("b-_9", 0)]);
    expect(readStoreKeys("")).toEqual([]);
    const bytes = Uint8Array.from({ length: 32 }, (_, i) => (i * 37 + 5) % 256);
    expect(readStoreKeys(`k=${Buffer.from(bytes).toString("base64url")}`)).toEqual([{ id: "k", secret: bytes }]);
  });

  it("are counted in the error, which says what is needed", () => {
    const wrong = "key 2 of the store: ID=SECRET is needed, the secret being 32 bytes in base64url (43 characters)";
    for (const text of [
      "b",
      "b=",
      `=${secret(1)}`,
      `${"x".repeat(33)}=${secret(1)}`,
      ` b=${secret(1)}`,
      `b=${secret(1)} `,
      `b=${secret(1).slice(0, -1)}B`,
    ])
      expect(() => readStoreKeys(`a=${secret(1)},${text}`), text).toThrow(wrong);
  });
});

type Told = readonly [name: string, ...args: readonly unknown[]];

/** A store that notes what it is told. */
function watched(): { readonly store: Store; readonly told: Told[] } {
  const told: Told[] = [];
  const watch = ([name, method]: [string, unknown]): [string, unknown] => [
    name,
    (...args: unknown[]) => {
      told.push([name, ...args]);
      return (method as (...args: unknown[]) => unknown)(...args);
    },
  ];
  const store = Object.fromEntries(Object.entries(createMemoryStore({ journal: true })).map(watch)) as unknown as Store;
  return { store, told };
}

const settled = (value: string): Entry => ({ event: { type: "settle", at: 5, run: 0, ok: true, value, valid: true } });

describe("what a store gets to see", () => {
  it("is a time and whether the session closes; the rest opens by the description alone, at its place", async () => {
    const { store, told } = watched();
    const encrypted = encryptedStore(store, { keys: [one] });
    await encrypted.create(headerOf("s"), opening(headerOf("s")));
    const facts = { why: "x" };
    const entries: Entry[] = [{ ...allowed(0, 3), facts }, settled("v"), { event: { type: "close", at: 9 } }];
    const records = [{ kind: "grant", id: "g", version: 4, value: { a: 1 } }];
    await encrypted.commit("s", 1, { entries, records });
    await encrypted.writeRecord({ kind: "grant", id: "h", version: 0, value: { lifted: true, b: 2 } });
    await encrypted.writeRecord({ kind: "grant", id: "i", version: 0, value: { lifted: "true" } });
    await encrypted.saveDocument("catalogue", "sha256:00", "text");
    const [create, commit, lifted, unlifted, document] = told;
    type Seen = { readonly event: { readonly type: string; readonly at: number; readonly sealed: string } };
    const seen = [create?.[2], ...((commit?.[3] as { readonly entries: Seen[] } | undefined)?.entries ?? [])] as Seen[];
    expect(seen.map(({ event: { sealed: _, ...rest }, ...beside }) => ({ rest, beside }))).toEqual([
      { rest: { type: "sealed", at: 1_000 }, beside: {} },
      { rest: { type: "sealed", at: 3 }, beside: {} },
      { rest: { type: "sealed", at: 5 }, beside: {} },
      { rest: { type: "close", at: 9 }, beside: {} },
    ]);
    const columns = seen.map(({ event: { type, at, sealed } }, i) =>
      openedBy(one, sealed, ["session", "s"], ["event", "s", i, at, type === "close"]),
    );
    const { value: _, ...rest } = settled("v").event as { readonly value: Json };
    expect(columns.slice(1)).toEqual([
      `${canonicalJson(allowed(0, 3).event as unknown as Json)}\n\n{"why":"x"}`,
      `${canonicalJson(rest as Json)}\n"v"\n`,
      `{"at":9,"type":"close"}\n\n`,
    ]);
    const valueIn = (write: unknown) => (write as { readonly value: { readonly sealed: string } }).value;
    const [written] = (commit?.[3] as { readonly records: unknown[] } | undefined)?.records ?? [];
    expect(openedBy(one, valueIn(written).sealed, ["record", "grant", "g"], ["record", "grant", "g", 5, false])).toBe('{"a":1}');
    expect(valueIn(lifted?.[1])).toEqual({ sealed: expect.any(String), lifted: true });
    expect(openedBy(one, valueIn(lifted?.[1]).sealed, ["record", "grant", "h"], ["record", "grant", "h", 1, true])).toBe(
      '{"b":2,"lifted":true}',
    );
    expect(Object.keys(valueIn(unlifted?.[1]))).toEqual(["sealed"]);
    const path = ["document", "catalogue", "sha256:00"];
    expect(document?.slice(0, 3)).toEqual(["saveDocument", "catalogue", "sha256:00"]);
    expect(openedBy(one, document?.[3] as string, path, path)).toBe('"text"');
  });

  it("is two texts where one result is too long for one, and only then", async () => {
    const { store, told } = watched();
    const encrypted = encryptedStore(store, { keys: [one] });
    await encrypted.create(headerOf("s"), opening(headerOf("s")));
    const long = "x".repeat(10 * 1024 * 1024);
    const denied: Entry = { event: { type: "deny", at: 1, code: "CALL_REPEATED", tool: "a/b" }, facts: { long } };
    const entries = [settled(long), settled("short"), denied];
    expect((await encrypted.commit("s", 1, { entries })).ok).toBe(true);
    const change = told.at(-1)?.[3] as { readonly entries: { readonly event: object }[] };
    expect(change.entries.map(({ event }) => Object.keys(event).sort().join())).toEqual([
      "at,sealed,type,value",
      "at,sealed,type",
      "at,sealed,type",
    ]);
    const {
      type,
      sealed = "",
      value = "",
    } = (change.entries[0]?.event ?? {}) as { type?: string; sealed?: string; value?: string };
    expect([type, sealed.length]).toEqual(["settle", 12 * 1024 * 1024]);
    expect(value.length).toBeLessThan(12 * 1024 * 1024);
    const loaded = await encrypted.load("s", 1);
    expect(
      loaded.ok && loaded.value.entries.every((entry, i) => canonicalJson(entry as never) === canonicalJson(entries[i] as never)),
    ).toBe(true);
  });
});

describe("an event that is sealed and yet none", () => {
  const refused = { ok: false, error: { kind: "unavailable", detail: "plain" } };

  it.each([{ at: "5" }, { value: 7 }, { sealed: 7 }, { sealed: undefined, at: 1, value: 7 }])(
    "is refused with %j, and read as it lies there only if it has no seal at all",
    async (change) => {
      const inner = createMemoryStore();
      const encrypted = encryptedStore(inner, { keys: [one] });
      await encrypted.create(headerOf("s"), opening(headerOf("s")));
      const lying: Store = {
        ...inner,
        load: async (session, since) => {
          const loaded = await inner.load(session, since);
          if (!loaded.ok) return loaded;
          const entries = loaded.value.entries.map(({ event }) => ({ event: { ...event, ...change } }) as unknown as Entry);
          return { ok: true, value: { ...loaded.value, entries } };
        },
      };
      expect(await encryptedStore(lying, { keys: [one] }).load("s", 0)).toEqual(refused);
      const lenient = await encryptedStore(lying, { keys: [one], plain: "read" }).load("s", 0);
      expect(lenient.ok).toBe("sealed" in change && change.sealed === undefined);
    },
  );

  it("fails as the store does: every method hands on what the store said", async () => {
    const down = { ok: false, error: { kind: "unavailable", detail: "down" } } as const;
    const store = Object.fromEntries(
      Object.keys(createMemoryStore()).map((name) => [name, async () => down]),
    ) as unknown as Store;
    const encrypted = encryptedStore(store, { keys: [one] });
    expect(await encrypted.load("s", 0)).toEqual(down);
    expect(await encrypted.loadDocument("plan", "d")).toEqual(down);
    expect(await encrypted.record("k", "a")).toEqual(down);
    expect(await encrypted.records("k", { limit: 1 })).toEqual(down);
    expect(await encrypted.journal({ limit: 1 })).toEqual(down);
    await expect(openEncrypted(store, { keys: [one] })).rejects.toThrow("the store does not answer");
    await expect(openEncrypted(store, undefined)).rejects.toThrow("the store does not answer");
  });
});

describe("the mark of an encrypted store", () => {
  const versionOf = async (store: Store): Promise<unknown> => {
    const found = await store.record("encryption", "store");
    return found.ok && found.value?.version;
  };

  it("is written once for each first key, and not again when it is opened as before", async () => {
    const inner = createMemoryStore();
    for (const [keys, version] of [
      [[one], 1],
      [[one], 1],
      [[one, two], 1],
      [[two, one], 2],
      [[two], 2],
      [[one, two], 3],
    ] as const) {
      await openEncrypted(inner, { keys });
      expect(await versionOf(inner)).toBe(version);
    }
  });

  it("is not put on a store in which anything lies already: a session, a plan or a catalogue", async () => {
    const begun: readonly ((store: Store) => Promise<unknown>)[] = [
      (store) => store.create(headerOf("s"), opening(headerOf("s"))),
      (store) => store.saveDocument("plan", "d", "{}"),
      (store) => store.saveDocument("catalogue", "d", "{}"),
    ];
    for (const begin of begun) {
      const inner = createMemoryStore();
      await begin(inner);
      await expect(openEncrypted(inner, { keys: [one] })).rejects.toThrow(
        'the store was begun without keys, and what it keeps is not encrypted: begin a new one, or let what is there be read (`plain: "read"`, SLUICE_STORE_PLAIN=read)',
      );
      expect(await versionOf(inner)).toBe(undefined);
      await openEncrypted(inner, { keys: [one], plain: "read" });
      expect(await versionOf(inner)).toBe(1);
    }
  });
});
