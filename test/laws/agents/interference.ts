/**
 * Runs one agent in two worlds that differ only in what the tool with the label answers, step by step, and says which law is broken.
 * The laws are in `test/laws/README.md`. Never asks the engine whether it is right: what is compared is what the tools received and the agents saw.
 */
import { canonicalJson } from "../../../src/json/canonical.ts";
import { isObject, type Json, type JsonObject } from "../../../src/json/value.ts";
import type { ArgRule } from "../../../src/plan/plan.ts";
import { type Dice, diceOf } from "../../spec/dice.ts";
import { generateProgram, generateSetting, type Setting } from "./plans.ts";
import { type Act, type Attempt, generateSource, type Instruction, run, type Source, evaluate } from "./program.ts";
import type { AgentSession, Place, Said } from "./sessions.ts";
import { createTools, type Data, generateData, label, sinkTool, type Tools } from "./world.ts";

/** What happened over many runs, so that no law holds for want of cases. */
export type Counts = Map<string, number>;

const count = (counts: Counts, name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);

/** A call that a tool received. */
interface Received {
  readonly tool: string;
  /** The node and the place of the row: which of the plan's calls it was. */
  readonly place: string;
  readonly body: string;
  /** What of it the agent chose in arguments that steer. */
  readonly steering: string;
}

/** One world as it runs. */
interface World {
  readonly tools: Tools;
  readonly place: Place;
  readonly received: Received[];
}

/** Whether something was written in one world alone: that a write happened at all is told to who reads, and said so in the limits. */
interface Premise {
  isOneSided: boolean;
}

/** One agent in one world. */
interface Agent {
  readonly session: AgentSession;
  readonly view: Json[];
  readonly acts: Iterator<Act>;
}

/** A session of a story: in which conversation, what its agent does, and what it fills in when the session is opened. */
interface Chapter {
  readonly conversation: string;
  readonly program: readonly Instruction[];
  readonly param?: Source;
}

/** All of a run that is the same in both worlds, and what the tool with the label answers in each. */
export interface Story {
  readonly setting: Setting;
  readonly chapters: readonly Chapter[];
  readonly open: Data;
  readonly secrets: readonly [Data, Data];
}

/** Where a law is broken. */
export interface Breach {
  readonly law: "sink" | "sink arguments" | "steering" | "sight" | "argument label";
  readonly detail: Json;
}

/** A story from numbers; `undefined`: its plan cannot be frozen. */
export function generateStory(dice: Dice): Story | undefined {
  const setting = generateSetting(dice);
  if (setting === undefined) return undefined;
  const open = generateData(dice);
  const [one, other] = [generateData(dice), generateData(dice)];
  // What a plan releases, and whether a run of which parts are shown succeeded, is the same in both worlds: so the theorem says.
  const released = setting.isReleasing ? { value: { ...other.value, n: one.value.n as Json } } : other;
  const mayFail = !setting.isReleasing && !setting.showsParts && dice.chance(20);
  const chapters: Chapter[] = [{ conversation: "x", program: generateProgram(dice, setting, "x") }];
  const { again } = setting.theme;
  if (again !== undefined) {
    const { acts, ...filled } = again;
    chapters.push({ conversation: "x", program: acts, ...filled });
  } else if (dice.chance(15)) {
    const param = dice.chance(50) ? { param: generateSource(dice, 6) } : {};
    chapters.push({ conversation: "x", program: generateProgram(dice, setting, "x"), ...param });
  }
  if (setting.theme.acts.y.length > 0 || dice.chance(25))
    chapters.push({ conversation: "y", program: generateProgram(dice, setting, "y") });
  return { setting, chapters, open, secrets: [one, mayFail ? { error: "it failed" } : released] };
}

/** The agent's own choices among the steering arguments of a call. */
function steeringOf({ setting }: Story, node: string, args: JsonObject): string {
  const rules = setting.frozen.plan.nodes[node]?.args ?? {};
  // What is picked out of the data itself is a reference, which the plan announces.
  const isChoice = (rule: ArgRule): boolean => typeof rule === "object" && rule !== null && "choose" in rule;
  const names = Object.keys(rules).filter((name) => name !== "body" && isChoice(rules[name] ?? null));
  return names.length === 0 ? "" : canonicalJson([node, names.map((name) => [name, args[name] ?? null])]);
}

