/**
 * The policy of the workload as a Sluice plan, a catalogue, and the labels of the values that its agents hold.
 * Never makes a rule wider than the policy: what the plan language cannot say of it is an error.
 *
 * In this workload the agent is a program that knows which value each argument was made of, so labels come with the arguments of a call (as from
 * `sluice/labeled`), and nothing of a result reaches a model (`show: none`), so tools have no labels of their own. A node that has run may run again,
 * since the calls come in any order to sessions whose earlier steps are done.
 */
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { ArgRule, FlowRule, FrozenPlan, LabelSpec, Plan, PlanNode } from "../../src/plan/plan.ts";
import type { LabelValue } from "../../src/taint/label.ts";
import type { ArgSpec, PerfSession, Policy, PolicyNode } from "./workload.ts";

/** The server that all tools of the policy are given. */
const server = "perf";
/** Of each node, in one session. */
const runsMax = 1_000_000;
const unknownLabel: LabelValue = { sources: ["unknown"], readers: null };

/** A tool's name in the catalogue. */
export function toolName(tool: string): string {
  return `${server}/${tool}`;
}

/** The policy as a frozen plan. Throws the finding if it cannot be frozen. */
export function freezePolicy(policy: Policy): FrozenPlan {
  const frozen = freezePlan(planOf(policy), catalogueOf(policy));
  if (!frozen.ok) throw new Error(`the policy cannot be frozen: ${JSON.stringify(frozen.error[0])}`);
  return frozen.value;
}

/** The policy as a plan. */
export function planOf(policy: Policy): Plan {
  const labels: Record<string, LabelSpec> = {};
  for (const tool of policy.tools) labels[tool] = { integrity: policy.untrustedTools.includes(tool) ? "untrusted" : "trusted" };
  const nodes: Record<string, PlanNode> = {};
  for (const [name, node] of Object.entries(policy.nodes)) nodes[name] = nodeOf(node, policy);
  return { sluice: 1, name: "perf", limits: { calls: runsMax }, labels, nodes, flows: flowsOf(policy) };
}

function nodeOf({ tool, after, args }: PolicyNode, policy: Policy): PlanNode {
  const rules = Object.entries(args).map(([name, spec]): [string, ArgRule] => [name, ruleOf(spec, policy)]);
  const hosts = Object.values(args).flatMap(({ host }) => host ?? []);
  return {
    tool: toolName(tool),
    after,
    args: Object.fromEntries(rules),
    times: { min: 1, max: runsMax },
    show: "none",
    ...(hosts.length === 0 ? {} : { constraints: { hosts: hosts.flatMap((host) => [host, `*.${host}`]) } }),
  };
}

function ruleOf(spec: ArgSpec, policy: Policy): ArgRule {
  return spec.const === undefined ? { choose: constraintOf(spec, policy) } : { const: spec.const };
}

/** A constraint in the plan's vocabulary (`lang/match.ts`), whose patterns match whole texts. */
function constraintOf(spec: ArgSpec, policy: Policy): JsonObject {
  const values = spec.enum ?? (spec.inList === undefined ? undefined : policy.lists[spec.inList]);
  const parts: readonly [string, Json | undefined][] = [
    ["type", spec.type],
    ["enum", values === undefined ? undefined : [...values]],
    ["minimum", spec.min],
    ["maximum", spec.max],
    ["maxLength", spec.maxLength],
    ["pattern", spec.host === undefined ? spec.pattern : "https://.*"],
    ["items", spec.items === undefined ? undefined : constraintOf(spec.items, policy)],
    ["maxItems", spec.maxItems],
  ];
  return Object.fromEntries(parts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** `noTaint` as flow rules. They are about tools, so two nodes of one tool have to agree. */
function flowsOf({ nodes }: Policy): readonly FlowRule[] {
  const guarded = new Map<string, readonly string[]>();
  for (const [name, { tool, noTaint }] of Object.entries(nodes)) {
    const known = guarded.get(tool);
    if (known !== undefined && [...known].sort().join() !== [...noTaint].sort().join())
      throw new Error(`node \`${name}\`: nodes of \`${tool}\` differ in \`noTaint\`, and flow rules are about tools`);
    guarded.set(tool, noTaint);
  }
  return [...guarded]
    .filter(([, args]) => args.length > 0)
    .map(([tool, args]) => ({ id: `clean-${tool}`, deny: ["untrusted"], to: toolName(tool), args }));
}

/** The catalogue: guarded arguments are targets; to all others the policy lets untrusted data go, so they are content. */
function catalogueOf({ tools, nodes }: Policy): Catalogue {
  const read = readCatalogue({
    tools: tools.map((tool): JsonObject => {
      const using = Object.values(nodes).filter((node) => node.tool === tool);
      const roles = using.flatMap(({ args, noTaint }) =>
        Object.keys(args).map((name) => [name, noTaint.includes(name) ? "target" : "content"]),
      );
      return {
        name: toolName(tool),
        description: "a tool",
        inputSchema: { type: "object" },
        sluice: { labels: ["user_input"], roles: Object.fromEntries(roles) },
      };
    }),
  });
  if (!read.ok) throw new Error(`the catalogue cannot be read: ${JSON.stringify(read.error[0])}`);
  return read.value;
}

/** The label of every value of a session: the tools (or the user) that it came from, by whatever way. Made when the value is. */
export function valueLabels({ values }: PerfSession): ReadonlyMap<string, LabelValue> {
  const sources = new Map<string, ReadonlySet<string>>();
  const visit = (handle: string): ReadonlySet<string> => {
    const known = sources.get(handle);
    if (known !== undefined) return known;
    const value = values[handle];
    if (value === undefined) return new Set(unknownLabel.sources);
    const found = new Set(
      "src" in value ? [value.src === "user" ? "user_input" : value.src] : value.parents.flatMap((each) => [...visit(each)]),
    );
    sources.set(handle, found);
    return found;
  };
  return new Map(Object.keys(values).map((handle) => [handle, { sources: [...visit(handle)].sort(), readers: null }]));
}

/** What a host says of the arguments of one call: the label of the value that each was made of, `unknown` if it names none that it holds. */
export function callLabels(
  { args, prov }: { readonly args: JsonObject; readonly prov: JsonObject },
  values: ReadonlyMap<string, LabelValue>,
): { readonly [arg: string]: LabelValue } {
  const labels: Record<string, LabelValue> = {};
  for (const name in args) {
    const handle = prov[name];
    labels[name] = (typeof handle === "string" ? values.get(handle) : undefined) ?? unknownLabel;
  }
  return labels;
}
