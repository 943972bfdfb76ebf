import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as web from "onnxruntime-web/wasm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { InferError } from "../../../src/infer/infer-error.ts";
import { openModels } from "../../../src/infer/runtime/models.ts";
import { publishedModels } from "../../../src/infer/runtime/published.ts";
import { webRuntime } from "../../../src/infer/runtime/onnx.ts";
import type { Tensor } from "../../../src/infer/runtime/tensor.ts";
import { type Contents, filesOf, manifestOf, otherVocabulary, tinyContents, tinyModel, tinyTokenizer } from "./tiny.ts";

const inputs: Readonly<Record<string, Tensor>> = {
  input_ids: { type: "int64", dims: [1, 3], data: BigInt64Array.of(1n, 2n, 3n) },
  scale: { type: "float32", dims: [1], data: Float32Array.of(0.5) },
  no_such_input: { type: "float32", dims: [1], data: Float32Array.of(1) },
};

async function open(contents: Contents = tinyContents, replaced: Parameters<typeof filesOf>[1] = {}) {
  const files = filesOf(contents, replaced);
  const opened = await openModels({ files });
  if (!opened.ok) throw opened.error;
  return { models: opened.value, files };
}

async function codeOf(contents: Contents, replaced: Parameters<typeof filesOf>[1] = {}): Promise<string> {
  const opened = await openModels({ files: filesOf(contents, replaced) });
  return opened.ok ? "opened" : opened.error.code;
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.doUnmock("onnxruntime-node");
  vi.resetModules();
});

