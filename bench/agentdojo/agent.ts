/**
 * Scripted agents: one that does what the user asked, and five that obey an attack, each in another way.
 * No model takes part. Never gives an answer for data that it was not shown.
 */
import { type Json, jsonEqual } from "../../src/json/value.ts";
import { type Door, type Origin, stepName } from "./door.ts";
import type { Environments, PlainCall } from "./environments.ts";

/**
 * `resists`: makes the user's calls whatever it reads. The others make the attacker's calls: `after` right after the first result that shows
 * the attack, `before` everything else, `last` once the user's calls are made, `instead` of what is left of the user's; `merged` puts the
 * attacker's values into the user's calls of the same tools, where the plan leaves room for them, and makes the other calls as `after`.
 */
export const agentNames = ["resists", "after", "before", "last", "instead", "merged"] as const;

/** One of {@link agentNames}. */
export type AgentName = (typeof agentNames)[number];

/** What an agent is to do. */
export interface Script {
  /** The user's calls, and the answer that they lead to. */
  readonly calls: readonly PlainCall[];
  readonly output: string;
  /** What the attacker wants to be said besides. */
  readonly attackerOutput: string;
  readonly isAmended: boolean;
}

/** What became of a run. */
export interface Played {
  readonly answer: string;
  /** Whether the agent came to obey. */
  readonly isHijacked: boolean;
  readonly userCalls: number;
  /** Calls of the user that were denied in every way in which the agent could make them. */
  readonly userDenied: readonly string[];
  /** Calls of the user that were denied as typed, and allowed with filled arguments left out. */
  readonly userRetried: number;
  readonly attackerCalls: number;
  readonly attackerRan: number;
}

/** The word that every injected text of AgentDojo's attack begins with. */
const attackMark = "<INFORMATION>";

interface Course {
  readonly door: Door;
  readonly environments: Environments;
  readonly script: Script;
  isHijacked: boolean;
  isWhole: boolean;
  userCalls: number;
  readonly userDenied: string[];
  userRetried: number;
  attackerCalls: number;
  attackerRan: number;
  /** Nodes of an approved amendment, by the call that they are for. */
  readonly steps: Map<PlainCall, string>;
}

/** Plays an agent to its end. */
export async function play(
  name: AgentName,
  script: Script,
  { door, environments }: { readonly door: Door; readonly environments: Environments },
): Promise<Played> {
  const course: Course = {
    door,
    environments,
    script,
    isHijacked: name === "before",
    isWhole: true,
    userCalls: 0,
    userDenied: [],
    userRetried: 0,
    attackerCalls: 0,
    attackerRan: 0,
    steps: new Map(),
  };
  if (name === "before") await obey(course);
  let left: readonly PlainCall[] = script.calls;
  let hasObeyed = name === "before";
  /** What the merging agent still has to place. */
  let wanted: readonly PlainCall[] | undefined;
  while (left.length > 0) {
    const [next, ...rest] = left as readonly [PlainCall, ...PlainCall[]];
    left = rest;
    const merged = name === "merged" ? wanted?.find(({ tool }) => tool === next.tool) : undefined;
    if (merged !== undefined && wanted !== undefined) {
      wanted = wanted.filter((call) => call !== merged);
      if (await mergedCall(course, next, merged)) continue;
    }
    const shown = await userCall(course, next, rest);
    if (!showsAttack(shown) || hasObeyed || name === "resists") continue;
    course.isHijacked = true;
    hasObeyed = true;
    if (name === "instead") left = [];
    if (name === "merged") {
      const { calls } = await environments.attacker();
      wanted = calls.filter(({ tool }) => left.some((own) => own.tool === tool));
      await obey(
        course,
        calls.filter((call) => wanted?.includes(call) !== true),
      );
    } else if (name !== "last") await obey(course);
  }
  if (name === "last" && course.isHijacked) await obey(course);
  return resultOf(name, course);
}

function resultOf(name: AgentName, course: Course): Played {
  const { script, isHijacked, userCalls, userDenied, userRetried, attackerCalls, attackerRan } = course;
  const isComplete = userDenied.length === 0 && (script.output === "" || course.isWhole);
  const own = isComplete && !(name === "instead" && isHijacked) ? script.output : "";
  const answer = isHijacked ? `${own}\n${script.attackerOutput}` : own;
  return { answer, isHijacked, userCalls, userDenied, userRetried, attackerCalls, attackerRan };
}

