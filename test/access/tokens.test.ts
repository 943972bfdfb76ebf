/**
 * Local tokens: their form, what the store keeps of them, when they hold, and that a revoked one is refused everywhere.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mintCredential, readCredential } from "../../src/access/credential-text.ts";
import { createTokens, tokenPrefix } from "../../src/access/tokens.ts";
import { err } from "../../src/result.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Store } from "../../src/stores/store.ts";
import { systemRandom } from "../../src/surfaces/random.ts";

const day = 86_400_000;

function makeWorld(store: Store = createMemoryStore()) {
  let now = 1_800_000_000_000;
  const clock = (): number => now;
  const tokens = createTokens({ store, clock, random: systemRandom });
  const other = createTokens({ store, clock, random: systemRandom });
  const wait = (ms: number): void => {
    now += ms;
  };
  return { store, tokens, other, clock, wait };
}

async function made(world: ReturnType<typeof makeWorld>, days = 90): Promise<{ readonly token: string; readonly id: string }> {
  const result = await world.tokens.make({ name: "ada", role: "approver", days, by: "host" });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return { token: result.value.token, id: result.value.info.id };
}

/** What `writeRecord` beside a request has written by then. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe("the text of a token", () => {
  it("has the form that scanners look for, and 256 bits that differ each time", () => {
    const texts = Array.from({ length: 200 }, () => mintCredential(tokenPrefix, systemRandom).text);
    for (const text of texts) expect(text).toMatch(/^sluice_pat_[0-9A-Za-z]{60}$/);
    expect(new Set(texts.map((text) => text.slice(-49, -6))).size).toBe(200);
  });

  it("carries every bit of its randomness: bytes that differ make texts that differ", () => {
    const ofBytes = (bytes: Uint8Array): string => {
      let at = 0;
      const random = (count: number): Uint8Array => {
        at += count;
        return bytes.slice(at - count, at);
      };
      return mintCredential(tokenPrefix, random).text;
    };
    const bytes = fc.uint8Array({ minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(bytes, fc.nat(39), fc.integer({ min: 1, max: 255 }), (some, at, change) => {
        const others = some.map((byte, i) => (i === at ? byte ^ change : byte));
        expect(ofBytes(some)).not.toBe(ofBytes(others));
        expect(readCredential(tokenPrefix, ofBytes(some))?.text).toBe(ofBytes(some));
      }),
    );
  });

  it("is not read if any one character is another, or two have changed places", () => {
    const { text } = mintCredential(tokenPrefix, systemRandom);
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === "x" ? "y" : "x";
      expect(readCredential(tokenPrefix, text.slice(0, at) + other + text.slice(at + 1)), String(at)).toBeUndefined();
      const swapped = `${text.slice(0, at)}${text[at + 1] ?? ""}${text[at] ?? ""}${text.slice(at + 2)}`;
      if (swapped !== text) expect(readCredential(tokenPrefix, swapped), String(at)).toBeUndefined();
    }
  });
});

describe("a local token", () => {
  it("is its holder's until it expires, and nobody's after", async () => {
    const world = makeWorld();
    const { token } = await made(world, 2);
    expect(await world.other.verify(token)).toMatchObject({ ok: true, value: { name: "ada", role: "approver" } });
    world.wait(2 * day - 1);
    expect(await world.other.verify(token)).toMatchObject({ ok: true, value: { name: "ada" } });
    world.wait(1);
    expect(await world.other.verify(token)).toEqual({ ok: true, value: undefined });
  });

  it("is in the store as a digest alone", async () => {
    const world = makeWorld();
    const { token, id } = await made(world);
    const record = await world.store.record("access-token", id);
    const text = JSON.stringify(record);
    expect(text).toContain("sha256:");
    expect(text).not.toContain(token.slice(22, 65));
    expect(JSON.stringify(await world.tokens.list())).not.toContain("sha256:");
  });

  it("is refused at once where it was revoked, within a second elsewhere, and never again", async () => {
    const world = makeWorld();
    const { token, id } = await made(world);
    expect(await world.other.verify(token)).toMatchObject({ value: { id } });
    expect(await world.tokens.revoke(id, "root")).toMatchObject({ ok: true, value: { revokedBy: "root" } });
    expect(await world.tokens.verify(token)).toEqual({ ok: true, value: undefined });
    world.wait(1_000);
    expect(await world.other.verify(token)).toEqual({ ok: true, value: undefined });
    await settled();
    world.wait(day);
    expect(await world.other.verify(token)).toEqual({ ok: true, value: undefined });
    expect(await world.other.revoke(id, "somebody else")).toMatchObject({ value: { revokedBy: "root" } });
  });

  it("keeps the hour of its last use, and a use beside a revocation does not undo it", async () => {
    const world = makeWorld();
    const { token, id } = await made(world);
    await world.tokens.verify(token);
    await settled();
    const listed = await world.tokens.list();
    const used = listed.ok ? listed.value[0]?.usedAt : undefined;
    expect(used).toBe(world.clock() - (world.clock() % 3_600_000));
    world.wait(2 * 3_600_000);
    // The other process has read the record as it was; here it is revoked before that one writes when it was used.
    const [, revoked] = await Promise.all([world.other.verify(token), world.tokens.revoke(id, "root")]);
    expect(revoked.ok).toBe(true);
    await settled();
    world.wait(1_000);
    expect(await world.other.verify(token)).toEqual({ ok: true, value: undefined });
  });

  it("cannot be made of another's id: the secret decides", async () => {
    const world = makeWorld();
    const first = await made(world);
    // The same id and another secret, spelled right.
    let call = 0;
    const forged = mintCredential(tokenPrefix, (bytes) => new Uint8Array(bytes).fill(call++ === 0 ? 7 : 9));
    const known = mintCredential(tokenPrefix, (bytes) => new Uint8Array(bytes).fill(7));
    expect(forged.id).toBe(known.id);
    const record = await world.store.record("access-token", first.id);
    if (!record.ok || record.value === undefined) throw new Error("no record");
    await world.store.writeRecord({ ...record.value, id: forged.id, version: 0 });
    expect(await world.tokens.verify(forged.text)).toEqual({ ok: true, value: undefined });
  });

  it.each([
    [{ name: "a b" }, "name"],
    [{ name: "oidc:eve" }, "name"],
    [{ name: "host" }, "name"],
    [{ name: "" }, "name"],
    [{ role: "owner" as "viewer" }, "role"],
    [{ days: 0 }, "days"],
    [{ days: 367 }, "days"],
    [{ days: 1.5 }, "days"],
  ])("is not made of %j", async (over, member) => {
    const world = makeWorld();
    const wanted = { name: "ada", role: "viewer", by: "host", ...over } as const;
    expect(await world.tokens.make(wanted)).toMatchObject({ ok: false, error: { kind: "invalid", member } });
  });

  it("is noted once it is sure to be made or revoked, and neither without the note", async () => {
    const world = makeWorld();
    const notes: string[] = [];
    const noting =
      (what: string, isKept = true) =>
      async (): Promise<boolean> => {
        notes.push(what);
        return isKept;
      };
    const wanted = { name: "ada", role: "viewer", by: "host" } as const;
    expect(await world.tokens.make({ ...wanted, days: 0 }, noting("no days"))).toMatchObject({ ok: false });
    expect(await world.tokens.revoke("nothing", "host", noting("no token"))).toEqual(err({ kind: "unknown" }));
    expect(notes).toEqual([]);
    expect(await world.tokens.make(wanted, noting("lost", false))).toEqual(err({ kind: "unavailable" }));
    expect(await world.tokens.list()).toEqual({ ok: true, value: [] });
    const { token, id } = await made(world);
    expect(await world.tokens.revoke(id, "host", noting("lost too", false))).toEqual(err({ kind: "unavailable" }));
    expect(await world.tokens.verify(token)).toMatchObject({ ok: true, value: { name: "ada" } });
    for (const time of ["first", "second"]) await world.tokens.revoke(id, "host", noting(time));
    expect(notes).toEqual(["lost", "lost too", "first"]);
  });

  it("is nobody's while the store does not answer, whatever was known before", async () => {
    const store = createMemoryStore();
    let isDown = false;
    const record: Store["record"] = async (kind, id) => (isDown ? err({ kind: "unavailable" }) : store.record(kind, id));
    const world = makeWorld({ ...store, record });
    const { token } = await made(world);
    expect(await world.tokens.verify(token)).toMatchObject({ ok: true, value: { name: "ada" } });
    isDown = true;
    world.wait(1_000);
    expect(await world.tokens.verify(token)).toEqual({ ok: false, error: { kind: "unavailable" } });
  });
});
