/**
 * What speaks for and against a node being asked for, as numbers: its tool's words, its constants, its effects, its place in the plan.
 * Pure. The same at fitting and at reviewing; a sign is no proof, and an author who knows them can write a node without one.
 */
import type { Catalogue } from "../../catalogue/catalogue.ts";
import type { Effect, FrozenTool, Plan, PlanNode } from "../../plan/plan.ts";
import { readsOf } from "../../plan/walk-reads.ts";
import { type DraftTool, draftTool } from "../tools.ts";
import type { ValueContext } from "../values/mention.ts";
import { stemsOf } from "../word-scores.ts";
import { askedEffects, notableEffects } from "./asked-effects.ts";
import { type Clause, clausesIn, type Embed, type Nearness, nearByVectors, openNearTools } from "./clauses.ts";
import { constantsOf, type NodeConstant, readSaid, type SaidBy } from "./said.ts";

/** The signs, in the order of their weights. All from 0 to 1. */
export const signNames = [
  /** Share of the words of the tool's own name that the task has, rare ones counting more. */
  "named",
  /** 1 if the tool is the one of the catalogue that is nearest to some clause, 1/2 for the second, … */
  "nearest",
  /** How near it is beside the nearest one. */
  "near",
  /** Of the constants that are no free text and not open, the share that the task says, and that it does not say; both 0 without any. */
  "said",
  "unsaid",
  /** A free text that the task does not say. */
  "written",
  /** A target, command or credential of a tool that acts, as a constant that the task does not say. */
  "steered",
  /** The worst of the tool's notable effects, and no word of the task asks for it. */
  "unwanted",
  /** The tool only reads. */
  "reads",
  /** Its result is read by a node that acts. */
  "feeds",
  /** Another node of the same tool has more of its constants in the task. */
  "twin",
] as const;

/** Signs that need vectors. */
export const vectorSignNames = ["nearest by meaning", "near by meaning"] as const;

/** A node with its signs. */
export interface NodeSigns {
  readonly node: string;
  readonly tool: FrozenTool;
  /** In the order of {@link signNames}, then of {@link vectorSignNames} where there are vectors. */
  readonly signs: readonly number[];
  readonly constants: readonly NodeConstant[];
  /** The worst notable effect, if nothing in the task asks for it. */
  readonly unwanted: readonly Effect[];
  readonly clause: Clause | undefined;
  /** Nodes that read its result. */
  readonly readers: readonly string[];
}

/** What signs are read from. */
export interface SignOptions {
  readonly task: string;
  readonly context?: ValueContext;
  readonly embed?: Embed;
}

/** What is known of one task under one catalogue. */
interface Scene {
  readonly said: SaidBy;
  readonly clauses: readonly Clause[];
  readonly drafts: ReadonlyMap<string, DraftTool>;
  readonly places: ReadonlyMap<string, number>;
  readonly near: readonly Nearness[];
  readonly nearByMeaning: readonly Nearness[] | undefined;
  readonly rarity: (stem: string) => number;
  readonly asked: ReturnType<typeof askedEffects>;
}

/** Catalogues that were prepared: a review of many plans reads a catalogue once. */
const prepared = new WeakMap<
  Catalogue,
  { readonly drafts: readonly DraftTool[]; readonly near: ReturnType<typeof openNearTools> }
>();

async function sceneOf(catalogue: Catalogue, { task, context = {}, embed }: SignOptions): Promise<Scene> {
  let known = prepared.get(catalogue);
  if (known === undefined) {
    const drafts = [...catalogue.tools.values()].map(draftTool);
    known = { drafts, near: openNearTools(drafts) };
    prepared.set(catalogue, known);
  }
  const { drafts, near } = known;
  const clauses = clausesIn(task);
  const hasVectors = embed !== undefined && clauses.length > 0;
  return {
    said: readSaid(task, context),
    clauses,
    drafts: new Map(drafts.map((tool) => [tool.name, tool])),
    places: new Map(drafts.map(({ name }, at) => [name, at])),
    near: near.byWords(clauses),
    nearByMeaning: hasVectors ? await nearByVectors(drafts, clauses, { embed }) : undefined,
    rarity: near.words.rarity,
    asked: askedEffects(task),
  };
}

