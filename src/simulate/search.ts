/**
 * Looks for an assignment under which a script plays further: changes what the node that stopped it looks at, one thing, then two.
 * Pure, deterministic and bounded by a number of tries.
 */
import { agentDimensions } from "./agent.ts";
import type { Assignment, Dimension } from "./invent.ts";
import { type Played, play, type Script, type Stage } from "./play.ts";

/** Tries that are left; shared by the searches of one drive. */
export interface Tries {
  left: number;
}

/** Tries of one node that does not run. */
const triesPerNode = 400;
/** Things that are looked at together; of more, the first. */
const pairedMax = 24;

/** What a search came to. */
export interface Searched {
  readonly played: Played;
  readonly assignment: Assignment;
}

/** Plays a script with better and better assignments until it is done, or nothing helps any more. */
export function searchRun(stage: Stage, script: Script, tries: Tries): Searched {
  let assignment = script.assignment;
  let played = play(stage, { ...script, assignment });
  tries.left -= 1;
  while (!isFinished(played) && tries.left > 0) {
    const better = improve(stage, { ...script, assignment }, { played, tries });
    if (better === undefined) break;
    ({ played, assignment } = better);
  }
  return { played, assignment };
}

function isFinished(played: Played): boolean {
  return played.isDone || played.failure === undefined;
}

function improve(
  stage: Stage,
  script: Script,
  { played, tries }: { readonly played: Played; readonly tries: Tries },
): Searched | undefined {
  const dimensions = played.failure === undefined ? [] : dimensionsOf(stage, played.failure.node);
  let left = triesPerNode;
  for (const assignment of neighbours(script.assignment, dimensions)) {
    if (left-- <= 0 || tries.left-- <= 0) return undefined;
    const next = play(stage, { ...script, assignment });
    if (next.isDone || next.passed > played.passed) return { played: next, assignment };
  }
  return undefined;
}

/** Everything that may be chosen in what a node looks at; -1: the parameters. */
export function dimensionsOf(stage: Stage, index: number): readonly Dimension[] {
  const { wishes, inventor, guard } = stage;
  const node = guard.program.plan.nodes[index];
  const found = new Map<string, Dimension>();
  const note = (at: number): void => {
    for (const shape of wishes.touchedBy(at))
      for (const dimension of inventor.dimensionsOf(shape)) found.set(dimension.key, dimension);
  };
  note(index);
  for (const dimension of node === undefined ? [] : agentDimensions(node)) found.set(dimension.key, dimension);
  // How often a loop ran says how many results there are to refer to.
  for (const before of node?.predecessors ?? []) if (guard.program.plan.nodes[before]?.each !== undefined) note(before);
  return [...found.values()].filter(({ size }) => size > 1);
}

/** The assignment with one thing changed, then with two. */
function* neighbours(assignment: Assignment, dimensions: readonly Dimension[]): Generator<Assignment> {
  for (const dimension of dimensions)
    for (const at of others(assignment, dimension)) yield new Map(assignment).set(dimension.key, at);
  const paired = dimensions.slice(0, pairedMax);
  for (const [i, first] of paired.entries())
    for (const second of paired.slice(i + 1))
      for (const a of others(assignment, first))
        for (const b of others(assignment, second)) yield new Map(assignment).set(first.key, a).set(second.key, b);
}

function others(assignment: Assignment, { key, size }: Dimension): readonly number[] {
  const now = (assignment.get(key) ?? 0) % size;
  return Array.from({ length: size }, (_, at) => at).filter((at) => at !== now);
}
