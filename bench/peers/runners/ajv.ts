/**
 * ajv, one compiled schema for the arguments of each node; node, size, order and provenance by hand.
 * Never without `new Function`: that is what ajv compiles to.
 */
import { argsSchema, openHost, parseCall } from "../host.ts";
import type { Peer } from "../peer.ts";
import type { Workload } from "../workload.ts";

interface AjvModule {
  readonly Ajv: new (options?: object) => { compile(schema: object): (value: unknown) => boolean };
}

/** ajv over the workload. */
export async function open(workload: Workload): Promise<Peer> {
  const name = "ajv";
  const { Ajv } = (await import(name)) as AjvModule;
  const ajv = new Ajv();
  const host = openHost(workload);
  const nodes = Object.entries(workload.policy.nodes);
  const schemas = new Map(nodes.map(([node, each]) => [node, ajv.compile(argsSchema(each, workload.policy))]));
  return {
    check: (raw) => {
      const call = parseCall(raw);
      const node = host.node(call, raw.length);
      if (node === undefined || !host.isInOrder(call, node) || !host.isClean(call, node)) return false;
      return schemas.get(call.node)?.(call.args) ?? false;
    },
  };
}
