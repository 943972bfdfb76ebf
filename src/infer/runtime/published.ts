/**
 * Which release of the weights this version of Sluice was made for. Pure data.
 * The package `sluice-models` is found by its name, and a name can be somebody else's: so what it holds must be these very files.
 */

/** SHA-256 of `manifest.json` of the package `sluice-models`, which names the SHA-256 of every other file. A test holds it to `models/`. */
export const publishedModels = "e2d55974bb887415e710a69250378b6677a507e815d62cabbfb71fdace0384e1";
