/**
 * Every benign run that there is, with its plan: the examples of `plans/`, plans learned from `plans/invoices`, the corpus of `test/`, runs made up for the
 * plans of three agents, AgentDojo (where `SLUICE_DATA` has it), and generated plans with generated runs.
 * Reads files. Never skips one without saying so.
 */
import { readdirSync, readFileSync } from "node:fs";
import { readCatalogue, type Catalogue } from "../../src/catalogue/catalogue.ts";
import { readJson } from "../../src/json/read.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { readYaml } from "../../src/json/yaml.ts";
import { learnPlan } from "../../src/learn/learn.ts";
import type { Finding } from "../../src/plan/finding.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { catalogueOf } from "../../src/plan/freeze-resolve.ts";
import { lintPlan, worstCaseFlows } from "../../src/plan/lint.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";
import { parsePlan } from "../../src/plan/schema.ts";
import type { Result } from "../../src/result.ts";
import { playThrough } from "../../src/simulate/drive.ts";
import { readTrace, type TraceEvent } from "../../src/trace.ts";
import { exampleNames, must, readExample } from "../../test/plans/example.ts";
import { openPair } from "../../test/spec/compare.ts";
import { diceOf } from "../../test/spec/dice.ts";
import { generatePlan, startsAt } from "../../test/spec/generate-plan.ts";
import { atOf, generateAnyStep } from "../../test/spec/generate-trace.ts";
import { dataFolder, readSuite, suiteNames } from "../agentdojo/data.ts";
import { learnTask } from "../agentdojo/measure.ts";
import type { BenignPlan } from "./benign.ts";
import { mix } from "./mutant.ts";

/** The sets, in the order of the table. */
export const setNames = ["plans", "invoices", "three-agents", "corpus", "agentdojo", "generated"] as const;

/** One of them. */
export type SetName = (typeof setNames)[number];

/** What a set holds, and what of it could not be used. */
export interface RunSet {
  readonly set: SetName;
  readonly plans: readonly BenignPlan[];
  readonly left: readonly string[];
}

/** Reads a set. `count`: plans of a generated one. */
export function readSet(set: SetName, { count, seed }: { readonly count: number; readonly seed: number }): RunSet {
  const readers: { readonly [name in SetName]: () => Omit<RunSet, "set"> } = {
    plans: examples,
    invoices,
    "three-agents": threeAgents,
    corpus,
    agentdojo,
    generated: () => generated(count, seed),
  };
  return { set, ...readers[set]() };
}

const root = new URL("../../", import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, root), "utf8");
const jsonOf = (path: string): Json => must(readJson(textOf(path)), path);

interface Announcing {
  readonly plan: Plan;
  readonly catalogue: Catalogue | undefined;
  /** Findings of learning. */
  readonly findings?: readonly Finding[];
}

/** Findings that say of an argument, or of a node, that data or the agent chooses there. No other finding announces anything. */
const announcingArguments =
  /^(?:LEARN_(?:DATA_IN_TARGET|DATA_IN_SELECTOR|COMPUTED|POSITION|PICK|CHOICE|FALLBACK)|LINT_OTHERWISE|LINT_CHOICE)/;
const announcingNodes = /^(?:LEARN_AGENT_ROWS|LEARN_ROWS|LEARN_GUARD|LINT_GUARD_UNTRUSTED)$/;

/** By which finding the approver knew that data may come to an argument: of its own first, then the worst case that lint lists, then of its node. */
function announcing({ plan, catalogue, findings = [] }: Announcing): BenignPlan["announcedAt"] {
  const all = [...findings, ...lintPlan(plan, catalogue)];
  const ofArguments = all.filter(({ code }) => announcingArguments.test(code));
  const ofNodes = all.filter(({ code }) => announcingNodes.test(code));
  const flows = worstCaseFlows(plan, catalogue);
  return (node, argument) => {
    const own = ofArguments.find(({ pointer }) => `${pointer}/`.startsWith(`/nodes/${node}/args/${argument}/`));
    const flow = flows.some((each) => each.node === node && each.argument === argument);
    const ofNode = ofNodes.find(({ pointer }) => pointer === `/nodes/${node}` || pointer.startsWith(`/nodes/${node}/`));
    return own?.code ?? (flow ? "worst-case flow" : ofNode?.code);
  };
}