/** Plays a story in two worlds. */
export async function play(story: Story, places: readonly [Place, Place], counts: Counts): Promise<Breach | undefined> {
  const worlds = places.map((place, i): World => {
    return { tools: createTools(story.secrets[i] as Data, story.open), place, received: [] };
  }) as [World, World] | World[];
  const views = new Map<string, readonly [Json[], Json[]]>();
  const premise: Premise = { isOneSided: false };
  for (const chapter of story.chapters) {
    const view = views.get(chapter.conversation) ?? ([[], []] as const);
    views.set(chapter.conversation, view);
    const breach = await playChapter(story, chapter, { worlds: worlds as readonly World[], views: view, counts, premise });
    if (breach === "outside") {
      count(counts, "stories that end at a read after a write in one world alone");
      return undefined;
    }
    if (breach !== undefined) return breach;
  }
  return compareWorlds(story, worlds as readonly World[], counts);
}

async function playChapter(
  story: Story,
  { conversation, program, param }: Chapter,
  at: {
    readonly worlds: readonly World[];
    readonly views: readonly [Json[], Json[]];
    readonly counts: Counts;
    readonly premise: Premise;
  },
): Promise<Breach | "outside" | undefined> {
  const agents: Agent[] = [];
  for (const [i, { place, tools }] of at.worlds.entries()) {
    const view = at.views[i] as Json[];
    const filled = param === undefined ? undefined : evaluate(param, view);
    const session = await place.open({
      conversation,
      ...(filled === undefined ? {} : { agentParam: typeof filled === "string" ? filled : canonicalJson(filled) }),
    });
    if (session === undefined) return undefined;
    if (!place.sharesResources) tools.clear();
    agents.push({ session, view, acts: run(program, view) });
  }
  for (let steps = 0; steps < 80; steps++) {
    const acts = agents.map(({ acts: next }) => next.next());
    if (acts.every(({ done }) => done === true)) return undefined;
    const values = acts.map(({ done, value }) => (done === true ? undefined : (value as Act)));
    const isSame = canonicalJson(at.views[0]) === canonicalJson(at.views[1]);
    const breach = await carryOut(story, { ...at, agents, acts: values, isSame });
    if (breach !== undefined) return breach;
  }
  return undefined;
}

interface Moment {
  readonly worlds: readonly World[];
  readonly agents: readonly Agent[];
  readonly acts: readonly (Act | undefined)[];
  /** Whether both agents have seen the same so far, and so do the same. */
  readonly isSame: boolean;
  readonly counts: Counts;
  readonly premise: Premise;
}

const attemptsOf = (act: Act | undefined): readonly Attempt[] =>
  act === undefined || act.kind === "amend" ? [] : act.kind === "call" ? [act.call] : act.calls;

async function carryOut(story: Story, moment: Moment): Promise<Breach | "outside" | undefined> {
  const { agents, acts, isSame, counts } = moment;
  const before = agents.map(({ view }) => view.length);
  const said: (readonly Said[])[] = [];
  for (const [i, { session, view }] of agents.entries()) {
    const act = acts[i];
    const attempts = attemptsOf(act);
    said.push(attempts.length === 0 ? [] : await session.check(attempts));
    if (act?.kind === "amend") {
      const told = await session.amend(act.draft);
      view.push(told);
      count(counts, `amendment ${String(isObject(told) ? (told.status ?? "denied") : told)}`);
    }
    if (act !== undefined) count(counts, act.kind);
  }
  const [one = [], other = []] = said;
  if (isSame)
    for (const [i, first] of one.entries()) {
      const breach = labelBreach(first, other[i], counts);
      if (breach !== undefined) return breach;
    }
  for (const [i, agent] of agents.entries())
    for (const [k, each] of (said[i] ?? []).entries()) {
      const tool = attemptsOf(acts[i])[k]?.tool ?? "";
      const twin = (said[1 - i] ?? [])[k];
      const isBoth = isSame && each.allow && twin?.allow === true && each.verdict.node === twin.verdict.node;
      if (each.allow && tool === "disk/put" && !isBoth) moment.premise.isOneSided = true;
      if (each.allow && tool === "disk/get" && moment.premise.isOneSided) return "outside";
      agent.view.push(each.allow ? await answer(story, moment.worlds[i] as World, { agent, said: each, tool }) : each.told);
      count(counts, each.allow ? "allowed" : "denied");
    }
  if (!isSame) return undefined;
  const [a, b] = agents as readonly [Agent, Agent];
  if (canonicalJson(a.view.slice(before[0])) === canonicalJson(b.view.slice(before[1]))) return undefined;
  count(counts, "sights that differ");
  const contexts = [await a.session.context(), await b.session.context()];
  if (contexts.every((sources) => sources.includes(label))) return undefined;
  return { law: "sight", detail: { seen: [a.view.slice(before[0]), b.view.slice(before[1])], contexts } };
}

