import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openAuditLog } from "../../src/cli/audit/log.ts";
import { openStore } from "../../src/cli/read/store-url.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-own-"));
afterAll(() => rmSync(folder, { recursive: true }));
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe("a file of SQLite that a command makes", () => {
  it("is this user's alone, and what lies beside it", async () => {
    const [store, log] = [join(folder, "store.db"), join(folder, "audit.db")];
    const opened = await openStore(store);
    const audit = await openAuditLog(log, { makes: true, place: "--audit" });
    for (const path of [store, log]) expect([modeOf(path), modeOf(`${path}-wal`)]).toEqual([0o600, 0o600]);
    await opened.close();
    await audit.close();
  });

  it("keeps the mode that somebody gave it", async () => {
    const path = join(folder, "shared.db");
    writeFileSync(path, "");
    chmodSync(path, 0o640);
    await (await openStore(path)).close();
    expect(modeOf(path)).toBe(0o640);
  });
});
