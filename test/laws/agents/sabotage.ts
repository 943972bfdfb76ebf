/**
 * Ways to break the engine from outside, by wrapping its functions where other modules import them: each takes away one thing that soundness rests on.
 * Never edits the source. A wrapper does what it wraps, unless its own sabotage is the one that is on.
 */
import type { CompiledPlan } from "../../../src/plan/compile/compiled.ts";
import type { FrozenPlan } from "../../../src/plan/plan.ts";
import type { Label } from "../../../src/taint/label.ts";

// What is wrapped cannot be imported by its own wrapper.
const bottom: Label = { sources: undefined, readers: null, isUntrusted: false, denied: 0 };
const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

/** What is broken, by name, and where it must be noticed. */
export const sabotages = {
  "labels are not joined": "engine",
  "what is delivered does not reach the context": "engine",
  "denials that read hidden data do not reach the context": "engine",
  "a call's arguments do not reach the label of its result": "engine",
  "a tool has no label of its own": "engine",
  "flow rules are not looked at": "engine",
  "a flow rule does not look at whether the call happens": "engine",
  "a rule's audience is not looked at": "engine",
  "choices are free in steering arguments, whatever was read": "engine",
  "the agent's value is taken where the plan fills in": "engine",
  "hidden results are shown": "engine",
  "which run is referred to is not the agent's choice": "engine",
  "what is removed from one path is removed from all": "engine",
  "parameters that the agent filled in are the user's": "engine",
  "what a conversation has seen is forgotten with its session": "enforcement point",
  "labels of resources are forgotten": "enforcement point",
  "a batch is told to its session alone": "enforcement point",
} as const;

/** The name of one of them. */
export type Sabotage = keyof typeof sabotages;

/** Which one is on. */
export const current: { name: Sabotage | undefined } = { name: undefined };
/** Whether it is this one. */
export const is = (name: Sabotage): boolean => current.name === name;

type Module<T> = () => Promise<T>;
type Labels = typeof import("../../../src/taint/label.ts");
type Regions = typeof import("../../../src/decide/regions.ts");
type MadeOf = typeof import("../../../src/decide/made.ts");
type Fold = typeof import("../../../src/decide/fold.ts");
type Programs = typeof import("../../../src/decide/program.ts");
type Flows = typeof import("../../../src/decide/flow.ts");
type Readies = typeof import("../../../src/decide/ready.ts");
type Observing = typeof import("../../../src/decide/observe.ts");
type Compiling = typeof import("../../../src/plan/compile.ts");
type Resources = typeof import("../../../src/decide/resources.ts");
type Kept = typeof import("../../../src/surfaces/enforce/call/resources.ts");
type Committing = typeof import("../../../src/surfaces/enforce/call/commit.ts");

