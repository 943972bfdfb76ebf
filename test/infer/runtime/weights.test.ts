import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { Proposal } from "../../../src/infer/proposal.ts";
import { openModels } from "../../../src/infer/runtime/models.ts";
import { linesOf } from "../planner/scripted.ts";
import { weightsFolder, withoutWeights } from "./weights.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const script = join(root, "test/infer/runtime/draft-here.ts");
const run = promisify(execFile);
const binary = (name: string): string => join(root, "node_modules/.bin", name);
const timeoutMs = 240_000;

/** What a runtime prints: the proposals, what they say in short, and the digest of every byte. */
async function drafted(command: string, args: readonly string[]) {
  const { stdout } = await run(command, [...args], { maxBuffer: 16_000_000, timeout: timeoutMs });
  const text = stdout.trim().split("\n").at(-1) ?? "";
  const proposals: readonly Proposal[] = JSON.parse(text);
  const said = proposals.map(({ calls, decisions, confidence }) => ({ lines: linesOf({ calls }), decisions, confidence }));
  return { proposals, said, digest: createHash("sha256").update(text).digest("hex") };
}

describe("the weights", () => {
  it("split texts as the reference tokenizer does", async ({ skip }) => {
    const folder = weightsFolder();
    if (folder === undefined) return skip(withoutWeights);
    const opened = await openModels({ models: folder });
    if (!opened.ok) throw opened.error;
    const vectors: readonly { readonly text: string; readonly ids: readonly number[] }[] = JSON.parse(
      readFileSync(new URL("pieces.json", import.meta.url), "utf8"),
    );
    expect(vectors.length).toBeGreaterThan(100);
    for (const { text, ids } of vectors) expect({ text, ids: opened.value.pieces(text) }).toEqual({ text, ids });
  });

  it(
    "draft the same on Node, Bun and Deno, byte for byte, and the same calls through WebAssembly, without a network",
    async ({ skip }) => {
      const folder = weightsFolder();
      if (folder === undefined) return skip(withoutWeights);
      const node = await drafted(process.execPath, [script, folder]);
      expect(node.proposals).toHaveLength(3);
      expect(node.proposals.every(({ origin }) => /^[0-9a-f]{64}$/.test(origin.from ?? ""))).toBe(true);
      const denoArgs = [
        "run",
        "--no-prompt",
        "--cached-only",
        "--allow-read",
        "--allow-ffi",
        "--allow-env",
        "--allow-sys",
        script,
        folder,
      ];
      for (const other of [await drafted(binary("bun"), [script, folder]), await drafted(binary("deno"), denoArgs)]) {
        expect(other.said).toEqual(node.said);
        expect(other.digest).toBe(node.digest);
      }
      const web = await drafted(process.execPath, [script, folder, "web"]);
      expect(web.said.map(({ lines }) => lines)).toEqual(node.said.map(({ lines }) => lines));
    },
    timeoutMs,
  );
});
