/**
 * The door to whatever multiplies the matrices: numbers in, numbers out. The planner knows no library, only this port.
 * Types only.
 */

/** Whole numbers (ids, places) or reals, in rows; `dims` says how many. */
export type Tensor =
  | { readonly type: "int64"; readonly dims: readonly number[]; readonly data: BigInt64Array }
  | { readonly type: "float32"; readonly dims: readonly number[]; readonly data: Float32Array };

/** What a model says: reals in rows. */
export interface Answer {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** One loaded model. */
export interface TensorRunner {
  /** Inputs that the model does not have are ignored. Rejects with `InferError` (`INFER_FORMAT`) if it cannot run on them. */
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Answer>>>;
  /** Frees what it holds outside the heap. */
  close(): Promise<void>;
}

/** Loads models. */
export interface TensorRuntime {
  /** From the bytes of an ONNX file, exactly these. Rejects with `InferError` (`INFER_NO_RUNTIME`, `INFER_FORMAT`). */
  load(model: Uint8Array, options: { readonly name: string; readonly threads: number }): Promise<TensorRunner>;
}