function examples(): Omit<RunSet, "set"> {
  const plans = exampleNames.flatMap((name) => {
    const example = readExample(name);
    const frozen = must(freezePlan(example.plan, example.catalogue), name);
    return [...example.traces.keys()].map((file): BenignPlan => {
      const trace = must(readTrace(textOf(`plans/${name}/${file}`)), file);
      return {
        set: "plans",
        // The attacks of the examples are worlds of their own: what is allowed in them is a run to start from.
        name: `${name}/${file.replace(".jsonl", "")}`,
        frozen,
        params: example.paramsOf(file),
        events: trace.events,
        announcedAt: announcing({ plan: example.plan, catalogue: example.catalogue }),
      };
    });
  });
  return {
    plans,
    left: [
      "plans/policy: its traces show a policy's limits and name no plan",
      "plans/python, plans/deployments: programs, not plans",
    ],
  };
}

function invoices(): Omit<RunSet, "set"> {
  const catalogue = must(readCatalogue(jsonOf("plans/invoices/catalogue.json")), "invoices");
  const files = readdirSync(new URL("plans/invoices/runs/", root)).sort();
  const traces = files.map((file) => must(readTrace(textOf(`plans/invoices/runs/${file}`)), file));
  const learned = must(learnPlan(traces, catalogue, { name: "invoices" }), "learnPlan");
  const frozen = must(freezePlan(learned.plan, catalogue), "invoices");
  const announcedAt = announcing({ plan: learned.plan, catalogue, findings: learned.findings });
  const plans = traces.flatMap((trace, i): readonly BenignPlan[] => {
    const name = `invoices/${files[i]?.replace(".jsonl", "")}`;
    return [{ set: "invoices", name, frozen, params: learned.params[i] ?? {}, events: trace.events, announcedAt }];
  });
  return { plans, left: [] };
}

function threeAgents(): Omit<RunSet, "set"> {
  const catalogue = must(readCatalogue(jsonOf("plans/three-agents/catalogue.json")), "three-agents");
  const left: string[] = [];
  const plans = ["desk", "reader", "treasury"].flatMap((name) => {
    const plan = must(parsePlan(must(readYaml(textOf(`plans/three-agents/${name}.yaml`)), name)), name);
    return madeUp({ set: "three-agents", name, plan, catalogue }, freezePlan(plan, catalogue), left);
  });
  return { plans, left };
}

/** Two runs that the engine plays by itself: every node, and strangers' data first. */
function madeUp(
  {
    set,
    name,
    plan,
    catalogue,
  }: { readonly set: SetName; readonly name: string; readonly plan: Plan; readonly catalogue: Catalogue },
  frozen: Result<FrozenPlan, readonly Finding[]>,
  left: string[],
): readonly BenignPlan[] {
  if (!frozen.ok) {
    left.push(`${name}: ${frozen.error[0]?.code}`);
    return [];
  }
  const announcedAt = announcing({ plan, catalogue });
  return [false, true].flatMap((readsFirst): readonly BenignPlan[] => {
    const drive = playThrough(frozen.value, { readsFirst });
    if (!drive.ok || drive.trace.length === 0) {
      left.push(`${name}: ${drive.ok ? "a run without calls" : drive.why}`);
      return [];
    }
    const run = readsFirst ? "strangers first" : "made up";
    return [{ set, name: `${name}, ${run}`, frozen: frozen.value, params: drive.params, events: drive.trace, announcedAt }];
  });
}

