/**
 * json-rules-engine: one engine a node (an engine runs all its rules, so one for all nodes would run 24), with a rule whose conditions are the
 * policy's; operators of ours for what it has none for (types, patterns, lengths, lists), facts of ours for order and provenance.
 * Never a rule that says less than the policy.
 */
import { argCheck, openHost, parseCall } from "../host.ts";
import type { Peer } from "../peer.ts";
import type { ArgSpec, Policy, PolicyNode, Workload } from "../workload.ts";

interface Engine {
  addOperator(name: string, judge: (fact: never, value: never) => boolean): void;
  run(facts: object): Promise<{ readonly events: readonly unknown[] }>;
}
interface RulesModule {
  readonly Engine: new (rules: readonly object[], options: object) => Engine;
}
type Condition = { readonly fact: string; readonly path?: string; readonly operator: string; readonly value: unknown };

/** json-rules-engine over the workload. */
export async function open(workload: Workload): Promise<Peer> {
  const name = "json-rules-engine";
  const { Engine } = (await import(name)) as RulesModule;
  const { policy } = workload;
  const host = openHost(workload);
  const patterns = new Map<string, RegExp>();
  const engines = new Map(
    Object.entries(policy.nodes).map(([node, each]) => {
      const rule = { conditions: { all: conditionsOf(each, policy) }, event: { type: "allow" } };
      const engine = new Engine([rule], { allowUndefinedFacts: true });
      for (const [operator, judge] of Object.entries(operatorsOf(patterns, policy))) engine.addOperator(operator, judge as never);
      return [node, engine];
    }),
  );
  return {
    check: async (raw) => {
      const call = parseCall(raw);
      const engine = engines.get(call.node);
      const node = host.node(call, raw.length);
      if (engine === undefined || node === undefined) return false;
      const facts = { args: call.args, inOrder: host.isInOrder(call, node), clean: host.isClean(call, node) };
      return (await engine.run(facts)).events.length > 0;
    },
  };
}

/** `names`: exactly these members; the others by their names. */
function operatorsOf(
  patterns: Map<string, RegExp>,
  policy: Policy,
): { readonly [operator: string]: (fact: unknown, value: never) => boolean } {
  return {
    names: (fact, value: readonly string[]) => Object.keys(fact as object).length === value.length,
    isType: (fact, value: string) => (value === "integer" ? Number.isInteger(fact) : typeof fact === value),
    maxLength: (fact, value: number) => typeof fact === "string" && fact.length <= value,
    matches: (fact, value: string) => {
      const pattern = patterns.get(value) ?? new RegExp(value);
      patterns.set(value, pattern);
      return typeof fact === "string" && pattern.test(fact);
    },
    fits: (fact, value: ArgSpec) => argCheck(value, policy)(fact),
  };
}

function conditionsOf({ args }: PolicyNode, policy: Policy): readonly Condition[] {
  const conditions: Condition[] = [
    { fact: "inOrder", operator: "equal", value: true },
    { fact: "clean", operator: "equal", value: true },
    { fact: "args", operator: "names", value: Object.keys(args) },
  ];
  for (const [name, spec] of Object.entries(args)) conditions.push(...argConditions(`$.${name}`, spec, policy));
  return conditions;
}

function argConditions(path: string, spec: ArgSpec, policy: Policy): readonly Condition[] {
  const of = (operator: string, value: unknown): Condition => ({ fact: "args", path, operator, value });
  if (spec.const !== undefined) return [of("equal", spec.const)];
  const values = spec.enum ?? (spec.inList === undefined ? undefined : policy.lists[spec.inList]);
  if (values !== undefined) return [of("in", values)];
  // It has no condition on each element of a list.
  if (spec.type === "array" || spec.host !== undefined) return [of("fits", spec)];
  const conditions = [of("isType", spec.type)];
  if (spec.min !== undefined) conditions.push(of("greaterThanInclusive", spec.min));
  if (spec.max !== undefined) conditions.push(of("lessThanInclusive", spec.max));
  if (spec.maxLength !== undefined) conditions.push(of("maxLength", spec.maxLength));
  if (spec.pattern !== undefined) conditions.push(of("matches", spec.pattern));
  return conditions;
}
