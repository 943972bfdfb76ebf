/**
 * The store inside a Worker, asked from Node: every method is one request to the entry of `store-entry.ts`.
 */
import { isObject } from "../../src/json/value.ts";
import { err, ok, type Result } from "../../src/result.ts";
import type { Store, StoreFailure } from "../../src/stores/store.ts";
import { messageOf, readMessageOf } from "./message.ts";

const methods = [
  ..."create load commit contextOf list expire saveDocument loadDocument listDocuments record records writeRecord".split(" "),
  ..."forgetRecords labelsOf note journal trimJournal".split(" "),
] as readonly (keyof Store)[];

/** The store of a tenant in the Worker at `url`. A Worker that does not answer is `unavailable`, as it would be for a process. */
export function remoteStore(url: URL, tenant: string, { journal = false } = {}): Store {
  const call =
    (method: string) =>
    async (...args: readonly unknown[]): Promise<Result<unknown, StoreFailure>> => {
      try {
        const response = await fetch(url, { method: "POST", body: messageOf({ tenant, journal, method, args }) });
        const answer = readMessageOf(await response.text());
        if (!response.ok || !isObject(answer)) return err({ kind: "unavailable", detail: "worker" });
        return answer.ok === true ? ok(answer.value) : err(answer.error as unknown as StoreFailure);
      } catch {
        return err({ kind: "unavailable", detail: "worker" });
      }
    };
  return Object.fromEntries(methods.map((method) => [method, call(method)])) as unknown as Store;
}