/** What a tool answers to an allowed call, as the agent is told it. */
async function answer(
  story: Story,
  world: World,
  { agent, said, tool }: { readonly agent: Agent; readonly said: Said & { readonly allow: true }; readonly tool: string },
): Promise<Json> {
  const { node, row, args } = said.verdict;
  world.received.push({
    tool,
    // Runs are numbered by allowance, which is the agent's to choose: the place in the result tells the row.
    place: `${node} ${(row ?? "").replace(/^\d+/, "")}`,
    body: canonicalJson(args),
    steering: steeringOf(story, node, args),
  });
  return agent.session.settle(said.run, world.tools.answer({ tool, args }));
}

/** The same call in both worlds, allowed in both as the same: what differs of it carries the label in both. */
function labelBreach(one: Said, other: Said | undefined, counts: Counts): Breach | undefined {
  if (!one.allow || other?.allow !== true) return undefined;
  if (one.verdict.node !== other.verdict.node || one.verdict.row !== other.verdict.row) return undefined;
  const [a, b] = [one.verdict, other.verdict];
  const names = [...new Set([...Object.keys(a.args), ...Object.keys(b.args)])];
  const differing = names.filter((name) => canonicalJson([a.args[name] ?? null]) !== canonicalJson([b.args[name] ?? null]));
  if (differing.length > 0) count(counts, "arguments that differ");
  const bare = differing.filter((name) =>
    [a, b].some(({ labels }) => labels[name] !== undefined && !labels[name].sources.includes(label)),
  );
  return bare.length === 0 ? undefined : { law: "argument label", detail: [bare, a.args, b.args] };
}

/** What the tools received in both worlds. */
function compareWorlds({ setting }: Story, worlds: readonly World[], counts: Counts): Breach | undefined {
  const [a, b] = worlds as readonly [World, World];
  const sinks = [a, b].map(({ received }) => received.filter(({ tool }) => tool === sinkTool));
  const [one = [], other = []] = sinks;
  for (const _ of one) count(counts, "calls of the sink");
  if (canonicalJson(a.received.map(({ body }) => body)) !== canonicalJson(b.received.map(({ body }) => body)))
    count(counts, "worlds that differ");
  if (setting.protection === "control") {
    const texts = sinks.map((calls) => calls.map(({ place, body }) => [place, body]));
    if (canonicalJson(texts[0] as Json) !== canonicalJson(texts[1] as Json)) return { law: "sink", detail: texts as Json };
  }
  const [left, right] = [byPlace(one), byPlace(other)];
  for (const [place, body] of left)
    if (right.has(place) && right.get(place) !== body)
      return { law: "sink arguments", detail: [place, body, right.get(place) ?? null] };
  if (one.length !== other.length) count(counts, "numbers of sink calls that differ");
  if (setting.isTrusted) return undefined;
  const [chosen = [], others = []] = [a, b].map(({ received }) =>
    received.flatMap(({ steering }) => (steering === "" ? [] : [steering])),
  );
  for (const _ of chosen) count(counts, "steering choices");
  // Guards, loops and references of the plan may end the one earlier than the other; they never make it another.
  const most = Math.min(chosen.length, others.length);
  return canonicalJson(chosen.slice(0, most)) === canonicalJson(others.slice(0, most))
    ? undefined
    : { law: "steering", detail: [chosen, others] };
}

/** The calls by which of the plan's calls they were: node, row, and how often before. */
function byPlace(calls: readonly Received[]): ReadonlyMap<string, string> {
  const seen: Counts = new Map();
  return new Map(
    calls.map(({ place, body }) => {
      count(seen, place);
      return [`${place} ${seen.get(place)}`, body] as const;
    }),
  );
}

/** A story of the numbers, or of their later parts where freezing refuses the first plans. */
export function storyOf(numbers: readonly number[]): Story | undefined {
  for (let skipped = 0; skipped < 60; skipped += 4) {
    const story = generateStory(diceOf(numbers.slice(skipped)));
    if (story !== undefined) return story;
  }
  return undefined;
}

/** A story as it can be read. */
export function storyText({ setting: { frozen, theme: _, ...said }, ...rest }: Story): string {
  return JSON.stringify({ ...said, plan: frozen.plan, ...rest });
}