/** The signs of every node of a plan that calls a tool of the catalogue, in the order of the plan. */
export async function signsOf(plan: Plan, catalogue: Catalogue, options: SignOptions): Promise<readonly NodeSigns[]> {
  const scene = await sceneOf(catalogue, options);
  const names = { nodes: new Set(Object.keys(plan.nodes)), params: new Set(Object.keys(plan.params ?? {})) };
  const calls: Call[] = [];
  for (const [name, node] of Object.entries(plan.nodes)) {
    const tool = node.tool === undefined ? undefined : catalogue.resolve(node.tool);
    const draft = tool?.ok === true ? scene.drafts.get(tool.value.name) : undefined;
    if (tool?.ok !== true || draft === undefined) continue;
    const reads = new Set(
      readsOf(name, node, names)
        .filter(({ by }) => by !== "after")
        .map((read) => read.node),
    );
    const constants = constantsOf({ name, node, tool: tool.value, draft, params: plan.params ?? {} }, scene.said);
    calls.push({ name, node, tool: tool.value, draft, constants, reads });
  }
  return calls.map((call) => nodeSigns(call, calls, scene));
}

interface Call {
  readonly name: string;
  readonly node: PlanNode;
  readonly tool: FrozenTool;
  readonly draft: DraftTool;
  readonly constants: readonly NodeConstant[];
  readonly reads: ReadonlySet<string>;
}

const steeringRoles: ReadonlySet<string> = new Set(["target", "command", "credential"]);

/** Whether a tool does more than read. */
function acts({ facts }: FrozenTool): boolean {
  return facts.effects.some((effect) => notableEffects.includes(effect));
}

/** Whether a constant steers a tool that acts, and the task does not say it. */
export function isUnasked({ role, standing }: NodeConstant, tool: FrozenTool): boolean {
  return standing === "unsaid" && steeringRoles.has(role) && acts(tool);
}

function nodeSigns(call: Call, calls: readonly Call[], scene: Scene): NodeSigns {
  const { name, tool, draft, constants } = call;
  const place = scene.places.get(tool.name) ?? 0;
  const near = scene.near[place] ?? { rank: 0, share: 0, clause: 0 };
  const meant = scene.nearByMeaning?.[place];
  const effects = notableEffects.filter((effect) => tool.facts.effects.includes(effect));
  const unwanted = effects.slice(0, 1).filter((effect) => !scene.asked.has(effect));
  const readers = calls.filter((other) => other !== call && other.reads.has(name));
  const signs = [
    shareNamed(draft, scene),
    near.rank,
    near.share,
    shareOf(constants, "said"),
    shareOf(constants, "unsaid"),
    Number(constants.some(({ role, standing }) => role === "content" && standing === "unsaid")),
    Number(constants.some((constant) => isUnasked(constant, tool))),
    unwanted.length,
    Number(!acts(tool)),
    Number(readers.some((other) => acts(other.tool))),
    Number(calls.some((other) => other !== call && other.tool === tool && saidMore(other, call))),
    ...(meant === undefined ? [] : [meant.rank, meant.share]),
  ];
  // Without a common word no part of the task is nearer than another, but by meaning.
  const clause = meant === undefined && near.rank === 0 ? undefined : scene.clauses[meant?.clause ?? near.clause];
  return { node: name, tool, signs, constants, unwanted, clause, readers: readers.map((other) => other.name) };
}

function saidMore(one: Call, other: Call): boolean {
  return shareOf(one.constants, "unsaid") < shareOf(other.constants, "unsaid");
}

function shareOf(constants: readonly NodeConstant[], standing: "said" | "unsaid"): number {
  const clear = constants.filter((constant) => constant.role !== "content" && constant.standing !== "open");
  return clear.length === 0 ? 0 : clear.filter((constant) => constant.standing === standing).length / clear.length;
}

/** The words of the tool's own name, without its server's. */
function shareNamed({ name }: DraftTool, { said, rarity }: Scene): number {
  const stems = [...new Set(stemsOf(name.slice(name.indexOf("/") + 1)))];
  const all = stems.reduce((sum, stem) => sum + rarity(stem), 0);
  const common = stems.filter((stem) => said.stems.has(stem)).reduce((sum, stem) => sum + rarity(stem), 0);
  return all === 0 ? 0 : common / all;
}
