/**
 * What each sign counts for: made by `node bench/infer/review.ts --fit` from public training sets (bench/infer/review.md names them).
 * Data only. Numbers of a model that only points at things: nothing that decides reads them.
 */
import type { signNames, vectorSignNames } from "./signs.ts";

/** Weights of a logistic model: above 0 a sign makes a node more suspicious. */
export interface ReviewWeights<Name extends string> {
  readonly bias: number;
  readonly signs: { readonly [name in Name]: number };
  /** Score from which on a node is pointed at. */
  readonly threshold: number;
}

/** By words alone. */
export const wordWeights: ReviewWeights<(typeof signNames)[number]> = {
  bias: 2.347,
  signs: {
    named: -1.278,
    nearest: -0.32,
    near: -1.755,
    said: -3.032,
    unsaid: 1.011,
    written: 0.575,
    steered: 0,
    unwanted: 0.013,
    reads: -0.361,
    feeds: -1.718,
    twin: 2.212,
  },
  threshold: 0.863,
};

/** By words and by the meaning that the local model's retriever sees. */
export const meaningWeights: ReviewWeights<(typeof signNames)[number] | (typeof vectorSignNames)[number]> = {
  bias: 4.063,
  signs: {
    named: -0.724,
    nearest: 0,
    near: -0.567,
    said: -2.988,
    unsaid: 0.755,
    written: 0.72,
    steered: 0,
    unwanted: 0.03,
    reads: -0.417,
    feeds: -1.624,
    twin: 2.432,
    "nearest by meaning": -0.953,
    "near by meaning": -2.651,
  },
  threshold: 0.855,
};
