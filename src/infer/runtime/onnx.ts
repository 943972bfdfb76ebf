/**
 * ONNX Runtime as a `TensorRuntime`: the same code over `onnxruntime-node` and `onnxruntime-web`, whose interface is one.
 * Never reads a file or an address: models come as bytes that somebody has checked.
 */
import { InferError } from "../infer-error.ts";
import type { Answer, Tensor, TensorRunner, TensorRuntime } from "./tensor.ts";

/** What is used of `onnxruntime-common` 1.30, which both packages export. */
export interface OnnxModule {
  readonly Tensor: new (type: "int64" | "float32", data: never, dims: readonly number[]) => unknown;
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<OnnxSession> };
}

interface OnnxSession {
  readonly inputNames: readonly string[];
  run(feeds: never): Promise<Readonly<Record<string, { readonly dims: readonly number[]; readonly data: unknown }>>>;
  release(): Promise<void>;
}

/** `onnxruntime-node`, loaded when the first model is. */
export const nodeRuntime: TensorRuntime = {
  async load(model, options) {
    let module: OnnxModule;
    try {
      module = (await import("onnxruntime-node")) as unknown as OnnxModule;
    } catch {
      throw new InferError(
        "INFER_NO_RUNTIME",
        "the local planner needs the packages onnxruntime-node and @huggingface/transformers: npm install them",
      );
    }
    return loadOnnx(module, model, options);
  },
};

/**
 * `onnxruntime-web` for browsers, edge functions and where no native code may be loaded: WebAssembly on one thread. The host imports the module
 * (`onnxruntime-web/wasm`) and sets where its `.wasm` comes from.
 *
 * @example
 * import * as onnx from "onnxruntime-web/wasm";
 * onnx.env.wasm.wasmBinary = bytesOfMyOwnOrigin;
 * const models = await openModels({ files, runtime: webRuntime(onnx) });
 */
export function webRuntime(module: object): TensorRuntime {
  const onnx = module as OnnxModule & { readonly env?: { readonly wasm?: { numThreads?: number; proxy?: boolean } } };
  return {
    load(model, { name }) {
      // More threads need cross-origin isolation and workers, which edge platforms have not.
      const wasm = onnx.env?.wasm;
      if (wasm !== undefined) {
        wasm.numThreads = 1;
        wasm.proxy = false;
      }
      return loadOnnx(onnx, model, { name, threads: 1, providers: ["wasm"] });
    },
  };
}

interface LoadOptions {
  readonly name: string;
  readonly threads: number;
  readonly providers?: readonly string[];
}

async function loadOnnx(onnx: OnnxModule, model: Uint8Array, { name, threads, providers }: LoadOptions): Promise<TensorRunner> {
  let session: OnnxSession;
  try {
    session = await onnx.InferenceSession.create(model, {
      ...(providers === undefined ? {} : { executionProviders: providers }),
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      // Shapes differ from task to task, so that patterns of memory are never used again and only grow.
      enableMemPattern: false,
      logSeverityLevel: 4,
    });
  } catch {
    throw new InferError(
      "INFER_FORMAT",
      `\`${name}\` is no model that this ONNX Runtime can load: use the versions that the package names`,
    );
  }
  return runnerOf(onnx, session, name);
}

function runnerOf(onnx: OnnxModule, session: OnnxSession, name: string): TensorRunner {
  const known = new Set(session.inputNames);
  // One run at a time: WebAssembly sessions are not re-entrant, and native ones would only take turns.
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  async function runNow(inputs: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Answer>>> {
    const feeds: Record<string, unknown> = {};
    for (const [input, { type, dims, data }] of Object.entries(inputs)) {
      if (known.has(input)) feeds[input] = new onnx.Tensor(type, data as never, dims);
    }
    const answers: Record<string, Answer> = {};
    try {
      if (isClosed) throw new Error("closed");
      for (const [output, { dims, data }] of Object.entries(await session.run(feeds as never))) {
        if (data instanceof Float32Array) answers[output] = { dims, data };
      }
    } catch {
      throw new InferError(
        "INFER_FORMAT",
        `\`${name}\` cannot be run on what this version gives it: models and code do not belong together`,
      );
    }
    return answers;
  }
  return {
    run(inputs) {
      const next = last.then(() => runNow(inputs));
      last = next.catch(() => undefined);
      return next;
    },
    async close() {
      await last;
      if (!isClosed) await session.release();
      isClosed = true;
    },
  };
}