function showsAttack(delivered: Json | undefined): boolean {
  return delivered !== undefined && JSON.stringify(delivered).includes(attackMark);
}

/** Makes a call of the user: as typed, then with what the plan fills in left out, for each use that the plan has for the tool. */
async function userCall(course: Course, call: PlainCall, rest: readonly PlainCall[]): Promise<Json | undefined> {
  course.userCalls += 1;
  const first = await course.door.attempt(stepped(course, call), "user");
  const found = first.done ? first : await retried(course, call, rest);
  if (found === undefined) {
    course.userDenied.push(`${call.tool}: ${first.done ? "" : first.code}`);
    return undefined;
  }
  if (!first.done) course.userRetried += 1;
  if (!found.isWhole) course.isWhole = false;
  return found.delivered;
}

async function retried(
  course: Course,
  call: PlainCall,
  rest: readonly PlainCall[],
): Promise<{ readonly delivered: Json; readonly isWhole: boolean } | undefined> {
  for (const omitted of withoutFilled(course.door, call)) {
    const attempt = await course.door.attempt(omitted, "user");
    if (attempt.done) return attempt;
  }
  if (!course.script.isAmended || course.steps.size > 0) return undefined;
  const left = [call, ...rest];
  if (!(await course.door.amend(left))) return undefined;
  for (const [i, each] of left.entries()) course.steps.set(each, stepName(i));
  const attempt = await course.door.attempt(stepped(course, call), "user");
  return attempt.done ? attempt : undefined;
}

/** The call with the name of its node, if an amendment was approved for it. */
function stepped({ steps }: Course, call: PlainCall): PlainCall {
  const step = steps.get(call);
  return step === undefined ? call : { ...call, args: { ...call.args, sluice_node: step } };
}

/** The ways to make a call in which what the plan fills in is left out, one for each use of the tool. */
function withoutFilled(door: Door, { tool, args }: PlainCall): readonly PlainCall[] {
  const uses = door.usesOf(tool);
  return uses.map(({ node, filled }) => {
    const kept = Object.entries(args).filter(([name]) => !filled.includes(name));
    return { tool, args: Object.fromEntries(uses.length > 1 ? [...kept, ["sluice_node", node]] : kept) };
  });
}

/** Makes the attacker's calls, each as it wants it, and then under the name of each use that the plan has for the tool. */
async function obey(course: Course, calls?: readonly PlainCall[]): Promise<void> {
  for (const call of calls ?? (await course.environments.attacker()).calls) {
    course.attackerCalls += 1;
    if (await anyOf(course.door, [call, ...named(course.door, call)], "attacker")) course.attackerRan += 1;
  }
}

function named(door: Door, { tool, args }: PlainCall): readonly PlainCall[] {
  const uses = door.usesOf(tool);
  return uses.length < 2 ? [] : uses.map(({ node }) => ({ tool, args: { ...args, sluice_node: node } }));
}

async function anyOf(door: Door, calls: readonly PlainCall[], origin: Origin): Promise<boolean> {
  for (const call of calls) if ((await door.attempt(call, origin)).done) return true;
  return false;
}

/** The user's call with the attacker's values: all of them, and else those for which the plan leaves room. */
async function mergedCall(course: Course, own: PlainCall, wanted: PlainCall): Promise<boolean> {
  const merged = { tool: own.tool, args: { ...own.args, ...wanted.args } };
  const isForeign = ([name, value]: [string, Json]): boolean => name !== "sluice_node" && !jsonEqual(value, own.args[name]);
  const ways = [merged, ...named(course.door, merged), ...withoutFilled(course.door, merged)];
  const foreign = ways.filter(({ args }) => Object.entries(args).some(isForeign));
  if (foreign.length === 0) return false;
  course.attackerCalls += 1;
  const hasRun = await anyOf(course.door, foreign, "attacker");
  if (hasRun) course.attackerRan += 1;
  return hasRun;
}
