/**
 * What becomes of an audit log: found in, exported, streamed to NATS, kept in PostgreSQL; and a store whose processes do not all say `--audit`.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { natsProgram, startNats } from "../services/nats.ts";
import { postgresProgram, startPostgres } from "../services/postgres.ts";
import { describeWith } from "../services/service.ts";
import { openServing } from "./audited-serving.ts";
import { catalogue, openFolder, plan, sluice } from "./cli-process.ts";

const folder = openFolder();
const frozen = join(folder.path, "frozen.json");
const { served, stop } = openServing(frozen);
const at = (name: string): string => join(folder.path, name);

beforeAll(async () => {
  const files = [folder.write("plan.yaml", plan), "--catalog", folder.write("catalogue.json", catalogue)];
  expect((await sluice(["freeze", ...files, "-o", frozen])).status).toBe(0);
});
afterAll(() => {
  stop();
  folder.remove();
});

describe("an audit log in a file", () => {
  const log = ["--store", at("store.db"), "--audit", at("audit.db")];
  let session = "";

  it("is searched by what records say, the newest first", async () => {
    ({ session } = await served("ana@corp.example", log));
    await served("bob@corp.example", log);
    const denied = await sluice(["audit", "find", at("audit.db"), "--kind", "deny", "--tool", "mail/send"]);
    expect(denied.status).toBe(0);
    const lines = denied.stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^ +\d+ {2}\d{4}-\S+Z {2}deny {9}[A-Z_]+ {2}mail\/send/);
    const own = await sluice(["audit", "find", at("audit.db"), "--principal", "ana@corp.example", "--json"]);
    const records = own.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { session: string; seq: number });
    expect(new Set(records.map((record) => record.session))).toEqual(new Set([session]));
    expect(records.map(({ seq }) => seq)).toEqual(records.map(({ seq }) => seq).toSorted((a, b) => b - a));
    const page = await sluice(["audit", "find", at("audit.db"), "--session", session, "--limit", "1"]);
    const next = /more: --before (\d+)/.exec(page.stderr)?.[1] ?? "";
    const rest = await sluice(["audit", "find", at("audit.db"), "--session", session, "--before", next, "--json"]);
    expect(rest.stdout).toBe(
      records
        .slice(1)
        .map((record) => `${JSON.stringify(record)}\n`)
        .join(""),
    );
    const none = await sluice(["audit", "find", at("audit.db"), "--until", "2020-01-01T00:00:00Z"]);
    expect([none.status, none.stdout, none.stderr]).toEqual([0, "", "no record fits\n"]);
  });

  it("is exported as CSV and OCSF, without anybody's values unless they are asked for", async () => {
    for (const format of ["csv", "ocsf"]) {
      const { status, stdout } = await sluice(["audit", "export", at("audit.db"), "--format", format, "--kind", "deny", "allow"]);
      expect([status, stdout.trimEnd().split("\n").length]).toEqual([0, format === "csv" ? 5 : 4]);
      expect(stdout).not.toContain("eve@evil.example");
      const opened = await sluice(["audit", "export", at("audit.db"), "--format", format, "--kind", "deny", "--values"]);
      expect(opened.stdout).toContain("eve@evil.example");
    }
  });

  it("goes on although a process of its store was started without it", async () => {
    const { said, session: other } = await served("cleo@corp.example", ["--store", at("store.db")]);
    expect(said).toContain("the store has an audit log: what this process does is kept for it");
    const before = await sluice(["audit", "find", at("audit.db"), "--session", other]);
    expect(before.stderr).toContain("no record fits");
    await served("ana@corp.example", log);
    const after = await sluice(["audit", "find", at("audit.db"), "--session", other, "--json"]);
    expect(after.stdout.trimEnd().split("\n").length).toBeGreaterThanOrEqual(4);
    const verified = await sluice(["audit", "verify", at("audit.db"), "--json"]);
    // Its calls too were recorded with what was asked.
    expect([verified.status, JSON.parse(verified.stdout)]).toMatchObject([
      0,
      { events: { follows: 8, unrecorded: 0, unknown: 0 } },
    ]);
  });

  it("is given up by its own word alone", async () => {
    const done = await sluice(["audit", "give-up", "--store", at("store.db")]);
    expect([done.status, done.stderr]).toEqual([0, expect.stringContaining("has no audit log any more")]);
    expect((await served("ana@corp.example", ["--store", at("store.db")])).said).not.toContain("audit");
  });

  it("refuses what cannot be, with exit 2 and one line", async () => {
    const serve = ["serve", "--plan", frozen, "--port", "0", "--store", at("other.db")];
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [[...serve, "--audit", "postgres://a:hunter2@127.0.0.1/b"], /SLUICE_AUDIT: every process of this machine can read/],
      [[...serve, "--audit", "mysql://a/b"], /--audit: an audit log is a file/],
      [[...serve, "--audit", "postgres://127.0.0.1:1/b"], /cannot be used \(postgres ECONNREFUSED\)/],
      [[...serve, "--audit-stream", "nats://127.0.0.1"], /--audit-stream: there is nothing to stream/],
      [[...serve, "--audit", at("x.db"), "--audit-stream", "kafka://a"], /--audit-stream: a receiver is nats:/],
      [[...serve, "--audit", at("x.db"), "--audit-stream", "nats://a?what=1"], /no other parameter/],
      [[...serve, "--audit", at("x.db"), "--audit-stream", "nats://hunter2@a"], /SLUICE_AUDIT_STREAM: every process/],
      [["audit", "find", at("audit.db"), "--limit", "many"], /--limit: a whole number/],
      [["audit", "export", at("audit.db"), "--format", "xml"], /--format: one of jsonl, csv, ocsf/],
      [["audit", "give-up", "--store", at("none.db")], /there is no such file/],
    ];
    const found = await Promise.all(cases.map(([args]) => sluice(args)));
    for (const [i, { status, stderr }] of found.entries()) {
      expect([cases[i]?.[0], status, stderr]).toEqual([cases[i]?.[0], 2, expect.stringMatching(cases[i]?.[1] ?? /^$/)]);
      expect(stderr).not.toContain("hunter2");
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    }
    expect([existsSync(at("x.db")), existsSync(at("x.db.keys.json"))]).toEqual([false, false]);
  }, 60_000);
});

describeWith(natsProgram, "sluice serve --audit-stream", () => {
  it("brings every record to NATS, whatever process wrote it, also what was recorded while NATS was away", async () => {
    const server = await startNats();
    const options = [
      "--store",
      at("streamed.db"),
      "--audit",
      at("streamed.jsonl"),
      "--audit-stream",
      `${server.url}?stream=log&subject=log`,
    ];
    await served("ana@corp.example", options);
    await server.kill();
    const { said } = await served("bob@corp.example", options);
    expect(said).toContain(`audit: nats://127.0.0.1:${server.port} log log takes no records (nats`);
    await server.restart();
    await served("ana@corp.example", options);
    const { stdout } = await sluice(["audit", "export", at("streamed.jsonl")]);
    const texts = stdout.trimEnd().split("\n");
    const own = await connect({ servers: `127.0.0.1:${server.port}` });
    const got: string[] = [];
    for await (const message of await (await jetstream(own).consumers.get("log")).consume()) {
      got.push(message.string());
      if (message.info.pending === 0) break;
    }
    expect(got).toEqual(texts);
    await own.close();
    await server.remove();
  }, 90_000);
});

describeWith(postgresProgram, "sluice serve --audit postgres://", () => {
  it("keeps the log there, with keys from the environment, and verifies and finds from there", async () => {
    const server = await startPostgres();
    const bare = await sluice(["serve", "--plan", frozen, "--port", "0", "--store", at("bare.db"), "--audit", server.url]);
    expect([bare.status, bare.stderr]).toEqual([
      2,
      expect.stringContaining("SLUICE_AUDIT_KEYS: an audit log in a database needs"),
    ]);
    const keys = folder.write("audit-keys.json", (await sluice(["audit", "keys"])).stdout);
    const env = { SLUICE_AUDIT_KEYS_FILE: keys };
    await served("ana@corp.example", ["--store", at("pg-store.db")], { ...env, SLUICE_AUDIT: server.url });
    await served("bob@corp.example", ["--store", at("pg-store.db"), "--audit", server.url], env);
    const verified = await sluice(["audit", "verify", server.url], { env });
    expect([verified.status, verified.stdout]).toEqual([0, expect.stringContaining("verdicts    4 follow")]);
    const found = await sluice(["audit", "find", server.url, "--principal", "bob@corp.example", "--kind", "deny", "--json"], {
      env,
    });
    expect(found.stdout.trimEnd().split("\n")).toHaveLength(1);
    const erased = await sluice(["audit", "erase", server.url, "--subject", "bob@corp.example", "--store", at("pg-store.db")], {
      env,
    });
    expect([erased.status, erased.stderr]).toEqual([0, expect.stringContaining("is erased from the log")]);
    expect((await sluice(["audit", "verify", server.url], { env })).status).toBe(0);
    await server.stop();
  }, 90_000);
});
