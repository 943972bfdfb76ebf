/**
 * Made-up tasks for a catalogue, from its own descriptions: what a person might ask its tools for, and what none of them does, with the right plan.
 * Pure and deterministic. Never more than a rehearsal: people ask in more ways, so what is measured on these tasks is the easy part.
 */
import type { Json } from "../../json/value.ts";
import type { DraftParam, DraftTool } from "../tools.ts";
import { type Chance, chanceOf } from "./chance.ts";
import { type MadeValue, makeValue } from "./made-values.ts";
import { constantsOf, type OutlineCall, type RightOutline } from "./outline.ts";

/** A task with the tools that it may be done with, and the right plan. */
export interface MadeTask {
  readonly task: string;
  readonly tools: readonly DraftTool[];
  readonly right: RightOutline;
  /** `tool.argument` of arguments that come from results. */
  readonly flows: ReadonlySet<string>;
  readonly kind: "one tool" | "two tools" | "no tool" | "approved";
}

/** Tasks that most catalogues have no tool for; one is used only where no tool's words are in it. */
const foreignTasks: readonly string[] = [
  "Tell me a joke about penguins",
  "Water the tomatoes on the balcony every morning",
  "Write a limerick for my grandmother's birthday card",
  "What is the meaning of life?",
  "Tune my guitar to drop D",
  "Sharpen the kitchen knives before dinner",
  "Explain why the sky is blue to a five year old",
  "Walk the dog around the lake",
  "Which chess opening suits an aggressive style?",
  "Iron my white shirt for the wedding",
  "Thanks, that was great!",
  "Knit a scarf with a cable pattern",
  "Who would win, a bear or a shark?",
  "Repaint the garden fence in dark green",
  "Hello, how are you doing today?",
  "Teach me to juggle three oranges",
  "Fix the squeaky hinge of the bathroom door",
  "Compose a melody in D minor for the cello",
  "Fold a paper crane out of this napkin",
  "Translate the whistle of my parrot",
];

/** Makes up to `count` tasks for a catalogue. */
export function madeTasks(tools: readonly DraftTool[], count: number): readonly MadeTask[] {
  const made: MadeTask[] = [];
  const chance = chanceOf(`sluice adapt\n${tools.map(({ name }) => name).join("\n")}`);
  if (tools.length === 0) return made;
  const foreign = foreignTasks.filter((task) => isForeign(task, tools));
  for (let index = 0; index < count; index++) {
    const share = chance.below(100);
    if (share < 8) {
      const task = foreign[chance.below(Math.max(1, foreign.length))];
      if (task !== undefined) made.push(nothingFits(task, tools));
    } else if (share < 20) add(made, withoutTool(pickTool(tools, chance), { tools, chance }));
    else if (share < 45 && tools.length > 1) add(made, pairOf(pickTool(tools, chance), { tools, chance }));
    else add(made, single(pickTool(tools, chance), { tools, chance }));
  }
  return made;
}

function add(made: MadeTask[], task: MadeTask | undefined): void {
  if (task !== undefined) made.push(task);
}

function pickTool(tools: readonly DraftTool[], chance: Chance): DraftTool {
  return tools[chance.below(tools.length)] as DraftTool;
}

interface Making {
  readonly tools: readonly DraftTool[];
  readonly chance: Chance;
}

function nothingFits(task: string, tools: readonly DraftTool[]): MadeTask {
  return { task, tools, right: { calls: [], edges: [], hasArgs: true }, flows: new Set(), kind: "no tool" };
}

/** A task for a tool that is taken away, with all that is like it. */
function withoutTool(tool: DraftTool, { tools, chance }: Making): MadeTask | undefined {
  const spoken = speak(tool, chance);
  const left = tools.filter((other) => likeness(tool, other) < 0.25);
  return spoken === undefined || left.length < 2 ? undefined : nothingFits(sentence(spoken.words, chance), left);
}

function single(tool: DraftTool, { tools, chance }: Making): MadeTask | undefined {
  const spoken = speak(tool, chance);
  if (spoken === undefined) return undefined;
  const right = { calls: [spoken.call], edges: [], hasArgs: true };
  return { task: sentence(spoken.words, chance), tools, right, flows: new Set(), kind: "one tool" };
}

function pairOf(tool: DraftTool, { tools, chance }: Making): MadeTask | undefined {
  const other = pickTool(tools, chance);
  const [first, second] = [speak(tool, chance), speak(other, chance)];
  if (other === tool || first === undefined || second === undefined) return undefined;
  const joint = chance.pick([", then ", ". Then ", " and ", ". Also, ", ". After that, "]);
  const right = { calls: [first.call, second.call], edges: [], hasArgs: true };
  return { task: sentence(`${first.words}${joint}${second.words}`, chance), tools, right, flows: new Set(), kind: "two tools" };
}

