/**
 * `sluice audit signals` as a process, over logs of made-up histories.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openJsonlAuditLog } from "../../src/audit/jsonl.ts";
import { type AuditRecord, recordText } from "../../src/audit/record.ts";
import { openSqliteAuditLog } from "../../src/audit/sqlite/open.ts";
import type { Signal } from "../../src/signals/signal.ts";
import { must } from "../audit/fixture.ts";
import { sessions, signalsOf } from "../signals/fixture.ts";
import { openFolder, sluice } from "./cli-process.ts";

const folder = openFolder();
const [audit, lines] = [join(folder.path, "audit.db"), join(folder.path, "audit.jsonl")];
const history = sessions(240, (i, base) =>
  i === 150 || i === 230 ? [{ ...base, kind: "deny", code: "FLOW_SINK_DENIED", tool: `bank/${i}` }] : [],
);
const expected = signalsOf(history);
/** Up to session 200. */
const half = history.findIndex(({ session }) => session === "session-200");

async function append(path: string, records: readonly AuditRecord[]): Promise<void> {
  const log = path === audit ? openSqliteAuditLog(path) : await openJsonlAuditLog(path);
  must(await log.append({ first: records[0]?.seq ?? 0, records: records.map(recordText), openings: [] }));
  await log.close();
}

beforeAll(async () => {
  await append(audit, history);
  await append(lines, history.slice(0, half));
});
afterAll(() => folder.remove());

describe("sluice audit signals", () => {
  it("prints each signal with its numbers, and says that it blocks nothing", async () => {
    const { status, stdout } = await sluice(["audit", "signals", audit]);
    expect(status).toBe(0);
    expect(stdout).toContain(
      "new-denial\n  plan plan-a: first denial FLOW_SINK_DENIED at bank/150, after 150 sessions without it\n",
    );
    expect(stdout).toMatch(/ {2}record \d+; by chance 0\.0066, of \d+ looks a day [\d.]+\n/);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe(
      `${expected.length} signals in ${history.length} records; advice alone: nothing was blocked by this`,
    );
  });

  it("prints JSON, a signal a line, those from a time on alone if asked", async () => {
    const all = await sluice(["audit", "signals", audit, "--json"]);
    expect(
      all.stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Signal),
    ).toEqual(expected);
    const since = new Date((history[half]?.at ?? 0) + 1).toISOString();
    const late = await sluice(["audit", "signals", audit, "--json", "--since", since]);
    const after = expected.filter(({ at }) => at >= Date.parse(since));
    expect(after.length).toBeLessThan(expected.length);
    expect(
      late.stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Signal),
    ).toEqual(after);
  });

  it("goes on from a saved state with what is new, and refuses the state of another log", async () => {
    const state = join(folder.path, "signals.state");
    const first = await sluice(["audit", "signals", lines, "--state", state, "--json"]);
    await append(lines, history.slice(half));
    const second = await sluice(["audit", "signals", lines, "--state", state, "--json"]);
    expect(
      `${first.stdout}${second.stdout}`
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Signal),
    ).toEqual(expected);
    expect(second.stdout).not.toBe("");
    const third = await sluice(["audit", "signals", lines, "--state", state]);
    expect(third.stdout).toBe("0 signals in 0 records; advice alone: nothing was blocked by this\n");
    const text = readFileSync(state, "utf8");
    for (const [bad, says] of [
      [text.replace(/"log":"[0-9a-f]{64}"/, `"log":"${"0".repeat(64)}"`), "it is of another log"],
      ["no state", "expected a state of signals"],
    ] as const) {
      writeFileSync(state, bad);
      const refused = await sluice(["audit", "signals", lines, "--state", state]);
      expect([refused.status, refused.stdout]).toEqual([2, ""]);
      expect(refused.stderr.trimEnd().split("\n").length).toBe(1);
      expect(refused.stderr).toContain(says);
      expect(readFileSync(state, "utf8")).toBe(bad);
    }
  });

  it("ends with one line where there is no log, a record is missing, or an option is none", async () => {
    const torn = join(folder.path, "torn.jsonl");
    await append(torn, history.slice(0, 20));
    const file = join(torn, "records-000000000000000.jsonl");
    writeFileSync(file, readFileSync(file, "utf8").split("\n").toSpliced(5, 1).join("\n"));
    const none = join(folder.path, "none.db");
    for (const [args, says] of [
      [[none], "there is no such audit log"],
      [[torn], "record 5 is not there or cannot be read: `sluice audit verify` says more"],
      [[audit, "--since", "yesterday"], "--since: a time is needed"],
      [[audit, "--false-per-day", "2"], "--false-per-day: a number above 0 and at most 1"],
    ] as const) {
      const { status, stdout, stderr } = await sluice(["audit", "signals", ...args]);
      expect([status, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(says);
    }
    expect(existsSync(none)).toBe(false);
  });

  it("says nothing of an empty log", async () => {
    const empty = join(folder.path, "empty.jsonl");
    await (await openJsonlAuditLog(empty)).close();
    const { status, stdout } = await sluice(["audit", "signals", empty, "--state", join(folder.path, "empty.state")]);
    expect([status, stdout]).toEqual([0, "0 signals in 0 records; advice alone: nothing was blocked by this\n"]);
  });
});
