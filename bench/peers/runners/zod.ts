/**
 * zod 4 without `new Function` (`jitless`), one strict object for the arguments of each node; node, size, order and provenance by hand.
 * Never the project's own zod: the one that the benchmark installed.
 */
import type * as Zod from "zod";
import { hostPattern, openHost, parseCall } from "../host.ts";
import type { Peer } from "../peer.ts";
import type { ArgSpec, Policy, Workload } from "../workload.ts";

/** zod over the workload. */
export async function open(workload: Workload): Promise<Peer> {
  const name = "zod";
  const z = (await import(name)) as typeof Zod;
  z.config({ jitless: true });
  const host = openHost(workload);
  const schemas = new Map(
    Object.entries(workload.policy.nodes).map(([node, { args }]) => {
      const members = Object.entries(args).map(([arg, spec]) => [arg, schemaOf(z, spec, workload.policy)]);
      return [node, z.strictObject(Object.fromEntries(members))];
    }),
  );
  return {
    check: (raw) => {
      const call = parseCall(raw);
      const node = host.node(call, raw.length);
      if (node === undefined || !host.isInOrder(call, node) || !host.isClean(call, node)) return false;
      return schemas.get(call.node)?.safeParse(call.args).success ?? false;
    },
  };
}

function schemaOf(z: typeof Zod, spec: ArgSpec, policy: Policy): Zod.ZodType {
  const values = spec.enum ?? (spec.inList === undefined ? undefined : policy.lists[spec.inList]);
  if (spec.const !== undefined) return z.literal(spec.const);
  if (values !== undefined) return z.enum([...values] as [string, ...string[]]);
  if (spec.type === "array") {
    const list = z.array(spec.items === undefined ? z.unknown() : schemaOf(z, spec.items, policy));
    return spec.maxItems === undefined ? list : list.max(spec.maxItems);
  }
  if (spec.type !== "string") {
    const number = spec.type === "integer" ? z.int() : z.number();
    return number.min(spec.min ?? -Number.MAX_VALUE).max(spec.max ?? Number.MAX_VALUE);
  }
  let text = z.string();
  if (spec.maxLength !== undefined) text = text.max(spec.maxLength);
  const pattern = spec.host === undefined ? spec.pattern : hostPattern(spec.host);
  return pattern === undefined ? text : text.regex(new RegExp(pattern));
}
