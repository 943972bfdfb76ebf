/**
 * The soak in its short form over each store that processes can share: the whole one is `node bench/soak/run.ts` (`bench/README.md`).
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { sharedStores } from "../exactness/shared-stores.ts";
import { describeWith } from "../services/service.ts";

const script = fileURLToPath(new URL("../../bench/soak/run.ts", import.meta.url));

function run(...args: readonly string[]): Promise<{ readonly status: number | null; readonly text: string }> {
  const child = spawn(process.execPath, ["--no-warnings", script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
  return new Promise((resolve) => child.on("close", (status) => resolve({ status, text })));
}

for (const { kind, provided } of sharedStores)
  describeWith(provided, `a short soak over ${kind}`, () => {
    it("ends with witness, events, counters, labels and journal in agreement", { timeout: 180_000 }, async () => {
      const { status, text } = await run(`--store=${kind}`, "--seconds=5", "--agents=6", "--gateways=2", "--seed=5");
      expect([status, text]).toEqual([0, expect.stringContaining("journal agree")]);
      // It was a soak: something was done, and something was in its way.
      const count = (name: string): number => Number(new RegExp(`^  ${name} +(\\d+)$`, "m").exec(text)?.[1] ?? 0);
      expect(count("executed")).toBeGreaterThan(10);
      expect(/^ {2}\S[^\n]* {2,}[1-9]\d*$/m.test(text.slice(text.indexOf("weather"), text.indexOf("calls,")))).toBe(true);
    });
  });
