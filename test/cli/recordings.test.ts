import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { recordingsIn } from "../../src/cli/server/recordings.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json } from "../../src/json/value.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-recordings-"));
afterAll(() => rmSync(folder, { recursive: true }));

const lines = (...values: readonly Json[]): string => values.map((value) => `${canonicalJson(value)}\n`).join("");
const trace = (name: string): string =>
  lines(
    { type: "task", text: `write to ${name}` },
    { type: "call", id: "1", tool: "people/find", args: { name } },
    { type: "result", id: "1", value: { email: `${name}@corp.example` } },
    { type: "call", id: "2", tool: "mail/send", args: { to: `${name}@corp.example` } },
    { type: "result", id: "2", value: { id: 7 } },
  );
const [first, second] = ["20261123T090000Z-0123456789ab.jsonl", "20261123T100000Z-0123456789ab.jsonl"];
writeFileSync(join(folder, first ?? ""), trace("ada"));
writeFileSync(join(folder, second ?? ""), trace("bob"));
writeFileSync(join(folder, "notes.txt"), "x");
writeFileSync(join(folder, ".hidden.jsonl"), "x");
symlinkSync("/etc/hosts", join(folder, "link.jsonl"));

const never = new AbortController().signal;

describe("the recordings of a folder", () => {
  it("are its files of traces, the newest first, and nothing that a link leads to", async () => {
    const recordings = recordingsIn(folder);
    expect(await recordings.list()).toMatchObject({ ok: true, value: [{ name: second }, { name: first }] });
    expect(await recordings.read(first ?? "")).toBe(trace("ada"));
    for (const name of ["link.jsonl", "../x.jsonl", "notes.txt", "/etc/hosts", ".hidden.jsonl", "gone.jsonl"])
      expect(await recordings.read(name)).toBeUndefined();
    expect(await recordingsIn(join(folder, "none")).list()).toMatchObject({ ok: false });
  });

  it("are learned from in a process of its own, which is given no secret of this one", async () => {
    process.env.SLUICE_ADMIN_TOKEN = "a-secret";
    const learned = await recordingsIn(folder).learn?.([first ?? "", second ?? ""], never);
    delete process.env.SLUICE_ADMIN_TOKEN;
    expect(learned).toMatchObject({ ok: true, value: { plan: { sluice: 1, nodes: { find: { tool: "people/find" } } } } });
    expect(learned?.ok === true ? learned.value.findings.length : 0).toBeGreaterThan(0);
    const spy = join(folder, "spy.mjs");
    writeFileSync(
      spy,
      "process.stderr.write(`sluice: ${Object.keys(process.env).filter((name) => /SLUICE/.test(name))}.\\n`); process.exit(2);",
    );
    process.env.SLUICE_ADMIN_TOKEN = "a-secret";
    const spied = await recordingsIn(folder, { program: [spy] }).learn?.([first ?? ""], never);
    delete process.env.SLUICE_ADMIN_TOKEN;
    expect(spied).toEqual({ ok: false, error: "." });
  });

  it("give no plan where there is none, and say why in a line", async () => {
    const recordings = recordingsIn(folder);
    for (const names of [[], ["../x.jsonl"], ["--plan.jsonl", "/etc/hosts"]])
      expect(await recordings.learn?.(names, never)).toEqual({ ok: false, error: "no recording was named" });
    const refused = await recordings.learn?.(["link.jsonl"], never);
    expect(refused?.ok === false && refused.error.includes("\n")).toBe(false);
    expect(refused?.ok).toBe(false);
    const stop = new AbortController();
    const stopped = recordings.learn?.([first ?? ""], stop.signal);
    stop.abort();
    expect(await stopped).toMatchObject({ ok: false });
  });
});
