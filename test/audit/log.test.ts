import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import { openJsonlAuditLog } from "../../src/audit/jsonl.ts";
import { openSqliteAuditLog } from "../../src/audit/sqlite/open.ts";
import { auditLogContract, type LogPlace } from "./log-contract.ts";

function inFolder(open: (folder: string) => ReturnType<LogPlace["open"]>): () => Promise<LogPlace> {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-audit-"));
    return { open: () => open(folder), remove: async () => rmSync(folder, { recursive: true }) };
  };
}

describe("an audit log in SQLite", () => {
  auditLogContract(inFolder(async (folder) => openSqliteAuditLog(join(folder, "audit.db"))));
});

describe("an audit log in files of lines", () => {
  auditLogContract(
    inFolder((folder) => openJsonlAuditLog(folder)),
    { isShared: false },
  );
});

describe("an audit log in many small files of lines", () => {
  auditLogContract(
    inFolder((folder) => openJsonlAuditLog(folder, { fileBytes: 300 })),
    { runs: 50, isShared: false },
  );
});
