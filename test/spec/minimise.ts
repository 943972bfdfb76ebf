/**
 * Makes a difference between engine and interpreter smaller: takes steps, nodes, members and elements away while they still differ.
 * Never changes a value into another, so what is left is part of what was found.
 */
import { isArray, isObject, type Json, type JsonObject } from "../../src/json/value.ts";
import { parsePlan } from "../../src/plan/schema.ts";
import { type Difference, openPair } from "./compare.ts";
import type { Generated } from "./generate-plan.ts";
import type { TraceStep } from "./generate-trace.ts";

/** Replays steps on both sides; the first difference, or `undefined` (also if the plan is not one any more). */
export function replay(generated: Generated, steps: readonly TraceStep[]): Difference | undefined {
  try {
    if (!parsePlan(generated.frozen.plan as unknown as Json).ok) return undefined;
    const pair = openPair(generated);
    if (!("step" in pair)) return undefined;
    for (const [i, step] of steps.entries()) {
      const said = pair.step(step);
      if (said.spec !== said.engine) return { generated, steps: steps.slice(0, i + 1), spec: said.spec, engine: said.engine };
    }
  } catch {
    // A part that something else needs was taken away.
  }
  return undefined;
}

/** Every value that is `value` with one member or element less, at most `depth` levels down. */
function* smaller(value: Json, depth: number): Generator<Json> {
  if (isArray(value)) {
    for (let i = value.length - 1; i >= 0; i--) yield value.toSpliced(i, 1);
    if (depth > 1)
      for (let i = 0; i < value.length; i++) for (const part of smaller(value[i] as Json, depth - 1)) yield value.with(i, part);
  } else if (isObject(value)) {
    const names = Object.keys(value);
    for (const name of names)
      yield Object.fromEntries(names.filter((other) => other !== name).map((other) => [other, value[other] as Json]));
    if (depth > 1)
      for (const name of names) for (const part of smaller(value[name] as Json, depth - 1)) yield { ...value, [name]: part };
  }
}

/** The smallest difference that taking single parts away leads to: whole steps and nodes first, then what is in them. */
export function minimise(difference: Difference): Difference {
  let best = difference;
  for (const depth of [1, 2, 3, 5, 12]) {
    for (let tried = 0, isOver = false; !isOver; ) {
      const found = firstSmaller(best, { depth, from: tried });
      isOver = found === undefined;
      ({ best, tried } = found ?? { best, tried });
    }
  }
  return best;
}

/** The first smaller difference among the variants from number `from` on, and its number. */
function firstSmaller(
  { generated, steps, ...said }: Difference,
  at: { readonly depth: number; readonly from: number },
): { readonly best: Difference; readonly tried: number } | undefined {
  let number = 0;
  for (const [next, nextSteps] of variants(generated, steps, at.depth)) {
    const found = number++ < at.from ? undefined : replay(next, nextSteps);
    if (found !== undefined && kindOf(found) === kindOf({ generated, steps, ...said })) return { best: found, tried: number - 1 };
  }
  return undefined;
}

/** What the two said, without values. */
function kindOf({ spec, engine }: Difference): string {
  return [spec, engine].map((text) => /"code":"\w+"|"verdict":"\w+"|"delivered"|^\w+$/.exec(text)?.[0]).join(" ");
}

function* variants(
  generated: Generated,
  steps: readonly TraceStep[],
  depth: number,
): Generator<readonly [Generated, readonly TraceStep[]]> {
  for (let i = steps.length - 1; i >= 0; i--) yield [generated, steps.toSpliced(i, 1)];
  for (const [i, step] of steps.entries()) {
    if (step.kind === "call")
      for (const args of smaller(step.call.args, depth))
        yield [generated, steps.with(i, { ...step, call: { ...step.call, args } })];
    else if (step.kind === "settle" && "value" in step.result)
      for (const value of smaller(step.result.value, depth))
        yield [generated, steps.with(i, { ...step, result: { ...step.result, value } })];
  }
  const { frozen } = generated;
  const { nodes, ...plan } = frozen.plan as unknown as JsonObject;
  const withPlan = (other: JsonObject): Generated => ({ ...generated, frozen: { ...frozen, plan: other as never } });
  for (const fewer of smaller(nodes as Json, depth)) yield [withPlan({ ...plan, nodes: fewer }), steps];
  for (const fewer of smaller(plan, depth)) yield [withPlan({ ...(fewer as JsonObject), nodes: nodes as Json }), steps];
  if (depth < 3) return;
  for (const [name, tool] of Object.entries(frozen.tools))
    for (const facts of [
      { ...tool.facts, effects: [] },
      { ...tool.facts, labels: [] },
      { ...tool.facts, audience: [] },
    ])
      if (JSON.stringify(facts) !== JSON.stringify(tool.facts))
        yield [{ ...generated, frozen: { ...frozen, tools: { ...frozen.tools, [name]: { ...tool, facts } } } }, steps];
}
