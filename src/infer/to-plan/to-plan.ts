/**
 * From a planner's proposal to a draft plan: nodes, parameters, references, edges and default constraints, checked by the linter.
 * Pure. Never freezes what it made, and never gives a value that the proposal does not have.
 */
import type { Catalogue } from "../../catalogue/catalogue.ts";
import { changing } from "../../intent/constraints.ts";
import { draftOf } from "../../intent/draft.ts";
import type { IntentStep } from "../../intent/intent.ts";
import type { Finding } from "../../plan/finding.ts";
import { pointerOf } from "../../json/pointer.ts";
import type { Plan } from "../../plan/plan.ts";
import { err, ok, type Result } from "../../result.ts";
import type { Proposal } from "../proposal.ts";
import { isComputed, type WrittenRules, writeArguments } from "./arguments.ts";
import { type PlannedCall, plannedCalls } from "./calls.ts";
import { withDefaults } from "./constrain.ts";
import { type Cues, cuesOf, overlaps } from "./cues.ts";
import { argumentName, decisionsOf, type DraftDecision } from "./decisions.ts";
import { orderedByWords } from "./order.ts";
import { type AskedParam, askedParams } from "./params.ts";
import { type Loop, loopOf } from "./rows.ts";

/** A proposal as a plan. */
export interface PlannedDraft {
  readonly plan: Plan;
  /** `INFER_…`: what a person must know of it; and what the linter says that forbids freezing it. */
  readonly findings: readonly Finding[];
  readonly decisions: readonly DraftDecision[];
}

/** What a plan is made with. */
export interface ToPlanContext {
  readonly task: string;
  readonly catalogue: Catalogue;
  /** Name of the plan. Default: the first words of the task. */
  readonly name?: string;
}

/** Words of a task that name its plan. */
const nameWordsMax = 6;

/** Makes a draft plan of a proposal with at least one call. The error says in one line why no plan can say it. */
export function planOf(proposal: Proposal, { task, catalogue, name }: ToPlanContext): Result<PlannedDraft, string> {
  const planned = plannedCalls(proposal, catalogue);
  if ("missing" in planned)
    return err(`the planner names a tool that the catalogue has not: \`${planned.missing.slice(0, 80)}\``);
  const { calls } = planned;
  const cues = cuesOf(task);
  const loops = loopsOf(calls, cues);
  const params = askedParams(calls);
  const written = calls.map((call) => writeArguments(call, { calls, loops, params, cues }));
  const after = orderedByWords(calls, cues);
  const steps = calls.map((call, at) => stepOf(call, { written: written[at] as WrittenRules, loops, after, calls }));
  const drafted = draftOf(
    { task, params: Object.fromEntries(params.map(({ name: own, spec }) => [own, spec])), steps, findings: [] },
    catalogue,
    { name: name ?? (task.match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, nameWordsMax).join(" "), areReadsUnordered: true },
  );
  if (!drafted.ok) return err(drafted.error.message);
  const plan = withDefaults(drafted.value.plan, catalogue);
  const joined = joinedNodes(calls, plan);
  const description = originOf(proposal);
  const findings = [
    ...asksOf(params),
    ...calls.flatMap((call, at) => callFindings(call, { written: written[at] as WrittenRules, loops, after, calls, joined })),
    ...conditionsOf(calls, cues, joined),
    ...drafted.value.findings,
  ];
  const decisions = calls.flatMap((call, at) => decisionsOf(call, written[at] as WrittenRules, { task, calls, joined }));
  const { sluice, name: planName, task: words, ...rest } = plan;
  const whole = { sluice, name: planName, ...(words === undefined ? {} : { task: words }), description, ...rest };
  return ok({ plan: whole, findings, decisions });
}

/** Loops in the order in which calls depend on each other, since a loop over runs needs to know of the other one. */
function loopsOf(calls: readonly PlannedCall[], cues: Cues): ReadonlyMap<number, Loop> {
  const loops = new Map<number, Loop>();
  const seen = new Set<number>();
  const visit = (call: PlannedCall): void => {
    if (seen.has(call.index)) return;
    seen.add(call.index);
    for (const { source } of call.args) {
      const other = source.kind === "result" ? calls[source.call] : undefined;
      if (other !== undefined) visit(other);
    }
    const loop = loopOf(call, { calls, loops, saysEach: cues.saysEach(call.proposed.evidence) });
    if (loop !== undefined) loops.set(call.index, loop);
  };
  for (const call of calls) visit(call);
  return loops;
}

interface StepContext {
  readonly calls: readonly PlannedCall[];
  readonly written: WrittenRules;
  readonly loops: ReadonlyMap<number, Loop>;
  readonly after: ReadonlyMap<number, readonly number[]>;
}

