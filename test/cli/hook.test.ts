/**
 * `sluice hook` as a coding agent runs it: a process for each event, state in a SQLite file, exit codes that block.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { auditMarker } from "../../src/audit/marker.ts";
import { readJson } from "../../src/json/read.ts";
import { type Json, type JsonObject, member } from "../../src/json/value.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import { planFor } from "../surfaces/hook/agent.ts";
import { type Finished, openFolder, sluice } from "./cli-process.ts";

const folder = openFolder();
afterAll(() => folder.remove());

const plan = folder.write("agent.frozen.json", JSON.stringify(planFor("claude-code")));
const input = (event: string, tool: string, args: JsonObject, more: JsonObject = {}): string =>
  JSON.stringify({
    session_id: "a-1",
    transcript_path: "/t.jsonl",
    cwd: "/repo",
    permission_mode: "default",
    hook_event_name: event,
    tool_name: tool,
    tool_input: args,
    ...more,
  });

const hook = (store: string, stdin: string, ...more: readonly string[]): Promise<Finished> =>
  sluice(["hook", "--plan", plan, "--store", join(folder.path, store), ...more], { stdin });

function decision({ stdout }: Finished): Json | undefined {
  const read = readJson(stdout);
  return read.ok ? member(member(read.value, "hookSpecificOutput"), "permissionDecision") : undefined;
}

/** A Node that has no `node:sqlite`, as 20 has none. */
const withoutSqlite = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
    `import { registerHooks } from "node:module";
    registerHooks({ load(url, context, next) {
      if (url !== "node:sqlite") return next(url, context);
      throw Object.assign(new Error("No such built-in module: node:sqlite"), { code: "ERR_UNKNOWN_BUILTIN_MODULE" });
    } });`,
  )}`,
};

describe("a Node without SQLite", () => {
  it("blocks every call of a hook with exit 2, and says which Node it needs", async () => {
    const done = await sluice(["hook", "--plan", plan, "--store", join(folder.path, "no.db")], {
      stdin: input("PreToolUse", "Bash", {}, { tool_use_id: "t1" }),
      env: withoutSqlite,
    });
    expect(done.stdout + done.stderr).toContain("files of SQLite need Node 22.13 or newer, and this is Node");
    expect([done.status === 2 || decision(done) === "deny", existsSync(join(folder.path, "no.db"))]).toEqual([true, false]);
  });

  it("has all commands that need none, and one line for those that do", async () => {
    expect(await sluice(["--help"], { env: withoutSqlite })).toMatchObject({ status: 0, stderr: "" });
    const needing = [
      ["serve", "--plan", plan, "--port", "0", "--store", join(folder.path, "no.db")],
      ["store", "migrate", "--store", plan],
      ["audit", "verify", plan],
    ];
    for (const args of needing) {
      const { status, stderr } = await sluice(args, { env: withoutSqlite });
      expect([args[0], status, stderr]).toEqual([args[0], 2, expect.stringMatching(/^sluice: .*need Node 22\.13 or newer.*\n$/)]);
    }
  }, 60_000);
});

it("blocks with exit 2 where the hook cannot even be loaded", () => {
  const launcher = fileURLToPath(new URL("../../src/cli/sluice.mjs", import.meta.url));
  const broken = `import { registerHooks } from "node:module";
    registerHooks({ load(url, context, next) { if (/hook-main/.test(url)) throw new Error("half a disk\\nof text"); return next(url, context); } });`;
  const done = spawnSync(process.execPath, [launcher, "hook", "--plan", plan], {
    encoding: "utf8",
    input: "{}",
    env: { ...process.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(broken)}` },
  });
  expect(done).toMatchObject({
    status: 2,
    stdout: "",
    stderr: "sluice: the hook broke, and the call is blocked: Error: half a disk\n",
  });
}, 60_000);

describe("sluice hook", () => {
  it("keeps one session over the processes of an agent's calls, and another for another session", async () => {
    const before = await hook("one.db", input("PreToolUse", "Bash", {}, { tool_use_id: "t1" }));
    expect(before).toMatchObject({ status: 0, stderr: "" });
    expect(before.stdout).toContain('"updatedInput":{"command":"npm test"}');
    const result = { stdout: "ok", stderr: "" };
    const after = await hook(
      "one.db",
      input("PostToolUse", "Bash", { command: "npm test" }, { tool_use_id: "t1", tool_response: result }),
    );
    expect(after).toEqual({ status: 0, stdout: "", stderr: "" });
    const save = { file_path: "/repo/fix.txt", content: "x" };
    expect(decision(await hook("one.db", input("PreToolUse", "Write", save, { tool_use_id: "t2" })))).toBe("allow");
    const other = await hook("one.db", input("PreToolUse", "Write", save, { session_id: "a-2", tool_use_id: "t3" }));
    expect(decision(other)).toBe("deny");
    expect(other.stdout).toContain("CALL_OUT_OF_ORDER");
    expect(statSync(join(folder.path, "one.db.key")).mode & 0o777).toBe(0o600);
  }, 120_000);

  it("gives what it does to the journal of a store that has an audit log", async () => {
    const path = join(folder.path, "audited.db");
    const made = openSqliteStore(path, { journal: true });
    await made.writeRecord({ ...auditMarker, version: 0, value: { holder: "", log: "", store: "", until: 0 } });
    made.close();
    await hook("audited.db", input("PreToolUse", "Bash", {}, { tool_use_id: "t1" }));
    const store = openSqliteStore(path, { journal: true });
    const lines = await store.journal({ limit: 10 });
    store.close();
    expect(lines.ok && lines.value.map(({ entry }) => entry?.event.type)).toEqual(expect.arrayContaining(["open", "allow"]));
  }, 120_000);

  it("lets hooks that start at once come to one key, one session and no run too many (threat 8)", async () => {
    const all = await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        hook("race.db", input("PreToolUse", "Bash", { command: "npm test" }, { tool_use_id: `t${i}` })),
      ),
    );
    expect(all.map(({ status }) => status)).toEqual([0, 0, 0, 0, 0]);
    expect(all.filter((one) => decision(one) === "allow")).toHaveLength(3);
    expect(all.filter((one) => decision(one) === "deny")).toHaveLength(2);
    expect(readFileSync(join(folder.path, "race.db.key"), "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
  }, 120_000);

  it("blocks with exit 2 and one line for whatever it cannot decide (threat 22)", async () => {
    const good = input("PreToolUse", "Bash", { command: "npm test" });
    const wrong: readonly (readonly [readonly string[], string])[] = [
      [["--plan", plan, "--store", join(folder.path, "w.db")], "not json"],
      [["--plan", join(folder.path, "missing.json")], good],
      [["--plan", plan, "--store", folder.path], good],
      [["--plan", plan, "--store", join(folder.path, "w.db"), "--params", '{"no":1}'], good],
      [[], good],
    ];
    for (const [args, stdin] of wrong) {
      const { status, stdout, stderr } = await sluice(["hook", ...args], { stdin });
      expect({ args, status, stdout }).toEqual({ args, status: 2, stdout: "" });
      expect(stderr).toMatch(/^sluice: [^\n]+\n$/);
    }
  }, 240_000);

  it("touches no file for events about which nothing is decided", async () => {
    expect(await hook("none.db", input("SessionStart", "", {}))).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(existsSync(join(folder.path, "none.db"))).toBe(false);
  }, 60_000);
});
