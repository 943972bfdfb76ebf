/**
 * The local model, opened: vocabulary, other names of values, calibration, and two networks that are loaded when they are first needed.
 * Never from the network, never unchecked, and no part of it loads before somebody drafts.
 */
import { readJsonBytes } from "../../json/read.ts";
import { isObject, type Json, member } from "../../json/value.ts";
import { err, ok, type Result } from "../../result.ts";
import { type Calibration, identityCalibration, readCalibration } from "../adapt/calibration.ts";
import { InferError } from "../infer-error.ts";
import type { Pieces } from "../pieces.ts";
import { type CheckedFiles, checkedFiles, folderFiles, type ModelFiles, modelsFolder } from "./files.ts";
import { nodeRuntime } from "./onnx.ts";
import type { TensorRunner, TensorRuntime } from "./tensor.ts";
import { loadPieces } from "./tokenizer.ts";

/** How models are opened. */
export interface ModelOptions {
  /** Folder. Default: the package `sluice-models`, else `models/` of the checkout. */
  readonly models?: string;
  /** Where bytes come from instead of a folder. */
  readonly files?: ModelFiles;
  /** SHA-256 of `manifest.json` that is expected, in lower-case hexadecimal. Default: of the package `sluice-models` the published one, else any. */
  readonly digest?: string;
  /** Default: `onnxruntime-node`. */
  readonly runtime?: TensorRuntime;
  /** Threads of one run. Default 1: beside other work two are slower than one. */
  readonly threads?: number;
}

/** Opened models. */
export interface Models {
  /** Identity of the weights: SHA-256 of their manifest. */
  readonly digest: string;
  readonly pieces: Pieces;
  /** Other names of values, as `ValueContext` has them. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly calibration: Calibration;
  /** The networks. Loaded on the first call; rejects with `InferError`. */
  planner(): Promise<TensorRunner>;
  retriever(): Promise<TensorRunner>;
  /** Frees what was loaded. */
  close(): Promise<void>;
}

/** Version of the files that this code reads (`format` of config.json). */
const format = 1;
const threadsMax = 64;
/** Entries of aliases.json that are read. */
const aliasesMax = 20_000;

/** Opens models. Errors: `INFER_NO_MODELS`, `INFER_DIGEST`, `INFER_FORMAT`, `INFER_NO_RUNTIME`. */
export async function openModels(options: ModelOptions = {}): Promise<Result<Models, InferError>> {
  try {
    return ok(await open(options));
  } catch (error) {
    if (error instanceof InferError) return err(error);
    throw error;
  }
}

async function open(options: ModelOptions): Promise<Models> {
  const place = options.files === undefined ? await modelsFolder(options.models) : undefined;
  const digest = options.digest ?? place?.digest;
  const source = options.files ?? folderFiles(place?.folder ?? "");
  const files = await checkedFiles(source, digest === undefined ? {} : { digest });
  const config = json(await files.read("config.json"), "config.json");
  if (member(config, "format") !== format)
    throw new InferError(
      "INFER_FORMAT",
      `\`config.json\` of the models must have "format": ${format}: update sluice or sluice-models`,
    );
  const pieces = await loadPieces(await files.read("tokenizer.json"), await files.read("tokenizer_config.json"));
  const runtime = options.runtime ?? nodeRuntime;
  const threads = Math.min(threadsMax, Math.max(1, Math.trunc(options.threads ?? 1)));
  const planner = lazyRunner(files, { name: "planner.onnx", runtime, threads });
  const retriever = lazyRunner(files, { name: "retriever.onnx", runtime, threads });
  return {
    digest: files.digest,
    pieces,
    aliases: await readAliases(files),
    calibration: await calibrationOf(files),
    planner: planner.get,
    retriever: retriever.get,
    async close() {
      await Promise.all([planner.close(), retriever.close()]);
    },
  };
}

interface RunnerOptions {
  readonly name: string;
  readonly runtime: TensorRuntime;
  readonly threads: number;
}

/** Loads once; a failed load is tried again by the next draft. */
function lazyRunner(
  files: CheckedFiles,
  { name, runtime, threads }: RunnerOptions,
): { get: () => Promise<TensorRunner>; close: () => Promise<void> } {
  let loading: Promise<TensorRunner> | undefined;
  return {
    get() {
      loading ??= files
        .read(name)
        .then((bytes) => runtime.load(bytes, { name, threads }))
        .catch((error: unknown) => {
          loading = undefined;
          throw error;
        });
      return loading;
    },
    async close() {
      const loaded = loading;
      loading = undefined;
      await loaded?.then((runner) => runner.close()).catch(() => undefined);
    },
  };
}

async function readAliases(files: CheckedFiles): Promise<ReadonlyMap<string, string>> {
  const bytes = await files.readIfNamed("aliases.json");
  if (bytes === undefined) return new Map();
  const aliases = json(bytes, "aliases.json");
  const found = new Map<string, string>();
  if (!isObject(aliases)) throw new InferError("INFER_FORMAT", "`aliases.json` must be an object of names and values");
  for (const [name, value] of Object.entries(aliases).slice(0, aliasesMax)) if (typeof value === "string") found.set(name, value);
  return found;
}

async function calibrationOf(files: CheckedFiles): Promise<Calibration> {
  const bytes = await files.readIfNamed("calibration.json");
  if (bytes === undefined) return identityCalibration;
  const calibration = readCalibration(json(bytes, "calibration.json"));
  if (calibration.ok) return calibration.value;
  throw new InferError("INFER_FORMAT", `\`calibration.json\`${calibration.error.pointer}: ${calibration.error.message}`);
}

function json(bytes: Uint8Array, name: string): Json {
  const read = readJsonBytes(bytes);
  if (!read.ok) throw new InferError("INFER_FORMAT", `\`${name}\` of the models is no JSON`);
  return read.value;
}
