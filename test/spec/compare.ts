/**
 * Runs the engine beside the reference interpreter, one generated plan and trace at a time, and says where they first differ.
 * Never decides who is right.
 */
import type { Code } from "../../src/codes.ts";
import { createGuard } from "../../src/engine.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json } from "../../src/json/value.ts";
import { apply } from "../../src/decide/fold.ts";
import { observe } from "../../src/decide/observe.ts";
import type { Verdict } from "../../src/decide/verdict.ts";
import type { ArgRule, FrozenPlan } from "../../src/plan/plan.ts";
import type { LabelValue } from "../../src/taint/label.ts";
import type { Dice } from "./dice.ts";
import { inputsIn, withInputs, withOpening } from "./generate-inputs.ts";
import { type Generated, generatePlan, startsAt } from "./generate-plan.ts";
import { type TraceStep, atOf, generateAnyStep } from "./generate-trace.ts";
import { approve } from "./holds.ts";
import { checkBatch, close, open, release, settle, type SpecCall, type SpecVerdict } from "./interpreter.ts";
import type { Label } from "./labels.ts";
import { amend, type Session } from "./session.ts";

/** What happened over many runs: how often each code, class and form occurred. */
export interface Statistics {
  readonly counts: Map<string, number>;
}

/** Adds one to a count. */
export function count({ counts }: Statistics, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Where the two differ: enough to make a corpus case of it. */
export interface Difference {
  readonly generated: Generated;
  readonly steps: readonly TraceStep[];
  readonly spec: string;
  readonly engine: string;
}

const handleKey = "00112233445566778899aabbccddeeff";

const labelText = (label: Label | LabelValue): Json => ({
  sources: [...label.sources],
  readers: label.readers === null || label.readers === "everyone" ? null : [...label.readers],
});
const labelsText = (labels: { readonly [arg: string]: Label | LabelValue }): Json =>
  Object.fromEntries(Object.entries(labels).map(([name, label]) => [name, labelText(label)]));

/** Both sides of a session: a step gives what each says of it, as canonical text. */
export interface Pair {
  readonly spec: Session;
  /** Goes on under another plan on both sides, if the engine does. */
  amend(child: FrozenPlan): boolean;
  step(step: TraceStep): {
    readonly spec: string;
    readonly engine: string;
    readonly outcome: Code | "allow" | "settled" | "recorded" | "closed";
  };
}

/** Opens a session on both sides; `undefined` if the engine does not take the plan. */
export function openPair({ frozen, ...opening }: Generated): Pair | readonly string[] {
  let now = startsAt;
  const guard = createGuard(frozen, { clock: () => now });
  if (!guard.ok) return guard.error.map((finding) => `${finding.code} ${finding.pointer} ${finding.message}`);
  const { program } = guard.value;
  let isAmended = false;
  const opened = guard.value.session({ id: "s-1", key: handleKey, ...opening });
  if (!opened.ok) return [`${opened.error.code} ${opened.error.pointer} ${opened.error.message}`];
  const engine = opened.value;
  const spec = open(frozen, { ...opening, session: "s-1", handleKey, at: startsAt });
  const step = (one: TraceStep): ReturnType<Pair["step"]> => {
    if (one.kind === "settle") {
      const { run, at, received: theirs, claims, kept, ...result } = one.result;
      now = at;
      const receipt = theirs === undefined ? {} : { received: { ...theirs, links: [] } };
      const beside = { ...(claims === undefined ? {} : { claims }), ...(kept === undefined ? {} : { kept }) };
      // What only an enforcement point has is not passed through a session: what it does is done here.
      const isBare = isAmended || (claims === undefined && kept === undefined);
      const observed = isBare
        ? engine.record(run, result, receipt)
        : observe(program, engine.state, run, { result, at, ...receipt, ...beside });
      if (!isBare && observed.ok) apply(program, engine.state, observed.event);
      const settled = settle(spec, one.result);
      const of = (delivered: Json, context: Label | LabelValue): string =>
        canonicalJson({ delivered, context: labelText(context) });
      return {
        spec: "code" in settled ? settled.code : of(settled.delivered, settled.context),
        engine: observed.ok ? of(observed.delivered, engine.context()) : observed.code,
        outcome: "code" in settled ? settled.code : "settled",
      };
    }
    if (one.kind === "approve") {
      const { hold, at, ...said } = one.approval;
      now = at;
      const recorded = engine.approve(hold, said);
      const code = approve(spec, one.approval);
      return { spec: code, engine: recorded.ok ? "recorded" : recorded.error, outcome: code };
    }
    if (one.kind === "release") {
      now = one.release.at;
      return verdictsOf(engine.release(one.release.hold), release(spec, one.release));
    }
    if (one.kind === "close") {
      now = one.at;
      engine.close();
      close(spec, one.at);
      return { spec: "closed", engine: engine.state.isClosed ? "closed" : "open", outcome: "closed" };
    }
    const calls = one.kind === "call" ? [one.call] : one.calls;
    now = atOf(one);
    const verdicts = engine.checkBatch(calls.map(({ at: _, ...call }: SpecCall) => call));
    const said = checkBatch(spec, calls);
    // The context is the one after all of them, on both sides.
    const last = said.at(-1);
    const both = said.map((each, i) => verdictsOf(verdicts[i] as Verdict, { ...each, context: last?.context ?? each.context }));
    return {
      spec: both.map((each) => each.spec).join(),
      engine: both.map((each) => each.engine).join(),
      outcome: both.at(-1)?.outcome ?? "recorded",
    };
  };
  const verdictsOf = (verdict: Verdict, said: SpecVerdict): ReturnType<Pair["step"]> => {
    const { context, ...rest } = said;
    const own: Json = rest.verdict === "allow" ? { ...rest, labels: labelsText(rest.labels) } : rest;
    const theirs: Json =
      verdict.decision === "allow"
        ? {
            verdict: "allow",
            run: verdict.run,
            node: verdict.node,
            args: verdict.args,
            labels: labelsText(verdict.labels),
            ...(verdict.row === undefined ? {} : { row: verdict.row }),
          }
        : { verdict: "deny", code: verdict.code, ...approvalOf(verdict) };
    return {
      spec: canonicalJson({ ...(own as object), context: labelText(context) }),
      engine: canonicalJson({ ...(theirs as object), context: labelText(engine.context()) }),
      outcome: said.verdict === "allow" ? "allow" : said.code,
    };
  };
  const amendTo = (child: FrozenPlan): boolean => {
    const amended = engine.amend(child, { by: "ada" });
    if (amended.ok) {
      isAmended = true;
      amend(spec, child, now);
    }
    return amended.ok;
  };
  return { spec, step, amend: amendTo };
}

function approvalOf({ remedies }: Verdict & { readonly decision: "deny" }): { readonly approval?: string } {
  const approval = remedies.find((remedy) => remedy.approval !== undefined)?.approval;
  return approval === undefined ? {} : { approval };
}

/** The classes of the arguments of the run that was allowed last. */
function classesOfRun({ frozen }: Generated, { events }: Session): ReadonlySet<string> {
  const last = events.findLast((event) => event.kind === "allow");
  const rules = Object.entries((last?.kind === "allow" ? frozen.plan.nodes[last.node]?.args : undefined) ?? {});
  const classesOf = (rule: ArgRule): readonly string[] => {
    if (typeof rule !== "object" || rule === null) return ["literal"];
    if (Array.isArray(rule)) return ["list", ...rule.flatMap((part: ArgRule) => classesOf(part))];
    const own = Object.keys(rule).filter(
      (name) => !["match", "optional", "endorse", "declassify", "where", "pick", "text", "with"].includes(name),
    );
    return "object" in rule ? [...own, ...Object.values(rule.object).flatMap(classesOf)] : own;
  };
  const isPresent = (name: string): boolean => last?.kind === "allow" && Object.hasOwn(last.args, name);
  return new Set(rules.filter(([name]) => isPresent(name)).flatMap(([, rule]) => classesOf(rule)));
}

/** Generates a plan and a trace, and runs both sides until they differ. `undefined`: they agree, or the engine refused the plan. */
export function compare(dice: Dice, statistics: Statistics, steps = 24): Difference | undefined {
  const used = new Set<string>();
  const generated = withOpening(dice, generatePlan(dice, used));
  const pair = openPair(generated);
  count(statistics, "plans");
  if (!("step" in pair)) {
    for (const finding of pair) count(statistics, `refused: ${finding.replace(/\/nodes\/[^ ]*/, "…")}`);
    count(statistics, "refused");
    return undefined;
  }
  const done: TraceStep[] = [];
  let now = startsAt;
  let idle = 0;
  for (let i = 0; i < steps && idle < 7; i++) {
    const step = withInputs(dice, pair.spec, generateAnyStep(dice, pair.spec, now));
    now = atOf(step);
    done.push(step);
    const said = pair.step(step);
    count(statistics, `outcome ${said.outcome}`);
    for (const name of inputsIn(step)) count(statistics, `input ${name}`);
    const last = pair.spec.events.at(-1);
    if (said.outcome === "allow" && last?.kind === "allow" && last.hold !== undefined) count(statistics, "outcome released");
    const end = pair.spec.events.at(-1);
    if (said.outcome === "settled" && end?.kind === "settle" && end.brought.sources.length > 0) count(statistics, "brought");
    if (said.outcome === "settled" && step.kind === "settle" && step.result.received !== undefined) count(statistics, "received");
    if (said.outcome === "allow" && generated.received !== undefined) count(statistics, "allowed with received parameters");
    if (said.outcome === "allow") for (const name of classesOfRun(generated, pair.spec)) count(statistics, `allowed ${name}`);
    if (said.outcome === "allow" && step.kind === "call" && step.call.labels !== undefined)
      count(statistics, "allowed with labels");
    idle = ["allow", "settled", "recorded"].includes(said.outcome) ? 0 : idle + 1;
    if (said.spec !== said.engine) return { generated, steps: done, spec: said.spec, engine: said.engine };
  }
  for (const name of used) count(statistics, `plan with ${name}`);
  return undefined;
}