/** Words that two tools share, as a share of those of the one that has fewer: 0 to 1. */
export function likeness(one: DraftTool, other: DraftTool): number {
  const [ours, theirs] = [wordsOf(one), wordsOf(other)];
  const common = [...ours].filter((word) => theirs.has(word)).length;
  return common / Math.max(1, Math.min(ours.size, theirs.size));
}

function wordsOf({ words, description }: DraftTool): ReadonlySet<string> {
  return new Set(
    (`${words} ${description}`.toLowerCase().match(/\p{L}{4,}/gu) ?? []).map((word) => word.replace(/(ing|es|s)$/, "")),
  );
}

function isForeign(task: string, tools: readonly DraftTool[]): boolean {
  const said = (task.toLowerCase().match(/\p{L}{4,}/gu) ?? []).map((word) => word.replace(/(ing|es|s)$/, ""));
  return tools.every((tool) => !said.some((word) => wordsOf(tool).has(word)));
}

interface Spoken {
  readonly words: string;
  readonly call: OutlineCall;
}

/** Optional arguments that one sentence names, at most. */
const optionalMax = 2;

/** What a tool does, with made-up arguments; `undefined` where a needed one cannot be made up. */
function speak(tool: DraftTool, chance: Chance): Spoken | undefined {
  const said: { readonly param: DraftParam; readonly made: MadeValue }[] = [];
  let optional = 0;
  for (const param of tool.params) {
    const isSaid = param.isRequired || (optional < optionalMax && param.type !== "object" && chance.happens(0.35));
    if (!isSaid) continue;
    const made = makeValue(param, chance);
    if (made === undefined && param.isRequired) return undefined;
    if (made === undefined) continue;
    if (!param.isRequired) optional += 1;
    said.push({ param, made });
  }
  const args = said.map(({ param, made }) => ({
    path: param.path,
    source: { kind: "constant", value: made.value as Json } as const,
  }));
  const parts = said.map(({ param, made }, at) => clause(param, { made, chance, isFirst: at === 0 }));
  return { words: `${request(tool)}${parts.join("")}`, call: { tool: tool.name, args: constantsOf(args, tool.params) } };
}

function clause(
  { words: name, type }: DraftParam,
  { made, chance, isFirst }: { readonly made: MadeValue; readonly chance: Chance; readonly isFirst: boolean },
): string {
  const isText = type === "string" && /\p{L} \p{L}/u.test(made.words) && chance.happens(0.4);
  const value = isText ? `"${made.words}"` : made.words;
  if (type === "boolean") return `, ${name}: ${value}`;
  if (isFirst && type === "string" && chance.happens(0.3)) return ` for ${value}`;
  return chance.pick([` with ${name} ${value}`, `, ${name} ${value}`, ` (${name}: ${value})`, `, the ${name} is ${value}`]);
}

/** The first sentence of a description as a request: `Returns the weather of a city.` → `return the weather of a city`. */
export function request({ description, words }: Pick<DraftTool, "description" | "words">): string {
  const [first = ""] = description.split(/(?<=[\p{L})])[.;](?:\s|$)|\n/u);
  const text = first
    .replace(/(?:(?<!\s)\s+)?\([^()]*\)?/g, "")
    .trim()
    .replace(/^(this|the) (tool|function|api|endpoint|method) (is used to|can be used to|will|lets you|allows you to)? ?/i, "");
  const said = text.split(/\s+/).length < 2 || text.length > 160 ? words : text;
  const [verb = "", ...rest] = said.split(" ");
  return [imperative(verb), ...rest].join(" ").replace(/[.;:]$/, "");
}

/** `Returns` → `return`, `Searches` → `search`, `Identifies` → `identify`; other words only in lower case. */
function imperative(verb: string): string {
  // A name, not a verb: `API`, `iPhone`.
  if (/^[\p{L}]?\p{Lu}/u.test(verb.slice(1))) return verb;
  const word = verb.toLowerCase();
  if (/[^aeiou]ies$/.test(word)) return `${word.slice(0, -3)}y`;
  if (/(sh|ch|ss|x|zz|o)es$/.test(word)) return word.slice(0, -2);
  return /[a-z]{2}[^su']s$/.test(word) ? word.slice(0, -1) : word;
}

function sentence(words: string, chance: Chance): string {
  const opening = chance.pick(["", "", "Please ", "Can you ", "I need to ", "I'd like to ", "Hi, could you "]);
  const text = opening === "" ? `${words.slice(0, 1).toUpperCase()}${words.slice(1)}` : `${opening}${words}`;
  return `${text}${/^(Can|Hi)/.test(opening) ? "?" : "."}`;
}
