/**
 * casbin: one policy line a node, a matcher that compares node and tool, and functions of ours in it for what the model has no words for
 * (arguments, size, order, provenance), as its manual says under "Functions in matchers".
 * Never `enforce` where `enforceSync` does: it is the faster of the two.
 */
import { argsCheck, openHost, parseCall } from "../host.ts";
import type { Peer } from "../peer.ts";
import type { ParsedCall, Workload } from "../workload.ts";

interface Enforcer {
  addFunction(name: string, called: (...args: never[]) => boolean): Promise<void>;
  addPolicies(lines: readonly (readonly string[])[]): Promise<boolean>;
  enforceSync(...request: readonly unknown[]): boolean;
}
interface CasbinModule {
  readonly newModelFromString: (text: string) => unknown;
  readonly newEnforcer: (model: unknown) => Promise<Enforcer>;
}

const model = `
[request_definition]
r = node, tool, call, bytes

[policy_definition]
p = node, tool

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = r.node == p.node && r.tool == p.tool && fits(r.call, r.bytes) && inOrder(r.call) && clean(r.call) && args(r.call)
`;

/** casbin over the workload. */
export async function open(workload: Workload): Promise<Peer> {
  const name = "casbin";
  const { newEnforcer, newModelFromString } = (await import(name)) as CasbinModule;
  const { policy } = workload;
  const nodes = new Map(Object.entries(policy.nodes));
  const checks = new Map([...nodes].map(([node, each]) => [node, argsCheck(each, policy)]));
  const host = openHost(workload);
  const enforcer = await newEnforcer(newModelFromString(model));
  await enforcer.addPolicies([...nodes].map(([node, { tool }]) => [node, tool]));
  const withNode = (judge: typeof host.isInOrder) => (call: ParsedCall) => {
    const node = nodes.get(call.node);
    return node !== undefined && judge(call, node);
  };
  await enforcer.addFunction("fits", (call: ParsedCall, bytes: number) => host.node(call, bytes) !== undefined);
  await enforcer.addFunction("inOrder", withNode(host.isInOrder));
  await enforcer.addFunction("clean", withNode(host.isClean));
  await enforcer.addFunction("args", (call: ParsedCall) => checks.get(call.node)?.(call.args) ?? false);
  return {
    check: (raw) => {
      const call = parseCall(raw);
      return enforcer.enforceSync(call.node, call.tool, call, raw.length);
    },
  };
}