/** Wrappers of modules, by their path below `src/`. */
export const wrappers = {
  "taint/label.ts": async (original: Module<Labels>): Promise<Labels> => {
    const real = await original();
    return { ...real, join: (a, b) => (is("labels are not joined") ? a : real.join(a, b)) };
  },
  "decide/regions.ts": async (original: Module<Regions>): Promise<Regions> => {
    const real = await original();
    return {
      shownLabel: (node, run) => (is("what is delivered does not reach the context") ? bottom : real.shownLabel(node, run)),
      labelOfRead: (run, prefix) => {
        const [region] = run.regions;
        const isOff = is("what is removed from one path is removed from all");
        return isOff && region !== undefined ? region.label : real.labelOfRead(run, prefix);
      },
    };
  },
  "decide/made.ts": async (original: Module<MadeOf>): Promise<MadeOf> => {
    const real = await original();
    const name = "denials that read hidden data do not reach the context";
    return {
      ...real,
      readsOfAll: (state, nodes) => (is(name) ? bottom : real.readsOfAll(state, nodes)),
      verdictReads: (state, node) => ({ ...real.verdictReads(state, node), ...(is(name) ? { label: bottom } : {}) }),
    };
  },
  "decide/fold.ts": async (original: Module<Fold>): Promise<Fold> => {
    const real = await original();
    return {
      openState: (program, event) => {
        const state = real.openState(program, event);
        if (is("parameters that the agent filled in are the user's")) state.agentParams = new Set();
        return state;
      },
      apply: (program, state, event, made) => {
        const isOff = made !== undefined && is("a call's arguments do not reach the label of its result");
        real.apply(program, state, event, isOff ? { ...made, label: bottom } : made);
      },
    };
  },
  "decide/program.ts": async (original: Module<Programs>): Promise<Programs> => {
    const real = await original();
    return {
      ...real,
      createProgram: (...options) => {
        const program = real.createProgram(...options);
        const isOff = is("a tool has no label of its own");
        return isOff ? { ...program, toolLabels: program.toolLabels.map((): Label => bottom) } : program;
      },
    };
  },
  "decide/flow.ts": async (original: Module<Flows>): Promise<Flows> => {
    const real = await original();
    const codes: { readonly [name in Sabotage]?: string } = {
      "a flow rule does not look at whether the call happens": "FLOW_CONTROL_DENIED",
      "a rule's audience is not looked at": "FLOW_AUDIENCE_DENIED",
      "choices are free in steering arguments, whatever was read": "FLOW_CHOICE_UNTRUSTED",
    };
    return {
      ...real,
      checkFlows: (scope, all) => {
        if (is("flow rules are not looked at")) return undefined;
        const found = real.checkFlows(scope, all);
        const isMissed =
          found !== undefined && "code" in found && current.name !== undefined && codes[current.name] === found.code;
        return isMissed ? undefined : found;
      },
    };
  },
  "decide/ready.ts": async (original: Module<Readies>): Promise<Readies> => {
    const real = await original();
    return {
      ...real,
      readyOf: (program, node) => {
        const ready = real.readyOf(program, node);
        if (!is("the agent's value is taken where the plan fills in")) return ready;
        const steps = ready.steps.map((step): (typeof ready.steps)[number] => ({
          ...step,
          resolve: (scope, sent) => {
            const resolved = step.resolve(scope, undefined);
            return resolved.ok && sent !== undefined ? { ...resolved, value: sent } : step.resolve(scope, sent);
          },
        }));
        return { ...ready, steps };
      },
    };
  },
  "decide/observe.ts": async (original: Module<Observing>): Promise<Observing> => {
    const real = await original();
    return {
      ...real,
      observe: (program, state, number, outcome) => {
        const observation = real.observe(program, state, number, outcome);
        if (!is("hidden results are shown") || !observation.ok) return observation;
        return { ...observation, delivered: "value" in outcome.result ? outcome.result.value : outcome.result.error };
      },
    };
  },
  "plan/compile.ts": async (original: Module<Compiling>): Promise<Compiling> => {
    const real = await original();
    return {
      ...real,
      compilePlan: (frozen: FrozenPlan) => {
        const compiled = real.compilePlan(frozen);
        if (compiled.ok && is("which run is referred to is not the agent's choice")) settleReads(compiled.value);
        return compiled;
      },
    };
  },
  "decide/resources.ts": async (original: Module<Resources>): Promise<Resources> => {
    const real = await original();
    return {
      ...real,
      keptLabel: (state, query) => (is("labels of resources are forgotten") ? bottom : real.keptLabel(state, query)),
    };
  },
  "surfaces/enforce/call/resources.ts": async (original: Module<Kept>): Promise<Kept> => {
    const real = await original();
    const isOff = (): boolean => is("labels of resources are forgotten");
    return {
      keptInStore: (point, touched) => (isOff() ? ok(undefined) : real.keptInStore(point, touched)),
      writtenByCall: async (point, live, decision) => (isOff() ? ok([]) : real.writtenByCall(point, live, decision)),
      writtenByRun: (live, run, settled) => (isOff() ? undefined : real.writtenByRun(live, run, settled)),
    };
  },
  "surfaces/enforce/call/commit.ts": async (original: Module<Committing>): Promise<Committing> => {
    const real = await original();
    return {
      ...real,
      contextAfter: (live, cause) => {
        // A verdict's own reads are told with its event; what is not is the batch's label, which this is then.
        const isBatch = is("a batch is told to its session alone") && "reads" in cause && cause.reads.sources !== undefined;
        return isBatch ? undefined : real.contextAfter(live, cause);
      },
    };
  },
};

/** Every read of a compiled plan as if its runs were fixed by the plan. */
function settleReads({ nodes }: CompiledPlan): void {
  const seen = new Set<object>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if ("isVariable" in value) (value as { isVariable: boolean }).isVariable = false;
    for (const part of Object.values(value)) visit(part);
  };
  for (const { args, when, require, each } of nodes) visit([args, when, require, each]);
}
