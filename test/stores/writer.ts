/**
 * A process that takes from a shared budget until it is told that nothing is left, or is killed.
 * Arguments: file, name, attempts, max. Prints one line for each grant, after the store has answered.
 */
import { writeSync } from "node:fs";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import { allowed, headerOf, opening } from "./session-fixture.ts";

const [file = "", name = "", attempts = "0", max = "0"] = process.argv.slice(2);
const store = openSqliteStore(file, { survives: "process", busyMs: 20_000 });
const header = headerOf(name, { conversation: "shared" });
const created = await store.create(header, opening(header));
if (!created.ok) throw new Error(created.error.kind);
let version = 1;
for (let run = 0; run < Number(attempts); run++) {
  const take = { counter: "c", run, amount: 1, max: Number(max), at: run };
  const windowed = { ...take, counter: "w", windowMs: 1e12 };
  const context = { sources: [`${name}-${run % 3}`], readers: null };
  const result = await store.commit(name, version, {
    entries: [allowed(version - 1), allowed(version)],
    context,
    takes: [take, windowed],
  });
  if (result.ok) {
    version = result.value;
    writeSync(1, `granted ${run}\n`);
  } else if (result.error.kind !== "budget") {
    writeSync(1, `failed ${result.error.kind}\n`);
  }
}
store.close();
