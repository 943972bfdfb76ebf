/**
 * The file beside a server in which a watch for signals keeps what it learned.
 */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { signalStateFile } from "../../src/cli/audit/signal-state.ts";
import { createSignalDetector } from "../../src/signals/detector.ts";
import { stateLines } from "../../src/signals/state.ts";
import { sessions } from "../signals/fixture.ts";
import { openFolder } from "./cli-process.ts";

const folder = openFolder();
afterAll(() => folder.remove());

const { learned, take } = createSignalDetector();
for (const record of sessions(300)) take(record);
const state = { log: "0".repeat(64), learned, signals: [] };

describe("a file of signals", () => {
  it("gives back what was saved, and others on the machine cannot read it", async () => {
    const path = join(folder.path, "state");
    const said: string[] = [];
    const file = signalStateFile(path, (line) => void said.push(line));
    expect(await file.load()).toBeUndefined();
    for (let i = 0; i < 2; i++) {
      await file.save(state);
      const loaded = await file.load();
      expect([...stateLines(loaded ?? state)].join("")).toBe([...stateLines(state)].join(""));
    }
    expect(loadedModeOf(path)).toBe(0o600);
    expect(existsSync(`${path}.new`)).toBe(false);
    expect(said).toEqual([]);
  });

  it("that cannot be used is said once, and is as if there were none", async () => {
    const path = join(folder.path, "broken");
    const said: string[] = [];
    const file = signalStateFile(path, (line) => void said.push(line));
    writeFileSync(path, "no state");
    expect([await file.load(), await file.load()]).toEqual([undefined, undefined]);
    expect(said).toEqual([expect.stringMatching(/^signals: .*broken: expected a state of signals/)]);
    expect(readFileSync(path, "utf8")).toBe("no state");
  });

  it("that cannot be written leaves what was there", async () => {
    const path = join(folder.path, "folder");
    mkdirSync(join(path, "full"), { recursive: true });
    const said: string[] = [];
    await signalStateFile(path, (line) => void said.push(line)).save(state);
    expect(said).toEqual([expect.stringMatching(/^signals: .*it cannot be written/)]);
    expect(statSync(path).isDirectory()).toBe(true);
    expect(existsSync(`${path}.new`)).toBe(false);
  });
});

function loadedModeOf(path: string): number {
  return statSync(path).mode & 0o777;
}
