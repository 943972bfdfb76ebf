/**
 * Rows that weights are never trained on although they are in the training sets: what confidences are calibrated with.
 * Pure. Whole services and catalogues, since a calibration must hold for tools that the model has never seen.
 */
import { serviceOf } from "./candidates.ts";
import type { Row } from "./rows.ts";

/** Catalogues, and services of SGD, of which nothing is trained on: one alone in its domain, two with twins that are trained on. */
const catalogues: ReadonlySet<string> = new Set(["traject_Gaming"]);
const services: ReadonlySet<string> = new Set(["Homes_1", "Buses_2", "Services_3"]);
/** One row in so many of the other catalogues. */
const everyRow = 20;

/** Whether a catalogue is held out as a whole. */
export function isHeldOutCatalogue(name: string): boolean {
  return catalogues.has(name);
}

/** Whether a tool is held out (its name as the rows have it). */
export function isHeldOutTool(name: string): boolean {
  return services.has(serviceOf(name));
}

/** Whether a row is held out: by its catalogue, by one of its tools, or by its name. */
export function isHeldOut(row: Row): boolean {
  if (typeof row.catalogue === "string" && catalogues.has(row.catalogue)) return true;
  if (row.set === "sgd" && row.nodes.some(({ tool }) => isHeldOutTool(tool))) return true;
  let hash = 0x811c9dc5;
  // The two rows of one dialogue differ in what stands behind the last slash.
  const name = row.id.slice(0, row.set === "sgd" ? row.id.lastIndexOf("/") : undefined);
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % everyRow === 0;
}
