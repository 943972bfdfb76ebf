/**
 * What every store must do with records and with labels of resources: the second half of the contract.
 */
import { describe, expect, it } from "vitest";
import type { Change, Entry, JournalOption, SessionHeader, Store } from "../../src/stores/store.ts";
import { allowed, headerOf, opening } from "./session-fixture.ts";

const denied: Entry = { event: { type: "deny", at: 1, code: "CALL_REPEATED", tool: "a/b" } };

function taking(amount: number): Change {
  return { entries: [allowed(0)], takes: [{ counter: "c", run: 0, amount, max: 10, at: 1_000 }] };
}

async function opened(store: Store, ...headers: readonly SessionHeader[]): Promise<void> {
  for (const header of headers) await store.create(header, opening(header));
}

const conflict = { ok: false, error: { kind: "conflict" } };

/** A store that a test has made. */
export type TestedStore = Store & { close?(): Promise<void> | void };

/** Makes an empty store, with a journal if it is asked for one. */
export type MakeStore = (options?: JournalOption) => TestedStore | Promise<TestedStore>;

/** Runs the contract of records. */
export function recordContract(name: string, make: MakeStore): void {
  describe(`${name}: records`, () => {
    it("are written at the version that the writer knows, and nowhere else", async () => {
      const store = await make();
      const write = (version: number, value: number) => store.writeRecord({ kind: "k", id: "a", version, value: { value } });
      expect(await store.record("k", "a")).toEqual({ ok: true, value: undefined });
      expect(await write(1, 0)).toEqual(conflict);
      expect(await write(0, 1)).toEqual({ ok: true, value: 1 });
      expect(await write(0, 2)).toEqual(conflict);
      expect(await write(1, 3)).toEqual({ ok: true, value: 2 });
      expect(await write(1, 4)).toEqual(conflict);
      expect(await store.record("k", "a")).toEqual({ ok: true, value: { kind: "k", id: "a", version: 2, value: { value: 3 } } });
      expect(await store.record("j", "a")).toEqual({ ok: true, value: undefined });
    });

    it("let one of many writers at once win", async () => {
      const store = await make();
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => store.writeRecord({ kind: "k", id: "a", version: 0, value: { i } })),
      );
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    });

    it("are written with the events of a change, or with none of it", async () => {
      const store = await make();
      await opened(store, headerOf("s"));
      const record = { kind: "k", id: "a", version: 0, value: {} };
      const context = { sources: ["web"], readers: null };
      const resources = [{ key: "r", label: context }];
      expect(await store.commit("s", 7, { entries: [denied], records: [record] })).toEqual(conflict);
      expect(await store.commit("s", 1, { ...taking(11), records: [record] })).toMatchObject({ error: { kind: "budget" } });
      const later = { ...record, version: 1 };
      const refused = { ...taking(10), records: [record, later, later], context, resources };
      expect(await store.commit("s", 1, refused)).toEqual(conflict);
      expect(await store.record("k", "a")).toEqual({ ok: true, value: undefined });
      expect(await store.contextOf("s")).toEqual({ ok: true, value: undefined });
      expect(await store.labelsOf({ keys: ["r"], prefixes: [] })).toEqual({ ok: true, value: undefined });
      const change = { ...taking(10), records: [record, later] };
      expect(await store.commit("s", 1, change)).toEqual({ ok: true, value: 2 });
      expect(await store.record("k", "a")).toMatchObject({ ok: true, value: { version: 2 } });
    });

    it("are looked at before the budgets: of a conflict and a budget that is spent, the conflict is answered", async () => {
      const store = await make();
      await opened(store, headerOf("s"));
      const record = { kind: "k", id: "a", version: 1, value: {} };
      expect(await store.commit("s", 1, { ...taking(11), records: [record] })).toEqual(conflict);
      expect(await store.commit("s", 7, taking(11))).toEqual(conflict);
    });

    it("are listed in ascending order of their ids, whatever their names, page by page", async () => {
      const store = await make();
      const ids = [
        "",
        " ",
        "!",
        "~",
        "a",
        "a\u0000",
        "a b",
        "ab",
        "aé",
        "a\uffff",
        "a\u{1f600}",
        "\u{1f600}",
        "B",
        '"',
        "}",
        "|",
      ];
      for (const id of ids) await store.writeRecord({ kind: "k", id, version: 0, value: { id } });
      await store.writeRecord({ kind: "j", id: "a", version: 0, value: {} });
      const list = async (page: Parameters<Store["records"]>[1]): Promise<readonly string[]> => {
        const found = await store.records("k", page);
        if (found.ok) for (const { id, value } of found.value) expect(value).toEqual({ id });
        return found.ok ? found.value.map(({ id }) => id) : [];
      };
      const sorted = [...ids].sort();
      expect(await list({ limit: 99 })).toEqual(sorted);
      expect(await list({ limit: 99, prefix: "a" })).toEqual(sorted.filter((id) => id.startsWith("a")));
      const paged: string[] = [];
      for (let page = await list({ limit: 3 }); page.length > 0; page = await list({ limit: 3, after: page.at(-1) ?? "" }))
        paged.push(...page);
      expect(paged).toEqual(sorted);
      expect(await list({ limit: 2, prefix: "a", after: "a b" })).toEqual(["ab", "aé"]);
      expect(await list({ limit: 1, prefix: "a", after: "0" })).toEqual(["a"]);
    });

    it("are forgotten before an id, the first of them first, and may be written anew", async () => {
      const store = await make();
      const ids = ["", "1", "2", "2\u0000", "20", "3", "\u{1f600}", "\uffff"];
      for (const id of [...ids].reverse()) await store.writeRecord({ kind: "k", id, version: 0, value: {} });
      await store.writeRecord({ kind: "j", id: "1", version: 0, value: {} });
      const left = async (kind = "k"): Promise<unknown> => {
        const found = await store.records(kind, { limit: 99 });
        return found.ok && found.value.map(({ id }) => id);
      };
      expect(await store.forgetRecords("k", "20", 2)).toEqual({ ok: true, value: 2 });
      expect(await left()).toEqual(ids.slice(2));
      expect(await store.forgetRecords("k", "20", 9)).toEqual({ ok: true, value: 2 });
      expect(await store.forgetRecords("k", "20", 9)).toEqual({ ok: true, value: 0 });
      expect(await store.forgetRecords("k", "", 9)).toEqual({ ok: true, value: 0 });
      expect(await left()).toEqual(ids.slice(4));
      expect(await store.writeRecord({ kind: "k", id: "1", version: 1, value: {} })).toEqual(conflict);
      expect(await store.writeRecord({ kind: "k", id: "1", version: 0, value: {} })).toEqual({ ok: true, value: 1 });
      expect(await store.forgetRecords("k", "\uffff", 9)).toEqual({ ok: true, value: 4 });
      expect(await left()).toEqual(["\uffff"]);
      expect(await left("j")).toEqual(["1"]);
    });

    it("of kind `revocation` show in every session that they name, until they are lifted", async () => {
      const store = await make();
      await opened(store, headerOf("s"), headerOf("t", { plan: "sha256:01", principal: "bob" }));
      const revoked = async (id: string): Promise<unknown> => {
        const loaded = await store.load(id, 9);
        return loaded.ok && loaded.value.revoked;
      };
      const write = (id: string, version: number, value = {}) => store.writeRecord({ kind: "revocation", id, version, value });
      for (const [id, part] of [
        ["principal:ada", "principal"],
        ["session:s", "session"],
        ["plan:sha256:00", "plan"],
      ] as const) {
        await write(id, 0);
        expect(await revoked("s")).toBe(part);
      }
      expect(await revoked("t")).toBe(undefined);
      for (const id of ["plan:sha256:00", "session:s"]) await write(id, 1, { lifted: true });
      expect(await revoked("s")).toBe("principal");
      await write("principal:ada", 1, { lifted: true });
      expect(await revoked("s")).toBe(undefined);
      await write("principal:ada", 2, { lifted: "true" });
      expect(await revoked("s")).toBe("principal");
    });
  });
}

