/**
 * Cedar in wasm: one `permit` a node, a schema that requests are validated against (so that a stray or missing argument is an error), order as an
 * attribute of the session, provenance as the entity hierarchy, policies and schema parsed once (`statefulIsAuthorized`).
 * Never a rule left out: lengths, patterns and hosts, for which Cedar has no words, are worked out by the host and handed over as facts.
 */
import { argCheck, parseCall } from "../host.ts";
import type { Peer } from "../peer.ts";
import type { ArgSpec, ParsedCall, PerfSession, Policy, PolicyNode, Workload } from "../workload.ts";

type Answer = { readonly type: string; readonly response?: { readonly decision: string }; readonly errors?: unknown };
interface CedarModule {
  preparsePolicySet(id: string, policies: { readonly staticPolicies: string }): Answer;
  preparseSchema(name: string, schema: string): Answer;
  statefulIsAuthorized(call: object): Answer;
}
interface Entity {
  readonly uid: { readonly type: string; readonly id: string };
  readonly attrs: object;
  readonly parents: readonly { readonly type: string; readonly id: string }[];
}
/** A session as Cedar sees it: itself, and for each value that value and all that it was made of. */
interface Stand {
  readonly entity: Entity;
  readonly slices: ReadonlyMap<string, readonly Entity[]>;
}

/** Cedar over the workload. */
export async function open({ policy, sessions }: Workload): Promise<Peer> {
  const name = "@cedar-policy/cedar-wasm/nodejs";
  const cedar = (await import(name)) as CedarModule;
  const nodes = new Map(Object.entries(policy.nodes));
  const policies = [...nodes].map(([node, each]) => permitOf(node, each, policy)).join("\n");
  const started = [cedar.preparseSchema("perf", schemaOf(policy)), cedar.preparsePolicySet("perf", { staticPolicies: policies })];
  for (const answer of started) if (answer.type !== "success") throw new Error(JSON.stringify(answer.errors));
  const stands = new Map(Object.entries(sessions).map(([id, session]) => [id, standOf(id, session)]));
  const facts = new Map([...nodes].map(([node, each]) => [node, factsOf(each, policy)]));
  return {
    check: (raw) => {
      const call = parseCall(raw);
      const [node, stand] = [nodes.get(call.node), stands.get(call.session)];
      if (node === undefined || stand === undefined) return false;
      const slice = sliceOf(call, node, stand);
      if (slice === undefined) return false;
      const prov = Object.fromEntries(node.noTaint.map((arg) => [arg, { __entity: { type: "Value", id: call.prov[arg] } }]));
      const answer = cedar.statefulIsAuthorized({
        principal: { type: "Session", id: call.session },
        action: { type: "Action", id: call.tool },
        resource: { type: "Node", id: call.node },
        context: { bytes: raw.length, args: argsOf(call, node), facts: facts.get(call.node)?.(call.args), prov },
        preparsedSchemaName: "perf",
        validateRequest: true,
        preparsedPolicySetId: "perf",
        entities: slice,
      });
      return answer.type === "success" && answer.response?.decision === "allow";
    },
  };
}

/** The entities of one call; none if it names a value that the session does not hold. */
function sliceOf(call: ParsedCall, node: PolicyNode, stand: Stand): readonly Entity[] | undefined {
  const slice = new Map<string, Entity>([["", stand.entity]]);
  for (const arg of node.noTaint) {
    const values = stand.slices.get(call.prov[arg] ?? "");
    if (values === undefined) return undefined;
    for (const value of values) slice.set(value.uid.id, value);
  }
  return [...slice.values()];
}

function standOf(id: string, { done, values }: PerfSession): Stand {
  const sliceFrom = (handle: string, seen: Set<string>): readonly Entity[] => {
    const value = values[handle];
    if (value === undefined || seen.has(handle)) return [];
    seen.add(handle);
    if ("src" in value) return [{ uid: { type: "Value", id: handle }, attrs: {}, parents: [{ type: "Origin", id: value.src }] }];
    const parents = value.parents.map((parent) => ({ type: "Value", id: parent }));
    return [
      { uid: { type: "Value", id: handle }, attrs: {}, parents },
      ...value.parents.flatMap((parent) => sliceFrom(parent, seen)),
    ];
  };
  return {
    entity: { uid: { type: "Session", id }, attrs: { done }, parents: [] },
    slices: new Map(Object.keys(values).map((handle) => [handle, sliceFrom(handle, new Set())])),
  };
}

