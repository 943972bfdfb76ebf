/**
 * What the record's pages remember as long as the process lives: tasks, and who has opened which values.
 * Never anything of a value, and nothing that another process needs.
 */
import type { DashboardWorld } from "../dashboard.ts";
import { createDisclosures, type Disclosures } from "./openings.ts";
import { createTasks, type Tasks } from "./tasks.ts";

/** What is remembered. */
export interface RecordMemory {
  readonly tasks: Tasks;
  readonly disclosures: Disclosures;
}

const memories = new WeakMap<DashboardWorld, RecordMemory>();

/** What is remembered for a world. */
export function memoryOf(world: DashboardWorld): RecordMemory {
  const known = memories.get(world);
  if (known !== undefined) return known;
  const made = { tasks: createTasks(world), disclosures: createDisclosures(world.clock) };
  memories.set(world, made);
  return made;
}