interface CorpusCase {
  readonly catalogue: Json;
  readonly plan: Plan;
  readonly params?: JsonObject;
  readonly agentParams?: readonly string[];
}

/** The plans of the corpus, each with runs that are made up for it: its own events are there to be denied. */
function corpus(): Omit<RunSet, "set"> {
  const left: string[] = [];
  const files = readdirSync(new URL("test/corpus/", root)).filter((file) => file.endsWith(".json"));
  const plans = files.sort().flatMap((file) => {
    const { catalogue, plan } = jsonOf(`test/corpus/${file}`) as unknown as CorpusCase;
    const tools = must(readCatalogue(catalogue), file);
    return madeUp({ set: "corpus", name: file.replace(".json", ""), plan, catalogue: tools }, freezePlan(plan, tools), left);
  });
  return { plans, left };
}

function agentdojo(): Omit<RunSet, "set"> {
  const folder = dataFolder("agentdojo");
  if (folder === undefined) return { plans: [], left: ["agentdojo: no data (SLUICE_DATA)"] };
  const left: string[] = [];
  const plans = suiteNames(folder).flatMap((name) => {
    const suite = readSuite(folder, name);
    return suite.tasks.flatMap((task): readonly BenignPlan[] => {
      const learned = learnTask(suite, task);
      if ("reason" in learned) {
        left.push(`${name}/${task.id}: ${learned.reason}`);
        return [];
      }
      const { frozen, plan, findings } = learned;
      const announcedAt = announcing({ plan, catalogue: suite.catalogue, findings });
      return [{ set: "agentdojo", name: `${name}/${task.id}`, frozen, params: {}, events: task.trace.events, announcedAt }];
    });
  });
  return { plans, left };
}

const numbersOfOne = 1_500;
const stepsOfOne = 24;

/** Plans and runs that are drawn; a plan without a run of two calls is left out, and counted. */
function generated(count: number, seed: number): Omit<RunSet, "set"> {
  const plans: BenignPlan[] = [];
  let empty = 0;
  for (let i = 0; plans.length < count && i < count * 20; i++) {
    const dice = diceOf(Array.from({ length: numbersOfOne }, (_, k) => mix(seed * 7_919 + i, k) & 0xffff));
    const made = { ...generatePlan(dice, new Set()), agentParams: [] };
    const pair = openPair(made);
    const events = "step" in pair ? generatedRun(dice, pair) : [];
    if (events.filter(({ type }) => type === "call").length < 2) {
      empty += 1;
      continue;
    }
    const { frozen, params } = made;
    const announcedAt = announcing({ plan: frozen.plan, catalogue: catalogueOf(frozen) });
    plans.push({ set: "generated", name: `generated ${seed}-${i}`, frozen, params, events, announcedAt });
  }
  return { plans, left: [`generated: ${empty} plans without a run of two calls`] };
}

/** What the interpreter allowed of generated steps, as a trace: approvals and time are left out, so that some calls of it may be denied. */
function generatedRun(
  dice: ReturnType<typeof diceOf>,
  pair: Exclude<ReturnType<typeof openPair>, readonly string[]>,
): readonly TraceEvent[] {
  const events: TraceEvent[] = [];
  let now = startsAt;
  for (let i = 0; i < stepsOfOne; i++) {
    const step = generateAnyStep(dice, pair.spec, now);
    now = atOf(step);
    const { outcome } = pair.step(step);
    if (step.kind === "call" && outcome === "allow") {
      const run = pair.spec.events.filter((event) => event.kind === "allow").length - 1;
      const { tool, args, node } = step.call;
      const named = node === undefined ? {} : { sluice_node: node };
      events.push({ type: "call", id: `${run}`, tool, args: { ...(args as JsonObject), ...named } });
    }
    if (step.kind === "settle" && outcome === "settled") {
      const { result } = step;
      events.push({ type: "result", id: `${result.run}`, value: "value" in result ? result.value : { error: result.error } });
    }
  }
  return events;
}
