/**
 * Starter catalogues for well-known servers: `sluice/catalogue/starter`.
 * Pure. Never a source of trust: every result is labelled untrusted, and what is not known is left to inference.
 */
export { type Applied, applyStarter, type ApplyOptions } from "./apply.ts";
export { starterCatalogue } from "./catalogue.ts";
export { combineCatalogues } from "./combine.ts";
export { isStarterName, type StarterName, starterNames } from "./starters.ts";