/** Runs the contract of labels of resources. */
export function resourceContract(name: string, make: MakeStore): void {
  describe(`${name}: labels of resources`, () => {
    const label = (...sources: string[]) => ({ sources, readers: null });

    it("only rise, stay when their session is forgotten, and are found by key and by prefix", async () => {
      const store = await make();
      await opened(store, headerOf("s"));
      const write = (version: number, key: string, ...sources: string[]) =>
        store.commit("s", version, { entries: [denied], resources: [{ key, label: label(...sources) }] });
      await write(1, "files|a", "web");
      await write(2, "files|a", "mail");
      await write(3, "files|b\u{10ffff}", "crm");
      await write(4, "files", "old");
      await write(5, "filesystem|a", "log");
      await store.expire(9_999, 9);
      const found = async (keys: readonly string[], prefixes: readonly string[]): Promise<unknown> => {
        const labels = await store.labelsOf({ keys, prefixes });
        return labels.ok && labels.value?.sources;
      };
      expect(await found(["files|a"], [])).toEqual(["mail", "web"]);
      expect(await found([], ["files|"])).toEqual(["crm", "mail", "web"]);
      expect(await found(["files"], ["files|b"])).toEqual(["crm", "old"]);
      expect(await found(["files|A", "files|a\u0000"], ["gi"])).toBe(undefined);
      expect(await found([], ["files|b\u{10ffff}"])).toEqual(["crm"]);
      expect(await found([], [""])).toEqual(["crm", "log", "mail", "old", "web"]);
    });

    it("keep what was untrusted where it was written, and the fewest readers", async () => {
      const store = await make();
      await opened(store, headerOf("s"));
      const first = { sources: ["a", "b"], readers: ["x", "y"], untrusted: ["b"] };
      const second = { sources: ["a"], readers: ["y"], untrusted: ["a"] };
      const resources = [first, second].map((each) => ({ key: "r", label: each }));
      await store.commit("s", 1, { entries: [denied], resources });
      const value = { sources: ["a", "b"], readers: ["y"], untrusted: ["a", "b"] };
      expect(await store.labelsOf({ keys: ["r"], prefixes: ["q"] })).toEqual({ ok: true, value });
    });
  });
}