function stepOf(call: PlannedCall, { calls, written, loops, after }: StepContext): IntentStep {
  const loop = loops.get(call.index);
  const before = [...(after.get(call.index) ?? []), ...computedFrom(call, written)].map((at) => calls[at]?.node ?? "");
  const isOwnRuns = (name: string): boolean => loop?.each === name;
  return {
    name: call.node,
    tool: call.tool.name,
    args: written.args,
    ...(loop === undefined ? {} : { each: loop.each }),
    after: before.filter((name) => !isOwnRuns(name)),
    place: {},
  };
}

/** Calls that an expression reads: it says its edge only inside its text, and `after` says it aloud. */
function computedFrom({ args }: PlannedCall, written: WrittenRules): readonly number[] {
  return args.flatMap(({ path, source }) =>
    source.kind === "result" && isComputed(written.args[path[0] ?? ""] ?? null) ? [source.call] : [],
  );
}

/** Equal calls became one node: the name of the first in place of the others'. */
function joinedNodes(calls: readonly PlannedCall[], plan: Plan): ReadonlyMap<string, string> {
  const joined = new Map<string, string>();
  for (const call of calls) {
    if (Object.hasOwn(plan.nodes, call.node)) continue;
    const twin = calls.find(({ node, tool }) => tool === call.tool && plan.nodes[node]?.times !== undefined);
    joined.set(call.node, twin?.node ?? call.node);
  }
  return joined;
}

function originOf({ origin: { planner, from } }: Proposal): string {
  const named = from === undefined ? "" : ` ${from}`;
  if (planner === "memory") return `drafted from the approved plan${named}`;
  return planner === "model" ? `drafted by the local model${named}` : `drafted by the model of an endpoint${named}`;
}

function asksOf(params: readonly AskedParam[]): readonly Finding[] {
  return params.flatMap(({ name, spec, isContent, fills }): readonly Finding[] => {
    const pointer = pointerOf(["params", name]);
    const fallback = spec.default === undefined ? "" : "; unanswered, it is the tool's default";
    const or = isContent ? "; or let the agent write it, as in `{ write: { maxLength: 2000 } }`" : "";
    const asked = `the task does not say \`${name}\`, so that it is asked for when a session opens${fallback}${or}`;
    const first: Finding = { code: "INFER_ASKED", severity: "info", pointer, message: asked };
    if (fills.length < 2) return [first];
    const message = `\`${name}\` is asked for once and fills ${fills.length} arguments of this name: make it two parameters if they differ`;
    return [first, { code: "INFER_ASKED_ONCE", severity: "warning", pointer, message }];
  });
}

function callFindings(
  call: PlannedCall,
  { written, loops, after, calls, joined }: StepContext & { readonly joined: ReadonlyMap<string, string> },
): readonly Finding[] {
  const findings: Finding[] = [];
  const node = joined.get(call.node) ?? call.node;
  const loop = loops.get(call.index);
  if (loop !== undefined && typeof loop.each === "object" && !loop.isBounded) {
    const message = `it runs for each row of \`${loop.source.node}\`, at most ${loop.each.max}: nothing says how many there are, and more would deny every run`;
    findings.push({ code: "INFER_LOOP", severity: "warning", pointer: pointerOf(["nodes", node, "each", "max"]), message });
  }
  for (const argument of written.picked) {
    const message = `\`${argumentName(argument.path)}\` takes one of several values, and the task does not say which: confirm it, or say \`where\``;
    const [name = ""] = argument.path;
    findings.push({ code: "INFER_PICK", severity: "warning", pointer: pointerOf(["nodes", node, "args", name]), message });
  }
  const before = (after.get(call.index) ?? []).map((at) => `\`${calls[at]?.node}\``);
  if (before.length > 0) {
    const message = `it comes after ${before.join(", ")} by the words of the task`;
    findings.push({ code: "INFER_ORDER", severity: "info", pointer: pointerOf(["nodes", node, "after"]), message });
  }
  return findings;
}

/** A condition that the draft does not say, at the calls whose words it stands with. */
function conditionsOf(
  calls: readonly PlannedCall[],
  { conditions }: Cues,
  joined: ReadonlyMap<string, string>,
): readonly Finding[] {
  if (conditions.length === 0) return [];
  const message =
    "the task makes something depend on a condition, and the draft has none: say it as `when`, or take the node out";
  const meant = calls.filter(
    ({ tool, proposed }) =>
      tool.facts.effects.some((effect) => changing.has(effect)) &&
      proposed.evidence.some((words) => conditions.some((sentence) => overlaps(sentence, words))),
  );
  const pointers = meant.map(({ node }) => pointerOf(["nodes", joined.get(node) ?? node]));
  return [...new Set(pointers.length === 0 ? [""] : pointers)].map((pointer) => ({
    code: "INFER_CONDITION",
    severity: "warning",
    pointer,
    message,
  }));
}