/** The arguments as Cedar's types: it has no floats, and its decimals have four places, so a longer number is left as it is and refused. */
function argsOf({ args }: ParsedCall, node: PolicyNode): object {
  const written = Object.entries(args).map(([name, value]) => {
    if (node.args[name]?.type !== "number" || typeof value !== "number") return [name, value];
    const text = value.toFixed(4);
    return [name, Number(text) === value ? { __extn: { fn: "decimal", arg: text } } : value];
  });
  return Object.fromEntries(written);
}

/** What an argument must be beyond what Cedar can say of it. */
function hostPart({ type, maxLength, maxItems, pattern, host, items }: ArgSpec): ArgSpec | undefined {
  const inItems = items === undefined ? undefined : hostPart(items);
  if (maxLength === undefined && maxItems === undefined && pattern === undefined && host === undefined && inItems === undefined)
    return undefined;
  return { type, maxLength, maxItems, pattern, host, items: inItems };
}

function factsOf({ args }: PolicyNode, policy: Policy): (given: ParsedCall["args"]) => object {
  const checks = Object.entries(args).flatMap(([name, spec]) => {
    const part = hostPart(spec);
    return part === undefined ? [] : [[name, argCheck(part, policy)] as const];
  });
  return (given) => Object.fromEntries(checks.map(([name, check]) => [name, check(given[name])]));
}

function permitOf(name: string, node: PolicyNode, policy: Policy): string {
  const origins = policy.untrustedTools.map((tool) => `Origin::${JSON.stringify(tool)}`).join(", ");
  const conditions = [
    `context.bytes <= ${node.maxBytes}`,
    ...(node.after.length === 0 ? [] : [`principal.done.containsAll(${JSON.stringify(node.after)})`]),
    ...Object.entries(node.args).flatMap(([arg, spec]) => argConditions(arg, spec, policy)),
    ...node.noTaint.map((arg) => `!(context.prov.${arg} in [${origins}])`),
  ];
  const head = `principal, action == Action::${JSON.stringify(node.tool)}, resource == Node::${JSON.stringify(name)}`;
  return `permit(${head}) when { ${conditions.join(" && ")} };`;
}

function argConditions(arg: string, spec: ArgSpec, policy: Policy): readonly string[] {
  const at = `context.args.${arg}`;
  const conditions: string[] = [];
  const listOf = ({ enum: values, inList }: ArgSpec) => values ?? (inList === undefined ? undefined : policy.lists[inList]);
  const [values, itemValues] = [listOf(spec), spec.items === undefined ? undefined : listOf(spec.items)];
  if (spec.const !== undefined) conditions.push(`${at} == ${JSON.stringify(spec.const)}`);
  if (values !== undefined) conditions.push(`${JSON.stringify(values)}.contains(${at})`);
  if (itemValues !== undefined) conditions.push(`${JSON.stringify(itemValues)}.containsAll(${at})`);
  const decimal = (value: number): string => `decimal("${Number.isInteger(value) ? value.toFixed(1) : value}")`;
  const isDecimal = spec.type === "number";
  if (spec.min !== undefined)
    conditions.push(isDecimal ? `${at}.greaterThanOrEqual(${decimal(spec.min)})` : `${at} >= ${spec.min}`);
  if (spec.max !== undefined) conditions.push(isDecimal ? `${at}.lessThanOrEqual(${decimal(spec.max)})` : `${at} <= ${spec.max}`);
  if (hostPart(spec) !== undefined) conditions.push(`context.facts.${arg}`);
  return conditions;
}

const cedarTypes = { string: "String", number: "decimal", integer: "Long", array: "Set<String>" } as const;

/** Actions are tools, so nodes of one tool share a shape. */
function schemaOf({ tools, nodes }: Policy): string {
  const actions = tools.flatMap((tool) => {
    const node = Object.values(nodes).find((each) => each.tool === tool);
    if (node === undefined) return [];
    const args = Object.entries(node.args);
    const record = (members: readonly (readonly [string, string])[]): string =>
      `{${members.map(([name, type]) => `${name}: ${type}`).join(", ")}}`;
    const context = record([
      ["bytes", "Long"],
      ["args", record(args.map(([name, { type }]) => [name, cedarTypes[type]]))],
      ["facts", record(args.flatMap(([name, spec]) => (hostPart(spec) === undefined ? [] : [[name, "Bool"]])))],
      ["prov", record(node.noTaint.map((name) => [name, "Value"]))],
    ]);
    return [`action ${JSON.stringify(tool)} appliesTo { principal: Session, resource: Node, context: ${context} };`];
  });
  return [
    "entity Origin;",
    "entity Value in [Value, Origin];",
    "entity Node;",
    "entity Session { done: Set<String> };",
    ...actions,
  ].join("\n");
}
