/**
 * What of a node does not depend on a call: its arguments as steps, and which data-flow rules could deny them. Settled once, when the node is
 * first tried, since most nodes of a large plan never are.
 * Pure. No I/O, no clock. Never decides: a bit that is set only asks for a closer look.
 */
import type { CompiledArg, CompiledFlow, CompiledNode } from "../plan/compile/compiled.ts";
import type { Audience } from "../plan/plan.ts";
import { deniedBits } from "../taint/label.ts";
import type { Program } from "./program.ts";
import { type Resolver, resolverOf } from "./resolve.ts";
import type { Origin } from "./state.ts";

/** One argument of a node, made ready. */
export interface Step {
  readonly arg: CompiledArg;
  readonly resolve: Resolver;
  /** Bit `i` is set if flow rule `i` covers the argument (`Label.denied`). */
  readonly flows: number;
}

/** A node, made ready. */
export interface Ready {
  readonly steps: readonly Step[];
  /** The place of each argument in `steps`. */
  readonly places: ReadonlyMap<string, number>;
  /** As many `undefined` as there are arguments: copying it is the quickest way to an array of that size. */
  readonly blank: readonly undefined[];
  /** Bit `i` is set if flow rule `i` speaks about the occurrence of the call. */
  readonly control: number;
  /** Whether the rules ask for more than these bits say: there are later ones, or an occurrence is more than the context. */
  readonly isMore: boolean;
  /** Whether the tool shows its arguments to anybody, so that restricted readers count. */
  readonly hasAudience: boolean;
  /** Where the values of the last allowed call came from. */
  origins: readonly Origin[];
}

/** A node of the program, made ready. */
export function readyOf(program: Program, node: CompiledNode): Ready {
  program.ready[node.index] ??= makeReady(program, node);
  return program.ready[node.index] as Ready;
}

function makeReady({ plan }: Program, node: CompiledNode): Ready {
  const rules = node.flows.filter((index) => index < deniedBits).map((index) => plan.flows[index] as CompiledFlow);
  const bits = (isMeant: (rule: CompiledFlow) => boolean): number =>
    rules.reduce((mask, rule) => (isMeant(rule) ? mask | (1 << rule.index) : mask), 0);
  const control = bits((rule) => rule.roles?.has("control") === true);
  return {
    steps: node.args.map((arg) => ({
      arg,
      resolve: resolverOf({ rule: arg.rule, arg }),
      flows: bits((rule) => covers(rule, arg)),
    })),
    places: new Map(node.args.map(({ name }, i) => [name, i])),
    blank: node.args.map(() => undefined),
    control,
    isMore: rules.length < node.flows.length || (control !== 0 && (node.when !== undefined || node.each !== undefined)),
    hasAudience: audienceOf(node) !== undefined,
    origins: [],
  };
}

/** To whom a tool shows its arguments; `undefined`: to nobody. */
export function audienceOf({ tool }: CompiledNode): Audience | undefined {
  if (tool === undefined) return undefined;
  const { audience, effects } = tool.facts;
  return audience ?? (effects.includes("network") || effects.includes("message") ? "public" : undefined);
}

/** Whether a flow rule speaks about an argument. */
export function covers({ args, roles }: CompiledFlow, arg: CompiledArg): boolean {
  return (args?.has(arg.name) ?? true) && (roles === undefined || arg.roles.some((role) => roles.has(role)));
}
