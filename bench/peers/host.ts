/**
 * What a careful application writes by hand around an engine that knows no order, no provenance, or no argument: each part for itself, so that
 * an engine is given only what it has no notion of.
 * Never used by Sluice.
 */
import { taintedValues } from "./peer.ts";
import type { ArgSpec, ParsedCall, Policy, PolicyNode, Workload } from "./workload.ts";

/** Whether one argument is what the policy asks for. */
export type ArgCheck = (value: unknown) => boolean;

/** `https`, no port but 443, no user, a host below one of the names, then printable ASCII but no backslash. One pattern: cheaper than `new URL`, and not fooled by what that forgives. */
export function hostPattern(names: readonly string[]): string {
  const escaped = names.map((name) => name.replaceAll(".", "\\."));
  return `^https://([a-z0-9-]+\\.)*(${escaped.join("|")})(:443)?(/[!-\\[\\]-~]*)?$`;
}

/** A call as the floor reads it. */
export function parseCall(raw: Buffer): ParsedCall {
  return JSON.parse(raw.toString("utf8")) as ParsedCall;
}

/** The host's own state and rules. */
export interface Host {
  /** The node of a call that names one, for its tool, in a known session, and is not too large: what any engine's host looks up first. */
  node(call: ParsedCall, bytes: number): PolicyNode | undefined;
  /** Whether every node that must be done is. */
  isInOrder(call: ParsedCall, node: PolicyNode): boolean;
  /** Whether every guarded argument was made of a value that the session holds, and nothing untrusted had a part in. */
  isClean(call: ParsedCall, node: PolicyNode): boolean;
}

/** Host code over the workload. */
export function openHost({ policy, sessions }: Pick<Workload, "policy" | "sessions">): Host {
  const nodes = new Map(Object.entries(policy.nodes));
  const stands = new Map(
    Object.entries(sessions).map(([name, session]) => [
      name,
      { done: new Set(session.done), held: new Set(Object.keys(session.values)), tainted: taintedValues(session, policy) },
    ]),
  );
  return {
    node: ({ session, node: name, tool }, bytes) => {
      const node = nodes.get(name);
      return node !== undefined && node.tool === tool && bytes <= node.maxBytes && stands.has(session) ? node : undefined;
    },
    isInOrder: ({ session }, { after }) => after.every((each) => stands.get(session)?.done.has(each)),
    isClean: ({ session, prov }, { noTaint }) => {
      const stand = stands.get(session);
      if (stand === undefined) return false;
      return noTaint.every((arg) => {
        const handle = prov[arg];
        return handle !== undefined && stand.held.has(handle) && !stand.tainted.has(handle);
      });
    },
  };
}

/** The arguments of one node, checked by hand: all of them, and no others. */
export function argsCheck(node: PolicyNode, policy: Policy): (args: ParsedCall["args"]) => boolean {
  const checks = new Map(Object.entries(node.args).map(([name, spec]) => [name, argCheck(spec, policy)]));
  return (args) => {
    let count = 0;
    for (const name in args) {
      if (!checks.get(name)?.(args[name])) return false;
      count += 1;
    }
    return count === checks.size;
  };
}

/** One argument, checked by hand. */
export function argCheck(spec: ArgSpec, policy: Policy): ArgCheck {
  if (spec.const !== undefined) return (value) => value === spec.const;
  const values = spec.enum ?? (spec.inList === undefined ? undefined : policy.lists[spec.inList]);
  if (values !== undefined) {
    const allowed: ReadonlySet<unknown> = new Set(values);
    return (value) => allowed.has(value);
  }
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, maxLength = Number.POSITIVE_INFINITY } = spec;
  if (spec.type === "array") {
    const item = spec.items === undefined ? undefined : argCheck(spec.items, policy);
    const itemsMax = spec.maxItems ?? Number.POSITIVE_INFINITY;
    return (value) => Array.isArray(value) && value.length <= itemsMax && (item === undefined || value.every(item));
  }
  if (spec.type !== "string")
    return (value) =>
      typeof value === "number" && value >= min && value <= max && (spec.type === "number" || Number.isInteger(value));
  const source = spec.host === undefined ? spec.pattern : hostPattern(spec.host);
  const pattern = source === undefined ? undefined : new RegExp(source);
  return (value) => typeof value === "string" && value.length <= maxLength && (pattern === undefined || pattern.test(value));
}

/** The arguments of one node as a JSON Schema: what ajv and other schema libraries read. */
export function argsSchema({ args }: PolicyNode, policy: Policy): object {
  const properties = Object.entries(args).map(([name, spec]) => [name, argSchema(spec, policy)]);
  return { type: "object", additionalProperties: false, required: Object.keys(args), properties: Object.fromEntries(properties) };
}

function argSchema(spec: ArgSpec, policy: Policy): object {
  const parts: readonly [string, unknown][] = [
    ["type", spec.type],
    ["const", spec.const],
    ["enum", spec.enum ?? (spec.inList === undefined ? undefined : policy.lists[spec.inList])],
    ["minimum", spec.min],
    ["maximum", spec.max],
    ["maxLength", spec.maxLength],
    ["pattern", spec.host === undefined ? spec.pattern : hostPattern(spec.host)],
    ["items", spec.items === undefined ? undefined : argSchema(spec.items, policy)],
    ["maxItems", spec.maxItems],
  ];
  return Object.fromEntries(parts.filter(([, value]) => value !== undefined));
}