describe("opened models", () => {
  it("load the networks when they are first used, once, and nothing from a network", async () => {
    vi.stubGlobal("fetch", () => {
      throw new Error("nothing may be fetched");
    });
    const { models, files } = await open();
    expect(files.reads.filter((name) => name.endsWith(".onnx"))).toEqual([]);
    const [one, other] = await Promise.all([models.planner(), models.planner()]);
    expect(one).toBe(other);
    expect(files.reads.filter((name) => name.endsWith(".onnx"))).toEqual(["planner.onnx"]);
    expect(await one.run(inputs)).toEqual({ vectors: { dims: [1, 3], data: Float32Array.of(3.5, 4, 4.5) } });
    await models.close();
    await expect(one.run(inputs)).rejects.toMatchObject({ code: "INFER_FORMAT" });
  });

  it("know their vocabulary, their aliases and their identity", async () => {
    const { models } = await open();
    expect(models.pieces("Hello, playing [SEP]!")).toEqual([7592, 1010, 2377, 2075, 1031, 19802, 1033, 100]);
    expect(models.aliases.get("philly")).toBe("Philadelphia");
    expect(models.digest).toMatch(/^[0-9a-f]{64}$/);
    expect((await open({ ...tinyContents, "aliases.json": "{}" })).models.digest).not.toBe(models.digest);
  });

  it("are read from a folder", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-models-"));
    try {
      for (const [name, content] of Object.entries({ ...tinyContents, "manifest.json": manifestOf(tinyContents) }))
        writeFileSync(join(folder, name), content);
      const opened = await openModels({ models: folder });
      expect(opened.ok && (await (await opened.value.retriever()).run(inputs)).vectors?.data).toEqual(
        Float32Array.of(3.5, 4, 4.5),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("answer the same through WebAssembly", async () => {
    const opened = await openModels({ files: filesOf(tinyContents), runtime: webRuntime(web) });
    if (!opened.ok) throw opened.error;
    const planner = await opened.value.planner();
    const answers = await Promise.all([planner.run(inputs), planner.run(inputs)]);
    for (const answer of answers) expect(answer.vectors).toEqual({ dims: [1, 3], data: Float32Array.of(3.5, 4, 4.5) });
  });

  it.each([
    ["without a manifest", tinyContents, { "manifest.json": undefined }, "INFER_NO_MODELS"],
    ["without a file that the manifest names", tinyContents, { "tokenizer.json": undefined }, "INFER_NO_MODELS"],
    [
      "with another file than the manifest names",
      tinyContents,
      { "config.json": '{"format": 1, "dimensions": 385}' },
      "INFER_DIGEST",
    ],
    ["with a manifest of another form", tinyContents, { "manifest.json": "[]" }, "INFER_FORMAT"],
    ["with a manifest that is no JSON", tinyContents, { "manifest.json": "{" }, "INFER_FORMAT"],
    ["of another format", { ...tinyContents, "config.json": '{"format": 2}' }, {}, "INFER_FORMAT"],
    ["with another vocabulary", { ...tinyContents, "tokenizer.json": tinyTokenizer(otherVocabulary) }, {}, "INFER_FORMAT"],
    ["with a tokenizer that is none", { ...tinyContents, "tokenizer.json": "{}" }, {}, "INFER_FORMAT"],
    ["with aliases that are a list", { ...tinyContents, "aliases.json": "[]" }, {}, "INFER_FORMAT"],
    ["with a calibration that is none", { ...tinyContents, "calibration.json": "{}" }, {}, "INFER_FORMAT"],
  ])("are refused %s", async (_, contents, replaced, code) => {
    expect(await codeOf(contents, replaced)).toBe(code);
  });

  it("are refused if a network is not the one of the manifest, or none at all", async () => {
    const changed = tinyModel.slice();
    changed[100] = 0;
    const { models } = await open(tinyContents, { "planner.onnx": changed });
    await expect(models.planner()).rejects.toMatchObject({ code: "INFER_DIGEST" });
    const broken = await open({ ...tinyContents, "planner.onnx": "no model" });
    await expect(broken.models.planner()).rejects.toMatchObject({ code: "INFER_FORMAT" });
    await expect(broken.models.planner()).rejects.toBeInstanceOf(InferError);
  });

  it("use the bytes that were checked, whatever the source does to them afterwards", async () => {
    const shared = tinyModel.slice();
    const files = filesOf(tinyContents);
    const source = { read: (name: string) => (name === "planner.onnx" ? Promise.resolve(shared) : files.read(name)) };
    const opened = await openModels({ files: source });
    if (!opened.ok) throw opened.error;
    const loading = opened.value.planner();
    await Promise.resolve();
    await Promise.resolve();
    shared.fill(0);
    expect((await (await loading).run(inputs)).vectors?.data).toEqual(Float32Array.of(3.5, 4, 4.5));
  });

  it("can be pinned by the digest of their manifest", async () => {
    const { models } = await open();
    const files = filesOf(tinyContents);
    expect((await openModels({ files, digest: models.digest })).ok).toBe(true);
    const other = await openModels({ files, digest: "0".repeat(64) });
    expect(!other.ok && other.error.code).toBe("INFER_DIGEST");
  });

  it("of the checkout are those that the package `sluice-models` must be", () => {
    const manifest = readFileSync(new URL("../../../models/manifest.json", import.meta.url));
    // Other weights: write this digest into published.ts, and raise the version in models/package.json.
    expect(createHash("sha256").update(manifest).digest("hex")).toBe(publishedModels);
  });

  it("try again after a load that failed", async () => {
    let isThere = false;
    const files = filesOf(tinyContents);
    const source = {
      read: (name: string) => (name === "planner.onnx" && !isThere ? Promise.resolve(undefined) : files.read(name)),
    };
    const opened = await openModels({ files: source });
    if (!opened.ok) throw opened.error;
    await expect(opened.value.planner()).rejects.toMatchObject({ code: "INFER_NO_MODELS" });
    isThere = true;
    await expect(opened.value.planner()).resolves.toBeDefined();
  });

  it("say which packages are missing", async () => {
    vi.doMock("onnxruntime-node", () => {
      throw new Error("no such package");
    });
    const { openModels: openAnew } = await import("../../../src/infer/runtime/models.ts");
    const opened = await openAnew({ files: filesOf(tinyContents) });
    if (!opened.ok) throw opened.error;
    await expect(opened.value.planner()).rejects.toMatchObject({
      code: "INFER_NO_RUNTIME",
      message: expect.stringContaining("npm install"),
    });
  });

  it("refuse what they cannot be run on", async () => {
    const { models } = await open();
    await expect((await models.planner()).run({})).rejects.toMatchObject({ code: "INFER_FORMAT" });
  });
});
