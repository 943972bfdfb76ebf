/**
 * The weights that tests use: those of the checkout, or of the folder that SLUICE_TEST_MODELS names.
 * Never lets a run of CI go without them.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = process.env.SLUICE_TEST_MODELS ?? fileURLToPath(new URL("../../../models/", import.meta.url));

/** The folder, or `undefined` where there are no weights and need not be. Throws in CI. */
export function weightsFolder(): string | undefined {
  if (existsSync(`${folder}/planner.onnx`)) return folder;
  if (process.env.CI === "true") throw new Error(`${folder} has no planner.onnx: the weights belong to the checkout`);
  return undefined;
}

/** Why a test of weights does not run. */
export const withoutWeights = "models/planner.onnx is not there: see models/README.md";
